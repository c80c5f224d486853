//! The files, each with its size as a bar.

use maud::{Markup, html};

use crate::model::{FileChange, FileChangeKind};
use crate::plan::Plan;
use crate::render::escape::{escape_text, quote_text};
use crate::render::size::{count, format_size};
use crate::render::words::{describe_files_in_draft, describe_rename};

/// Returns the files that change, deletions first, and those that stay, folded.
pub(super) fn render_files(plan: &Plan) -> Markup {
    let largest = plan.files.iter().map(measure).max().unwrap_or_default();
    let (kept, mut changed): (Vec<&FileChange>, Vec<&FileChange>) =
        plan.files.iter().partition(|file| file.is_kept());
    if plan.files.is_empty() {
        return html! {};
    }
    // What the next version does not have must not stand below what it gains.
    changed.sort_by_key(|file| !matches!(file.kind, FileChangeKind::Deleted(_)));
    html! {
        section {
            h2 { "Files" }
            p.legend { "A bar shows a file's size; the longest is " (format_size(largest)) "." }
            @if !changed.is_empty() { (render_table(&changed, largest)) }
            @if let Some(there) = describe_files_in_draft(plan) { p { (there) "." } }
            @if !kept.is_empty() {
                details {
                    summary { (count(kept.len(), "file")) " unchanged, not sent again" }
                    (render_table(&kept, largest))
                }
            }
        }
    }
}

fn render_table(files: &[&FileChange], largest: u64) -> Markup {
    html! {
        table.files {
            tbody {
                @for file in files { (render_row(file, largest)) }
            }
        }
    }
}

/// Returns what a file takes up, before or after.
fn measure(file: &FileChange) -> u64 {
    match file.kind {
        FileChangeKind::Added(now) | FileChangeKind::Kept(now) => now.size,
        FileChangeKind::Replaced { was: (size, _), now } => size.max(now.size),
        FileChangeKind::Deleted(size) => size,
    }
}

fn render_row(file: &FileChange, largest: u64) -> Markup {
    let (class, word, sizes) = match file.kind {
        FileChangeKind::Added(now) => ("added", "upload", format_size(now.size)),
        FileChangeKind::Replaced { was: (size, _), now } => {
            ("changed", "replace", format!("{} → {}", format_size(size), format_size(now.size)))
        }
        FileChangeKind::Deleted(size) => ("removed", "delete", format_size(size)),
        FileChangeKind::Kept(same) => ("kept", "keep", format_size(same.size)),
    };
    let percent = u128::from(measure(file)) * 100 / u128::from(largest.max(1));
    html! {
        tr class=(class) {
            td { (word) }
            td.name {
                (render_name(file.key.as_str()))
                @if let Some(how) = describe_rename(file, quote_text) { " (" (how) ")" }
            }
            td.size { (sizes) }
            td.bar { span style={ "width:" (percent) "%" } {} }
        }
    }
}

/// Returns a name that a narrow page breaks where its parts end.
fn render_name(name: &str) -> Markup {
    let name = escape_text(name);
    html! {
        @for (at, part) in name.split_inclusive(['/', '_', '-', '.']).enumerate() {
            @if at > 0 { wbr; }
            (part)
        }
    }
}
