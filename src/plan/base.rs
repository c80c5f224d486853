//! What a plan is based on: the published version, if there is one.

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256 as Hasher};

use crate::metadata_json::ValueJson;
use crate::model::{Binding, Field, Metadata, RecordId, RemoteFile, Sha256};
use crate::observed::{Observed, Record, RecordState};

use super::{Base, DraftRevision};

/// Returns the facts of the basis, for the screen and for the digest.
pub(super) fn build_basis(observed: &Observed, binding: &Binding) -> Base {
    let last_applied = binding.record.as_ref().and_then(|record| record.last);
    let concept = binding.concept.map(|(concept, _)| concept);
    let draft = observed.draft.as_ref();
    let draft = draft.map(|draft| DraftRevision { id: draft.id, revision: draft.revision });
    match find_published(observed) {
        // Of a version that is not there yet, no number and no DOI is known.
        Some(record) if record.id == RecordId::EXPECTED => Base {
            version: Some(record.id),
            label: record.metadata.text(Field::Version).map(str::to_owned),
            title: record.metadata.text(Field::Title).map(str::to_owned),
            ..Base::default()
        },
        Some(record) => Base {
            concept: Some(record.concept),
            concept_doi: record.concept_doi.clone(),
            version: Some(record.id),
            doi: record.doi.clone(),
            label: record.metadata.text(Field::Version).map(str::to_owned),
            title: record.metadata.text(Field::Title).map(str::to_owned),
            revision: record.revision,
            contents: Some(compute_contents_digest(&record.metadata, &record.files)),
            fingerprint: record.fingerprint,
            draft,
            last_applied,
        },
        // The draft is what the server says; the binding is only a hint.
        None => Base {
            concept: observed.draft.as_ref().map(|draft| draft.concept).or(concept),
            draft,
            last_applied,
            ..Base::default()
        },
    }
}

/// The metadata that a new version carries over.
struct Carried<'a>(Vec<(Field, ValueJson<'a>)>);

impl Serialize for Carried<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(field, value)| (field.name(), value)))
    }
}

/// Returns a digest of what a new version carries over: files, and metadata without the label,
/// the date and the DOI (contract/scenarios/new-version.json, 2026-11-23).
pub fn compute_contents_digest(metadata: &Metadata, files: &[RemoteFile]) -> Sha256 {
    // A new version opens with another DOI, the date of the day and no label.
    let is_carried =
        |field: Field| !matches!(field, Field::Version | Field::PublicationDate | Field::Doi);
    let carried = metadata.iter().filter(|(field, _)| is_carried(*field));
    let carried = Carried(carried.map(|(field, value)| (field, ValueJson(value))).collect());
    // A value of JSON can always be written.
    let carried = serde_json::to_string(&carried).unwrap_or_default();
    let mut files: Vec<String> = files
        .iter()
        .map(|file| format!("{:?} {} {:?}", file.key.as_str(), file.size, file.md5))
        .collect();
    // The server lists files in no fixed order.
    files.sort();
    let covered = format!("{carried}\n{}", files.join("\n"));
    Sha256(Hasher::digest(covered.as_bytes()).into())
}

/// Returns the latest published version, if it is visible.
pub(super) fn find_published(observed: &Observed) -> Option<&Record> {
    match &observed.record {
        RecordState::Published(record) => Some(record),
        RecordState::Unbound
        | RecordState::Unpublished
        | RecordState::Gone { .. }
        | RecordState::NotPublic { .. }
        | RecordState::NotOurs { .. } => None,
    }
}

/// Returns metadata and files of the latest published version; empty without one.
pub(super) fn find_contents(observed: &Observed) -> (Metadata, &[RemoteFile]) {
    match find_published(observed) {
        Some(record) => (record.metadata.clone(), &record.files),
        None => (Metadata::default(), &[]),
    }
}
