//! Decides whether the record that a plan writes to may be another work than the manifest's.
//!
//! A mistyped concept, or a lock that was merged or edited badly, can name another record of the
//! same account; its next version would then be this work. A base counts as another work only when
//! nothing connects it: its title differs, it shares no creator and no file with the plan, and the
//! lock does not prove that this manifest was applied to it. Any one of these is enough to pass, so
//! that an ordinary new version, which keeps its authors or its title, needs no confirmation.
//! Deliberately absent: what a person confirmed, which `decide` knows.

use std::collections::BTreeSet;

use crate::model::{Binding, Field, FileChange, Metadata, Person, Value};
use crate::observed::Record;

/// Returns whether nothing shows that a record is what the manifest describes. `files` are those on
/// the disk, compared with the record's: that the server has what `keep` names shows nothing.
pub(super) fn is_another_work(wanted: &Metadata, record: &Record, files: &[FileChange]) -> bool {
    !has_same_title(wanted, &record.metadata)
        && !has_shared_creator(wanted, &record.metadata)
        && !files.iter().any(FileChange::is_kept)
}

/// Returns whether the lock proves that the manifest was applied to this version: it names it as
/// the last one, and knows exactly the files that the server has.
pub(super) fn is_applied(record: &Record, binding: &Binding) -> bool {
    let Some(bound) = &binding.record else { return false };
    let is_known = |file: &crate::model::RemoteFile| {
        bound.files.get(&file.key).is_some_and(|applied| Some(applied.md5) == file.md5)
    };
    // Two numbers that were edited prove nothing; the MD5s of all files do.
    bound.last == Some(record.id)
        && !bound.files.is_empty()
        && bound.files.len() == record.files.len()
        && record.files.iter().all(is_known)
}

/// Returns the names of a record's creators.
pub(super) fn list_creators(metadata: &Metadata) -> Vec<String> {
    list_people(metadata).iter().map(|person| person.name.clone()).collect()
}

fn has_same_title(wanted: &Metadata, there: &Metadata) -> bool {
    let title = |metadata: &Metadata| split_words(metadata.text(Field::Title).unwrap_or_default());
    title(wanted) == title(there)
}

fn has_shared_creator(wanted: &Metadata, there: &Metadata) -> bool {
    let there = list_people(there);
    list_people(wanted).iter().any(|one| there.iter().any(|other| is_same_person(one, other)))
}

fn list_people(metadata: &Metadata) -> &[Person] {
    match metadata.get(Field::Creators) {
        Some(Value::People(people)) => people,
        _ => &[],
    }
}

/// Returns whether two persons share an identifier or a name: either is enough.
fn is_same_person(one: &Person, other: &Person) -> bool {
    let is_same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    is_same(&one.orcid, &other.orcid)
        || is_same(&one.gnd, &other.gnd)
        || is_same_name(&one.name, &other.name)
}

/// Returns whether names agree: in either order, and a given name by its initial.
fn is_same_name(one: &str, other: &str) -> bool {
    let set = |name: &str| split_words(name).into_iter().collect::<BTreeSet<_>>();
    // The same words in either order, but two empty names are nobody's.
    if set(one) == set(other) {
        return !set(one).is_empty();
    }
    match (split_family_and_initial(one), split_family_and_initial(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Returns the family name and the first letter of the given name: of `Family, Given`, or else of
/// `Given Family`.
fn split_family_and_initial(name: &str) -> Option<(String, char)> {
    let (family, given) = if let Some((family, given)) = name.split_once(',') {
        (split_words(family).join(" "), split_words(given))
    } else {
        let mut all = split_words(name);
        (all.pop()?, all)
    };
    Some((family, given.first()?.chars().next()?))
}

/// Returns the words of a text in lower case.
fn split_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_its_usual_spellings() {
        for (one, other) in [
            ("Weiss, Tobias", "weiss, tobias"),
            ("Weiss, Tobias", "Tobias Weiss"),
            ("Weiss, Tobias", "Weiss, T."),
            ("Weiss, T.", "Tobias Weiss"),
            ("van der Berg, Anna M.", "van der Berg, A. M."),
            ("CERN", "CERN"),
        ] {
            assert!(is_same_name(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("Weiss, Tobias", "Weiss, Anna"),
            ("Weiss, Tobias", "Weissmann, Tobias"),
            ("Weiss, Tobias", "Tobias, Anna"),
            ("", ""),
            ("CERN", "ESO"),
        ] {
            assert!(!is_same_name(one, other), "{one} {other}");
        }
    }

    #[test]
    fn an_identifier_says_more_than_a_name() {
        let person = |name: &str, orcid: Option<&str>| Person {
            name: name.to_owned(),
            orcid: orcid.map(str::to_owned),
            ..Person::default()
        };
        let orcid = Some("0000-0002-1825-0097");
        assert!(is_same_person(&person("Weiss, Tobias", orcid), &person("Schwarz, T.", orcid)));
        assert!(!is_same_person(&person("Weiss, Tobias", None), &person("Schwarz, Tobias", None)));
    }
}
