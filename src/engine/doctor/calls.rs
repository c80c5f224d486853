//! Makes the calls that mend a draft, each after a look: another client may have changed the draft
//! since it was shown.

use crate::api::ApiError;
use crate::engine::EngineError;
use crate::engine::project::Project;
use crate::engine::session::Session;
use crate::model::{Doi, FileKey, RecordId};
use crate::observed::DraftKind;

use super::mend::{Mend, MendAction};

/// What came of the calls of a draft.
#[derive(Debug, Default)]
pub struct Made {
    /// What the server refused, and what the calls after it may have made up for.
    pub refused: Vec<ApiError>,
    /// Whether the server says that it has a DOI for the draft, and shows none in it.
    pub is_held: bool,
}

/// What came of a reserve call.
enum Reserved {
    /// The draft had a DOI by then.
    NotNeeded,
    /// The server answered with this DOI.
    Answered(Option<Doi>),
}

/// Makes the calls of one draft. The caller holds the project's run lock.
///
/// # Errors
/// [`EngineError::Api`] when a call fails, and [`EngineError::DraftChanged`] when another client
/// changed the draft since it was read.
pub async fn make_calls(
    project: &Project,
    session: &Session,
    mends: &[Mend],
) -> Result<Made, EngineError> {
    let mut made = Made::default();
    // The DOI that the reserve call answered with, and whether the draft is seen to have one.
    let (mut answered, mut has_doi) = (None, false);
    for mend in mends {
        let id = mend.draft;
        match &mend.action {
            MendAction::DropFile(key) => drop_file(session, id, key).await?,
            MendAction::ReserveDoi => {
                session.write().reserve_doi(id).await.map_err(EngineError::Api)?;
            }
            // Reads may be late: the answer to what was sent counts.
            MendAction::ReserveAgain | MendAction::SendDoi(_) if has_doi => {}
            MendAction::ReserveAgain => match reserve_again(session, id).await {
                Ok(Reserved::NotNeeded) => has_doi = true,
                Ok(Reserved::Answered(doi)) => {
                    made.is_held = doi.is_none();
                    answered = doi;
                }
                Err(error) if error.is_refused() => made.refused.push(error),
                Err(error) => return Err(EngineError::Api(error)),
            },
            MendAction::SendDoi(doi) => {
                let Some(doi) = doi.as_ref().or(answered.as_ref()) else { continue };
                match send_doi(session, id, doi).await {
                    Err(EngineError::Api(error)) if error.is_refused() => made.refused.push(error),
                    done => has_doi = done?,
                }
            }
            MendAction::DiscardEdit(revision) => {
                discard_edit(project, session, (id, *revision)).await?;
            }
        }
    }
    Ok(made)
}

/// Reserves the DOI of a draft that has none, and returns what the server answers.
async fn reserve_again(session: &Session, id: RecordId) -> Result<Reserved, ApiError> {
    // The server refuses a second reservation, in the words of one that it holds and does not show.
    if session.read().full_draft(id).await?.doi.is_some() {
        return Ok(Reserved::NotNeeded);
    }
    session.write().reserve_doi(id).await.map(Reserved::Answered)
}

/// Sends a DOI back into a draft that has none, and returns whether it has one then.
async fn send_doi(session: &Session, id: RecordId, doi: &Doi) -> Result<bool, EngineError> {
    match session.write().send_doi(id, doi).await {
        // An earlier try of the same call may have arrived.
        Err(error) if error.is_stale() => {
            let now = session.read().full_draft(id).await.map_err(EngineError::Api)?;
            if now.doi.as_ref() == Some(doi) {
                Ok(true)
            } else {
                Err(EngineError::DraftChanged(id))
            }
        }
        done => done.map_err(EngineError::Api),
    }
}

/// Discards an edit as it was shown; it is done when no edit is open.
async fn discard_edit(
    project: &Project,
    session: &Session,
    (id, revision): (RecordId, Option<u64>),
) -> Result<(), EngineError> {
    let location = project.record_location()?;
    let observed = session.observe_record(&location).await?;
    let draft = session.read().draft(id).await.map_err(EngineError::Api)?;
    if draft.revision != revision || draft.kind != DraftKind::Edit {
        return Err(EngineError::DraftChanged(id));
    }
    crate::engine::discard(project, session, &observed, &draft).await
}

/// Deletes a file, unless it came whole meanwhile: then another client sent it.
async fn drop_file(session: &Session, id: RecordId, key: &FileKey) -> Result<(), EngineError> {
    let files = session.read().draft_files(id).await.map_err(EngineError::Api)?;
    match files.iter().find(|file| file.key == *key) {
        None => return Ok(()),
        Some(file) if file.is_committed => return Err(EngineError::DraftChanged(id)),
        Some(_) => {}
    }
    match session.write().drop_file(id, key).await {
        // It is gone, as after a delete whose answer was lost.
        Err(error) if error.is_not_found() => Ok(()),
        done => done.map_err(EngineError::Api),
    }
}
