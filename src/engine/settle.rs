//! Writes down what an earlier run did and did not write down. Beside an apply and the commands that
//! change the lock, the only writer of its entries.

use std::collections::BTreeMap;

use crate::check::Checked;
use crate::model::{
    AppliedFile, Community, Field, FileKey, FileSource, LocalFile, RecordId, RemoteFile,
};
use crate::observed::{CommunityStatus, Observed};
use crate::plan::Operation;

use super::EngineError;
use super::project::{PlanInputs, Project};

/// Writes down what there is where nothing is left to do, and ends the journal. That is the
/// published record only where it is what the manifest says, and not a draft that is.
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
        entry.record.last = Some(record.id);
        entry.record.versions.insert(record.id, label);
        // A draft that is open still is another run's work.
        if observed.draft.is_none() {
            entry.record.draft = None;
        }
        note_asked(observed, &mut entry.record.asked);
        entry.record.files =
            applied_files(&inputs.desired.files, &record.files, &entry.record.files);
    } else if let Some(draft) = &observed.draft {
        entry.bind(draft.concept);
        entry.record.draft = Some(draft.named());
    }
    let saved = inputs.lock.save_entry(&project.lock_path(), &project.server);
    saved.map_err(|error| project.paths.lock_error(error))?;
    project.journal().end().map_err(EngineError::JournalUnwritten)
}

/// Notes which communities were asked, and about which version: for plans that can't see requests,
/// and for those that would look for them at every version.
fn note_asked(observed: &Observed, asked: &mut BTreeMap<Community, Option<RecordId>>) {
    for (community, status) in &observed.communities {
        match status {
            CommunityStatus::Pending | CommunityStatus::Declined => {
                asked.insert(community.clone(), observed.asked_about.get(community).copied());
            }
            CommunityStatus::Withdrawn => {
                asked.remove(community);
            }
            CommunityStatus::Joined | CommunityStatus::Closed => {}
        }
    }
}

/// Returns what counts as applied when nothing was left to do: the files that agree, archives by
/// their content.
fn applied_files(
    local: &[LocalFile],
    remote: &[RemoteFile],
    known: &BTreeMap<FileKey, AppliedFile>,
) -> BTreeMap<FileKey, AppliedFile> {
    let on_server = |key: &FileKey| remote.iter().find(|file| file.key == *key)?.md5;
    local
        .iter()
        .filter_map(|file| {
            let md5 = on_server(&file.key)?;
            let content = match &file.source {
                FileSource::Path => None,
                FileSource::Archive { content, .. } if md5 == file.md5 => Some(*content),
                FileSource::Archive { .. } => {
                    known.get(&file.key).filter(|was| was.md5 == md5).and_then(|was| was.content)
                }
            };
            Some((file.key.clone(), AppliedFile { md5, content }))
        })
        .collect()
}
