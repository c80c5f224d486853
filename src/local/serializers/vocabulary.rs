//! The server's vocabularies: licences, resource types, roles, relations, date types.
//!
//! The data are those of the client (one source, 2026-11-23); the code is this module's own, so
//! that the server can contradict the client. Deliberately absent: organizations and awards, see
//! `organizations`.

use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A licence.
#[derive(Debug, Deserialize)]
pub(crate) struct Licence {
    /// Its id in the records API.
    pub(crate) id: String,
    /// Its name.
    pub(crate) title: String,
    /// Where its text is.
    pub(crate) url: Option<String>,
    /// Its id in answers of the deposit API.
    pub(crate) returned_as: String,
    /// Other ids that the deposit API takes.
    pub(crate) also_accepted: Vec<String>,
}

/// An entry with an id and an English title.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    /// Its id.
    pub(crate) id: String,
    /// Its English title.
    pub(crate) title: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    licenses: Vec<Licence>,
    resource_types: Vec<Entry>,
    contributor_roles: Vec<Entry>,
    relation_types: Vec<Entry>,
    date_types: Vec<Entry>,
    title_types: Vec<Entry>,
    description_types: Vec<Entry>,
    programming_languages: Vec<Entry>,
    development_statuses: Vec<Entry>,
}

fn parse_vocabulary_file(text: &str) -> File {
    parse_bundled(text)
}

#[expect(clippy::expect_used, reason = "the data are part of the program, and a test reads them")]
fn parse_bundled<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("a bundled vocabulary is valid JSON")
}

static LICENCES: LazyLock<Vec<Licence>> = LazyLock::new(|| {
    parse_vocabulary_file(include_str!("../../vocab/data/licenses.json")).licenses
});
static RESOURCE_TYPES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    parse_vocabulary_file(include_str!("../../vocab/data/resource_types.json")).resource_types
});
static ROLES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    parse_vocabulary_file(include_str!("../../vocab/data/contributor_roles.json")).contributor_roles
});
static RELATIONS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    parse_vocabulary_file(include_str!("../../vocab/data/relation_types.json")).relation_types
});
static DATES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    parse_vocabulary_file(include_str!("../../vocab/data/date_types.json")).date_types
});
static TITLES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    parse_vocabulary_file(include_str!("../../vocab/data/title_types.json")).title_types
});
static DESCRIPTIONS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    parse_vocabulary_file(include_str!("../../vocab/data/description_types.json")).description_types
});

static PROGRAMMING_LANGUAGES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let text = include_str!("../../vocab/data/programming_languages.json");
    parse_vocabulary_file(text).programming_languages
});
static DEVELOPMENT_STATUS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let text = include_str!("../../vocab/data/development_status.json");
    parse_vocabulary_file(text).development_statuses
});

/// Names a vocabulary of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vocabulary {
    /// What a record is.
    ResourceTypes,
    /// What a contributor did.
    Roles,
    /// How another work relates.
    Relations,
    /// What a date means.
    Dates,
    /// What an additional title is.
    Titles,
    /// What an additional description is.
    Descriptions,
    /// What a program is written in.
    ProgrammingLanguages,
    /// How far a program is.
    DevelopmentStatus,
}

/// Returns the entry with this id.
pub(crate) fn find_entry(vocabulary: Vocabulary, id: &str) -> Option<&'static Entry> {
    list_entries(vocabulary).iter().find(|entry| entry.id == id)
}

/// Returns all licences.
pub(crate) fn list_licences() -> impl Iterator<Item = &'static Licence> {
    LICENCES.iter()
}

/// Returns all entries of a vocabulary.
pub(crate) fn list_entries(vocabulary: Vocabulary) -> &'static [Entry] {
    match vocabulary {
        Vocabulary::ResourceTypes => &RESOURCE_TYPES,
        Vocabulary::Roles => &ROLES,
        Vocabulary::Relations => &RELATIONS,
        Vocabulary::Dates => &DATES,
        Vocabulary::Titles => &TITLES,
        Vocabulary::Descriptions => &DESCRIPTIONS,
        Vocabulary::ProgrammingLanguages => &PROGRAMMING_LANGUAGES,
        Vocabulary::DevelopmentStatus => &DEVELOPMENT_STATUS,
    }
}

/// Returns the licence that a text names in the deposit API, in any case of letters.
pub(crate) fn find_licence_given(text: &str) -> Option<&'static Licence> {
    let wanted = text.to_lowercase();
    let wanted = wanted.trim();
    let is_alias = |licence: &&Licence| licence.also_accepted.iter().any(|alias| alias == wanted);
    // The aliases go first: `qtpl` is an alias of one licence and the id of another.
    let by_alias = LICENCES.iter().find(is_alias);
    by_alias.or_else(|| LICENCES.iter().find(|licence| licence.id == wanted))
}

/// Returns the text that the deposit API keeps for an id of the former vocabulary that has no
/// licence in the present one. Only this spelling counts.
///
/// Source: `load_rights` of zenodo-rdm, 2026-08-20.
pub(crate) fn find_licence_text(id: &str) -> Option<&'static str> {
    match id {
        "fal" => Some("Free Art License"),
        "gfdl" => Some("GNU Free Documentation License"),
        _ => None,
    }
}

/// Returns the licence with this id of the records API.
pub(crate) fn find_licence(id: &str) -> Option<&'static Licence> {
    LICENCES.iter().find(|licence| licence.id == id)
}

/// Returns the three-letter id of a language that two or three letters name in the deposit API.
pub(crate) fn find_language(code: &str) -> Option<&'static str> {
    let lines = include_str!("../../vocab/data/languages.txt").lines();
    let rows = lines.filter(|line| !line.starts_with('#'));
    let mut rows = rows.map(|line| line.split_once(' ').unwrap_or((line, "")));
    let language = match code.len() {
        2 => rows.find(|(_, two)| *two == code.to_lowercase()),
        3 => rows.find(|(three, _)| *three == code),
        _ => None,
    };
    language.map(|(three, _)| three)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vocabulary_has_its_entries() {
        assert_eq!(LICENCES.len(), 444);
        assert!(find_entry(Vocabulary::ResourceTypes, "publication-preprint").is_some());
        assert!(find_entry(Vocabulary::Roles, "datacurator").is_some());
        assert!(find_entry(Vocabulary::Relations, "issupplementto").is_some());
        assert!(find_entry(Vocabulary::Dates, "collected").is_some());
        assert!(find_entry(Vocabulary::Titles, "subtitle").is_some());
        assert!(find_entry(Vocabulary::Descriptions, "methods").is_some());
        assert!(find_entry(Vocabulary::ProgrammingLanguages, "jupyter_notebook").is_some());
        assert!(find_entry(Vocabulary::DevelopmentStatus, "wip").is_some());
    }

    /// The real table loses these eleven when an answer is sent back: their old ids mean another
    /// licence, or none.
    #[test]
    fn all_licences_but_eleven_are_taken_back_under_the_id_they_were_returned_as() {
        let is_lost = |licence: &&Licence| {
            find_licence_given(&licence.returned_as).is_none_or(|again| again.id != licence.id)
        };
        let lost: Vec<&str> =
            LICENCES.iter().filter(is_lost).map(|licence| licence.id.as_str()).collect();
        let known = [
            "apache-1.0",
            "cc-by-1.0",
            "cc-by-sa-1.0",
            "efl-1.0",
            "gfdl-1.1-only",
            "lal-1.2",
            "ofl-1.0",
            "psf-2.0",
            "python-2.0",
            "qtpl",
            "zpl-1.1",
        ];
        assert_eq!(lost, known);
    }

    #[test]
    fn licences_and_languages_are_found_by_what_people_write() {
        assert_eq!(find_licence_given("MIT").unwrap().returned_as, "mit-license");
        assert_eq!(find_licence_given("CC0-1.0").unwrap().returned_as, "cc-zero");
        assert_eq!(find_licence_given("cc-by").unwrap().id, "cc-by-4.0");
        assert!(find_licence_given("no-such-licence").is_none());
        assert_eq!(find_language("en"), Some("eng"));
        assert_eq!(find_language("xx"), None);
        assert_eq!(find_language("zzz"), None);
    }
}
