//! Creators, contributors and supervisors.

use std::collections::BTreeSet;

use crate::model::{Field, Finding, Person, Span};
use crate::vocab;

use super::codes;
use super::reader::{Entry, Section};
use super::vocab_checks;

/// How an entry of the list looks.
const CREATOR: &str = "{ name = \"Family, Given\" }";
const CONTRIBUTOR: &str = "{ name = \"Family, Given\", type = \"Editor\" }";
/// What would become of an unknown key.
const DROPPED: &str = "Zenodo drops what it does not know of a person, without a word";

/// Whether the people of a list have a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Each needs one.
    Needed,
    /// None has one.
    Never,
}

/// Reads `creators`, `contributors` or `thesis_supervisors`.
pub(super) fn people(field: Field, entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<Person> {
    let is_empty = entry.value.as_array().is_some_and(|items| items.is_empty());
    if field == Field::Creators && is_empty {
        found.push(
            Finding::error(codes::MISSING, "`metadata.creators` names nobody")
                .at(entry.span, "nobody")
                .hint(format!("name at least one: `[{CREATOR}]`")),
        );
    }
    let (shape, role) = if field == Field::Contributors {
        (CONTRIBUTOR, Role::Needed)
    } else {
        (CREATOR, Role::Never)
    };
    let mut people: Vec<Person> = Vec::new();
    let mut seen = BTreeSet::new();
    for section in entry.sections(shape, found) {
        let span = section.span;
        let Some(person) = person(section, role, found) else { continue };
        if !seen.insert(person.clone()) {
            found.push(twice(&entry.path, &person, span));
        }
        people.push(person);
    }
    people
}

fn person(mut section: Section<'_>, role: Role, found: &mut Vec<Finding>) -> Option<Person> {
    let name = section.require_text("name", found);
    let affiliation = section.text("affiliation", found);
    let orcid = section.text("orcid", found);
    let gnd = section.text("gnd", found);
    let person = Person {
        name: name.as_ref().map(|name| spelled(&name.value)).unwrap_or_default(),
        affiliation: affiliation.map(|affiliation| affiliation.value),
        orcid: orcid.and_then(|orcid| vocab_checks::orcid(&orcid, found)),
        gnd: gnd.and_then(|gnd| vocab_checks::gnd(&gnd, found)),
        role: match role {
            Role::Needed => needed_role(&mut section, found),
            Role::Never => {
                refuse_role(&mut section, found);
                None
            }
        },
    };
    section.finish(Some(DROPPED), found);
    let name = name?;
    if person.name.trim_matches([',', ' ']).is_empty() {
        let summary = format!("`{}` is no name", vocab_checks::shown(&name.value));
        found.push(
            Finding::error(codes::TOO_SHORT, summary)
                .at(name.span, "nothing but commas")
                .because("Zenodo drops such a name in silence"),
        );
    }
    Some(person)
}

/// Writes a name as it comes back: `Family,Given` with one blank, none but the comma between them.
fn spelled(name: &str) -> String {
    let name = vocab::tidy(name);
    let parts: Vec<&str> = name.split(',').map(str::trim).collect();
    match parts.as_slice() {
        [family, given] if !family.is_empty() && !given.is_empty() => format!("{family}, {given}"),
        [one, ""] | ["", one] => (*one).to_owned(),
        _ => name,
    }
}

fn needed_role(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Option<String> {
    let role = section.require_word("type", found)?;
    if role.value.eq_ignore_ascii_case("translator") {
        found.push(
            Finding::error(codes::UNKNOWN_WORD, "Zenodo does not tell `Translator` back")
                .at(role.span, "taken, and shown as no role")
                .because(
                    "its deposit API returns the person without a role, so that a plan with one \
                     would never be done",
                )
                .hint("write `type = \"Other\"`, and say in `notes` who translated"),
        );
        return None;
    }
    vocab_checks::word(&role, "contributor type", &vocab::contributor_types(), found)
}

fn refuse_role(section: &mut Section<'_>, found: &mut Vec<Finding>) {
    let Some(entry) = section.take("type") else { return };
    found.push(
        Finding::error(codes::CREATOR_TYPE, format!("`{}` takes no `type`", section.path))
            .at(entry.span, "not taken here")
            .because("Zenodo drops it in silence: only contributors have a type")
            .hint("take it away, or name the person under `contributors`"),
    );
}

fn twice(path: &str, person: &Person, span: Span) -> Finding {
    let summary = format!("`{path}` names `{}` twice", vocab_checks::shown(&person.name));
    Finding::warning(codes::REPETITION, summary)
        .at(span, "named before")
        .hint("take one away, or tell the two apart by their ORCIDs")
}
