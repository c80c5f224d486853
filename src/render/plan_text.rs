//! A plan for a terminal: the summary first, and what can't be undone before the rest.

use std::fmt::Write;
use std::mem::discriminant;

use crate::check::{Checked, Verdict};
use crate::model::{FileChange, FileChangeKind};
use crate::plan::{CommunityPlan, Operation, Plan, Step, compute_digest};

use super::callouts::list_callouts;
use super::communities::{choose_sign, describe_community, list_notable};
use super::detail::{CUT_NOTE, Detail};
use super::escape::{escape_text, quote_name, quote_text, shorten_middle};
use super::sharing::{AccessLine, list_access_lines};
use super::size::{count, format_size};
use super::style::{CHANGED, DANGER, DIM, HEADING, choose_symbol_style, paint};
use super::values::render_change;
use super::words::{
    describe_action, describe_basis, describe_comparison, describe_counts, describe_files_in_draft,
    describe_origin, describe_reason, describe_rename,
};

/// How wide the column of names is at most: a few long ones must not push the sizes of all others
/// off a narrow terminal.
const NAME_COLUMNS: usize = 32;

/// Returns the plan as text, without its findings. Ends with a line feed.
pub fn render_plan_text(checked: &Checked, detail: Detail) -> String {
    let mut text = render_head(checked);
    let (lists, is_cut) = render_lists(checked, detail);
    text.push_str(&lists);
    if !checked.plan().steps.is_empty() {
        let digest = compute_digest(checked.plan());
        let _ = writeln!(text, "\n{} sha256:{digest}", paint(DIM, "Digest"));
    }
    add_cut_note(text, is_cut)
}

/// Returns the plan of one of several that are approved together: without its digest, which no apply
/// takes.
pub fn render_plan_part(checked: &Checked, detail: Detail) -> String {
    let (lists, is_cut) = render_lists(checked, detail);
    add_cut_note(render_head(checked) + &lists, is_cut)
}

/// Adds the way to all of it, which only a reader who sees less needs.
fn add_cut_note(mut text: String, is_cut: bool) -> String {
    if is_cut {
        let _ = writeln!(text, "{}", paint(DIM, CUT_NOTE));
    }
    text
}

/// Returns what the plan is about, and its summary.
fn render_head(checked: &Checked) -> String {
    let mut out = render_plan_head(checked.plan());
    let _ = writeln!(out, "{}", render_plan_summary(checked));
    out
}

/// Returns the lists of a plan, and whether it has more than they show.
fn render_lists(checked: &Checked, detail: Detail) -> (String, bool) {
    let lists = render_all_lists(checked.plan(), detail);
    let is_cut = detail != Detail::FULL && lists != render_all_lists(checked.plan(), Detail::FULL);
    (lists, is_cut)
}

fn render_all_lists(plan: &Plan, detail: Detail) -> String {
    let mut out = String::new();
    if plan.steps.is_empty() {
        out.push_str(&render_communities(plan, list_notable(plan)));
        out.push_str(&render_access(plan));
        return out;
    }
    out.push_str(&render_files(plan, detail));
    out.push_str(&render_metadata(plan, detail));
    out.push_str(&render_communities(plan, plan.communities.iter().collect()));
    out.push_str(&render_access(plan));
    out.push_str(&render_steps(plan, detail));
    out
}

/// Returns the verdict in one line or two.
pub fn render_plan_summary(checked: &Checked) -> String {
    let plan = checked.plan();
    if plan.is_empty() {
        return format!(
            "{} {}",
            paint(HEADING, "No changes."),
            describe_comparison(plan, quote_text)
        );
    }
    let lead = match checked.verdict() {
        Verdict::Ready => String::new(),
        Verdict::AtTag => paint(CHANGED, "At the tag. "),
        Verdict::Unreserved => paint(CHANGED, "Once its DOI is in the files. "),
        Verdict::Unlinked => paint(CHANGED, "Once the DOIs it links to are reserved. "),
        Verdict::NeedsConfirmation => paint(DANGER, "Needs a confirmation. "),
        Verdict::Blocked => paint(DANGER, "Blocked. "),
    };
    let counts = describe_counts(plan, quote_text);
    let mut summary = format!("{lead}{} {}.", paint(HEADING, "Plan:"), counts.join(", "));
    for callout in list_callouts(plan, |text, length| shorten_middle(&escape_text(text), length)) {
        let lead = callout.lead.chars().next().map(char::to_lowercase).into_iter().flatten();
        let lead: String = lead.chain(callout.lead.chars().skip(1)).collect();
        let _ = write!(summary, "\n{}", paint(DANGER, format!("! {lead} {}", callout.text)));
    }
    summary
}

/// Returns a step in words, with its reason.
pub(super) fn describe_step(plan: &Plan, step: &Step) -> String {
    let what = describe_action(plan, &step.action, quote_text);
    match describe_reason(step.reason) {
        Some(why) => format!("{what} {}", paint(DIM, format!("({why})"))),
        None => what,
    }
}

fn render_plan_head(plan: &Plan) -> String {
    let title = plan.target.metadata.text(crate::model::Field::Title).unwrap_or("(no title)");
    // Runs of blanks could move what follows into a line of its own.
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = format!("{}\n", paint(HEADING, escape_text(&title)));
    let _ = writeln!(out, "server  {}", escape_text(&plan.server.to_string()));
    let _ = writeln!(out, "basis   {}\n", describe_basis(plan, quote_text));
    out
}

fn render_files(plan: &Plan, detail: Detail) -> String {
    let is_edit =
        matches!(plan.operation, Operation::Edit { .. }) || plan.operation.is_of_surroundings();
    // A published record's files can't change, so there is nothing to show.
    if plan.files.is_empty() || is_edit {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(HEADING, "Files"));
    let width = plan.files.iter().map(|file| quote_name(file.key.as_str()).chars().count()).max();
    let width = width.unwrap_or(0).min(NAME_COLUMNS);
    // Deletions first: the next version does not have these files.
    for symbol in ['-', '~', '+'] {
        let is_such = |file: &&FileChange| choose_symbol(file.kind).0 == symbol;
        let files: Vec<&FileChange> = plan.files.iter().filter(is_such).collect();
        out.push_str(&render_file_group(&files, width, detail));
    }
    let kept: Vec<&FileChange> = plan.files.iter().filter(|file| file.is_kept()).collect();
    if let Some(there) = describe_files_in_draft(plan) {
        let _ = writeln!(out, "{}", paint(DIM, format!("  = {there}")));
    }
    if !kept.is_empty() {
        let bytes = kept.iter().map(|file| find_kept_size(file)).fold(0, u64::saturating_add);
        let text = format!(
            "  = {} kept, {} not sent again",
            count(kept.len(), "file"),
            format_size(bytes)
        );
        let _ = writeln!(out, "{}", paint(DIM, text));
    }
    out
}

fn find_kept_size(file: &FileChange) -> u64 {
    match file.kind {
        FileChangeKind::Kept(content) => content.size,
        FileChangeKind::Added(_) | FileChangeKind::Replaced { .. } | FileChangeKind::Deleted(_) => {
            0
        }
    }
}

/// Shows files to which the same happens; the rest of many is counted.
fn render_file_group(files: &[&FileChange], width: usize, detail: Detail) -> String {
    let (shown, n_more) = detail.fold(files);
    let mut out: String = shown.iter().map(|file| render_file_line(file, width)).collect();
    if let Some(file) = files.first().filter(|_| n_more > 0) {
        let (symbol, word) = choose_symbol(file.kind);
        let sign = paint(choose_symbol_style(symbol), symbol);
        let _ = writeln!(out, "  {sign} {word}  {}", paint(DIM, format!("… {n_more} more")));
    }
    out
}

/// Returns the sign of what happens to a file, and the word for it.
fn choose_symbol(kind: FileChangeKind) -> (char, &'static str) {
    match kind {
        FileChangeKind::Added(_) => ('+', "upload "),
        FileChangeKind::Replaced { .. } => ('~', "replace"),
        FileChangeKind::Deleted(_) => ('-', "delete "),
        FileChangeKind::Kept(_) => ('=', "keep   "),
    }
}

fn render_file_line(file: &FileChange, width: usize) -> String {
    let (symbol, word) = choose_symbol(file.kind);
    let size = match file.kind {
        FileChangeKind::Added(now) | FileChangeKind::Kept(now) => format_size(now.size),
        FileChangeKind::Replaced { was: (size, _), now } => {
            format!("{} -> {}", format_size(size), format_size(now.size))
        }
        FileChangeKind::Deleted(size) => format_size(size),
    };
    let sign = paint(choose_symbol_style(symbol), symbol);
    let renamed = describe_rename(file, quote_text)
        .map_or_else(String::new, |how| format!("  {}", paint(DIM, format!("({how})"))));
    format!("  {sign} {word}  {:<width$}  {size}{renamed}\n", quote_name(file.key.as_str()))
}

fn render_metadata(plan: &Plan, detail: Detail) -> String {
    if plan.metadata.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(HEADING, "Metadata"));
    for change in &plan.metadata {
        let origin = describe_origin(plan, change.field, quote_text);
        out.push_str(&render_change(change, origin.as_deref(), detail));
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

fn render_communities(plan: &Plan, shown: Vec<&CommunityPlan>) -> String {
    if shown.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(HEADING, "Communities"));
    for community in shown {
        out.push_str(&render_community_line(plan, community));
    }
    out
}

fn render_community_line(plan: &Plan, wanted: &CommunityPlan) -> String {
    let sign = match choose_sign(wanted) {
        '=' => paint(DIM, '='),
        sign => paint(choose_symbol_style(sign), sign),
    };
    let what = describe_community(plan, wanted, quote_text);
    format!("  {sign} {}  {what}\n", escape_text(&wanted.community.0))
}

/// Returns what changes of who has access, a line each. Ends with a line feed.
pub fn render_access_changes(plan: &Plan) -> String {
    let lines = list_access_lines(plan, quote_text).into_iter().filter(|line| line.sign != '=');
    lines.map(|line| render_access_line(&line)).collect()
}

fn render_access_line(line: &AccessLine) -> String {
    let sign = match line.sign {
        '=' => paint(DIM, '='),
        sign => paint(choose_symbol_style(sign), sign),
    };
    format!("  {sign} {}  {}\n", line.who, line.what)
}

fn render_access(plan: &Plan) -> String {
    let mut lines = list_access_lines(plan, quote_text);
    if plan.steps.is_empty() {
        lines.retain(|line| !line.is_as_wanted);
    }
    if lines.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(HEADING, "Access"));
    out.extend(lines.iter().map(render_access_line));
    out
}

fn render_steps(plan: &Plan, detail: Detail) -> String {
    let mut out = format!("\n{}\n", paint(HEADING, "Steps"));
    let width = plan.steps.len().to_string().len();
    let is_like = |a: &Step, b: &Step| discriminant(&a.action) == discriminant(&b.action);
    for steps in plan.steps.chunk_by(is_like) {
        let (shown, n_more) = detail.fold(steps);
        for step in shown {
            let sign = paint(choose_symbol_style(step.action.symbol()), step.action.symbol());
            let what = describe_step(plan, step);
            let _ = writeln!(out, "  {:>width$}. {sign} {what}", step.number);
        }
        if n_more > 0 {
            let last = shown.last().map_or(0, |step| step.number) + n_more;
            let more = format!("… {n_more} more like these, up to step {last}");
            let _ = writeln!(out, "  {:>width$}    {}", "", paint(DIM, more));
        }
    }
    out
}
