//! `metadata` in a request of the records API.

use serde_json::{Map, Value, json};

use super::people::read_people;
use super::places::read_locations;
use super::remarks::{MISSING, Remark, Remarks};
use super::rows::{is_empty, read_list, read_vocabulary_id, read_words};
use crate::local::serializers::vocabulary::{self, Vocabulary};
use crate::local::serializers::{identifier, organizations, text};
use crate::local::state::kept_values;
use crate::local::state::publish;
use crate::local::state::refusal::Refusal;

/// Fields of the metadata that are kept as sent.
const AS_GIVEN: [&str; 1] = ["references"];

/// The fields of the metadata.
const KNOWN: [&str; 23] = [
    "resource_type",
    "creators",
    "title",
    "additional_titles",
    "publisher",
    "publication_date",
    "subjects",
    "contributors",
    "dates",
    "languages",
    "identifiers",
    "related_identifiers",
    "sizes",
    "formats",
    "version",
    "rights",
    "copyright",
    "description",
    "additional_descriptions",
    "locations",
    "funding",
    "references",
    "internal_notes",
];

/// The keys of a licence.
const RIGHTS_KEYS: [&str; 5] = ["id", "title", "description", "link", "props"];

/// Reads `metadata`.
///
/// # Errors
/// 400 for an id that is in no vocabulary.
pub(super) fn read_metadata(
    given: &Map<String, Value>,
    remarks: &mut Remarks,
) -> Result<Map<String, Value>, Refusal> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    let text_of = |name: &str| given.get(name).and_then(Value::as_str);
    let kind = read_vocabulary_id(Vocabulary::ResourceTypes, given.get("resource_type"))?;
    put("resource_type", require("resource_type", kind, remarks));
    let creators = read_people("creators", given, remarks)?;
    put("creators", require("creators", creators, remarks));
    put("title", read_title(text_of("title"), remarks));
    put(
        "additional_titles",
        read_typed_rows(Vocabulary::Titles, given, ("additional_titles", "title"), remarks)?,
    );
    put("publisher", text_of("publisher").and_then(text::read_plain_text).map(Value::from));
    put("publication_date", read_publication_date(text_of("publication_date"), remarks));
    put("subjects", read_subjects(given.get("subjects"))?);
    put("contributors", read_people("contributors", given, remarks)?);
    put("dates", read_typed_rows(Vocabulary::Dates, given, ("dates", "date"), remarks)?);
    put("languages", read_languages(given.get("languages"))?);
    put("identifiers", read_list(given.get("identifiers")));
    put(
        "related_identifiers",
        read_related_identifiers(given.get("related_identifiers"), remarks)?,
    );
    put("version", read_version(text_of("version"), remarks));
    put("rights", read_rights(given.get("rights"), remarks)?);
    put("description", text_of("description").and_then(text::read_long_html).map(Value::from));
    put(
        "additional_descriptions",
        read_typed_rows(
            Vocabulary::Descriptions,
            given,
            ("additional_descriptions", "description"),
            remarks,
        )?,
    );
    put("funding", read_funding(given.get("funding"), remarks)?);
    put("copyright", read_copyright(text_of("copyright"), remarks));
    put("locations", read_locations(given.get("locations"), remarks));
    for (name, blank) in [
        ("sizes", "Size cannot be a blank string."),
        ("formats", "Format cannot be a blank string."),
    ] {
        put(name, read_words((name, blank), given.get(name), remarks));
    }
    // An empty list says no more than a missing field, so neither is stored.
    for name in AS_GIVEN {
        put(name, given.get(name).filter(|value| !is_empty(value)).cloned());
    }
    for name in given.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
        remarks.push(Remark::new(format!("metadata.{name}"), "Unknown field."));
    }
    Ok(out)
}

/// Notes that a required field is missing.
fn require(name: &str, value: Option<Value>, remarks: &mut Remarks) -> Option<Value> {
    if value.is_none() {
        remarks.push(Remark::new(format!("metadata.{name}"), MISSING));
    }
    value
}

/// Reads the title; one that is too short is dropped, and the rest of the draft is kept.
fn read_title(given: Option<&str>, remarks: &mut Remarks) -> Option<Value> {
    let Some(given) = given else { return require("title", None, remarks) };
    let title = text::read_long_plain_text(given).map(Value::from);
    if title.is_none() {
        remarks.push(Remark::new("metadata.title", "Shorter than minimum length 3."));
    }
    title
}

/// Reads the version label; one that is too long is dropped.
fn read_version(given: Option<&str>, remarks: &mut Remarks) -> Option<Value> {
    let label = text::read_plain_text(given?)?;
    if label.chars().count() > 191 {
        remarks.push(Remark::new("metadata.version", "Longer than maximum length 191."));
        return None;
    }
    Some(Value::from(label))
}

/// Reads who has the rights; a text of which nothing is left is dropped.
fn read_copyright(given: Option<&str>, remarks: &mut Remarks) -> Option<Value> {
    let given = given?;
    if given.trim().is_empty() {
        remarks.push(Remark::new("metadata.copyright", "Shorter than minimum length 1."));
        return None;
    }
    Some(Value::from(given))
}

/// Reads the publication date; one that can't be read is dropped.
fn read_publication_date(given: Option<&str>, remarks: &mut Remarks) -> Option<Value> {
    let Some(given) = given else { return require("publication_date", None, remarks) };
    let date = text::is_edtf(given).then(|| Value::from(given));
    if date.is_none() {
        remarks.push(Remark::new("metadata.publication_date", NO_DATE));
    }
    date
}

/// What the server says of a date that is none.
const NO_DATE: &str = "Please provide a valid date or interval.";

/// Reads subjects: of one in a vocabulary its id alone is kept.
fn read_subjects(given: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(Value::Array(given)) = read_list(given) else { return Ok(None) };
    let mut kept = Vec::new();
    for row in given {
        match row.get("id").and_then(Value::as_str) {
            Some(id) if !organizations::is_subject(id) => return Err(Refusal::invalid_value(id)),
            Some(id) => kept.push(json!({"id": id})),
            None => kept.push(row),
        }
    }
    Ok(Some(Value::from(kept)))
}

/// Reads rows that have a text and a type.
fn read_typed_rows(
    vocabulary: Vocabulary,
    given: &Map<String, Value>,
    (list, field): (&str, &str),
    remarks: &mut Remarks,
) -> Result<Option<Value>, Refusal> {
    let Some(rows) = given.get(list).and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let Some(text) = row.get(field).and_then(Value::as_str) else { continue };
        let text = match field {
            "description" => text::read_long_html(text),
            "date" => Some(text.to_owned()).filter(|date| text::is_edtf_or_time(date)),
            _ => text::read_plain_text(text),
        };
        let mut out = json!({});
        match text {
            Some(text) => out[field] = json!(text),
            // A date is dropped alone, and its entry is kept without it.
            None if field == "date" => {
                remarks.push(Remark::new(format!("metadata.{list}.{at}.{field}"), NO_DATE));
            }
            None => continue,
        }
        if let Some(kind) = read_vocabulary_id(vocabulary, row.get("type"))? {
            out["type"] = kind;
        }
        // A date may have a description besides; that of a description is the text itself.
        for name in ["lang", "description"] {
            if let Some(value) = row.get(name).filter(|_| name != field) {
                out[name] = value.clone();
            }
        }
        kept.push(out);
    }
    Ok((!kept.is_empty()).then(|| Value::from(kept)))
}

fn read_languages(value: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(rows) = value.and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for id in rows.iter().filter_map(|row| row.get("id")?.as_str()) {
        // Two letters name a language in the deposit API only.
        let known = Some(id).filter(|id| id.len() == 3).and_then(vocabulary::find_language);
        kept.push(json!({"id": known.ok_or_else(|| Refusal::invalid_value(id))?}));
    }
    Ok((!kept.is_empty()).then(|| Value::from(kept)))
}

fn read_related_identifiers(
    value: Option<&Value>,
    remarks: &mut Remarks,
) -> Result<Option<Value>, Refusal> {
    let Some(rows) = value.and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let Some(identifier) = row.get("identifier").and_then(Value::as_str) else { continue };
        let scheme = row.get("scheme").and_then(Value::as_str);
        let mut out = match (identifier::detect_identifier(identifier), scheme) {
            // The client's scheme wins: a text may fit several, and detection returns only the
            // first.
            (Some((detected, kept_as)), scheme) => {
                json!({"identifier": kept_as, "scheme": scheme.unwrap_or(detected)})
            }
            (None, Some(_)) => continue,
            // It stays without a scheme, and publishing is refused (`native-put-invalid`,
            // 2026-11-28).
            (None, None) => {
                let place = format!("metadata.related_identifiers.{at}.scheme");
                remarks.push(Remark::new(place, publish::NO_SCHEME));
                json!({"identifier": identifier})
            }
        };
        for (name, vocabulary) in
            [("relation_type", Vocabulary::Relations), ("resource_type", Vocabulary::ResourceTypes)]
        {
            if let Some(value) = read_vocabulary_id(vocabulary, row.get(name))? {
                out[name] = value;
            }
        }
        if out.get("relation_type").is_none() {
            let place = format!("metadata.related_identifiers.{at}.relation_type");
            remarks.push(Remark::new(place, MISSING));
        }
        kept.push(out);
    }
    Ok((!kept.is_empty()).then(|| Value::from(kept)))
}

fn read_rights(value: Option<&Value>, remarks: &mut Remarks) -> Result<Option<Value>, Refusal> {
    let Some(rows) = value.and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let names = row.as_object().into_iter().flat_map(Map::keys);
        // A client that sends an answer back sends the icon with it.
        for name in names.filter(|name| !RIGHTS_KEYS.contains(&name.as_str())) {
            remarks.push(Remark::new(format!("metadata.rights.{at}.{name}"), "Unknown field."));
        }
        match row.get("id").and_then(Value::as_str) {
            Some(id) => {
                let licence =
                    vocabulary::find_licence(id).ok_or_else(|| Refusal::invalid_value(id))?;
                kept.push(json!({"id": licence.id}));
            }
            // A custom licence has a title in place of the id.
            None => kept.push(row.clone()),
        }
    }
    Ok((!kept.is_empty()).then(|| Value::from(kept)))
}

/// Reads funding: of funders and awards in the vocabularies their ids alone are kept.
fn read_funding(value: Option<&Value>, remarks: &mut Remarks) -> Result<Option<Value>, Refusal> {
    let Some(Value::Array(rows)) = read_list(value) else { return Ok(None) };
    let mut kept = Vec::new();
    for (at, mut row) in rows.into_iter().enumerate() {
        if kept_values::is_unnamed_award(&row) {
            let place = format!("metadata.funding.{at}.award.award");
            remarks.push(Remark::new(place, kept_values::UNNAMED_AWARD));
        }
        let id_of = |part: &str| row.get(part)?.get("id")?.as_str().map(str::to_owned);
        let (funder, award) = (id_of("funder"), id_of("award"));
        if let Some(id) = funder {
            if !organizations::is_organization(&id) {
                return Err(Refusal::invalid_value(&id));
            }
            row["funder"] = json!({"id": id});
        }
        if let Some(id) = award {
            if !organizations::is_award(&id) {
                return Err(Refusal::invalid_value(&id));
            }
            row["award"] = json!({"id": id});
        }
        kept.push(row);
    }
    Ok(Some(Value::from(kept)))
}
