//! Creators and contributors in a request of the records API.

use serde_json::{Map, Value, json};

use super::remarks::{MISSING, Remark, Remarks};
use super::rows::{read_list, read_vocabulary_id};
use crate::local::serializers::vocabulary::Vocabulary;
use crate::local::serializers::{identifier, organizations, text};
use crate::local::state::kept_values;
use crate::local::state::publish;
use crate::local::state::refusal::Refusal;

/// Reads `creators` or `contributors`.
///
/// # Errors
/// 400 for an unknown role or organization.
pub(super) fn read_people(
    list: &str,
    given: &Map<String, Value>,
    remarks: &mut Remarks,
) -> Result<Option<Value>, Refusal> {
    let Some(people) = given.get(list).and_then(Value::as_array) else { return Ok(None) };
    let mut rows = Vec::new();
    for (at, given) in people.iter().enumerate() {
        let place = format!("metadata.{list}.{at}");
        let row = read_person(given, &format!("{place}.person_or_org"), remarks)?;
        if let Some(fault) = kept_values::find_repeated_affiliation(&row) {
            remarks.push(Remark::new(format!("{place}.affiliations"), &fault));
        }
        if list == "contributors" && row.get("role").is_none() {
            remarks.push(Remark::new(format!("{place}.role"), MISSING));
        }
        rows.push(row);
    }
    Ok((!rows.is_empty()).then(|| Value::from(rows)))
}

/// Reads a person or an organization with its role and affiliations.
fn read_person(given: &Value, place: &str, remarks: &mut Remarks) -> Result<Value, Refusal> {
    let who = given.get("person_or_org").cloned().unwrap_or_else(|| json!({}));
    let mut row = json!({"person_or_org": read_names(&who, place, remarks)});
    if let Some(role) = read_vocabulary_id(Vocabulary::Roles, given.get("role"))? {
        row["role"] = role;
    }
    if let Some(affiliations) = read_affiliations(given.get("affiliations"))? {
        row["affiliations"] = affiliations;
    }
    Ok(row)
}

/// Reads the names and identifiers of a person or an organization.
fn read_names(who: &Value, place: &str, remarks: &mut Remarks) -> Value {
    let text_of =
        |name: &str| who.get(name).and_then(Value::as_str).and_then(text::read_plain_text);
    let mut kept = json!({});
    let mut faults = Remarks::new();
    let identifiers = read_identifiers(who, place, &mut faults);
    let kind =
        text_of("type").filter(|kind| matches!(kind.as_str(), "personal" | "organizational"));
    let (family, given) = (text_of("family_name"), text_of("given_name"));
    let mut name = None;
    match kind.as_deref() {
        Some("organizational") => match text_of("name") {
            Some(found) => name = Some(found),
            None => faults.push(Remark::new(format!("{place}.name"), "Name cannot be blank.")),
        },
        Some(_) => match &family {
            Some(family) => name = Some(text::join_name(family, given.as_deref())),
            None => faults
                .push(Remark::new(format!("{place}.family_name"), "Family name cannot be blank.")),
        },
        None => {
            let message = "Invalid value. Choose one of ['organizational', 'personal'].";
            faults.push(Remark::new(format!("{place}.type"), message));
        }
    }
    // The server joins the name after it has checked all else: any fault costs the name, and the
    // person is otherwise kept as sent.
    let is_organization = kind.as_deref() == Some("organizational");
    let fields = [
        ("type", kind),
        ("name", name.filter(|_| faults.is_empty())),
        ("given_name", given.filter(|_| !is_organization)),
        ("family_name", family.filter(|_| !is_organization)),
    ];
    for (field, value) in fields {
        if let Some(value) = value {
            kept[field] = json!(value);
        }
    }
    if !identifiers.is_empty() {
        kept["identifiers"] = json!(identifiers);
    }
    remarks.extend(faults);
    kept
}

/// Reads the identifiers of a person or an organization.
fn read_identifiers(who: &Value, place: &str, faults: &mut Remarks) -> Vec<Value> {
    let mut kept = Vec::new();
    let given = who.get("identifiers").and_then(Value::as_array);
    for (at, row) in given.into_iter().flatten().enumerate() {
        let text = row.get("identifier").and_then(Value::as_str).unwrap_or_default();
        let mut row = row.clone();
        let scheme = row.get("scheme").and_then(Value::as_str).map(str::to_owned);
        match scheme.or_else(|| identifier::find_person_scheme(text).map(str::to_owned)) {
            Some(scheme) => {
                let parsed = identifier::parse_orcid(text);
                let fault = match scheme.as_str() {
                    "orcid" if parsed.is_none() => Some("Invalid ORCID identifier."),
                    "isni" if !identifier::is_isni(text) => Some("Invalid ISNI identifier."),
                    "ror" if !identifier::is_ror(text) => Some("Invalid ROR identifier."),
                    "gnd" if !identifier::is_gnd(text) => Some("Invalid GND identifier."),
                    _ => None,
                };
                if let Some(fault) = fault {
                    let place = format!("{place}.identifiers.{at}.identifier");
                    faults.push(Remark::new(place, fault));
                } else if let Some(orcid) = parsed.filter(|_| scheme == "orcid") {
                    row["identifier"] = json!(orcid);
                }
                row["scheme"] = json!(scheme);
            }
            // An identifier of no known scheme stays without one, and the deposit API then answers
            // 500 for the draft (`tests/contract/native-identifier-without-scheme.json`,
            // 2026-11-28).
            None => faults
                .push(Remark::new(format!("{place}.identifiers.{at}.scheme"), publish::NO_SCHEME)),
        }
        kept.push(row);
    }
    kept
}

/// Reads affiliations: of one in the vocabulary its id alone is kept.
fn read_affiliations(given: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(Value::Array(given)) = read_list(given) else { return Ok(None) };
    let mut kept = Vec::new();
    for row in given {
        match row.get("id").and_then(Value::as_str) {
            Some(id) if !organizations::is_organization(id) => {
                return Err(Refusal::invalid_value(id));
            }
            Some(id) => kept.push(json!({"id": id})),
            None => kept.push(row),
        }
    }
    Ok(Some(Value::from(kept)))
}
