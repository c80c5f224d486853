//! The calls that bring a broken draft to a state from which an apply works. None touches what is
//! published, and none discards a draft that was never published.

use crate::api::{Backend, name_discard, name_draft_file};
use crate::model::{Doi, FileKey, RecordId};
use crate::observed::{Draft, DraftKind};

use super::types::{Examined, LostDoi, Trouble};

/// A call that mends a draft, and why it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// The draft; for an edit: the record.
    pub draft: RecordId,
    /// What it does, in words.
    pub why: String,
    /// What is called.
    pub(super) action: MendAction,
    /// By which API.
    pub(super) backend: Backend,
}

/// What is called to mend a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MendAction {
    /// Deletes a file that never came whole.
    DropFile(FileKey),
    /// Reserves the DOI, and stops where the server refuses it.
    ReserveDoi,
    /// Reserves the DOI unless the draft has one by then; a refusal is part of what is looked for.
    ReserveAgain,
    /// Sends the DOI back, or the one that the reserve call answered with.
    SendDoi(Option<Doi>),
    /// Discards an edit that has this revision.
    DiscardEdit(Option<u64>),
}

impl Mend {
    /// Returns the method and the path of the call.
    pub fn call(&self) -> String {
        let id = self.draft;
        match &self.action {
            // As it is sent: a name can imitate another path.
            MendAction::DropFile(key) => format!("DELETE {}", name_draft_file(id, key)),
            MendAction::ReserveDoi | MendAction::ReserveAgain => {
                format!("POST /api/records/{id}/draft/pids/doi")
            }
            MendAction::SendDoi(_) => format!("PUT /api/records/{id}/draft"),
            MendAction::DiscardEdit(_) => name_discard(id, self.backend),
        }
    }
}

/// Lists the calls that mend a draft; none where only a person can.
pub fn list_mends(examined: &Examined, backend: Backend) -> Vec<Mend> {
    let Examined { draft, troubles } = examined;
    // The edit goes as a whole, and any other call would change it first.
    if let Some(trouble) = troubles.iter().find(|trouble| is_for_good(draft, trouble)) {
        return list_calls(draft, trouble, backend);
    }
    troubles.iter().flat_map(|trouble| list_calls(draft, trouble, backend)).collect()
}

/// Returns whether nothing but discarding the edit helps.
fn is_for_good(draft: &Draft, trouble: &Trouble) -> bool {
    match trouble {
        Trouble::PoisonedDoi | Trouble::ExpiredFiles(_) => draft.kind == DraftKind::Edit,
        Trouble::UncommittedFiles(_)
        | Trouble::EmptyDoi
        | Trouble::LostDoi(_)
        | Trouble::UnderReview
        | Trouble::Declined => false,
    }
}

fn list_calls(draft: &Draft, trouble: &Trouble, backend: Backend) -> Vec<Mend> {
    let id = draft.id;
    let make = |why: String, action| Mend { draft: id, why, action, backend };
    match trouble {
        Trouble::UncommittedFiles(keys) => {
            let drop = |key: &FileKey| {
                let why = format!("To delete `{key}`, which never came whole, from draft {id}");
                make(why, MendAction::DropFile(key.clone()))
            };
            keys.iter().map(drop).collect()
        }
        Trouble::EmptyDoi => {
            vec![make(format!("To reserve the DOI of draft {id}"), MendAction::ReserveDoi)]
        }
        Trouble::LostDoi(LostDoi { doi, .. }) => {
            let why = format!("To reserve the DOI of draft {id}, unless the draft has it by then");
            let reserve = make(why, MendAction::ReserveAgain);
            // Another server may make another DOI of the id, and publishes any that is sent.
            if backend == Backend::Records {
                return vec![reserve];
            }
            if let Some(doi) = doi {
                let why = format!("To send {doi} back into draft {id}, all else unchanged");
                vec![make(why, MendAction::SendDoi(Some(doi.clone()))), reserve]
            } else {
                let why = format!(
                    "To send the DOI that the server answers with into draft {id}, all else \
                     unchanged, unless the draft has it by then"
                );
                vec![reserve, make(why, MendAction::SendDoi(None))]
            }
        }
        // What is published stays; a draft that was never published would be lost.
        Trouble::PoisonedDoi if draft.kind == DraftKind::Edit => {
            let why = format!("To discard the edit of record {id}; what is published stays");
            vec![make(why, MendAction::DiscardEdit(draft.revision))]
        }
        Trouble::ExpiredFiles(changes) => {
            let why = format!(
                "To discard the edit of record {id}, and with it {}; what is published stays",
                changes.join(", ")
            );
            vec![make(why, MendAction::DiscardEdit(draft.revision))]
        }
        Trouble::PoisonedDoi | Trouble::UnderReview | Trouble::Declined => Vec::new(),
    }
}
