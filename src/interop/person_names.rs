//! Names of people: in parts, in one piece, and as package managers write them.

use crate::model::Person;
use crate::vocab::identifiers;

/// Returns family name and given names, or `None` if the name is not `Family, Given`.
pub(in crate::interop) fn split_name(name: &str) -> Option<(&str, &str)> {
    let (family, given) = name.split_once(',')?;
    let (family, given) = (family.trim(), given.trim());
    // A second comma makes it a list or an organisation.
    let is_person = !family.is_empty() && !given.is_empty() && !given.contains(',');
    is_person.then_some((family, given))
}

/// Returns a person's family and given names, the latter perhaps empty; `None` for an organisation. A
/// name without a comma is taken for one, unless it is given in parts or has an ORCID.
pub(in crate::interop) fn find_names(person: &Person) -> Option<(String, String)> {
    if person.details.is_organization {
        return None;
    }
    let split = || split_name(&person.name).map(|(family, given)| (family.into(), given.into()));
    let whole = || person.orcid.as_ref().map(|_| (person.name.clone(), String::new()));
    person.details.names.clone().or_else(split).or_else(whole)
}

/// Reads `Name <mail> (page)`, as package managers write people; the mail address is left out.
pub(in crate::interop) fn read_package_author(text: &str) -> Option<Person> {
    let name = text.split(['<', '(']).next().unwrap_or_default().trim();
    // An entry may be a mail address only, which must not be published as a name.
    let is_name = !name.is_empty() && !name.contains('@');
    is_name.then(|| Person { name: name.to_owned(), ..Person::default() })
}

/// Returns the ORCID of an address or an id, or `None` if the text is neither.
pub(in crate::interop) fn read_orcid(text: &str) -> Option<String> {
    let bare = identifiers::strip_orcid(text.trim());
    identifiers::find_orcid_fault(&bare).is_none().then_some(bare)
}

/// Joins the parts of a name.
pub(in crate::interop) fn join_name(family: &str, given: &str) -> String {
    match (family.trim(), given.trim()) {
        (family, "") => family.to_owned(),
        ("", given) => given.to_owned(),
        (family, given) => format!("{family}, {given}"),
    }
}

/// Returns the words of a name, sorted, so that they do not depend on its form.
pub(in crate::interop) fn sort_name_words(person: &Person) -> Vec<String> {
    let words = person.name.split([',', ' ']).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_lowercase).collect();
    words.sort();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_parts_or_is_one() {
        assert_eq!(split_name("Weiss, Tobias"), Some(("Weiss", "Tobias")));
        for whole in ["CERN", "A, B, C", "A,", ", B"] {
            assert_eq!(split_name(whole), None, "{whole}");
        }
    }

    #[test]
    fn a_person_has_names_and_an_organisation_has_none() {
        let mut person = Person { name: "CERN".to_owned(), ..Person::default() };
        assert_eq!(find_names(&person), None);
        person.orcid = Some("0000-0002-1825-0097".to_owned());
        assert_eq!(find_names(&person), Some(("CERN".to_owned(), String::new())));
        person.details.names = Some(("de la Cruz, Jr.".to_owned(), "Ana".to_owned()));
        let names = ("de la Cruz, Jr.".to_owned(), "Ana".to_owned());
        assert_eq!(find_names(&person), Some(names));
        person.details.is_organization = true;
        assert_eq!(find_names(&person), None);
    }

    #[test]
    fn a_person_loses_the_mail() {
        let name = |text| read_package_author(text).map(|person| person.name);
        assert_eq!(name("Ada Okafor <ada@example.org>"), Some("Ada Okafor".to_owned()));
        assert_eq!(name("Ada Okafor (https://example.org)"), Some("Ada Okafor".to_owned()));
        assert_eq!(name("ada@example.org"), None);
        assert_eq!(name("<ada@example.org>"), None);
    }
}
