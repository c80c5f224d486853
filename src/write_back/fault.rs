//! Why values can't be written into a text, or read from it.

use super::values::Slot;

/// What is wrong, for code that decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The text is not of the format, or a place in it has a form that is not written.
    NotItsFormat,
    /// The text has no place for any value.
    NoPlace,
    /// A place is there more than once.
    Twice,
    /// A value can't be written so that it would be read back as it is.
    Unwritable,
}

/// Why values can't be written into a text, or read from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteFault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The line, from 1, where one line is to blame.
    pub line: Option<usize>,
    /// What is wrong, as a part of a sentence.
    pub what: String,
}

impl WriteFault {
    pub(super) fn not_its_format(line: Option<usize>, what: impl Into<String>) -> Self {
        Self { kind: FaultKind::NotItsFormat, line, what: what.into() }
    }

    pub(super) fn no_place(what: impl Into<String>) -> Self {
        Self { kind: FaultKind::NoPlace, line: None, what: what.into() }
    }

    pub(super) fn twice(line: usize, what: impl Into<String>) -> Self {
        Self { kind: FaultKind::Twice, line: Some(line), what: what.into() }
    }

    pub(super) fn unwritable(what: impl Into<String>) -> Self {
        Self { kind: FaultKind::Unwritable, line: None, what: what.into() }
    }

    pub(super) fn unwritable_value(slot: Slot, value: &str, why: &str) -> Self {
        Self::unwritable(format!("the {} `{}` {why}", slot.word(), value.escape_debug()))
    }
}
