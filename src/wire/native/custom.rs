//! Custom fields: those that a field of the deposit API says, and the rest.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::metadata_json::{custom_from_json, custom_to_json};
use crate::model::{CustomFields, CustomValue, Field};

/// The fields that the deposit API uses internally.
const OWN: &str = "legacy:";

/// Returns the custom fields that no other field says.
pub(super) fn read_custom(json: &Json) -> CustomFields {
    let fields = json.as_object().into_iter().flatten();
    let rest = fields.filter(|(name, _)| !name.starts_with(OWN)).filter_map(|(name, value)| {
        let rest = leave_out_said(name, value)?;
        Some((name.clone(), rest))
    });
    CustomFields(rest.collect())
}

/// Returns what of a custom field no other field says.
fn leave_out_said(name: &str, value: &Json) -> Option<CustomValue> {
    let read = custom_from_json(value)?.without_titles();
    if list_said_paths().any(|path| path == name) {
        return None;
    }
    let CustomValue::Table(mut table) = read else {
        return Some(read).filter(CustomValue::is_something);
    };
    let prefix = format!("{name}.");
    for key in list_said_paths().filter_map(|path| path.strip_prefix(prefix.as_str())) {
        table.remove(key);
    }
    Some(CustomValue::Table(table)).filter(CustomValue::is_something)
}

/// Returns the paths below the custom fields that fields of the deposit API say.
fn list_said_paths() -> impl Iterator<Item = &'static str> {
    Field::ALL.iter().flat_map(|field| field.custom_paths())
}

/// Returns the custom fields to send: the rest, to which the fields of the deposit API are added.
pub(super) fn write_custom(fields: Option<&CustomFields>) -> Map<String, Json> {
    let none = BTreeMap::new();
    let fields = fields.map_or(&none, |fields| &fields.0);
    fields.iter().map(|(name, value)| (name.clone(), custom_to_json(value))).collect()
}

/// Sets a value below the custom fields, at a path such as `journal:journal.title`.
pub(super) fn set_custom(custom: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            custom.insert(path.to_owned(), value);
        }
        Some((name, key)) => {
            let table = custom.entry(name).or_insert_with(|| json!({}));
            if let Some(table) = table.as_object_mut() {
                table.insert(key.to_owned(), value);
            }
        }
    }
}
