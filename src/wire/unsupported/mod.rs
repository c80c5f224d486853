//! Values of a record that the deposit API can't express, so that its PUT, which replaces
//! everything, would lose them.
//!
//! Everything that is not known to be carried is a loss: a field that the server gets next year is
//! reported too. Each part of a record has a function that lists what the deposit API carries.
//!
//! Source: contract/scenarios/{lossy-put,native-deposit-round-trip,native-custom-fields,
//! native-rich-metadata}.json, 2026-11-28.

mod lost;
mod people;
mod values;

use serde_json::Value as Json;

use crate::model::{Field, RecordPlace};
use crate::observed::UnsupportedValue;

use super::parts::{cut, items, last_text};
use lost::Lost;

/// A custom field that the deposit API uses internally.
const OWN: &str = "legacy:communities";

/// Lists what a PUT by the deposit API would lose of a record or a draft.
pub(super) fn unsupported(json: &Json) -> Vec<UnsupportedValue> {
    let mut lost = Lost::default();
    for (name, value) in json["metadata"].as_object().into_iter().flatten() {
        of_metadata(name, value, &json["metadata"], &mut lost);
    }
    of_custom_fields(&json["custom_fields"], &mut lost);
    of_access(&json["access"], &mut lost);
    // A server writes the keys of an object in any order.
    lost.0.sort();
    lost.0
}

fn of_metadata(name: &str, value: &Json, metadata: &Json, lost: &mut Lost) {
    match name {
        _ if is_carried_whole("metadata", name) => {}
        "resource_type" => values::resource_type(value, lost),
        "creators" | "contributors" => lost.each(name, value, |place, person, lost| {
            people::person(name, place, person, lost);
        }),
        "additional_titles" => lost.each(name, value, |place, item, lost| {
            lost.add(place, typed(item, "title"));
        }),
        "additional_descriptions" => descriptions(metadata, lost),
        "subjects" => lost.each(name, value, values::subject),
        "languages" => values::only_first(name, value, lost),
        "rights" => values::rights(value, lost),
        "identifiers" => lost.each(name, value, |place, item, lost| {
            lost.others(place, item, &["identifier", "scheme"]);
        }),
        "related_identifiers" => lost.each(name, value, values::related),
        "dates" => lost.each(name, value, values::date),
        "references" => lost.each(name, value, |place, item, lost| {
            lost.others(place, item, &["reference"]);
        }),
        "locations" => {
            lost.others(name, value, &["features"]);
            lost.each(name, &value["features"], values::location);
        }
        "funding" => lost.each(name, value, values::funding),
        // A field that zrel does not know: nothing shows that a PUT keeps it.
        _ => lost.unless_empty(name, value),
    }
}

/// Lists the descriptions that are lost.
fn descriptions(metadata: &Json, lost: &mut Lost) {
    // The deposit API has room for one text each as `notes` and `method`, without a language.
    let kept: Vec<usize> = Field::ALL
        .iter()
        .filter_map(|field| {
            let RecordPlace::Description(kinds) = field.record_place() else { return None };
            last_text(metadata, kinds)
        })
        .map(|(at, _)| at)
        .collect();
    for (at, item) in items(&metadata["additional_descriptions"]).enumerate() {
        let place = format!("additional_descriptions[{at}]");
        if kept.contains(&at) {
            lost.others(&place, item, &["description", "type"]);
        } else {
            lost.add(&place, typed(item, "description"));
        }
    }
}

/// Shows a text and its kind: subtitle `Forms`.
fn typed(item: &Json, key: &str) -> String {
    let kind = item["type"]["id"].as_str().unwrap_or_default();
    let text = item[key].as_str().unwrap_or_default();
    format!("{kind} `{}`", cut(text)).trim_start().to_owned()
}

fn of_custom_fields(json: &Json, lost: &mut Lost) {
    for (name, value) in json.as_object().into_iter().flatten() {
        let place = format!("custom_fields.{}", cut(name));
        let prefix = format!("custom_fields.{name}.");
        let carried: Vec<&str> =
            carried_paths().filter_map(|path| path.strip_prefix(prefix.as_str())).collect();
        if name == OWN || is_carried_whole("custom_fields", name) {
            continue;
        }
        if value.is_object() && !carried.is_empty() {
            lost.others(&place, value, &carried);
        } else {
            lost.unless_empty(&place, value);
        }
    }
}

/// Returns the paths whose value a field of the deposit API carries.
fn carried_paths() -> impl Iterator<Item = &'static str> {
    Field::ALL.iter().flat_map(|field| match field.record_place() {
        RecordPlace::At(paths) => paths.to_vec(),
        RecordPlace::Items(path) if path.starts_with("custom_fields.") => vec![path],
        // The others are lists and parts, whose entries are checked one by one.
        RecordPlace::Items(_)
        | RecordPlace::Texts(..)
        | RecordPlace::Description(_)
        | RecordPlace::ResourceType(_)
        | RecordPlace::FromAccess
        | RecordPlace::FromTwoLists
        | RecordPlace::Nowhere
        | RecordPlace::OnlyThere => Vec::new(),
    })
}

fn is_carried_whole(parent: &str, name: &str) -> bool {
    let is_it = |path: &str| {
        path.strip_prefix(parent).and_then(|path| path.strip_prefix('.')) == Some(name)
    };
    carried_paths().any(is_it)
}

/// Lists what is lost of the access settings.
fn of_access(json: &Json, lost: &mut Lost) {
    // The deposit API has an access right for files, and none for the page.
    if json["record"].as_str() == Some("restricted") {
        lost.add("access.record", "that the page itself is restricted".to_owned());
    }
    lost.unless_empty("access.embargo.reason", &json["embargo"]["reason"]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lost(metadata: &Json, custom: &Json) -> Vec<String> {
        let json = json!({"metadata": metadata, "custom_fields": custom});
        unsupported(&json).iter().map(|loss| format!("{} {}", loss.place, loss.what)).collect()
    }

    #[test]
    fn notes_and_method_are_kept_and_a_second_one_of_each_is_a_loss() {
        let text = |kind: &str| json!({"type": {"id": kind}, "description": kind});
        let lost = |kinds: &[&str]| {
            let list: Vec<Json> = kinds.iter().map(|kind| text(kind)).collect();
            let unsupported = unsupported(&json!({"metadata": {"additional_descriptions": list}}));
            unsupported.into_iter().map(|loss| loss.place).collect::<Vec<_>>()
        };
        assert_eq!(lost(&["other", "methods"]), [""; 0]);
        // contract/scenarios/native-rich-metadata.json shows it as `notes`, 2026-11-28.
        assert_eq!(lost(&["notes", "methods"]), [""; 0]);
        assert_eq!(lost(&["methods", "methods"]), ["additional_descriptions[0]"]);
        assert_eq!(lost(&["other", "notes"]), ["additional_descriptions[0]"]);
        assert_eq!(lost(&["technical-info"]), ["additional_descriptions[0]"]);
    }

    #[test]
    fn an_unknown_field_is_a_loss() {
        let metadata = json!({
            "title": "T", "mood": {"title": {"en": "Cheerful"}}, "empty": [], "none": null,
            "references": [{"reference": "A.", "weight": 7}],
            "creators": [{"person_or_org": {"name": "A, B", "family_name": "A", "star": true}}],
        });
        let custom =
            json!({"next:year": "soon", "meeting:meeting": {"title": "M", "weather": "fine"}});
        assert_eq!(
            lost(&metadata, &custom),
            [
                "creators[0].star `true`",
                "custom_fields.meeting:meeting.weather `fine`",
                "custom_fields.next:year `soon`",
                "mood `Cheerful`",
                "references[0].weight `7`",
            ]
        );
    }

    /// Every draft and record of the recordings that the deposit API made.
    #[test]
    fn a_record_that_the_deposit_api_made_loses_nothing() {
        let recorded = include_str!("../../../tests/contract/find-open-draft.json");
        let recorded: Json = serde_json::from_str(recorded).unwrap();
        let steps = recorded["steps"].as_array().unwrap();
        let bodies = steps.iter().map(|step| &step["response"]["body"]);
        let native: Vec<&Json> =
            bodies.filter(|body| body["metadata"]["rights"].is_array()).collect();
        assert!(!native.is_empty());
        for body in native {
            assert_eq!(unsupported(body), []);
        }
    }
}
