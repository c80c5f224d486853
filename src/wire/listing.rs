//! Listings: your own records and drafts, the files of a draft, the versions of a record, its
//! inclusion requests.

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::model::{ConceptId, FileKey, Recid, RecordId, RemoteFile};
use crate::observed::{
    Candidate, CommunityState, CommunityStatus, DraftFile, FullRecord, HistoryEntry,
};

use super::deposition::doi;
use super::full_record::{full_record, read_files};
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
            id: RecordId(Recid::from_json(json.get("id")?)?),
            concept: ConceptId(Recid::from_json(json["parent"].get("id")?)?),
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

/// Reads a page of your own records and drafts with all that it shows of the published ones, and how
/// many entries all pages have; `None` when it is not a list. An entry that is a draft, or that lacks
/// what every record has, is left out: whoever needs it reads it alone.
///
/// Source: contract/scenarios/find-open-draft.json, 2026-11-23.
pub fn own_records(json: &Json) -> Option<(Vec<FullRecord>, u64)> {
    let total = json["hits"]["total"].as_u64()?;
    let entries = json["hits"]["hits"].as_array()?.iter();
    let published = entries.filter(|entry| {
        entry["is_published"].as_bool() == Some(true) && entry["is_draft"].as_bool() == Some(false)
    });
    Some((published.filter_map(full_record).collect(), total))
}

/// Reads whose the first record of a listing is: the id of a user, a number in a text; `None` where
/// there is no record, or the server does not say.
///
/// Source: contract/scenarios/native-access.json, 2026-11-28.
pub fn owner_of_first(json: &Json) -> Option<String> {
    let owner = &json["hits"]["hits"][0]["parent"]["access"]["owned_by"]["user"];
    owner.as_str().map(str::to_owned).or_else(|| owner.as_u64().map(|id| id.to_string()))
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

/// Reads the files that a draft took over from the version before, sorted by key; `None` when one
/// can't be read.
///
/// Source: contract/scenarios/native-versions.json, 2026-11-28.
pub fn imported_files(json: &Json) -> Option<Vec<RemoteFile>> {
    let entry = |json: &Json| {
        Some(RemoteFile {
            key: FileKey::from_server(json["key"].as_str()?),
            id: None,
            size: json["size"].as_u64()?,
            md5: Some(read_checksum(json)?),
        })
    };
    let files = json["entries"].as_array()?.iter().map(entry).collect::<Option<Vec<_>>>();
    let mut files = files.filter(|files| !files.is_empty())?;
    files.sort_by(|one, other| one.key.cmp(&other.key));
    Some(files)
}

/// Reads the versions of a record (`application/vnd.inveniordm.v1+json`), in the server's order.
///
/// A version's `created` is when it was published: only then the server makes the record, with the
/// id of the draft.
///
/// Source: contract/scenarios/native-versions.json, 2026-11-28; for the time
/// `create_or_update_from` in `invenio_drafts_resources/records/api.py` of
/// inveniosoftware/invenio-drafts-resources, commit 14df555, read 2026-11-29.
pub fn versions(json: &Json) -> Option<Vec<HistoryEntry>> {
    let entry = |json: &Json| {
        Some(HistoryEntry {
            id: RecordId(Recid::from_json(json.get("id")?)?),
            index: json["versions"]["index"].as_u64().unwrap_or_default(),
            label: json["metadata"]["version"].as_str().map(str::to_owned),
            doi: doi(json["pids"]["doi"].get("identifier")),
            published: json["created"].as_str().and_then(|time| time.parse().ok()),
            date: json["metadata"]["publication_date"].as_str().map(str::to_owned),
            files: read_all_files(&json["files"]),
        })
    };
    json["hits"]["hits"].as_array()?.iter().map(entry).collect()
}

/// Reads the files of a version; `None` when they are hidden, or one can't be read.
fn read_all_files(json: &Json) -> Option<Vec<RemoteFile>> {
    let mut unread = Vec::new();
    let files = read_files(json, &mut unread)?;
    // A file that was left out would look like one that was removed.
    unread.is_empty().then_some(files)
}

/// Reads the inclusion requests of a record: the community's uuid and what it says, newest last.
///
/// Source: contract/scenarios/communities-by-request.json, 2026-11-23.
pub fn requests(json: &Json) -> Option<Vec<(String, CommunityState)>> {
    let entry = |json: &Json| {
        let community = json["receiver"]["community"].as_str()?.to_owned();
        let status = match json["status"].as_str()? {
            "accepted" => CommunityStatus::Joined,
            "declined" => CommunityStatus::Declined,
            "cancelled" | "expired" => CommunityStatus::Withdrawn,
            // Also for a status that is new: a second request must not follow.
            _ => CommunityStatus::Pending,
        };
        let created = json["created"].as_str().unwrap_or_default();
        let state = CommunityState { status, since: read_time(created) };
        Some((created.to_owned(), (community, state)))
    };
    let mut all: Vec<_> = json["hits"]["hits"].as_array()?.iter().filter_map(entry).collect();
    all.sort();
    Some(all.into_iter().map(|(_, request)| request).collect())
}

/// Reads the request to review a draft: the community's uuid, and when the request last changed.
///
/// Source: contract/scenarios/native-community-review.json, 2026-11-28.
pub fn review(json: &Json) -> Option<(String, Option<Timestamp>)> {
    let community = json["receiver"]["community"].as_str()?.to_owned();
    Some((community, json["updated"].as_str().and_then(read_time)))
}

/// Reads a time by the server's clock.
fn read_time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    use crate::model::Md5;

    /// Reads one version with these files.
    fn read_version(files: &Json) -> HistoryEntry {
        let hit = json!({
            "id": "7",
            "created": "2026-11-29T08:31:05.250000+00:00",
            "metadata": {"publication_date": "2026-11-28"},
            "files": files,
        });
        let mut read = versions(&json!({"hits": {"hits": [hit]}})).unwrap();
        read.pop().unwrap()
    }

    #[test]
    fn a_version_has_its_time_and_its_files() {
        let files = json!({"enabled": true, "entries": {
            "b": {"key": "b", "size": 2, "checksum": "md5:7eb3cb80cf5ef2feae659f02fb4b9f6d"},
            "a": {"key": "a", "size": 1, "checksum": "sha256:00"},
        }});
        let read = read_version(&files);
        assert_eq!(read.published.unwrap().to_string(), "2026-11-29T08:31:05.25Z");
        assert_eq!(read.date.as_deref(), Some("2026-11-28"));
        let file = |key: &str, size, md5| RemoteFile {
            key: FileKey::from_server(key),
            id: None,
            size,
            md5,
        };
        let md5 = Md5::parse("7eb3cb80cf5ef2feae659f02fb4b9f6d").ok();
        assert_eq!(read.files, Some(vec![file("a", 1, None), file("b", 2, md5)]));
    }

    #[test]
    fn hidden_files_are_not_none_and_a_list_with_a_gap_is_no_list() {
        assert_eq!(read_version(&json!({"enabled": true})).files, None);
        assert_eq!(read_version(&json!({"enabled": false})).files, Some(Vec::new()));
        let gap = json!({"enabled": true, "entries": {"a": {"size": 1}, "b": {"size": "2"}}});
        assert_eq!(read_version(&gap).files, None);
    }
}
