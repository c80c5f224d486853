//! Reads the metadata of a record or a draft.

use serde_json::Value as Json;

use crate::model::{Field, FieldKind, Metadata, RecordPlace, TypePart, Value};
use crate::observed::Unread;
use crate::wire::metadata::make_unread;
use crate::wire::parts::{items, value_at};

use super::custom::read_custom;
use super::funding::read_funding;
use super::licenses::read_license;
use super::people::read_person;
use super::places::{
    read_alternate, read_date, read_known_subject, read_location, read_own_subject, read_related,
};
use super::texts::{find_alone, list_other_descriptions, read_typed_text};
use super::{id_at, text_at};

/// Reads all metadata, and reports the entries that can't be read.
pub(in crate::wire) fn read_metadata(json: &Json, unread: &mut Vec<Unread>) -> Metadata {
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
            if holds_several(field, &json["metadata"]) {
                return None;
            }
            paths.iter().find_map(|path| value_at(json, path).as_str()).map(text)
        }
        RecordPlace::Items(path) => Some(read_items(field, (path, json), unread)),
        RecordPlace::Texts(path, key) => {
            // An entry with an id is a vocabulary subject, and not a keyword.
            let keywords = items(value_at(json, path)).filter(|item| item["id"].is_null());
            let read = |item: &Json| text_at(item, key);
            Some(Value::List(read_entries(path, keywords, read, unread)))
        }
        RecordPlace::Description(kinds) => find_alone(&json["metadata"], kinds).map(text),
        RecordPlace::ResourceType(part) => {
            read_type_part(json["metadata"]["resource_type"]["id"].as_str()?, part).map(text)
        }
        RecordPlace::FromAccess => Some(text(read_access_right(&json["access"]))),
        RecordPlace::FromTwoLists => {
            let [related_ones, alternate_ones] = ["related_identifiers", "identifiers"];
            let list = |name: &str| items(&json["metadata"][name]);
            // The deposit API returns alternate identifiers last (metadata-full).
            let mut all = read_entries(related_ones, list(related_ones), read_related, unread);
            all.extend(read_entries(alternate_ones, list(alternate_ones), read_alternate, unread));
            Some(Value::Related(all))
        }
        RecordPlace::Nowhere => None,
        RecordPlace::OnlyThere => read_native(field, json, unread),
    }
}

/// Returns whether the field of the records API's own holds what this one says: there are several
/// licences or languages.
fn holds_several(field: Field, metadata: &Json) -> bool {
    (field == Field::License && has_own_licenses(&metadata["rights"]))
        || (field == Field::Language && items(&metadata["languages"]).count() > 1)
}

/// Returns whether `license` does not say all licences.
fn has_own_licenses(rights: &Json) -> bool {
    items(rights).count() > 1 || items(rights).any(|item| item["id"].is_null())
}

/// Returns whether there is funding that `grants` does not say: each grant is an award of the
/// vocabulary.
pub(in crate::wire) fn has_own_funding(json: &Json) -> bool {
    let is_grant = |item: &Json| {
        // The deposit API shows no award without a funder.
        item["award"]["id"].is_string() && !item["funder"].is_null()
    };
    items(&json["metadata"]["funding"]).any(|item| !is_grant(item))
}

/// Reads a field that only the records API has.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other field is read from its place")]
fn read_native(field: Field, json: &Json, unread: &mut Vec<Unread>) -> Option<Value> {
    let metadata = &json["metadata"];
    let list = |name: &'static str| items(&metadata[name]);
    match field {
        Field::Titles => {
            let read = |item: &Json| read_typed_text(item, "title");
            let all = read_entries("additional_titles", list("additional_titles"), read, unread);
            Some(Value::TypedTexts(all))
        }
        Field::Descriptions => {
            let read = |item: &Json| read_typed_text(item, "description");
            let others = list_other_descriptions(metadata);
            Some(Value::TypedTexts(read_entries("additional_descriptions", others, read, unread)))
        }
        Field::Licenses => has_own_licenses(&metadata["rights"])
            .then(|| Value::Licenses(read_entries("rights", list("rights"), read_license, unread))),
        Field::Languages => holds_several(Field::Language, metadata).then(|| {
            let read = |item: &Json| text_at(item, "id");
            Value::List(read_entries("languages", list("languages"), read, unread))
        }),
        Field::Funding => has_own_funding(json).then(|| {
            Value::Funding(read_entries("funding", list("funding"), read_funding, unread))
        }),
        Field::Sizes | Field::Formats => {
            let read = |item: &Json| item.as_str().map(str::to_owned);
            Some(Value::List(read_entries(field.name(), list(field.name()), read, unread)))
        }
        Field::Copyright => text_at(metadata, "copyright").map(Value::Text),
        Field::EmbargoReason => text_at(&json["access"]["embargo"], "reason").map(Value::Text),
        Field::Custom => Some(Value::Custom(read_custom(&json["custom_fields"]))),
        _ => None,
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
    // There may be thousands.
    all.shrink_to_fit();
    all
}

fn read_items(field: Field, (path, json): (&str, &Json), unread: &mut Vec<Unread>) -> Value {
    let entries = items(value_at(json, path));
    match field.kind() {
        FieldKind::People => Value::People(read_entries(path, entries, read_person, unread).into()),
        FieldKind::Related => Value::Related(read_entries(path, entries, read_related, unread)),
        FieldKind::Subjects => {
            let mut all = read_entries(path, entries, read_own_subject, unread);
            let known = items(&json["metadata"]["subjects"]).filter(|item| !item["id"].is_null());
            all.extend(read_entries("subjects", known, read_known_subject, unread));
            Value::Subjects(all)
        }
        FieldKind::Locations => Value::Locations(entries.map(read_location).collect()),
        FieldKind::Dates => Value::Dates(entries.map(read_date).collect()),
        FieldKind::Text
        | FieldKind::Html
        | FieldKind::List
        | FieldKind::TypedTexts
        | FieldKind::Licenses
        | FieldKind::Funding
        | FieldKind::Custom => {
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

/// Returns the id of the resource type.
pub(super) fn find_resource_type(json: &Json) -> Option<String> {
    id_at(&json["metadata"], "resource_type")
}
