//! A record as the records API shows it (`application/vnd.inveniordm.v1+json`): whether it is the
//! latest, and what the deposit API can't express.

use std::io::Write as _;

use serde_json::{Map, Value as Json};

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
    let mut text = SortedText::default();
    // Without the files: they are compared by their checksums, and may be hidden from the reader who
    // compares the digest.
    let access = &json["access"];
    for part in [&json["metadata"], &json["custom_fields"], &access["record"], &access["files"]] {
        text.write(part);
        text.part.push(b'\n');
    }
    text.pass_on();
    Sha256(text.hasher.finalize().into())
}

/// How much of a text is kept before it is hashed, about. Bytes.
const PART: usize = 64 * 1024;

/// JSON with the keys of objects sorted, hashed part by part: the server writes keys in any order,
/// and a record may have thousands of people.
#[derive(Default)]
struct SortedText {
    hasher: Hasher,
    /// What is not hashed yet.
    part: Vec<u8>,
}

impl SortedText {
    fn write(&mut self, json: &Json) {
        match json {
            Json::Object(object) => self.write_object(object),
            Json::Array(items) => {
                self.part.push(b'[');
                for item in items {
                    self.write(item);
                    self.part.push(b',');
                    if self.part.len() > PART {
                        self.pass_on();
                    }
                }
                self.part.push(b']');
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
                // Nothing keeps bytes from being added to a list.
                let _ = serde_json::to_writer(&mut self.part, json);
            }
        }
    }

    fn write_object(&mut self, object: &Map<String, Json>) {
        let mut sorted: Vec<(&String, &Json)> = object.iter().collect();
        sorted.sort_unstable_by_key(|(key, _)| *key);
        self.part.push(b'{');
        for (key, value) in sorted {
            self.write_key(key);
            self.write(value);
            self.part.push(b',');
        }
        self.part.push(b'}');
    }

    fn write_key(&mut self, key: &str) {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        // Nearly all are such, and need no look at each character.
        if key.bytes().all(is_plain) {
            for part in ["\"", key, "\":"] {
                self.part.extend_from_slice(part.as_bytes());
            }
        } else {
            let _ = write!(self.part, "{key:?}:");
        }
    }

    fn pass_on(&mut self) {
        self.hasher.update(&self.part);
        self.part.clear();
    }
}
