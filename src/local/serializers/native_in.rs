//! Reads requests of the records API, in InvenioRDM's own spelling.
//!
//! A draft keeps the valid values and drops the rest, which `errors` of the answer names.
//! Deliberately absent: what a record needs to be published, see `state::publish`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::identifier;
use super::text;
use super::vocabulary::{self, Vocabulary, find_entry};
use crate::local::state::drafts::{DraftData, PidsChange};
use crate::local::state::publish;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::{Access, Pid, Visibility};

/// Fields of the metadata that are kept as sent.
const AS_GIVEN: [&str; 6] = ["locations", "funding", "references", "formats", "sizes", "copyright"];

/// Faults of a draft that the server accepts anyway: field and message. Only the answer to the
/// write reports them; a later read does not.
pub(crate) type Remarks = Vec<(String, String)>;

/// Reads the body of a create or a replace.
///
/// # Errors
/// 400 for an id that is in no vocabulary or a restricted record, 500 if the body is not an object.
pub(crate) fn read_native(body: &Value) -> Result<(DraftData, Remarks), Refusal> {
    let empty = Map::new();
    let body = match body {
        Value::Object(body) => body,
        // The real server takes an empty list for an empty object (`native-create-bodies`,
        // 2026-11-28).
        Value::Array(list) if list.is_empty() => &empty,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(Refusal::internal());
        }
    };
    // Unknown top-level keys are ignored, so that a client can send a whole GET answer back.
    let metadata = body.get("metadata").and_then(Value::as_object).unwrap_or(&empty);
    let custom = body.get("custom_fields").and_then(Value::as_object).cloned();
    let mut remarks = Remarks::new();
    let data = DraftData {
        metadata: read_metadata(metadata, &mut remarks)?,
        custom: custom.unwrap_or_default(),
        access: read_access(body.get("access"))?,
        pids: read_pids(body.get("pids"), &mut remarks),
    };
    Ok((data, remarks))
}

fn read_metadata(
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
    put(
        "resource_type",
        read_vocabulary_id(Vocabulary::ResourceTypes, given.get("resource_type"))?,
    );
    put("creators", read_people("creators", given, remarks)?);
    put("title", text_of("title").and_then(text::read_long_plain_text).map(Value::from));
    put(
        "additional_titles",
        read_typed_rows(Vocabulary::Titles, given.get("additional_titles"), "title")?,
    );
    put("publisher", text_of("publisher").and_then(text::read_plain_text).map(Value::from));
    // A title or a date that the server cannot read is dropped, and the rest of the draft is kept.
    let date = text_of("publication_date").filter(|date| text::is_edtf(date));
    put("publication_date", date.map(Value::from));
    put("subjects", read_list(given.get("subjects")));
    put("contributors", read_people("contributors", given, remarks)?);
    put("dates", read_typed_rows(Vocabulary::Dates, given.get("dates"), "date")?);
    put("languages", read_languages(given.get("languages"))?);
    put("identifiers", read_list(given.get("identifiers")));
    put(
        "related_identifiers",
        read_related_identifiers(given.get("related_identifiers"), remarks)?,
    );
    put("version", text_of("version").and_then(text::read_plain_text).map(Value::from));
    put("rights", read_rights(given.get("rights"))?);
    put("description", text_of("description").and_then(text::read_long_html).map(Value::from));
    let field = given.get("additional_descriptions");
    put(
        "additional_descriptions",
        read_typed_rows(Vocabulary::Descriptions, field, "description")?,
    );
    // An empty list says no more than a missing field, so neither is stored.
    for name in AS_GIVEN {
        put(name, given.get(name).filter(|value| !is_empty(value)).cloned());
    }
    Ok(out)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn read_list(value: Option<&Value>) -> Option<Value> {
    value.filter(|value| value.is_array() && !is_empty(value)).cloned()
}

/// Reads `{"id": …}` and drops a title that a client sends back.
fn read_vocabulary_id(
    vocabulary: Vocabulary,
    value: Option<&Value>,
) -> Result<Option<Value>, Refusal> {
    let Some(id) = value.and_then(|value| value.get("id")).and_then(Value::as_str) else {
        return Ok(None);
    };
    // An unknown id refuses the whole request, unlike most bad values, and the draft stays as it
    // was.
    let found = find_entry(vocabulary, id).ok_or_else(|| Refusal::invalid_value(id))?;
    Ok(Some(json!({"id": found.id})))
}

fn read_people(
    list: &str,
    given: &Map<String, Value>,
    remarks: &mut Remarks,
) -> Result<Option<Value>, Refusal> {
    let Some(people) = given.get(list).and_then(Value::as_array) else { return Ok(None) };
    let mut rows = Vec::new();
    for (at, given) in people.iter().enumerate() {
        rows.push(read_person(given, &format!("metadata.{list}.{at}.person_or_org"), remarks)?);
    }
    Ok((!rows.is_empty()).then(|| Value::from(rows)))
}

/// Reads a person.
fn read_person(given: &Value, place: &str, remarks: &mut Remarks) -> Result<Value, Refusal> {
    let who = given.get("person_or_org").cloned().unwrap_or_else(|| json!({}));
    let text_of =
        |name: &str| who.get(name).and_then(Value::as_str).and_then(text::read_plain_text);
    let mut person = json!({});
    let kind = text_of("type").unwrap_or_else(|| "personal".to_owned());
    person["type"] = json!(kind);
    let n_remarks = remarks.len();
    let identifiers = read_person_identifiers(&who, place, remarks);
    let is_valid = remarks.len() == n_remarks;
    // An organization has a name of its own; the name of a person is always joined from its parts.
    if kind == "organizational" {
        if let Some(name) = text_of("name") {
            person["name"] = json!(name);
        }
    } else if let Some(family) = text_of("family_name") {
        let given_name = text_of("given_name");
        // The server joins the name after it has checked the identifiers: a wrong one costs the
        // name, and the person is otherwise kept as sent.
        if is_valid {
            person["name"] = json!(text::join_name(&family, given_name.as_deref()));
        }
        if let Some(given_name) = given_name {
            person["given_name"] = json!(given_name);
        }
        person["family_name"] = json!(family);
    }
    if !identifiers.is_empty() {
        person["identifiers"] = json!(identifiers);
    }
    let mut row = json!({"person_or_org": person});
    if let Some(role) = read_vocabulary_id(Vocabulary::Roles, given.get("role"))? {
        row["role"] = role;
    }
    if let Some(affiliations) = read_list(given.get("affiliations")) {
        row["affiliations"] = affiliations;
    }
    Ok(row)
}

/// Reads a person's identifiers.
fn read_person_identifiers(who: &Value, place: &str, remarks: &mut Remarks) -> Vec<Value> {
    let mut kept = Vec::new();
    let given = who.get("identifiers").and_then(Value::as_array);
    for (at, row) in given.into_iter().flatten().enumerate() {
        let text = row.get("identifier").and_then(Value::as_str).unwrap_or_default();
        let mut row = row.clone();
        let scheme = row.get("scheme").and_then(Value::as_str).map(str::to_owned);
        match scheme.or_else(|| identifier::find_person_scheme(text).map(str::to_owned)) {
            Some(scheme) => {
                if scheme == "orcid" {
                    match identifier::parse_orcid(text) {
                        Some(orcid) => row["identifier"] = json!(orcid),
                        None => remarks.push((
                            format!("{place}.identifiers.{at}.identifier"),
                            "Invalid ORCID identifier.".to_owned(),
                        )),
                    }
                }
                row["scheme"] = json!(scheme);
            }
            // An identifier of no known scheme stays without one, and the deposit API then answers
            // 500 for the draft (`tests/contract/native-identifier-without-scheme.json`,
            // 2026-11-28).
            None => remarks
                .push((format!("{place}.identifiers.{at}.scheme"), publish::NO_SCHEME.to_owned())),
        }
        kept.push(row);
    }
    kept
}

/// Reads rows that have a text and a type.
fn read_typed_rows(
    vocabulary: Vocabulary,
    value: Option<&Value>,
    field: &str,
) -> Result<Option<Value>, Refusal> {
    let Some(rows) = value.and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for row in rows {
        let Some(text) = row.get(field).and_then(Value::as_str) else { continue };
        let text = if field == "description" {
            text::read_long_html(text)
        } else {
            text::read_plain_text(text)
        };
        let Some(text) = text else { continue };
        let mut out = json!({field: text});
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
                remarks.push((place, publish::NO_SCHEME.to_owned()));
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
        kept.push(out);
    }
    Ok((!kept.is_empty()).then(|| Value::from(kept)))
}

fn read_rights(value: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(rows) = value.and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for row in rows {
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

fn read_access(value: Option<&Value>) -> Result<Access, Refusal> {
    // A PUT without `access` makes the draft public: the server replaces the whole object.
    let asked = |name: &str| value.and_then(|value| value.get(name)).and_then(Value::as_str);
    // Users restrict files only, never a record (`native-access`, 2026-11-28).
    if asked("record").is_some_and(|visibility| visibility != "public") {
        let message = "You don't have permissions to manage record access.";
        return Err(Refusal::field("access", message));
    }
    let is_restricted = asked("files") == Some("restricted");
    let embargo = value.and_then(|value| value.get("embargo"));
    let text_of = |name: &str| embargo?.get(name)?.as_str().map(str::to_owned);
    Ok(Access {
        record: Visibility::Public,
        files: if is_restricted { Visibility::Restricted } else { Visibility::Public },
        embargo_until: text_of("until").filter(|day| text::is_day(day)),
        embargo_reason: text_of("reason"),
    })
}

/// Reads `pids`.
fn read_pids(value: Option<&Value>, remarks: &mut Remarks) -> PidsChange {
    // A missing `pids` keeps the DOI; an empty object drops it from the draft.
    let Some(Value::Object(given)) = value else { return PidsChange::Keep };
    let mut pids = BTreeMap::new();
    for (scheme, pid) in given {
        let text_of = |name: &str| pid.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(identifier) = text_of("identifier") else { continue };
        // An empty DOI is kept, and blocks publishing
        // (`tests/contract/native-empty-external-doi.json`, 2026-11-28).
        if identifier.is_empty() {
            remarks.push((format!("pids.{scheme}"), publish::MISSING_DOI.to_owned()));
        }
        let provider = text_of("provider").unwrap_or_else(|| "external".to_owned());
        pids.insert(scheme.clone(), Pid { identifier, provider, client: text_of("client") });
    }
    PidsChange::Replace(pids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &Value) -> Result<(Map<String, Value>, Remarks), Refusal> {
        read_native(body).map(|(data, remarks)| (data.metadata, remarks))
    }

    #[test]
    fn an_empty_list_is_an_empty_draft() {
        assert_eq!(read(&json!([])), Ok((Map::new(), Vec::new())));
        assert_eq!(read(&json!([1])), Err(Refusal::internal()));
        assert_eq!(read(&json!(null)), Err(Refusal::internal()));
    }

    #[test]
    fn an_unknown_language_refuses_the_draft() {
        let languages = |id: &str| json!({"metadata": {"languages": [{"id": "eng"}, {"id": id}]}});
        for id in ["zzz", "en"] {
            assert_eq!(read(&languages(id)), Err(Refusal::invalid_value(id)));
        }
        let (metadata, _) = read(&languages("fra")).unwrap();
        assert_eq!(metadata["languages"], json!([{"id": "eng"}, {"id": "fra"}]));
    }

    #[test]
    fn an_identifier_of_no_known_scheme_is_kept_without_one_and_told() {
        for text in ["not an id", "swh:1:rev:309cf2674ee7a0749978cf8265ab91a60aea0f7d"] {
            let given = json!([
                {"identifier": "10.1234/a", "relation_type": {"id": "cites"}},
                {"identifier": text, "relation_type": {"id": "cites"}},
            ]);
            let (metadata, remarks) =
                read(&json!({"metadata": {"related_identifiers": given}})).unwrap();
            assert_eq!(metadata["related_identifiers"][1], given[1]);
            let place = "metadata.related_identifiers.1.scheme".to_owned();
            assert_eq!(remarks, [(place, publish::NO_SCHEME.to_owned())]);
        }
    }

    #[test]
    fn a_record_cannot_be_restricted() {
        let access = |record: &str| json!({"access": {"record": record, "files": "restricted"}});
        let message = "You don't have permissions to manage record access.";
        for record in ["restricted", "secret"] {
            assert_eq!(read(&access(record)), Err(Refusal::field("access", message)));
        }
        let (data, _) = read_native(&access("public")).unwrap();
        assert_eq!(data.access.files, Visibility::Restricted);
    }
}
