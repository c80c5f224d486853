//! A plan as a comment on a pull request: what can't be undone first, within a budget of bytes.
//!
//! Foreign texts are in code only, so that none becomes a heading, a link, a mention or a command.
//! What is cut says so; verdict, warnings and digest are never cut.

mod details;
pub(super) mod escape;
mod head;
mod table;

pub(super) use head::escape_marker_word;

use super::review::Review;

/// How many bytes a comment may have at GitHub (research of 2026-11-23: 65,536).
pub const COMMENT_BYTES: usize = 65_536;

/// Fewer bytes than this hold no verdict.
pub const LEAST_BYTES: usize = 8192;

/// What is reserved for the notes on what was cut. Bytes.
const NOTES: usize = 300;

/// What the table may take of what is left, in percent.
const TABLE_SHARE: usize = 60;

/// Returns the plan as Markdown of at most `budget` bytes; a budget below [`LEAST_BYTES`] counts as
/// that.
pub fn render_plan_markdown(review: &Review<'_>, budget: usize) -> String {
    let marker = head::build_marker(review);
    let text = render_parts(
        review,
        &head::render_foot(review),
        budget.max(LEAST_BYTES) - marker.len() - 1,
    );
    format!("{marker}\n{text}")
}

/// Returns one plan of several as Markdown: without a mark of its own, and without what comes next,
/// which is said for all of them.
pub(super) fn render_section_markdown(review: &Review<'_>, budget: usize) -> String {
    render_parts(review, &head::render_origin(review), budget)
}

fn render_parts(review: &Review<'_>, foot: &str, budget: usize) -> String {
    let head = head::render_head(review, budget.saturating_sub(foot.len() + NOTES));
    if review.plan.steps.is_empty() {
        return format!("{head}\n{}{foot}", table::list_surroundings(review.plan));
    }
    let left = budget.saturating_sub(head.len() + foot.len() + NOTES);
    let table = table::render_changes(review.plan, left * TABLE_SHARE / 100);
    let left = left.saturating_sub(table.len());
    let details = details::render_details(review.plan, left);
    format!("{head}\n{table}{details}\n{foot}")
}

/// Returns the comment when there is nothing to do: the mark, one line, and the communities and the
/// access of which something is left to say.
pub fn render_nothing_markdown(review: &Review<'_>) -> String {
    let left = table::list_surroundings(review.plan);
    let left = if left.is_empty() { left } else { format!("\n{left}") };
    let (mark, line) = (head::build_marker(review), head::render_verdict_line(review));
    format!("{mark}\n{line}\n{left}")
}

/// Returns the mark by which a comment is found again: its first line.
pub fn build_comment_marker(review: &Review<'_>) -> String {
    head::build_marker(review)
}
