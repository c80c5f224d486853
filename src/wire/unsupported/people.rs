//! Values of people and organisations that the deposit API can't express.

use serde_json::Value as Json;

use super::lost::{Lost, shown};
use crate::wire::parts::{cut, items};

/// Lists what a PUT loses of a creator or a contributor.
pub(super) fn person(field: &str, place: &str, json: &Json, lost: &mut Lost) {
    let who = &json["person_or_org"];
    // The deposit API has one kind of creator, and makes an organisation a person.
    if who["type"].as_str() == Some("organizational") {
        let name = who["name"].as_str().unwrap_or_default();
        lost.add(place, format!("that `{}` is an organisation", cut(name)));
    }
    role(field, place, &json["role"], lost);
    lost.each(&format!("{place}.affiliations"), &json["affiliations"], affiliation);
    for identifier in items(&who["identifiers"]) {
        let scheme = identifier["scheme"].as_str().unwrap_or_default();
        if !matches!(scheme, "orcid" | "gnd") {
            let id = identifier["identifier"].as_str().unwrap_or_default();
            let what = format!("{scheme} `{}`", cut(id));
            lost.add(&format!("{place}.identifiers"), what.trim_start().to_owned());
        }
    }
    lost.others(place, who, &["type", "name", "given_name", "family_name", "identifiers"]);
    lost.others(place, json, &["person_or_org", "role", "affiliations"]);
}

/// Adds a role that the deposit API can't express.
fn role(field: &str, place: &str, json: &Json, lost: &mut Lost) {
    // Creators have no role there, and a contributor who is a translator has a null `type`.
    if let Some(role) = json["id"].as_str()
        && (field == "creators" || role == "translator")
    {
        lost.add(&format!("{place}.role"), format!("the role `{}`", cut(role)));
    }
}

/// Lists what is lost of an affiliation: the deposit API carries the name of the first one.
fn affiliation(place: &str, json: &Json, lost: &mut Lost) {
    let name = json["name"].as_str().unwrap_or_default();
    if !place.ends_with("affiliations[0]") {
        lost.add(place, shown(json));
    } else if let Some(id) = json["id"].as_str() {
        // Its other parts belong to the server's list of organisations, not to the record.
        lost.add(&format!("{place}.id"), format!("`{}`, the ROR id of `{}`", cut(id), cut(name)));
    } else {
        lost.others(place, json, &["name"]);
    }
}
