//! The communities of a plan, in words: what they say, and what is done about them.

use jiff::Timestamp;

use crate::observed::{CommunityStatus, View};
use crate::plan::{Blocker, CommunityOrigin, CommunityPlan, CommunityWork, Operation, Plan};

use super::escape::Quote;

/// Returns the state of a community, and what is done about it.
pub(super) fn describe_community(plan: &Plan, one: &CommunityPlan, quote: Quote) -> String {
    let mut what = match one.work {
        CommunityWork::Ask => describe_request(one).to_owned(),
        CommunityWork::Submit => {
            "reviews the draft: its acceptance publishes the record".to_owned()
        }
        CommunityWork::Leave => "is left: the manifest does not name it any more".to_owned(),
        CommunityWork::Nothing => describe_unasked(plan, one),
    };
    if one.required {
        what.push_str("; required");
    }
    if let Some(message) = one.message.as_deref().filter(|_| is_asked(one)) {
        what.push_str("; message: ");
        what.push_str(&quote(message));
    }
    what
}

/// Returns the communities that are shown where nothing is done: not those that have the record as
/// the manifest says.
pub(super) fn list_notable(plan: &Plan) -> Vec<&CommunityPlan> {
    let is_as_wanted = |one: &&CommunityPlan| {
        one.origin == CommunityOrigin::Manifest && one.status == Some(CommunityStatus::Joined)
    };
    plan.communities.iter().filter(|one| !is_as_wanted(one)).collect()
}

/// Returns the sign of what is done about a community.
pub(super) fn choose_sign(one: &CommunityPlan) -> char {
    match one.work {
        CommunityWork::Nothing => '=',
        CommunityWork::Ask => '>',
        CommunityWork::Submit => '!',
        CommunityWork::Leave => '-',
    }
}

fn is_asked(one: &CommunityPlan) -> bool {
    match one.work {
        CommunityWork::Ask | CommunityWork::Submit => true,
        CommunityWork::Nothing | CommunityWork::Leave => false,
    }
}

fn describe_request(one: &CommunityPlan) -> &'static str {
    match one.status {
        Some(CommunityStatus::Declined) => "is asked again: it declined before",
        Some(CommunityStatus::Left) => "is asked again: the record was in it before",
        Some(CommunityStatus::Withdrawn) => "is asked again: the request before was cancelled",
        Some(CommunityStatus::Joined | CommunityStatus::Pending | CommunityStatus::Closed)
        | None => "is asked; its curators decide",
    }
}

/// Returns the state of a community about which nothing is done.
fn describe_unasked(plan: &Plan, one: &CommunityPlan) -> String {
    let is_unknown = plan.blockers.contains(&Blocker::UnknownCommunity(one.community.clone()));
    let later = if plan.submits_to().is_some() {
        "is asked once the record is published"
    } else {
        "is asked once a version is published"
    };
    match one.status {
        None if is_unknown => "is not known to the server".to_owned(),
        None => later.to_owned(),
        Some(CommunityStatus::Withdrawn) => format!("the request was cancelled; {later}"),
        Some(
            CommunityStatus::Joined
            | CommunityStatus::Pending
            | CommunityStatus::Declined
            | CommunityStatus::Left
            | CommunityStatus::Closed,
        ) => describe_state(plan, one),
    }
}

/// Returns the state of a community.
pub fn describe_state(plan: &Plan, one: &CommunityPlan) -> String {
    // Nothing is published: what it declined is the draft.
    let is_draft = matches!(plan.operation, Operation::NewRecord { .. });
    let since = one.since.map_or_else(String::new, |since| format!(" on {}", name_day(since)));
    match (one.status, one.origin) {
        (None, _) => "was not asked yet".to_owned(),
        (Some(CommunityStatus::Joined), CommunityOrigin::Manifest) => "has the record".to_owned(),
        (Some(CommunityStatus::Joined), CommunityOrigin::Lock) => {
            "has the record, and the manifest does not name it any more".to_owned()
        }
        (Some(CommunityStatus::Joined), CommunityOrigin::Elsewhere) => {
            "has the record; it was added elsewhere, and stays".to_owned()
        }
        (Some(CommunityStatus::Pending), CommunityOrigin::Lock) => format!(
            "was asked{since}, and the manifest does not name it any more; the request stays open"
        ),
        (Some(CommunityStatus::Pending), _) if plan.view == View::Public => {
            "was asked, as the lock says; its answer is hidden".to_owned()
        }
        (Some(CommunityStatus::Pending), _) => format!("was asked{since} and has not answered"),
        (Some(CommunityStatus::Declined), _) if is_draft => "declined the draft".to_owned(),
        (Some(CommunityStatus::Left), _) => {
            "had the record, and has it no more; asked again only with --ask-again ID".to_owned()
        }
        (Some(CommunityStatus::Declined), _) => {
            "declined; asked again only with --ask-again ID".to_owned()
        }
        (Some(CommunityStatus::Withdrawn), _) => {
            "was asked, and the request was cancelled".to_owned()
        }
        (Some(CommunityStatus::Closed), _) => "takes records of its members only".to_owned(),
    }
}

/// Counts what is done about communities.
pub(super) fn count_community_work(plan: &Plan, quote: Quote) -> Vec<String> {
    let n = |work: CommunityWork| plan.communities.iter().filter(|one| one.work == work).count();
    let communities = |n: usize, doing: &str| {
        let word = if n == 1 { "community" } else { "communities" };
        (n > 0).then(|| format!("{n} {word} to {doing}"))
    };
    let submitted = plan.submits_to();
    let submitted =
        submitted.map(|to| format!("submitted to community {} for review", quote(&to.0)));
    [
        communities(n(CommunityWork::Ask), "ask"),
        communities(n(CommunityWork::Leave), "leave"),
        submitted,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns the day of a time, in UTC.
pub(super) fn name_day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}
