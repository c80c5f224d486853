//! Errors of calls to a server: of a single call, of a refresh, and of an address or a token.

use std::time::Duration;

use crate::api::{ApiError, ApiErrorKind};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::http::HttpError;
use crate::refresh::RefreshError;

/// Returns the failure for an error of a single call.
pub(in crate::cli) fn map_api_error(error: &ApiError) -> Failure {
    let failure = Failure::of(choose_api_code(error), error);
    match error.kind() {
        // The special cases go first: the general hint about a server that is down would be wrong
        // there.
        ApiErrorKind::Transport(error) if is_no_zenodo(error) => failure.hint(NO_ZENODO),
        ApiErrorKind::Transport(error) if error.is_time_over() => failure.hint(MORE_TIME),
        ApiErrorKind::Transport(HttpError::Certificate(_)) => failure.hint(UNTRUSTED),
        ApiErrorKind::Transport(HttpError::Unsent { .. }) => {
            failure.join_causes().hint("check the network and the server's url, or run this later")
        }
        // `Kept` is a fault of this machine's disk, which waiting does not cure.
        ApiErrorKind::Unavailable { .. } | ApiErrorKind::Transport(_)
            if !matches!(error.kind(), ApiErrorKind::Transport(HttpError::Kept(_))) =>
        {
            failure.hint("the server may be down or busy: run this again later")
        }
        ApiErrorKind::RateLimited { wait: Some(wait), .. } if *wait > Duration::from_mins(1) => {
            failure.hint(format!("wait {} seconds, and run this again", wait.as_secs()))
        }
        ApiErrorKind::RateLimited { .. } => failure.hint("wait a minute, and run this again"),
        ApiErrorKind::NotZenodo { .. } => failure.hint(NO_ZENODO),
        ApiErrorKind::NeitherApi => failure.hint(NO_API),
        ApiErrorKind::Incomplete(_) => failure.hint(INCOMPLETE),
        ApiErrorKind::Elsewhere(_) => failure.hint(MIXED_UP),
        ApiErrorKind::Forbidden { .. } => {
            failure.hint("check the credential: `zrel auth status` says which one it is, and whose")
        }
        ApiErrorKind::Refused { .. }
        | ApiErrorKind::NotFound { .. }
        | ApiErrorKind::Stale { .. }
        | ApiErrorKind::Unavailable { .. }
        | ApiErrorKind::Transport(_) => failure,
    }
}

/// Returns the failure for a record that belongs to another account, with the server's message.
pub(in crate::cli) fn report_not_ours(message: &str) -> Failure {
    let mut failure = Failure::new(ExitCode::Blocked, "the record belongs to another account");
    failure.causes.push(message.to_owned());
    failure.hint("use a token of the record's owner")
}

/// What to do when the server has neither API.
const NO_API: &str = "check the server's url in the manifest: it is the address of the first page, \
                      without `/api`";

/// What to do when a record lacks what zrel needs.
const INCOMPLETE: &str = "docs/other-servers.md says what zrel needs of a server";

/// What to do when another program than a Zenodo answers.
const NO_ZENODO: &str = "check the server's url in the manifest, and whether a proxy answers";

/// What to do when the certificate is not trusted.
pub(in crate::cli) const UNTRUSTED: &str = "check the server's url and this machine's clock; where a \
    proxy or an institution signs for others, add its certificate to those that this system \
    trusts, or name its file in SSL_CERT_FILE. No token was sent";

/// What to do when answers are mixed up.
const MIXED_UP: &str = "nothing was bound to it. A proxy or a cache on the way may mix answers up: \
                        run this again, or go around it";

/// What to do when the run's time is over.
pub(super) const MORE_TIME: &str = "give it more time, with --time-limit";

/// Returns whether the answer is one that no Zenodo sends.
fn is_no_zenodo(error: &HttpError) -> bool {
    matches!(error, HttpError::OtherOrigin(_) | HttpError::TooLarge(_) | HttpError::Redirects)
}

pub(super) fn choose_api_code(error: &ApiError) -> ExitCode {
    match error.kind() {
        ApiErrorKind::Unavailable { .. }
        | ApiErrorKind::NotZenodo { .. }
        | ApiErrorKind::NeitherApi
        | ApiErrorKind::Elsewhere(_) => ExitCode::Unavailable,
        // A lost connection or a proxy's page may pass, and 69 says that running again can help.
        ApiErrorKind::Transport(error)
            if error.is_passing() || error.is_time_over() || is_no_zenodo(error) =>
        {
            ExitCode::Unavailable
        }
        ApiErrorKind::Transport(HttpError::Certificate(_)) => ExitCode::Untrusted,
        ApiErrorKind::RateLimited { .. } => ExitCode::Busy,
        ApiErrorKind::Forbidden { .. } => ExitCode::Credentials,
        ApiErrorKind::Transport(_)
        | ApiErrorKind::Incomplete(_)
        | ApiErrorKind::Refused { .. }
        | ApiErrorKind::NotFound { .. }
        | ApiErrorKind::Stale { .. } => ExitCode::Failed,
    }
}

/// Returns the failure for a refresh that could not read the server.
pub(super) fn map_refresh_error(error: &RefreshError) -> Failure {
    match error {
        RefreshError::Credentials { .. } => Failure::of(ExitCode::Credentials, error)
            .hint("check the credential: `zrel auth status` says which one it is, and whether it is still good"),
        RefreshError::NotAConcept { concept, .. } => Failure::of(ExitCode::Invalid, error)
            .hint(format!("name {concept} instead, or its DOI")),
        // Such a reading would end in a second version, so nothing is planned from it.
        RefreshError::Late(_) => Failure::of(ExitCode::Unavailable, error)
            .hint("it may show an older state for a while: run this again later")
            .hint("if it still does, `zrel lock --rebuild` relies on what the server shows"),
        RefreshError::Api(error) => map_api_error(error),
    }
}

/// Returns the failure for an address or a token that can't be used.
pub(super) fn map_http_error(error: &HttpError) -> Failure {
    let code = match error {
        // The manifest names the address.
        HttpError::Insecure(_) => ExitCode::Invalid,
        HttpError::Token | HttpError::Cookie => ExitCode::Credentials,
        HttpError::OtherOrigin(_)
        | HttpError::Setup(_)
        | HttpError::Unsent { .. }
        | HttpError::Certificate(_)
        | HttpError::Lost(_)
        | HttpError::Silence(_)
        | HttpError::Dripping { .. }
        | HttpError::NotBegun(_)
        | HttpError::OutOfTime(_)
        | HttpError::TooSlow(_)
        | HttpError::TooLarge(_)
        | HttpError::Redirects
        | HttpError::File(_)
        | HttpError::Kept(_) => ExitCode::Failed,
    };
    Failure::of(code, error)
}
