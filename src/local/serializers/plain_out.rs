//! A record or draft in Zenodo's plain form (`application/json`).
//!
//! As recorded on 2026-11-23 (`tests/contract/first-publication.json`, `new-version.json`).
//! Deliberately absent: statistics.

use serde_json::{Map, Value, json};

use super::deposit_out::{self, Alternates, list_rows, put_list};
use super::time::write_time;
use super::vocabulary::{self, Vocabulary, find_entry};
use super::{View, file_out, links, organizations};
use crate::local::state::Found;
use crate::local::state::files;
use crate::local::state::types::Version;

/// Writes a record or draft.
pub(crate) fn write_plain_record(view: View<'_>, found: Found<'_>) -> Value {
    let version = found.version();
    let is_published = view.state.is_published(version.id);
    let files = match found {
        // Files that this user may not read are left out, as if there were none.
        Found::Record(record)
            if !files::are_visible(view.state, view.visitor(), record, view.today) =>
        {
            Vec::new()
        }
        Found::Record(_) | Found::Draft(_) => file_out::write_plain_files(view, found),
    };
    let owner = view.state.concepts.get(&version.concept).map(|c| c.owner.to_string());
    // An edit is a draft, too, but its record is published already.
    let state = match (is_published, found.is_draft()) {
        (false, _) => "unsubmitted",
        (true, true) => "inprogress",
        (true, false) => "done",
    };
    let mut body = deposit_out::write_head(view, found);
    if let Some(url) = links::make_doi_url(version) {
        body.insert("doi_url".to_owned(), json!(url));
    }
    body.insert("metadata".to_owned(), Value::Object(write_plain_metadata(view, found)));
    body.insert("links".to_owned(), Value::Object(links::make_record_links(view, found)));
    body.insert("updated".to_owned(), json!(write_time(version.updated)));
    body.insert("recid".to_owned(), json!(version.id.to_string()));
    body.insert("revision".to_owned(), json!(version.revision));
    body.insert("files".to_owned(), Value::from(files));
    body.insert("owners".to_owned(), json!([{"id": owner}]));
    let status = if found.is_draft() { "draft" } else { "published" };
    body.insert("status".to_owned(), json!(status));
    body.insert("state".to_owned(), json!(state));
    body.insert("submitted".to_owned(), json!(is_published));
    Value::Object(body)
}

fn write_plain_metadata(view: View<'_>, found: Found<'_>) -> Map<String, Value> {
    let version = found.version();
    let mut out = deposit_out::write_common_fields(view, version);
    let related = deposit_out::write_related_identifiers(version, Alternates::Apart);
    put_list(&mut out, "related_identifiers", related);
    let alternates =
        list_rows(version, "identifiers").map(|row| json!({"identifier": row["identifier"]}));
    put_list(&mut out, "alternate_identifiers", alternates.collect());
    if let Some(kind) = write_plain_resource_type(found) {
        out.insert("resource_type".to_owned(), kind);
    }
    let licence = version.metadata.get("rights").and_then(|rights| rights.pointer("/0/id"));
    if let Some(id) = licence.and_then(Value::as_str) {
        let returned = vocabulary::find_licence(id).map_or(id, |licence| &licence.returned_as);
        out.insert("license".to_owned(), json!({"id": returned}));
    }
    put_list(
        &mut out,
        "grants",
        list_rows(version, "funding").filter_map(organizations::write_grant).collect(),
    );
    let slugs = deposit_out::list_communities(view, version);
    put_list(&mut out, "communities", slugs.iter().map(|slug| json!({"id": slug})).collect());
    add_objects(version, &mut out);
    out.insert(
        "relations".to_owned(),
        json!({"version": [{
            // The plain form counts versions from zero, InvenioRDM's from one.
            "index": version.index - 1,
            "is_last": view.state.is_latest(version),
            "parent": {"pid_type": "recid", "pid_value": version.concept.to_string()},
        }]}),
    );
    out
}

fn write_plain_resource_type(found: Found<'_>) -> Option<Value> {
    let id = found.version().metadata.get("resource_type")?.get("id")?.as_str()?;
    let mut out = Map::new();
    // Records have the title of the type, and drafts that the deposit API created; a draft of a new
    // version has none (`tests/contract/new-version.json`, 2026-11-23).
    let has_title = match found {
        Found::Record(_) => true,
        Found::Draft(draft) => draft.is_of_deposit,
    };
    if let Some(known) = find_entry(Vocabulary::ResourceTypes, id).filter(|_| has_title) {
        out.insert("title".to_owned(), json!(known.title));
    }
    match id.split_once('-') {
        Some((kind, subtype)) => {
            out.insert("type".to_owned(), json!(kind));
            out.insert("subtype".to_owned(), json!(subtype));
        }
        None => {
            out.insert("type".to_owned(), json!(id));
        }
    }
    Some(Value::Object(out))
}

fn add_objects(version: &Version, out: &mut Map<String, Value>) {
    for (custom, name) in [("journal:journal", "journal"), ("meeting:meeting", "meeting")] {
        if let Some(object) = version.custom.get(custom) {
            out.insert(name.to_owned(), object.clone());
        }
    }
    // InvenioRDM has one object for the imprint and for the work that contains the record.
    let Some(imprint) = version.custom.get("imprint:imprint") else { return };
    let part = |names: &[&str]| -> Map<String, Value> {
        let known = names.iter().filter_map(|name| Some((*name, imprint.get(*name)?)));
        known.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    };
    for (name, fields) in [("imprint", ["isbn", "place"]), ("part_of", ["pages", "title"])] {
        let object = part(&fields);
        if !object.is_empty() {
            out.insert(name.to_owned(), Value::Object(object));
        }
    }
}
