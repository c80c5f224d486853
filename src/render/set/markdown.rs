//! A workspace's plans as a comment on a pull request, within a budget of bytes.
//!
//! The head with the digest is never cut; what is left out says so.

use std::fmt::Write;

use crate::render::escape::escape_text;
use crate::render::markdown::escape::{quote_code, quote_code_within};
use crate::render::markdown::{LEAST_BYTES, escape_marker_word, render_section_markdown};

use super::next::find_next;
use super::{ReviewedMember, SetReview};

/// What the table may take of what is left, in percent.
const TABLE_SHARE: usize = 50;

/// What is reserved for the notes on what was cut. Bytes.
const NOTES: usize = 300;

/// How many characters of a key or of a fault are shown.
const WIDTH: usize = 200;

/// Returns the plans as Markdown of at most `budget` bytes; a budget below [`LEAST_BYTES`] counts as
/// that.
pub fn render_set_markdown(set: &SetReview<'_>, budget: usize) -> String {
    let budget = budget.max(LEAST_BYTES);
    let mut out = render_head(set);
    let foot = render_foot(set);
    let room = budget.saturating_sub(out.len() + foot.len() + NOTES);
    out.push_str(&render_table(set, room * TABLE_SHARE / 100));
    let room = budget.saturating_sub(out.len() + foot.len() + NOTES);
    out.push_str(&render_sections(set, room));
    out.push_str(&foot);
    out
}

/// Returns the mark by which the comment is found again: its first line.
pub fn build_set_marker(workspace: &str) -> String {
    format!("<!-- zrel:workspace 1 {} -->", escape_marker_word(workspace))
}

fn render_head(set: &SetReview<'_>) -> String {
    let workspace = quote_code_within(set.workspace, WIDTH);
    let marker = build_set_marker(set.workspace);
    format!("{marker}\n### zrel: workspace {workspace}: {}\n\n", set.describe_counts())
}

/// Returns the table of the members that change or are invalid, and how many others there are.
fn render_table(set: &SetReview<'_>, budget: usize) -> String {
    let mut shown: Vec<&ReviewedMember<'_>> =
        set.members.iter().filter(|member| member.is_worth_showing()).collect();
    // What keeps the rest from being applied must not be what is cut.
    shown.sort_by_key(|member| member.rank());
    let n_unchanged = set.members.len() - shown.len();
    let mut out = String::new();
    if !shown.is_empty() {
        out.push_str("| member | what |\n|---|---|\n");
    }
    let mut n_rows = 0;
    for member in &shown {
        let key = quote_code_within(member.key, WIDTH);
        let row = format!("| {key} | {} |\n", member.describe(quote_row));
        if out.len() + row.len() > budget {
            break;
        }
        out.push_str(&row);
        n_rows += 1;
    }
    if n_rows < shown.len() {
        let n_left = shown.len() - n_rows;
        let _ = writeln!(out, "| … | **{n_left} more members**, see `zrel plan` |");
    }
    if n_unchanged > 0 && !shown.is_empty() {
        let _ = writeln!(out, "\nNo changes in the other {n_unchanged}.");
    }
    out
}

fn quote_row(text: &str) -> String {
    quote_code_within(text, WIDTH)
}

/// Returns each plan folded, as far as they fit.
fn render_sections(set: &SetReview<'_>, budget: usize) -> String {
    let mut changed: Vec<&ReviewedMember<'_>> =
        set.members.iter().filter(|member| member.has_changes()).collect();
    changed.sort_by_key(|member| member.rank());
    let room = budget / changed.len().max(1);
    let mut out = String::new();
    for member in changed {
        let Ok(review) = &member.review else { continue };
        let text = render_section_markdown(review, room.saturating_sub(200).max(LEAST_BYTES));
        // In an element of code, where no forge looks for names or links.
        let key = maud::html! { code { (escape_text(member.key)) } }.into_string();
        let section = format!("\n<details><summary>{key}</summary>\n\n{text}\n</details>\n");
        if out.len() + section.len() > budget {
            out.push_str("\nThe plans of the other members do not fit here: see `zrel plan`.\n");
            break;
        }
        out.push_str(&section);
    }
    out
}

fn render_foot(set: &SetReview<'_>) -> String {
    let next = find_next(set).map_or_else(String::new, |next| {
        let parts = next.iter().enumerate();
        // Words and commands come in turn.
        let parts =
            parts.map(|(at, part)| if at % 2 == 0 { part.clone() } else { quote_code(part) });
        format!("\n**Next:** {}\n", parts.collect::<String>())
    });
    let digest = set
        .digest
        .map_or_else(String::new, |digest| format!("\n<sub>plans `sha256:{digest}`</sub>\n"));
    format!("{next}{digest}")
}
