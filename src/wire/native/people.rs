//! Creators and contributors.

use serde_json::{Value as Json, json};

use crate::model::{Affiliation, Identifier, Person, PersonDetails};
use crate::wire::parts::items;

use super::{id_at, text_at, without_nulls};

/// What the server keeps before a GND id, and the deposit API leaves out
/// (contract/scenarios/native-rich-metadata.json, 2026-11-28).
const GND: &str = "gnd:";

/// Reads a creator or a contributor; `None` for one without a name.
pub(super) fn read_person(json: &Json) -> Option<Person> {
    let who = &json["person_or_org"];
    let identifiers = || items(&who["identifiers"]);
    let id_of = |scheme: &str| {
        let found = identifiers().find(|item| item["scheme"].as_str() == Some(scheme));
        found.and_then(|item| text_at(item, "identifier"))
    };
    let mut person = Person {
        name: text_at(who, "name")?,
        affiliation: None,
        orcid: id_of("orcid"),
        gnd: id_of("gnd").map(|gnd| gnd.trim_start_matches(GND).to_owned()),
        role: id_at(json, "role"),
        details: PersonDetails {
            is_organization: who["type"].as_str() == Some("organizational"),
            identifiers: read_other_identifiers(who),
            ..PersonDetails::default()
        },
    };
    person.set_affiliations(items(&json["affiliations"]).map(read_affiliation).collect());
    // Without a family name there is nothing to compare: an old answer, or an organisation.
    if let Some(family) = text_at(who, "family_name").filter(|_| !person.details.is_organization) {
        let names = (family, text_at(who, "given_name").unwrap_or_default());
        if person.split_name() != names {
            person.details.names = Some(names);
        }
    }
    Some(person)
}

fn read_affiliation(json: &Json) -> Affiliation {
    Affiliation { name: text_at(json, "name"), ror: text_at(json, "id") }
}

fn read_other_identifiers(who: &Json) -> Vec<Identifier> {
    let others = items(&who["identifiers"])
        .filter(|item| !matches!(item["scheme"].as_str(), Some("orcid" | "gnd")));
    let mut all: Vec<Identifier> = others.map(read_identifier).collect();
    all.sort();
    all
}

/// Reads an id and its scheme.
pub(super) fn read_identifier(json: &Json) -> Identifier {
    Identifier {
        scheme: text_at(json, "scheme").unwrap_or_default(),
        identifier: text_at(json, "identifier").unwrap_or_default(),
    }
}

/// Writes a creator or a contributor. The name of an affiliation with an id is the server's own.
pub(super) fn write_person(person: &Person) -> Json {
    let PersonDetails { is_organization, identifiers, .. } = &person.details;
    let (family, given) = person.split_name();
    let orcid = person.orcid.as_ref().map(|id| json!({"scheme": "orcid", "identifier": id}));
    let gnd = person.gnd.as_ref();
    let gnd = gnd.map(|id| json!({"scheme": "gnd", "identifier": format!("{GND}{id}")}));
    let ids: Vec<Json> =
        orcid.into_iter().chain(gnd).chain(identifiers.iter().map(write_identifier)).collect();
    let given = Some(given).filter(|given| !given.is_empty());
    let mut who = if *is_organization {
        json!({"type": "organizational", "name": person.name})
    } else {
        without_nulls(json!({"type": "personal", "family_name": family, "given_name": given}))
    };
    if !ids.is_empty() {
        who["identifiers"] = json!(ids);
    }
    let homes: Vec<Json> = person.list_affiliations().iter().map(write_affiliation).collect();
    without_nulls(json!({
        "person_or_org": who,
        "role": person.role.as_ref().map(|role| json!({"id": role})),
        "affiliations": Some(homes).filter(|homes| !homes.is_empty()),
    }))
}

fn write_affiliation(affiliation: &Affiliation) -> Json {
    match &affiliation.ror {
        Some(ror) => json!({"id": ror}),
        None => json!({"name": affiliation.name}),
    }
}

/// Writes an id and its scheme.
pub(super) fn write_identifier(identifier: &Identifier) -> Json {
    json!({"scheme": identifier.scheme, "identifier": identifier.identifier})
}
