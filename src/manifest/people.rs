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
/// What would happen to an unknown key.
const DROPPED: &str = "Zenodo silently drops an unknown key of a person";

/// Words of which one makes a name that of an organisation.
const ORGANISATION_WORDS: &[&str] = &[
    "academy",
    "agency",
    "association",
    "board",
    "bureau",
    "center",
    "centre",
    "collaboration",
    "college",
    "committee",
    "community",
    "consortium",
    "council",
    "department",
    "developers",
    "foundation",
    "group",
    "inc",
    "initiative",
    "institut",
    "institute",
    "laboratory",
    "library",
    "ltd",
    "ministry",
    "museum",
    "network",
    "office",
    "organisation",
    "organization",
    "partners",
    "project",
    "school",
    "service",
    "society",
    "survey",
    "team",
    "universität",
    "université",
    "university",
];

/// Whether the people of a list have a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Each needs one.
    Needed,
    /// None has one.
    Never,
}

/// Reads `creators`, `contributors` or `thesis_supervisors`.
pub(super) fn read_people(
    field: Field,
    entry: &Entry<'_>,
    found: &mut Vec<Finding>,
) -> Vec<Person> {
    let is_empty = entry.value.as_array().is_some_and(|items| items.is_empty());
    if field == Field::Creators && is_empty {
        found.push(
            Finding::error(codes::MISSING, "`metadata.creators` is empty")
                .at(entry.span, "no creator")
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
        let Some(person) = read_person(section, role, found) else { continue };
        // A repetition is only a warning and both are sent: two people may share a name.
        if !seen.insert(person.clone()) {
            found.push(describe_repetition(&entry.path, &person, span));
        }
        people.push(person);
    }
    people
}

fn read_person(mut section: Section<'_>, role: Role, found: &mut Vec<Finding>) -> Option<Person> {
    let name = section.require_text("name", found);
    let affiliation = section.text("affiliation", found);
    let orcid = section.text("orcid", found);
    let gnd = section.text("gnd", found);
    let person = Person {
        name: name.as_ref().map(|name| normalize_name(&name.value)).unwrap_or_default(),
        affiliation: affiliation.map(|affiliation| affiliation.value),
        orcid: orcid.and_then(|orcid| vocab_checks::validate_orcid(&orcid, found)),
        gnd: gnd.and_then(|gnd| vocab_checks::validate_gnd(&gnd, found)),
        role: match role {
            Role::Needed => read_role(&mut section, found),
            Role::Never => {
                refuse_role(&mut section, found);
                None
            }
        },
    };
    section.finish(Some(DROPPED), found);
    let name = name?;
    // Contributors are often organisations, by their role.
    if role == Role::Never && is_full_name(&person.name) {
        found.push(describe_missing_comma(&person.name, name.span));
    }
    // A name of commas alone passes the check for empty texts, and the server drops it.
    if person.name.trim_matches([',', ' ']).is_empty() {
        let summary = format!("`{}` is not a name", vocab_checks::shorten_and_escape(&name.value));
        found.push(
            Finding::error(codes::TOO_SHORT, summary)
                .at(name.span, "nothing but commas")
                .because("Zenodo silently drops such a name"),
        );
    }
    Some(person)
}

/// Returns a name as it comes back: `Family, Given` with one blank, or one part without a comma.
fn normalize_name(name: &str) -> String {
    let name = vocab::tidy(name);
    let parts: Vec<&str> = name.split(',').map(str::trim).collect();
    match parts.as_slice() {
        // A name with two commas stays one family name on the server, so it stays as it is.
        [family, given] if !family.is_empty() && !given.is_empty() => format!("{family}, {given}"),
        [one, ""] | ["", one] => (*one).to_owned(),
        _ => name,
    }
}

/// Returns whether a name without a comma looks like given and family name of a person.
fn is_full_name(name: &str) -> bool {
    let words = || name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_organisation = |word: &str| ORGANISATION_WORDS.contains(&word.to_lowercase().as_str());
    !name.contains(',')
        && name.contains(' ')
        && words().count() > 1
        && !words().any(is_organisation)
}

fn describe_missing_comma(name: &str, span: Span) -> Finding {
    let shown = vocab_checks::shorten_and_escape(name);
    let example = match shown.split(' ').collect::<Vec<_>>()[..] {
        // Of a longer name, or in another script, zrel can't tell which part is the family name.
        [given, family] if shown.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b' ') => {
            format!("`{family}, {given}`")
        }
        _ => "`Family, Given`".to_owned(),
    };
    Finding::warning(codes::NO_COMMA, format!("`{shown}` has no comma"))
        .at(span, "taken as a family name as a whole")
        .because("Zenodo splits a name at its comma, and citations then have all of it as the family name")
        .hint(format!("of a person: {example}; the name of an organisation stays"))
}

fn read_role(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Option<String> {
    let role = section.require_word("type", found)?;
    // This role is not in the list, and a list of words would not explain why.
    if role.value.eq_ignore_ascii_case("translator") {
        found.push(
            Finding::error(codes::UNKNOWN_WORD, "Zenodo does not return `Translator`")
                .at(role.span, "accepted, and returned without a role")
                .because(
                    "its deposit API returns the person without a role, so that a plan with one \
                     would never be done",
                )
                .hint("write `type = \"Other\"`, and say in `notes` who translated"),
        );
        return None;
    }
    vocab_checks::validate_word(&role, "contributor type", &vocab::list_contributor_types(), found)
}

fn refuse_role(section: &mut Section<'_>, found: &mut Vec<Finding>) {
    let Some(entry) = section.take("type") else { return };
    found.push(
        Finding::error(codes::CREATOR_TYPE, format!("`{}` takes no `type`", section.path))
            .at(entry.span, "not accepted here")
            .because("Zenodo silently drops it: only contributors have a type")
            .hint("remove it, or name the person under `contributors`"),
    );
}

fn describe_repetition(path: &str, person: &Person, span: Span) -> Finding {
    let summary =
        format!("`{path}` names `{}` twice", vocab_checks::shorten_and_escape(&person.name));
    Finding::warning(codes::REPETITION, summary)
        .at(span, "named before")
        .hint("take one away, or tell the two apart by their ORCIDs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_s_name_has_a_comma_and_an_organisation_s_has_none() {
        for name in ["Ada Lovelace", "J. R. R. Tolkien", "Jean-Luc Picard", "Ада Лавлейс"]
        {
            assert!(is_full_name(name), "{name}");
        }
        for name in [
            "Lovelace, Ada",
            "Plato",
            "LIGO Scientific Collaboration",
            "The Event Horizon Telescope Project",
            "Université de Paris",
            "",
        ] {
            assert!(!is_full_name(name), "{name}");
        }
    }

    #[test]
    fn the_warning_guesses_no_family_name_of_several_words() {
        let hint = |name| describe_missing_comma(name, Span { start: 0, end: 1 }).hints[0].clone();
        assert!(hint("Ada Lovelace").contains("`Lovelace, Ada`"));
        assert!(hint("María José García López").contains("`Family, Given`"));
    }
}
