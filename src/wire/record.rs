//! A record as the records API shows it (`application/vnd.inveniordm.v1+json`): whether it is the
//! latest, and what the deposit API can't express.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value as Json;

use sha2::{Digest, Sha256 as Hasher};

use crate::model::{Community, ConceptId, Recid, RecordId, Sha256};
use crate::observed::{RecordFacts, ReviewStatus};

use super::parts::items;
use super::unsupported::unsupported;

/// Reads a record or a draft; `None` when it lacks what every record has.
///
/// Source: contract/scenarios/{find-open-draft,lossy-put}.json, 2026-11-23.
pub fn record_facts(json: &Json) -> Option<RecordFacts> {
    let versions = &json["versions"];
    let entries = json["parent"]["communities"]["entries"].as_array();
    let slug = |entry: &Json| entry["slug"].as_str().map(|slug| Community(slug.to_owned()));
    Some(RecordFacts {
        id: RecordId(Recid::from_json(json.get("id")?)?),
        concept: ConceptId(Recid::from_json(&json["parent"]["id"])?),
        is_latest: versions["is_latest"].as_bool()?,
        // Only the owner sees the field; without it nothing is known about a draft.
        is_own: versions["is_latest_draft"].is_boolean(),
        has_newer_draft: versions["is_latest_draft"].as_bool() == Some(false),
        is_published: json["is_published"].as_bool().unwrap_or_default(),
        index: versions["index"].as_u64().unwrap_or_default(),
        has_external_doi: json["pids"]["doi"]["provider"].as_str() == Some("external"),
        // Made by leaving the field for an own DOI empty on the page of a draft
        // (contract/scenarios/native-empty-external-doi.json, 2026-11-28).
        has_empty_doi: json["pids"]["doi"].is_object()
            && json["pids"]["doi"]["identifier"].as_str().is_none_or(str::is_empty),
        review: read_review_status(json["status"].as_str().unwrap_or_default()),
        communities: entries.map(|all| all.iter().filter_map(slug).collect()).unwrap_or_default(),
        unsupported: unsupported(json),
        free_awards: free_awards(&json["metadata"]["funding"]),
        fingerprint: fingerprint(json),
    })
}

/// Reads where the review of a draft stands.
///
/// Source: contract/scenarios/native-community-review.json, 2026-11-28; `draft_with_review` and
/// `expired`: invenio-rdm-records, records/api.py, 2026-11-30, not recorded.
fn read_review_status(status: &str) -> Option<ReviewStatus> {
    match status {
        "draft_with_review" => Some(ReviewStatus::Chosen),
        "in_review" => Some(ReviewStatus::Open),
        "declined" | "expired" => Some(ReviewStatus::Declined),
        _ => None,
    }
}

/// Returns the numbers of awards that are free text, without those that the server's list has too.
fn free_awards(funding: &Json) -> Vec<String> {
    let known: Vec<&str> = items(funding)
        .filter_map(|item| item["award"]["id"].as_str()?.rsplit("::").next())
        .collect();
    let awards = items(funding).map(|item| &item["award"]).filter(|award| award["id"].is_null());
    let numbers = awards.filter_map(|award| award["number"].as_str());
    numbers.filter(|number| !known.contains(number)).map(str::to_owned).collect()
}

/// Returns a digest of a record's metadata and access.
fn fingerprint(json: &Json) -> Sha256 {
    let mut text = String::new();
    // Without the files: they are compared by their checksums, and may be hidden from the reader who
    // compares the digest.
    let access = &json["access"];
    for part in [&json["metadata"], &json["custom_fields"], &access["record"], &access["files"]] {
        write_sorted(part, &mut text);
        text.push('\n');
    }
    Sha256(Hasher::digest(text.as_bytes()).into())
}

/// Writes JSON with the keys of objects sorted: the server writes them in any order.
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
