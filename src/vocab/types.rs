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
    title_types: Vec<String>,
    description_types: Vec<String>,
    programming_languages: Vec<String>,
    development_statuses: Vec<String>,
}

/// Relations that the server accepts and its deposit API does not return: only the records API says
/// them.
///
/// Source: `RELATION_TYPE_MAPPING` of zenodo-rdm's legacy serializer, read 2026-11-23.
const UNSPELLED_RELATIONS: [&str; 5] =
    ["collects", "isCollectedBy", "hasTranslation", "isTranslationOf", "other"];

/// The role that the server accepts and its deposit API does not return: only the records API says
/// it.
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
    #[derive(Deserialize)]
    struct Titles {
        title_types: Vec<Term>,
    }
    #[derive(Deserialize)]
    struct Descriptions {
        description_types: Vec<Term>,
    }
    #[derive(Deserialize)]
    struct Languages {
        programming_languages: Vec<Term>,
    }
    #[derive(Deserialize)]
    struct Statuses {
        development_statuses: Vec<Term>,
    }
    let titles: Titles = parse_bundled(include_str!("data/title_types.json"));
    let texts: Descriptions = parse_bundled(include_str!("data/description_types.json"));
    let languages: Languages = parse_bundled(include_str!("data/programming_languages.json"));
    let statuses: Statuses = parse_bundled(include_str!("data/development_status.json"));
    let ids = |terms: Vec<Term>| terms.into_iter().map(|term| term.id).collect();
    let types: Types = parse_bundled(include_str!("data/resource_types.json"));
    let relations: Relations = parse_bundled(include_str!("data/relation_types.json"));
    let roles: Roles = parse_bundled(include_str!("data/contributor_roles.json"));
    let dates: Dates = parse_bundled(include_str!("data/date_types.json"));
    let mut relations: Vec<String> =
        relations.relation_types.iter().map(|term| lower_camel(&term.title)).collect();
    relations.push(ALTERNATE.to_owned());
    relations.sort();
    Vocabularies {
        resource_types: types.resource_types,
        relations,
        contributor_types: roles
            .contributor_roles
            .iter()
            .map(|term| convert_to_camel(&term.title))
            .collect(),
        date_types: dates.date_types.iter().map(|term| capitalize_word(&term.id)).collect(),
        title_types: ids(titles.title_types),
        description_types: ids(texts.description_types),
        programming_languages: ids(languages.programming_languages),
        development_statuses: ids(statuses.development_statuses),
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

/// Returns the relations of related identifiers in the deposit API's spelling, sorted:
/// `isSupplementTo`, …, `isAlternateIdentifier` among them.
pub fn list_relations() -> Vec<&'static str> {
    strs(&VOCABULARIES.relations)
}

/// Returns whether the deposit API returns a relation that it was sent.
pub fn is_deposit_relation(relation: &str) -> bool {
    !UNSPELLED_RELATIONS.iter().any(|unspelled| unspelled.eq_ignore_ascii_case(relation))
}

/// Returns the roles of creators and contributors in the deposit API's spelling: `DataCurator`, …
///
/// The server accepts them in any case.
pub fn list_contributor_types() -> Vec<&'static str> {
    strs(&VOCABULARIES.contributor_types)
}

/// Returns whether the deposit API returns a role that it was sent.
pub fn is_deposit_role(role: &str) -> bool {
    !role.eq_ignore_ascii_case(UNSPELLED_ROLE)
}

/// Returns the kinds of further titles.
pub fn list_title_types() -> Vec<&'static str> {
    strs(&VOCABULARIES.title_types)
}

/// Returns the kinds of further descriptions.
pub fn list_description_types() -> Vec<&'static str> {
    strs(&VOCABULARIES.description_types)
}

/// Returns the ids of programming languages, as in `code:programmingLanguage`.
pub fn list_programming_languages() -> Vec<&'static str> {
    strs(&VOCABULARIES.programming_languages)
}

/// Returns the ids of `code:developmentStatus`.
pub fn list_development_statuses() -> Vec<&'static str> {
    strs(&VOCABULARIES.development_statuses)
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
        assert!(list_contributor_types().contains(&UNSPELLED_ROLE));
        assert!(!is_deposit_role("translator") && is_deposit_role("Editor"));
        assert_eq!(list_contributor_types().len(), 22);
        for relation in ["isSupplementTo", "isDerivedFrom", "isAlternateIdentifier", "cites"] {
            assert!(list_relations().contains(&relation), "{relation}");
        }
        for unspelled in UNSPELLED_RELATIONS {
            assert!(list_relations().contains(&unspelled), "{unspelled}");
            assert!(!is_deposit_relation(unspelled), "{unspelled}");
        }
        assert_eq!(list_relations().len(), 40);
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
