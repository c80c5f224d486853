//! A whole record of the records API (`application/vnd.inveniordm.v1+json`).

use serde_json::Value as Json;

use crate::model::{FileKey, RemoteFile};
use crate::observed::{FullRecord, Unread};

use super::deposition::doi;
use super::metadata::make_unread;
use super::native::{has_own_funding, read_metadata};
use super::parts::{items, read_checksum};
use super::record::record_facts;

/// Reads a record or a draft; `None` when it lacks what every record has. Entries that can't be read
/// are reported with it.
pub fn full_record(json: &Json) -> Option<FullRecord> {
    let pids = &json["pids"]["doi"];
    let mut unread = Vec::new();
    Some(FullRecord {
        facts: record_facts(json)?,
        doi: doi(pids.get("identifier")),
        concept_doi: doi(json["parent"]["pids"]["doi"].get("identifier")),
        metadata: read_metadata(json, &mut unread),
        awards: read_awards(json),
        files: read_files(&json["files"], &mut unread),
        revision: json["revision_id"].as_u64(),
        created: json["created"].as_str().and_then(|time| time.parse().ok()),
        html: json["links"]["self_html"].as_str().unwrap_or_default().to_owned(),
        unread,
    })
}

/// Reads the ids of awards, where funding is nothing else.
fn read_awards(json: &Json) -> Vec<String> {
    if has_own_funding(json) {
        return Vec::new();
    }
    let ids = items(&json["metadata"]["funding"]).map(|item| item["award"]["id"].as_str());
    ids.flatten().map(str::to_owned).collect()
}

/// Reads the ids of grants from a record in the plain form (`application/json`).
///
/// Source: contract/scenarios/first-publication.json, 2026-11-23.
pub fn plain_grants(json: &Json) -> Vec<String> {
    let id = |item: &Json| item["internal_id"].as_str().map(str::to_owned);
    items(&json["metadata"]["grants"]).filter_map(id).collect()
}

/// Reads files; `None` when a record has files and shows none of them.
pub(super) fn read_files(json: &Json, unread: &mut Vec<Unread>) -> Option<Vec<RemoteFile>> {
    let entries = json["entries"].as_object().filter(|entries| !entries.is_empty());
    // Restricted files: taken for an empty list, they would all be uploaded anew.
    if entries.is_none() && json["enabled"].as_bool() != Some(false) {
        if json["count"].as_u64().is_some_and(|n_files| n_files > 0) {
            unread.push(make_unread("files.entries".to_owned(), json));
        }
        return None;
    }
    let mut files = Vec::new();
    for (key, entry) in entries.into_iter().flatten() {
        match read_file(key, entry) {
            Some(file) => files.push(file),
            None => unread.push(make_unread(format!("files.{key}"), entry)),
        }
    }
    // A list that lacks some of its files would lead to a version for nothing.
    let n_files = json["count"].as_u64();
    if n_files.is_some_and(|n_files| n_files != files.len() as u64) {
        unread.push(make_unread("files.count".to_owned(), &json["count"]));
    }
    files.sort_by(|one, other| one.key.cmp(&other.key));
    Some(files)
}

fn read_file(key: &str, json: &Json) -> Option<RemoteFile> {
    // Both are the name: where they differ, neither is to be trusted.
    let key = Some(key).filter(|key| json["key"].as_str().is_none_or(|named| named == *key))?;
    Some(RemoteFile {
        key: FileKey::from_server(key),
        id: None,
        size: json["size"].as_u64()?,
        md5: read_checksum(json),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Md5;
    use crate::model::{Field, Location, Value};

    fn record(metadata: &Json, custom: &Json) -> FullRecord {
        let json = json!({
            "id": "7", "parent": {"id": "6"}, "versions": {"is_latest": true, "index": 1},
            "metadata": metadata, "custom_fields": custom, "files": {"enabled": false},
        });
        full_record(&json).unwrap()
    }

    #[test]
    fn a_value_that_the_deposit_api_can_not_express_is_named_by_its_place() {
        let metadata = json!({
            "resource_type": {"id": "software-computationalnotebook"},
            "subjects": [{"subject": "forms"}, {"id": "mesh:D1", "subject": "Calcimycin"}],
            "references": [{"reference": "A."}, {"reference": "B.", "identifier": "10.1/b"}],
            "rights": [{"title": {"en": "Own terms"}}, {"id": "mit"}],
            "locations": {"features": [
                {"place": "Bonn", "geometry": {"type": "Point", "coordinates": [7.1, 50.7]}},
                {"geometry": {"type": "Polygon"}, "identifiers": [{"scheme": "geonames"}]},
            ]},
        });
        let custom = json!({
            "journal:journal": {"title": "J", "issn": "1234-5679"},
            "thesis:university": "U", "code:codeRepository": "https://example.org",
        });
        let record = record(&metadata, &custom);
        let mut places: Vec<&str> =
            record.facts.unsupported.iter().map(|loss| loss.place.as_str()).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "custom_fields.code:codeRepository",
                "custom_fields.journal:journal.issn",
                "locations[1]",
                "locations[1].geometry",
                "locations[1].identifiers",
                "references[1].identifier",
                "resource_type",
                "rights[0]",
                "rights[1]",
                "subjects[1]",
            ]
        );
        assert_eq!(record.metadata.get(Field::Keywords), Some(&Value::List(vec!["forms".into()])));
        assert_eq!(record.metadata.text(Field::ThesisUniversity), Some("U"));
        let Some(Value::Locations(places)) = record.metadata.get(Field::Locations) else {
            panic!()
        };
        let bonn = Location {
            place: "Bonn".into(),
            lat: Some(50.7),
            lon: Some(7.1),
            ..Location::default()
        };
        assert_eq!(places[0], bonn);
        assert!(places[1].geometry.is_some() && places[1].identifiers.len() == 1);
        assert_eq!(record.files, Some(Vec::new()));
    }

    #[test]
    fn a_date_that_is_not_an_interval_is_both_ends() {
        let dates = json!([
            {"date": "2025-03-21", "type": {"id": "collected"}},
            {"date": "2025/2026", "type": {"id": "valid"}},
            {"type": {"id": "other"}},
        ]);
        let read = record(&json!({"dates": dates}), &json!({}));
        let Some(Value::Dates(dates)) = read.metadata.get(Field::Dates) else { panic!() };
        let ends: Vec<_> =
            dates.iter().map(|it| (it.start.as_deref(), it.end.as_deref())).collect();
        let day = Some("2025-03-21");
        assert_eq!(ends, [(day, day), (Some("2025"), Some("2026")), (None, None)]);
    }

    #[test]
    fn hidden_files_are_not_the_same_as_no_files() {
        let read_files = |json: &Json| read_files(json, &mut Vec::new());
        assert_eq!(read_files(&json!({"enabled": true})), None);
        assert_eq!(read_files(&json!({"enabled": true, "entries": {}})), None);
        assert_eq!(read_files(&json!({"enabled": false, "entries": {}})), Some(Vec::new()));
        let md5 = "0cc175b9c0f1b6a831c399e269772661";
        let one = json!({"a": {"key": "a", "size": 1, "checksum": format!("md5:{md5}")}});
        let read = read_files(&json!({"enabled": true, "entries": one})).unwrap();
        assert_eq!(read[0].md5, Md5::parse(md5).ok());
    }

    #[test]
    fn a_list_of_files_that_contradicts_itself_is_not_whole() {
        let file =
            json!({"key": "a", "size": 1, "checksum": "md5:0cc175b9c0f1b6a831c399e269772661"});
        let unread = |files: &Json| {
            let mut unread = Vec::new();
            read_files(files, &mut unread);
            unread.into_iter().map(|entry| entry.place).collect::<Vec<_>>()
        };
        let whole = json!({"enabled": true, "count": 1, "entries": {"a": file}});
        assert_eq!(unread(&whole), [""; 0]);
        let short = json!({"enabled": true, "count": 2, "entries": {"a": file}});
        assert_eq!(unread(&short), ["files.count"]);
        let renamed = json!({"enabled": true, "count": 1, "entries": {"b": file}});
        assert_eq!(unread(&renamed), ["files.b", "files.count"]);
    }
}
