//! Faults that are put into an apply on purpose, so that the fault matrix proves that it detects
//! them.
//!
//! Compiled away in a release: [`SeededFault::is_in`] is false there, whatever a caller asks for,
//! unless it is built with the feature `failpoints`.

/// Whether this build takes from tests what no user may set: seeded faults, a journal that is held,
/// and the time.
pub const HAS_FAILPOINTS: bool = cfg!(any(debug_assertions, feature = "failpoints"));

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
    /// Returns the fault of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "blind-publish" => Some(Self::BlindPublish),
            "no-read-back" => Some(Self::NoReadBack),
            "second-newversion" => Some(Self::SecondNewVersion),
            "lost-journal-entry" => Some(Self::LostJournalEntry),
            "unlooked-answer" => Some(Self::UnlookedAnswer),
            _ => None,
        }
    }

    /// Returns whether this fault is the one that was put in.
    pub(super) fn is_in(self, seeded_fault: Option<SeededFault>) -> bool {
        HAS_FAILPOINTS && seeded_fault == Some(self)
    }
}
