//! Creators, contributors and supervisors.

use std::collections::BTreeSet;

use crate::model::{Affiliation, Field, Finding, Identifier, Person, PersonDetails, Span};
use crate::vocab;

use super::codes;
use super::cross_field::describe_two_spellings;
use super::reader::{Entry, Section};
use super::types::Located;
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
    /// Each may have one.
    Optional,
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
    } else if field == Field::Creators {
        (CREATOR, Role::Optional)
    } else {
        (CREATOR, Role::Never)
    };
    let mut people: Vec<Person> = Vec::new();
    let mut spans = Vec::new();
    for section in entry.sections(shape, found) {
        let span = section.span;
        let Some(person) = read_person(section, role, found) else { continue };
        people.push(person);
        spans.push(span);
    }
    // There may be thousands.
    people.shrink_to_fit();
    let mut seen = BTreeSet::new();
    for (person, span) in people.iter().zip(spans) {
        // A repetition is only a warning and both are sent: two people may share a name.
        if !seen.insert(person) {
            found.push(describe_repetition(&entry.path, person, span));
        }
    }
    people
}

fn read_person(mut section: Section<'_>, role: Role, found: &mut Vec<Finding>) -> Option<Person> {
    let names = read_names(&mut section, found);
    let orcid = section.text("orcid", found);
    let gnd = section.text("gnd", found);
    let mut person = Person {
        name: String::new(),
        affiliation: None,
        orcid: orcid.and_then(|orcid| vocab_checks::validate_orcid(&orcid, found)),
        gnd: gnd.and_then(|gnd| vocab_checks::validate_gnd(&gnd, found)),
        role: match role {
            Role::Needed => read_role(&mut section, found),
            Role::Optional => read_creator_role(&mut section, found),
            Role::Never => {
                refuse_role(&mut section, found);
                None
            }
        },
        details: PersonDetails::default(),
    };
    let homes = read_affiliations(&mut section, found);
    person.set_affiliations(homes);
    read_identifiers(&mut section, &mut person, found);
    section.finish(Some(DROPPED), found);
    let Names { name, split, is_organization } = names?;
    person.details.is_organization = is_organization;
    person.name = if is_organization || split.is_some() {
        vocab::tidy(&name.value)
    } else {
        normalize_name(&name.value)
    };
    if split.as_ref().is_some_and(|split| person.split_name() != *split) {
        person.details.names = split;
    }
    // Contributors are often organisations, by their role.
    if role != Role::Needed
        && !is_organization
        && person.details.names.is_none()
        && is_full_name(&person.name)
    {
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

/// How a person or an organisation is named.
struct Names {
    /// The whole name.
    name: Located<String>,
    /// Family and given name, where the manifest gives them apart.
    split: Option<(String, String)>,
    is_organization: bool,
}

/// Reads `kind`, and `name` or `family_name` and `given_name`.
fn read_names(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Option<Names> {
    let kind = section.word("kind", found);
    let kind = kind.and_then(|kind| {
        vocab_checks::validate_word(&kind, "kind of creator", &["person", "organization"], found)
    });
    let is_organization = kind.as_deref() == Some("organization");
    let family = section.text("family_name", found);
    let given = section.text("given_name", found);
    let parts = [&family, &given].into_iter().flatten().next().cloned();
    let Some(part) = parts else {
        let name = section.require_text("name", found)?;
        return Some(Names { name, split: None, is_organization });
    };
    // A name that is given twice may differ.
    if let Some(name) = section.take("name") {
        found.push(
            Finding::error(codes::TWO_SPELLINGS, format!("`{}` has two names", section.path))
                .at(name.span, "beside `family_name` or `given_name`")
                .hint("keep `name = \"Family, Given\"`, or the two parts"),
        );
    }
    if is_organization {
        found.push(
            Finding::error(codes::TWO_SPELLINGS, "an organisation has no family or given name")
                .at(part.span, "of a person")
                .hint("write `name`"),
        );
    }
    let Some(family) = family else {
        found.push(section.missing("family_name"));
        return None;
    };
    let given = given.map(|given| given.value).unwrap_or_default();
    let whole =
        if given.is_empty() { family.value.clone() } else { format!("{}, {given}", family.value) };
    let split = Some((vocab::tidy(&family.value), vocab::tidy(&given)));
    Some(Names { name: Located { value: whole, span: family.span }, split, is_organization })
}

/// Reads `affiliation`, or `affiliations`: names, or tables with a ROR id.
fn read_affiliations(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Vec<Affiliation> {
    let only = section.text("affiliation", found);
    found.extend(only.as_ref().and_then(vocab_checks::find_ror_as_name));
    let Some(entry) = section.take("affiliations") else {
        let only = only.map(|name| Affiliation { name: Some(name.value), ror: None });
        return only.into_iter().collect();
    };
    if only.is_some() {
        let names = (entry.path.as_str(), "affiliation");
        found.push(describe_two_spellings(names, entry.key_span));
    }
    let mut all: Vec<Affiliation> = Vec::new();
    for item in entry.list("a list such as `[\"One\", { ror = \"02feahw73\" }]`", found) {
        let Some(home) = read_affiliation(&item, found) else { continue };
        let is_same = |known: &Affiliation| match (&known.ror, &home.ror) {
            (Some(known), Some(ror)) => known == ror,
            _ => known.name.is_some() && known.name == home.name,
        };
        // The server refuses the same one twice.
        if all.iter().any(is_same) {
            let summary = format!("`{}` names `{home}` twice", entry.path);
            found.push(
                Finding::error(codes::REPETITION, summary)
                    .at(item.span, "named before")
                    .hint("take it away"),
            );
        }
        all.push(home);
    }
    all
}

fn read_affiliation(item: &Entry<'_>, found: &mut Vec<Finding>) -> Option<Affiliation> {
    if item.value.as_table().is_none() {
        let name = item.text(found)?;
        found.extend(vocab_checks::find_ror_as_name(&name));
        return Some(Affiliation { name: Some(name.value), ror: None });
    }
    let mut section = item.section("a name, or `{ ror = \"02feahw73\" }`", found)?;
    let name = section.text("name", found).map(|name| name.value);
    let ror = section.text("ror", found);
    let ror = ror.and_then(|ror| vocab_checks::validate_ror(&ror, found));
    if !section.has("name") && !section.has("ror") {
        found.push(section.missing("ror"));
    }
    section.finish(Some(DROPPED), found);
    Some(Affiliation { name, ror })
}

/// Reads `identifiers`: ORCID and GND too, into their own places.
fn read_identifiers(section: &mut Section<'_>, person: &mut Person, found: &mut Vec<Finding>) {
    let Some(entry) = section.take("identifiers") else { return };
    let shape = "{ scheme = \"isni\", identifier = \"0000 0001 2156 142X\" }";
    for mut item in entry.sections(shape, found) {
        let schemes = ["orcid", "isni", "gnd", "ror"];
        let scheme = item.require_word("scheme", found);
        let scheme = scheme
            .and_then(|scheme| vocab_checks::validate_word(&scheme, "scheme", &schemes, found));
        let text = item.require_text("identifier", found);
        let span = item.span;
        item.finish(Some(DROPPED), found);
        let (Some(scheme), Some(text)) = (scheme, text) else { continue };
        let slot = match scheme.as_str() {
            "orcid" => Some(&mut person.orcid),
            "gnd" => Some(&mut person.gnd),
            _ => None,
        };
        let checked = match scheme.as_str() {
            "orcid" => vocab_checks::validate_orcid(&text, found),
            "gnd" => vocab_checks::validate_gnd(&text, found),
            "isni" => vocab_checks::validate_isni(&text, found),
            _ => vocab_checks::validate_ror(&text, found),
        };
        let Some(identifier) = checked else { continue };
        match slot {
            Some(Some(_)) => found.push(
                Finding::error(codes::TWO_SPELLINGS, format!("`{scheme}` is given twice"))
                    .at(span, "given before")
                    .hint("keep one of them"),
            ),
            Some(slot) => *slot = Some(identifier),
            None => person.details.identifiers.push(Identifier { scheme, identifier }),
        }
    }
    person.details.identifiers.sort();
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
        .hint(format!("of a person: {example}; of an organisation: `kind = \"organization\"`"))
}

fn read_role(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Option<String> {
    let role = section.require_word("type", found)?;
    vocab_checks::validate_word(&role, "contributor type", &vocab::list_contributor_types(), found)
}

/// Reads a creator's role; `type` is a contributor's.
fn read_creator_role(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Option<String> {
    refuse_role(section, found);
    let role = section.word("role", found)?;
    vocab_checks::validate_word(&role, "role", &vocab::list_contributor_types(), found)
}

fn refuse_role(section: &mut Section<'_>, found: &mut Vec<Finding>) {
    let Some(entry) = section.take("type") else { return };
    found.push(
        Finding::error(codes::CREATOR_TYPE, format!("`{}` takes no `type`", section.path))
            .at(entry.span, "not accepted here")
            .because("only contributors have a `type`")
            .hint("write `role`, or name the person under `contributors`"),
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
