//! The calls that bring a broken draft to a state from which an apply works. None touches what is
//! published, and none discards a draft that was never published.

use crate::engine::EngineError;
use crate::engine::project::Project;
use crate::engine::session::Session;
use crate::model::{FileKey, RecordId};
use crate::observed::{Draft, DraftKind};

use super::types::{Examined, Trouble};

/// A call that mends a draft, and why it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// The draft; for an edit: the record.
    pub draft: RecordId,
    /// What it does, in words.
    pub why: String,
    action: MendAction,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum MendAction {
    DropFile(FileKey),
    ReserveDoi,
    DiscardEdit(Option<u64>),
}

impl Mend {
    /// Returns the method and the path of the call.
    pub fn call(&self) -> String {
        let id = self.draft;
        match &self.action {
            MendAction::DropFile(key) => format!("DELETE /api/records/{id}/draft/files/{key}"),
            MendAction::ReserveDoi => format!("POST /api/records/{id}/draft/pids/doi"),
            MendAction::DiscardEdit(_) => {
                format!("POST /api/deposit/depositions/{id}/actions/discard")
            }
        }
    }
}

/// Lists the calls that mend a draft; none where only a person can.
pub fn list_mends(examined: &Examined) -> Vec<Mend> {
    let Examined { draft, troubles } = examined;
    let is_poisoned_edit =
        draft.kind == DraftKind::Edit && troubles.contains(&Trouble::PoisonedDoi);
    // The edit goes as a whole, and any other call would change it first.
    let is_made = |trouble: &&Trouble| !is_poisoned_edit || **trouble == Trouble::PoisonedDoi;
    troubles.iter().filter(is_made).flat_map(|trouble| list_calls(draft, trouble)).collect()
}

fn list_calls(draft: &Draft, trouble: &Trouble) -> Vec<Mend> {
    let id = draft.id;
    let make = |why: String, action| Mend { draft: id, why, action };
    match trouble {
        Trouble::UncommittedFiles(keys) => {
            let drop = |key: &FileKey| {
                let why = format!("To delete `{key}`, which never came whole, from draft {id}");
                make(why, MendAction::DropFile(key.clone()))
            };
            keys.iter().map(drop).collect()
        }
        Trouble::EmptyDoi | Trouble::LostDoi => {
            vec![make(format!("To reserve the DOI of draft {id}"), MendAction::ReserveDoi)]
        }
        // What is published stays; a draft that was never published would be lost.
        Trouble::PoisonedDoi if draft.kind == DraftKind::Edit => {
            let why = format!("To discard the edit of record {id}; what is published stays");
            vec![make(why, MendAction::DiscardEdit(draft.revision))]
        }
        Trouble::PoisonedDoi | Trouble::UnderReview => Vec::new(),
    }
}

/// Makes a call. The caller holds the project's run lock.
///
/// # Errors
/// [`EngineError::Api`] when the call fails, and [`EngineError::DraftChanged`] when another client
/// changed the draft since it was read.
pub async fn make_call(
    project: &Project,
    session: &Session,
    mend: &Mend,
) -> Result<(), EngineError> {
    let id = mend.draft;
    let done = match &mend.action {
        MendAction::DropFile(key) => return drop_file(session, id, key).await,
        MendAction::ReserveDoi => session.write().reserve_doi(id).await,
        MendAction::DiscardEdit(revision) => {
            let location = project.record_location()?;
            let observed = session.observe_record(&location).await?;
            let draft = session.read().draft(id).await.map_err(EngineError::Api)?;
            if draft.revision != *revision || draft.kind != DraftKind::Edit {
                return Err(EngineError::DraftChanged(id));
            }
            return crate::engine::discard(project, session, &observed, &draft).await;
        }
    };
    done.map_err(EngineError::Api)
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
