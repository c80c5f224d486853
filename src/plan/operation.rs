//! What kind of change a plan makes.

use crate::model::RecordId;

/// What kind of change a plan makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The server is as the manifest says.
    Nothing,
    /// A new record: new concept, new DOI.
    NewRecord {
        /// The draft to continue; none: one is created.
        draft: Option<RecordId>,
    },
    /// A new version: new DOI, same concept.
    NewVersion {
        /// The latest version.
        from: RecordId,
        /// The draft to continue; none: one is opened.
        draft: Option<RecordId>,
    },
    /// New metadata of the latest version: same DOI.
    Edit {
        /// The latest version.
        record: RecordId,
        /// Whether the edit is open already.
        resumed: bool,
    },
    /// Only communities are asked.
    Communities {
        /// The latest version.
        record: RecordId,
    },
    /// Only who has access to the record beside its owner changes.
    Access {
        /// The latest version.
        record: RecordId,
    },
    /// Nothing can be planned from what is on the server; the blockers say why.
    Impossible,
}

impl Operation {
    /// Returns whether it may revert what is published. To ask a community reverts nothing.
    pub fn writes_over(self) -> bool {
        match self {
            Operation::NewRecord { .. } | Operation::NewVersion { .. } | Operation::Edit { .. } => {
                true
            }
            Operation::Nothing
            | Operation::Communities { .. }
            | Operation::Access { .. }
            | Operation::Impossible => false,
        }
    }

    /// Returns whether it makes a version, with a DOI of its own.
    pub fn makes_version(self) -> bool {
        match self {
            Operation::NewRecord { .. } | Operation::NewVersion { .. } => true,
            Operation::Nothing
            | Operation::Edit { .. }
            | Operation::Communities { .. }
            | Operation::Access { .. }
            | Operation::Impossible => false,
        }
    }

    /// Returns whether it leaves the record's versions as they are. Where nothing can be planned, why
    /// depends on what was applied last.
    pub fn is_idle(self) -> bool {
        !self.writes_over() && self != Operation::Impossible
    }

    /// Returns whether it changes nothing of the record itself, only what surrounds it: its
    /// communities, and who has access.
    pub fn is_of_surroundings(self) -> bool {
        matches!(self, Operation::Communities { .. } | Operation::Access { .. })
    }

    /// Returns the draft, or the record of the edit, that it continues if that is open.
    pub fn draft(self) -> Option<RecordId> {
        match self {
            Operation::NewRecord { draft } | Operation::NewVersion { draft, .. } => draft,
            Operation::Edit { record, .. } => Some(record),
            Operation::Nothing
            | Operation::Communities { .. }
            | Operation::Access { .. }
            | Operation::Impossible => None,
        }
    }

    /// Returns whether it continues a draft or an edit that is open.
    pub fn continues(self) -> bool {
        match self {
            Operation::NewRecord { draft } | Operation::NewVersion { draft, .. } => draft.is_some(),
            Operation::Edit { resumed, .. } => resumed,
            Operation::Nothing
            | Operation::Communities { .. }
            | Operation::Access { .. }
            | Operation::Impossible => false,
        }
    }
}
