//! Values that a draft keeps although they are wrong: a write tells them, and publishing refuses them.

use serde_json::Value;

use super::types::Version;

/// What the server says of an award that has neither an id nor a number and a title.
pub(crate) const UNNAMED_AWARD: &str = "An existing id or number/title must be present.";

/// Returns whether the award of an entry of `funding` has neither an id nor a number and a title.
///
/// Source: invenio-vocabularies, `contrib/awards/schema.py`, 2026-12-01.
pub(crate) fn is_unnamed_award(entry: &Value) -> bool {
    let has = |name: &str| entry["award"].get(name).is_some_and(|value| !value.is_null());
    entry["award"].is_object() && !has("id") && !(has("number") && has("title"))
}

/// Returns an error for each award that the draft has kept without a name.
pub(super) fn check_awards(version: &Version) -> Vec<(String, String)> {
    let rows = version.metadata.get("funding").and_then(Value::as_array).into_iter().flatten();
    let unnamed = rows.enumerate().filter(|(_, row)| is_unnamed_award(row));
    let place = |at: usize| format!("metadata.funding.{at}.award.award");
    unnamed.map(|(at, _)| (place(at), UNNAMED_AWARD.to_owned())).collect()
}

/// What the server says of a place that says nothing, with the blanks that its source has.
pub(crate) const EMPTY_PLACE: &str = "At least one of ['geometry', 'place',                 \
    identifiers', 'description'] must be present.";

/// Returns whether an entry of `locations` says nothing.
///
/// Source: invenio-rdm-records 1f23bb9, `services/schemas/metadata.py`, 2026-12-01.
pub(crate) fn is_empty_place(feature: &Value) -> bool {
    let says = |name: &&str| match feature.get(*name) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    !["geometry", "place", "identifiers", "description"].iter().any(says)
}

/// Returns an error for each place that says nothing.
pub(super) fn check_places(version: &Version) -> Vec<(String, String)> {
    let features = version.metadata.get("locations").and_then(|it| it["features"].as_array());
    let empty = features.into_iter().flatten().enumerate().filter(|(_, it)| is_empty_place(it));
    let place = |at: usize| format!("metadata.locations.features.{at}.locations");
    empty.map(|(at, _)| (place(at), EMPTY_PLACE.to_owned())).collect()
}

/// Returns what the server says of a person with the same affiliation twice.
///
/// Source: invenio-rdm-records 1f23bb9, `services/schemas/metadata.py`, 2026-12-01.
pub(crate) fn find_repeated_affiliation(person: &Value) -> Option<String> {
    let homes = person["affiliations"].as_array()?;
    let name = |home: &Value| home.get("name").or(home.get("id")).cloned().unwrap_or_default();
    let names: Vec<Value> = homes.iter().map(name).collect();
    let mut once: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    once.sort_unstable();
    once.dedup();
    let text = format!("Duplicated affiliations: {}", once.join(", "));
    (once.len() < homes.len()).then_some(text)
}
