//! What checks demand, and in which words they say that it is not so.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{Debug, Write};

use zrel::api::{ApiError, ApiErrorKind};
use zrel::compare::find_metadata_changes;
use zrel::model::{Metadata, RemoteFile};

use super::Checked;
use super::suite::compute_md5;

/// Turns a failed call into the words of a check.
pub(super) trait InWords<T> {
    /// Returns the answer, or the error with its causes.
    fn in_words(self) -> Result<T, String>;
}

impl<T> InWords<T> for Result<T, ApiError> {
    fn in_words(self) -> Result<T, String> {
        self.map_err(|error| explain(&error))
    }
}

/// Returns an error with its causes, in one line.
pub(super) fn explain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// Demands that something is so.
pub(super) fn require(is_so: bool, otherwise: &str) -> Checked {
    if is_so { Ok(()) } else { Err(otherwise.to_owned()) }
}

/// Demands that two values are equal.
pub(super) fn require_equal<T: Debug + PartialEq>(what: &str, found: &T, wanted: &T) -> Checked {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what}: found {found:?}, and {wanted:?} was expected"))
    }
}

/// Returns the error of a call that must fail.
pub(super) fn require_error<T>(
    doing: &str,
    answer: Result<T, ApiError>,
) -> Result<ApiError, String> {
    match answer {
        Ok(_) => Err(format!("{doing} succeeds, and must not")),
        Err(error) => Ok(error),
    }
}

/// Demands that a call fails with 404 or 410, in the server's words.
pub(super) fn require_not_found<T>(doing: &str, answer: Result<T, ApiError>) -> Checked {
    let error = require_error(doing, answer)?;
    let has_words = error.not_found().is_some_and(|(_, words)| !words.is_empty());
    require(has_words, &format!("{doing} is not «not found»: {}", explain(&error)))
}

/// Demands that a call fails with 401 or 403, in the server's words.
pub(super) fn require_forbidden<T>(doing: &str, answer: Result<T, ApiError>) -> Checked {
    let error = require_error(doing, answer)?;
    let has_words = error.forbidden().is_some_and(|words| !words.is_empty());
    require(has_words, &format!("{doing} is not forbidden: {}", explain(&error)))
}

/// Demands that a call fails with 400 about this field, or without a field where it is empty.
pub(super) fn require_refused<T>(doing: &str, answer: Result<T, ApiError>, field: &str) -> Checked {
    let error = require_error(doing, answer)?;
    let is_refused = matches!(error.kind(), ApiErrorKind::Refused { status: 400, .. });
    let named = error.field_errors().iter().any(|(name, words)| name == field && !words.is_empty());
    let is_about_field = field.is_empty() || named;
    let otherwise = format!("{doing} is not refused for `{field}`: {}", explain(&error));
    require(is_refused && is_about_field, &otherwise)
}

/// Demands that the server returns metadata as zrel predicts of those that were sent.
pub(super) fn require_metadata(sent: &Metadata, returned: &Metadata) -> Checked {
    let none = BTreeMap::new();
    let changes = find_metadata_changes(sent, returned, &BTreeMap::new(), &none);
    let changes: Vec<String> = changes
        .iter()
        .map(|it| format!("`{}` is {:?} in place of {:?}", it.field, it.before, it.after))
        .collect();
    require(changes.is_empty(), &changes.join("; "))
}

/// Demands that just these files are listed, with the size and the MD5 of their bytes.
pub(super) fn require_files(found: &[RemoteFile], wanted: &[(&str, &[u8])]) -> Checked {
    let found: Vec<_> = found.iter().map(|file| (file.key.as_str(), file.size, file.md5)).collect();
    let wanted: Vec<_> = wanted
        .iter()
        .map(|(key, bytes)| (*key, bytes.len() as u64, Some(compute_md5(bytes))))
        .collect();
    require_equal("the files", &found, &wanted)
}
