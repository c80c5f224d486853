//! Which records the members of a workspace are bound to.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::model::ConceptId;

/// The records of a workspace's members, read once for a plan of all of them.
#[derive(Debug, Clone, Default)]
pub struct MemberRecords(Arc<OnceLock<Vec<MemberRecord>>>);

/// The record of a member.
#[derive(Debug)]
pub(super) struct MemberRecord {
    /// The path of its manifest, canonical.
    pub(super) manifest: PathBuf,
    /// Its manifest, as a person names it.
    pub(super) name: String,
    /// The address of its server.
    pub(super) server: String,
    /// Its concept there.
    pub(super) concept: ConceptId,
}

impl MemberRecords {
    /// Returns the records; the first call reads them.
    pub(super) fn get_or_read(&self, read: impl FnOnce() -> Vec<MemberRecord>) -> &[MemberRecord] {
        self.0.get_or_init(read)
    }
}
