//! What an apply reports while it runs, as pure data; `render` makes lines from it.

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
    /// A draft was opened, or is continued.
    DraftOpen {
        /// Its id; for an edit: the record's.
        draft: RecordId,
    },
    /// A file begins to be sent; also when it is sent again.
    FileStarted {
        /// Which file.
        key: FileKey,
        /// Bytes.
        size: u64,
    },
    /// Bytes of a file were sent since the last report.
    Sent {
        /// Which file.
        key: FileKey,
        /// How many.
        bytes: u64,
    },
    /// A file has arrived, with the right MD5.
    FileDone {
        /// Which file.
        key: FileKey,
    },
    /// An answer was lost or a server was busy, and zrel reads the server before it continues.
    Looking {
        /// What was being done.
        doing: String,
    },
    /// The record is published.
    Published {
        /// Its id.
        record: RecordId,
        /// Its DOI, if it has one.
        doi: Option<Doi>,
    },
    /// A community was asked.
    CommunityAsked {
        /// Which.
        community: Community,
        /// Whether it accepted the record at once.
        joined: bool,
    },
    /// The record left a community.
    CommunityLeft {
        /// Which.
        community: Community,
    },
    /// The draft was submitted to a community for review.
    ReviewSubmitted {
        /// The draft.
        draft: RecordId,
        /// The community.
        community: Community,
    },
    /// Something that a person should know, which does not stop the apply.
    Remark(String),
}
