//! Gives back a draft or an edit that nobody will publish, with the DOI that was reserved for it.

use crate::model::{OpenDraft, RecordId};
use crate::observed::{Draft, Observed};

use super::EngineError;
use super::project::Project;
use super::session::Session;

/// Returns the open draft or edit that lock or journal name; of others only the asked one.
pub fn find_own_draft(
    observed: &Observed,
    own: Option<RecordId>,
    asked: Option<RecordId>,
) -> Option<&Draft> {
    let wanted = asked.or(own)?;
    observed.draft.as_ref().filter(|draft| draft.id == wanted)
}

/// Discards a draft or an edit as it was read, and forgets it in lock and journal. The caller holds
/// the project's run lock.
///
/// # Errors
/// [`EngineError::DraftChanged`] when another client changed it since, [`EngineError::Api`] when
/// the call fails, and those of lock and journal.
pub async fn discard(
    project: &Project,
    session: &Session,
    observed: &Observed,
    draft: &Draft,
) -> Result<(), EngineError> {
    // No recording shows that a discard obeys `If-Match`, so the draft is read once more.
    match session.read().draft(draft.id).await {
        Ok(now) if now.revision != draft.revision || now.kind != draft.kind => {
            return Err(EngineError::DraftChanged(draft.id));
        }
        Ok(_) => discard_on_server(session, draft).await?,
        // It is gone, as after a call whose answer was lost; lock and journal may still name it.
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(EngineError::Api(error)),
    }
    forget_gone_draft(project, observed, draft.named())
}

async fn discard_on_server(session: &Session, draft: &Draft) -> Result<(), EngineError> {
    match session.write().discard(draft.id, draft.revision).await {
        // It is gone meanwhile, which is what was wanted.
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) if error.is_stale() => Err(EngineError::DraftChanged(draft.id)),
        done => done.map_err(EngineError::Api),
    }
}

/// Forgets a draft that lock or journal name and the server no longer has. The caller holds the
/// project's run lock.
///
/// # Errors
/// Those of lock and journal.
pub fn forget_gone_draft(
    project: &Project,
    observed: &Observed,
    draft: OpenDraft,
) -> Result<(), EngineError> {
    let mut lock = project.lock()?;
    let entry = lock.entry_mut(&project.server);
    // Without a published version nothing is left to be bound to.
    if entry.record.last.is_none() && observed.published().is_none() {
        entry.unbind();
    } else if entry.record.draft == Some(draft) {
        entry.record.close_draft();
    }
    let saved = lock.save_entry(&project.lock_path(), &project.server);
    saved.map_err(|error| project.paths.lock_error(error))?;
    // The journal may be about another draft, or about a create call without an answer.
    let unfinished = project.unfinished_run()?.map(|run| run.unfinished);
    let is_of_other = unfinished
        .is_some_and(|it| it.creating || it.draft.is_some_and(|journaled| journaled != draft));
    if is_of_other {
        return Ok(());
    }
    project.journal().end().map_err(EngineError::JournalUnwritten)
}
