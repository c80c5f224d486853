//! The plans of all past releases: the first from what the server has, each other one from what the
//! one before it will have published.

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest, Sha256 as Hasher};

use crate::check::{Checked, Verdict};
use crate::engine::faults::has_errors;
use crate::engine::policy::make_plan;
use crate::engine::{EngineError, PlanInputs, Project};
use crate::model::{ConceptId, Finding, RecordId, Severity, Sha256};
use crate::observed::{HistoryEntry, Observed};
use crate::plan::{Policy, combine_digests, compute_basis_digest, compute_following_digest};

use super::expect::{Expected, expect};
use super::files::AddedFile;
use super::matching::Match;
use super::newer::find_newer;
use super::releases::PastRelease;

/// The key of the basis among the digests of releases: no tag has this name.
const BASIS: &str = "";

/// The key of the danger of all releases together: git allows no tag of this name.
const NEWER: &str = "?";

/// Returns whether a key among the digests is that of a release.
pub(super) fn is_tag(key: &str) -> bool {
    key != BASIS && key != NEWER
}

/// The plans of past releases.
#[derive(Debug)]
pub struct BackfillPlan {
    /// The releases, the oldest first.
    pub releases: Vec<PlannedRelease>,
    /// Which of them would take the place of a newer version, if some would.
    pub newer: Option<Finding>,
    /// The record; none before its first version is published.
    pub concept: Option<ConceptId>,
    /// Its latest version.
    pub latest: Option<RecordId>,
    /// How many versions it has.
    pub n_versions: usize,
}

/// A past release, and what is to be done.
#[derive(Debug)]
pub struct PlannedRelease {
    /// Which.
    pub release: PastRelease,
    /// As a project; none for one whose files need not be read.
    pub project: Option<Project>,
    /// The version that it is; none where it is to be published.
    pub published: Option<HistoryEntry>,
    /// Why it is not clear which version it is.
    pub unclear: Option<Finding>,
    /// Its plan; none for what is published or not clear.
    pub checked: Option<Checked>,
    /// Its files that are not of the tag.
    pub added: Vec<AddedFile>,
}

impl PlannedRelease {
    /// Returns whether something keeps it from being published, other than a confirmation.
    pub fn is_blocked(&self) -> bool {
        let is_blocked = |checked: &Checked| {
            !matches!(checked.verdict(), Verdict::Ready | Verdict::NeedsConfirmation)
        };
        self.unclear.is_some() || self.checked.as_ref().is_some_and(is_blocked)
    }
}

impl BackfillPlan {
    /// Returns the plans, the oldest first.
    pub fn plans(&self) -> impl Iterator<Item = (&PlannedRelease, &Checked)> {
        self.releases.iter().filter_map(|one| Some((one, one.checked.as_ref()?)))
    }

    /// Returns whether something keeps a release from being published, other than a confirmation.
    pub fn is_blocked(&self) -> bool {
        has_errors(self.newer.as_slice()) || self.releases.iter().any(PlannedRelease::is_blocked)
    }

    /// Returns the digests of the plans by their tags, and that of their basis.
    pub fn list_digests(&self) -> BTreeMap<String, Sha256> {
        let mut digests: BTreeMap<String, Sha256> = self
            .plans()
            .map(|(one, checked)| {
                (one.release.tag.name.clone(), compute_following_digest(checked.plan()))
            })
            .collect();
        if let Some((_, first)) = self.plans().next() {
            digests.insert(BASIS.to_owned(), compute_basis_digest(first.plan()));
        }
        // A danger that a flag allows is approved with the plans.
        if let Some(finding) = &self.newer {
            let shown = json!([
                finding.code,
                finding.severity == Severity::Error,
                finding.summary,
                finding.why
            ])
            .to_string();
            digests.insert(NEWER.to_owned(), Sha256(Hasher::digest(shown).into()));
        }
        digests
    }

    /// Returns the digest of all plans.
    pub fn compute_digest(&self) -> Sha256 {
        combine_digests(&self.list_digests())
    }
}

/// A release before it is planned.
#[derive(Debug)]
pub struct FoundRelease {
    /// Which.
    pub release: PastRelease,
    /// What the record has of it.
    pub found: Match,
    /// As a project, and what was gathered of it; none for one whose files need not be read.
    pub gathered: Option<(Project, PlanInputs)>,
    /// Its files that are not of the tag.
    pub added: Vec<AddedFile>,
}

/// Plans what is missing of releases that are sorted by their time. `observed` is what the server has,
/// read for the first missing release, and `make_policy` decides what is allowed.
///
/// # Errors
/// Those of an expected state.
pub fn plan_releases(
    found: Vec<FoundRelease>,
    (observed, n_versions): (&Observed, usize),
    make_policy: impl Fn(&Project, &PlanInputs) -> Policy,
    after_latest: bool,
) -> Result<BackfillPlan, EngineError> {
    let matches = found.iter().map(|one| (&one.release, &one.found));
    let newer = find_newer(matches, observed.published(), after_latest);
    let mut before: Option<Expected> = None;
    let mut releases = Vec::new();
    for FoundRelease { release, found, gathered, added } in found {
        let (published, unclear) = match found {
            Match::Published(entry) => (Some(entry), None),
            Match::Unclear(finding) => (None, Some(finding)),
            Match::Missing => (None, None),
        };
        let is_missing = published.is_none() && unclear.is_none();
        let (mut project, mut checked) = (None, None);
        if let Some((own, mut inputs)) = gathered {
            if is_missing {
                let policy = make_policy(&own, &inputs);
                let made = plan_one(&mut inputs, policy, observed, before.take());
                before = Some(expect(made.1.plan(), &inputs, &made.0));
                checked = Some(made.1);
            }
            project = Some(own);
        }
        releases.push(PlannedRelease { release, project, published, unclear, checked, added });
    }
    let published = observed.published();
    let (concept, latest) = (published.map(|it| it.concept), published.map(|it| it.id));
    Ok(BackfillPlan { releases, newer, concept, latest, n_versions })
}

/// Plans a release from what the one before it leaves, or from what the server has; returns that, too.
fn plan_one(
    inputs: &mut PlanInputs,
    mut policy: Policy,
    observed: &Observed,
    before: Option<Expected>,
) -> (Observed, Checked) {
    let observed = match before {
        Some(expected) => {
            inputs.binding = expected.binding;
            // What an earlier run left open belongs to the first of them.
            policy.unfinished = None;
            expected.observed
        }
        None => observed.clone(),
    };
    let checked = make_plan(inputs, &observed, &policy);
    (observed, checked)
}
