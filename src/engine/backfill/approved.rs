//! Which plans were approved, for a run that continues after some of them were applied.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::disk::write_atomically;
use crate::engine::{EngineError, Project};
use crate::inventory::ReadError;
use crate::model::{ConceptId, Recid, Sha256};
use crate::plan::combine_digests;

use super::load::prepare_folder;
use super::plan::{BackfillPlan, PlannedRelease, is_tag};

/// The plans that a person approved together. What is read from the disk needs no trust: it counts
/// only where its digests are those of the digest that a person gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApprovedReleases {
    /// The digests of the plans by their tags, and that of their basis.
    digests: BTreeMap<String, Sha256>,
    /// The record; none before the first release of it is known to be published.
    concept: Option<ConceptId>,
}

impl ApprovedReleases {
    /// Takes what a plan would do.
    pub fn of(plan: &BackfillPlan) -> Self {
        Self { digests: plan.list_digests(), concept: plan.concept }
    }

    /// Notes the record, once its first version is published.
    pub fn set_concept(&mut self, concept: ConceptId) {
        self.concept = Some(concept);
    }

    /// Reads what was approved last; what can't be read was not approved.
    pub fn load(now: &Project) -> Option<Self> {
        let text = fs::read_to_string(name_file(now).ok()?).ok()?;
        let json: Json = serde_json::from_str(&text).ok()?;
        let read = |(tag, digest): (&String, &Json)| {
            Some((tag.clone(), Sha256::parse(digest.as_str()?).ok()?))
        };
        let digests = json["digests"].as_object()?.iter().map(read).collect::<Option<_>>()?;
        Some(Self { digests, concept: Recid::from_json(&json["concept"]).map(ConceptId) })
    }

    /// Writes it, for a run that continues.
    ///
    /// # Errors
    /// [`EngineError::Folder`] when it can't be written.
    pub fn save(&self, now: &Project) -> Result<(), EngineError> {
        let path = name_file(now)?;
        let digests: BTreeMap<&str, String> =
            self.digests.iter().map(|(tag, digest)| (tag.as_str(), digest.to_string())).collect();
        let concept = self.concept.map(|concept| concept.0);
        let json = json!({ "format_version": "1.0", "concept": concept, "digests": digests });
        write_atomically(&path, json.to_string().as_bytes())
            .map_err(|source| EngineError::Folder(ReadError::Unwritable { path, source }))
    }
}

fn name_file(now: &Project) -> Result<PathBuf, EngineError> {
    let name = format!("approved-{}.json", now.paths.name);
    Ok(prepare_folder(now)?.join(name))
}

/// Returns whether plans are those of an expected digest, of which some may be applied already: the
/// releases of these must be published, and the last of them must be the latest version, so that
/// nobody else published in between.
pub fn is_approved(
    expected: &str,
    plan: &BackfillPlan,
    latest_label: Option<&str>,
    earlier: Option<&ApprovedReleases>,
) -> bool {
    if plan.compute_digest().to_string().starts_with(expected) {
        return true;
    }
    let Some(earlier) = earlier.filter(|it| is_of(expected, it)) else { return false };
    let now = plan.list_digests();
    let mut is_same = true;
    let mut last_applied = None;
    for one in &plan.releases {
        let tag = one.release.tag.name.as_str();
        match (earlier.digests.get(tag), now.get(tag)) {
            (Some(then), Some(now)) => is_same &= then == now,
            (Some(_), None) => {
                is_same &= one.published.is_some();
                last_applied = Some(one.release.label.as_str());
            }
            (None, Some(_)) => is_same = false,
            (None, None) => {}
        }
    }
    let is_known =
        |key: &String| !is_tag(key) || plan.releases.iter().any(|one| one.release.tag.name == *key);
    is_same
        && is_same_record(earlier, plan)
        && earlier.digests.keys().all(is_known)
        && last_applied.is_some()
        && latest_label == last_applied
}

/// Returns whether plans are for the record of the approved ones. Where the first release was published
/// and not noted, that record has no version but those of the approved releases.
fn is_same_record(earlier: &ApprovedReleases, plan: &BackfillPlan) -> bool {
    if earlier.concept.is_some() {
        return earlier.concept == plan.concept;
    }
    let is_approved = |one: &&PlannedRelease| earlier.digests.contains_key(&one.release.tag.name);
    let published = plan.releases.iter().filter(|one| one.published.is_some());
    published.filter(is_approved).count() == plan.n_versions
}

fn is_of(expected: &str, approved: &ApprovedReleases) -> bool {
    combine_digests(&approved.digests).to_string().starts_with(expected)
}
