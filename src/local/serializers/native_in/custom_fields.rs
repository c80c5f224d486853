//! Custom fields in a request of the records API.
//!
//! The names and forms are those of zenodo-rdm (`site/zenodo_rdm/custom_fields`, read 2026-12-01).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::remarks::{Remark, Remarks};
use crate::local::serializers::vocabulary::{Vocabulary, find_entry};
use crate::local::serializers::{identifier, web_address};
use crate::local::state::refusal::Refusal;

/// The custom fields: on each line a name, a key in its table or `-`, and a form.
const FORMS: &str = include_str!("../../../vocab/data/custom_fields.txt");

/// The custom fields that have another form than the others, or none that is looked at.
const OTHERS: [&str; 3] = ["thesis:university", "legacy:subjects", "legacy:communities"];

/// Reads `custom_fields`.
///
/// # Errors
/// 400 for an id that is in no vocabulary.
pub(super) fn read_custom_fields(
    given: &Map<String, Value>,
    remarks: &mut Remarks,
) -> Result<Map<String, Value>, Refusal> {
    let mut kept = Map::new();
    for (name, value) in given {
        let mut fault =
            |message| remarks.push(Remark::new(format!("custom_fields.{name}"), message));
        match name.as_str() {
            "code:codeRepository" => {
                if !value.as_str().is_some_and(web_address::is_web_address) {
                    fault("Not a valid URL.");
                    continue;
                }
            }
            "code:programmingLanguage" => {
                for entry in value.as_array().into_iter().flatten() {
                    check_entry(Vocabulary::ProgrammingLanguages, entry)?;
                }
            }
            "code:developmentStatus" => check_entry(Vocabulary::DevelopmentStatus, value)?,
            _ if OTHERS.contains(&name.as_str()) => {}
            _ => {
                let read = read_known(name, value, remarks);
                kept.extend(read.map(|read| (name.clone(), read)));
                continue;
            }
        }
        kept.insert(name.clone(), value.clone());
    }
    Ok(kept)
}

/// Reads a field of the list; none of another one.
fn read_known(name: &str, value: &Value, remarks: &mut Remarks) -> Option<Value> {
    let path = format!("custom_fields.{name}");
    let forms: BTreeMap<&str, &str> = list_forms(name).collect();
    match (forms.get("-"), value) {
        (Some(form), _) => read_form(form, value, &path, remarks),
        (None, Value::Object(table)) if !forms.is_empty() => {
            let keys =
                table.iter().map(|(key, value)| (key, value, forms.get(key.as_str()).copied()));
            Some(Value::Object(read_table(keys, &path, remarks)))
        }
        (None, _) => {
            let fault = if forms.is_empty() { "Unknown field." } else { "Invalid input type." };
            remarks.push(Remark::new(path, fault));
            None
        }
    }
}

/// Returns the keys of a field, each with its form; `-` for a field that is no table.
fn list_forms(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    FORMS.lines().filter_map(move |line| {
        let (of, rest) = line.split_once(' ')?;
        rest.split_once(' ').filter(|_| of == name)
    })
}

/// Reads a value of a form, as marshmallow does: what is wrong in it is left out and remarked, the
/// rest is kept.
fn read_form(form: &str, value: &Value, path: &str, remarks: &mut Remarks) -> Option<Value> {
    if let (Some(of), Value::Array(items)) = (form.strip_prefix("list-of-"), value) {
        let items = items.iter().enumerate();
        let read =
            items.filter_map(|(at, item)| read_form(of, item, &format!("{path}.{at}"), remarks));
        return Some(Value::Array(read.collect()));
    }
    if let (Some(key_form), Value::Object(table)) = (find_key_form(form), value) {
        let keys = table.iter().map(|(key, value)| (key, value, key_form(key)));
        return Some(Value::Object(read_table(keys, path, remarks)));
    }
    let fault = find_fault(form, value);
    remarks.extend(fault.map(|fault| Remark::new(path.to_owned(), fault)));
    // A decimal number stays one: `47` comes back as `47.0`.
    let number = value.as_f64().filter(|_| form == "number").map(Value::from);
    fault.is_none().then(|| number.unwrap_or_else(|| value.clone()))
}

/// Returns how the form of each key of a table is found; none for what is no table.
fn find_key_form(form: &str) -> Option<fn(&str) -> Option<&'static str>> {
    match form {
        "identifiers" => Some(|key| matches!(key, "identifier" | "scheme").then_some("text")),
        "relations" => Some(|key| matches!(key, "subject" | "object").then_some("list-of-text")),
        _ => None,
    }
}

/// Reads the keys of a table, each with its form.
fn read_table<'a>(
    keys: impl Iterator<Item = (&'a String, &'a Value, Option<&'static str>)>,
    path: &str,
    remarks: &mut Remarks,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value, form) in keys {
        let path = format!("{path}.{key}");
        match form {
            Some(form) => {
                let read = read_form(form, value, &path, remarks);
                kept.extend(read.map(|read| (key.clone(), read)));
            }
            None => remarks.push(Remark::new(path, "Unknown field.")),
        }
    }
    kept
}

/// Returns what is wrong with a value that is neither a list nor a table of this form.
fn find_fault(form: &str, value: &Value) -> Option<&'static str> {
    let is_text = |is_good: fn(&str) -> bool| value.as_str().is_some_and(is_good);
    let (is_good, fault) = match form {
        "number" => (value.is_number(), "Not a valid number."),
        "whole" => (value.is_i64(), "Not a valid integer."),
        "identifiers" | "relations" => (false, "Invalid input type."),
        "text" => (value.is_string(), "Not a valid string."),
        "address" => (is_text(web_address::is_web_address), "You must provide a valid URL."),
        "issn" => (is_text(identifier::is_issn), "Please provide a valid ISSN."),
        "isbn" => (is_text(identifier::is_isbn), "Please provide a valid ISBN."),
        // Of the higher levels of EDTF only the years are looked at.
        "edtf" => (is_text(|text| text.contains(is_digit)), "Please provide a valid date."),
        "day" => (is_text(is_day), "Please provide a valid date."),
        _ => (false, "Not a valid list."),
    };
    (!is_good).then_some(fault)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_day(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok()
}

fn check_entry(vocabulary: Vocabulary, entry: &Value) -> Result<(), Refusal> {
    let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
    find_entry(vocabulary, id).map(|_| ()).ok_or_else(|| Refusal::invalid_value(id))
}
