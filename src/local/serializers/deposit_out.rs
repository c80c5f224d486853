//! Writes a deposition as the deposit API shows it.
//!
//! Field by field as recorded on 2026-11-23 (`tests/contract/*.json`); `common` parts serve the
//! plain form of records too. Deliberately absent: files, see `file_out`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::deposit_in::CUSTOM;
use super::links::{self, Place};
use super::organizations;
use super::time::write_time;
use super::vocabulary::{self, Vocabulary, find_entry};
use super::{View, file_out};
use crate::local::state::Found;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::Version;

/// Writes a deposition.
///
/// # Errors
/// 500 for a person's identifier without a scheme, which only the records API leaves in a draft
/// (`tests/contract/native-identifier-without-scheme.json`, 2026-11-28).
pub(crate) fn write_deposition(
    view: View<'_>,
    found: Found<'_>,
    place: Place,
) -> Result<Value, Refusal> {
    let version = found.version();
    // A single row without a scheme makes the real serializer fail for the whole answer.
    if has_bare_identifier(version) {
        return Err(Refusal::internal());
    }
    let is_published = view.state.is_published(version.id);
    // An edit is a draft, too, but its record is published already.
    let state = match (is_published, found.is_draft()) {
        (false, _) => "unsubmitted",
        (true, true) => "inprogress",
        (true, false) => "done",
    };
    let mut body = write_head(view, found);
    if let Some(doi) = version.doi() {
        body.insert("doi_url".to_owned(), json!(format!("https://doi.org/{}", doi.identifier)));
    }
    let owner = view.state.concepts.get(&version.concept).map(|concept| concept.owner);
    // The index knows only the files of published versions.
    let files = match place {
        Place::Listed if found.is_draft() => json!([]),
        Place::Listed | Place::Alone | Place::Published => {
            file_out::write_deposition_files(view, found)
        }
    };
    body.insert("metadata".to_owned(), Value::Object(write_metadata(view, version)));
    body.insert(
        "links".to_owned(),
        Value::Object(links::make_deposition_links(view, found, place)),
    );
    body.insert("record_id".to_owned(), json!(version.id));
    body.insert("owner".to_owned(), json!(owner));
    body.insert("files".to_owned(), files);
    body.insert("state".to_owned(), json!(state));
    body.insert("submitted".to_owned(), json!(is_published));
    Ok(Value::Object(body))
}

fn has_bare_identifier(version: &Version) -> bool {
    let people = list_rows(version, "creators").chain(list_rows(version, "contributors"));
    let identifiers =
        people.filter_map(|row| row.pointer("/person_or_org/identifiers")?.as_array());
    identifiers.flatten().any(|row| row.get("scheme").is_none())
}

/// Writes what a deposition and a plain record begin with.
pub(crate) fn write_head(view: View<'_>, found: Found<'_>) -> Map<String, Value> {
    let version = found.version();
    let mut body = Map::new();
    body.insert("created".to_owned(), json!(write_time(version.created)));
    body.insert("modified".to_owned(), json!(write_time(version.updated)));
    body.insert("id".to_owned(), json!(version.id));
    body.insert("conceptrecid".to_owned(), json!(version.concept.to_string()));
    if let Some(doi) = version.doi() {
        body.insert("doi".to_owned(), json!(doi.identifier));
    }
    if let Some(doi) = links::find_concept_doi(view, version) {
        body.insert("conceptdoi".to_owned(), json!(doi));
    }
    let title = version.metadata.get("title").cloned().unwrap_or_else(|| json!(""));
    body.insert("title".to_owned(), title);
    body
}

fn write_metadata(view: View<'_>, version: &Version) -> Map<String, Value> {
    let mut out = write_common_fields(view, version);
    let related = write_related_identifiers(version, Alternates::Last);
    put_list(&mut out, "related_identifiers", related);
    let given = &version.metadata;
    // Only the first licence fits; the deposit API cannot show the others.
    let licence = given.get("rights").and_then(|rights| rights.pointer("/0/id"));
    if let Some(id) = licence.and_then(Value::as_str) {
        let returned = vocabulary::find_licence(id).map_or(id, |licence| &licence.returned_as);
        out.insert("license".to_owned(), json!(returned));
    }
    for (object, field, name) in CUSTOM {
        if let Some(value) = version.custom.get(object).and_then(|object| object.get(field)) {
            out.insert(name.to_owned(), value.clone());
        }
    }
    let code = version.custom.iter().filter(|(name, _)| name.starts_with("code:"));
    let code: Map<String, Value> =
        code.map(|(name, value)| (name.clone(), value.clone())).collect();
    // It can be read here, and not written.
    if !code.is_empty() {
        out.insert("custom".to_owned(), Value::Object(code));
    }
    // The records API writes the newer object, the deposit API the older field.
    let thesis = version.custom.get("thesis:thesis").and_then(|thesis| thesis.get("university"));
    if let Some(university) = thesis.or_else(|| version.custom.get("thesis:university")) {
        out.insert("thesis_university".to_owned(), university.clone());
    }
    if let Some(publisher) = given.get("publisher") {
        out.insert("imprint_publisher".to_owned(), publisher.clone());
    }
    let grants: Vec<Value> = list_grants(version).map(|id| json!({"id": id})).collect();
    put_list(&mut out, "grants", grants);
    let slugs = list_communities(view, version);
    put_list(&mut out, "communities", slugs.iter().map(|s| json!({"identifier": s})).collect());
    write_resource_type(version, &mut out);
    out.insert(
        "prereserve_doi".to_owned(),
        // Always the prefix of the real service, whatever prefix this server mints.
        json!({"doi": format!("10.5281/zenodo.{}", version.id), "recid": version.id}),
    );
    out
}

/// Writes the fields that look alike in the deposit API and in the plain form of records.
pub(crate) fn write_common_fields(view: View<'_>, version: &Version) -> Map<String, Value> {
    let given = &version.metadata;
    let mut out = Map::new();
    let mut copy = |name: &str| {
        if let Some(value) = given.get(name) {
            out.insert(name.to_owned(), value.clone());
        }
    };
    for name in ["title", "publication_date", "description", "version"] {
        copy(name);
    }
    if let Some(doi) = version.doi() {
        out.insert("doi".to_owned(), json!(doi.identifier));
    }
    write_access(view, version, &mut out);
    put_list(&mut out, "creators", list_rows(version, "creators").map(write_person).collect());
    put_list(
        &mut out,
        "contributors",
        list_rows(version, "contributors").map(write_contributor).collect(),
    );
    // Subjects of a vocabulary have an id and are not keywords.
    let keywords = list_rows(version, "subjects").filter(|subject| subject.get("id").is_none());
    let keywords = keywords.filter_map(|subject| subject.get("subject").cloned());
    put_list(&mut out, "keywords", keywords.collect());
    if let Some(subjects) = version.custom.get("legacy:subjects") {
        out.insert("subjects".to_owned(), subjects.clone());
    }
    put_list(&mut out, "locations", write_locations(version));
    put_list(&mut out, "dates", list_rows(version, "dates").map(write_date).collect());
    let references =
        list_rows(version, "references").filter_map(|row| row.get("reference").cloned());
    put_list(&mut out, "references", references.collect());
    // The deposit API has one language, and of the additional descriptions notes and method; it
    // leaves out what it cannot say.
    if let Some(language) = given.get("languages").and_then(|list| list.pointer("/0/id")) {
        out.insert("language".to_owned(), language.clone());
    }
    for row in list_rows(version, "additional_descriptions") {
        let name = match row.pointer("/type/id").and_then(Value::as_str) {
            Some("other" | "notes") => "notes",
            Some("methods") => "method",
            Some(_) | None => continue,
        };
        if let Some(text) = row.get("description") {
            out.insert(name.to_owned(), text.clone());
        }
    }
    out
}

/// Adds a list if it has entries.
pub(crate) fn put_list(out: &mut Map<String, Value>, name: &str, list: Vec<Value>) {
    if !list.is_empty() {
        out.insert(name.to_owned(), Value::from(list));
    }
}

/// Iterates over a list of the metadata.
pub(crate) fn list_rows<'a>(version: &'a Version, name: &str) -> impl Iterator<Item = &'a Value> {
    version.metadata.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn write_access(view: View<'_>, version: &Version, out: &mut Map<String, Value>) {
    let access = &version.access;
    let right = if access.files_are_open(view.today) {
        "open"
    } else if access.is_embargoed(view.today) {
        "embargoed"
    } else {
        "restricted"
    };
    out.insert("access_right".to_owned(), json!(right));
    // The date stays in the answer after the embargo is over.
    if let Some(until) = &access.embargo_until {
        out.insert("embargo_date".to_owned(), json!(until));
    }
}

fn write_person(row: &Value) -> Value {
    let mut out = Map::new();
    if let Some(name) = row.pointer("/person_or_org/name") {
        out.insert("name".to_owned(), name.clone());
    }
    // Only the first affiliation fits, and a missing one is null instead of left out.
    let affiliation = row.pointer("/affiliations/0");
    let name = affiliation.and_then(|affiliation| {
        let id = affiliation.get("id").and_then(Value::as_str);
        id.and_then(organizations::find_name).or_else(|| affiliation.get("name")?.as_str())
    });
    out.insert("affiliation".to_owned(), json!(name));
    let identifiers = row.pointer("/person_or_org/identifiers").and_then(Value::as_array);
    for identifier in identifiers.into_iter().flatten() {
        // Other schemes, such as ISNI, have no field in the deposit API.
        if let Some(scheme @ ("orcid" | "gnd")) = identifier.get("scheme").and_then(Value::as_str) {
            // The prefix does not come back: `gnd:118540238` is returned as `118540238`.
            let text = identifier["identifier"].as_str().unwrap_or_default();
            out.insert(scheme.to_owned(), json!(text.strip_prefix("gnd:").unwrap_or(text)));
        }
    }
    Value::Object(out)
}

fn write_contributor(row: &Value) -> Value {
    let mut out = write_person(row);
    let role = row.pointer("/role/id").and_then(Value::as_str);
    let role = role.and_then(|id| find_entry(Vocabulary::Roles, id));
    // The type is the English title in camel case: `Data curator` is `DataCurator`. The deposit API
    // does not know the translator (records API driven on 2026-11-28), which comes back as null.
    let role = role.filter(|role| role.id != "translator");
    out["type"] = role.map_or(Value::Null, |role| {
        json!(role.title.split(' ').map(capitalize_word).collect::<String>())
    });
    out
}

fn capitalize_word(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}

fn write_locations(version: &Version) -> Vec<Value> {
    let features = version.metadata.get("locations").and_then(|l| l.get("features"));
    let features = features.and_then(Value::as_array).into_iter().flatten();
    features
        .map(|feature| {
            let mut out = Map::new();
            for name in ["place", "description"] {
                if let Some(text) = feature.get(name) {
                    out.insert(name.to_owned(), text.clone());
                }
            }
            for (name, at) in [("lon", 0), ("lat", 1)] {
                let path = format!("/geometry/coordinates/{at}");
                if let Some(number) = feature.pointer(&path) {
                    out.insert(name.to_owned(), number.clone());
                }
            }
            Value::Object(out)
        })
        .collect()
}

fn write_date(row: &Value) -> Value {
    let mut out = Map::new();
    if let Some(kind) = row.pointer("/type/id") {
        out.insert("type".to_owned(), kind.clone());
    }
    if let Some(description) = row.get("description") {
        out.insert("description".to_owned(), description.clone());
    }
    // Only an interval has ends: a single date comes back without its day.
    if let Some((start, end)) =
        row.get("date").and_then(Value::as_str).and_then(|date| date.split_once('/'))
    {
        out.insert("start".to_owned(), json!(start));
        out.insert("end".to_owned(), json!(end));
    }
    Value::Object(out)
}

/// Where alternate identifiers go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alternates {
    /// After the related ones, in the deposit API.
    Last,
    /// In a separate list, in the plain form.
    Apart,
}

/// Writes the related identifiers.
pub(crate) fn write_related_identifiers(version: &Version, alternates: Alternates) -> Vec<Value> {
    let mut list: Vec<Value> =
        list_rows(version, "related_identifiers").map(write_related).collect();
    if alternates == Alternates::Last {
        list.extend(list_rows(version, "identifiers").map(|row| {
            json!({
                "identifier": row["identifier"],
                "relation": "isAlternateIdentifier",
                "scheme": row["scheme"],
            })
        }));
    }
    list
}

fn write_related(row: &Value) -> Value {
    let mut out = Map::new();
    out.insert("identifier".to_owned(), row["identifier"].clone());
    let relation = row.pointer("/relation_type/id").and_then(Value::as_str).unwrap_or_default();
    if let Some(name) = find_relation_name(relation) {
        out.insert("relation".to_owned(), json!(name));
    }
    if let Some(kind) = row.pointer("/resource_type/id") {
        out.insert("resource_type".to_owned(), kind.clone());
    }
    if let Some(scheme) = row.get("scheme") {
        out.insert("scheme".to_owned(), scheme.clone());
    }
    Value::Object(out)
}

/// Returns the deposit API's spelling: `Is supplement to` is `isSupplementTo`.
fn find_relation_name(id: &str) -> Option<String> {
    // Newer relations have no old spelling, and are shown without a relation.
    const NEW: [&str; 5] =
        ["collects", "iscollectedby", "hastranslation", "istranslationof", "other"];
    let title = &find_entry(Vocabulary::Relations, id)?.title;
    if NEW.contains(&id) {
        return None;
    }
    let camel: String = title.split(' ').map(capitalize_word).collect();
    let mut chars = camel.chars();
    let first = chars.next()?.to_lowercase().to_string();
    Some(first + chars.as_str())
}

/// Returns the ids of the grants as the deposit API spells them.
pub(crate) fn list_grants(version: &Version) -> impl Iterator<Item = String> {
    list_rows(version, "funding").filter_map(|row| {
        let funder = row.pointer("/funder/id")?.as_str()?;
        let number = organizations::find_number(row)?;
        Some(format!("{}::{number}", organizations::find_funder_doi(funder)))
    })
}

/// Returns the communities that the record is in, and those that the draft's metadata name.
///
/// The server keeps them as a set and gives them in no order; this is the recorded one.
pub(crate) fn list_communities(view: View<'_>, version: &Version) -> Vec<String> {
    let named = version.custom.get("legacy:communities").and_then(Value::as_array);
    let named = named.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let joined = view.state.concepts.get(&version.concept);
    let joined = joined.into_iter().flat_map(|concept| &concept.communities);
    let joined = joined.filter_map(|id| view.state.communities.get(id)).map(|c| c.slug.clone());
    let slugs: BTreeSet<String> = named.chain(joined).collect();
    slugs.into_iter().rev().collect()
}

fn write_resource_type(version: &Version, out: &mut Map<String, Value>) {
    let id = version.metadata.get("resource_type").and_then(|kind| kind.get("id"));
    let Some(id) = id.and_then(Value::as_str) else { return };
    let (upload_type, subtype) = match id.split_once('-') {
        Some((upload_type, subtype)) => (upload_type, Some(subtype)),
        None => (id, None),
    };
    out.insert("upload_type".to_owned(), json!(upload_type));
    if let Some(subtype) = subtype {
        out.insert(format!("{upload_type}_type"), json!(subtype));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_spelt_as_the_deposit_api_does() {
        for (id, name) in [
            ("issupplementto", Some("isSupplementTo")),
            ("cites", Some("cites")),
            ("isoriginalformof", Some("isOriginalFormOf")),
            ("ismetadatafor", Some("isMetadataFor")),
            ("ispreviousversionof", Some("isPreviousVersionOf")),
            ("collects", None),
        ] {
            assert_eq!(find_relation_name(id).as_deref(), name, "{id}");
        }
    }
}
