//! Ids of vocabularies that are too large to bundle.

use std::collections::BTreeSet;
use std::fmt;

use super::{Field, Metadata, Person, Value};

/// A vocabulary that only the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vocabulary {
    /// Organisations, by ROR id.
    Affiliations,
    /// Funders, by ROR id.
    Funders,
    /// Awards, by the funder's ROR id and the number.
    Awards,
    /// Subjects, such as those of EuroSciVoc and MeSH, by address.
    Subjects,
}

impl Vocabulary {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Affiliations, Self::Funders, Self::Awards, Self::Subjects];

    /// Returns its name on the server.
    pub fn name(self) -> &'static str {
        match self {
            Self::Affiliations => "affiliations",
            Self::Funders => "funders",
            Self::Awards => "awards",
            Self::Subjects => "subjects",
        }
    }

    /// Returns whether an id that the server does not find is unknown to it. The id of a subject is an
    /// address, whose slashes what stands before a server may change.
    pub fn is_certain(self) -> bool {
        match self {
            Self::Affiliations | Self::Funders | Self::Awards => true,
            Self::Subjects => false,
        }
    }

    /// Returns what an entry of it is.
    pub fn entry(self) -> &'static str {
        match self {
            Self::Affiliations => "organisation",
            Self::Funders => "funder",
            Self::Awards => "award",
            Self::Subjects => "subject",
        }
    }
}

/// An id of a vocabulary that only the server has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VocabularyId {
    /// Which vocabulary.
    pub vocabulary: Vocabulary,
    /// The id, as it is sent.
    pub id: String,
}

impl fmt::Display for VocabularyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.vocabulary.entry(), self.id)
    }
}

/// Returns whether a grant is named by the id of its award, `00k4n6c32::101054344`: the deposit API has
/// ids of its own, with the funder's DOI.
fn is_award_id(grant: &str) -> bool {
    grant.contains("::") && !grant.contains('/')
}

impl Metadata {
    /// Returns the grants that are named as the deposit API names them.
    pub fn list_deposit_grants(&self) -> Vec<String> {
        match self.get(Field::Grants) {
            Some(Value::List(grants)) => {
                grants.iter().filter(|grant| !is_award_id(grant)).cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the ids of vocabularies that only the server has.
    pub fn list_vocabulary_ids(&self) -> BTreeSet<VocabularyId> {
        let mut ids = BTreeSet::new();
        for (field, value) in self.iter() {
            let mut add = |vocabulary: Vocabulary, all: Vec<&String>| {
                let all = all.into_iter().map(|id| VocabularyId { vocabulary, id: id.clone() });
                ids.extend(all);
            };
            match value {
                Value::People(people) => {
                    let homes =
                        people.iter().flat_map(|person: &Person| &person.details.affiliations);
                    add(
                        Vocabulary::Affiliations,
                        homes.filter_map(|home| home.ror.as_ref()).collect(),
                    );
                }
                Value::Subjects(subjects) => {
                    let known = subjects.iter().filter(|subject| subject.is_known);
                    add(Vocabulary::Subjects, known.map(|it| &it.identifier).collect());
                }
                Value::Funding(items) => {
                    let funders = items.iter().filter_map(|item| item.funder_ror.as_ref());
                    add(Vocabulary::Funders, funders.collect());
                    let awards = items.iter().filter_map(|item| item.award_id.as_ref());
                    add(Vocabulary::Awards, awards.collect());
                }
                Value::List(grants) if field == Field::Grants => {
                    add(Vocabulary::Awards, grants.iter().filter(|id| is_award_id(id)).collect());
                }
                Value::Text(_)
                | Value::List(_)
                | Value::Related(_)
                | Value::Locations(_)
                | Value::Dates(_)
                | Value::TypedTexts(_)
                | Value::Licenses(_)
                | Value::Custom(_) => {}
            }
        }
        ids
    }
}
