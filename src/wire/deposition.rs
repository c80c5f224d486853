//! A deposition as the deposit API returns it.

use serde_json::Value as Json;

use crate::model::{Community, ConceptId, Doi, FileKey, Md5, RecordId, RemoteFile};
use crate::observed::{Deposition, Draft, DraftKind, Record};

use super::metadata_from_json;

/// Reads a deposition; none when it lacks what every deposition has.
///
/// `revision` is that of the answer's `ETag`.
///
/// Source: contract/scenarios/{first-publication,new-version,edit-published}.json, 2026-11-23.
pub fn deposition(json: &Json, revision: Option<u64>) -> Option<Deposition> {
    let id = id_of(json.get("id")?)?;
    let concept = ConceptId(id_of(json.get("conceptrecid")?)?);
    let is_submitted = json.get("submitted")?.as_bool()?;
    let state = json.get("state")?.as_str()?;
    let metadata = json.get("metadata").map(metadata_from_json).unwrap_or_default();
    let files = files(json.get("files").unwrap_or(&Json::Null));
    let link = |name: &str| json["links"][name].as_str().unwrap_or_default().to_owned();
    if is_submitted && state == "done" {
        let concept_doi = doi(json.get("conceptdoi"));
        return Some(Deposition::Published(Box::new(Record {
            id: RecordId(id),
            concept,
            doi: doi(json.get("doi"))?,
            has_external_doi: concept_doi.is_none(),
            concept_doi,
            metadata,
            files,
            revision,
            index: 0,
            has_newer_draft: false,
            html: link("html"),
            lossy: Vec::new(),
            fingerprint: None,
        })));
    }
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
        under_review: false,
        lossy: Vec::new(),
        communities: communities(&json["metadata"]["communities"]),
        html: link("html"),
    })))
}

/// Ids come as numbers and as texts.
pub(super) fn id_of(json: &Json) -> Option<u64> {
    json.as_u64().or_else(|| json.as_str()?.parse().ok())
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
fn files(json: &Json) -> Vec<RemoteFile> {
    let items = json.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut files: Vec<RemoteFile> = items.iter().filter_map(file).collect();
    files.sort_by(|a, b| a.key.cmp(&b.key));
    files
}

/// Sizes come as integers or, from the list of files, as floats.
fn file(json: &Json) -> Option<RemoteFile> {
    let size = &json["filesize"];
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a file's size is a whole number far below what a float holds exactly"
    )]
    let size = size.as_u64().or_else(|| size.as_f64().map(|size| size as u64))?;
    let checksum = json["checksum"].as_str().unwrap_or_default();
    Some(RemoteFile {
        key: FileKey::from_server(json["filename"].as_str()?),
        id: json["id"].as_str().map(str::to_owned),
        size,
        md5: Md5::parse(checksum.strip_prefix("md5:").unwrap_or(checksum)).ok(),
    })
}
