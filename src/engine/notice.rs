//! What the engine does of its own accord, beside the steps of the plan.

use std::fmt;

use crate::model::RecordId;

/// Something that the engine found or does beside the steps of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A create call got no answer, and its draft is looked for.
    CreateUnanswered,
    /// The server does not show a draft that is known, and is asked again.
    DraftNotShown(RecordId),
    /// A draft of a create call without an answer is left over.
    UnusedDraft(RecordId),
    /// An answer was lost, and the server is looked at.
    AnswerLost,
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
            Self::AnswerLost => write!(f, "no answer: looking at the server before going on"),
        }
    }
}
