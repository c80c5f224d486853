//! Licences: `rights`.

use serde_json::{Value as Json, json};

use crate::model::License;

use super::{text_at, without_nulls};

/// The language of a title that is sent without one.
const ENGLISH: &str = "en";

pub(super) fn read_license(json: &Json) -> Option<License> {
    let id = text_at(json, "id");
    // The other parts of a known licence belong to the server's list.
    let is_own = id.is_none();
    json.as_object()?;
    let own = |value: Option<String>| value.filter(|_| is_own);
    Some(License {
        title: own(read_localized(&json["title"])),
        description: own(read_localized(&json["description"])),
        link: own(text_at(json, "link")),
        id,
    })
}

/// Reads a text in the language in which it is read.
pub(super) fn read_localized(json: &Json) -> Option<String> {
    text_at(json, find_language(json)?)
}

/// Returns the language in which a text is read: English, or else the first that it has.
pub(in crate::wire) fn find_language(json: &Json) -> Option<&str> {
    let all = json.as_object()?;
    if all.contains_key(ENGLISH) {
        return Some(ENGLISH);
    }
    all.keys().next().map(String::as_str)
}

pub(super) fn write_localized(text: Option<&String>) -> Json {
    text.map_or(Json::Null, |text| json!({ENGLISH: text}))
}

pub(super) fn write_license(license: &License) -> Json {
    let License { id, title, description, link } = license;
    match id {
        Some(id) => json!({"id": id}),
        None => without_nulls(json!({
            "title": write_localized(title.as_ref()),
            "description": write_localized(description.as_ref()),
            "link": link,
        })),
    }
}
