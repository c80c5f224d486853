//! A plan for a terminal: summary first, what can't be undone before the rest.

use std::fmt::Write;

use crate::check::{Checked, Verdict};
use crate::model::{FileChange, FileChangeKind};
use crate::observed::Standing;
use crate::plan::{
    Action, CommunityPlan, Obstacle, Operation, Plan, Reason, Step, Unresolved, digest,
};

use super::escape::shown;
use super::size::{count, human_size};
use super::style::{DANGER, DIM, HEADING, of_symbol, paint};
use super::values::change_lines;

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
        return format!("{} {}", paint(HEADING, "No changes."), compared(plan));
    }
    let lead = match checked.verdict() {
        Verdict::Ready => String::new(),
        Verdict::NeedsConfirmation => paint(DANGER, "Needs a person's word. "),
        Verdict::Blocked => paint(DANGER, "Blocked. "),
    };
    let mut parts = vec![operation(plan)];
    parts.extend(file_counts(plan));
    if !plan.metadata.is_empty() {
        let is_new = matches!(plan.operation, Operation::NewRecord { .. });
        let done = if is_new { "set" } else { "changed" };
        parts.push(format!("{} {done}", count(plan.metadata.len(), "metadata field")));
    }
    let asked = plan.communities.iter().filter(|community| community.ask).count();
    if asked > 0 {
        let word = if asked == 1 { "community" } else { "communities" };
        parts.push(format!("{asked} {word} to ask"));
    }
    let bytes = plan.upload_bytes();
    if bytes > 0 {
        parts.push(format!("{} to upload", human_size(bytes)));
    }
    let mut summary = format!("{lead}{} {}.", paint(HEADING, "Plan:"), parts.join(", "));
    if plan.publishes() {
        let warning = if matches!(plan.operation, Operation::Edit { .. }) {
            "! publishes: the change is public at once."
        } else {
            "! publishes: a DOI is minted and can't be taken back; its files never change."
        };
        let _ = write!(summary, "\n{}", paint(DANGER, warning));
    }
    summary
}

fn compared(plan: &Plan) -> String {
    let files = count(plan.target.files.len(), "file");
    let fields = count(plan.target.metadata.len(), "metadata field");
    let what = match &plan.basis.doi {
        Some(doi) => doi.to_string(),
        None => "the draft".to_owned(),
    };
    format!("{what} is as the manifest says: {files} by checksum, {fields}.")
}

fn operation(plan: &Plan) -> String {
    let label = plan.unresolved.iter().find_map(|open| match open {
        Unresolved::Tag(None) => Some("(known at the tag)".to_owned()),
        Unresolved::Tag(Some(_)) | Unresolved::Today => None,
    });
    let label = label
        .or_else(|| plan.target.metadata.text(crate::model::Field::Version).map(str::to_owned))
        .map_or_else(String::new, |label| format!(" {}", shown(&label)));
    match plan.operation {
        Operation::Nothing => "nothing".to_owned(),
        Operation::NewRecord { .. } => format!("new record{label}"),
        Operation::NewVersion { .. } => format!("new version{label}"),
        Operation::Edit { record, .. } => format!("edit of record {record} in place, same DOI"),
        Operation::Communities { record } => format!("communities of record {record}"),
        Operation::Impossible => "nothing can be planned".to_owned(),
    }
}

fn file_counts(plan: &Plan) -> Vec<String> {
    let number = |test: fn(&FileChangeKind) -> bool, word: &str| {
        let n = plan.files.iter().filter(|file| test(&file.kind)).count();
        (n > 0).then(|| format!("{} {word}", count(n, "file")))
    };
    [
        number(|kind| matches!(kind, FileChangeKind::Added(_)), "added"),
        number(|kind| matches!(kind, FileChangeKind::Replaced { .. }), "replaced"),
        number(|kind| matches!(kind, FileChangeKind::Deleted(_)), "deleted"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn head(plan: &Plan) -> String {
    let title = plan.target.metadata.text(crate::model::Field::Title).unwrap_or("(no title)");
    let mut out = format!("{}\n", paint(HEADING, shown(title)));
    let _ = writeln!(out, "server  {}", shown(&plan.server.to_string()));
    let _ = writeln!(out, "basis   {}\n", basis(plan));
    out
}

fn basis(plan: &Plan) -> String {
    let basis = &plan.basis;
    match (basis.version, &basis.doi, basis.concept) {
        (Some(id), Some(doi), _) => {
            let label = basis
                .label
                .as_ref()
                .map_or_else(String::new, |l| format!("version {}, ", shown(l)));
            format!("{label}{doi} (record {id})")
        }
        (_, _, Some(concept)) => format!("concept {concept}, never published"),
        _ => "nothing yet".to_owned(),
    }
}

fn files(plan: &Plan) -> String {
    let is_edit = matches!(plan.operation, Operation::Edit { .. } | Operation::Communities { .. });
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

/// The server has no rename: the same bytes under another name travel again.
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
    let changed_away = plan.metadata.iter().filter(|change| change.after.is_none()).count();
    let n_same =
        (plan.target.as_returned().len() + changed_away).saturating_sub(plan.metadata.len());
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
    let CommunityPlan { community, standing, ask } = wanted;
    let is_unknown = plan.obstacles.contains(&Obstacle::UnknownCommunity(community.clone()));
    let state = match (ask, standing) {
        (true, Some(Standing::Declined)) => "is asked again: it declined before",
        (true, _) => "is asked; its curators decide",
        (false, Some(Standing::Joined)) => "has the record",
        (false, Some(Standing::Pending)) => "was asked and has not answered",
        (false, Some(Standing::Declined)) => "declined; asked again only with --ask-again",
        (false, None) if is_unknown => "is not known to the server",
        (false, Some(Standing::Withdrawn) | None) => "is asked once a version is published",
    };
    let sign = if *ask { paint(of_symbol('>'), '>') } else { paint(DIM, '=') };
    format!("  {sign} {}  {state}\n", shown(&community.0))
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

/// Returns a step in words, with its reason.
pub(super) fn step_words(plan: &Plan, step: &Step) -> String {
    let what = action_words(plan, &step.action);
    match step.reason {
        Reason::NothingBound
        | Reason::FilesDiffer
        | Reason::LabelDiffers
        | Reason::MetadataDiffer
        | Reason::LeftOpen
        | Reason::Adopted => format!("{what} {}", paint(DIM, format!("({})", why(step.reason)))),
        Reason::NotOnServer
        | Reason::OtherBytes
        | Reason::NotInManifest
        | Reason::MetadataOfDraftDiffer
        | Reason::BeforePublish
        | Reason::ManifestPublishes
        | Reason::AfterPublish
        | Reason::InManifest => what,
    }
}

fn action_words(plan: &Plan, action: &Action) -> String {
    match action {
        Action::CreateDraft => "create a draft".to_owned(),
        Action::OpenVersion { from } => format!("open a new version of record {from}"),
        Action::OpenEdit { record } => format!("open record {record} for editing"),
        Action::Resume { draft } => format!("go on with draft {draft}"),
        Action::ReplaceMetadata => "replace the metadata".to_owned(),
        Action::DeleteFile { key } => format!("delete {}", shown(key.as_str())),
        Action::UploadFile { key, size, .. } => {
            format!("upload {} ({})", shown(key.as_str()), human_size(*size))
        }
        Action::ReplaceFile { key, size, .. } => {
            format!("replace {} ({})", shown(key.as_str()), human_size(*size))
        }
        Action::ReadBack => "read the draft back and compare every file and field".to_owned(),
        Action::Publish => publish_words(plan),
        Action::ReadRecord => "read the record and compare once more".to_owned(),
        Action::AskCommunity { community } => format!("ask community {}", shown(&community.0)),
    }
}

fn publish_words(plan: &Plan) -> String {
    match (plan.operation, &plan.basis.doi, &plan.server.doi_prefix) {
        (Operation::Edit { .. }, Some(doi), _) => format!("publish, DOI {doi} stays"),
        (
            Operation::NewRecord { draft: Some(id) }
            | Operation::NewVersion { draft: Some(id), .. },
            _,
            Some(prefix),
        ) => {
            format!("publish as {prefix}/zenodo.{id}: can't be undone")
        }
        _ => "publish (DOI known after apply): can't be undone".to_owned(),
    }
}

fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::NothingBound => "no record is bound",
        Reason::FilesDiffer => "files differ",
        Reason::LabelDiffers => "the version label differs",
        Reason::MetadataDiffer => "only metadata differ",
        Reason::LeftOpen => "an earlier run left it open",
        Reason::Adopted => "as --adopt-draft says",
        Reason::NotOnServer => "the draft does not have it",
        Reason::OtherBytes => "other bytes",
        Reason::NotInManifest => "the manifest does not name it",
        Reason::MetadataOfDraftDiffer => "the draft's metadata differ",
        Reason::BeforePublish => "nothing is published that was not compared",
        Reason::ManifestPublishes => "the manifest wants it published",
        Reason::AfterPublish => "somebody could have got in between",
        Reason::InManifest => "the manifest names it",
    }
}
