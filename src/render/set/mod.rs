//! A workspace's plans, as a reviewer is shown them: one table, and each member's plan. Made from
//! the plans' documents, so that saved plans are shown like new ones.

mod html;
mod json;
mod markdown;
mod next;
mod text;

pub use html::render_set_html;
pub use json::{ReadSet, SetEntry, encode_set, read_set_json};
pub use markdown::{build_set_marker, render_set_markdown};
pub use next::describe_set_next;
pub use text::render_members;

use serde_json::Value as Json;

use crate::check::Verdict;
use crate::model::Sha256;
use crate::plan::{Plan, PlanFlags};

use super::review::{Review, Told};
use super::size::count;
use super::words::describe_counts;

/// The plans of a workspace.
#[derive(Debug)]
pub struct SetReview<'a> {
    /// The root's manifest, as the user named it.
    pub workspace: &'a str,
    /// The members, sorted by key.
    pub members: Vec<ReviewedMember<'a>>,
    /// The digest of all plans; none while a member has no plan.
    pub digest: Option<Sha256>,
    /// Whether they are all members of the workspace.
    pub is_whole: bool,
}

/// A member, and its plan, or why it has none.
#[derive(Debug)]
pub struct ReviewedMember<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its plan.
    pub review: Result<Review<'a>, Unplanned>,
}

/// Why a member has no plan.
#[derive(Debug)]
pub struct Unplanned {
    /// In a line.
    message: String,
    /// What is wrong with it, the worst first.
    told: Vec<Told>,
}

impl Unplanned {
    /// Reads it from the document of the failure.
    pub fn of(error: &Json) -> Self {
        let findings = error["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut told: Vec<Told> = findings.iter().map(Told::of).collect();
        told.sort_by_key(|told| std::cmp::Reverse(told.severity));
        Self { message: error["message"].as_str().unwrap_or_default().to_owned(), told }
    }

    /// Returns the worst that is wrong, and where.
    fn describe(&self, quote: fn(&str) -> String) -> String {
        let Some(first) = self.told.first() else { return quote(&self.message) };
        let place =
            first.place.as_ref().map_or_else(String::new, |place| format!(" at {}", quote(place)));
        let more = match self.told.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        format!("{}{place}{more}", quote(&format!("{}: {}", first.code, first.summary)))
    }
}

impl SetReview<'_> {
    /// Returns whether nothing would be done, and every member has a plan.
    pub fn is_empty(&self) -> bool {
        !self.members.iter().any(ReviewedMember::is_worth_showing)
    }

    /// Returns whether an apply does something, and all of it at once.
    pub fn is_ready(&self) -> bool {
        let is_ready = |member: &ReviewedMember<'_>| {
            !member.has_changes()
                || member
                    .review
                    .as_ref()
                    .is_ok_and(|it| matches!(it.verdict, Verdict::Ready | Verdict::Unlinked))
        };
        !self.is_empty() && self.digest.is_some() && self.members.iter().all(is_ready)
    }

    /// Returns how many members there are, change, and can't be planned.
    pub fn describe_counts(&self) -> String {
        let n_changed = self.members.iter().filter(|member| member.has_changes()).count();
        let n_failed = self.members.iter().filter(|member| member.review.is_err()).count();
        let failed = if n_failed == 0 { String::new() } else { format!(", {n_failed} invalid") };
        format!("{}, {n_changed} with changes{failed}", count(self.members.len(), "member"))
    }

    /// Returns the flags that decide something about a member.
    fn flags(&self) -> PlanFlags {
        let plans = self.members.iter().filter_map(ReviewedMember::plan);
        plans.map(|plan| plan.flags.clone()).fold(PlanFlags::default(), PlanFlags::and)
    }
}

impl ReviewedMember<'_> {
    fn plan(&self) -> Option<&Plan> {
        self.review.as_ref().ok().map(|review| review.plan)
    }

    /// Returns whether an apply does something to it.
    pub(super) fn has_changes(&self) -> bool {
        self.plan().is_some_and(|plan| !plan.is_empty())
    }

    /// Returns whether it changes or has no plan.
    fn is_worth_showing(&self) -> bool {
        self.has_changes() || self.review.is_err()
    }

    /// Returns the place among those that are shown: first what keeps the rest from being applied.
    fn rank(&self) -> u8 {
        match &self.review {
            Err(_) => 0,
            Ok(review) => match review.verdict {
                Verdict::Blocked => 1,
                Verdict::NeedsConfirmation => 2,
                Verdict::Ready | Verdict::AtTag | Verdict::Unreserved | Verdict::Unlinked => 3,
            },
        }
    }

    /// Returns what would be done, in a line.
    fn describe(&self, quote: fn(&str) -> String) -> String {
        let review = match &self.review {
            Ok(review) => review,
            Err(why) => return format!("invalid: {}", why.describe(quote)),
        };
        describe_in_line(review.plan, review.verdict, quote)
    }
}

/// Returns what a plan would do, in a line.
pub(in crate::render) fn describe_in_line(
    plan: &Plan,
    verdict: Verdict,
    quote: fn(&str) -> String,
) -> String {
    if plan.is_empty() {
        return "no changes".to_owned();
    }
    let counts = describe_counts(plan, quote).join(", ");
    match describe_verdict(plan, verdict) {
        Some(lead) => format!("{lead}: {counts}"),
        None => counts,
    }
}

fn describe_verdict(plan: &Plan, verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Ready if plan.submits_to().is_some() => Some("submits for review"),
        Verdict::Ready if plan.publishes() => Some("publishes"),
        Verdict::Ready => None,
        Verdict::AtTag => Some("publishes at the tag"),
        Verdict::Unreserved => Some("publishes once its DOI is in the files"),
        Verdict::Unlinked => Some("publishes once the DOIs it links to are reserved"),
        Verdict::NeedsConfirmation => Some("needs a confirmation"),
        Verdict::Blocked => Some("blocked"),
    }
}
