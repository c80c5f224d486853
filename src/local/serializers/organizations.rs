//! Organizations, awards and subjects: what the server adds to their ids.
//!
//! The real vocabularies are too large to bundle, so an id of the right shape counts as known; only
//! those that the recordings show have names here (`tests/contract/native-rich-metadata.json`,
//! 2026-11-28).

use serde_json::{Value, json};

use super::identifier;
use super::related_in::FUNDERS;

/// An organization.
struct Organization {
    /// Its ROR id, without the host.
    id: &'static str,
    name: &'static str,
    acronym: &'static str,
    /// Its other identifiers: scheme and identifier.
    identifiers: &'static [(&'static str, &'static str)],
}

const ORGANIZATIONS: [Organization; 2] = [
    Organization { id: "00k4n6c32", name: "European Commission", acronym: "EC", identifiers: &[] },
    Organization {
        id: "01ggx4157",
        name: "European Organization for Nuclear Research",
        acronym: "CERN",
        identifiers: &[
            ("ror", "01ggx4157"),
            ("grid", "grid.9132.9"),
            ("isni", "0000 0001 2156 142X"),
        ],
    },
];

/// An award.
struct Award {
    /// The funder's ROR id, two colons, the number.
    id: &'static str,
    title: &'static str,
    acronym: &'static str,
    program: &'static str,
    url: &'static str,
}

const AWARDS: [Award; 1] = [Award {
    id: "00k4n6c32::283595",
    title: "2nd-Generation Open Access Infrastructure for Research in Europe",
    acronym: "OpenAIREplus",
    program: "FP7-INFRASTRUCTURES",
    url: "https://cordis.europa.eu/project/id/283595",
}];

/// How ids of organizations begin that count as unknown, to see what a client makes of one.
const UNKNOWN: &str = "0zz";

/// Returns whether an id has the shape of a known organization's.
pub(crate) fn is_organization(id: &str) -> bool {
    id.len() == 9 && identifier::is_ror(id) && !id.starts_with(UNKNOWN)
}

/// Returns whether an id has the shape of an award's.
pub(crate) fn is_award(id: &str) -> bool {
    id.split_once("::")
        .is_some_and(|(funder, number)| is_organization(funder) && !number.is_empty())
}

/// Returns whether an id has the shape of a subject's: an address.
pub(crate) fn is_subject(id: &str) -> bool {
    id.starts_with("http://") || id.starts_with("https://")
}

fn find_organization(id: &str) -> Option<&'static Organization> {
    ORGANIZATIONS.iter().find(|organization| organization.id == id)
}

fn find_award(id: &str) -> Option<&'static Award> {
    AWARDS.iter().find(|award| award.id == id)
}

/// Returns the name of an organization.
pub(crate) fn find_name(id: &str) -> Option<&'static str> {
    find_organization(id).map(|organization| organization.name)
}

/// Adds name and identifiers to an affiliation that has an id.
pub(crate) fn describe_affiliation(row: &mut Value) {
    let id = row.get("id").and_then(Value::as_str);
    let Some(known) = id.and_then(find_organization) else { return };
    row["name"] = json!(known.name);
    let identifiers = known.identifiers.iter();
    row["identifiers"] = identifiers
        .map(|(scheme, identifier)| json!({"identifier": identifier, "scheme": scheme}))
        .collect();
}

/// Adds to a row of `funding` what the vocabularies know of its funder and its award.
pub(crate) fn describe_funding(row: &mut Value) {
    let funder = row.pointer("/funder/id").and_then(Value::as_str);
    if let Some(known) = funder.and_then(find_organization) {
        row["funder"]["name"] = json!(known.name);
    }
    let Some(id) = row.pointer("/award/id").and_then(Value::as_str).map(str::to_owned) else {
        return;
    };
    if let Some((_, number)) = id.split_once("::") {
        row["award"]["number"] = json!(number);
    }
    let Some(known) = find_award(&id) else { return };
    row["award"]["title"] = json!({"en": known.title});
    row["award"]["acronym"] = json!(known.acronym);
    row["award"]["program"] = json!(known.program);
    row["award"]["identifiers"] = json!([{"identifier": known.url, "scheme": "url"}]);
}

/// Writes a row of `funding` as a grant of the plain form; none where its funder or number is missing.
pub(crate) fn write_grant(row: &Value) -> Option<Value> {
    let funder = row.pointer("/funder/id")?.as_str()?;
    let award = row.pointer("/award/id").and_then(Value::as_str);
    let number = find_number(row)?;
    let doi = find_funder_doi(funder);
    let mut out = json!({
        "code": number,
        "internal_id": format!("{doi}::{number}"),
        "funder": {"doi": doi},
    });
    if let Some(known) = find_organization(funder) {
        out["funder"]["name"] = json!(known.name);
        out["funder"]["acronym"] = json!(known.acronym);
    }
    if let Some(title) = row.pointer("/award/title/en") {
        out["title"] = title.clone();
    }
    if let Some(known) = award.and_then(find_award) {
        out["title"] = json!(known.title);
        out["acronym"] = json!(known.acronym);
        out["program"] = json!(known.program);
        out["url"] = json!(known.url);
    }
    Some(out)
}

/// Returns the number of the award in a row of `funding`.
pub(crate) fn find_number(row: &Value) -> Option<&str> {
    let number = row.pointer("/award/number").and_then(Value::as_str);
    let id = row.pointer("/award/id").and_then(Value::as_str);
    number.or_else(|| Some(id?.split_once("::")?.1))
}

/// Returns the DOI of a funder, or its id where it has none.
pub(crate) fn find_funder_doi(ror: &str) -> &str {
    // The Commission has two DOIs in the table; the first one comes back.
    FUNDERS.iter().find(|(_, known)| *known == ror).map_or(ror, |(doi, _)| *doi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_by_their_shape() {
        assert!(is_organization("01ggx4157"));
        assert!(!is_organization("nope") && !is_organization("https://ror.org/01ggx4157"));
        assert!(is_award("00k4n6c32::283595"));
        assert!(!is_award("nope") && !is_award("00k4n6c32::") && !is_award("nope::1"));
    }
}
