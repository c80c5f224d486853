//! Checks that what a plan shows follows from what it would do.
//!
//! A plan that was read from a file may have been changed by hand. Its digest covers what is done;
//! what the digest leaves out is checked here against that: the steps, the state of communities,
//! the draft, the values that are still open.

use std::collections::BTreeSet;

use crate::compare;
use crate::model::{Field, FieldChange, FileChange, FileChangeKind, FileKey, RecordId, Value};
use crate::observed::View;

use super::communities::{do_communities_follow, list_community_actions};
use super::lost_parts::can_be_lost;
use super::share_steps::{does_sharing_follow, list_share_actions};
use super::steps::{FileApi, assemble, number_steps, plan_file_actions};
use super::{
    Action, Base, Blocker, FileWork, MetadataApi, Operation, Plan, PlannedFile, Reason, SentFile,
    Step, Unresolved,
};

/// Finds the part of a plan that does not follow from the rest; none in a plan that zrel made.
pub(super) fn find_contradiction(plan: &Plan) -> Option<&'static str> {
    let follows = [
        ("operation", does_operation_follow(plan)),
        ("steps", do_steps_follow(plan)),
        ("files", do_renames_follow(plan)),
        ("communities", do_communities_follow(plan)),
        ("access", does_sharing_follow(plan)),
        ("unresolved", do_open_values_follow(plan)),
        ("view", does_view_follow(plan)),
        ("stray_draft", plan.stray_draft == find_stray_draft(plan.operation, &plan.base)),
        ("basis", does_last_applied_follow(plan)),
        ("metadata_api", does_metadata_api_follow(plan)),
    ];
    follows.into_iter().find(|(_, follows)| !follows).map(|(name, _)| name)
}

/// Returns whether the operation is about the version that the plan is based on.
fn does_operation_follow(plan: &Plan) -> bool {
    match plan.operation {
        Operation::NewVersion { from: record, .. }
        | Operation::Edit { record, .. }
        | Operation::Communities { record }
        | Operation::Access { record } => plan.base.version == Some(record),
        Operation::Nothing | Operation::NewRecord { .. } | Operation::Impossible => true,
    }
}

/// Returns whether the API that replaces the metadata is one that the target needs. The records API
/// needs no reason where a draft is continued.
fn does_metadata_api_follow(plan: &Plan) -> bool {
    match &plan.metadata_api {
        MetadataApi::Deposit => true,
        MetadataApi::Records { fields, places } => {
            *fields == compare::list_native_fields(&plan.target.metadata)
                && (!fields.is_empty() || !places.is_empty() || plan.operation.continues())
                && do_losses_follow(plan)
        }
        MetadataApi::RecordsAlone { .. } => do_losses_follow(plan),
    }
}

/// Returns whether a plan of the records API can lose this: what an open draft holds, or parts of
/// entries.
fn do_losses_follow(plan: &Plan) -> bool {
    plan.base.draft.is_some() || plan.unsupported.iter().all(can_be_lost)
}

fn do_steps_follow(plan: &Plan) -> bool {
    let body = match plan.operation {
        Operation::Nothing | Operation::Impossible => return plan.steps.is_empty(),
        Operation::Communities { .. } | Operation::Access { .. } => Some(Vec::new()),
        // How much of an open draft is done already only the server knows, so writes may be
        // missing.
        Operation::NewRecord { draft: Some(draft) }
        | Operation::NewVersion { draft: Some(draft), .. }
        | Operation::Edit { record: draft, resumed: true } => find_resumed_body(plan, draft),
        Operation::NewRecord { draft: None } => {
            Some(build_opened_body(plan, (Action::CreateDraft, Reason::NothingBound)))
        }
        Operation::NewVersion { from, draft: None } => {
            Some(build_opened_body(plan, (Action::OpenVersion { from }, find_cause(plan))))
        }
        Operation::Edit { record, resumed: false } => {
            Some(build_opened_body(plan, (Action::OpenEdit { record }, find_cause(plan))))
        }
    };
    body.is_some_and(|mut body| {
        body.extend(list_community_actions(&plan.communities));
        body.extend(list_share_actions(&plan.sharing));
        number_steps(body) == plan.steps
    })
}

/// Returns why a version or an edit is wanted.
fn find_cause(plan: &Plan) -> Reason {
    if matches!(plan.operation, Operation::Edit { .. }) {
        Reason::MetadataDiffer
    } else if plan.files.iter().any(|file| !file.is_kept()) {
        Reason::FilesDiffer
    } else {
        Reason::LabelDiffers
    }
}

/// Returns the steps of a draft that is opened by the plan: all that differs from the basis.
fn build_opened_body(plan: &Plan, first: (Action, Reason)) -> Vec<(Action, Reason)> {
    // A draft that was only now opened always needs its metadata: the server changes them.
    let mut writes = Vec::new();
    if plan.reserves_doi() {
        writes.push((Action::ReserveDoi, Reason::NoDoi));
    }
    writes.push((Action::ReplaceMetadata, Reason::MetadataOfDraftDiffer));
    if !matches!(plan.operation, Operation::Edit { .. }) {
        let deleted = plan.files.iter().filter(|file| is_deleted(file));
        let deleted = deleted.map(|file| FileWork::Delete(file.key.clone()));
        let sent = plan.files.iter().filter_map(|file| {
            let planned = find_planned(plan, &file.key)?.clone();
            match file.kind {
                FileChangeKind::Added(_) => Some(FileWork::Upload(planned)),
                FileChangeKind::Replaced { .. } => Some(FileWork::Replace(planned)),
                FileChangeKind::Deleted(_) | FileChangeKind::Kept(_) => None,
            }
        });
        let api = match plan.metadata_api {
            MetadataApi::RecordsAlone { .. } => FileApi::Records,
            MetadataApi::Deposit | MetadataApi::Records { .. } => FileApi::Bucket,
        };
        writes.extend(plan_file_actions(deleted.chain(sent).collect(), api));
    }
    assemble(first, writes, &plan.ending())
}

/// Returns the steps of a draft that is open already, when its writes are ones that the plan can
/// have; none otherwise.
fn find_resumed_body(plan: &Plan, draft: RecordId) -> Option<Vec<(Action, Reason)>> {
    let is_seen = plan.base.draft.is_some_and(|open| open.id == draft);
    // The draft of a lost create call is known by its title alone.
    if !is_seen && !matches!(plan.operation, Operation::NewRecord { .. }) {
        return None;
    }
    let is_of_draft = |step: &&Step| !matches!(step.action, Action::Share(_));
    let Some(first) = plan.steps.first().filter(is_of_draft) else {
        // The draft is ready and is not to be published.
        return Some(Vec::new());
    };
    let is_foreign = plan.blockers.iter().any(|blocker| {
        matches!(blocker, Blocker::ForeignDraft { draft: foreign, .. } if *foreign == draft)
    });
    let is_reason = if first.reason == Reason::Adopted {
        plan.flags.adopt_draft == Some(draft)
    } else if is_foreign {
        // Nobody may continue the draft: the step says what it would be needed for.
        first.reason == find_cause(plan)
    } else {
        matches!(first.reason, Reason::LeftOpen | Reason::Reserved | Reason::NothingForeign)
    };
    if first.action != (Action::Resume { draft }) || !is_reason {
        return None;
    }
    let writes: Vec<&Step> =
        plan.steps.iter().skip(1).take_while(|step| step.action != Action::ReadBack).collect();
    if !are_possible(plan, &writes) {
        return None;
    }
    let writes = writes.into_iter().map(|step| (step.action.clone(), step.reason)).collect();
    let resumed = (first.action.clone(), first.reason);
    Some(assemble(resumed, writes, &plan.ending()))
}

/// Returns whether each file with another name is a deleted or an added one, and the file of that
/// name is the opposite, has its size, and names it.
fn do_renames_follow(plan: &Plan) -> bool {
    plan.files.iter().all(|file| {
        let Some(other) = &file.renamed else { return true };
        let other = plan.files.iter().find(|there| there.key == *other);
        other.is_some_and(|other| {
            let has_one_size = match (file.kind, other.kind) {
                (FileChangeKind::Added(new), FileChangeKind::Deleted(size))
                | (FileChangeKind::Deleted(size), FileChangeKind::Added(new)) => new.size == size,
                _ => false,
            };
            has_one_size && other.renamed.as_ref() == Some(&file.key)
        })
    })
}

fn is_deleted(file: &FileChange) -> bool {
    matches!(file.kind, FileChangeKind::Deleted(_))
}

fn find_planned<'a>(plan: &'a Plan, key: &FileKey) -> Option<&'a PlannedFile> {
    plan.target.files.iter().find(|file| file.key == *key)
}

/// Returns whether the writes to an open draft are some of those that lead to the target, in their
/// order: the DOI, metadata, what never came whole, deletions, what is sent.
fn are_possible(plan: &Plan, writes: &[&Step]) -> bool {
    let ranks: Option<Vec<_>> = writes.iter().map(|step| rank(plan, step)).collect();
    ranks.is_some_and(|ranks| ranks.is_sorted_by(|a, b| a < b)) && is_each_sent_once(writes)
}

/// Returns whether no file is sent by two steps, and each that is deleted to be sent again is sent.
fn is_each_sent_once(writes: &[&Step]) -> bool {
    let sent = || writes.iter().flat_map(|step| step.action.sent_files());
    let keys: BTreeSet<&FileKey> = sent().map(|file| &file.key).collect();
    let is_sent_again = |step: &&Step| match (&step.action, step.reason) {
        (Action::DeleteFile { key }, Reason::OtherBytes) => keys.contains(key),
        _ => true,
    };
    keys.len() == sent().count() && writes.iter().all(is_sent_again)
}

/// Returns where a write belongs in the order; none for one that does not lead to the target.
fn rank<'a>(plan: &Plan, step: &'a Step) -> Option<(u8, &'a str, u8)> {
    let is_edit = matches!(plan.operation, Operation::Edit { .. });
    match (&step.action, step.reason) {
        (Action::ReserveDoi, Reason::EmptyDoi) => Some((0, "", 0)),
        (Action::ReserveDoi, Reason::NoDoi) => plan.reserves_doi().then_some((0, "", 0)),
        (Action::ImportFiles, Reason::NoFiles) => {
            let is_version = matches!(plan.operation, Operation::NewVersion { .. });
            let is_of_records = matches!(plan.metadata_api, MetadataApi::RecordsAlone { .. });
            (is_version && is_of_records).then_some((0, "", 1))
        }
        (Action::ReplaceMetadata, Reason::MetadataOfDraftDiffer) => Some((1, "", 0)),
        (Action::DropFile { key }, Reason::NeverWhole) => Some((2, key.as_str(), 0)),
        (Action::DeleteFile { key }, Reason::NotInManifest) if !is_edit => {
            find_planned(plan, key).is_none().then_some((3, key.as_str(), 0))
        }
        // A file in a folder, or one of many, is deleted before it is sent again.
        (Action::DeleteFile { key }, Reason::OtherBytes) if !is_edit => {
            find_planned(plan, key).map(|_| (4, key.as_str(), 0))
        }
        (Action::UploadFile(file), Reason::NotOnServer) if !is_edit => {
            // What is new and in no folder is sent last.
            let is_last = !file.key.is_in_folder();
            let place = if is_last { (5, "", 1) } else { (4, file.key.as_str(), 1) };
            is_target(plan, file).then_some(place)
        }
        (Action::ReplaceFile(file), Reason::OtherBytes) if !is_edit => {
            is_target(plan, file).then_some((4, file.key.as_str(), 1))
        }
        (Action::UploadFiles(files), Reason::NotOnServer) if !is_edit => {
            is_group(plan, files).then_some((5, "", 1))
        }
        _ => None,
    }
}

/// Returns whether a file that is sent is the target's: a size or an MD5 other than that was
/// changed by hand.
fn is_target(plan: &Plan, sent: &SentFile) -> bool {
    find_planned(plan, &sent.key).is_some_and(|file| SentFile::from(file.clone()) == *sent)
}

/// Returns whether these files can be sent in one step.
fn is_group(plan: &Plan, files: &[SentFile]) -> bool {
    let is_new = |file: &SentFile| !file.key.is_in_folder() && is_target(plan, file);
    files.len() >= 2 && files.iter().all(is_new) && files.is_sorted_by(|a, b| a.key < b.key)
}

/// Returns whether each value that is decided only at the apply is shown as it is now, the same in
/// every place.
fn do_open_values_follow(plan: &Plan) -> bool {
    let place = |change: &FieldChange| Field::ALL.iter().position(|field| *field == change.field);
    let is_in_order = plan.metadata.is_sorted_by(|a, b| place(a) < place(b));
    // The only pair that passes is `Day` before `Tag`, so neither appears twice.
    let has_each_once = plan
        .unresolved
        .is_sorted_by(|a, b| matches!((a, b), (Unresolved::Day(_), Unresolved::Tag(_))));
    is_in_order
        && has_each_once
        && plan.unresolved.iter().all(|open| match open {
            Unresolved::Day(day) => {
                // A new record sets its date; a version's may be that of today already.
                let is_new = matches!(plan.operation, Operation::NewRecord { .. });
                let date = |change: &FieldChange| change.field == Field::PublicationDate;
                let planned = plan.target.metadata.text(Field::PublicationDate);
                (!is_new || plan.metadata.iter().any(date))
                    && day.as_deref().is_none_or(|day| planned == Some(day))
                    && is_shown_as_planned(plan, Field::PublicationDate)
            }
            Unresolved::Tag(label) => does_label_follow(plan, label.as_deref()),
        })
}

fn is_shown_as_planned(plan: &Plan, field: Field) -> bool {
    let change = plan.metadata.iter().find(|change| change.field == field);
    change.is_none_or(|change| change.after.as_ref() == plan.target.metadata.get(field))
}

/// Returns whether the label of a tag is the target's, and is shown as a change exactly when it is
/// one.
fn does_label_follow(plan: &Plan, label: Option<&str>) -> bool {
    let change = plan.metadata.iter().find(|change| change.field == Field::Version);
    let text = |value: Option<&Value>| value.map(|value| value.items().concat());
    let is_shown = match (change, label) {
        (None, None) => true,
        (None, Some(label)) => plan.base.label.as_deref() == Some(label),
        (Some(_), None) => false,
        (Some(change), Some(_)) => text(change.before.as_ref()) == plan.base.label,
    };
    is_shown
        && plan.target.metadata.text(Field::Version) == label
        && is_shown_as_planned(plan, Field::Version)
}

/// Returns whether the plan was read with the rights that it shows: only the owner sees a record's
/// drafts and its revision.
fn does_view_follow(plan: &Plan) -> bool {
    let resumes = matches!(
        plan.operation,
        Operation::NewRecord { draft: Some(_) }
            | Operation::NewVersion { draft: Some(_), .. }
            | Operation::Edit { resumed: true, .. }
    );
    let owner_only = plan.base.draft.is_some()
        || plan.stray_draft.is_some()
        || plan.base.revision.is_some()
        || resumes;
    plan.view == View::Owner || !owner_only
}

/// Finds an open draft that the plan does not use.
pub(super) fn find_stray_draft(operation: Operation, base: &Base) -> Option<RecordId> {
    let open = base.draft?.id;
    (operation.draft() != Some(open)).then_some(open)
}

fn does_last_applied_follow(plan: &Plan) -> bool {
    let (last_applied, version) = (plan.base.last_applied, plan.base.version);
    // The digest does not cover it there; an older zrel wrote the latest version.
    if plan.operation.is_idle() && last_applied.is_some() && last_applied != version {
        return false;
    }
    plan.blockers.iter().chain(&plan.settled).all(|blocker| {
        if let Blocker::NotLastApplied { last, latest } = blocker {
            plan.base.last_applied == Some(*last) && plan.base.version == Some(*latest)
        } else {
            true
        }
    })
}
