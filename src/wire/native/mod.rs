//! Metadata of the records API (`application/vnd.inveniordm.v1+json`), both ways.
//!
//! A value that both APIs have is read into the deposit API's field. Where a record holds more than
//! that field says, the field of the records API's own takes all of it: two languages are
//! `languages` and not `language`. So each record has one reading, and each reading one spelling.
//!
//! Source: contract/scenarios/{native-rich-metadata,native-custom-fields,native-access}.json,
//! 2026-11-28.

mod custom;
mod foreign;
mod funding;
mod licenses;
mod people;
mod places;
mod read;
mod texts;
mod write;

pub(super) use licenses::find_language;
pub(super) use read::{has_own_funding, read_metadata};
pub use write::write_draft;

use serde_json::Value as Json;

/// Returns the text under a key.
fn text_at(json: &Json, key: &str) -> Option<String> {
    json[key].as_str().map(str::to_owned)
}

/// Returns the id of a word of a vocabulary: `{"id": …}`.
fn id_at(json: &Json, key: &str) -> Option<String> {
    text_at(&json[key], "id")
}

/// Removes the keys without a value from an object.
fn without_nulls(mut json: Json) -> Json {
    if let Some(object) = json.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    json
}
