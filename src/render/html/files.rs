//! The files, each with its size as a bar.

use std::fmt::Write;

use crate::model::{FileChange, FileChangeKind};
use crate::plan::Plan;
use crate::render::size::{count, format_size};

use super::escape::escaped;

/// Returns the files that change, and those that stay, folded.
pub(super) fn files(plan: &Plan) -> String {
    let largest = plan.files.iter().map(size).max().unwrap_or_default();
    let (kept, changed): (Vec<&FileChange>, Vec<&FileChange>) =
        plan.files.iter().partition(|file| file.is_kept());
    let mut out = String::new();
    if !changed.is_empty() {
        out.push_str(&table(&changed, largest));
    }
    if !kept.is_empty() {
        let summary = format!("{} unchanged, not sent again", count(kept.len(), "file"));
        let table = table(&kept, largest);
        let _ = write!(out, "<details><summary>{summary}</summary>\n{table}</details>\n");
    }
    if out.is_empty() { out } else { format!("<section>\n<h2>Files</h2>\n{out}</section>\n") }
}

fn table(files: &[&FileChange], largest: u64) -> String {
    let rows: String = files.iter().map(|file| row(file, largest)).collect();
    format!("<table class=\"files\">\n<tbody>\n{rows}</tbody>\n</table>\n")
}

/// What a file takes up, before or after.
fn size(file: &FileChange) -> u64 {
    match file.kind {
        FileChangeKind::Added(now) | FileChangeKind::Kept(now) => now.size,
        FileChangeKind::Replaced { was: (size, _), now } => size.max(now.size),
        FileChangeKind::Deleted(size) => size,
    }
}

fn row(file: &FileChange, largest: u64) -> String {
    let (class, word, sizes) = match file.kind {
        FileChangeKind::Added(now) => ("added", "upload", format_size(now.size)),
        FileChangeKind::Replaced { was: (size, _), now } => {
            ("changed", "replace", format!("{} → {}", format_size(size), format_size(now.size)))
        }
        FileChangeKind::Deleted(size) => ("removed", "delete", format_size(size)),
        FileChangeKind::Kept(same) => ("kept", "keep", format_size(same.size)),
    };
    let percent = u128::from(size(file)) * 100 / u128::from(largest.max(1));
    format!(
        "<tr class=\"{class}\"><td>{word}</td><td>{}</td><td class=\"size\">{sizes}</td>\
         <td class=\"bar\"><span style=\"width:{percent}%\"></span></td></tr>\n",
        escaped(file.key.as_str())
    )
}
