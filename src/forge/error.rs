//! Errors of calls to a forge.

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
    /// The token is not valid.
    #[error("can't {what}: the token is refused: {said}")]
    Unauthorized {
        /// What was being done.
        what: String,
        /// The forge's words.
        said: String,
    },
    /// The token lacks the right to do it.
    #[error("can't {what}: the token may not do that: {said}")]
    Forbidden {
        /// What was being done.
        what: String,
        /// The forge's words.
        said: String,
    },
    /// It does not exist, or the token may not see it.
    #[error("can't {what}: not found, or the token may not see it: {said}")]
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
    #[error(
        "can't {what}: the forge answers with a redirect, which zrel does not follow with a token"
    )]
    Moved {
        /// What was being done.
        what: String,
    },
    /// The forge has a fault of its own.
    #[error("can't {what}: the forge answers with {status}: {said}")]
    Unavailable {
        /// What was being done.
        what: String,
        /// HTTP status.
        status: u16,
        /// The forge's words.
        said: String,
    },
    /// The forge refuses the content of the call.
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
    /// The name of a repository does not have this forge's form.
    #[error("`{0}` is not the name of a repository, such as `owner/name`")]
    Repository(String),
    /// There are more comments than zrel reads.
    #[error("can't find the comment: there are more than {0} comments")]
    TooMany(usize),
}

impl ForgeError {
    /// Returns whether the forge may have done it although the call failed.
    pub(super) fn is_unknown(&self) -> bool {
        match self {
            ForgeError::Transport { source, .. } => !source.is_not_done(),
            // A proxy may answer 502 or 504 after the forge has done the work.
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
