//! What a request of the records API says: InvenioRDM's own spelling.
//!
//! A draft takes what is valid and leaves out the rest, naming it in `errors` of the answer.
//! Deliberately absent: what a record needs to be published, see `state::publish`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::text;
use super::vocabulary::{self, Vocabulary, entry};
use crate::local::state::drafts::{DraftData, PidsChange};
use crate::local::state::refusal::Refusal;
use crate::local::state::types::{Access, Pid, Visibility};

/// Fields of the metadata that are kept as they are.
const AS_GIVEN: [&str; 6] = ["locations", "funding", "references", "formats", "sizes", "copyright"];

/// Reads the body of a create or a replace.
///
/// # Errors
/// 400 for a value that no vocabulary has, 500 where the body is no object.
pub(crate) fn read(body: &Value) -> Result<DraftData, Refusal> {
    let Value::Object(body) = body else { return Err(Refusal::internal()) };
    let empty = Map::new();
    let metadata = body.get("metadata").and_then(Value::as_object).unwrap_or(&empty);
    let custom = body.get("custom_fields").and_then(Value::as_object).cloned();
    Ok(DraftData {
        metadata: read_metadata(metadata)?,
        custom: custom.unwrap_or_default(),
        access: access(body.get("access")),
        pids: pids(body.get("pids")),
    })
}

fn read_metadata(given: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    let text_of = |name: &str| given.get(name).and_then(Value::as_str);
    put("resource_type", known(Vocabulary::ResourceTypes, given.get("resource_type"))?);
    put("creators", people(given.get("creators"))?);
    put("title", text_of("title").and_then(text::long_plain).map(Value::from));
    put("additional_titles", typed(Vocabulary::Titles, given.get("additional_titles"), "title")?);
    put("publisher", text_of("publisher").and_then(text::plain).map(Value::from));
    let date = text_of("publication_date").filter(|date| text::is_edtf(date));
    put("publication_date", date.map(Value::from));
    put("subjects", list(given.get("subjects")));
    put("contributors", people(given.get("contributors"))?);
    put("dates", typed(Vocabulary::Dates, given.get("dates"), "date")?);
    put("languages", languages(given.get("languages")));
    put("identifiers", list(given.get("identifiers")));
    put("related_identifiers", related(given.get("related_identifiers"))?);
    put("version", text_of("version").and_then(text::plain).map(Value::from));
    put("rights", rights(given.get("rights"))?);
    put("description", text_of("description").and_then(text::long_html).map(Value::from));
    let field = given.get("additional_descriptions");
    put("additional_descriptions", typed(Vocabulary::Descriptions, field, "description")?);
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

fn list(value: Option<&Value>) -> Option<Value> {
    value.filter(|value| value.is_array() && !is_empty(value)).cloned()
}

/// Reads `{"id": …}`; titles that were sent back are dropped.
fn known(vocabulary: Vocabulary, value: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(id) = value.and_then(|value| value.get("id")).and_then(Value::as_str) else {
        return Ok(None);
    };
    let found = entry(vocabulary, id).ok_or_else(|| Refusal::invalid_value(id))?;
    Ok(Some(json!({"id": found.id})))
}

fn people(value: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(people) = value.and_then(Value::as_array) else { return Ok(None) };
    let rows: Vec<Value> = people.iter().map(person).collect::<Result<_, _>>()?;
    Ok((!rows.is_empty()).then(|| Value::from(rows)))
}

fn person(given: &Value) -> Result<Value, Refusal> {
    let who = given.get("person_or_org").cloned().unwrap_or_else(|| json!({}));
    let text_of = |name: &str| who.get(name).and_then(Value::as_str).and_then(text::plain);
    let mut person = json!({});
    let kind = text_of("type").unwrap_or_else(|| "personal".to_owned());
    person["type"] = json!(kind);
    if kind == "organizational" {
        if let Some(name) = text_of("name") {
            person["name"] = json!(name);
        }
    } else if let Some(family) = text_of("family_name") {
        let given_name = text_of("given_name");
        person["name"] = json!(text::join_name(&family, given_name.as_deref()));
        if let Some(given_name) = given_name {
            person["given_name"] = json!(given_name);
        }
        person["family_name"] = json!(family);
    }
    if let Some(identifiers) = list(who.get("identifiers")) {
        person["identifiers"] = identifiers;
    }
    let mut row = json!({"person_or_org": person});
    if let Some(role) = known(Vocabulary::Roles, given.get("role"))? {
        row["role"] = role;
    }
    if let Some(affiliations) = list(given.get("affiliations")) {
        row["affiliations"] = affiliations;
    }
    Ok(row)
}

/// Reads rows of a text and a type.
fn typed(
    vocabulary: Vocabulary,
    value: Option<&Value>,
    field: &str,
) -> Result<Option<Value>, Refusal> {
    let Some(rows) = value.and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for row in rows {
        let Some(text) = row.get(field).and_then(Value::as_str) else { continue };
        let text = if field == "description" { text::long_html(text) } else { text::plain(text) };
        let Some(text) = text else { continue };
        let mut out = json!({field: text});
        if let Some(kind) = known(vocabulary, row.get("type"))? {
            out["type"] = kind;
        }
        for name in ["lang", "description"] {
            if let Some(value) = row.get(name).filter(|_| name != field) {
                out[name] = value.clone();
            }
        }
        kept.push(out);
    }
    Ok((!kept.is_empty()).then(|| Value::from(kept)))
}

fn languages(value: Option<&Value>) -> Option<Value> {
    let ids = value?.as_array()?.iter().filter_map(|row| row.get("id")?.as_str());
    let known: Vec<Value> = ids
        .filter(|id| id.len() == 3)
        .filter_map(vocabulary::language)
        .map(|id| json!({"id": id}))
        .collect();
    (!known.is_empty()).then(|| Value::from(known))
}

fn related(value: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(rows) = value.and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for row in rows {
        let Some(identifier) = row.get("identifier").and_then(Value::as_str) else { continue };
        let scheme = row.get("scheme").and_then(Value::as_str);
        let Some((detected, kept_as)) = super::identifier::detect(identifier) else { continue };
        let mut out = json!({"identifier": kept_as, "scheme": scheme.unwrap_or(detected)});
        for (name, vocabulary) in
            [("relation_type", Vocabulary::Relations), ("resource_type", Vocabulary::ResourceTypes)]
        {
            if let Some(value) = known(vocabulary, row.get(name))? {
                out[name] = value;
            }
        }
        kept.push(out);
    }
    Ok((!kept.is_empty()).then(|| Value::from(kept)))
}

fn rights(value: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(rows) = value.and_then(Value::as_array) else { return Ok(None) };
    let mut kept = Vec::new();
    for row in rows {
        match row.get("id").and_then(Value::as_str) {
            Some(id) => {
                let licence = vocabulary::licence(id).ok_or_else(|| Refusal::invalid_value(id))?;
                kept.push(json!({"id": licence.id}));
            }
            None => kept.push(row.clone()),
        }
    }
    Ok((!kept.is_empty()).then(|| Value::from(kept)))
}

fn access(value: Option<&Value>) -> Access {
    let restricted = |name: &str| {
        value.and_then(|value| value.get(name)).and_then(Value::as_str) == Some("restricted")
    };
    let visibility = |name: &str| {
        if restricted(name) { Visibility::Restricted } else { Visibility::Public }
    };
    let embargo = value.and_then(|value| value.get("embargo"));
    let text_of = |name: &str| embargo?.get(name)?.as_str().map(str::to_owned);
    Access {
        record: visibility("record"),
        files: visibility("files"),
        embargo_until: text_of("until").filter(|day| text::is_day(day)),
        embargo_reason: text_of("reason"),
    }
}

fn pids(value: Option<&Value>) -> PidsChange {
    let Some(Value::Object(given)) = value else { return PidsChange::Keep };
    let mut pids = BTreeMap::new();
    for (scheme, pid) in given {
        let text_of = |name: &str| pid.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(identifier) = text_of("identifier").filter(|text| !text.is_empty()) else {
            continue;
        };
        let provider = text_of("provider").unwrap_or_else(|| "external".to_owned());
        pids.insert(scheme.clone(), Pid { identifier, provider, client: text_of("client") });
    }
    PidsChange::Replace(pids)
}
