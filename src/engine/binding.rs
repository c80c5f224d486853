//! Which record a manifest describes: the manifest goes before the lock.

use crate::lock::Lock;
use crate::model::{Binding, ConceptId, ConceptSource, Server};

use super::identity::ProjectPaths;

/// Binds a manifest to the record that it names, or else to that of the lock.
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
        // A lock that says otherwise is reported as well, and blocks the plan until a person
        // confirms.
        (Some(manifest), _) => Some((manifest, ConceptSource::Manifest)),
        (None, Some(lock)) => Some((lock, ConceptSource::Lock)),
        (None, None) => None,
    };
    // What was applied to another record says nothing about this one.
    let is_other = in_manifest.is_some() && in_lock.is_some() && in_manifest != in_lock;
    Binding {
        concept,
        concept_in_lock: in_lock.filter(|_| is_other),
        record: entry.filter(|_| !is_other).map(|entry| entry.record.clone()),
        manifest: paths.shown(&paths.name),
        others: paths.others(lock.others(server)),
    }
}
