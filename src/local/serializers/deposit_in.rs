//! Reads requests of the deposit API: Zenodo's old field names become InvenioRDM's.
//!
//! Most bad values are dropped silently, some are refused, some make the real server fail with
//! 500; which is which was recorded on 2026-11-23 (`tests/contract/metadata-*.json`). Deliberately
//! absent: people and identifiers, see `related_in`.

use serde_json::{Map, Value, json};

use super::identifier;
use super::related_in;
use super::text;
use super::vocabulary::{self, Vocabulary, find_entry};
use super::web_address;
use crate::local::state::drafts::{DraftData, PidsChange};
use crate::local::state::refusal::Refusal;
use crate::local::state::types::{Access, Visibility};

/// Reads the body of a create or a replace. `today` is the default publication date.
///
/// # Errors
/// 400 or 500, in the words of the server.
pub(crate) fn read_deposit(body: &Value, today: &str) -> Result<DraftData, Refusal> {
    let Value::Object(body) = body else { return Err(Refusal::internal()) };
    // A whole GET answer sent back is refused here; only the records API ignores unknown keys.
    let unknown: Vec<(String, String)> = body
        .keys()
        .filter(|key| !matches!(key.as_str(), "metadata" | "files"))
        .map(|key| (key.clone(), "Unknown field.".to_owned()))
        .collect();
    if !unknown.is_empty() {
        return Err(Refusal::fields(&unknown));
    }
    match body.get("metadata") {
        // `{}` is accepted and wipes the metadata.
        None => Ok(make_empty()),
        Some(Value::Null) => Err(Refusal::field("metadata", "Field may not be null.")),
        Some(Value::Object(metadata)) => read_metadata(metadata, today),
        Some(_) => Err(Refusal::internal()),
    }
}

fn make_empty() -> DraftData {
    DraftData {
        metadata: Map::new(),
        custom: Map::new(),
        access: Access::default(),
        pids: PidsChange::Keep,
    }
}

fn read_metadata(given: &Map<String, Value>, today: &str) -> Result<DraftData, Refusal> {
    // Only the licence refuses a null; any other null counts as a missing field.
    if given.get("license").is_some_and(Value::is_null) {
        return Err(Refusal::field("metadata.license", "Field may not be null."));
    }
    let given = &drop_nulls(given);
    let mut metadata = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            metadata.insert(key.to_owned(), value);
        }
    };
    put("resource_type", read_resource_type(given)?);
    put("creators", related_in::read_creators(given.get("creators"))?);
    put("title", read_text_field(given, "title", text::read_long_plain_text));
    put("publisher", Some(read_publisher(given)));
    put("publication_date", read_publication_date(given, today));
    put("subjects", read_keywords(given.get("keywords")));
    put("contributors", related_in::read_contributors(given)?);
    put("dates", read_dates(given.get("dates"))?);
    put("languages", read_language(given.get("language"))?);
    put("version", read_text_field(given, "version", text::read_plain_text));
    put("rights", read_licence(given)?);
    put("description", read_text_field(given, "description", text::read_long_html));
    put("additional_descriptions", read_additional_descriptions(given));
    put("locations", read_locations(given.get("locations"))?);
    put("funding", related_in::read_funding(given.get("grants"))?);
    put("references", read_references(given.get("references")));
    let (related, alternate) =
        related_in::read_related_identifiers(given.get("related_identifiers"))?;
    put("related_identifiers", related);
    put("identifiers", alternate);
    let access = read_access(given)?;
    // An empty or missing `doi` keeps the earlier one: this API can replace a DOI, never remove it.
    let pids = match given.get("doi").and_then(Value::as_str) {
        Some(doi) if !doi.trim().is_empty() => PidsChange::Doi(doi.trim().to_owned()),
        Some(_) | None => PidsChange::Keep,
    };
    Ok(DraftData { metadata, custom: read_custom_fields(given)?, access, pids })
}

fn drop_nulls(given: &Map<String, Value>) -> Map<String, Value> {
    let kept = given.iter().filter(|(_, value)| !value.is_null());
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn read_text_field(
    given: &Map<String, Value>,
    field: &str,
    rule: fn(&str) -> Option<String>,
) -> Option<Value> {
    let text = match given.get(field)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    rule(&text).map(Value::from)
}

fn read_resource_type(given: &Map<String, Value>) -> Result<Option<Value>, Refusal> {
    let Some(upload_type) = given.get("upload_type").and_then(Value::as_str) else {
        return Ok(None);
    };
    let subtype = given.get(&format!("{upload_type}_type")).and_then(Value::as_str);
    let id = match subtype {
        Some(subtype) => format!("{upload_type}-{subtype}"),
        None => upload_type.to_owned(),
    };
    let found =
        find_entry(Vocabulary::ResourceTypes, &id).ok_or_else(|| Refusal::invalid_value(&id))?;
    // A publication without a subtype is dropped, although the vocabulary has the bare id.
    Ok((found.id != "publication").then(|| json!({"id": found.id})))
}

fn read_publisher(given: &Map<String, Value>) -> Value {
    // A DOI cannot be registered without a publisher, so this API fills in its own name.
    read_text_field(given, "imprint_publisher", text::read_plain_text)
        .unwrap_or_else(|| json!("Zenodo"))
}

fn read_publication_date(given: &Map<String, Value>, today: &str) -> Option<Value> {
    // Only a missing date becomes today; an unreadable one is dropped, and publishing then fails.
    let Some(date) = given.get("publication_date") else { return Some(json!(today)) };
    let date = text::read_text_value(date)?;
    text::is_edtf(&date).then(|| json!(date))
}

/// Reads the keywords.
fn read_keywords(given: Option<&Value>) -> Option<Value> {
    let words: Vec<String> = match given? {
        // The real server iterates over a string, so each letter becomes a keyword.
        Value::String(text) => {
            text.chars().filter_map(|c| text::read_plain_text(c.encode_utf8(&mut [0; 4]))).collect()
        }
        Value::Array(words) => words.iter().filter_map(text::read_text_value).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    let subjects: Vec<Value> = words.iter().map(|word| json!({"subject": word})).collect();
    (!subjects.is_empty()).then(|| Value::from(subjects))
}

fn read_language(given: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(code) = given.and_then(Value::as_str).filter(|code| !code.is_empty()) else {
        return Ok(None);
    };
    // Only the length is refused; an unknown code of the right length is dropped.
    if !matches!(code.chars().count(), 2 | 3) {
        return Err(Refusal::field(
            "metadata.language",
            "Language must be either ISO-639-1 or 639-2 compatible.",
        ));
    }
    Ok(vocabulary::find_language(code).map(|id| json!([{"id": id}])))
}

fn read_licence(given: &Map<String, Value>) -> Result<Option<Value>, Refusal> {
    let refuse = |message: String| Err(Refusal::field("metadata.license", &message));
    let text = match given.get("license") {
        None => return Ok(choose_default_licence(given)),
        Some(Value::String(text)) => text,
        Some(Value::Object(object)) => match object.get("id") {
            Some(Value::String(text)) => text,
            _ => return refuse(describe_wrong_licence(&Value::Object(object.clone()))),
        },
        Some(Value::Null) => return refuse("Field may not be null.".to_owned()),
        Some(other) => return refuse(describe_wrong_licence(other)),
    };
    if text.is_empty() {
        return Ok(choose_default_licence(given));
    }
    match (vocabulary::find_licence_given(text), vocabulary::find_licence_text(text)) {
        (Some(licence), _) => Ok(Some(json!([{"id": licence.id}]))),
        // Some ids of the former vocabulary lead to no licence, and the server keeps their names as
        // text.
        (None, Some(title)) => Ok(Some(json!([{"title": {"en": title}}]))),
        (None, None) => refuse(format!("Invalid license provided: {text}")),
    }
}

fn describe_wrong_licence(value: &Value) -> String {
    format!("Invalid license value provided (expected string, or object with 'id' key): {value}")
}

/// Returns CC0 for datasets and CC BY 4.0 for all else, if the files are or become open.
fn choose_default_licence(given: &Map<String, Value>) -> Option<Value> {
    let access = given.get("access_right").and_then(Value::as_str).unwrap_or("open");
    let upload_type = given.get("upload_type").and_then(Value::as_str)?;
    if !matches!(access, "open" | "embargoed") {
        return None;
    }
    let id = if upload_type == "dataset" { "cc0-1.0" } else { "cc-by-4.0" };
    Some(json!([{"id": id}]))
}

fn read_access(given: &Map<String, Value>) -> Result<Access, Refusal> {
    let right = given.get("access_right").and_then(Value::as_str).unwrap_or("open");
    let embargo = given.get("embargo_date").and_then(Value::as_str);
    let restricted = Access { files: Visibility::Restricted, ..Access::default() };
    match (right, embargo) {
        ("open", _) => Ok(Access::default()),
        // `closed` is the older word, and comes back as `restricted`.
        ("restricted" | "closed", _) => Ok(restricted),
        ("embargoed", Some(date)) => {
            // An unreadable date is dropped, and the files stay restricted.
            let until = text::is_day(date).then(|| date.to_owned());
            Ok(Access { embargo_until: until, ..restricted })
        }
        // An embargo without a date is refused in the same words as an unknown right.
        _ => Err(Refusal::field("_schema", "Unknown access type.")),
    }
}

fn read_dates(given: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(Value::Array(dates)) = given else { return Ok(None) };
    let mut read = Vec::new();
    for date in dates {
        let part = |key: &str| date.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
        if part("start").is_none() && part("end").is_none() {
            return Err(Refusal::field("metadata.dates", "Invalid date provided."));
        }
        let kind = part("type").ok_or_else(Refusal::internal)?.to_lowercase();
        let kind =
            find_entry(Vocabulary::Dates, &kind).ok_or_else(|| Refusal::invalid_value(&kind))?;
        let mut row = json!({"type": {"id": kind.id}});
        // An unreadable date is dropped, and the entry stays.
        if let Some(date) = join_interval(part("start"), part("end")) {
            row["date"] = json!(date);
        }
        if let Some(description) = part("description").and_then(text::read_plain_text) {
            row["description"] = json!(description);
        }
        read.push(row);
    }
    Ok((!read.is_empty()).then(|| Value::from(read)))
}

/// Returns a date, or an interval that does not end before it begins.
fn join_interval(start: Option<&str>, end: Option<&str>) -> Option<String> {
    // One end alone, or the same end twice, becomes a single date
    // (`tests/contract/deposit-dates.json`, 2026-11-28).
    let (start, end) = (start.or(end)?, end.or(start)?);
    let span = if start == end { start.to_owned() } else { format!("{start}/{end}") };
    text::is_edtf(&span).then_some(span)
}

fn read_additional_descriptions(given: &Map<String, Value>) -> Option<Value> {
    let mut rows = Vec::new();
    for (field, kind) in [("notes", "other"), ("method", "methods")] {
        if let Some(description) = read_text_field(given, field, text::read_long_html) {
            rows.push(json!({"description": description, "type": {"id": kind}}));
        }
    }
    (!rows.is_empty()).then(|| Value::from(rows))
}

fn read_locations(given: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(Value::Array(places)) = given else { return Ok(None) };
    let mut features = Vec::new();
    for location in places {
        // A location without a place makes the real server fail.
        let place = location.get("place").ok_or_else(Refusal::internal)?;
        let mut feature = json!({});
        if let Some(place) = text::read_text_value(place) {
            feature["place"] = json!(place);
        }
        if let (Some(lat), Some(lon)) =
            (read_coordinate(location, "lat"), read_coordinate(location, "lon"))
        {
            // GeoJSON has the longitude first.
            feature["geometry"] = json!({"type": "Point", "coordinates": [lon, lat]});
        }
        if let Some(description) = location.get("description").and_then(text::read_text_value) {
            feature["description"] = json!(description);
        }
        features.push(feature);
    }
    Ok((!features.is_empty()).then(|| json!({"features": features})))
}

/// Returns a coordinate, which comes back as a number with a fraction.
fn read_coordinate(location: &Value, key: &str) -> Option<f64> {
    // The real server takes zero for a missing value, and then drops the other coordinate, too
    // (`tests/contract/deposit-places.json`, 2026-11-28).
    location.get(key).and_then(Value::as_f64).filter(|degrees| *degrees != 0.0)
}

fn read_references(given: Option<&Value>) -> Option<Value> {
    let Value::Array(references) = given? else { return None };
    let rows: Vec<Value> = references
        .iter()
        .filter_map(text::read_text_value)
        .map(|reference| json!({"reference": reference}))
        .collect();
    (!rows.is_empty()).then(|| Value::from(rows))
}

/// Fields of the deposit API that InvenioRDM keeps as custom fields: object, field, deposit name.
pub(crate) const CUSTOM: [(&str, &str, &str); 15] = [
    ("journal:journal", "title", "journal_title"),
    ("journal:journal", "volume", "journal_volume"),
    ("journal:journal", "issue", "journal_issue"),
    ("journal:journal", "pages", "journal_pages"),
    ("meeting:meeting", "title", "conference_title"),
    ("meeting:meeting", "acronym", "conference_acronym"),
    ("meeting:meeting", "dates", "conference_dates"),
    ("meeting:meeting", "place", "conference_place"),
    ("meeting:meeting", "url", "conference_url"),
    ("meeting:meeting", "session", "conference_session"),
    ("meeting:meeting", "session_part", "conference_session_part"),
    ("imprint:imprint", "isbn", "imprint_isbn"),
    ("imprint:imprint", "place", "imprint_place"),
    ("imprint:imprint", "pages", "partof_pages"),
    ("imprint:imprint", "title", "partof_title"),
];

fn read_custom_fields(given: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let mut custom = Map::new();
    for (object, field, name) in CUSTOM {
        let value = given.get(name).and_then(text::read_text_value);
        if let Some(value) = value.filter(|value| is_kept(name, value)) {
            custom.entry(object).or_insert_with(|| json!({}))[field] = json!(value);
        }
    }
    // The deposit API writes this older field; the records API has an object, `thesis:thesis`.
    if let Some(university) = read_text_field(given, "thesis_university", text::read_plain_text) {
        custom.insert("thesis:university".to_owned(), university);
    }
    if let Some(Value::Array(subjects)) = given.get("subjects")
        && !subjects.is_empty()
    {
        custom.insert("legacy:subjects".to_owned(), json!(subjects));
    }
    // Slugs are stored unchecked: only publishing looks at them, and one that does not exist leads
    // to nothing.
    let slugs = read_communities(given.get("communities"))?;
    if !slugs.is_empty() {
        custom.insert("legacy:communities".to_owned(), json!(slugs));
    }
    Ok(custom)
}

/// Returns whether a custom field is kept: the server checks two of them and drops wrong values
/// (invenio-rdm-records 35.0.0, read 2026-11-28).
fn is_kept(name: &str, value: &str) -> bool {
    match name {
        "imprint_isbn" => identifier::is_isbn(value),
        "conference_url" => web_address::is_web_address(value),
        _ => true,
    }
}

fn read_communities(given: Option<&Value>) -> Result<Vec<String>, Refusal> {
    let refuse = || {
        Refusal::field(
            "communities",
            "Communities must be an array of objects with an 'identifier' key.",
        )
    };
    let Some(given) = given else { return Ok(Vec::new()) };
    let list = given.as_array().ok_or_else(refuse)?;
    list.iter()
        .map(|entry| {
            let slug = entry.get("identifier").and_then(Value::as_str);
            slug.map(str::to_owned).ok_or_else(refuse)
        })
        .collect()
}
