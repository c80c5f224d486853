//! A whole record of the records API (`application/vnd.inveniordm.v1+json`) as metadata of the
//! deposit API.

use serde_json::Value as Json;

use crate::model::{
    DateInterval, Field, FieldKind, FileKey, Location, Metadata, Person, RecordPlace, Related,
    RemoteFile, Subject, TypePart, Value,
};
use crate::observed::{FullRecord, Unread};

use super::deposition::doi;
use super::metadata::make_unread;
use super::parts::{items, last_text, read_checksum, value_at};
use super::record::record_facts;

/// Reads a record or a draft; `None` when it lacks what every record has. Entries that can't be read
/// are reported with it.
pub fn full_record(json: &Json) -> Option<FullRecord> {
    let metadata = &json["metadata"];
    let pids = &json["pids"]["doi"];
    let mut unread = Vec::new();
    Some(FullRecord {
        facts: record_facts(json)?,
        doi: doi(pids.get("identifier")),
        concept_doi: doi(json["parent"]["pids"]["doi"].get("identifier")),
        metadata: read_metadata(json, &mut unread),
        has_grants: items(&metadata["funding"]).any(|item| item["award"]["id"].is_string()),
        files: read_files(&json["files"], &mut unread),
        revision: json["revision_id"].as_u64(),
        created: json["created"].as_str().and_then(|time| time.parse().ok()),
        html: json["links"]["self_html"].as_str().unwrap_or_default().to_owned(),
        unread,
    })
}

/// Reads the ids of grants from a record in the plain form (`application/json`).
///
/// Source: contract/scenarios/first-publication.json, 2026-11-23.
pub fn plain_grants(json: &Json) -> Vec<String> {
    let id = |item: &Json| item["internal_id"].as_str().map(str::to_owned);
    items(&json["metadata"]["grants"]).filter_map(id).collect()
}

fn read_metadata(json: &Json, unread: &mut Vec<Unread>) -> Metadata {
    let mut metadata = Metadata::default();
    for field in Field::ALL {
        if let Some(value) = read_field(*field, json, unread) {
            metadata.set(*field, value);
        }
    }
    metadata
}

/// Reads a field from the place in the records API that its row gives.
fn read_field(field: Field, json: &Json, unread: &mut Vec<Unread>) -> Option<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    match field.record_place() {
        RecordPlace::At(paths) => {
            paths.iter().find_map(|path| value_at(json, path).as_str()).map(text)
        }
        RecordPlace::Items(path) => Some(read_items(field, (path, json), unread)),
        RecordPlace::Texts(path, key) => {
            // An entry with an id is a vocabulary subject, and not a keyword.
            let keywords = items(value_at(json, path)).filter(|item| item["id"].is_null());
            let read = |item: &Json| text_at(item, key);
            Some(Value::List(read_entries(path, keywords, read, unread)))
        }
        RecordPlace::Description(kinds) => {
            let (_, item) = last_text(&json["metadata"], kinds)?;
            item["description"].as_str().map(text)
        }
        RecordPlace::ResourceType(part) => {
            read_type_part(json["metadata"]["resource_type"]["id"].as_str()?, part).map(text)
        }
        RecordPlace::FromAccess => Some(text(read_access_right(&json["access"]))),
        RecordPlace::FromTwoLists => {
            let [related_ones, alternate_ones] = ["related_identifiers", "identifiers"];
            let list = |name: &str| items(&json["metadata"][name]);
            // The deposit API returns alternate identifiers last (metadata-full).
            let mut all = read_entries(related_ones, list(related_ones), related, unread);
            all.extend(read_entries(alternate_ones, list(alternate_ones), alternate, unread));
            Some(Value::Related(all))
        }
        RecordPlace::Nowhere => None,
    }
}

/// Reads the entries of the list at a path, and reports those that can't be read.
fn read_entries<'a, T>(
    path: &str,
    entries: impl Iterator<Item = &'a Json>,
    read: impl Fn(&Json) -> Option<T>,
    unread: &mut Vec<Unread>,
) -> Vec<T> {
    let mut all = Vec::new();
    for (at, entry) in entries.enumerate() {
        match read(entry) {
            Some(value) => all.push(value),
            None => unread.push(make_unread(format!("{path}[{at}]"), entry)),
        }
    }
    all
}

fn read_items(field: Field, (path, json): (&str, &Json), unread: &mut Vec<Unread>) -> Value {
    let entries = items(value_at(json, path));
    match field.kind() {
        // Only contributors have a role in the deposit API.
        FieldKind::People if field == Field::Contributors => {
            Value::People(read_entries(path, entries, contributor, unread))
        }
        FieldKind::People => Value::People(read_entries(path, entries, person, unread)),
        FieldKind::Related => Value::Related(read_entries(path, entries, related, unread)),
        FieldKind::Subjects => Value::Subjects(read_entries(path, entries, subject, unread)),
        // A place without a name is a value that the deposit API can't express.
        FieldKind::Locations => Value::Locations(entries.filter_map(location).collect()),
        FieldKind::Dates => Value::Dates(entries.map(date).collect()),
        FieldKind::Text | FieldKind::Html | FieldKind::List => {
            let text = |item: &Json| item.as_str().map(str::to_owned);
            Value::List(read_entries(path, entries, text, unread))
        }
    }
}

fn read_type_part(id: &str, part: TypePart) -> Option<&str> {
    let (kind, subtype) = id.split_once('-').unwrap_or((id, ""));
    match part {
        TypePart::Kind => Some(kind),
        TypePart::SubtypeOf(wanted) => (kind == wanted).then_some(subtype),
    }
}

/// Reads the access right. Source: contract/scenarios/access.json, 2026-11-23.
fn read_access_right(json: &Json) -> &'static str {
    // First: the files of an embargoed record are restricted too.
    if json["embargo"]["active"].as_bool() == Some(true) {
        "embargoed"
    } else if json["files"].as_str() == Some("restricted") {
        "restricted"
    } else {
        "open"
    }
}

fn person(json: &Json) -> Option<Person> {
    let who = &json["person_or_org"];
    let identifier = |scheme: &str| {
        let mut all = items(&who["identifiers"]);
        let found = all.find(|item| item["scheme"].as_str() == Some(scheme));
        found.and_then(|item| text_at(item, "identifier"))
    };
    Some(Person {
        name: text_at(who, "name")?,
        affiliation: text_at(&json["affiliations"][0], "name"),
        orcid: identifier("orcid"),
        // Kept with a prefix, which the deposit API leaves out
        // (contract/scenarios/native-rich-metadata.json, 2026-11-28).
        gnd: identifier("gnd").map(|gnd| gnd.trim_start_matches("gnd:").to_owned()),
        role: None,
    })
}

fn contributor(json: &Json) -> Option<Person> {
    Some(Person { role: text_at(&json["role"], "id"), ..person(json)? })
}

fn related(json: &Json) -> Option<Related> {
    Some(Related {
        identifier: text_at(json, "identifier")?,
        relation: text_at(&json["relation_type"], "id").unwrap_or_default(),
        resource_type: text_at(&json["resource_type"], "id"),
        scheme: text_at(json, "scheme"),
    })
}

fn alternate(json: &Json) -> Option<Related> {
    let relation = "isAlternateIdentifier".to_owned();
    Some(Related { relation, resource_type: None, ..related(json)? })
}

fn subject(json: &Json) -> Option<Subject> {
    Some(Subject {
        term: text_at(json, "term").unwrap_or_default(),
        identifier: text_at(json, "identifier")?,
        scheme: text_at(json, "scheme"),
    })
}

fn location(json: &Json) -> Option<Location> {
    Some(Location {
        place: text_at(json, "place")?,
        // GeoJSON has the longitude first.
        lat: json["geometry"]["coordinates"][1].as_f64(),
        lon: json["geometry"]["coordinates"][0].as_f64(),
        description: text_at(json, "description"),
    })
}

/// Reads a date; one that is not an interval becomes both ends, as it is sent.
fn date(json: &Json) -> DateInterval {
    let ends = json["date"].as_str().map(|date| date.split_once('/').unwrap_or((date, date)));
    DateInterval {
        start: ends.map(|(start, _)| start.to_owned()),
        end: ends.map(|(_, end)| end.to_owned()),
        kind: text_at(&json["type"], "id").unwrap_or_default(),
        description: text_at(json, "description"),
    }
}

fn text_at(json: &Json, key: &str) -> Option<String> {
    json[key].as_str().map(str::to_owned)
}

/// Reads files; `None` when a record has files and shows none of them.
pub(super) fn read_files(json: &Json, unread: &mut Vec<Unread>) -> Option<Vec<RemoteFile>> {
    let entries = json["entries"].as_object().filter(|entries| !entries.is_empty());
    // Restricted files: taken for an empty list, they would all be uploaded anew.
    if entries.is_none() && json["enabled"].as_bool() != Some(false) {
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
        let bonn = Location {
            place: "Bonn".into(),
            lat: Some(50.7),
            lon: Some(7.1),
            ..Location::default()
        };
        assert_eq!(record.metadata.get(Field::Locations), Some(&Value::Locations(vec![bonn])));
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
