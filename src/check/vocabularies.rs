//! Findings about ids of vocabularies that only the server has.

use crate::model::{Finding, Vocabulary, VocabularyId};
use crate::observed::Lookups;
use crate::plan::Plan;

/// The code of an id that the server does not know.
pub(super) const UNKNOWN: &str = "ZR0337";

/// The code of ids of which nobody knows whether the server knows them.
pub(super) const LEFT: &str = "ZR0420";

/// How many ids that were not looked up are named.
const NAMED: usize = 5;

/// What an unknown id leads to.
const REFUSED_LATER: &str = "the server refuses an unknown id when the metadata are written";

/// Reports an id that the server does not know.
pub(super) fn report_unknown_id(id: &VocabularyId, plan: &Plan) -> Finding {
    let hint = match id.vocabulary {
        Vocabulary::Affiliations => "correct the ROR id, or write the name in its place",
        Vocabulary::Funders => "correct the ROR id, or write `funder = \"NAME\"`",
        Vocabulary::Awards => {
            "correct the id, or describe the award: `award = { number = \"…\", title = \"…\" }`"
        }
        Vocabulary::Subjects => "correct the id, or write the subject as one of `keywords`",
    };
    Finding::error(UNKNOWN, format!("{} knows no {id}", plan.server.name))
        .because("it refuses metadata with an unknown id")
        .hint(hint)
}

/// Returns the keys of a manifest under which ids of a vocabulary stand.
pub(super) fn list_places(vocabulary: Vocabulary) -> Vec<Vec<&'static str>> {
    match vocabulary {
        Vocabulary::Affiliations => ["creators", "contributors", "thesis_supervisors"]
            .map(|people| vec!["metadata", people, "affiliations"])
            .to_vec(),
        Vocabulary::Funders => vec![vec!["metadata", "funding", "funder"]],
        Vocabulary::Awards => {
            vec![vec!["metadata", "funding", "award"], vec!["metadata", "grants"]]
        }
        Vocabulary::Subjects => vec![vec!["metadata", "subjects"]],
    }
}

/// Warns of subjects that were not found, and of ids that were not looked up.
pub fn report_lookups(lookups: &Lookups) -> Vec<Finding> {
    let subjects = lookups.unknown.iter().filter(|id| !id.vocabulary.is_certain());
    let subjects = subjects.map(|id| {
        Finding::warning(LEFT, format!("{id} was not found"))
            .because("not every server finds a subject by its address")
            .hint(REFUSED_LATER)
    });
    subjects.chain(report_left(lookups)).collect()
}

fn report_left(lookups: &Lookups) -> Option<Finding> {
    let n_left = Some(lookups.left.len()).filter(|n_left| *n_left > 0)?;
    let (ids, were) = if n_left == 1 { ("id", "was") } else { ("ids", "were") };
    let summary = format!("{n_left} {ids} of the server's vocabularies {were} not looked up");
    let mut named = lookups.left.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if n_left > NAMED {
        named.push_str(" and others");
    }
    let why = match &lookups.failure {
        Some(failure) => failure,
        None => "there are too many to look all of them up",
    };
    let why = format!("{named}: {why}");
    Some(Finding::warning(LEFT, summary).because(why).hint(REFUSED_LATER))
}
