//! Writes into the lock what an earlier run did and did not record. Beside an apply, `rebuild_lock`
//! and `import`, nothing else writes entries.

use std::collections::BTreeMap;

use crate::apply::Applied;
use crate::check::Checked;
use crate::model::{BoundRecord, Community, Field, OpenDraft, RecordId};
use crate::observed::{CommunityStatus, Observed, Record, SharingState};
use crate::plan::{Operation, Plan, is_reserved_release};

use super::EngineError;
use super::applied_files::list_applied;
use super::project::{PlanInputs, Project};
use super::receipt::{Released, hash_published, is_receipt_missing, keep_receipt};

/// Records what is on the server when nothing is left to do, and ends the journal. The published
/// record is recorded only when it is what the manifest says, and a draft is not.
///
/// # Errors
/// [`EngineError::Lock`] and [`EngineError::JournalUnwritten`].
pub fn settle(
    project: &Project,
    inputs: &mut PlanInputs,
    observed: &Observed,
    checked: &Checked,
) -> Result<(), EngineError> {
    let entry = inputs.lock.entry_mut(&project.server);
    let is_settled = checked.plan().operation == Operation::Nothing;
    if let Some(record) = observed.published().filter(|_| is_settled) {
        let label = record.metadata.text(Field::Version).unwrap_or_default().to_owned();
        entry.bind(record.concept);
        entry.record.note_last(record.id, label, checked.plan().list_version_dois());
        // A draft that is still open is the work of another run.
        if observed.draft.is_none() {
            entry.record.close_draft();
        }
        let wanted = inputs.desired.list_communities();
        note_asked(observed, &wanted, &mut entry.record.asked);
        entry.record.files =
            list_applied(&inputs.desired.files, &record.files, &entry.record.files);
    } else if let Some(draft) = &observed.draft {
        entry.bind(draft.concept);
        entry.record.open_draft(draft.named());
    }
    note_access(observed, checked.plan(), &mut inputs.lock.entry_mut(&project.server).record);
    let saved = inputs.lock.save_entry(&project.lock_path(), &project.server);
    saved.map_err(|error| project.paths.lock_error(error))?;
    if let Some(record) = observed.published().filter(|_| is_settled) {
        keep_left_receipt(project, inputs, record);
        keep_missing_receipt(project, inputs, record);
    }
    project.journal().end().map_err(EngineError::JournalUnwritten)
}

/// Writes the receipt of a version that an unfinished run published and could not record.
fn keep_left_receipt(project: &Project, inputs: &PlanInputs, record: &Record) {
    let Some(run) = &inputs.unfinished_run else { return };
    let is_its = run.published == Some(record.id)
        || run.unfinished.draft == Some(OpenDraft::Version(record.id));
    if !is_its {
        return;
    }
    let released = Released {
        record: record.clone(),
        previous: find_previous(inputs.binding.record.as_ref(), record.id),
        plan_digest: Some(run.unfinished.digest),
        // Only the run that published it knew.
        begun: None,
        files: &inputs.desired.files,
        sha256: hash_published(&inputs.desired.files, &record.files),
    };
    // The notice is in the log: a run that has nothing to do has nobody who waits for it.
    let _ = keep_receipt(project, &released);
}

/// Finds the version before one, as far as the lock knows it: the one that was published last, where
/// ids do not tell.
fn find_previous(known: Option<&BoundRecord>, id: RecordId) -> Option<RecordId> {
    let known = known?;
    let is_before = |version: &RecordId| id.0.is_after(version.0) == Some(true);
    let before = known.versions.keys().copied().filter(is_before).max();
    before.or(known.last.filter(|last| id.0.is_after(last.0).is_none()))
}

/// Notes in the lock the version that was published of the draft that an unfinished run left: by a
/// community that accepted it, or by a call whose answer was lost. Then writes its receipt, and returns
/// the version; none where there is no such version.
///
/// # Errors
/// [`EngineError::Lock`].
pub fn note_release_of_draft(
    project: &Project,
    inputs: &mut PlanInputs,
    observed: &Observed,
) -> Result<Option<Record>, EngineError> {
    let Some(record) = observed.published() else { return Ok(None) };
    let left = inputs.unfinished_run.as_ref().and_then(|run| run.unfinished.draft);
    let is_noted = inputs.binding.record.as_ref().is_some_and(|it| it.last == Some(record.id));
    if left != Some(OpenDraft::Version(record.id)) || is_noted {
        return Ok(None);
    }
    keep_left_receipt(project, inputs, record);
    note_version(project, inputs, record)?;
    Ok(Some(record.clone()))
}

/// Writes the receipt of the version that the lock has as the last, where releases are made here and it
/// has none: the run that published it was killed, or the receipt was lost. What only that run knew is
/// left out.
fn keep_missing_receipt(project: &Project, inputs: &PlanInputs, record: &Record) {
    // As the lock was before this run: a version that it did not have was published elsewhere.
    let Some(known) = &inputs.binding.record else { return };
    if known.last != Some(record.id) || !is_receipt_missing(project, record.id) {
        return;
    }
    let released = Released {
        record: record.clone(),
        previous: find_previous(Some(known), record.id),
        plan_digest: None,
        begun: None,
        files: &inputs.desired.files,
        sha256: hash_published(&inputs.desired.files, &record.files),
    };
    let _ = keep_receipt(project, &released);
}

/// Notes in the lock the version that an apply elsewhere published of the draft that this lock has,
/// as it was reserved.
///
/// # Errors
/// [`EngineError::Lock`].
pub fn note_reserved_release(
    project: &Project,
    inputs: &mut PlanInputs,
    observed: &Observed,
) -> Result<(), EngineError> {
    let Some(record) =
        observed.published().filter(|_| is_reserved_release(&inputs.binding, observed))
    else {
        return Ok(());
    };
    note_version(project, inputs, record)
}

/// Notes in the lock a version that was published of the open draft.
fn note_version(
    project: &Project,
    inputs: &mut PlanInputs,
    record: &Record,
) -> Result<(), EngineError> {
    let entry = inputs.lock.entry_mut(&project.server);
    let label = record.metadata.text(Field::Version).unwrap_or_default().to_owned();
    entry.bind(record.concept);
    // Which links it was published with shows once its plan has nothing to do.
    entry.record.note_last(record.id, label, BTreeMap::new());
    entry.record.close_draft();
    let saved = inputs.lock.save_entry(&project.lock_path(), &project.server);
    saved.map_err(|error| project.paths.lock_error(error))?;
    inputs.binding = project.binding(&inputs.lock, inputs.desired.concept);
    Ok(())
}

/// Settles a plan that has nothing to do, and returns what is on the server.
///
/// # Errors
/// Those of [`settle`].
pub fn settle_empty(
    project: &Project,
    inputs: &mut PlanInputs,
    observed: Observed,
    checked: &Checked,
) -> Result<Applied, EngineError> {
    settle(project, inputs, &observed, checked)?;
    // A finished draft leaves an empty plan too; the published record is then an older version.
    let is_published = checked.plan().operation == Operation::Nothing;
    let record = observed.published().filter(|_| is_published).cloned();
    let awaited = checked.plan().communities.iter().filter(|one| one.is_awaited());
    let waits_for = awaited.map(|one| one.community.clone()).collect();
    Ok(Applied { record, draft: observed.draft, waits_for })
}

/// Notes what is there of the access that zrel gave, and forgets what is gone.
fn note_access(observed: &Observed, plan: &Plan, record: &mut BoundRecord) {
    plan.sharing.note_given(record);
    if let SharingState::Read(read) = &observed.sharing {
        record.granted.retain(|grantee, _| read.grants.iter().any(|(known, _)| known == grantee));
        record.shared_links.retain(|name, _| read.links.iter().any(|link| link.name == *name));
    }
}

/// Notes which communities were asked, and about which version: plans without a token can't see
/// requests, and the others would have to look at every version.
fn note_asked(
    observed: &Observed,
    wanted: &[Community],
    asked: &mut BTreeMap<Community, Option<RecordId>>,
) {
    for (community, state) in &observed.communities {
        match state.status {
            CommunityStatus::Pending | CommunityStatus::Declined | CommunityStatus::Left => {
                asked.insert(community.clone(), observed.asked_about.get(community).copied());
            }
            CommunityStatus::Withdrawn => {
                asked.remove(community);
            }
            CommunityStatus::Joined | CommunityStatus::Closed => {}
        }
    }
    // Nothing is left to do about a community that the manifest does not name any more, and that
    // neither has the record nor is asked.
    asked.retain(|community, _| {
        let status = observed.find_status(community);
        wanted.contains(community)
            || matches!(status, Some(CommunityStatus::Joined | CommunityStatus::Pending))
    });
}
