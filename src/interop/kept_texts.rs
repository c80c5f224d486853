//! What a server keeps of a text.

use crate::vocab;

/// Returns whether the server would keep nothing of a text.
pub(in crate::interop) fn is_nothing(text: &str) -> bool {
    vocab::tidy(text).is_empty()
}

/// Returns a text without blanks around it; none when nothing of it is kept.
pub(in crate::interop) fn trim_filled(text: Option<&String>) -> Option<String> {
    text.map(String::as_str).map(str::trim).filter(|text| !is_nothing(text)).map(str::to_owned)
}
