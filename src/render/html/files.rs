//! The files, each with its size as a bar.

use maud::{Markup, html};

use crate::model::{FileChange, FileChangeKind};
use crate::plan::Plan;
use crate::render::escape::{escape_text, quote_text};
use crate::render::size::{count, format_size};
use crate::render::words::describe_rename;

/// Returns the files that change, and those that stay, folded.
pub(super) fn render_files(plan: &Plan) -> Markup {
    let largest = plan.files.iter().map(measure).max().unwrap_or_default();
    let (kept, changed): (Vec<&FileChange>, Vec<&FileChange>) =
        plan.files.iter().partition(|file| file.is_kept());
    if plan.files.is_empty() {
        return html! {};
    }
    html! {
        section {
            h2 { "Files" }
            @if !changed.is_empty() { (render_table(&changed, largest)) }
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
            td {
                (escape_text(file.key.as_str()))
                @if let Some(how) = describe_rename(file, quote_text) { " (" (how) ")" }
            }
            td.size { (sizes) }
            td.bar { span style={ "width:" (percent) "%" } {} }
        }
    }
}
