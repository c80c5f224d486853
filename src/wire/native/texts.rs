//! Additional titles and descriptions.

use serde_json::{Value as Json, json};

use crate::model::{Field, RecordPlace, TypedText};
use crate::wire::parts::items;

use super::{id_at, text_at, without_nulls};

/// Reads an additional title or description, whose text is under this key.
pub(super) fn read_typed_text(json: &Json, key: &str) -> Option<TypedText> {
    Some(TypedText {
        text: text_at(json, key)?,
        kind: id_at(json, "type").unwrap_or_default(),
        language: id_at(json, "lang"),
    })
}

pub(super) fn write_typed_text(item: &TypedText, key: &str) -> Json {
    let TypedText { text, kind, language } = item;
    let kind = Some(kind).filter(|kind| !kind.is_empty());
    without_nulls(json!({
        key: text,
        "type": kind.map(|kind| json!({"id": kind})),
        "lang": language.as_ref().map(|language| json!({"id": language})),
    }))
}

/// Returns the descriptions that no other field says: not the only one of the kinds of `notes` or
/// `method` that has no language.
pub(super) fn list_other_descriptions(metadata: &Json) -> impl Iterator<Item = &Json> {
    items(&metadata["additional_descriptions"])
        .filter(|item| find_owner(item).is_none_or(|kinds| !is_alone(metadata, kinds)))
}

/// Returns the text of the only description of these kinds, if it has no language.
pub(super) fn find_alone<'a>(metadata: &'a Json, kinds: &[&str]) -> Option<&'a str> {
    let found = items(&metadata["additional_descriptions"]).find(|item| is_of(item, kinds))?;
    found["description"].as_str().filter(|_| is_alone(metadata, kinds))
}

fn is_of(item: &Json, kinds: &[&str]) -> bool {
    item["type"]["id"].as_str().is_some_and(|kind| kinds.contains(&kind))
}

fn is_alone(metadata: &Json, kinds: &[&str]) -> bool {
    let mut all = items(&metadata["additional_descriptions"]).filter(|item| is_of(item, kinds));
    all.next().is_some_and(|item| item["lang"]["id"].is_null()) && all.next().is_none()
}

/// Returns the kinds of the field that says a description of this kind.
fn find_owner(item: &Json) -> Option<&'static [&'static str]> {
    Field::ALL.iter().find_map(|field| {
        let RecordPlace::Description(kinds) = field.record_place() else { return None };
        is_of(item, kinds).then_some(kinds)
    })
}
