//! People as a manifest holds them.

use crate::model::{Field, Person, PersonDetails};
use crate::observed::UnsupportedValue;
use crate::vocab::{self, identifiers};

use super::entry_values::find_word;
use super::kept_texts::trim_filled;
use super::statement_values::select_person_details;
use super::unsupported::quote_unsupported;

/// Selects the people that a manifest can name, and reports the others.
pub(super) fn select_people(
    field: Field,
    people: &[Person],
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<Person> {
    let mut kept = Vec::new();
    for (at, person) in people.iter().enumerate() {
        let place = format!("{field}[{at}]");
        let name = person.name.trim().to_owned();
        if vocab::tidy(&name).trim_matches([',', ' ']).is_empty() {
            unsupported.push(quote_unsupported(&place, "a person without a name"));
            continue;
        }
        // A manifest requires a role for contributors and refuses one for anyone else.
        let role = match person.role.as_deref() {
            _ if field == Field::ThesisSupervisors => None,
            None if field == Field::Creators => None,
            Some(role) => Some(spell_role(role, &place, unsupported)),
            None => Some("Other".to_owned()),
        };
        // The server drops the whole name when an ORCID is wrong, so only the id is left out here.
        let mut checked = |id: Option<&String>, key: &str, fault: fn(&str) -> Option<String>| {
            let id = trim_filled(id)?;
            if fault(&id).is_none() {
                return Some(id);
            }
            unsupported.push(quote_unsupported(&format!("{place}.{key}"), &id));
            None
        };
        kept.push(Person {
            name,
            affiliation: None,
            orcid: checked(person.orcid.as_ref(), "orcid", |id| {
                describe_fault(identifiers::find_orcid_fault(id))
            }),
            gnd: checked(person.gnd.as_ref(), "gnd", |id| {
                describe_fault(identifiers::find_gnd_fault(id))
            }),
            role,
            details: PersonDetails::default(),
        });
        if let Some(last) = kept.last_mut() {
            select_person_details(person, last, &place, unsupported);
        }
    }
    kept
}

fn describe_fault(fault: Option<impl ToString>) -> Option<String> {
    fault.map(|fault| fault.to_string())
}

fn spell_role(role: &str, place: &str, unsupported: &mut Vec<UnsupportedValue>) -> String {
    find_word(role, &vocab::list_contributor_types()).unwrap_or_else(|| {
        unsupported.push(quote_unsupported(&format!("{place}.type"), role));
        // Without a role the manifest would be refused.
        "Other".to_owned()
    })
}
