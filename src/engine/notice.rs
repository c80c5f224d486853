//! What the engine does automatically, beside the steps of the plan.

use std::fmt;

use crate::model::RecordId;

/// Something that the engine found or does beside the steps of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A create call got no answer, and zrel looks for its draft.
    CreateUnanswered,
    /// The server does not show a known draft, and zrel asks again.
    DraftNotShown(RecordId),
    /// A create call without an answer left a draft over.
    UnusedDraft(RecordId),
    /// An answer was lost, and zrel reads the server.
    AnswerLost,
    /// The server refused to open a draft because one is open, which it did not show.
    OpenDraftNotShown,
    /// The receipt of a release can't be written.
    NoReceipt {
        /// The file.
        name: String,
        /// Why.
        why: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateUnanswered => {
                write!(f, "a create call got no answer: looking for its draft")
            }
            Self::DraftNotShown(id) => {
                write!(f, "the server does not show draft {id} yet: looking again")
            }
            Self::UnusedDraft(id) => write!(
                f,
                "draft {id} was made by a create call that got no answer, and nothing needs it: \
                 discard it on its page"
            ),
            Self::OpenDraftNotShown => {
                write!(f, "a draft is open that the server did not show: looking again")
            }
            Self::NoReceipt { name, why } => write!(
                f,
                "warning: the release is done, and its receipt `.zrel/receipts/{name}` can't be \
                 written: {why}"
            ),
            Self::AnswerLost => write!(f, "no answer: looking at the server before continuing"),
        }
    }
}
