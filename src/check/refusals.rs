//! Maps what a server refuses in metadata to the fields of the manifest.

use crate::model::{
    CustomValue, Field, Finding, ManifestPlace, Metadata, Person, Value, WIDER_FIELDS,
};

/// The codes of refusals and what they mean.
pub const CODES: &[(&str, &str)] = &[("ZR0501", "the server refuses a value of the metadata")];

/// The server's names for fields that have another name in the manifest.
///
/// Source: zenodo-notes.md and contract/scenarios/{publish-incomplete,metadata-invalid}.json,
/// 2026-11-23.
const NAMES: &[(&str, Field)] = &[
    ("pids.doi", Field::Doi),
    ("metadata.resource_type", Field::UploadType),
    ("metadata.rights", Field::License),
    ("metadata.languages", Field::Language),
    ("metadata.funding", Field::Grants),
    ("metadata.identifiers", Field::RelatedIdentifiers),
    ("metadata.publisher", Field::ImprintPublisher),
    ("metadata.additional_titles", Field::Titles),
    ("metadata.additional_descriptions", Field::Descriptions),
    ("custom_fields", Field::Custom),
    ("access.embargo", Field::EmbargoDate),
];

/// Returns the field that the server means, by its path: `metadata.creators.0.name`.
fn find_refused_field(path: &str) -> Option<Field> {
    let is_below = |name: &str| {
        path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if let Some((_, field)) = NAMES.iter().find(|(name, _)| is_below(name)) {
        return Some(*field);
    }
    Field::from_name(path.strip_prefix("metadata.")?.split('.').next()?)
}

/// Returns the field that was sent, of two that say the same.
fn choose_sent(field: Field, sent: &Metadata) -> Field {
    let wider = WIDER_FIELDS.iter().find(|(first, _)| *first == field).map(|(_, wider)| *wider);
    wider.filter(|wider| sent.get(*wider).is_some()).unwrap_or(field)
}

/// The lists of the manifest that the server has as one, by its name. Each entry of theirs is one of
/// the server's, in the same order.
const LISTS: &[(&str, &[&str])] = &[
    ("metadata.creators", &["creators"]),
    ("metadata.contributors", &["thesis_supervisors", "contributors"]),
    ("metadata.additional_titles", &["titles"]),
    ("metadata.rights", &["licenses"]),
    ("metadata.languages", &["languages"]),
    ("metadata.funding", &["funding", "grants"]),
    ("metadata.related_identifiers", &["related_identifiers", "identifiers"]),
    ("metadata.identifiers", &["identifiers"]),
    ("metadata.references", &["references"]),
    ("metadata.dates", &["dates"]),
    ("metadata.locations.features", &["locations"]),
    ("metadata.locations", &["locations"]),
    ("metadata.sizes", &["sizes"]),
    ("metadata.formats", &["formats"]),
];

/// A value that the server refuses.
#[derive(Debug)]
pub struct Refusal {
    /// Of which field it is.
    pub field: Field,
    /// Where in the field it is; none where the server names the field alone.
    pub place: Option<ManifestPlace>,
    /// What there is to say of it.
    pub finding: Finding,
}

impl Refusal {
    fn new(field: Field, place: Option<ManifestPlace>, said: &str) -> Self {
        let summary = format!("the server refuses `{field}`");
        let finding = Finding::error("ZR0501", summary).because(format!("it says: {said}"));
        Self { field, place, finding }
    }
}

/// Returns the place that the server means, by its path.
fn find_refused_place(path: &str) -> Option<ManifestPlace> {
    if let Some(name) = path.strip_prefix("custom_fields.") {
        // Below the name there may be the position of a value in it.
        let (name, _) = name.split_once('.').filter(|(_, at)| is_number(at)).unwrap_or((name, ""));
        return Some(ManifestPlace::Custom(name.to_owned()));
    }
    let (lists, rest) = LISTS.iter().find_map(|(name, lists)| {
        let rest = path.strip_prefix(name)?.strip_prefix('.')?;
        rest.starts_with(|first: char| first.is_ascii_digit()).then_some((*lists, rest))
    })?;
    let mut below = rest.split('.').map(str::to_owned);
    let at = below.next()?.parse().ok()?;
    Some(ManifestPlace::Entry { lists, at, below: below.collect() })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns each value that the server's answer is about.
///
/// `errors` are the paths that it names, with its messages for each. When it names only a word
/// (`Invalid value paper.`), the finding is about the field that has the word.
pub fn report_refused_fields(
    errors: &[(String, Vec<String>)],
    word: Option<&str>,
    sent: &Metadata,
) -> Vec<Refusal> {
    let named = errors.iter().filter_map(|(path, messages)| {
        let field = choose_sent(find_refused_field(path)?, sent);
        let said = format!("{path}: {}", messages.join(" "));
        Some(Refusal::new(field, find_refused_place(path), &said))
    });
    // Some answers name no field, only the refused word.
    let of_word = word.into_iter().flat_map(|word| {
        let fields = list_all_words(sent).into_iter().filter(move |(_, known)| known == word);
        fields.take(1).map(move |(field, _)| {
            let under = vec![vec!["metadata", field.name()]];
            let place = ManifestPlace::Word { under, word: word.to_owned() };
            Refusal::new(field, Some(place), &format!("Invalid value {word}."))
        })
    });
    named.chain(of_word).collect()
}

/// Returns the words of vocabularies in metadata, as the server's vocabularies have them, each with
/// its field: those that the manifest's checks know, and ids of larger vocabularies.
fn list_all_words(metadata: &Metadata) -> Vec<(Field, String)> {
    let mut words = list_vocabulary_words(metadata);
    for (field, value) in metadata.iter() {
        let mut add = |all: Vec<String>| words.extend(all.into_iter().map(|word| (field, word)));
        match value {
            Value::People(people) => {
                let homes = people.iter().flat_map(Person::list_affiliations);
                add(homes.filter_map(|home| home.ror).collect());
            }
            Value::Subjects(subjects) => {
                let known = subjects.iter().filter(|subject| subject.is_known);
                add(known.map(|subject| subject.identifier.clone()).collect());
            }
            Value::Funding(items) => {
                add(items.iter().filter_map(|item| item.funder_ror.clone()).collect());
                add(items.iter().filter_map(|item| item.award_id.clone()).collect());
            }
            Value::Custom(fields) => fields.0.values().for_each(|value| add(list_ids(value))),
            Value::Text(_)
            | Value::List(_)
            | Value::Related(_)
            | Value::Locations(_)
            | Value::Dates(_)
            | Value::TypedTexts(_)
            | Value::Licenses(_) => {}
        }
    }
    words
}

/// Returns the words of vocabularies in metadata that the manifest's checks know, as the server's
/// vocabularies have them, each with its field.
pub fn list_vocabulary_words(metadata: &Metadata) -> Vec<(Field, String)> {
    let mut words = Vec::new();
    for (field, value) in metadata.iter() {
        let mut add = |all: Vec<String>| words.extend(all.into_iter().map(|word| (field, word)));
        match (field, value) {
            // The server keeps type and subtype as one word, `publication-article`, and may refuse
            // either.
            (Field::PublicationType, Value::Text(word)) => {
                add(vec![word.clone(), format!("publication-{word}")]);
            }
            (Field::ImageType, Value::Text(word)) => {
                add(vec![word.clone(), format!("image-{word}")]);
            }
            (Field::UploadType | Field::License | Field::Language, Value::Text(word)) => {
                add(vec![word.clone(), word.to_lowercase()]);
            }
            (_, Value::Related(items)) => {
                add(items.iter().map(|related| related.relation.to_lowercase()).collect());
                add(items.iter().filter_map(|related| related.resource_type.clone()).collect());
            }
            (_, Value::People(people)) => {
                let roles = people.iter().filter_map(|person| person.role.as_ref());
                add(roles.map(|role| role.to_lowercase()).collect());
            }
            (Field::Languages, Value::List(codes)) => add(codes.clone()),
            (_, Value::TypedTexts(items)) => {
                add(items.iter().map(|item| item.kind.clone()).collect());
                add(items.iter().filter_map(|item| item.language.clone()).collect());
            }
            (_, Value::Licenses(items)) => {
                add(items.iter().filter_map(|item| item.id.clone()).collect());
            }
            _ => {}
        }
    }
    words
}

/// Returns the ids of words in the value of a custom field.
fn list_ids(value: &CustomValue) -> Vec<String> {
    match value {
        CustomValue::List(items) => items.iter().flat_map(list_ids).collect(),
        CustomValue::Table(table) => match table.get("id") {
            Some(CustomValue::Text(id)) => vec![id.clone()],
            Some(_) | None => Vec::new(),
        },
        CustomValue::Text(_) | CustomValue::Number(_) | CustomValue::Flag(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Related;

    #[test]
    fn the_words_are_those_that_the_server_looks_up() {
        let mut metadata = Metadata::default();
        metadata.set_text(Field::Title, "dataset of words");
        metadata.set_text(Field::UploadType, "publication");
        metadata.set_text(Field::PublicationType, "article");
        let related = Related { relation: "isCitedBy".to_owned(), ..Related::default() };
        metadata.set(Field::RelatedIdentifiers, Value::Related(vec![related]));
        let role = Some("DataCurator".to_owned());
        let person = Person { name: "Doe, Jane".to_owned(), role, ..Person::default() };
        metadata.set(Field::Contributors, Value::People(vec![person].into()));
        let words: Vec<String> =
            list_vocabulary_words(&metadata).into_iter().map(|(_, word)| word).collect();
        for word in ["publication", "publication-article", "iscitedby", "datacurator"] {
            assert!(words.iter().any(|known| known == word), "{word}");
        }
        assert!(!words.iter().any(|known| known.contains("dataset")));
    }

    #[test]
    fn a_path_leads_to_its_entry() {
        let entry = |lists, at, below: &[&str]| {
            let below = below.iter().map(|step| (*step).to_owned()).collect();
            Some(ManifestPlace::Entry { lists, at, below })
        };
        let custom = |name: &str| Some(ManifestPlace::Custom(name.to_owned()));
        let creators: &[&str] = &["creators"];
        for (path, place) in [
            (
                "metadata.creators.3.affiliations.0.id",
                entry(creators, 3, &["affiliations", "0", "id"]),
            ),
            ("metadata.locations.features.1", entry(&["locations"], 1, &[])),
            ("metadata.locations.2.lat", entry(&["locations"], 2, &["lat"])),
            ("metadata.identifiers.0.scheme", entry(&["identifiers"], 0, &["scheme"])),
            ("custom_fields.code:programmingLanguage.0", custom("code:programmingLanguage")),
            ("custom_fields.journal:journal.issn", custom("journal:journal.issn")),
            ("custom_fields.a:b", custom("a:b")),
            ("metadata.creators", None),
            ("metadata.title", None),
            ("pids.doi", None),
        ] {
            assert_eq!(find_refused_place(path), place, "{path}");
        }
    }

    #[test]
    fn a_path_leads_to_its_field_and_what_is_no_metadata_to_none() {
        for (path, field) in [
            ("metadata.creators.0.person_or_org.name", Some(Field::Creators)),
            ("metadata.resource_type", Some(Field::UploadType)),
            ("metadata.related_identifiers.scheme", Some(Field::RelatedIdentifiers)),
            ("pids.doi", Some(Field::Doi)),
            ("metadata.title", Some(Field::Title)),
            ("files.enabled", None),
            ("metadata", None),
            ("metadata.additional_titles.0.title", Some(Field::Titles)),
            ("custom_fields.code:codeRepository", Some(Field::Custom)),
            ("metadata.unheard_of", None),
        ] {
            assert_eq!(find_refused_field(path), field, "{path}");
        }
    }
}
