//! Faults that are put into an apply on purpose, so that the fault matrix proves that it detects
//! them.
//!
//! Compiled away in a release: [`SeededFault::is_in`] is false there, whatever a caller asks for.

/// A fault that is put in on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeededFault {
    /// A publish whose answer is lost is repeated without a look.
    BlindPublish,
    /// The draft is published without being read back.
    NoReadBack,
    /// A newversion whose answer is lost is repeated without a look.
    SecondNewVersion,
    /// The journal never gets its first entry.
    LostJournalEntry,
    /// An answer is accepted, whatever it is about.
    UnlookedAnswer,
}

impl SeededFault {
    /// Returns whether this fault is the one that was put in.
    pub(super) fn is_in(self, seeded_fault: Option<SeededFault>) -> bool {
        cfg!(debug_assertions) && seeded_fault == Some(self)
    }
}
