//! One thing that was looked at: what it is, what `zrel apply` would do, how it is mended.

use crate::model::RecordId;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// All is well.
    Good,
    /// Something to know; an apply works.
    Note,
    /// An apply would stop here.
    Blocks,
    /// It could not be looked at.
    NotChecked,
}

impl Standing {
    /// Returns its word in a document.
    pub(super) fn word(self) -> &'static str {
        match self {
            Standing::Good => "good",
            Standing::Note => "note",
            Standing::Blocks => "blocks",
            Standing::NotChecked => "not-checked",
        }
    }

    /// Returns its mark in a text.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Standing::Good => "ok",
            Standing::Note => "note",
            Standing::Blocks => "BLOCKS",
            Standing::NotChecked => "-",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
pub(super) struct Check {
    /// What was looked at, a stable word: `clock`, `uncommitted-files`.
    pub(super) kind: &'static str,
    /// How it stands.
    pub(super) standing: Standing,
    /// What it is; may quote a server, and is not escaped.
    pub(super) text: String,
    /// The draft that it is about.
    pub(super) draft: Option<RecordId>,
    /// What `zrel apply` would do.
    pub(super) apply: Option<String>,
    /// What mends it.
    pub(super) mend: Option<String>,
}

impl Check {
    /// Makes a check without advice.
    pub(super) fn new(kind: &'static str, standing: Standing, text: impl Into<String>) -> Self {
        Self { kind, standing, text: text.into(), draft: None, apply: None, mend: None }
    }

    /// Adds what `zrel apply` would do.
    pub(super) fn apply(self, text: impl Into<String>) -> Self {
        Self { apply: Some(text.into()), ..self }
    }

    /// Adds what mends it.
    pub(super) fn mend(self, text: impl Into<String>) -> Self {
        Self { mend: Some(text.into()), ..self }
    }

    /// Adds the draft that it is about.
    pub(super) fn about(self, draft: RecordId) -> Self {
        Self { draft: Some(draft), ..self }
    }
}
