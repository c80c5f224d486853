//! Parts of a record that are read alike wherever they stand.

use serde_json::Value as Json;

use crate::model::Field;

/// Custom fields that the deposit API knows: object, field, and the name there.
///
/// Source: contract/scenarios/{metadata-full,native-custom-fields}.json, 2026-11-28.
pub(super) const CUSTOM: [(&str, &str, Field); 16] = [
    ("journal:journal", "title", Field::JournalTitle),
    ("journal:journal", "volume", Field::JournalVolume),
    ("journal:journal", "issue", Field::JournalIssue),
    ("journal:journal", "pages", Field::JournalPages),
    ("meeting:meeting", "title", Field::ConferenceTitle),
    ("meeting:meeting", "acronym", Field::ConferenceAcronym),
    ("meeting:meeting", "dates", Field::ConferenceDates),
    ("meeting:meeting", "place", Field::ConferencePlace),
    ("meeting:meeting", "url", Field::ConferenceUrl),
    ("meeting:meeting", "session", Field::ConferenceSession),
    ("meeting:meeting", "session_part", Field::ConferenceSessionPart),
    ("imprint:imprint", "isbn", Field::ImprintIsbn),
    ("imprint:imprint", "place", Field::ImprintPlace),
    ("imprint:imprint", "pages", Field::PartofPages),
    ("imprint:imprint", "title", Field::PartofTitle),
    ("thesis:thesis", "university", Field::ThesisUniversity),
];

/// The kinds of the additional description that the deposit API shows as `notes`. It is written as
/// the first, and both are shown; of several the last counts.
///
/// Source: zenodo-rdm, legacy/serializers/schemas/common.py, read 2026-11-24, and
/// contract/scenarios/native-rich-metadata.json, 2026-11-28.
pub(super) const NOTES: &[&str] = &["other", "notes"];

/// The kind of the one that it shows as `method`; same source.
pub(super) const METHOD: &[&str] = &["methods"];

/// Returns the last additional description of these kinds, and its place.
pub(super) fn last_text<'a>(metadata: &'a Json, kinds: &[&str]) -> Option<(usize, &'a Json)> {
    let all = items(&metadata["additional_descriptions"]).enumerate();
    let is_of = |item: &Json| item["type"]["id"].as_str().is_some_and(|kind| kinds.contains(&kind));
    all.filter(|(_, item)| is_of(item)).last()
}

/// Returns the entries of a list; none of what is none.
pub(super) fn items(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// Cuts a text to what fits into a line or two.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}
