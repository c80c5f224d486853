//! The table of changes: a row a file, a field, a community.

use std::collections::HashSet;
use std::fmt::Write;

use crate::model::{FieldChange, FieldKind, FileChange, FileChangeKind, Value};
use crate::plan::{CommunityPlan, CommunityWork, Operation, Plan};
use crate::render::communities::{describe_community, list_notable};
use crate::render::sharing::{AccessLine, list_access_lines};
use crate::render::size::format_size;
use crate::render::words::{describe_origin, describe_rename};

use super::escape::{quote_code, quote_code_within};

/// How many rows there are at most.
const ROWS: usize = 200;

/// How many characters of a short value are shown.
const SHORT: usize = 60;

/// Returns the table in at most `budget` bytes, and says what is left out; empty without changes.
pub(super) fn render_changes(plan: &Plan, budget: usize) -> String {
    let rows = render_rows(plan);
    if rows.is_empty() {
        return String::new();
    }
    let mut out = "| | what | change |\n|---|---|---|\n".to_owned();
    let mut n_shown = 0;
    for row in &rows {
        if n_shown == ROWS || out.len() + row.len() > budget {
            break;
        }
        out.push_str(row);
        n_shown += 1;
    }
    let n_left = rows.len() - n_shown;
    if n_left > 0 {
        let _ = writeln!(out, "| … | **{n_left} more changes**, see `zrel plan` | |");
    }
    out
}

/// Returns the rows.
fn render_rows(plan: &Plan) -> Vec<String> {
    // A published record's files can't change, so an edit has no rows for them.
    let is_edit =
        matches!(plan.operation, Operation::Edit { .. }) || plan.operation.is_of_surroundings();
    let mut files: Vec<&FileChange> =
        plan.files.iter().filter(|file| !file.is_kept() && !is_edit).collect();
    // Deletions first, since the end of the table may be cut.
    files.sort_by_key(|file| match file.kind {
        FileChangeKind::Deleted(_) => 0,
        FileChangeKind::Replaced { .. } => 1,
        FileChangeKind::Added(_) | FileChangeKind::Kept(_) => 2,
    });
    let metadata = plan.metadata.iter().map(|change| render_field_row(plan, change));
    let communities = plan.communities.iter().map(|one| render_community_row(plan, one));
    let access = list_access_lines(plan, quote_code).into_iter().map(render_access_row);
    metadata
        .chain(files.into_iter().map(render_file_row))
        .chain(communities)
        .chain(access)
        .collect()
}

/// Returns the communities of a plan that does nothing, and who has access otherwise than the manifest
/// says, a line each.
pub(super) fn list_surroundings(plan: &Plan) -> String {
    list_communities(plan) + &list_access(plan)
}

fn list_communities(plan: &Plan) -> String {
    let line = |one: &&CommunityPlan| {
        let what = describe_community(plan, one, quote_code);
        format!("- community {} {what}\n", quote_code(&one.community.0))
    };
    list_notable(plan).iter().map(line).collect()
}

fn list_access(plan: &Plan) -> String {
    let lines = list_access_lines(plan, quote_code).into_iter().filter(|it| !it.is_as_wanted);
    lines.fold(String::new(), |out, line| out + &format!("- {} {}\n", line.who, line.what))
}

fn render_access_row(line: AccessLine) -> String {
    let AccessLine { sign, who, what, .. } = line;
    let word = match sign {
        '+' => "give",
        '~' => "change",
        '-' => "**take**",
        _ => "access",
    };
    format!("| {word} | {who} | {what} |\n")
}

fn render_community_row(plan: &Plan, one: &CommunityPlan) -> String {
    let word = match one.work {
        CommunityWork::Nothing => "community",
        CommunityWork::Ask => "ask",
        CommunityWork::Submit => "**submit**",
        CommunityWork::Leave => "**leave**",
    };
    let what = describe_community(plan, one, quote_code);
    format!("| {word} | {} | {what} |\n", quote_code(&one.community.0))
}

fn render_file_row(file: &FileChange) -> String {
    let (word, size) = match file.kind {
        FileChangeKind::Added(now) => ("upload", format_size(now.size)),
        FileChangeKind::Replaced { was: (size, _), now } => {
            ("replace", format!("{} → {}", format_size(size), format_size(now.size)))
        }
        FileChangeKind::Deleted(size) => ("**delete**", format_size(size)),
        FileChangeKind::Kept(same) => ("keep", format_size(same.size)),
    };
    let renamed =
        describe_rename(file, quote_code).map_or_else(String::new, |how| format!(", {how}"));
    format!("| {word} | {} | {size}{renamed} |\n", quote_code(file.key.as_str()))
}

fn render_field_row(plan: &Plan, change: &FieldChange) -> String {
    let FieldChange { field, before, after } = change;
    let word = match (before, after) {
        (None, _) => "set",
        (Some(_), None) => "**remove**",
        (Some(_), Some(_)) => "change",
    };
    // HTML does not fit into a cell; the details show it word by word.
    let is_long = field.kind() == FieldKind::Html;
    let what = match (before, after) {
        (Some(Value::Text(before)), Some(Value::Text(after))) if !is_long => {
            format!("{} → {}", quote_code_within(before, SHORT), quote_code_within(after, SHORT))
        }
        (Some(before), Some(after)) if !is_long => {
            compare_list_sizes(&before.items(), &after.items())
        }
        (Some(_), Some(_)) => "text changed, see below".to_owned(),
        (None, Some(value)) | (Some(value), None) => render_one_side(value),
        (None, None) => String::new(),
    };
    let origin = describe_origin(plan, *field, quote_code)
        .map_or_else(String::new, |origin| format!(", {origin}"));
    format!("| {word} | `{}` | {what}{origin} |\n", field.name())
}

fn render_one_side(value: &Value) -> String {
    let items = value.items();
    let first = items.first().map(|item| quote_code_within(item, SHORT)).unwrap_or_default();
    match items.len() {
        0 | 1 => first,
        n => format!("{first} and {} more", n - 1),
    }
}

fn compare_list_sizes(before: &[String], after: &[String]) -> String {
    let (old, new): (HashSet<&String>, HashSet<&String>) =
        (before.iter().collect(), after.iter().collect());
    let removed = before.iter().filter(|item| !new.contains(item)).count();
    let added = after.iter().filter(|item| !old.contains(item)).count();
    match (removed, added) {
        (0, 0) => "another order".to_owned(),
        (removed, added) => format!("{removed} removed, {added} added"),
    }
}
