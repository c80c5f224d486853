//! `.zenodo.json`: the deposit metadata, as Zenodo's GitHub integration reads them.

use serde_json::{Value as Json, json};

use crate::compare;
use crate::model::{Community, Field, Value};
use crate::observed::UnsupportedValue;
use crate::wire;

use crate::interop::hidden::write_json;
use crate::interop::json::{parse_object, summarize};
use crate::interop::source_metadata::{SourceMetadata, parse_zenodo_doi};
use crate::interop::unsupported::make_unsupported;
use crate::interop::work::Work;

/// The name of the file itself.
pub(in crate::interop) const FILE: &str = ".zenodo.json";

/// Reads the file.
///
/// # Errors
/// Why it is not a JSON object.
pub(in crate::interop) fn read_zenodo_json(text: &str) -> Result<SourceMetadata, String> {
    let json = Json::Object(parse_object(text)?);
    let mut out = SourceMetadata::default();
    let metadata = wire::metadata_from_json(&json);
    for (field, value) in metadata.iter() {
        let name = field.name();
        let given = json.get(name).and_then(Json::as_array).map_or(1, Vec::len);
        // The reader skips entries of another form silently.
        if !matches!(value, Value::Text(_)) && value.items().len() < given {
            out.add_loss(name, "some of its entries do not have the form that Zenodo takes");
        }
        match value {
            Value::Related(items) => {
                out.related.extend(items.iter().map(|item| (item.clone(), name.to_owned())));
            }
            // A Zenodo DOI is the number of an existing record and can't be set on another.
            Value::Text(text) if field == Field::Doi => match parse_zenodo_doi(text) {
                Some(doi) => out.records.push((doi, name.to_owned())),
                None => out.set(field, name, value.clone()),
            },
            // Zenodo takes older ids as well, and reads some of them as a later version.
            Value::Text(text) if field == Field::License => out.set_license(name, Some(text)),
            Value::Text(_)
            | Value::List(_)
            | Value::People(_)
            | Value::Subjects(_)
            | Value::Locations(_)
            | Value::Dates(_)
            | Value::TypedTexts(_)
            | Value::Licenses(_)
            | Value::Funding(_)
            | Value::Custom(_) => out.set(field, name, value.clone()),
        }
    }
    read_communities(&json, &mut out);
    add_unknown_keys(&json, &mut out);
    Ok(out)
}

fn read_communities(json: &Json, out: &mut SourceMetadata) {
    let Some(items) = json.get("communities").and_then(Json::as_array) else { return };
    for (at, item) in items.iter().enumerate() {
        let key = format!("communities[{at}]");
        match item.get("identifier").or_else(|| item.get("id")).and_then(Json::as_str) {
            Some(slug) => out.communities.push((Community(slug.to_owned()), key)),
            None => out.add_loss(&key, &summarize(item)),
        }
    }
}

/// Reports keys that are not fields, and fields in another form.
fn add_unknown_keys(json: &Json, out: &mut SourceMetadata) {
    for (key, value) in json.as_object().into_iter().flatten() {
        let is_taken = match Field::from_name(key) {
            Some(Field::RelatedIdentifiers) => value.is_array(),
            Some(Field::Doi | Field::License) => value.is_string() || value.is_object(),
            Some(field) => out.values.contains_key(&field) || is_empty(value),
            // `$schema` is for editors, and the server sets `prereserve_doi`.
            None => key == "communities" || key.starts_with('$') || key == "prereserve_doi",
        };
        if !is_taken {
            out.add_loss(key, &format!("{}: not in the form that Zenodo takes", summarize(value)));
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

/// Writes the metadata under the deposit API's names.
pub(in crate::interop) fn write_zenodo_json(work: &Work) -> (String, Vec<UnsupportedValue>) {
    let mut unsupported = Vec::new();
    let mut metadata = work.metadata.clone();
    if metadata.remove(Field::AccessConditions).is_some() {
        unsupported.push(make_unsupported("access_conditions", "Zenodo drops it"));
    }
    if let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers) {
        let mut items = items.clone();
        for item in &mut items {
            // The server detects the scheme from the identifier.
            item.scheme = None;
        }
        metadata.set(Field::RelatedIdentifiers, Value::Related(items));
    }
    let said = compare::select_deposit_fields(&metadata);
    for (field, value) in metadata.iter() {
        if said.get(field) != Some(value) {
            unsupported.push(make_unsupported(
                field.name(),
                "Zenodo's own file has no place for all of it",
            ));
        }
    }
    let mut json = wire::metadata_to_json(&said);
    if !work.communities.is_empty() {
        let slugs = work.communities.iter().map(|slug| json!({"identifier": slug.0}));
        json["communities"] = slugs.collect();
    }
    (write_json(&json), unsupported)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;
    use crate::manifest;
    use crate::model::Community;

    #[test]
    fn all_fields_come_back_from_the_file_under_the_deposit_s_names() {
        let example = include_str!("../../../zenodo.toml.example");
        let read = manifest::parse(example, day(2026, 11, 23)).manifest.unwrap();
        let mut metadata = read.metadata.values.clone();
        metadata.set_text(Field::Description, "<p>\"All\" & more</p>\n\u{7f}");
        metadata.set_text(Field::Version, "1.0");
        metadata.set_text(Field::PublicationDate, "2026-06-01");
        let communities = vec![Community("forms".to_owned())];
        let work = Work { metadata: metadata.clone(), communities, ..Work::default() };
        let (text, unsupported) = write_zenodo_json(&work);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(wire::metadata_from_json(&json), compare::select_deposit_fields(&metadata));
        assert_eq!(json["communities"], json!([{"identifier": "forms"}]));
        let lost: Vec<&str> = unsupported.iter().map(|loss| loss.place.as_str()).collect();
        let native: Vec<&str> =
            compare::list_native_fields(&metadata).into_iter().map(Field::name).collect();
        assert_eq!(lost, native);
        let known = |name: &String| name == "communities" || Field::from_name(name).is_some();
        assert!(json.as_object().unwrap().keys().all(known));
    }

    #[test]
    fn values_in_another_form_than_zenodo_s_are_reported() {
        let text = r#"{"title": "Forms", "keywords": "a, b", "creators": [{"name": "A"}, "B"],
            "colour": "blue", "doi": "10.5281/zenodo.7", "communities": [{"identifier": "ice"}, 1]}"#;
        let read = read_zenodo_json(text).unwrap();
        let mut told: Vec<&str> = read.unsupported.iter().map(|loss| loss.place.as_str()).collect();
        told.sort_unstable();
        assert_eq!(told, ["colour", "communities[1]", "creators", "keywords"]);
        assert_eq!(read.values[&Field::Title].0, Value::Text("Forms".to_owned()));
        assert_eq!(read.communities.len(), 1);
        assert_eq!(read.records.len(), 1);
    }
}
