//! People and organisations as JSON.

use serde_json::{Value as Json, json};

use crate::model::{Affiliation, Identifier, Person, PersonDetails};

use super::parts::{Strictness, make_object, read_key, text_to_json};

impl Strictness {
    pub(super) fn read_person(self, json: &Json) -> Option<Person> {
        json.as_object()?;
        Some(Person {
            name: self.read_needed(json, "name")?,
            affiliation: read_key(json, "affiliation"),
            orcid: read_key(json, "orcid"),
            gnd: read_key(json, "gnd"),
            role: read_key(json, "type"),
            details: PersonDetails {
                is_organization: json["kind"] == "organization",
                names: read_key(json, "family_name").zip(read_key(json, "given_name")),
                affiliations: read_list(json, "affiliations", |item| Affiliation {
                    name: read_key(item, "name"),
                    ror: read_key(item, "ror"),
                }),
                identifiers: read_identifiers(json),
            },
        })
    }
}

fn read_list<T>(json: &Json, key: &str, read: impl Fn(&Json) -> T) -> Vec<T> {
    let items = json.get(key).and_then(Json::as_array).into_iter().flatten();
    items.map(read).collect()
}

/// Reads the ids of a person or a place.
pub(super) fn read_identifiers(json: &Json) -> Vec<Identifier> {
    read_list(json, "identifiers", |item| Identifier {
        scheme: read_key(item, "scheme").unwrap_or_default(),
        identifier: read_key(item, "identifier").unwrap_or_default(),
    })
}

/// Returns ids as a list; none where there is none.
pub(super) fn identifiers_to_json(identifiers: &[Identifier]) -> Option<Json> {
    let pair = |one: &Identifier| json!({"scheme": one.scheme, "identifier": one.identifier});
    (!identifiers.is_empty()).then(|| identifiers.iter().map(pair).collect())
}

pub(super) fn person_to_json(person: &Person) -> Json {
    let Person { name, affiliation, orcid, gnd, role, details } = person;
    let PersonDetails { is_organization, names, affiliations, identifiers } = details;
    let home = |one: &Affiliation| {
        make_object([
            ("name", text_to_json(one.name.as_ref())),
            ("ror", text_to_json(one.ror.as_ref())),
        ])
    };
    let homes: Option<Json> =
        (!affiliations.is_empty()).then(|| affiliations.iter().map(home).collect());
    make_object([
        ("name", text_to_json(Some(name))),
        ("affiliation", text_to_json(affiliation.as_ref())),
        ("orcid", text_to_json(orcid.as_ref())),
        ("gnd", text_to_json(gnd.as_ref())),
        ("type", text_to_json(role.as_ref())),
        ("kind", is_organization.then(|| json!("organization"))),
        ("family_name", text_to_json(names.as_ref().map(|(family, _)| family))),
        ("given_name", text_to_json(names.as_ref().map(|(_, given)| given))),
        ("affiliations", homes),
        ("identifiers", identifiers_to_json(identifiers)),
    ])
}
