//! The body of a comment: a plan for reviewers, below the mark by which the comment is found again.

use serde_json::Value as Json;

use crate::check::check;
use crate::plan::Plan;
use crate::render::{plan_text, shown};

/// A comment's body.
pub(super) struct Body {
    /// Its first line.
    pub(super) marker: String,
    /// All of it.
    pub(super) text: String,
}

/// Returns what is said of a plan and of its document, in at most `budget` bytes where that is
/// possible: one line where there is nothing to do.
pub(super) fn body(plan: &Plan, _document: &Json, budget: usize) -> Body {
    let marker = format!("<!-- zrel:plan server={} -->", shown(&plan.server.name));
    let text = if plan.is_empty() {
        format!("{marker}\nNo changes.\n")
    } else {
        let room = budget.saturating_sub(marker.len() + 20);
        let text = plan_text(&check(plan.clone()));
        let text = anstream::adapter::strip_str(&text).to_string();
        let text: String = text.replace('`', "'").chars().take(room / 4).collect();
        format!("{marker}\n````text\n{text}````\n")
    };
    Body { marker, text }
}
