//! What lock and manifest know of a record, without reading a file of it.

use std::collections::BTreeMap;

use crate::desired::{Desired, DesiredVersion};
use crate::engine::error::EngineError;
use crate::engine::project::{PlanInputs, Project};
use crate::engine::receipt::Receipts;
use crate::model::{Binding, BoundRecord, ConceptId, FileKey, Md5, RecordId, Sha256};

/// What lock and manifest know of the record that the manifest is bound to.
#[derive(Debug)]
pub struct KnownRecord {
    /// Its concept.
    pub concept: ConceptId,
    /// What the lock has of it; empty for a manifest that only names its concept.
    pub record: BoundRecord,
    /// The version last applied; also one that only the journal of an unfinished apply has.
    pub last: Option<RecordId>,
    /// The receipts of its releases.
    receipts: Receipts,
    /// What the manifest asks for, or why that can't be said.
    described: Result<Box<Described>, String>,
}

/// What a manifest asks for.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) desired: Desired,
    pub(super) binding: Binding,
}

impl Project {
    /// Returns what is known of the record that the manifest is bound to; none for a manifest
    /// that is bound to none.
    ///
    /// # Errors
    /// An [`EngineError`] when lock or journal can't be trusted.
    pub fn known_record(&self) -> Result<Option<KnownRecord>, EngineError> {
        let location = self.record_location()?;
        let Some(concept) = location.concept else { return Ok(None) };
        let in_manifest = self.manifest.record.concept.get(&self.server.name);
        let binding = self.binding(&self.lock()?, in_manifest.map(|concept| concept.value));
        // A manifest that can't be used now says nothing against a version that is published.
        let described = self.texts().and_then(|texts| self.gather(texts));
        Ok(Some(KnownRecord {
            concept,
            record: binding.record.unwrap_or_default(),
            last: location.last,
            receipts: Receipts::of(&self.paths.root, &self.server),
            described: match described {
                Ok(PlanInputs { desired, binding, .. }) => {
                    Ok(Box::new(Described { desired, binding }))
                }
                Err(error) => Err(error.to_string()),
            },
        }))
    }
}

impl KnownRecord {
    /// Returns what the manifest asks for, if it describes this version.
    ///
    /// # Errors
    /// Why it does not.
    pub(super) fn describe(&self, id: RecordId) -> Result<&Described, String> {
        let described = self.described.as_ref().map_err(Clone::clone)?;
        let Some(label) = self.record.versions.get(&id).filter(|_| self.record.last == Some(id))
        else {
            return Err("the manifest describes another version".to_owned());
        };
        let wanted = match &described.desired.version {
            DesiredVersion::None => "",
            DesiredVersion::Label(label) | DesiredVersion::Tag(label) => label,
            DesiredVersion::KnownAtTag => {
                return Err("the manifest describes the version of the next git tag".to_owned());
            }
        };
        if wanted == label {
            Ok(described)
        } else {
            Err(format!("the manifest describes version {wanted} now"))
        }
    }

    /// Returns MD5 and SHA-256 of the files of a version, as far as its receipt has both.
    pub fn read_digests(&self, id: RecordId) -> BTreeMap<FileKey, (Md5, Sha256)> {
        self.receipts.read_digests(id)
    }

    /// Returns whether the manifest leaves a file as it is on the server: the lock does not have
    /// such a file. Without a manifest that can be used, any file may be one.
    pub(super) fn keeps(&self, key: &FileKey) -> bool {
        let Ok(described) = &self.described else { return true };
        described.desired.keep.iter().any(|keep| !keep.of([key]).is_empty())
    }
}
