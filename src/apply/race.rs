//! Recognises the refusal with which a server answers when two wrote at once.

use crate::api::ApiError;
use crate::model::{Field, Metadata, Value};

/// Tells whether a refusal of metadata may only mean that somebody else wrote at the same moment:
/// the loser gets 400 `Invalid value dataset.`, for a word that is in the vocabulary
/// (zenodo-notes.md, 2026-11-23). Words of a manifest were looked up before they are sent.
pub(super) fn may_be_lost(error: &ApiError, sent: &Metadata) -> bool {
    error.refused_word().is_some_and(|word| words(sent).iter().any(|known| known == word))
}

/// Returns the words of vocabularies in these metadata, as the server's vocabularies have them.
fn words(metadata: &Metadata) -> Vec<String> {
    let mut words = Vec::new();
    for (field, value) in metadata.iter() {
        match (field, value) {
            (Field::PublicationType, Value::Text(word)) => {
                words.extend([word.clone(), format!("publication-{word}")]);
            }
            (Field::ImageType, Value::Text(word)) => {
                words.extend([word.clone(), format!("image-{word}")]);
            }
            (Field::UploadType | Field::License | Field::Language, Value::Text(word)) => {
                words.extend([word.clone(), word.to_lowercase()]);
            }
            (_, Value::Related(items)) => {
                words.extend(items.iter().map(|related| related.relation.to_lowercase()));
                words.extend(items.iter().filter_map(|related| related.resource_type.clone()));
            }
            (_, Value::People(people)) => {
                let roles = people.iter().filter_map(|person| person.role.as_ref());
                words.extend(roles.map(|role| role.to_lowercase()));
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use crate::model::{Person, Related};

    use super::*;

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
        metadata.set(Field::Contributors, Value::People(vec![person]));
        let words = words(&metadata);
        for word in ["publication", "publication-article", "iscitedby", "datacurator"] {
            assert!(words.iter().any(|known| known == word), "{word}");
        }
        assert!(!words.iter().any(|known| known.contains("dataset")));
    }
}
