//! A plan for a terminal: the summary first, and what can't be undone before the rest.

use std::fmt::Write;

use crate::check::{Checked, Verdict};
use crate::model::{FileChange, FileChangeKind};
use crate::plan::{CommunityPlan, Operation, Plan, Step, digest};

use super::callouts::callouts;
use super::escape::{shortened, shown};
use super::size::{count, human_size};
use super::style::{CHANGED, DANGER, DIM, HEADING, of_symbol, paint};
use super::values::change_lines;
use super::words::{action_words, basis_words, community_state, compared, counts, opening_reason};

/// Returns the whole plan as text, without its findings. Ends with a line feed.
pub fn plan_text(checked: &Checked) -> String {
    let plan = checked.plan();
    let mut out = head(plan);
    let _ = writeln!(out, "{}", plan_summary(checked));
    if plan.steps.is_empty() {
        return out;
    }
    out.push_str(&files(plan));
    out.push_str(&metadata(plan));
    out.push_str(&communities(plan));
    out.push_str(&steps(plan));
    let _ = writeln!(out, "\n{} sha256:{}", paint(DIM, "Digest"), digest(plan));
    out
}

/// Returns the verdict in one line or two.
pub fn plan_summary(checked: &Checked) -> String {
    let plan = checked.plan();
    if plan.is_empty() {
        return format!("{} {}", paint(HEADING, "No changes."), compared(plan, quoted));
    }
    let lead = match checked.verdict() {
        Verdict::Ready => String::new(),
        Verdict::AtTag => paint(CHANGED, "At the tag. "),
        Verdict::NeedsConfirmation => paint(DANGER, "Needs a person's word. "),
        Verdict::Blocked => paint(DANGER, "Blocked. "),
    };
    let counts = counts(plan, quoted);
    let mut summary = format!("{lead}{} {}.", paint(HEADING, "Plan:"), counts.join(", "));
    for callout in callouts(plan, |text, length| shortened(&shown(text), length)) {
        let lead = callout.lead.chars().next().map(char::to_lowercase).into_iter().flatten();
        let lead: String = lead.chain(callout.lead.chars().skip(1)).collect();
        let _ = write!(summary, "\n{}", paint(DANGER, format!("! {lead} {}", callout.text)));
    }
    summary
}

fn quoted(text: &str) -> String {
    shown(text).into_owned()
}

/// Returns a step in words, with its reason.
pub(super) fn step_words(plan: &Plan, step: &Step) -> String {
    let what = action_words(plan, &step.action, quoted);
    match opening_reason(step.reason) {
        Some(why) => format!("{what} {}", paint(DIM, format!("({why})"))),
        None => what,
    }
}

fn head(plan: &Plan) -> String {
    let title = plan.target.metadata.text(crate::model::Field::Title).unwrap_or("(no title)");
    let mut out = format!("{}\n", paint(HEADING, shown(title)));
    let _ = writeln!(out, "server  {}", shown(&plan.server.to_string()));
    let _ = writeln!(out, "basis   {}\n", basis_words(plan, quoted));
    out
}

fn files(plan: &Plan) -> String {
    let is_edit = matches!(plan.operation, Operation::Edit { .. } | Operation::Communities { .. });
    // A published record's files can't change, so there is nothing to show.
    if plan.files.is_empty() || is_edit {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(HEADING, "Files"));
    let width = plan.files.iter().map(|file| shown(file.key.as_str()).chars().count()).max();
    let width = width.unwrap_or(0).min(50);
    for file in plan.files.iter().filter(|file| !file.is_kept()) {
        out.push_str(&file_line(file, width));
    }
    let kept: Vec<&FileChange> = plan.files.iter().filter(|file| file.is_kept()).collect();
    if !kept.is_empty() {
        let bytes = kept.iter().map(|file| kept_size(file)).fold(0, u64::saturating_add);
        let text =
            format!("  = {} kept, {} not sent again", count(kept.len(), "file"), human_size(bytes));
        let _ = writeln!(out, "{}", paint(DIM, text));
    }
    if let Some(note) = rename_note(plan) {
        let _ = writeln!(out, "{}", paint(DIM, note));
    }
    out
}

fn kept_size(file: &FileChange) -> u64 {
    match file.kind {
        FileChangeKind::Kept(content) => content.size,
        FileChangeKind::Added(_) | FileChangeKind::Replaced { .. } | FileChangeKind::Deleted(_) => {
            0
        }
    }
}

fn file_line(file: &FileChange, width: usize) -> String {
    let (symbol, word, size) = match file.kind {
        FileChangeKind::Added(now) => ('+', "upload ", human_size(now.size)),
        FileChangeKind::Replaced { was: (size, _), now } => {
            ('~', "replace", format!("{} -> {}", human_size(size), human_size(now.size)))
        }
        FileChangeKind::Deleted(size) => ('-', "delete ", human_size(size)),
        FileChangeKind::Kept(same) => ('=', "keep   ", human_size(same.size)),
    };
    let sign = paint(of_symbol(symbol), symbol);
    format!("  {sign} {word}  {:<width$}  {size}\n", shown(file.key.as_str()))
}

/// Returns a note on renamed files: the server has no rename, so the same bytes are sent again.
fn rename_note(plan: &Plan) -> Option<String> {
    let has = |test: fn(&FileChangeKind) -> bool| plan.files.iter().any(|file| test(&file.kind));
    let added_bytes = plan
        .files
        .iter()
        .map(|file| if let FileChangeKind::Added(content) = file.kind { content.size } else { 0 })
        .fold(0, u64::saturating_add);
    let both = has(|kind| matches!(kind, FileChangeKind::Added(_)))
        && has(|kind| matches!(kind, FileChangeKind::Deleted(_)));
    both.then(|| {
        let size = human_size(added_bytes);
        format!("    (a renamed file is a deletion and an upload: {size} travel)")
    })
}

fn metadata(plan: &Plan) -> String {
    if plan.metadata.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(HEADING, "Metadata"));
    for change in &plan.metadata {
        out.push_str(&change_lines(change));
    }
    // A removed field is a change, and is not in the target: it must not be subtracted from it.
    let changed_away = plan.metadata.iter().filter(|change| change.after.is_none()).count();
    let n_same = (plan.target.normalize_as_server().len() + changed_away)
        .saturating_sub(plan.metadata.len());
    if n_same > 0 {
        let _ = writeln!(out, "    {}", paint(DIM, format!("({n_same} unchanged)")));
    }
    out
}

fn communities(plan: &Plan) -> String {
    if plan.communities.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(HEADING, "Communities"));
    for community in &plan.communities {
        out.push_str(&community_line(plan, community));
    }
    out
}

fn community_line(plan: &Plan, wanted: &CommunityPlan) -> String {
    let sign = if wanted.ask { paint(of_symbol('>'), '>') } else { paint(DIM, '=') };
    format!("  {sign} {}  {}\n", shown(&wanted.community.0), community_state(plan, wanted))
}

fn steps(plan: &Plan) -> String {
    let mut out = format!("\n{}\n", paint(HEADING, "Steps"));
    let width = plan.steps.len().to_string().len();
    for step in &plan.steps {
        let sign = paint(of_symbol(step.action.symbol()), step.action.symbol());
        let _ = writeln!(out, "  {:>width$}. {sign} {}", step.number, step_words(plan, step));
    }
    out
}
