//! The closed lists of words of the metadata: types, relations, roles, access rights.

use std::sync::LazyLock;

use serde::Deserialize;

/// A word of a vocabulary.
#[derive(Deserialize)]
struct Term {
    id: String,
    title: String,
}

/// A resource type: an upload type, perhaps with a subtype.
#[derive(Deserialize)]
struct ResourceType {
    id: String,
    upload_type: String,
    subtype: Option<String>,
    tags: Vec<String>,
}

impl ResourceType {
    fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }
}

/// The vocabularies of `data/`, parsed; one field for each file.
struct Vocabularies {
    resource_types: Vec<ResourceType>,
    relations: Vec<String>,
    contributor_types: Vec<String>,
    date_types: Vec<String>,
}

/// Relations that the server accepts and its deposit API does not return, so that zrel could never
/// compare them.
///
/// Source: `RELATION_TYPE_MAPPING` of zenodo-rdm's legacy serializer, read 2026-11-23.
const UNSPELLED_RELATIONS: [&str; 5] =
    ["collects", "isCollectedBy", "hasTranslation", "isTranslationOf", "other"];

/// The role that the server accepts and its deposit API does not return, so that zrel could never
/// compare a person who has it.
///
/// Source: the records API, driven on 2026-11-28: a contributor of the role comes back with `null`.
const UNSPELLED_ROLE: &str = "Translator";

/// The relation that makes a related identifier an alternate one; it is not in the vocabulary.
const ALTERNATE: &str = "isAlternateIdentifier";

static VOCABULARIES: LazyLock<Vocabularies> = LazyLock::new(read_vocabularies);

fn read_vocabularies() -> Vocabularies {
    #[derive(Deserialize)]
    struct Types {
        resource_types: Vec<ResourceType>,
    }
    #[derive(Deserialize)]
    struct Relations {
        relation_types: Vec<Term>,
    }
    #[derive(Deserialize)]
    struct Roles {
        contributor_roles: Vec<Term>,
    }
    #[derive(Deserialize)]
    struct Dates {
        date_types: Vec<Term>,
    }
    let types: Types = parse_bundled(include_str!("data/resource_types.json"));
    let relations: Relations = parse_bundled(include_str!("data/relation_types.json"));
    let roles: Roles = parse_bundled(include_str!("data/contributor_roles.json"));
    let dates: Dates = parse_bundled(include_str!("data/date_types.json"));
    let mut relations: Vec<String> =
        relations.relation_types.iter().map(|term| lower_camel(&term.title)).collect();
    // A plan with one of these would never be empty: the answer lacks what was sent.
    relations.retain(|relation| !UNSPELLED_RELATIONS.contains(&relation.as_str()));
    relations.push(ALTERNATE.to_owned());
    relations.sort();
    Vocabularies {
        resource_types: types.resource_types,
        relations,
        contributor_types: roles
            .contributor_roles
            .iter()
            .map(|term| convert_to_camel(&term.title))
            .filter(|role| role != UNSPELLED_ROLE)
            .collect(),
        date_types: dates.date_types.iter().map(|term| capitalize_word(&term.id)).collect(),
    }
}

#[expect(clippy::expect_used, reason = "the files are part of the binary; a test parses them")]
fn parse_bundled<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    serde_json::from_str(text).expect("the bundled vocabularies are valid JSON")
}

/// Converts `Work package leader` to `WorkPackageLeader`, as the server does for roles.
fn convert_to_camel(title: &str) -> String {
    title.split(' ').map(capitalize_word).collect()
}

/// Converts `Is supplement to` to `isSupplementTo`.
fn lower_camel(title: &str) -> String {
    let mut words = title.split(' ');
    let first = words.next().unwrap_or_default().to_lowercase();
    first + &words.map(capitalize_word).collect::<String>()
}

fn capitalize_word(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn list_depositable() -> impl Iterator<Item = &'static ResourceType> {
    VOCABULARIES.resource_types.iter().filter(|kind| kind.has_tag("depositable"))
}

fn list_subtypes(upload_type: &str) -> Vec<&'static str> {
    list_depositable()
        .filter(|kind| kind.upload_type == upload_type)
        .filter_map(|kind| kind.subtype.as_deref())
        .collect()
}

/// Returns the values of `upload_type`, sorted.
///
/// Source: `GET /api/vocabularies/resourcetypes`, 2026-11-23.
pub fn list_upload_types() -> Vec<&'static str> {
    let mut types: Vec<&str> = list_depositable().map(|kind| kind.upload_type.as_str()).collect();
    // The list is sorted by upload type, so that its subtypes are neighbours.
    types.dedup();
    types
}

/// Returns the upload type that a subtype belongs to, and the key of subtypes of that type.
pub fn find_upload_type_of(subtype: &str) -> Option<(&'static str, &'static str)> {
    if list_publication_types().contains(&subtype) {
        Some(("publication", "publication_type"))
    } else if list_image_types().contains(&subtype) {
        Some(("image", "image_type"))
    } else {
        None
    }
}

/// Returns the values of `publication_type`, sorted.
pub fn list_publication_types() -> Vec<&'static str> {
    list_subtypes("publication")
}

/// Returns the values of `image_type`, sorted.
pub fn list_image_types() -> Vec<&'static str> {
    list_subtypes("image")
}

/// Returns whether a text can be the `resource_type` of a related identifier.
pub fn is_resource_type(id: &str) -> bool {
    list_resource_types().contains(&id)
}

/// Returns the values of a related identifier's `resource_type`, sorted: `dataset`,
/// `publication-article`, …
///
/// Source: contract/scenarios/metadata-full.json, 2026-11-23.
pub fn list_resource_types() -> Vec<&'static str> {
    // Some types, such as `instrument`, can be linked to and not deposited.
    let linkable = VOCABULARIES.resource_types.iter().filter(|kind| kind.has_tag("linkable"));
    linkable.map(|kind| kind.id.as_str()).collect()
}

/// Returns the relations of related identifiers as the deposit API spells them, sorted:
/// `isSupplementTo`, …, `isAlternateIdentifier` among them.
///
/// Leaves out a few that the server accepts and its deposit API does not return.
pub fn list_relations() -> Vec<&'static str> {
    strs(&VOCABULARIES.relations)
}

/// Returns the roles of contributors as the deposit API spells them: `DataCurator`, …
///
/// The server accepts them in any case and returns this spelling. Leaves out `Translator`, which it
/// accepts and does not return.
pub fn list_contributor_types() -> Vec<&'static str> {
    strs(&VOCABULARIES.contributor_types)
}

/// Returns the types of dates as the API's documentation spells them: `Collected`, …
///
/// The server accepts them in any case; they come back in lower case.
pub fn list_date_types() -> Vec<&'static str> {
    strs(&VOCABULARIES.date_types)
}

/// Returns the values of `access_right`; `closed` comes back as `restricted`.
///
/// Source: contract/scenarios/access.json, 2026-11-23.
pub fn list_access_rights() -> Vec<&'static str> {
    vec!["open", "embargoed", "restricted", "closed"]
}

fn strs(texts: &'static [String]) -> Vec<&'static str> {
    texts.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_deposit_api() {
        assert!(list_upload_types().contains(&"publication"));
        assert!(!list_upload_types().contains(&"instrument"), "linkable only");
        assert!(list_publication_types().contains(&"preprint"));
        assert!(!list_publication_types().contains(&"blog"));
        assert_eq!(list_image_types(), ["diagram", "drawing", "figure", "other", "photo", "plot"]);
        assert!(list_contributor_types().contains(&"DataCurator"));
        assert!(list_contributor_types().contains(&"WorkPackageLeader"));
        assert!(list_contributor_types().contains(&"RightsHolder"));
        assert!(list_date_types().contains(&"Collected"));
        assert!(!list_contributor_types().contains(&UNSPELLED_ROLE));
        assert_eq!(list_contributor_types().len(), 21);
        for relation in ["isSupplementTo", "isDerivedFrom", "isAlternateIdentifier", "cites"] {
            assert!(list_relations().contains(&relation), "{relation}");
        }
        for unspelled in UNSPELLED_RELATIONS {
            assert!(!list_relations().contains(&unspelled), "{unspelled}");
        }
        assert_eq!(list_relations().len(), 35);
    }

    #[test]
    fn a_resource_type_has_type_and_subtype() {
        assert!(is_resource_type("publication-article"));
        assert!(is_resource_type("instrument"));
        assert!(!is_resource_type("article"));
    }

    #[test]
    fn no_list_holds_a_word_twice() {
        for list in [
            list_upload_types(),
            list_publication_types(),
            list_relations(),
            list_contributor_types(),
        ] {
            let mut once = list.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), list.len());
        }
    }
}
