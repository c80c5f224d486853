//! The body of a comment: a plan for reviewers, below the mark by which the comment is found again.

use serde_json::Value as Json;

use crate::plan::{Plan, digest};
use crate::render::{Review, comment_marker, nothing_markdown, plan_markdown};

/// A comment's body.
pub(super) struct Body {
    /// Its first line.
    pub(super) marker: String,
    /// All of it.
    pub(super) text: String,
}

/// Returns what is said of a plan and of its document, in at most `budget` bytes where that is
/// possible: one line where there is nothing to do.
pub(super) fn body(plan: &Plan, document: &Json, budget: usize) -> Body {
    let review = Review::new(plan, document);
    let text =
        if plan.is_empty() { nothing_markdown(&review) } else { plan_markdown(&review, budget) };
    Body { marker: comment_marker(&review), text }
}

/// Returns what is said of a plan that not everybody may read: what kind of change it is, and the
/// digest.
pub(super) fn redacted_summary(plan: &Plan, document: &Json) -> String {
    let review = Review::new(plan, document);
    let why = "What it changes is not shown here, where everybody may read it.";
    format!("{}\n{why}\n\nDigest `sha256:{}`\n", nothing_markdown(&review), digest(plan))
}
