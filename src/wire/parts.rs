//! Parts of a record that are read the same way in several places.

use serde_json::Value as Json;

use crate::model::Md5;

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

/// Reads the MD5 of a file's `checksum`; none when it is missing or of another kind. A deposition
/// has it bare, the bucket and the records API with `md5:` before it (contract/scenarios/
/// first-publication.json and native-files.json, 2026-11-28).
pub fn read_checksum(file: &Json) -> Option<Md5> {
    let checksum = file["checksum"].as_str()?;
    Md5::parse(checksum.strip_prefix("md5:").unwrap_or(checksum)).ok()
}

/// Cuts a text to what fits into a line or two.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}
