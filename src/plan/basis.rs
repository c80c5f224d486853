//! What a plan is based on: the published version, if there is one.

use crate::model::{Binding, Field, Metadata, RemoteFile};
use crate::observed::{Observed, Presence, Record};

use super::Basis;

/// Returns the facts of the basis for showing and for the digest.
pub(super) fn basis(observed: &Observed, binding: &Binding) -> Basis {
    let last_applied = binding.record.as_ref().and_then(|record| record.last);
    let concept = binding.concept.map(|(concept, _)| concept);
    match published(observed) {
        Some(record) => Basis {
            concept: Some(record.concept),
            concept_doi: record.concept_doi.clone(),
            version: Some(record.id),
            doi: Some(record.doi.clone()),
            label: record.metadata.text(Field::Version).map(str::to_owned),
            title: record.metadata.text(Field::Title).map(str::to_owned),
            revision: record.revision,
            last_applied,
        },
        None => Basis {
            concept: observed.draft.as_ref().map(|draft| draft.concept).or(concept),
            last_applied,
            ..Basis::default()
        },
    }
}

/// Returns the latest published version, if there is one to be seen.
pub(super) fn published(observed: &Observed) -> Option<&Record> {
    match &observed.record {
        Presence::Published(record) => Some(record),
        Presence::Unbound
        | Presence::Unpublished
        | Presence::Gone { .. }
        | Presence::NotOurs { .. } => None,
    }
}

/// Returns metadata and files of the latest published version; empty without one.
pub(super) fn contents(observed: &Observed) -> (Metadata, &[RemoteFile]) {
    match published(observed) {
        Some(record) => (record.metadata.clone(), &record.files),
        None => (Metadata::default(), &[]),
    }
}
