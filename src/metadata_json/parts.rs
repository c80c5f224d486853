//! Parts of values that are read and written the same way in several places.

use serde_json::{Map, Value as Json};

/// How to treat a value that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// As an error.
    Exact,
    /// As missing.
    Lenient,
}

impl Strictness {
    /// Reads a text.
    pub(super) fn read_text(self, json: &Json) -> Option<String> {
        match json {
            Json::String(text) => Some(text.clone()),
            // A server writes a number for some texts, and an object with an id for licences and
            // grants in some answers.
            Json::Number(number) if self == Strictness::Lenient => Some(number.to_string()),
            Json::Object(_) if self == Strictness::Lenient => read_key(json, "id"),
            Json::Number(_) | Json::Object(_) | Json::Null | Json::Bool(_) | Json::Array(_) => None,
        }
    }

    /// Reads a text that every entry has; leniently, a missing text is empty.
    pub(super) fn read_needed(self, json: &Json, key: &str) -> Option<String> {
        match self {
            Strictness::Exact => read_key(json, key),
            // One missing key must not hide the rest of the entry from the comparison.
            Strictness::Lenient => Some(read_key(json, key).unwrap_or_default()),
        }
    }
}

pub(super) fn read_key(json: &Json, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

/// Makes an object of the pairs that have a value.
pub(super) fn make_object<const N: usize>(pairs: [(&str, Option<Json>); N]) -> Json {
    let present = pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    // Counted first, so that the object takes no more memory than it needs.
    let present: Vec<(String, Json)> = present.collect();
    Json::Object(present.into_iter().collect::<Map<_, _>>())
}

pub(super) fn text_to_json(value: Option<&String>) -> Option<Json> {
    value.map(|text| text.as_str().into())
}
