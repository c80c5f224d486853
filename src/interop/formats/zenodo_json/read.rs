//! `.zenodo.json`: the deposit metadata, as Zenodo's GitHub integration reads them.

use serde_json::Value as Json;

use crate::model::{Community, Field, Value};
use crate::wire;

use crate::interop::json;
use crate::interop::source_metadata::{Gleaned, short, zenodo_doi};

/// Reads the file.
///
/// # Errors
/// Why it is no JSON object.
pub(in crate::interop) fn read(text: &str) -> Result<Gleaned, String> {
    let json = Json::Object(json::object(text)?);
    let mut out = Gleaned::default();
    let metadata = wire::metadata_from_json(&json);
    for (field, value) in metadata.iter() {
        let name = field.name();
        let given = json.get(name).and_then(Json::as_array).map_or(1, Vec::len);
        if !matches!(value, Value::Text(_)) && value.items().len() < given {
            out.lost(name, "some of its entries are of another form than Zenodo's");
        }
        match value {
            Value::Related(items) => {
                out.related.extend(items.iter().map(|item| (item.clone(), name.to_owned())));
            }
            Value::Text(text) if field == Field::Doi => match zenodo_doi(text) {
                Some(doi) => out.records.push((doi, name.to_owned())),
                None => out.set(field, name, value.clone()),
            },
            // Zenodo takes older ids as well, and reads some of them as a later version.
            Value::Text(text) if field == Field::License => out.license(name, Some(text)),
            Value::Text(_)
            | Value::List(_)
            | Value::People(_)
            | Value::Subjects(_)
            | Value::Locations(_)
            | Value::Dates(_) => out.set(field, name, value.clone()),
        }
    }
    communities(&json, &mut out);
    others(&json, &mut out);
    Ok(out)
}

fn communities(json: &Json, out: &mut Gleaned) {
    let Some(items) = json.get("communities").and_then(Json::as_array) else { return };
    for (at, item) in items.iter().enumerate() {
        let key = format!("communities[{at}]");
        match item.get("identifier").or_else(|| item.get("id")).and_then(Json::as_str) {
            Some(slug) => out.communities.push((Community(slug.to_owned()), key)),
            None => out.lost(&key, &short(item)),
        }
    }
}

/// Tells what is no field, and what is one in another form.
fn others(json: &Json, out: &mut Gleaned) {
    for (key, value) in json.as_object().into_iter().flatten() {
        let is_taken = match Field::from_name(key) {
            Some(Field::RelatedIdentifiers) => value.is_array(),
            Some(Field::Doi | Field::License) => value.is_string() || value.is_object(),
            Some(field) => out.values.contains_key(&field) || is_empty(value),
            None => key == "communities" || key.starts_with('$') || key == "prereserve_doi",
        };
        if !is_taken {
            out.lost(key, &format!("{}: not in the form that Zenodo takes", short(value)));
        }
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(_) | Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_another_form_than_zenodo_s_is_told() {
        let text = r#"{"title": "Forms", "keywords": "a, b", "creators": [{"name": "A"}, "B"],
            "colour": "blue", "doi": "10.5281/zenodo.7", "communities": [{"identifier": "ice"}, 1]}"#;
        let read = read(text).unwrap();
        let mut told: Vec<&str> = read.losses.iter().map(|loss| loss.place.as_str()).collect();
        told.sort_unstable();
        assert_eq!(told, ["colour", "communities[1]", "creators", "keywords"]);
        assert_eq!(read.values[&Field::Title].0, Value::Text("Forms".to_owned()));
        assert_eq!(read.communities.len(), 1);
        assert_eq!(read.records.len(), 1);
    }
}
