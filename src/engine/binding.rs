//! Which record a manifest stands for: what it says itself goes before the lock.

use crate::lock::Lock;
use crate::model::{Binding, ConceptId, ConceptSource, Server};

use super::identity::ProjectPaths;

/// Binds a manifest to the record that it names, or else to the one that the lock has.
pub(super) fn bind(
    paths: &ProjectPaths,
    server: &Server,
    lock: &Lock,
    in_manifest: Option<ConceptId>,
) -> Binding {
    let entry = lock.entry(server);
    let in_lock = entry.and_then(|entry| entry.concept);
    let concept = match (in_manifest, in_lock) {
        (Some(manifest), Some(lock)) if manifest == lock => Some((manifest, ConceptSource::Both)),
        (Some(manifest), _) => Some((manifest, ConceptSource::Manifest)),
        (None, Some(lock)) => Some((lock, ConceptSource::Lock)),
        (None, None) => None,
    };
    // What was applied to another record says nothing of this one.
    let is_other = in_manifest.is_some() && in_lock.is_some() && in_manifest != in_lock;
    Binding {
        concept,
        concept_in_lock: in_lock.filter(|_| is_other),
        record: entry.filter(|_| !is_other).map(|entry| entry.record.clone()),
        manifest: paths.shown(&paths.name),
        others: paths.others(lock.others(server)),
    }
}
