//! `[metadata.custom]`: fields of a site's own.

use std::collections::BTreeMap;

use toml::de::DeValue;

use crate::model::{CustomFields, CustomValue, Field, Finding, Span};
use crate::vocab;

use super::codes;
use super::reader::{Entry, read_number_text};
use super::types::Located;
use super::vocab_checks::{self, shorten_and_escape};

/// Takes the value of a custom field, or reports what is wrong with it.
type Check = fn(&Entry<'_>, &mut Vec<Finding>) -> Option<CustomValue>;

/// Custom fields of Zenodo that do not take every value of their form.
///
/// Source: zenodo-rdm 6386403, `site/zenodo_rdm/custom_fields`, and
/// contract/scenarios/native-custom-fields.json, 2026-11-28.
const TYPED: [(&str, Check); 3] = [
    ("code:codeRepository", read_repository),
    ("code:programmingLanguage", read_programming_languages),
    ("code:developmentStatus", read_development_status),
];

/// Reads `[metadata.custom]`.
pub(super) fn read_custom_fields(entry: &Entry<'_>, found: &mut Vec<Finding>) -> CustomFields {
    let wanted =
        "a table such as `[metadata.custom]` with `\"code:codeRepository\" = \"https://…\"`";
    let Some(section) = entry.section(wanted, found) else { return CustomFields::default() };
    let mut fields = BTreeMap::new();
    for (name, entry) in section.entries(found) {
        if let Some(finding) = find_name_fault(&name, &entry) {
            found.push(finding);
            continue;
        }
        let typed = TYPED.iter().find(|(known, _)| *known == name);
        let value = match typed {
            Some((_, read)) => read(&entry, found),
            None => read_any(&entry, found),
        };
        let Some(value) = value.map(CustomValue::without_titles) else { continue };
        let faults = find_value_faults(&name, &value, &entry);
        if faults.is_empty() {
            fields.insert(name, value);
        }
        found.extend(faults);
    }
    CustomFields(fields)
}

/// Returns what is wrong with the name of a custom field.
fn find_name_fault(name: &str, entry: &Entry<'_>) -> Option<Finding> {
    let shown = shorten_and_escape(name);
    let finding = |summary: String| Finding::error(codes::CUSTOM_FIELD, summary);
    if !name.contains(':') {
        let names = TYPED.map(|(known, _)| known);
        let finding = finding(format!("`{shown}` is not the name of a custom field"))
            .at(entry.key_span, "has no `:`");
        return Some(match vocab::find_closest(&format!("code:{name}"), names) {
            Some(meant) => finding.hint(format!("did you mean `\"{meant}\"`?")),
            None => finding.hint("names are such as `\"code:codeRepository\"`"),
        });
    }
    if let Some(meant) = find_meant_name(name) {
        let finding = finding(format!("unknown custom field `{shown}`"));
        return Some(
            finding.at(entry.key_span, "unknown").hint(format!("did you mean `\"{meant}\"`?")),
        );
    }
    name.starts_with("legacy:").then(|| {
        finding(format!("`{shown}` belongs to Zenodo"))
            .at(entry.key_span, "not to be set")
            .because("its deposit API keeps there what it has no other place for")
    })
}

/// Returns the name that was meant by one that is almost the same. Another name may be of a later
/// Zenodo.
fn find_meant_name(name: &str) -> Option<&'static str> {
    let names = TYPED.map(|(known, _)| known);
    let is_unknown = name.starts_with("code:") && !names.contains(&name);
    vocab::find_closest(name, names).filter(|_| is_unknown)
}

/// Returns whether a manifest takes a custom field with this value, which a server has.
pub fn takes_custom_field(name: &str, value: &CustomValue) -> bool {
    let is_word = |value: &CustomValue, known: &[&str]| {
        let CustomValue::Table(table) = value else { return false };
        matches!(table.get("id"), Some(CustomValue::Text(id)) if known.contains(&id.as_str()))
            && table.len() == 1
    };
    match (name, value) {
        ("code:codeRepository", CustomValue::Text(address)) => vocab::is_web_address(address),
        ("code:programmingLanguage", CustomValue::List(items)) => {
            let known = vocab::list_programming_languages();
            items.iter().all(|item| is_word(item, &known))
        }
        ("code:developmentStatus", value) => is_word(value, &vocab::list_development_statuses()),
        ("code:codeRepository" | "code:programmingLanguage", _) => false,
        (name, value) => {
            let is_name = name.contains(':') && !name.starts_with("legacy:");
            let is_form = !is_table_of_fields(name) || matches!(value, CustomValue::Table(_));
            is_name
                && find_meant_name(name).is_none()
                && value.is_something()
                && is_form
                && list_said_parts(name, value).is_empty()
        }
    }
}

/// Returns whether fields of their own say parts of a custom field.
fn is_table_of_fields(name: &str) -> bool {
    let is_below = |path: &str| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    Field::ALL.iter().any(|field| field.custom_paths().any(is_below))
}

/// Returns the parts of a custom field that a field of its own says, with that field.
fn list_said_parts(name: &str, value: &CustomValue) -> Vec<(String, Field)> {
    let said =
        |path: &str| Field::ALL.iter().copied().find(|it| it.custom_paths().any(|own| own == path));
    let whole = said(name).map(|field| (name.to_owned(), field));
    let keys: Vec<&String> = match value {
        CustomValue::Table(table) => table.keys().collect(),
        CustomValue::Text(_)
        | CustomValue::Number(_)
        | CustomValue::Flag(_)
        | CustomValue::List(_) => Vec::new(),
    };
    let paths = keys.into_iter().map(|key| format!("{name}.{key}"));
    let parts = paths.filter_map(|path| said(&path).map(|field| (path, field)));
    whole.into_iter().chain(parts).collect()
}

/// Returns what is wrong with the value of a custom field: it says nothing, or what a field of its own
/// says.
fn find_value_faults(name: &str, value: &CustomValue, entry: &Entry<'_>) -> Vec<Finding> {
    let shown = shorten_and_escape(name);
    if !value.is_something() {
        let summary = format!("`{shown}` says nothing");
        let empty = Finding::error(codes::CUSTOM_FIELD, summary).at(entry.span, "empty");
        return vec![empty.hint("remove the line")];
    }
    if is_table_of_fields(name) && !matches!(value, CustomValue::Table(_)) {
        let summary = format!("`{shown}` is a table");
        return vec![Finding::error(codes::CUSTOM_FIELD, summary).at(entry.span, "no table")];
    }
    let describe = |(path, field): (String, Field)| {
        let span = if path == name { entry.key_span } else { entry.span };
        describe_said((&shorten_and_escape(&path), field), span)
    };
    list_said_parts(name, value).into_iter().map(describe).collect()
}

/// Reports a custom field, or a part of one, that a field of its own says.
fn describe_said((name, field): (&str, Field), span: Span) -> Finding {
    Finding::error(codes::TWO_SPELLINGS, format!("`{name}` is what `{field}` says"))
        .at(span, format!("has a field of its own: `{field}`"))
        .hint(format!("write `{field}` under [metadata]"))
}

fn read_repository(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    let address = vocab_checks::validate_address(&entry.text(found)?, found)?;
    Some(CustomValue::Text(address))
}

fn read_programming_languages(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    let known = vocab::list_programming_languages();
    let items = entry.list("a list such as `[\"python\", \"rust\"]`", found);
    let read =
        items.iter().filter_map(|item| read_word(item, "programming language", &known, found));
    let words: Vec<CustomValue> = read.collect();
    (!words.is_empty()).then_some(CustomValue::List(words))
}

/// How long a list may be to be printed or documented.
const LISTED: usize = 100;

/// Finds a word of a long list.
fn find_word(
    word: &Located<String>,
    what: &str,
    known: &[&'static str],
    found: &mut Vec<Finding>,
) -> Option<String> {
    if known.contains(&word.value.as_str()) {
        return Some(word.value.clone());
    }
    let summary = format!("unknown {what} `{}`", shorten_and_escape(&word.value));
    let finding = Finding::error(codes::UNKNOWN_WORD, summary).at(word.span, "unknown");
    found.push(match vocab::find_closest(&word.value, known.iter().copied()) {
        Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
        None => finding.hint("Zenodo has ids such as `c++`, `jupyter_notebook` and `python`"),
    });
    None
}

fn read_development_status(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    read_word(entry, "development status", &vocab::list_development_statuses(), found)
}

/// Reads the id of a word of a vocabulary, alone or as in the API: `{ id = "…" }`.
fn read_word(
    entry: &Entry<'_>,
    what: &str,
    known: &[&'static str],
    found: &mut Vec<Finding>,
) -> Option<CustomValue> {
    let word = if entry.value.as_table().is_some() {
        let mut section = entry.section("a table with an `id`", found)?;
        let word = section.require_word("id", found);
        section.finish(None, found);
        word?
    } else {
        entry.word(found)?
    };
    // People write `Python`; the list has `python`.
    let word = Located { value: word.value.to_lowercase(), ..word };
    let id = if known.len() > LISTED {
        find_word(&word, what, known, found)
    } else {
        vocab_checks::validate_word(&word, what, known, found)
    }?;
    Some(CustomValue::Table(BTreeMap::from([("id".to_owned(), CustomValue::Text(id))])))
}

/// Reads a value of any form.
pub(super) fn read_any(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    Some(match entry.value {
        DeValue::String(_) => CustomValue::Text(entry.text(found)?.value),
        DeValue::Boolean(flag) => CustomValue::Flag(*flag),
        DeValue::Datetime(date) => CustomValue::Text(date.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) => {
            entry.number(found)?;
            CustomValue::spell_number(read_number_text(entry.value)?)
        }
        DeValue::Array(_) => {
            let items = entry.list("a list", found);
            CustomValue::List(items.iter().filter_map(|item| read_any(item, found)).collect())
        }
        DeValue::Table(_) => {
            let pairs = entry.section("a table", found)?.entries(found);
            let read =
                pairs.iter().filter_map(|(key, it)| Some((key.clone(), read_any(it, found)?)));
            CustomValue::Table(read.collect())
        }
    })
}
