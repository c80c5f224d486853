//! The decisions that are waited for, and what became of them.

use crate::cli::commands::status::look::Look;
use crate::cli::review_messages::Verdict;
use crate::model::{Community, RecordId};
use crate::observed::{CommunityStatus, ReviewStatus};
use crate::plan::CommunityOrigin;

/// A decision that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wait {
    /// Who decides; none for a review of which the server does not say whose it is.
    pub(super) community: Option<Community>,
    /// The draft that is reviewed; none for a request about a published record.
    pub(super) draft: Option<RecordId>,
}

impl Wait {
    /// Returns whether both wait for the same decision.
    fn is_same(&self, other: &Self) -> bool {
        match (self.draft, other.draft) {
            // A look in the moment of the decision no longer says whose review it was.
            (Some(draft), Some(other)) => draft == other,
            (None, None) => self.community == other.community,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Returns whether nothing is decided yet.
    pub(super) fn is_open(&self, open: &[Self]) -> bool {
        open.iter().any(|other| self.is_same(other))
    }
}

/// Returns the decisions that are open about what the manifest names.
pub(super) fn list_waits(look: &Look) -> Vec<Wait> {
    let draft = look.observed.draft.as_ref();
    let review = draft.and_then(|draft| Some((draft.id, draft.review.as_ref()?)));
    let review = review.filter(|(_, review)| review.status == ReviewStatus::Open);
    let reviewer = review.and_then(|(_, review)| review.community.clone());
    let review = review
        .map(|(draft, review)| Wait { community: review.community.clone(), draft: Some(draft) });
    let asked = look.checked.plan().communities.iter().filter(|one| {
        one.origin == CommunityOrigin::Manifest
            && one.status == Some(CommunityStatus::Pending)
            && Some(&one.community) != reviewer.as_ref()
    });
    let asked = asked.map(|one| Wait { community: Some(one.community.clone()), draft: None });
    review.into_iter().chain(asked).collect()
}

/// Takes away what is decided, adds what is asked newly, and returns what was decided.
pub(super) fn take_decided(waits: &mut Vec<Wait>, look: &Look) -> Vec<Wait> {
    let open = list_waits(look);
    let (still, decided) = waits.drain(..).partition(|wait| wait.is_open(&open));
    *waits = still;
    let new: Vec<Wait> = open.into_iter().filter(|wait| !wait.is_open(waits)).collect();
    waits.extend(new);
    decided
}

/// Returns what was decided.
pub(super) fn find_verdict(look: &Look, wait: &Wait) -> Verdict {
    if let Some(draft) = wait.draft {
        let is_published = look.observed.published().is_some_and(|record| record.id == draft);
        let open = look.observed.draft.as_ref().filter(|open| open.id == draft);
        let review = open.and_then(|open| open.review.as_ref()).map(|review| review.status);
        return match review {
            _ if is_published => Verdict::Accepted,
            Some(ReviewStatus::Declined) => Verdict::Declined,
            Some(ReviewStatus::Chosen | ReviewStatus::Open) | None => Verdict::Cancelled,
        };
    }
    let community = wait.community.as_ref();
    match community.and_then(|community| look.observed.find_status(community)) {
        Some(CommunityStatus::Joined) => Verdict::Accepted,
        Some(CommunityStatus::Declined) => Verdict::Declined,
        Some(
            CommunityStatus::Pending
            | CommunityStatus::Left
            | CommunityStatus::Withdrawn
            | CommunityStatus::Closed,
        )
        | None => Verdict::Cancelled,
    }
}
