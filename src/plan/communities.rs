//! What is planned about the communities of a record.

use crate::desired::WantedCommunity;
use crate::model::{Community, RecordId};
use crate::observed::{CommunityState, CommunityStatus, DraftReview, ReviewStatus};

use super::community_plan::{CommunityOrigin, CommunityPlan, CommunityWork, Ending};
use super::inputs::Inputs;
use super::{Action, Blocker, Operation, Plan, PlanFlags, Reason};

/// All that decides what is done about a community.
struct Situation<'a> {
    community: &'a Community,
    origin: CommunityOrigin,
    status: Option<CommunityStatus>,
    /// Whether the server knows it.
    is_known: bool,
    /// Whether it is asked although it declined.
    asks_again: bool,
}

impl Situation<'_> {
    /// Returns what is done. `asks` is whether the record is published, then or already.
    fn choose_work(&self, asks: bool, ending: &Ending) -> CommunityWork {
        if matches!(ending, Ending::Submit(to) if to == self.community) {
            return CommunityWork::Submit;
        }
        let (work, is_due) = match self.origin {
            CommunityOrigin::Manifest => (CommunityWork::Ask, self.is_unsettled()),
            CommunityOrigin::Lock => {
                (CommunityWork::Leave, self.status == Some(CommunityStatus::Joined))
            }
            // What others added is never removed.
            CommunityOrigin::Elsewhere => (CommunityWork::Nothing, false),
        };
        if asks && is_due { work } else { CommunityWork::Nothing }
    }

    fn is_unsettled(&self) -> bool {
        self.is_known
            && match self.status {
                None | Some(CommunityStatus::Withdrawn) => true,
                // The server takes another request after a decline, and after the record left; only
                // `--ask-again` sends one.
                Some(CommunityStatus::Declined | CommunityStatus::Left) => self.asks_again,
                // Asking twice is an error, and a closed community takes only its members' records.
                Some(
                    CommunityStatus::Joined | CommunityStatus::Pending | CommunityStatus::Closed,
                ) => false,
            }
    }
}

impl<'a> Inputs<'a> {
    /// Returns how the plan ends.
    pub(super) fn choose_ending(self, operation: Operation) -> Ending {
        if self.is_held_by_review(operation) {
            return Ending::Wait;
        }
        if !self.publishes() {
            return Ending::Draft;
        }
        self.find_reviewer(operation).map_or(Ending::Publish, Ending::Submit)
    }

    /// Returns the community that the draft is submitted to.
    fn find_reviewer(self, operation: Operation) -> Option<Community> {
        let wanted = self.desired.communities.iter().find(|wanted| wanted.before_publish)?;
        let is_its = match operation {
            Operation::NewRecord { .. } => true,
            // A later version is reviewed only where the server chose that itself, as it opened the
            // draft.
            Operation::NewVersion { draft: Some(draft), .. } => {
                self.find_review(draft).is_some_and(|review| {
                    let is_other =
                        review.community.as_ref().is_some_and(|it| *it != wanted.community);
                    review.status == ReviewStatus::Chosen && !is_other
                })
            }
            Operation::NewVersion { draft: None, .. }
            | Operation::Edit { .. }
            | Operation::Nothing
            | Operation::Communities { .. }
            | Operation::Access { .. }
            | Operation::Impossible => false,
        };
        is_its.then(|| wanted.community.clone())
    }

    /// Returns the review of a draft that is open.
    pub(super) fn find_review(self, draft: RecordId) -> Option<&'a DraftReview> {
        let open = self.observed.draft.as_ref().filter(|open| open.id == draft)?;
        open.review.as_ref()
    }

    /// Returns whether nothing can be done about the draft that the operation continues: a community
    /// reviews it, or declined it while the manifest wants a review.
    fn is_held_by_review(self, operation: Operation) -> bool {
        let review = operation.draft().and_then(|draft| self.find_review(draft));
        review.is_some_and(|review| match review.status {
            ReviewStatus::Open => true,
            ReviewStatus::Declined => self.publishes() && self.wants_review(),
            ReviewStatus::Chosen => false,
        })
    }

    fn wants_review(self) -> bool {
        self.desired.communities.iter().any(|wanted| wanted.before_publish)
    }

    /// Finds what the review of an open draft keeps from being done.
    pub(super) fn review_blocker(self, operation: Operation) -> Option<Blocker> {
        let draft = operation.draft()?;
        let review = self.find_review(draft)?;
        let community = review.community.clone();
        match review.status {
            ReviewStatus::Open => {
                Some(Blocker::UnderReview { draft, community, since: review.since })
            }
            // A draft that is not published may stay as it is.
            ReviewStatus::Chosen | ReviewStatus::Declined if !self.publishes() => None,
            ReviewStatus::Chosen => {
                let is_submitted = self.find_reviewer(operation).is_some();
                (!is_submitted).then_some(Blocker::ReviewChosen { draft, community })
            }
            ReviewStatus::Declined => {
                let is_wanted = self.wants_review();
                Some(Blocker::ReviewDeclined { draft, community, is_wanted })
            }
        }
    }

    /// Returns the communities, and what is done about each: those of the manifest first.
    pub(super) fn list_communities(
        self,
        operation: Operation,
        ending: &Ending,
    ) -> Vec<CommunityPlan> {
        let asks = *ending == Ending::Publish;
        let wanted = self.desired.communities.iter();
        let mut all: Vec<CommunityPlan> =
            wanted.map(|wanted| self.plan_wanted(wanted, operation, (asks, ending))).collect();
        if !matches!(operation, Operation::NewRecord { .. }) {
            all.extend(self.list_unwanted(asks, ending));
        }
        all
    }

    fn plan_wanted(
        self,
        wanted: &WantedCommunity,
        operation: Operation,
        (asks, ending): (bool, &Ending),
    ) -> CommunityPlan {
        let WantedCommunity { community, required, message, before_publish } = wanted;
        let reviewed = operation.draft().and_then(|draft| self.find_own_review(draft, community));
        let known = self.observed.communities.get(community).copied();
        // What was never published is in no community, and only its draft can be reviewed.
        let is_new = matches!(operation, Operation::NewRecord { .. });
        let known = known.filter(|known| !is_new || known.status == CommunityStatus::Closed);
        let state = reviewed.or(known);
        let status = state.map(|state| state.status);
        let situation = Situation {
            community,
            origin: CommunityOrigin::Manifest,
            status,
            is_known: !self.observed.unknown_communities.contains(community),
            asks_again: self.policy.allowed.ask_again.contains(community),
        };
        CommunityPlan {
            community: community.clone(),
            origin: CommunityOrigin::Manifest,
            required: *required,
            message: message.clone(),
            before_publish: *before_publish,
            status,
            since: state.and_then(|state| state.since),
            work: situation.choose_work(asks, ending),
        }
    }

    /// Returns what a community says about a draft that was submitted to it.
    fn find_own_review(self, draft: RecordId, community: &Community) -> Option<CommunityState> {
        let review = self.find_review(draft)?;
        let status = match review.status {
            ReviewStatus::Chosen => return None,
            ReviewStatus::Open => CommunityStatus::Pending,
            ReviewStatus::Declined => CommunityStatus::Declined,
        };
        let is_its = review.community.as_ref() == Some(community);
        is_its.then_some(CommunityState { status, since: review.since })
    }

    /// Returns the communities that have the record or were asked, and are not in the manifest.
    fn list_unwanted(self, asks: bool, ending: &Ending) -> Vec<CommunityPlan> {
        let wanted = self.desired.list_communities();
        let asked = self.binding.record.as_ref().map(|record| &record.asked);
        let of = |(community, state): (&Community, &CommunityState)| {
            let is_asked = asked.is_some_and(|asked| asked.contains_key(community));
            let origin = if is_asked { CommunityOrigin::Lock } else { CommunityOrigin::Elsewhere };
            let is_shown = match state.status {
                CommunityStatus::Joined => true,
                // An open request of an earlier apply stays open: only its page withdraws it.
                CommunityStatus::Pending => is_asked,
                CommunityStatus::Declined
                | CommunityStatus::Left
                | CommunityStatus::Withdrawn
                | CommunityStatus::Closed => false,
            };
            let status = Some(state.status);
            let situation =
                Situation { community, origin, status, is_known: true, asks_again: false };
            is_shown.then(|| CommunityPlan {
                community: community.clone(),
                origin,
                required: false,
                message: None,
                before_publish: false,
                status,
                since: state.since,
                work: situation.choose_work(asks, ending),
            })
        };
        let others = self.observed.communities.iter().filter(|(slug, _)| !wanted.contains(slug));
        let mut unwanted: Vec<CommunityPlan> = others.filter_map(of).collect();
        unwanted.sort_by(|one, other| {
            (one.origin, &one.community).cmp(&(other.origin, &other.community))
        });
        unwanted
    }
}

/// Returns the blockers that communities are.
pub(super) fn find_community_blockers(
    communities: &[CommunityPlan],
    (operation, allowed): (Operation, &PlanFlags),
) -> Vec<(Blocker, bool)> {
    // A first version that is declined has a blocker of its own.
    let is_new = matches!(operation, Operation::NewRecord { .. });
    let of = |plan: &CommunityPlan| {
        let community = plan.community.clone();
        if plan.work == CommunityWork::Leave {
            let is_settled = allowed.leave.contains(&community);
            return Some((Blocker::LeavesCommunity(community), is_settled));
        }
        let is_lost = plan.required
            && matches!(plan.status, Some(CommunityStatus::Declined | CommunityStatus::Left))
            && plan.work == CommunityWork::Nothing;
        (is_lost && !is_new).then_some((Blocker::RequiredDeclined(community), false))
    };
    communities.iter().filter_map(of).collect()
}

/// Returns the steps after the publication: what is asked, then what is left.
pub(super) fn list_community_actions(communities: &[CommunityPlan]) -> Vec<(Action, Reason)> {
    let with = |work: CommunityWork| communities.iter().filter(move |plan| plan.work == work);
    let asked = with(CommunityWork::Ask).map(|plan| {
        (Action::AskCommunity { community: plan.community.clone() }, Reason::InManifest)
    });
    let left = with(CommunityWork::Leave).map(|plan| {
        (Action::LeaveCommunity { community: plan.community.clone() }, Reason::NotInManifest)
    });
    asked.chain(left).collect()
}

/// Returns whether what a plan does about each community follows from the rest of it.
pub(super) fn do_communities_follow(plan: &Plan) -> bool {
    let ending = plan.ending();
    let asks = ending == Ending::Publish || matches!(plan.operation, Operation::Communities { .. });
    let each_follows = plan.communities.iter().all(|one| {
        let situation = Situation {
            community: &one.community,
            origin: one.origin,
            status: one.status,
            is_known: !plan.blockers.contains(&Blocker::UnknownCommunity(one.community.clone())),
            asks_again: plan.flags.ask_again.contains(&one.community),
        };
        is_possible(one) && one.work == situation.choose_work(asks, &ending)
    });
    let is_sorted = plan
        .communities
        .is_sorted_by(|one, other| (one.origin, &one.community) < (other.origin, &other.community));
    each_follows
        && is_sorted
        && does_ending_follow(plan, &ending)
        && do_settled_follow(plan)
        && do_standings_of_new_follow(plan)
}

/// Returns whether what a person decided about communities is among the decisions.
fn do_settled_follow(plan: &Plan) -> bool {
    plan.settled.iter().all(|blocker| {
        if let Blocker::LeavesCommunity(community) = blocker {
            plan.flags.leave.contains(community)
        } else if let Blocker::ReviewDeclined { draft, is_wanted, .. } = blocker {
            plan.flags.publish_declined == Some(*draft) && !is_wanted
        } else {
            true
        }
    })
}

/// Returns whether the communities of a record that was never published are shown as such: none has it,
/// and only the one that reviews the draft can have been asked.
fn do_standings_of_new_follow(plan: &Plan) -> bool {
    if !matches!(plan.operation, Operation::NewRecord { .. }) {
        return true;
    }
    let is_reviewed =
        plan.blockers.iter().any(|blocker| matches!(blocker, Blocker::UnderReview { .. }));
    plan.communities.iter().all(|one| {
        let is_possible = match one.status {
            None | Some(CommunityStatus::Declined | CommunityStatus::Closed) => true,
            Some(CommunityStatus::Pending) => is_reviewed,
            Some(CommunityStatus::Joined | CommunityStatus::Left | CommunityStatus::Withdrawn) => {
                false
            }
        };
        is_possible && one.origin == CommunityOrigin::Manifest
    })
}

/// Returns whether a community that the manifest does not name is shown as one that it does not name.
fn is_possible(plan: &CommunityPlan) -> bool {
    let has_wishes = plan.required || plan.message.is_some() || plan.before_publish;
    match plan.origin {
        CommunityOrigin::Manifest => true,
        CommunityOrigin::Lock => {
            let (joined, pending) = (CommunityStatus::Joined, CommunityStatus::Pending);
            !has_wishes && plan.status.is_some_and(|status| status == joined || status == pending)
        }
        CommunityOrigin::Elsewhere => !has_wishes && plan.status == Some(CommunityStatus::Joined),
    }
}

/// Returns whether a draft is submitted to the community that is to review it, and to no other.
fn does_ending_follow(plan: &Plan, ending: &Ending) -> bool {
    let reviewer = plan.communities.iter().find(|one| one.before_publish);
    match (ending, plan.operation) {
        (Ending::Publish, Operation::NewRecord { .. }) => reviewer.is_none(),
        (Ending::Wait | Ending::Draft | Ending::Publish, _) => true,
        (
            Ending::Submit(to),
            Operation::NewRecord { .. } | Operation::NewVersion { draft: Some(_), .. },
        ) => reviewer.is_some_and(|one| one.community == *to),
        (
            Ending::Submit(_),
            Operation::NewVersion { draft: None, .. }
            | Operation::Edit { .. }
            | Operation::Nothing
            | Operation::Communities { .. }
            | Operation::Access { .. }
            | Operation::Impossible,
        ) => false,
    }
}

impl Plan {
    /// Returns how it ends.
    pub(super) fn ending(&self) -> Ending {
        if let Some(community) = self.submits_to() {
            return Ending::Submit(community.clone());
        }
        let publishes = self.steps.iter().any(|step| step.action == Action::Publish);
        if publishes { Ending::Publish } else { Ending::Draft }
    }

    /// Returns the community that the draft is submitted to for review.
    pub fn submits_to(&self) -> Option<&Community> {
        self.steps.iter().find_map(|step| {
            if let Action::SubmitReview { community } = &step.action {
                Some(community)
            } else {
                None
            }
        })
    }

    /// Returns whether it does nothing but wait for the review of its draft.
    pub fn is_waiting(&self) -> bool {
        let is_review = |blocker: &Blocker| matches!(blocker, Blocker::UnderReview { .. });
        self.steps.is_empty() && !self.blockers.is_empty() && self.blockers.iter().all(is_review)
    }
}
