//! Parts of a record that are read the same way in several places.

use serde_json::Value as Json;

/// Returns the value at a path of keys and indices, separated by dots; null when missing.
pub(super) fn value_at<'a>(json: &'a Json, path: &str) -> &'a Json {
    path.split('.').fold(json, |json, key| match key.parse::<usize>() {
        Ok(at) => &json[at],
        Err(_) => &json[key],
    })
}

/// Returns the last additional description of these kinds, and its place.
pub(super) fn last_text<'a>(metadata: &'a Json, kinds: &[&str]) -> Option<(usize, &'a Json)> {
    let all = items(&metadata["additional_descriptions"]).enumerate();
    let is_of = |item: &Json| item["type"]["id"].as_str().is_some_and(|kind| kinds.contains(&kind));
    all.filter(|(_, item)| is_of(item)).last()
}

/// Returns the entries of a list; no entries when it is not a list.
pub(super) fn items(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// Cuts a text to what fits into a line or two.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}
