//! A record or draft in InvenioRDM's own form (`application/vnd.inveniordm.v1+json`).
//!
//! As recorded on 2026-11-23 (`tests/contract/find-open-draft.json`, `records-api*.json`).
//! Deliberately absent: statistics, and fields that only the web pages read.

use serde_json::{Map, Value, json};

use super::file_out::{self, Detail};
use super::links::{self, Place};
use super::organizations;
use super::request_out;
use super::sharing_out::write_grant;
use super::time::write_time;
use super::vocabulary::{self, Vocabulary, find_entry};
use super::{Form, View};
use crate::local::state::Found;
use crate::local::state::sharing_rows::Level;
use crate::local::state::types::{Access, RequestStatus, Version, Visibility};
use crate::local::state::{files, requests};

/// Whether a draft was just created: the answer to the create calls it metadata-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// The answer to the create.
    New,
    /// Every later answer.
    Known,
}

/// Writes a record or draft in the form that the request accepts.
pub(crate) fn write_record(view: View<'_>, found: Found<'_>, form: Form, place: Place) -> Value {
    match form {
        Form::Native => write_native(view, found, place, Age::Known),
        Form::Plain => super::plain_out::write_plain_record(view, found),
    }
}

/// Writes a record or draft in InvenioRDM's form.
pub(crate) fn write_native(view: View<'_>, found: Found<'_>, place: Place, age: Age) -> Value {
    let version = found.version();
    let is_published = view.state.is_published(version.id);
    let may_edit = view.state.may(view.user, version, Level::Edit);
    let mut versions = json!({"is_latest": view.state.is_latest(version), "index": version.index});
    // Only the owner learns whether a newer draft is open; other reads lack the field
    // (`tests/contract/find-open-draft.json`).
    if may_edit {
        versions["is_latest_draft"] = json!(view.state.is_latest_draft(version));
    }
    json!({
        "id": version.id.to_string(),
        "created": write_time(version.created),
        "updated": write_time(version.updated),
        "links": links::make_record_links(view, found),
        "revision_id": version.revision,
        "parent": write_parent(view, version),
        "versions": versions,
        "is_published": is_published,
        "is_draft": found.is_draft(),
        "pids": version.pids,
        "metadata": write_metadata(version),
        "custom_fields": write_custom_fields(version),
        "access": write_access(view, version, age),
        "files": file_out::write_native_files(view, found, choose_detail(view, found, place)),
        "status": choose_status(view, version, is_published),
    })
}

/// Returns the status; of a draft under review as in the recording `native-community-review`
/// (2026-11-28), and of one whose review was only chosen as invenio-rdm-records names it
/// (records/api.py, 2026-11-30).
fn choose_status(view: View<'_>, version: &Version, is_published: bool) -> &'static str {
    let review = requests::find_review(view.state, version.concept);
    let review = review.filter(|review| review.topic == version.id);
    match (is_published, version.index, review.map(|review| review.status)) {
        // An edit keeps the status of its published record.
        (true, ..) => "published",
        (false, _, Some(RequestStatus::Created)) => "draft_with_review",
        (false, _, Some(RequestStatus::Submitted)) => "in_review",
        (false, _, Some(RequestStatus::Declined)) => "declined",
        (false, 1, _) => "draft",
        (false, ..) => "new_version_draft",
    }
}

fn choose_detail(view: View<'_>, found: Found<'_>, place: Place) -> Detail {
    match (found, place) {
        // The index does not know the files of drafts.
        (Found::Draft(_), Place::Listed) => Detail::Hidden,
        // This arm goes before those of records, since restricted files are hidden in every answer.
        (Found::Record(record), _)
            if !files::are_visible(view.state, view.visitor(), record, view.today) =>
        {
            Detail::Forbidden
        }
        (Found::Record(_), Place::Listed) => Detail::Indexed,
        (Found::Draft(_), Place::Alone) | (_, Place::Published) => Detail::Bare,
        (Found::Record(_), Place::Alone) => Detail::Full,
    }
}

/// Writes the parent, which all versions share.
fn write_parent(view: View<'_>, version: &Version) -> Value {
    let Some(concept) = view.state.concepts.get(&version.concept) else { return Value::Null };
    let mut access = json!({
        "owned_by": {"user": concept.owner.to_string()},
        "settings": concept.sharing.settings,
    });
    // Other users do not see who else has access to the record.
    if view.state.owns(view.user, version) {
        access["grants"] = concept.sharing.grants.iter().map(write_grant).collect();
        // The parent keeps only their ids.
        access["links"] = concept.sharing.links.iter().map(|link| json!({"id": link.id})).collect();
    }
    let mut pids = Map::new();
    if let Some(doi) = &concept.doi {
        let pid = json!({"identifier": doi, "provider": "datacite", "client": "datacite"});
        pids.insert("doi".to_owned(), pid);
    }
    let known = concept.communities.iter().filter_map(|id| view.state.communities.get(id));
    let entries: Vec<Value> = known.map(request_out::write_community_entry).collect();
    // Without a community the object is empty, instead of holding empty lists.
    let mut communities = json!({});
    if let Some(first) = concept.communities.first() {
        communities = json!({"ids": concept.communities, "default": first, "entries": entries});
    }
    let mut out = json!({
        "id": concept.id.to_string(),
        "access": access,
        "communities": communities,
        "pids": pids,
    });
    let review = requests::find_review(view.state, concept.id);
    if let Some(review) = review.filter(|_| view.state.owns(view.user, version)) {
        out["review"] = request_out::write_review(review);
    }
    out
}

fn write_access(view: View<'_>, version: &Version, age: Age) -> Value {
    let access = &version.access;
    let is_embargoed = access.is_embargoed(view.today);
    let files_are_open = access.files_are_open(view.today);
    // The order matters: an embargo restricts the files, too, and must not show as `restricted`.
    let status = match (age, access.record) {
        (Age::New | Age::Known, _) if is_embargoed => "embargoed",
        (Age::New, _) => "metadata-only",
        (Age::Known, Visibility::Public) if files_are_open => "open",
        (Age::Known, _) => "restricted",
    };
    json!({
        "record": access.record,
        // An embargo that is over opens the files without a write.
        "files": if files_are_open { Visibility::Public } else { Visibility::Restricted },
        "embargo": write_embargo(access, is_embargoed),
        "status": status,
    })
}

fn write_embargo(access: &Access, is_active: bool) -> Value {
    let mut out = json!({"active": is_active, "reason": access.embargo_reason});
    // The deposit API still shows the date of an embargo that is over; this API does not.
    if let Some(until) = access.embargo_until.as_ref().filter(|_| is_active) {
        out["until"] = json!(until);
    }
    out
}

fn write_metadata(version: &Version) -> Map<String, Value> {
    let mut out = version.metadata.clone();
    // Drafts store ids only; answers carry the English titles, too.
    if let Some(kind) = out.get_mut("resource_type") {
        add_title(Vocabulary::ResourceTypes, kind);
    }
    for list in ["creators", "contributors"] {
        for row in list_mut(&mut out, list) {
            add_title_at(Vocabulary::Roles, row, "role");
            let affiliations = row.get_mut("affiliations").and_then(Value::as_array_mut);
            affiliations.into_iter().flatten().for_each(organizations::describe_affiliation);
        }
    }
    for row in list_mut(&mut out, "related_identifiers") {
        add_title_at(Vocabulary::Relations, row, "relation_type");
        add_title_at(Vocabulary::ResourceTypes, row, "resource_type");
    }
    for (list, vocabulary) in [
        ("dates", Vocabulary::Dates),
        ("additional_titles", Vocabulary::Titles),
        ("additional_descriptions", Vocabulary::Descriptions),
    ] {
        for row in list_mut(&mut out, list) {
            add_title_at(vocabulary, row, "type");
        }
    }
    list_mut(&mut out, "funding").for_each(organizations::describe_funding);
    for row in list_mut(&mut out, "rights") {
        // A custom licence has no id and shows the title it was sent with.
        let id = row.get("id").and_then(Value::as_str);
        if let Some(licence) = id.and_then(vocabulary::find_licence) {
            row["title"] = json!({"en": licence.title});
        }
    }
    out
}

fn list_mut<'a>(
    out: &'a mut Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a mut Value> {
    out.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

fn add_title_at(vocabulary: Vocabulary, row: &mut Value, name: &str) {
    if let Some(value) = row.get_mut(name) {
        add_title(vocabulary, value);
    }
}

fn add_title(vocabulary: Vocabulary, value: &mut Value) {
    let id = value.get("id").and_then(Value::as_str);
    if let Some(found) = id.and_then(|id| find_entry(vocabulary, id)) {
        value["title"] = json!({"en": found.title});
    }
}

/// Returns the custom fields without the one that the deposit API keeps for itself.
fn write_custom_fields(version: &Version) -> Map<String, Value> {
    let shown = version.custom.iter().filter(|(name, _)| *name != "legacy:communities");
    shown.map(|(name, value)| (name.clone(), value.clone())).collect()
}
