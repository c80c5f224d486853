//! People, grants and identifiers in a request of the deposit API.
//!
//! As recorded on 2026-11-23 (`tests/contract/metadata-*.json`). Deliberately absent: the other
//! fields, see `deposit_in`.

use serde_json::{Map, Value, json};

use super::identifier;
use super::text;
use super::vocabulary::{Vocabulary, find_entry};
use crate::local::state::publish;
use crate::local::state::refusal::Refusal;

/// The funder behind a grant that is given by its number alone: the European Commission.
const COMMISSION: &str = "00k4n6c32";

/// Funders that the deposit API names by DOI and the records API by ROR id (2026-11-23).
pub(crate) const FUNDERS: [(&str, &str); 23] = [
    ("10.13039/501100000780", COMMISSION),
    ("10.13039/501100001665", "00rbzpz17"),
    ("10.13039/501100002341", "05k73zm37"),
    ("10.13039/501100000923", "05mmh0f86"),
    ("10.13039/100018231", "01gavpb45"),
    ("10.13039/501100000806", "02k4b9v70"),
    ("10.13039/501100001871", "00snfqn58"),
    ("10.13039/501100002428", "013tf3c58"),
    ("10.13039/501100004488", "03n51vw80"),
    ("10.13039/501100004564", "01znas443"),
    ("10.13039/501100000925", "011kf5r70"),
    ("10.13039/100000002", "01cwqze88"),
    ("10.13039/501100000038", "01h531d29"),
    ("10.13039/100000001", "021nxhr62"),
    ("10.13039/501100003246", "04jsz6e67"),
    ("10.13039/501100000690", "001aqnf71"),
    ("10.13039/501100001602", "0271asj38"),
    ("10.13039/501100001711", "00yjd3n13"),
    ("10.13039/100001345", "006cvnv84"),
    ("10.13039/501100004410", "04w9kkr77"),
    ("10.13039/100004440", "029chgv08"),
    ("10.13039/501100006364", "03m8vkq32"),
    ("10.13039/501100000024", COMMISSION),
];

/// Reads `creators`.
///
/// # Errors
/// 400 if it is not a list, 500 if an entry is not an object.
pub(crate) fn read_creators(given: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(given) = given else { return Ok(None) };
    let Value::Array(people) = given else {
        return Err(Refusal::field("metadata.creators", "Not a valid list."));
    };
    let people: Vec<Value> = people.iter().map(read_person).collect::<Result<_, _>>()?;
    Ok((!people.is_empty()).then(|| Value::from(people)))
}

/// Reads `contributors` and `thesis_supervisors`, which are contributors with that role.
///
/// # Errors
/// 400 for an unknown type.
pub(crate) fn read_contributors(given: &Map<String, Value>) -> Result<Option<Value>, Refusal> {
    let mut people = Vec::new();
    for supervisor in read_list(given, "thesis_supervisors")? {
        let mut row = read_person(supervisor)?;
        row["role"] = json!({"id": "supervisor"});
        people.push(row);
    }
    for contributor in read_list(given, "contributors")? {
        let mut row = read_person(contributor)?;
        if let Some(role) = contributor.get("type").and_then(Value::as_str) {
            // The deposit API spells roles in camel case, the vocabulary in lower case.
            let role = role.to_lowercase();
            let role = find_entry(Vocabulary::Roles, &role);
            let role = role.ok_or_else(|| {
                Refusal::invalid_value(&contributor["type"].as_str().unwrap_or("").to_lowercase())
            })?;
            row["role"] = json!({"id": role.id});
        }
        people.push(row);
    }
    Ok((!people.is_empty()).then(|| Value::from(people)))
}

fn read_list<'a>(given: &'a Map<String, Value>, field: &str) -> Result<&'a [Value], Refusal> {
    match given.get(field) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(Refusal::field(&format!("metadata.{field}"), "Not a valid list.")),
    }
}

/// Reads a person.
fn read_person(given: &Value) -> Result<Value, Refusal> {
    let Value::Object(given) = given else { return Err(Refusal::internal()) };
    let name = given.get("name").and_then(Value::as_str).and_then(text::read_plain_text);
    let (identifiers, is_valid) = read_person_identifiers(given);
    // The deposit API knows no organizations: each name becomes a person.
    let mut person = json!({"type": "personal"});
    if let Some(name) = name {
        let (family, first) = text::split_name(&name);
        // A wrong ORCID costs the person's name, although the server accepts the draft.
        if is_valid {
            person["name"] = json!(text::join_name(&family, first.as_deref()));
        }
        if let Some(first) = first {
            person["given_name"] = json!(first);
        }
        person["family_name"] = json!(family);
    }
    if !identifiers.is_empty() {
        person["identifiers"] = json!(identifiers);
    }
    let mut row = json!({"person_or_org": person});
    if let Some(affiliation) =
        given.get("affiliation").and_then(Value::as_str).and_then(text::read_plain_text)
    {
        row["affiliations"] = json!([{"name": affiliation}]);
    }
    Ok(row)
}

fn read_person_identifiers(given: &Map<String, Value>) -> (Vec<Value>, bool) {
    let mut rows = Vec::new();
    let mut is_valid = true;
    if let Some(orcid) = given.get("orcid").and_then(Value::as_str).filter(|t| !t.is_empty()) {
        let checked = identifier::parse_orcid(orcid);
        is_valid = checked.is_some();
        // A wrong ORCID itself stays in the draft.
        let kept = checked.unwrap_or_else(|| orcid.trim().to_owned());
        rows.push(json!({"identifier": kept, "scheme": "orcid"}));
    }
    if let Some(gnd) = given.get("gnd").and_then(Value::as_str).filter(|t| !t.is_empty()) {
        rows.push(json!({"identifier": identifier::normalize_gnd(gnd), "scheme": "gnd"}));
    }
    (rows, is_valid)
}

/// Reads `grants`.
///
/// # Errors
/// 500 if a grant has no `id`, 400 if its shape is unknown.
pub(crate) fn read_funding(given: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(Value::Array(grants)) = given else { return Ok(None) };
    let mut rows = Vec::new();
    for grant in grants {
        let id = grant.get("id").and_then(Value::as_str).ok_or_else(Refusal::internal)?;
        // A number alone, such as the FP7 grant `283595`, is one of the European Commission.
        let (funder, number) = id.split_once("::").unwrap_or((COMMISSION, id));
        // A client may name the funder by its DOI or by its ROR id; the draft holds the ROR id.
        let known = FUNDERS.iter().find(|(doi, ror)| *doi == funder || *ror == funder);
        let ror = known.map_or(funder, |(_, ror)| *ror);
        let award = format!("{ror}::{number}");
        // Awards are too many to bundle, so the shape alone decides whether a grant is known.
        if number.is_empty() || (!id.contains("::") && !number.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(Refusal::invalid_value(&award));
        }
        rows.push(json!({"funder": {"id": ror}, "award": {"id": award, "number": number}}));
    }
    Ok((!rows.is_empty()).then(|| Value::from(rows)))
}

/// Reads `related_identifiers` and returns the related and the alternate ones apart.
///
/// # Errors
/// 400 for an unknown relation, resource type or scheme; 500 without a relation.
pub(crate) fn read_related_identifiers(
    given: Option<&Value>,
) -> Result<(Option<Value>, Option<Value>), Refusal> {
    let Some(given) = given else { return Ok((None, None)) };
    let Value::Array(given) = given else {
        let message = "related_identifiers must be a list";
        return Err(Refusal::field("metadata.related_identifiers", message));
    };
    let (mut related, mut alternate) = (Vec::new(), Vec::new());
    for row in given {
        // A missing relation makes the real server fail, while an unknown one is refused.
        let relation = row.get("relation").and_then(Value::as_str).ok_or_else(Refusal::internal)?;
        let text = row.get("identifier").and_then(Value::as_str).unwrap_or_default();
        // The real server's library cannot split such an address, and the whole request fails.
        if identifier::is_unreadable(text) {
            return Err(Refusal::internal());
        }
        let (scheme, identifier) = identifier::detect_identifier(text).ok_or_else(|| {
            let field = "metadata.related_identifiers.scheme";
            Refusal::field(field, publish::NO_SCHEME)
        })?;
        let mut kept = json!({"identifier": identifier, "scheme": scheme});
        // InvenioRDM has no such relation: alternate identifiers are in a list of their own.
        if relation == "isAlternateIdentifier" {
            alternate.push(kept);
            continue;
        }
        kept["relation_type"] = json!({"id": find_relation_id(relation)?});
        if let Some(kind) = row.get("resource_type").and_then(Value::as_str) {
            let kind = find_entry(Vocabulary::ResourceTypes, kind)
                .ok_or_else(|| Refusal::invalid_value(kind))?;
            kept["resource_type"] = json!({"id": kind.id});
        }
        related.push(kept);
    }
    let some = |rows: Vec<Value>| (!rows.is_empty()).then(|| Value::from(rows));
    Ok((some(related), some(alternate)))
}

fn find_relation_id(relation: &str) -> Result<&'static str, Refusal> {
    // The documentation of the old Zenodo has this misspelling.
    let relation = if relation == "isOrignialFormOf" { "isOriginalFormOf" } else { relation };
    let id = relation.to_lowercase();
    let found =
        find_entry(Vocabulary::Relations, &id).ok_or_else(|| Refusal::invalid_value(&id))?;
    Ok(&found.id)
}
