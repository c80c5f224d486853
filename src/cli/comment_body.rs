//! The body of a comment: a plan for reviewers, below the mark by which the comment is found again.

use serde_json::Value as Json;

use crate::plan::Plan;
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
