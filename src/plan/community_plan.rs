//! The communities of a plan: which are wanted, what they say, and what is done about them.

use jiff::Timestamp;

use crate::model::Community;
use crate::observed::CommunityStatus;

/// A community, and what is done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityPlan {
    /// Its slug.
    pub community: Community,
    /// Why it is in the plan.
    pub origin: CommunityOrigin,
    /// Whether the release is done only when it has accepted the record.
    pub required: bool,
    /// The text of the request.
    pub message: Option<String>,
    /// Whether it reviews the draft of a first version.
    pub before_publish: bool,
    /// Its state now; none: never asked.
    pub status: Option<CommunityStatus>,
    /// When it was asked; none where that is not known.
    pub since: Option<Timestamp>,
    /// What is done.
    pub work: CommunityWork,
}

impl CommunityPlan {
    /// Returns whether its answer is waited for, and the release is not done without it.
    pub fn is_awaited(&self) -> bool {
        self.required && self.status == Some(CommunityStatus::Pending)
    }

    /// Returns whether it declined, or the record left it, and it is asked once more.
    pub fn is_asked_again(&self) -> bool {
        let was_asked =
            matches!(self.status, Some(CommunityStatus::Declined | CommunityStatus::Left));
        self.work == CommunityWork::Ask && was_asked
    }
}

/// Why a community is in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommunityOrigin {
    /// The manifest names it.
    Manifest,
    /// An earlier apply of this manifest asked it, and the manifest names it no more.
    Lock,
    /// It has the record, and neither manifest nor lock names it.
    Elsewhere,
}

/// What a plan does about a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommunityWork {
    /// Nothing.
    Nothing,
    /// It is asked to take the published record.
    Ask,
    /// The draft is submitted to it for review.
    Submit,
    /// The record leaves it.
    Leave,
}

/// How a plan ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// Before it begins: a community reviews or declined the draft, and nothing can be done about it.
    Wait,
    /// With a draft.
    Draft,
    /// With a published record.
    Publish,
    /// With a draft under review by this community, whose acceptance publishes.
    Submit(Community),
}
