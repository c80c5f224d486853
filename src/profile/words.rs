//! What a fault against a profile says: the validator's own words, short.

use std::fmt::Write;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

/// How many characters of the validator's words are shown.
const LONGEST: usize = 160;

/// How many alternatives are named of which none holds.
const ALTERNATIVES: usize = 4;

/// Returns the validator's words; of alternatives, what each of them misses.
pub(super) fn describe_fault(error: &ValidationError<'_>) -> String {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return describe_one(error);
    };
    let mut missed: Vec<String> =
        context.iter().filter_map(|branch| branch.first()).map(describe_one).collect();
    missed.dedup();
    let n_more = missed.len().saturating_sub(ALTERNATIVES);
    missed.truncate(ALTERNATIVES);
    if n_more > 0 {
        missed.push(format!("… {n_more} more"));
    }
    if missed.is_empty() { describe_one(error) } else { missed.join(", or ") }
}

fn describe_one(error: &ValidationError<'_>) -> String {
    let words = error.to_string();
    if words.chars().nth(LONGEST).is_none() {
        return words;
    }
    // The message begins with the value, which may be a whole text.
    shorten(&error.masked_with("the value").to_string())
}

/// Returns the first characters of a text.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns where a JSON pointer leads, as the manifest's reader names a place; nothing for the
/// whole.
pub(super) fn name_place(pointer: &str) -> String {
    let mut place = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            let _ = write!(place, "[{part}]");
        } else {
            if !place.is_empty() {
                place.push('.');
            }
            place.push_str(part);
        }
    }
    if place.is_empty() { place } else { format!(" at `{}`", shorten(&place)) }
}
