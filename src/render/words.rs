//! What a plan says in words, the same in every format. Foreign texts pass through `quote`, which
//! makes them harmless where they are shown.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::model::{Field, FileChange, FileChangeKind, FileKey, RecordId};
use crate::observed::View;
use crate::plan::{Action, Operation, Plan, PlanFlags, Reason, SentFile, Unresolved};

use super::communities::count_community_work;
use super::escape::{Quote, quote_word};
use super::sharing::{count_access_work, describe_share_action};
use super::size::{count, format_size};

/// How many files of a group are named.
const GROUP_NAMES: usize = 4;

/// Returns what the plan does, in parts: the operation first, then counts.
pub(super) fn describe_counts(plan: &Plan, quote: Quote) -> Vec<String> {
    let mut parts = vec![describe_operation(plan, quote)];
    // A record that can't be read is compared with nothing.
    if plan.operation == Operation::Impossible {
        return parts;
    }
    parts.extend(count_file_changes(plan));
    if !plan.metadata.is_empty() {
        let is_new = matches!(plan.operation, Operation::NewRecord { .. });
        let done = if is_new { "set" } else { "changed" };
        parts.push(format!("{} {done}", count(plan.metadata.len(), "metadata field")));
    }
    parts.extend(count_community_work(plan, quote));
    parts.extend(count_access_work(plan));
    let bytes = plan.upload_bytes();
    if bytes > 0 {
        parts.push(format!("{} to upload", format_size(bytes)));
    }
    // A reader takes a publication for granted.
    let is_record_left = plan.operation.is_of_surroundings();
    if !plan.steps.is_empty() && !plan.publishes() && !is_record_left {
        parts.push("not published".to_owned());
    }
    parts
}

/// Returns what publishing does that can't be undone; none when nothing is published.
pub(super) fn describe_publish_warning(plan: &Plan) -> Option<&'static str> {
    let has_doi = plan.gives_doi();
    match (plan.submits_to().is_some(), has_doi) {
        (true, true) => {
            return Some(
                "the community's acceptance publishes it: a DOI is minted then and can't be taken back.",
            );
        }
        (true, false) => {
            return Some("the community's acceptance publishes it: that can't be taken back.");
        }
        (false, _) => {}
    }
    plan.publishes().then_some(if matches!(plan.operation, Operation::Edit { .. }) {
        "the change is public at once."
    } else if has_doi {
        "a DOI is minted and can't be taken back; zrel never changes its files."
    } else {
        "it can't be taken back, and has no DOI; zrel never changes its files."
    })
}

/// Returns what an empty plan compared.
pub(super) fn describe_comparison(plan: &Plan, quote: Quote) -> String {
    let files = count(plan.target.files.len(), "file");
    let fields = count(plan.target.normalize_as_server().len(), "metadata field");
    let draft = match plan.operation {
        Operation::NewRecord { draft } | Operation::NewVersion { draft, .. } => draft,
        Operation::Edit { record, resumed: true } => Some(record),
        Operation::Edit { resumed: false, .. }
        | Operation::Nothing
        | Operation::Communities { .. }
        | Operation::Access { .. }
        | Operation::Impossible => None,
    };
    // What agrees is then a draft that is ready and not to be published, and not the published
    // version.
    let what = match (draft, &plan.base.doi) {
        (Some(draft), _) => format!("Draft {draft}"),
        (None, Some(doi)) => quote(doi.as_str()),
        (None, None) => match plan.base.version {
            Some(id) => format!("Record {id}"),
            None => "The draft".to_owned(),
        },
    };
    // Only the owner can read the checksums of closed files: the lock's are compared.
    let is_open = plan.target.metadata.text(Field::AccessRight).is_none_or(|right| right == "open");
    let how = if plan.view == View::Public && !is_open {
        "by what the lock says was applied"
    } else {
        "by checksum"
    };
    let access = if plan.sharing.refused.is_some() {
        "; who has access was not compared"
    } else if plan.sharing.is_wanted() {
        ", access"
    } else {
        ""
    };
    format!("{what} is as the manifest says: {files} {how}, {fields}{access}.")
}

fn describe_operation(plan: &Plan, quote: Quote) -> String {
    let label = plan.unresolved.iter().find_map(|open| match open {
        Unresolved::Tag(None) => Some(" (known at the tag)".to_owned()),
        Unresolved::Tag(Some(_)) | Unresolved::Day(_) => None,
    });
    let decided = plan.target.metadata.text(Field::Version);
    let label =
        label.or_else(|| decided.map(|label| format!(" {}", quote(label)))).unwrap_or_default();
    match plan.operation {
        Operation::Nothing => "nothing".to_owned(),
        Operation::NewRecord { .. } => format!("new record{label}"),
        Operation::NewVersion { .. } => format!("new version{label}"),
        Operation::Edit { record, .. } => match find_new_doi(plan) {
            Some(doi) => format!("edit of record {record} in place, new DOI {}", quote(doi)),
            None if plan.base.doi.is_none() => format!("edit of record {record} in place"),
            None => format!("edit of record {record} in place, same DOI"),
        },
        Operation::Communities { record } => format!("communities of record {record}"),
        Operation::Access { record } => format!("access to record {record}"),
        Operation::Impossible => "nothing can be planned".to_owned(),
    }
}

/// Says of files that are added or replaced and that no step sends that the draft has them already.
pub(super) fn describe_files_in_draft(plan: &Plan) -> Option<String> {
    let draft = plan.operation.draft()?;
    let sent: BTreeSet<&FileKey> =
        plan.steps.iter().flat_map(|step| step.action.sent_files()).map(|file| &file.key).collect();
    let size_there = |file: &FileChange| match file.kind {
        FileChangeKind::Added(now) | FileChangeKind::Replaced { now, .. } => {
            (!sent.contains(&file.key)).then_some(now.size)
        }
        FileChangeKind::Deleted(_) | FileChangeKind::Kept(_) => None,
    };
    let sizes: Vec<u64> = plan.files.iter().filter_map(size_there).collect();
    let bytes = format_size(sizes.iter().fold(0, |sum: u64, size| sum.saturating_add(*size)));
    let n_files = count(sizes.len(), "file");
    (!sizes.is_empty())
        .then(|| format!("{n_files} of these, {bytes}, in draft {draft} already, not sent again"))
}

/// Returns the other name of a renamed file, and that its bytes travel: the server has no rename.
pub(super) fn describe_rename(file: &FileChange, quote: Quote) -> Option<String> {
    let other = quote(file.renamed.as_ref()?.as_str());
    Some(match file.kind {
        FileChangeKind::Added(_) => format!("renamed from {other}; the bytes are sent again"),
        FileChangeKind::Deleted(_) => format!("renamed to {other}"),
        FileChangeKind::Replaced { .. } | FileChangeKind::Kept(_) => return None,
    })
}

fn count_file_changes(plan: &Plan) -> Vec<String> {
    let number = |test: fn(&FileChangeKind) -> bool, word: &str| {
        let found = || plan.files.iter().filter(|file| test(&file.kind));
        let renamed = match (found().filter(|file| file.renamed.is_some()).count(), found().count())
        {
            (0, _) => String::new(),
            (n, all) if n == all => " (renamed)".to_owned(),
            (n, _) => format!(" ({n} of them renamed)"),
        };
        let n = found().count();
        (n > 0).then(|| format!("{} {word}{renamed}", count(n, "file")))
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

/// Returns which communities contributed to a field.
pub(super) fn describe_origin(plan: &Plan, field: Field, quote: Quote) -> Option<String> {
    let communities = plan.metadata_origins.get(&field)?;
    let mut names: Vec<String> = communities.iter().map(|one| quote(&one.0)).collect();
    let n_more = names.len().saturating_sub(GROUP_NAMES);
    let last = if n_more > 1 {
        names.truncate(GROUP_NAMES);
        format!("{n_more} more")
    } else {
        names.pop()?
    };
    Some(match names.as_slice() {
        [] => format!("for community {last}"),
        names => format!("for communities {} and {last}", names.join(", ")),
    })
}

/// Returns the flags that do exactly what the plan does, each after a blank; empty without any.
pub fn list_decision_flags(plan: &Plan) -> String {
    list_flags(&plan.flags)
}

/// Returns the flags as they are written on a command line, each after a blank.
pub fn list_flags(flags: &PlanFlags) -> String {
    let PlanFlags {
        no_publish,
        initial,
        same_title,
        adopt_draft,
        over,
        ask_again,
        leave,
        publish_declined,
    } = flags;
    let mut out = String::new();
    let set =
        [(no_publish, " --no-publish"), (initial, " --initial"), (same_title, " --same-title")];
    out.extend(set.into_iter().filter(|(is_set, _)| **is_set).map(|(_, flag)| flag));
    let ids = [
        (adopt_draft, "--adopt-draft"),
        (over, "--over"),
        (publish_declined, "--publish-declined"),
    ];
    for (id, flag) in ids {
        if let Some(id) = id {
            let _ = write!(out, " {flag} {id}");
        }
    }
    for (slugs, flag) in [(ask_again, "--ask-again"), (leave, "--leave")] {
        for slug in slugs {
            let _ = write!(out, " {flag} {}", quote_word(&slug.0));
        }
    }
    out
}

/// Returns what the plan was made from.
pub(super) fn describe_basis(plan: &Plan, quote: Quote) -> String {
    let base = &plan.base;
    match (base.version, &base.doi, base.concept) {
        (Some(RecordId::EXPECTED), ..) => {
            let label = base.label.as_ref();
            let label = label.map_or_else(String::new, |label| format!(" {}", quote(label)));
            format!("version{label}, once it is published")
        }
        (Some(id), doi, _) => {
            let label = base.label.as_ref();
            let label = label.map_or_else(String::new, |l| format!("version {}, ", quote(l)));
            let doi = doi.as_ref().map_or_else(|| "no DOI".to_owned(), |doi| quote(doi.as_str()));
            format!("{label}{doi} (record {id})")
        }
        // Another account's record may well be published.
        (_, _, Some(concept)) if plan.operation == Operation::Impossible => {
            format!("concept {concept}, not to be read")
        }
        (_, _, Some(concept)) => format!("concept {concept}, never published"),
        _ => "nothing yet".to_owned(),
    }
}

/// Returns why a draft is opened or continued; none for steps that need no reason.
pub(super) fn describe_reason(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::NothingBound => Some("no record is bound"),
        Reason::FilesDiffer => Some("files differ"),
        Reason::LabelDiffers => Some("the version label differs"),
        Reason::MetadataDiffer => Some("only metadata differ"),
        Reason::LeftOpen => Some("an earlier run left it open"),
        Reason::Reserved => Some("its DOI was reserved"),
        Reason::NothingForeign => Some("it holds only what is published or planned"),
        Reason::Adopted => Some("as --adopt-draft says"),
        Reason::EndsEarlier => Some("its end can't be postponed"),
        Reason::IsOver => Some("it has ended"),
        Reason::NotOnServer
        | Reason::OtherBytes
        | Reason::NotInManifest
        | Reason::NeverWhole
        | Reason::EmptyDoi
        | Reason::NoDoi
        | Reason::NoFiles
        | Reason::MetadataOfDraftDiffer
        | Reason::BeforePublish
        | Reason::ManifestPublishes
        | Reason::AfterPublish
        | Reason::InManifest => None,
    }
}

/// Returns what a step does.
pub(super) fn describe_action(plan: &Plan, action: &Action, quote: Quote) -> String {
    match action {
        Action::CreateDraft => "create a draft".to_owned(),
        Action::OpenVersion { from: RecordId::EXPECTED } => {
            "open a new version of the record".to_owned()
        }
        Action::OpenVersion { from } => format!("open a new version of record {from}"),
        Action::OpenEdit { record } => format!("open record {record} for editing"),
        Action::Resume { draft } => format!("continue draft {draft}"),
        Action::ReserveDoi => "reserve the DOI that the server mints".to_owned(),
        Action::ImportFiles => "take over the files of the version before".to_owned(),
        Action::ReplaceMetadata => "replace the metadata".to_owned(),
        Action::DropFile { key } => {
            format!("delete {}, which never came whole", quote(key.as_str()))
        }
        // The server refuses a replacement beside other uploads, and many one by one take longer.
        Action::DeleteFile { key } if plan.target.files.iter().any(|file| file.key == *key) => {
            format!("delete {} from the draft, to send its new bytes below", quote(key.as_str()))
        }
        Action::DeleteFile { key } => format!("delete {}", quote(key.as_str())),
        Action::UploadFile(file) => format!("upload {}", describe_sent(file, quote)),
        Action::UploadFiles(files) => {
            let bytes = format_size(action.upload_size().unwrap_or_default());
            format!(
                "upload {} ({bytes}), several at a time: {}",
                count(files.len(), "file"),
                list_names(files, quote)
            )
        }
        Action::ReplaceFile(file) => format!("replace {}", describe_sent(file, quote)),
        Action::ReadBack => "read the draft back and compare every file and field".to_owned(),
        Action::Publish => describe_publish(plan, quote),
        Action::ReadRecord => "compare the published record once more".to_owned(),
        Action::SubmitReview { community } => format!(
            "submit to community {} for review: its acceptance publishes, and can't be undone",
            quote(&community.0)
        ),
        Action::AskCommunity { community } => format!("ask community {}", quote(&community.0)),
        Action::LeaveCommunity { community } => {
            format!("take the record out of community {}", quote(&community.0))
        }
        Action::Share(action) => describe_share_action(action, quote),
    }
}

fn describe_sent(file: &SentFile, quote: Quote) -> String {
    format!("{} ({})", quote(file.key.as_str()), format_size(file.size))
}

/// Returns the names of several files; the rest of many is counted, since the plan lists every file
/// above its steps.
fn list_names(files: &[SentFile], quote: Quote) -> String {
    let mut names: Vec<_> = files.iter().map(|file| quote(file.key.as_str())).collect();
    let n_more = names.len().saturating_sub(GROUP_NAMES);
    let last = if n_more > 1 {
        names.truncate(GROUP_NAMES);
        format!("{n_more} more")
    } else {
        names.pop().unwrap_or_default()
    };
    format!("{} and {last}", names.join(", "))
}

/// Returns the DOI that an edit gives to a record in place of the one it has.
fn find_new_doi(plan: &Plan) -> Option<&str> {
    let planned = plan.target.metadata.text(Field::Doi)?;
    let is_other = plan.base.doi.as_ref().is_some_and(|doi| doi.as_str() != planned);
    is_other.then_some(planned)
}

fn describe_publish(plan: &Plan, quote: Quote) -> String {
    if let (Operation::Edit { .. }, Some(doi)) = (plan.operation, &plan.base.doi) {
        let old = quote(doi.as_str());
        return match find_new_doi(plan) {
            Some(new) => format!("publish, DOI {old} becomes {}: can't be undone", quote(new)),
            None => format!("publish, DOI {old} stays"),
        };
    }
    if let Some(doi) = plan.target.metadata.text(Field::Doi) {
        return format!("publish as {}: can't be undone", quote(doi));
    }
    // Only an open draft has an id.
    match plan.operation.draft().and_then(|id| plan.server.mint_doi(id.0)) {
        Some(doi) => format!("publish as {}: can't be undone", quote(doi.as_str())),
        None if plan.server.mints_dois => {
            "publish (DOI known after apply): can't be undone".to_owned()
        }
        // The files stay, and another edit can follow.
        None if matches!(plan.operation, Operation::Edit { .. }) => {
            "publish, without a DOI as before".to_owned()
        }
        None => "publish, without a DOI: can't be undone".to_owned(),
    }
}
