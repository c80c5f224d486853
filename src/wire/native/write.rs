//! Writes metadata as the body of a PUT that replaces a draft.

use serde_json::{Map, Value as Json, json};

use crate::model::{
    Field, Funding, License, Metadata, Person, RecordPlace, Related, Subject, TypePart, TypedText,
    Value,
};
use crate::observed::UnsupportedValue;
use crate::wire::parts::items;

use super::custom::{set_custom, write_custom};
use super::foreign::remove_foreign_values;
use super::funding::{read_funding, write_funding};
use super::licenses::{read_license, write_license};
use super::people::{read_person, write_person};
use super::places::{
    ALTERNATE, read_alternate, read_date, read_location, read_related, write_alternate, write_date,
    write_location, write_own_subject, write_related,
};
use super::read::find_resource_type;
use super::texts::{read_typed_text, write_typed_text};

/// The role of a supervisor, whom the server keeps as a contributor.
const SUPERVISOR: &str = "supervisor";

/// Returns the body of a PUT that gives a draft this metadata; `None` for what is no draft.
///
/// The vocabulary words of `metadata` are the records API's own. `current` is the draft as it was
/// read: its `pids` are sent back, without which a PUT loses a reserved DOI (records-api-facts.md
/// section 5, 2026-11-28), and so is what zrel knows no field for: unknown fields, and the other
/// parts of an entry that stays the same, if they are among what is published.
pub fn write_draft(
    current: &Json,
    metadata: &Metadata,
    published: &[UnsupportedValue],
) -> Option<Json> {
    let mut current = current.clone();
    remove_foreign_values(&mut current, published);
    let current = &current;
    let mut body = current["metadata"].as_object()?.clone();
    let mut custom = write_custom(match metadata.get(Field::Custom) {
        Some(Value::Custom(fields)) => Some(fields),
        _ => None,
    });
    for field in Field::ALL {
        write_at(*field, metadata, &mut body, &mut custom);
    }
    write_lists(current, metadata, &mut body);
    if let Some(Value::Subjects(subjects)) = metadata.get(Field::Subjects) {
        let own: Vec<Json> =
            subjects.iter().filter(|it| !it.is_known).map(write_own_subject).collect();
        if !own.is_empty() {
            set_custom(&mut custom, "legacy:subjects", json!(own));
        }
    }
    keep_legacy(current, &mut custom);
    body.retain(|_, value| !value.is_null());
    Some(json!({
        "metadata": body,
        "custom_fields": custom,
        "access": write_access(current, metadata),
        "files": write_files(&current["files"]),
        "pids": write_pids(current, metadata),
    }))
}

/// Writes a text at its place.
fn write_at(
    field: Field,
    metadata: &Metadata,
    body: &mut Map<String, Json>,
    custom: &mut Map<String, Json>,
) {
    let RecordPlace::At(paths) = field.record_place() else { return };
    // The last path is the one that the server writes today (native-custom-fields.json).
    let Some(path) = paths.last() else { return };
    let text = metadata.text(field);
    if let Some(path) = path.strip_prefix("custom_fields.") {
        if let Some(text) = text {
            set_custom(custom, path, json!(text));
        }
    } else if let Some(name) = path.strip_prefix("metadata.").filter(|name| !name.contains('.')) {
        body.insert(name.to_owned(), json!(text));
    }
}

/// Writes the lists and what is part of one.
fn write_lists(current: &Json, metadata: &Metadata, body: &mut Map<String, Json>) {
    let held = &current["metadata"];
    let mut put = |name: &str, list: Vec<Json>| {
        body.insert(name.to_owned(), if list.is_empty() { Json::Null } else { json!(list) });
    };
    for (name, people) in [
        ("creators", people(metadata, Field::Creators).to_vec()),
        ("contributors", list_contributors(metadata)),
    ] {
        put(name, keep_entries(&held[name], &people, read_sent_person, write_person));
    }
    let titles = typed(metadata, Field::Titles);
    put("additional_titles", keep_typed(&held["additional_titles"], titles, "title"));
    put("additional_descriptions", write_descriptions(&held["additional_descriptions"], metadata));
    put("rights", write_rights(&held["rights"], metadata));
    put("languages", write_languages(metadata));
    put("subjects", write_subjects(&held["subjects"], metadata));
    let (alternate, related) = split_related(metadata);
    let name = "related_identifiers";
    put(name, keep_entries(&held[name], &related, read_related, write_related));
    let name = "identifiers";
    put(name, keep_entries(&held[name], &alternate, read_alternate, write_alternate));
    put("references", write_references(&held["references"], metadata));
    put("funding", write_all_funding(&held["funding"], metadata));
    put("dates", write_dates(&held["dates"], metadata));
    for field in [Field::Sizes, Field::Formats] {
        put(field.name(), texts(metadata, field).iter().map(|text| json!(text)).collect());
    }
    body.insert("locations".to_owned(), write_locations(&held["locations"], metadata));
    body.insert("copyright".to_owned(), json!(metadata.text(Field::Copyright)));
    body.insert("resource_type".to_owned(), write_resource_type(current, metadata));
}

fn write_dates(held: &Json, metadata: &Metadata) -> Vec<Json> {
    match metadata.get(Field::Dates) {
        Some(Value::Dates(dates)) => {
            keep_entries(held, dates, |item| Some(read_date(item)), write_date)
        }
        _ => Vec::new(),
    }
}

fn write_locations(held: &Json, metadata: &Metadata) -> Json {
    let places = match metadata.get(Field::Locations) {
        Some(Value::Locations(places)) => places.as_slice(),
        _ => &[],
    };
    let read = |item: &Json| Some(read_location(item));
    let features = keep_entries(&held["features"], places, read, write_location);
    if features.is_empty() {
        return Json::Null;
    }
    let mut written = held.as_object().cloned().unwrap_or_default();
    written.insert("features".to_owned(), json!(features));
    Json::Object(written)
}

/// Writes entries; one that is in the draft already is sent back as it is, with what zrel does not
/// know of it.
fn keep_entries<T: PartialEq>(
    held: &Json,
    wanted: &[T],
    read: impl Fn(&Json) -> Option<T>,
    write: impl Fn(&T) -> Json,
) -> Vec<Json> {
    let mut held: Vec<(&Json, Option<T>)> = items(held).map(|entry| (entry, read(entry))).collect();
    let keep = |item: &T| {
        let mut entries = held.iter_mut();
        let Some((entry, known)) = entries.find(|(_, known)| known.as_ref() == Some(item)) else {
            return write(item);
        };
        // Of equal entries each is sent back once.
        *known = None;
        entry.clone()
    };
    wanted.iter().map(keep).collect()
}

/// Reads a person as one is sent: without the names of affiliations that the server knows.
fn read_sent_person(json: &Json) -> Option<Person> {
    let mut person = read_person(json)?;
    person.drop_known_names();
    Some(person)
}

/// Reads who paid as it is sent: without the name of a funder that the server knows.
fn read_sent_funding(json: &Json) -> Option<Funding> {
    let mut funding = read_funding(json)?;
    funding.drop_known_name();
    Some(funding)
}

fn people(metadata: &Metadata, field: Field) -> &[Person] {
    match metadata.get(field) {
        Some(Value::People(people)) => people,
        _ => &[],
    }
}

fn texts(metadata: &Metadata, field: Field) -> &[String] {
    match metadata.get(field) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// Returns the contributors; supervisors are among them, before all others, as the deposit API
/// writes them.
fn list_contributors(metadata: &Metadata) -> Vec<Person> {
    let supervisors = people(metadata, Field::ThesisSupervisors).iter();
    let supervisors =
        supervisors.map(|person| Person { role: Some(SUPERVISOR.to_owned()), ..person.clone() });
    supervisors.chain(people(metadata, Field::Contributors).iter().cloned()).collect()
}

fn typed(metadata: &Metadata, field: Field) -> &[TypedText] {
    match metadata.get(field) {
        Some(Value::TypedTexts(items)) => items,
        _ => &[],
    }
}

fn keep_typed(held: &Json, wanted: &[TypedText], key: &str) -> Vec<Json> {
    let read = |item: &Json| read_typed_text(item, key);
    keep_entries(held, wanted, read, |item| write_typed_text(item, key))
}

/// Writes the descriptions of all fields. One that has a field of its own stays where the draft has
/// it, with the kind that it has there, or else comes first.
fn write_descriptions(held: &Json, metadata: &Metadata) -> Vec<Json> {
    let mut own: Vec<(Option<usize>, TypedText)> = Field::ALL
        .iter()
        .filter_map(|field| {
            let RecordPlace::Description(kinds) = field.record_place() else { return None };
            let text = metadata.text(*field)?.to_owned();
            let mut held_kinds = items(held).map(|item| item["type"]["id"].as_str());
            let at = held_kinds.position(|kind| kind.is_some_and(|kind| kinds.contains(&kind)));
            let held_kind = at.and_then(|at| held[at]["type"]["id"].as_str());
            let kind = held_kind.or(kinds.first().copied())?;
            Some((at, TypedText { text, kind: kind.to_owned(), language: None }))
        })
        .collect();
    own.sort_by_key(|(at, _)| *at);
    let n_new = own.iter().filter(|(at, _)| at.is_none()).count();
    let mut all = typed(metadata, Field::Descriptions).to_vec();
    for (number, (at, text)) in own.into_iter().enumerate() {
        let at = at.map_or(number, |at| n_new + at);
        all.insert(at.min(all.len()), text);
    }
    keep_typed(held, &all, "description")
}

/// Writes the licences; of one that the server knows only the id, since the rest is its own.
fn write_rights(held: &Json, metadata: &Metadata) -> Vec<Json> {
    let read = |item: &Json| read_license(item).filter(|license| license.id.is_none());
    match (metadata.get(Field::Licenses), metadata.text(Field::License)) {
        (Some(Value::Licenses(licenses)), _) => keep_entries(held, licenses, read, write_license),
        (_, Some(id)) => {
            vec![write_license(&License { id: Some(id.to_owned()), ..License::default() })]
        }
        (_, None) => Vec::new(),
    }
}

fn write_languages(metadata: &Metadata) -> Vec<Json> {
    let only = metadata.text(Field::Language).into_iter();
    let all = only.chain(texts(metadata, Field::Languages).iter().map(String::as_str));
    all.map(|id| json!({"id": id})).collect()
}

fn write_subjects(held: &Json, metadata: &Metadata) -> Vec<Json> {
    let is_keyword = |item: &Json| item["id"].is_null();
    let read =
        |item: &Json| item["subject"].as_str().filter(|_| is_keyword(item)).map(str::to_owned);
    let words = texts(metadata, Field::Keywords);
    let keywords = keep_entries(held, words, read, |word| json!({"subject": word}));
    let subjects: &[Subject] = match metadata.get(Field::Subjects) {
        Some(Value::Subjects(subjects)) => subjects,
        _ => &[],
    };
    let known = subjects.iter().filter(|subject| subject.is_known);
    let known = known.map(|subject| json!({"id": subject.identifier}));
    keywords.into_iter().chain(known).collect()
}

/// Returns the alternate identifiers and the related ones.
fn split_related(metadata: &Metadata) -> (Vec<Related>, Vec<Related>) {
    let all: &[Related] = match metadata.get(Field::RelatedIdentifiers) {
        Some(Value::Related(items)) => items,
        _ => &[],
    };
    all.iter().cloned().partition(|item| item.relation.eq_ignore_ascii_case(ALTERNATE))
}

/// Writes references; one that is there already keeps its identifier.
fn write_references(held: &Json, metadata: &Metadata) -> Vec<Json> {
    let read = |item: &Json| item["reference"].as_str().map(str::to_owned);
    keep_entries(held, texts(metadata, Field::References), read, |text| json!({"reference": text}))
}

/// Writes who paid: awards of the vocabulary by their ids (`grants`), or all of it.
fn write_all_funding(held: &Json, metadata: &Metadata) -> Vec<Json> {
    if let Some(Value::Funding(funding)) = metadata.get(Field::Funding) {
        return keep_entries(held, funding, read_sent_funding, write_funding);
    }
    let of_award = |id: &String| {
        let entry = items(held).find(|item| item["award"]["id"].as_str() == Some(id));
        let funder = id.split_once("::").map_or("", |(funder, _)| funder);
        entry.cloned().unwrap_or_else(|| json!({"funder": {"id": funder}, "award": {"id": id}}))
    };
    texts(metadata, Field::Grants).iter().map(of_award).collect()
}

/// Writes the resource type. One that the draft has stays, also with a subtype that the deposit API
/// has no field for.
fn write_resource_type(current: &Json, metadata: &Metadata) -> Json {
    let Some(kind) = metadata.text(Field::UploadType) else { return Json::Null };
    let subtype = Field::ALL.iter().find_map(|field| {
        let RecordPlace::ResourceType(TypePart::SubtypeOf(of)) = field.record_place() else {
            return None;
        };
        metadata.text(*field).filter(|_| of == kind)
    });
    let id = subtype.map_or_else(|| kind.to_owned(), |subtype| format!("{kind}-{subtype}"));
    let held = find_resource_type(current).unwrap_or_default();
    let is_finer = subtype.is_none()
        && !matches!(kind, "publication" | "image")
        && held.strip_prefix(kind).is_some_and(|rest| rest.starts_with('-'));
    json!({"id": if is_finer { held } else { id }})
}

/// Keeps the custom fields that the deposit API uses internally, but for those that are written.
fn keep_legacy(current: &Json, custom: &mut Map<String, Json>) {
    let held = current["custom_fields"].as_object().into_iter().flatten();
    for (name, value) in held.filter(|(name, _)| *name == "legacy:communities") {
        custom.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// Writes who may see what. Source: contract/scenarios/native-access.json, 2026-11-28.
fn write_access(current: &Json, metadata: &Metadata) -> Json {
    let right = metadata.text(Field::AccessRight).unwrap_or("open");
    let page = current["access"]["record"].as_str().unwrap_or("public");
    let mut access = json!({
        "record": page,
        "files": if right == "open" { "public" } else { "restricted" },
    });
    if right == "embargoed" {
        access["embargo"] = json!({
            "active": true,
            "until": metadata.text(Field::EmbargoDate),
            "reason": metadata.text(Field::EmbargoReason),
        });
    }
    access
}

/// Sends back how the files are shown.
fn write_files(files: &Json) -> Json {
    let mut kept = json!({"enabled": files["enabled"].as_bool().unwrap_or(true)});
    for key in ["default_preview", "order"] {
        if !files[key].is_null() {
            kept[key] = files[key].clone();
        }
    }
    kept
}

/// Writes the DOIs: one that was assigned elsewhere, or those that the draft has.
fn write_pids(current: &Json, metadata: &Metadata) -> Json {
    let mut pids = current["pids"].as_object().cloned().unwrap_or_default();
    if let Some(doi) = metadata.text(Field::Doi) {
        pids.insert("doi".to_owned(), json!({"identifier": doi, "provider": "external"}));
    }
    Json::Object(pids)
}
