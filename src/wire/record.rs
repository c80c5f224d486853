//! A record as the records API shows it (`application/vnd.inveniordm.v1+json`): whether it is the
//! latest, and what the deposit API can't say.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value as Json;

use sha2::{Digest, Sha256 as Hasher};

use crate::model::{Community, ConceptId, RecordId, Sha256};
use crate::observed::{Loss, RecordFacts};

use super::deposition::id_of;

/// Reads a record or a draft; none when it lacks what every record has.
///
/// Source: contract/scenarios/{find-open-draft,lossy-put}.json, 2026-11-23.
pub fn record_facts(json: &Json) -> Option<RecordFacts> {
    let versions = &json["versions"];
    let metadata = &json["metadata"];
    let entries = json["parent"]["communities"]["entries"].as_array();
    let slug = |entry: &Json| entry["slug"].as_str().map(|slug| Community(slug.to_owned()));
    Some(RecordFacts {
        id: RecordId(id_of(json.get("id")?)?),
        concept: ConceptId(id_of(&json["parent"]["id"])?),
        is_latest: versions["is_latest"].as_bool()?,
        // Only the owner sees the field; without it nothing is known of a draft.
        has_newer_draft: versions["is_latest_draft"].as_bool() == Some(false),
        index: versions["index"].as_u64().unwrap_or_default(),
        has_external_doi: json["pids"]["doi"]["provider"].as_str() == Some("external"),
        under_review: json["status"].as_str() == Some("in_review"),
        communities: entries.map(|all| all.iter().filter_map(slug).collect()).unwrap_or_default(),
        lossy: losses(metadata),
        fingerprint: fingerprint(json),
    })
}

/// Returns a digest of what a record says of itself. Its files are not in it: those of a published
/// version never change, and not everybody may see them.
fn fingerprint(json: &Json) -> Sha256 {
    let mut text = String::new();
    let access = &json["access"];
    for part in [&json["metadata"], &json["custom_fields"], &access["record"], &access["files"]] {
        write_sorted(part, &mut text);
        text.push('\n');
    }
    Sha256(Hasher::digest(text.as_bytes()).into())
}

/// Writes JSON with the keys of objects in order, whichever way they came.
fn write_sorted(json: &Json, out: &mut String) {
    match json {
        Json::Object(object) => {
            let sorted: BTreeMap<&String, &Json> = object.iter().collect();
            out.push('{');
            for (key, value) in sorted {
                let _ = write!(out, "{key:?}:");
                write_sorted(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Json::Array(items) => {
            out.push('[');
            for item in items {
                write_sorted(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            out.push_str(&json.to_string());
        }
    }
}

/// Names what a PUT by the deposit API would lose.
pub(super) fn losses(metadata: &Json) -> Vec<Loss> {
    let mut losses = Vec::new();
    for list in ["creators", "contributors"] {
        for (at, person) in items(&metadata[list]).enumerate() {
            losses.extend(lost_of_person(&format!("{list}[{at}]"), list, person));
        }
    }
    for (at, item) in items(&metadata["additional_titles"]).enumerate() {
        losses.push(lost_text(&format!("additional_titles[{at}]"), item, "title"));
    }
    losses.extend(lost_descriptions(metadata));
    losses.extend(lost_funding(metadata));
    losses.extend(lost_extras(metadata));
    losses
}

/// The deposit API has room for one text each as `notes` and `method`; all others are lost.
fn lost_descriptions(metadata: &Json) -> Vec<Loss> {
    let kept = [NOTES, METHOD].map(|kind| last_text(metadata, kind).map(|(at, _)| at));
    let all = items(&metadata["additional_descriptions"]).enumerate();
    let lost = all.filter(|(at, _)| !kept.contains(&Some(*at)));
    lost.map(|(at, item)| lost_text(&format!("additional_descriptions[{at}]"), item, "description"))
        .collect()
}

/// The kind of the additional description that the deposit API shows as `notes`.
///
/// Source: zenodo-rdm, legacy/serializers/schemas/common.py, read 2026-11-24: of several of a kind
/// the last counts, and those of another kind, `notes` among them, are not shown.
pub(super) const NOTES: &str = "other";

/// The kind of the one that it shows as `method`; same source.
pub(super) const METHOD: &str = "methods";

/// Returns the last additional description of a kind, and its place.
pub(super) fn last_text<'a>(metadata: &'a Json, kind: &str) -> Option<(usize, &'a Json)> {
    let all = items(&metadata["additional_descriptions"]).enumerate();
    all.filter(|(_, item)| item["type"]["id"].as_str() == Some(kind)).last()
}

fn lost_text(place: &str, item: &Json, key: &str) -> Loss {
    let kind = item["type"]["id"].as_str().unwrap_or_default();
    let text = item[key].as_str().unwrap_or_default();
    loss(place.to_owned(), format!("{kind} `{}`", cut(text)))
}

fn lost_of_person(place: &str, list: &str, person: &Json) -> Vec<Loss> {
    let who = &person["person_or_org"];
    let mut losses = Vec::new();
    if who["type"].as_str() == Some("organizational") {
        let name = who["name"].as_str().unwrap_or_default();
        losses.push(loss(place.to_owned(), format!("that `{}` is an organisation", cut(name))));
    }
    if list == "creators"
        && let Some(role) = person["role"]["id"].as_str()
    {
        losses.push(loss(format!("{place}.role"), format!("the role `{role}`")));
    }
    for (at, affiliation) in items(&person["affiliations"]).enumerate().skip(1) {
        let name = affiliation["name"].as_str().unwrap_or_default();
        losses.push(loss(format!("{place}.affiliations[{at}]"), format!("`{}`", cut(name))));
    }
    for identifier in items(&who["identifiers"]) {
        let scheme = identifier["scheme"].as_str().unwrap_or_default();
        if !matches!(scheme, "orcid" | "gnd") {
            let id = identifier["identifier"].as_str().unwrap_or_default();
            losses.push(loss(format!("{place}.identifiers"), format!("{scheme} `{}`", cut(id))));
        }
    }
    losses
}

/// Funding without a known award is free text, which a deposit can't hold.
fn lost_funding(metadata: &Json) -> Vec<Loss> {
    items(&metadata["funding"])
        .enumerate()
        .filter(|(_, item)| item["award"]["id"].as_str().is_none())
        .map(|(at, item)| {
            let funder = item["funder"]["name"].as_str().or(item["funder"]["id"].as_str());
            let what = format!("funding by `{}`", cut(funder.unwrap_or("(no name)")));
            loss(format!("funding[{at}]"), what)
        })
        .collect()
}

fn lost_extras(metadata: &Json) -> Vec<Loss> {
    let mut losses = Vec::new();
    for list in ["languages", "rights"] {
        for (at, item) in items(&metadata[list]).enumerate().skip(1) {
            let id = item["id"].as_str().unwrap_or("(free text)");
            losses.push(loss(format!("{list}[{at}]"), format!("`{}`", cut(id))));
        }
    }
    for list in ["sizes", "formats"] {
        if items(&metadata[list]).next().is_some() {
            losses.push(loss(list.to_owned(), "the list".to_owned()));
        }
    }
    losses
}

pub(super) fn items(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

pub(super) fn loss(place: String, what: String) -> Loss {
    Loss { place, what }
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn notes_and_method_are_no_losses_and_a_second_one_of_each_is() {
        let text = |kind: &str| json!({"type": {"id": kind}, "description": kind});
        let lost = |kinds: &[&str]| {
            let list: Vec<Json> = kinds.iter().map(|kind| text(kind)).collect();
            let losses = losses(&json!({"additional_descriptions": list}));
            losses.into_iter().map(|loss| loss.place).collect::<Vec<_>>()
        };
        assert_eq!(lost(&["other", "methods"]), [""; 0]);
        assert_eq!(lost(&["notes", "methods"]), ["additional_descriptions[0]"]);
        assert_eq!(lost(&["methods", "methods"]), ["additional_descriptions[0]"]);
        assert_eq!(lost(&["other", "notes"]), ["additional_descriptions[1]"]);
        assert_eq!(lost(&["technical-info"]), ["additional_descriptions[0]"]);
    }
}
