//! The folded parts: the metadata word by word, what stays as it is, the steps.

use std::fmt::Write;

use crate::model::FieldChange;
use crate::plan::Plan;
use crate::render::detail::Detail;
use crate::render::escape::{escape_text, shorten_middle};
use crate::render::size::count;
use crate::render::values::render_change;
use crate::render::words::{describe_action, describe_files_in_draft, describe_origin};

use super::escape::{choose_fence_width, fence_lines};

/// How many characters a line of a block has.
const WIDTH: usize = 110;

/// How many characters of a line are shown in all.
const LONGEST: usize = 20_000;

/// Returns the folded parts in at most `budget` bytes, with a note on what is cut.
pub(super) fn render_details(plan: &Plan, budget: usize) -> String {
    let mut out = String::new();
    if !plan.metadata.is_empty() {
        let summary = format!("Metadata: {}", count(plan.metadata.len(), "field"));
        out.push_str(&fold_lines(&summary, "diff", &render_metadata_lines(plan), budget));
    }
    let steps: Vec<String> = plan
        .steps
        .iter()
        .map(|step| {
            let words = describe_action(plan, &step.action, |text| {
                shorten_middle(&escape_text(text), WIDTH)
            });
            format!("{:>3}. {} {words}", step.number, step.action.symbol())
        })
        .collect();
    let summary = format!("{} in this order", count(steps.len(), "step"));
    out.push_str(&fold_lines(&summary, "text", &steps, budget.saturating_sub(out.len())));
    if let Some(there) = describe_files_in_draft(plan) {
        let _ = writeln!(out, "\n{there}.");
    }
    let kept = plan.files.iter().filter(|file| file.is_kept()).count();
    if kept > 0 {
        let kept = count(kept, "file");
        let _ = writeln!(out, "\n{kept} unchanged, not sent again.");
    }
    out
}

/// Returns the changes of metadata as lines, with signs in the first column, where forges colour
/// them.
fn render_metadata_lines(plan: &Plan) -> Vec<String> {
    let render = |change: &FieldChange| {
        let origin =
            describe_origin(plan, change.field, |text| shorten_middle(&escape_text(text), WIDTH));
        render_change(change, origin.as_deref(), Detail::MARKDOWN)
    };
    let text: String = plan.metadata.iter().map(render).collect();
    let text = anstream::adapter::strip_str(&text).to_string();
    text.lines()
        .flat_map(|line| wrap_line(&shorten_middle(&move_sign_first(line), LONGEST)))
        .collect()
}

fn move_sign_first(line: &str) -> String {
    let bare = line.trim_start();
    let depth = line.len() - bare.len();
    match bare.split_at_checked(2) {
        Some((sign @ ("+ " | "- "), rest)) => format!("{sign}{}{rest}", " ".repeat(depth / 3)),
        _ => line.to_owned(),
    }
}

/// Breaks a line at blanks; what follows keeps its sign.
fn wrap_line(line: &str) -> Vec<String> {
    let sign = line.chars().next().filter(|c| matches!(c, '+' | '-')).unwrap_or(' ');
    let mut lines = vec![String::new()];
    for word in line.split_inclusive(' ') {
        let is_full = lines.last().is_some_and(|last| {
            last.trim().len() > 1 && last.chars().count() + word.chars().count() > WIDTH
        });
        if is_full {
            lines.push(format!("{sign}     "));
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(word);
        }
    }
    lines
}

/// Returns lines under a fold, as many as fit; only a note when not even the fold does.
fn fold_lines(summary: &str, language: &str, lines: &[String], budget: usize) -> String {
    let frame = format!("\n<details><summary>{summary}</summary>\n\n\n</details>\n");
    // Two fences, and the note about what is cut.
    let around = 2 * choose_fence_width(lines) + 100;
    let Some(mut left) = budget.checked_sub(frame.len() + around) else {
        return format!("\n{summary}: too long for here, see `zrel plan`\n");
    };
    let mut shown: Vec<String> = Vec::new();
    for line in lines {
        let Some(rest) = left.checked_sub(line.len() + 1) else { break };
        left = rest;
        shown.push(line.clone());
    }
    let n_cut = lines.len() - shown.len();
    if n_cut > 0 {
        shown.push(format!("… {n_cut} more lines, see `zrel plan`"));
    }
    let block = fence_lines(language, &shown);
    format!("\n<details><summary>{summary}</summary>\n\n{block}\n</details>\n")
}
