//! Reserves the DOI of the next version: opens its draft, and fixes in the lock what may go into
//! the files of the release.

use crate::apply::Stop;
use crate::check::Checked;
use crate::desired::{DesiredDate, DesiredVersion, WantedCommunity};
use crate::model::{Community, Doi, RecordId, Reservation};
use crate::observed::{Draft, DraftKind, DraftReview, Observed, ReviewStatus};
use crate::plan::Policy;

use super::EngineError;
use super::converge::Release;
use super::project::PlanInputs;
use super::settle::settle_empty;

/// A draft whose DOI is known before the release.
#[derive(Debug, Clone, PartialEq)]
pub struct Reserved {
    /// The draft.
    pub draft: RecordId,
    /// The DOI that the version will have.
    pub doi: Doi,
    /// The DOI that resolves to the latest version; `None` where the server's prefix is not known.
    pub concept_doi: Option<Doi>,
    /// What is fixed until the version is published.
    pub fixed: Reservation,
    /// The address of the draft's page.
    pub html: String,
    /// What becomes of the draft with the next apply.
    pub next: NextApply,
}

/// What the next apply does with a reserved draft.
#[derive(Debug, Clone, PartialEq)]
pub enum NextApply {
    /// It publishes it.
    Publishes,
    /// It submits it to this community, whose acceptance publishes it.
    Submits(Community),
    /// Nothing, until this review is over or a person decides.
    IsHeld(DraftReview),
}

impl Release<'_> {
    /// Opens the draft of a plan with the aim [`Reserve`](crate::plan::Aim::Reserve), unless it is
    /// open, and notes in the lock which date and label it has.
    ///
    /// # Errors
    /// [`EngineError::Apply`] when it stops or the plan is blocked, [`EngineError::Lock`] when the
    /// lock can't be written, and [`EngineError::Api`] when the DOI can't be read.
    pub async fn reserve(
        self,
        inputs: &mut PlanInputs,
        policy: &Policy,
        (checked, observed): (Checked, Observed),
        stop: &Stop,
    ) -> Result<Reserved, EngineError> {
        let fixed = fix(inputs, policy);
        let applied = if checked.plan().is_empty() {
            settle_empty(self.project, inputs, observed, &checked)?
        } else {
            Box::pin(self.apply(inputs, policy, checked, observed, stop)).await?
        };
        let draft = applied.draft.ok_or(EngineError::NoDraft)?;
        let entry = inputs.lock.entry_mut(&self.project.server);
        entry.record.reserved = Some(fixed.clone());
        let saved = inputs.lock.save_entry(&self.project.lock_path(), &self.project.server);
        saved.map_err(|error| self.project.paths.lock_error(error))?;
        let doi = self.find_doi(&draft).await?;
        let concept_doi = self.project.server.mint_doi(draft.concept.0);
        let next = foresee_apply(&draft, &inputs.desired.communities);
        Ok(Reserved { draft: draft.id, doi, concept_doi, fixed, html: draft.html, next })
    }

    /// Returns the DOI of a draft: the one that it has, or made from the server's prefix, or reserved
    /// where that is not known.
    async fn find_doi(self, draft: &Draft) -> Result<Doi, EngineError> {
        if let Some(doi) = draft.doi.clone().filter(|_| draft.kind != DraftKind::Edit) {
            return Ok(doi);
        }
        if let Some(doi) = self.project.server.mint_doi(draft.id.0) {
            return Ok(doi);
        }
        if let Some(doi) = self.read_doi(draft.id).await? {
            return Ok(doi);
        }
        self.session.write().reserve_doi(draft.id).await.map_err(EngineError::Api)?;
        self.read_doi(draft.id).await?.ok_or(EngineError::NoDraft)
    }

    async fn read_doi(self, draft: RecordId) -> Result<Option<Doi>, EngineError> {
        Ok(self.session.read().full_draft(draft).await.map_err(EngineError::Api)?.doi)
    }
}

/// Returns what the next apply does with a draft, for these communities of the manifest.
fn foresee_apply(draft: &Draft, communities: &[WantedCommunity]) -> NextApply {
    let reviewer = communities.iter().find(|wanted| wanted.before_publish);
    let is_chosen = |review: &DraftReview| review.status == ReviewStatus::Chosen;
    let is_reviewed = draft.kind == DraftKind::NewRecord || draft.review.is_some();
    match (&draft.review, reviewer.filter(|_| is_reviewed)) {
        (Some(review), None) => NextApply::IsHeld(review.clone()),
        (Some(review), Some(_)) if !is_chosen(review) => NextApply::IsHeld(review.clone()),
        (_, Some(wanted)) => NextApply::Submits(wanted.community.clone()),
        (None, None) => NextApply::Publishes,
    }
}

/// Returns the date and the label of the release. An earlier reservation keeps its date.
fn fix(inputs: &PlanInputs, policy: &Policy) -> Reservation {
    let earlier = inputs.binding.record.as_ref().and_then(|record| record.reserved.as_ref());
    let date = match (&inputs.desired.date, earlier) {
        (DesiredDate::Fixed(date), _) => date.clone(),
        (DesiredDate::Today | DesiredDate::Unsaid, Some(earlier)) => earlier.date.clone(),
        (DesiredDate::Today | DesiredDate::Unsaid, None) => policy.today.clone(),
    };
    let label = match &inputs.desired.version {
        DesiredVersion::Label(label) | DesiredVersion::Tag(label) => Some(label.clone()),
        DesiredVersion::None => None,
        // A plan without a label is blocked, unless an earlier reservation has one.
        DesiredVersion::KnownAtTag => earlier.and_then(|earlier| earlier.label.clone()),
    };
    Reservation { date, label }
}
