//! The body of a comment: a plan for reviewers, below the marker that finds the comment again.

use serde_json::Value as Json;

use crate::plan::{Plan, compute_digest};
use crate::render::{
    Review, SetReview, build_comment_marker, build_set_marker, render_nothing_markdown,
    render_plan_markdown, render_set_markdown,
};

/// A comment's body.
pub(super) struct Body {
    /// Its first line.
    pub(super) marker: String,
    /// All of it.
    pub(super) text: String,
}

/// Returns the comment for a plan and its document, in at most `budget` bytes if possible: one line
/// when there is nothing to do.
pub(super) fn build_comment_body(plan: &Plan, document: &Json, budget: usize) -> Body {
    let review = Review::new(plan, document);
    let text = if plan.is_empty() {
        render_nothing_markdown(&review)
    } else {
        render_plan_markdown(&review, budget)
    };
    Body { marker: build_comment_marker(&review), text }
}

/// Returns the comment for the plans of a workspace.
pub(super) fn build_set_body(set: &SetReview<'_>, budget: usize) -> Body {
    let text = render_set_markdown(set, budget);
    Body { marker: build_set_marker(set.workspace), text }
}

/// Returns the summary of a plan that is not public: the kind of change, and the digest.
pub(super) fn build_redacted_summary(plan: &Plan, document: &Json) -> String {
    let review = Review::new(plan, document);
    // A restricted record's texts and file names must not appear on a public page.
    let why = "The changes are not shown here, because everybody can read this page.";
    format!(
        "{}\n{why}\n\nDigest `sha256:{}`\n",
        render_nothing_markdown(&review),
        compute_digest(plan)
    )
}

/// Returns the summary of the plans of a workspace of which one is not public.
pub(super) fn build_redacted_set(set: &SetReview<'_>) -> String {
    let marker = build_set_marker(set.workspace);
    let why = "The changes are not shown here, because everybody can read this page.";
    let digest =
        set.digest.map_or_else(String::new, |digest| format!("\nDigest `sha256:{digest}`\n"));
    format!("{marker}\n{}\n{why}\n{digest}", set.describe_counts())
}
