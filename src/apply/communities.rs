//! Asks communities, submits a draft to one for review, and leaves one.

use crate::api::{ApiError, Backend, CommunityAnswer, Outcome};
use crate::event::Event;
use crate::model::{Community, OpenDraft, RecordId};
use crate::observed::{Deposition, RecordFacts, ReviewStatus};
use crate::plan::{Blocker, CommunityPlan};

use super::ApplyErrorKind;
use super::publish::PAUSES;
use super::run::Run;

impl Run<'_, '_> {
    fn find_community(&self, community: &Community) -> Option<&CommunityPlan> {
        self.plan.communities.iter().find(|one| one.community == *community)
    }

    fn find_message(&self, community: &Community) -> Option<String> {
        self.find_community(community)?.message.clone()
    }

    /// Asks a community to take the published record.
    pub(super) async fn ask_community(
        &mut self,
        community: &Community,
    ) -> Result<(), ApplyErrorKind> {
        let Some(id) = self.record_id() else { return Err(ApplyErrorKind::DraftChanged) };
        let message = self.find_message(community);
        self.context.journal.before_by(Backend::Records, "ask community")?;
        let answer = self.context.api.request_community(id, community, message.as_deref()).await?;
        self.context.journal.after("ask community")?;
        // Asking twice is an error, and a plan without a token can't see requests: the lock
        // remembers them.
        if !matches!(answer, CommunityAnswer::Refused(_)) {
            let entry = self.context.lock.entry_mut(&self.plan.server);
            entry.record.asked.insert(community.clone(), Some(id));
        }
        match answer {
            CommunityAnswer::Asked => {
                self.report(Event::CommunityAsked { community: community.clone(), joined: false });
                if self.find_community(community).is_some_and(|one| one.required) {
                    self.waits_for.push(community.clone());
                }
                Ok(())
            }
            CommunityAnswer::Joined => {
                self.report(Event::CommunityAsked { community: community.clone(), joined: true });
                Ok(())
            }
            CommunityAnswer::Refused(message) => {
                Err(ApplyErrorKind::CommunityRefused { community: community.0.clone(), message })
            }
        }
    }

    /// Takes the record out of a community.
    pub(super) async fn leave_community(
        &mut self,
        community: &Community,
    ) -> Result<(), ApplyErrorKind> {
        let Some(id) = self.record_id() else { return Err(ApplyErrorKind::DraftChanged) };
        // A community that is gone has no records.
        if let Some(facts) = self.context.api.read().community(community).await? {
            self.context.journal.before_by(Backend::Records, "leave community")?;
            if let Some(message) = self.context.api.leave_community(id, &facts).await? {
                let community = community.0.clone();
                return Err(ApplyErrorKind::LeavingRefused { community, message });
            }
            self.context.journal.after("leave community")?;
        }
        let entry = self.context.lock.entry_mut(&self.plan.server);
        entry.record.asked.remove(community);
        self.report(Event::CommunityLeft { community: community.clone() });
        Ok(())
    }

    /// Submits the draft to a community for review. It is never repeated before looking: the server
    /// answers 500 to a second submission (contract/scenarios/native-community-review.json,
    /// 2026-11-28).
    pub(super) async fn submit_review(
        &mut self,
        community: &Community,
    ) -> Result<(), ApplyErrorKind> {
        let id = self.draft()?.id;
        let Some(facts) = self.context.api.read().community(community).await? else {
            let message = "the server does not know it".to_owned();
            return Err(ApplyErrorKind::CommunityRefused {
                community: community.0.clone(),
                message,
            });
        };
        // The server takes no choice for the draft of a later version, and made that one itself.
        if !self.is_chosen(id, &facts.uuid).await? {
            self.context.journal.before_by(Backend::Records, "choose review")?;
            self.context.api.choose_review(id, &facts).await?;
            self.context.journal.after("choose review")?;
        }
        let message = self.find_message(community);
        self.context.journal.before_by(Backend::Records, "submit review")?;
        match self.context.api.submit_review(id, &facts, message.as_deref()).await {
            Ok(()) => {}
            Err(error) if error.outcome() == Outcome::Unknown => {
                self.report(Event::Looking { doing: "submitting for review".to_owned() });
                self.look_for_submission(id, error).await?;
            }
            Err(error) => return Err(error.into()),
        }
        self.submitted(id, community)
    }

    /// Returns whether a community was chosen to review the draft, and the draft is not submitted.
    async fn is_chosen(&self, id: RecordId, uuid: &str) -> Result<bool, ApplyErrorKind> {
        let read = self.context.api.read();
        if read.draft_facts(id).await?.review != Some(ReviewStatus::Chosen) {
            return Ok(false);
        }
        Ok(read.review(id).await?.is_some_and(|(chosen, _)| chosen == uuid))
    }

    /// Waits, after a lost answer, until the server says that the draft is submitted.
    async fn look_for_submission(
        &self,
        id: RecordId,
        lost: ApiError,
    ) -> Result<(), ApplyErrorKind> {
        for pause in PAUSES {
            self.context.deadline.sleep(pause).await;
            match self.context.api.read().draft_facts(id).await {
                Ok(RecordFacts {
                    review: Some(ReviewStatus::Open | ReviewStatus::Declined),
                    ..
                }) => {
                    return Ok(());
                }
                // A community that accepts at once has published it: then it is no draft any more.
                Err(error) if error.is_not_found() && self.is_published(id).await => return Ok(()),
                Ok(_) | Err(_) => {}
            }
        }
        Err(lost.into())
    }

    async fn is_published(&self, id: RecordId) -> bool {
        matches!(self.context.api.read().deposition(id).await, Ok(Deposition::Published(_)))
    }

    fn submitted(&mut self, id: RecordId, community: &Community) -> Result<(), ApplyErrorKind> {
        self.context.journal.after("submit review")?;
        let entry = self.context.lock.entry_mut(&self.plan.server);
        entry.record.open_draft(OpenDraft::Version(id));
        entry.record.asked.insert(community.clone(), Some(id));
        self.waits_for.push(community.clone());
        self.report(Event::ReviewSubmitted { draft: id, community: community.clone() });
        Ok(())
    }

    /// Refuses to go on when the draft's review is not where the plan says: zrel never publishes a
    /// draft that a community declined, unless a person confirmed that.
    pub(super) fn check_review(&self, facts: &RecordFacts) -> Result<(), ApplyErrorKind> {
        let Some(status) = facts.review else { return Ok(()) };
        let is_planned = match status {
            ReviewStatus::Open => false,
            // It can't be published, and may be submitted.
            ReviewStatus::Chosen => self.plan.submits_to().is_some() || !self.plan.publishes(),
            ReviewStatus::Declined => {
                let is_settled = |blocker: &Blocker| matches!(blocker, Blocker::ReviewDeclined { draft, .. } if *draft == facts.id);
                self.plan.settled.iter().any(is_settled) || !self.plan.publishes()
            }
        };
        if is_planned {
            Ok(())
        } else {
            Err(ApplyErrorKind::ReviewChanged { draft: facts.id, status })
        }
    }
}
