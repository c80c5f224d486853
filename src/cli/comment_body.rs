//! The body of a comment, from a saved plan.

use super::saved::Saved;
use crate::check::{Checked, check};
use crate::render::{plan_text, shown};

/// A comment's body.
pub(super) struct Body {
    /// Its first line.
    pub(super) marker: String,
    /// All of it.
    pub(super) text: String,
}

/// Returns the comment that a plan makes, in at most `budget` bytes where that is possible.
pub(super) fn body(saved: &Saved, budget: usize) -> Body {
    let checked = check(saved.plan.clone());
    of_plan(&checked, &saved.noted(checked.findings()), budget)
}

/// Returns what is said of a plan, in at most `budget` bytes where that is possible. `noted` is
/// what was said of the manifest when the plan was made, a line each.
pub(super) fn of_plan(checked: &Checked, _noted: &[String], budget: usize) -> Body {
    let plan = checked.plan();
    let concept = plan.basis.concept.map_or_else(|| "new".to_owned(), |id| id.to_string());
    let marker = format!("<!-- zrel:plan server={} record={concept} -->", shown(&plan.server.name));
    let text = if plan.is_empty() {
        format!("{marker}\nNo changes.\n")
    } else {
        let room = budget.saturating_sub(marker.len() + 20);
        let text = anstream::adapter::strip_str(&plan_text(checked)).to_string();
        let text: String = text.replace('`', "'").chars().take(room / 4).collect();
        format!("{marker}\n````text\n{text}````\n")
    };
    Body { marker, text }
}
