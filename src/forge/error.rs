//! What goes wrong at a forge.

use std::time::Duration;

use crate::http::HttpError;

/// A call that did not do what it was for.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// No whole answer came.
    #[error("can't {what}")]
    Transport {
        /// What was being done.
        what: String,
        /// Why.
        source: HttpError,
    },
    /// The token is not known.
    #[error("can't {what}: the token is refused: {said}")]
    Unauthorized {
        /// What was being done.
        what: String,
        /// The forge's words.
        said: String,
    },
    /// The token may not do it.
    #[error("can't {what}: the token may not do that: {said}")]
    Forbidden {
        /// What was being done.
        what: String,
        /// The forge's words.
        said: String,
    },
    /// There is no such thing, or the token may not see it.
    #[error("can't {what}: it is not there, or the token may not see it: {said}")]
    NotFound {
        /// What was being done.
        what: String,
        /// The forge's words.
        said: String,
    },
    /// Too many requests.
    #[error("can't {what}: too many requests: {said}")]
    RateLimited {
        /// What was being done.
        what: String,
        /// How long the forge asks to wait.
        wait: Option<Duration>,
        /// The forge's words.
        said: String,
    },
    /// The answer sends the token somewhere else.
    #[error("can't {what}: the forge answers with a redirect, and a token follows none")]
    Moved {
        /// What was being done.
        what: String,
    },
    /// Not answered, or with a fault of the forge's own.
    #[error("can't {what}: the forge answers with {status}: {said}")]
    Unavailable {
        /// What was being done.
        what: String,
        /// HTTP status.
        status: u16,
        /// The forge's words.
        said: String,
    },
    /// Refused for what is in it.
    #[error("can't {what}: refused with {status}: {said}")]
    Refused {
        /// What was being done.
        what: String,
        /// HTTP status.
        status: u16,
        /// The forge's words.
        said: String,
    },
    /// An answer that this forge does not give.
    #[error("can't {what}: the answer is not one of {forge}")]
    Strange {
        /// What was being done.
        what: String,
        /// The kind of forge.
        forge: &'static str,
    },
    /// A repository that is named in no way that this forge has.
    #[error("`{0}` is no repository: it must be as in `owner/name`")]
    Repository(String),
    /// So many comments that nobody reads them.
    #[error("can't find the comment: there are more than {0} comments")]
    TooMany(usize),
}

impl ForgeError {
    /// Tells whether the forge may have done it all the same.
    pub(super) fn is_unknown(&self) -> bool {
        match self {
            ForgeError::Transport { source, .. } => !source.is_not_done(),
            ForgeError::Unavailable { .. } => true,
            ForgeError::Unauthorized { .. }
            | ForgeError::Forbidden { .. }
            | ForgeError::NotFound { .. }
            | ForgeError::RateLimited { .. }
            | ForgeError::Moved { .. }
            | ForgeError::Refused { .. }
            | ForgeError::Strange { .. }
            | ForgeError::Repository(_)
            | ForgeError::TooMany(_) => false,
        }
    }
}
