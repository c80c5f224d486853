//! `[metadata.custom]`: fields of a site's own.

use std::collections::BTreeMap;

use toml::de::DeValue;

use crate::model::{CustomFields, CustomValue, Field, Finding, Span};
use crate::vocab;

use super::codes;
use super::custom_form_faults::{FormFault, Step, find_form_faults};
use super::reader::{Entry, make_span, read_number_text};
use super::types::Located;
use super::vocab_checks::{self, shorten_and_escape};

/// Takes the value of a custom field, or reports what is wrong with it.
type Check = fn(&Entry<'_>, &mut Vec<Finding>) -> Option<CustomValue>;

/// Custom fields of code, which have words of a vocabulary, and an address.
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
        found.extend(warn_of_other_name(&name, &entry));
        let typed = TYPED.iter().find(|(known, _)| *known == name);
        let value = match typed {
            Some((_, read)) => read(&entry, found),
            None => read_any(&entry, found),
        };
        let Some(value) = value.map(CustomValue::without_titles) else { continue };
        let mut faults = find_value_faults(&name, &value, &entry);
        faults.extend(find_form_findings(&name, &value, &entry));
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

/// Returns what is wrong with the form of a value that Zenodo has.
fn find_form_findings(name: &str, value: &CustomValue, entry: &Entry<'_>) -> Vec<Finding> {
    let Some(form) = vocab::find_custom_form(name) else { return Vec::new() };
    let describe = |fault: FormFault| {
        let summary = format!("`{}` {}", show_place(name, &fault.path), fault.what);
        Finding::error(codes::CUSTOM_FIELD, summary)
            .at(find_span(entry, &fault.path), "not in the form that Zenodo has")
    };
    find_form_faults(form, value).into_iter().map(describe).collect()
}

/// Shows a place in a custom field: `dwc:genus[1]`.
fn show_place(name: &str, path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Key(key) => format!(".{}", shorten_and_escape(key)),
        Step::At(at) => format!("[{at}]"),
    });
    shorten_and_escape(name) + &steps.collect::<String>()
}

/// Returns where in the manifest a part of a value is.
fn find_span(entry: &Entry<'_>, path: &[Step]) -> Span {
    let mut at = (entry.value, entry.span);
    for step in path {
        let below = match (step, at.0) {
            (Step::Key(key), DeValue::Table(table)) => table.get(key.as_str()),
            (Step::At(number), DeValue::Array(list)) => list.get(*number),
            (Step::Key(_) | Step::At(_), _) => None,
        };
        let Some(below) = below else { break };
        at = (below.get_ref(), make_span(&below.span()));
    }
    at.1
}

/// Warns of a field that Zenodo does not have, as far as zrel knows.
fn warn_of_other_name(name: &str, entry: &Entry<'_>) -> Option<Finding> {
    let is_typed = TYPED.iter().any(|(known, _)| *known == name);
    let is_known = is_typed || vocab::find_custom_form(name).is_some() || is_said(name);
    let summary = format!("zrel knows no custom field `{}`", shorten_and_escape(name));
    let finding = Finding::warning(codes::OTHER_FIELD, summary).at(entry.key_span, "not known");
    (!is_known).then(|| {
        finding
            .because("Zenodo refuses a field that it does not have, when the metadata are written")
            .hint("check its name; another server has fields of its own")
    })
}

/// Returns whether a field of the metadata says a custom field whole.
fn is_said(name: &str) -> bool {
    Field::ALL.iter().any(|field| field.custom_paths().any(|path| path == name))
}

/// Returns the name that was meant by one that is almost the same. Another name may be of a later
/// Zenodo.
fn find_meant_name(name: &str) -> Option<&'static str> {
    let (namespace, _) = name.split_once(':')?;
    let all = || TYPED.iter().map(|(known, _)| *known).chain(vocab::list_custom_names());
    let is_near = |known: &&str| known.split_once(':').is_some_and(|(near, _)| near == namespace);
    // Numbers differ by little, and mean something else.
    let is_unknown = namespace != "mixs" && all().all(|known| known != name);
    let meant = vocab::find_closest(name, all().filter(is_near)).filter(|_| is_unknown)?;
    (namespace == "code" || vocab::is_slip_of(name, meant)).then_some(meant)
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
            is_name
                && find_meant_name(name).is_none()
                && value.is_something()
                && list_said_parts(name, value).is_empty()
                && vocab::find_custom_form(name)
                    .is_none_or(|form| find_form_faults(form, value).is_empty())
        }
    }
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
