//! JSON objects as files hold them, and schema.org's people in them.

use serde_json::{Map, Value as Json};

use crate::model::{Affiliation, Identifier, Person};
use crate::vocab::identifiers;

use super::person_names::{join_name, read_orcid};

/// Reads an object; `serde_json` bounds the depth.
///
/// # Errors
/// The reason, with the line.
pub(in crate::interop) fn parse_object(text: &str) -> Result<Map<String, Json>, String> {
    // Some editors put a byte order mark first, which `serde_json` refuses.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_str(text) {
        Ok(Json::Object(map)) => Ok(map),
        Ok(_) => Err("it is not a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Returns the items of a list, or a single value as a list of one.
pub(in crate::interop) fn list_items(json: Option<&Json>) -> Vec<&Json> {
    match json {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(items)) => items.iter().collect(),
        // JSON-LD may write a list of one item as the item itself.
        Some(one) => vec![one],
    }
}

/// Returns a text, or the first one under one of these keys of an object.
pub(in crate::interop) fn find_text<'a>(json: &'a Json, keys: &[&str]) -> Option<&'a str> {
    let text = json.as_str().or_else(|| keys.iter().find_map(|key| json.get(key)?.as_str()));
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The keys under which files have the ids of a person or an organisation.
const IDS: [&str; 5] = ["@id", "id", "identifier", "sameAs", "url"];

/// Reads a person or an organisation of schema.org; `homes` are its affiliations, where they are
/// elsewhere in the document.
pub(in crate::interop) fn read_person(json: &Json, homes: Option<Vec<&Json>>) -> Option<Person> {
    let part = |key| json.get(key).and_then(Json::as_str).unwrap_or_default();
    let parts = join_name(part("familyName"), part("givenName"));
    // A given name alone is not a whole name, so `name` is preferred to it.
    let is_whole = !part("familyName").trim().is_empty();
    let name = if is_whole { Some(parts.as_str()) } else { find_text(json, &["name"]) };
    let name = name.filter(|name| !name.is_empty()).or(Some(&parts));
    // An address in the place of the name identifies a person and does not name one.
    let name = name.filter(|name| !name.is_empty() && !name.contains("://"))?.to_owned();
    // No key is reserved for the ORCID: files have it under any of these.
    let orcid = IDS.iter().find_map(|key| read_orcid(json.get(key)?.as_str()?));
    let mut person = Person { name, orcid, ..Person::default() };
    person.details.is_organization = has_kind(json, "Organization");
    if let Some(ror) = find_ror(json).filter(|_| person.details.is_organization) {
        let scheme = "ror".to_owned();
        person.details.identifiers.push(Identifier { scheme, identifier: ror });
    }
    let homes = homes.unwrap_or_else(|| list_items(json.get("affiliation")));
    person.set_affiliations(homes.into_iter().filter_map(read_organization).collect());
    Some(person)
}

/// Reads an organisation by its name or its ROR id.
pub(in crate::interop) fn read_organization(json: &Json) -> Option<Affiliation> {
    let name = find_text(json, &["name", "legalName"]);
    // One that is only an address has no name to publish.
    let name = name.filter(|name| !name.contains("://")).map(str::to_owned);
    let ror = json.as_str().and_then(read_ror).or_else(|| find_ror(json));
    (name.is_some() || ror.is_some()).then_some(Affiliation { name, ror })
}

fn find_ror(json: &Json) -> Option<String> {
    IDS.iter().find_map(|key| read_ror(json.get(key)?.as_str()?))
}

/// Returns the ROR id in an address at ror.org.
pub(in crate::interop) fn read_ror(text: &str) -> Option<String> {
    let bare = identifiers::strip_ror(text.trim());
    (bare != text.trim() && identifiers::find_ror_fault(bare).is_none()).then(|| bare.to_owned())
}

/// Returns whether an object is of a kind, such as `Person`.
fn has_kind(json: &Json, wanted: &str) -> bool {
    let kinds = list_items(json.get("@type").or_else(|| json.get("type")));
    kinds.iter().any(|kind| kind.as_str() == Some(wanted))
}

/// Returns whether a person's name is in one piece, in natural order.
pub(in crate::interop) fn has_natural_name(json: &Json) -> bool {
    json.get("familyName").is_none() && has_kind(json, "Person")
}

/// Returns a value in a few words.
pub(in crate::interop) fn summarize(value: &Json) -> String {
    match value {
        Json::String(text) => format!("`{}`", text.chars().take(80).collect::<String>()),
        Json::Array(items) if items.len() == 1 => "1 entry".to_owned(),
        Json::Array(items) => format!("{} entries", items.len()),
        Json::Object(_) => "a table".to_owned(),
        Json::Null | Json::Bool(_) | Json::Number(_) => format!("`{value}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_read_and_anything_else_is_refused() {
        assert!(parse_object("\u{feff}{\"a\": 1}").is_ok());
        assert_eq!(parse_object("[]").unwrap_err(), "it is not a JSON object");
        assert!(parse_object("{\"a\": ").unwrap_err().contains("line 1"));
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse_object(&deep).unwrap_err().contains("recursion limit"));
    }

    #[test]
    fn a_person_has_parts_or_one_name() {
        let of = |json: Json| read_person(&json, None).map(|person| person.to_string());
        let whole = json!({"givenName": "Ada", "familyName": "Okafor",
            "@id": "https://orcid.org/0000-0002-1825-0097", "affiliation": [{"name": "Lab"}]});
        assert_eq!(of(whole).as_deref(), Some("Okafor, Ada (Lab, ORCID 0000-0002-1825-0097)"));
        assert_eq!(of(json!({"name": "Polar Lab"})).as_deref(), Some("Polar Lab"));
        assert_eq!(of(json!("Ada Okafor")).as_deref(), Some("Ada Okafor"));
        let cern =
            json!({"@type": "Organization", "name": "CERN", "@id": "https://ror.org/01ggx4157"});
        assert_eq!(of(cern).as_deref(), Some("CERN (organisation, ROR 01ggx4157)"));
        let homes = json!({"name": "Li, Ann", "affiliation": ["Lab", {"@id": "https://ror.org/02feahw73"}]});
        assert_eq!(of(homes).as_deref(), Some("Li, Ann (Lab, ROR 02feahw73)"));
        assert_eq!(of(json!({"@id": "#ada"})), None);
    }
}
