//! A deposition as the deposit API returns it.

use serde_json::Value as Json;

use crate::model::{Community, ConceptId, Doi, FileKey, Recid, RecordId, RemoteFile};
use crate::observed::{Deposition, Draft, DraftKind, Record, Unread};

use super::metadata::{make_unread, read_metadata};
use super::parts::read_checksum;

/// Reads a deposition; `None` when it lacks what every deposition has. Entries that can't be read
/// are reported with it.
///
/// `revision` is that of the answer's `ETag`.
///
/// Source: contract/scenarios/{first-publication,new-version,edit-published}.json, 2026-11-23.
pub fn deposition(json: &Json, revision: Option<u64>) -> Option<Deposition> {
    let id = Recid::from_json(json.get("id")?)?;
    let concept = ConceptId(Recid::from_json(json.get("conceptrecid")?)?);
    let is_submitted = json.get("submitted")?.as_bool()?;
    let state = json.get("state")?.as_str()?;
    let (metadata, mut unread) = json.get("metadata").map(read_metadata).unwrap_or_default();
    let files = files(json.get("files").unwrap_or(&Json::Null), &mut unread);
    let link = |name: &str| json["links"][name].as_str().unwrap_or_default().to_owned();
    // `submitted` alone is also true while a published record is being edited.
    if is_submitted && state == "done" {
        let concept_doi = doi(json.get("conceptdoi"));
        return Some(Deposition::Published(Box::new(Record {
            id: RecordId(id),
            concept,
            doi: Some(doi(json.get("doi"))?),
            // Zenodo mints a concept DOI with each of its own DOIs.
            has_external_doi: concept_doi.is_none(),
            concept_doi,
            metadata,
            files,
            revision,
            index: 0,
            has_newer_draft: false,
            html: link("html"),
            unsupported: Vec::new(),
            fingerprint: None,
            unread,
        })));
    }
    // A draft has a concept DOI only when a version of the concept is published.
    let kind = match (is_submitted, json.get("conceptdoi")) {
        (true, _) => DraftKind::Edit,
        (false, Some(_)) => DraftKind::NewVersion,
        (false, None) => DraftKind::NewRecord,
    };
    Some(Deposition::Open(Box::new(Draft {
        id: RecordId(id),
        concept,
        kind,
        doi: doi(json.get("doi")),
        concept_doi: doi(json.get("conceptdoi")),
        metadata,
        files,
        bucket: link("bucket"),
        revision,
        pending: Vec::new(),
        has_empty_doi: false,
        has_external_doi: false,
        review: None,
        unsupported: Vec::new(),
        has_free_awards: false,
        communities: communities(&json["metadata"]["communities"]),
        html: link("html"),
        unread,
    })))
}

pub(super) fn doi(json: Option<&Json>) -> Option<Doi> {
    Doi::parse(json?.as_str()?).ok()
}

fn communities(json: &Json) -> Vec<Community> {
    let slug = |item: &Json| {
        item["identifier"].as_str().or(item["id"].as_str()).map(|slug| Community(slug.to_owned()))
    };
    json.as_array().map(|items| items.iter().filter_map(slug).collect()).unwrap_or_default()
}

/// Reads files, sorted by key: the server keeps no order.
fn files(json: &Json, unreadable: &mut Vec<Unread>) -> Vec<RemoteFile> {
    let Some(items) = json.as_array() else {
        // Without a list the draft would seem empty, and the plan would send all files again.
        if !json.is_null() {
            unreadable.push(make_unread("files".to_owned(), json));
        }
        return Vec::new();
    };
    let mut files = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match file(item) {
            Some(file) => files.push(file),
            None => unreadable.push(make_unread(format!("files[{at}]"), item)),
        }
    }
    files.sort_by(|a, b| a.key.cmp(&b.key));
    files
}

/// Reads a file; `None` when it has no name or no size.
fn file(json: &Json) -> Option<RemoteFile> {
    // Sizes are integers or, in the list of files, floats.
    let size = &json["filesize"];
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a file's size is a whole number far below what a float holds exactly"
    )]
    let size = size.as_u64().or_else(|| size.as_f64().map(|size| size as u64))?;
    Some(RemoteFile {
        key: FileKey::from_server(json["filename"].as_str()?),
        id: json["id"].as_str().map(str::to_owned),
        size,
        md5: read_checksum(json),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unreadable_entry_is_reported_with_its_place() {
        let told = |change: fn(&mut Json)| {
            let mut json = json!({
                "id": 2, "conceptrecid": "1", "submitted": false, "state": "unsubmitted",
                "metadata": {"title": "T", "creators": [{"name": "Weiss, Tobias"}], "notes": null},
                "files": [{"id": "f", "filename": "a.csv", "filesize": 3.0, "checksum": "x"}],
            });
            change(&mut json);
            let Some(Deposition::Open(draft)) = deposition(&json, None) else { panic!("{json}") };
            let told = draft.unread.iter().map(ToString::to_string).collect::<Vec<_>>();
            (draft.files.len(), told)
        };
        assert_eq!(told(|_| {}), (1, vec![]));
        let no_name = told(|json| json["files"][0] = json!({"id": "f", "filesize": 3}));
        let shown = r#"`files[0]` can't be read: `{"id":"f","filesize":3}`"#;
        assert_eq!(no_name, (0, vec![shown.to_owned()]));
        let no_size = told(|json| json["files"][0] = json!({"filename": "a.csv"}));
        assert_eq!(no_size.1.len(), 1);
        let no_list = told(|json| json["files"] = json!({"a.csv": {}}));
        assert_eq!(no_list, (0, vec![r#"`files` can't be read: `{"a.csv":{}}`"#.to_owned()]));
        let creator = told(|json| json["metadata"]["creators"] = json!([{}, "Nobody, Nina"]));
        assert_eq!(creator.1, [r#"`creators[1]` can't be read: `"Nobody, Nina"`"#]);
        let title = told(|json| json["metadata"]["title"] = json!({"en": "T"}));
        assert_eq!(title.1, [r#"`title` can't be read: `{"en":"T"}`"#]);
    }
}
