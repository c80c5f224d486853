//! People and organisations as JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value as Json, json};

use crate::model::{Affiliation, Identifier, Person, PersonDetails};

use super::parts::{Strictness, read_key};

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

/// A person, written without a value of JSON in between: a record may have thousands.
pub(super) struct PersonJson<'a>(pub(super) &'a Person);

impl Serialize for PersonJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Person { name, affiliation, orcid, gnd, role, details } = self.0;
        let PersonDetails { is_organization, names, affiliations, identifiers } = details;
        let mut person = serializer.serialize_map(None)?;
        person.serialize_entry("name", name)?;
        let texts = [("affiliation", affiliation), ("orcid", orcid), ("gnd", gnd), ("type", role)];
        for (key, text) in texts {
            put(key, text.as_ref(), &mut person)?;
        }
        put("kind", is_organization.then_some("organization"), &mut person)?;
        put("family_name", names.as_ref().map(|(family, _)| family), &mut person)?;
        put("given_name", names.as_ref().map(|(_, given)| given), &mut person)?;
        if !affiliations.is_empty() {
            let homes: Vec<_> = affiliations.iter().map(AffiliationJson).collect();
            person.serialize_entry("affiliations", &homes)?;
        }
        put("identifiers", identifiers_to_json(identifiers), &mut person)?;
        person.end()
    }
}

/// An affiliation, written in the same way.
struct AffiliationJson<'a>(&'a Affiliation);

impl Serialize for AffiliationJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Affiliation { name, ror } = self.0;
        let mut affiliation = serializer.serialize_map(None)?;
        put("name", name.as_ref(), &mut affiliation)?;
        put("ror", ror.as_ref(), &mut affiliation)?;
        affiliation.end()
    }
}

/// Writes an entry that has a value.
fn put<M: SerializeMap>(
    key: &str,
    value: Option<impl Serialize>,
    map: &mut M,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(key, &value))
}
