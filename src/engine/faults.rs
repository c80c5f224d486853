//! Findings that end a command.

use crate::model::{Finding, Severity};

use super::EngineError;
use super::error::Faults;

/// Returns whether findings contain an error.
pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// Makes the error for findings, with the text that they point into.
pub(super) fn make_invalid_error(findings: Vec<Finding>, path: &str, text: &str) -> EngineError {
    let (path, text) = (path.to_owned(), text.to_owned());
    EngineError::Invalid(Box::new(Faults { findings, path, text }))
}
