//! What of people and organisations the deposit API can't say.

use serde_json::Value as Json;

use super::lost::{Lost, shown};
use crate::wire::parts::{cut, items};

/// Names what a PUT loses of a creator or a contributor.
pub(super) fn person(field: &str, place: &str, json: &Json, lost: &mut Lost) {
    let who = &json["person_or_org"];
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

/// Creators have no role in the deposit API. Of contributors it shows all but translators, whose
/// `type` is null.
fn role(field: &str, place: &str, json: &Json, lost: &mut Lost) {
    if let Some(role) = json["id"].as_str()
        && (field == "creators" || role == "translator")
    {
        lost.add(&format!("{place}.role"), format!("the role `{}`", cut(role)));
    }
}

/// The deposit API carries the name of the first one. What else the server says of one with an id
/// is not the record's, but of its list of organisations.
fn affiliation(place: &str, json: &Json, lost: &mut Lost) {
    let name = json["name"].as_str().unwrap_or_default();
    if !place.ends_with("affiliations[0]") {
        lost.add(place, shown(json));
    } else if let Some(id) = json["id"].as_str() {
        lost.add(&format!("{place}.id"), format!("`{}`, the ROR id of `{}`", cut(id), cut(name)));
    } else {
        lost.others(place, json, &["name"]);
    }
}
