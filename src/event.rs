//! What an apply reports while it runs, as pure data; `render` makes lines of it.

use crate::model::{Community, Doi, FileKey, RecordId};
use crate::plan::Step;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A step begins.
    StepStarted {
        /// Which.
        step: Step,
        /// How many there are.
        of: usize,
    },
    /// A draft was opened or is gone on with.
    DraftOpen {
        /// Its id; for an edit: the record's.
        draft: RecordId,
    },
    /// Bytes of a file went out since the last report.
    Sent {
        /// Which file.
        key: FileKey,
        /// How many.
        bytes: u64,
    },
    /// A file is there, with the right MD5.
    FileDone {
        /// Which file.
        key: FileKey,
    },
    /// An answer was lost or a server was busy, and zrel looks before it goes on.
    Looking {
        /// What was being done.
        doing: String,
    },
    /// The record is published.
    Published {
        /// Its id.
        record: RecordId,
        /// Its DOI.
        doi: Doi,
    },
    /// A community was asked.
    CommunityAsked {
        /// Which.
        community: Community,
        /// Whether it took the record at once.
        joined: bool,
    },
    /// Something that a person should know, and that stops nothing.
    Remark(String),
}
