//! `.zenodo.json`: the deposit metadata, as Zenodo's GitHub integration reads them.

pub(in crate::interop) mod read;

use serde_json::json;

use crate::model::{Field, Value};
use crate::observed::Loss;
use crate::wire;

use crate::interop::export::{Work, lost};
use crate::interop::hidden;

/// Writes the metadata under the deposit API's names.
pub(in crate::interop) fn text(work: &Work) -> (String, Vec<Loss>) {
    let mut losses = Vec::new();
    let mut metadata = work.metadata.clone();
    if metadata.remove(Field::AccessConditions).is_some() {
        losses.push(lost("access_conditions", "Zenodo drops it"));
    }
    if let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers) {
        let mut items = items.clone();
        for item in &mut items {
            item.scheme = None;
        }
        metadata.set(Field::RelatedIdentifiers, Value::Related(items));
    }
    let mut json = wire::metadata_to_json(&metadata);
    if !work.communities.is_empty() {
        let slugs = work.communities.iter().map(|slug| json!({"identifier": slug.0}));
        json["communities"] = slugs.collect();
    }
    (hidden::json(&json), losses)
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
        let (text, losses) = text(&work);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(wire::metadata_from_json(&json), metadata);
        assert_eq!(json["communities"], json!([{"identifier": "forms"}]));
        assert_eq!(losses, []);
        let known = |name: &String| name == "communities" || Field::from_name(name).is_some();
        assert!(json.as_object().unwrap().keys().all(known));
    }
}
