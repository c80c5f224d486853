//! Listings: your own records and drafts, the files of a draft, the versions of a record, its
//! inclusion requests.

use serde_json::Value as Json;

use crate::model::{ConceptId, FileKey, RecordId};
use crate::observed::{Candidate, CommunityStatus, DraftFile, HistoryEntry};

use super::deposition::{doi, id_of};
use super::parts::read_checksum;

/// Reads a page of your own records and drafts (`application/vnd.inveniordm.v1+json`); `None` when
/// it is not a list, or an entry lacks what every record has.
///
/// Source: contract/scenarios/find-open-draft.json, 2026-11-23.
pub fn candidates(json: &Json) -> Option<Vec<Candidate>> {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let entry = |json: &Json| {
        let is_published = json["is_published"].as_bool()?;
        let identifier = json["pids"]["doi"].get("identifier");
        Some(Candidate {
            id: RecordId(id_of(json.get("id")?)?),
            concept: ConceptId(id_of(json["parent"].get("id")?)?),
            title: text(&json["metadata"]["title"]),
            description: text(&json["metadata"]["description"]),
            // A draft may hold a DOI that is only reserved.
            doi: doi(identifier).filter(|_| is_published),
            is_published,
            created: text(&json["created"]).chars().take(10).collect(),
        })
    };
    // All or nothing: a skipped entry could be the record that must not be created twice.
    json["hits"]["total"].as_u64()?;
    json["hits"]["hits"].as_array()?.iter().map(entry).collect()
}

/// Reads the files of a draft; `None` when it is not such a list, or an entry is not a file.
///
/// Source: contract/scenarios/native-files.json, 2026-11-28.
pub fn draft_files(json: &Json) -> Option<Vec<DraftFile>> {
    let entry = |json: &Json| {
        let is_committed = json["status"].as_str()? == "completed";
        Some(DraftFile {
            key: FileKey::from_server(json["key"].as_str()?),
            is_committed,
            md5: read_checksum(json).filter(|_| is_committed),
        })
    };
    // All or nothing: a skipped entry could be the file that blocks publishing.
    json["entries"].as_array()?.iter().map(entry).collect()
}

/// Reads the versions of a record (`application/vnd.inveniordm.v1+json`), in the server's order.
pub fn versions(json: &Json) -> Option<Vec<HistoryEntry>> {
    let entry = |json: &Json| {
        let files = &json["files"];
        let entries = files["entries"].as_object();
        let sizes = entries.map(|entries| entries.values().filter_map(|f| f["size"].as_u64()));
        Some(HistoryEntry {
            id: RecordId(id_of(json.get("id")?)?),
            index: json["versions"]["index"].as_u64().unwrap_or_default(),
            label: json["metadata"]["version"].as_str().map(str::to_owned),
            doi: doi(json["pids"]["doi"].get("identifier")),
            date: json["metadata"]["publication_date"].as_str().map(str::to_owned),
            n_files: entries.map(|entries| entries.len() as u64),
            // Sizes from a server may be so large that their sum overflows.
            size_bytes: sizes.map(|sizes| sizes.fold(0, u64::saturating_add)),
        })
    };
    json["hits"]["hits"].as_array()?.iter().map(entry).collect()
}

/// Reads the inclusion requests of a record: the community's uuid and the status, newest last.
///
/// Source: contract/scenarios/communities-by-request.json, 2026-11-23.
pub fn requests(json: &Json) -> Option<Vec<(String, CommunityStatus)>> {
    let entry = |json: &Json| {
        let community = json["receiver"]["community"].as_str()?.to_owned();
        let status = match json["status"].as_str()? {
            "accepted" => CommunityStatus::Joined,
            "declined" => CommunityStatus::Declined,
            "cancelled" | "expired" => CommunityStatus::Withdrawn,
            // Also for a status that is new: a second request must not follow.
            _ => CommunityStatus::Pending,
        };
        Some((json["created"].as_str().unwrap_or_default().to_owned(), (community, status)))
    };
    let mut all: Vec<_> = json["hits"]["hits"].as_array()?.iter().filter_map(entry).collect();
    all.sort();
    Some(all.into_iter().map(|(_, request)| request).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_sizes_does_not_overflow() {
        let files = serde_json::json!({"a": {"size": u64::MAX}, "b": {"size": 1}});
        let hit = serde_json::json!({"id": 1, "files": {"entries": files}});
        let read = versions(&serde_json::json!({"hits": {"hits": [hit]}})).unwrap();
        assert_eq!(read[0].size_bytes, Some(u64::MAX));
    }
}
