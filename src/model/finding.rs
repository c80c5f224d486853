//! The diagnostic of all checks: an error in a manifest, a failed check of a plan, a warning.

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to do; good to know.
    Note,
    /// Worth a look before it is published.
    Warning,
    /// Can't be applied as it is.
    Error,
}

/// A place in a text: byte offsets, the end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// A place in the manifest that a finding points at, with a few words on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where, in bytes of the manifest.
    pub span: Span,
    /// What is wrong there; may be empty.
    pub text: String,
}

/// One diagnostic.
///
/// `code` is stable (`ZR…`) and explained in `docs/errors.md`. `summary` is one lower-case
/// sentence without a full stop; values stand in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What is wrong.
    pub summary: String,
    /// Where in the manifest; `None` when it has no place there.
    pub label: Option<Label>,
    /// Why it is a problem, where that is not obvious.
    pub why: Option<String>,
    /// What to do next; something to type or to change.
    pub hints: Vec<String>,
}

impl Finding {
    /// Makes an error.
    pub fn error(code: &'static str, summary: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, summary.into())
    }

    /// Makes a warning.
    pub fn warning(code: &'static str, summary: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, summary.into())
    }

    /// Makes a note.
    pub fn note(code: &'static str, summary: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, summary.into())
    }

    fn new(code: &'static str, severity: Severity, summary: String) -> Self {
        Self { code, severity, summary, label: None, why: None, hints: Vec::new() }
    }

    /// Points at a place in the manifest.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.label = Some(Label { span, text: text.into() });
        self
    }

    /// Says why it is a problem.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Adds something to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
