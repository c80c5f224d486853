//! What `zrel auth login` kept.

use jiff::Timestamp;

use super::found::{Found, make_session};
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::credential::cookies::read_kept_cookies;
use crate::credential::{Kept, Kind, Place, Store, StoreError};
use crate::http::Credential;

/// Returns where credentials are kept; none for a user without a folder for configuration.
pub(in crate::cli) fn open_store() -> Option<Store> {
    let folder = environment::find_config_folder()?;
    Some(Store::new(&folder, environment::choose_keyring()))
}

/// Returns the credential that is kept for a host.
///
/// # Errors
/// A [`Failure`] when there is one and it can't be read, or has expired.
pub(super) fn find_kept(host: &str, now: Timestamp) -> Result<Option<Found>, Failure> {
    let Some((store, kept)) = find(host)? else { return Ok(None) };
    if let Some(until) = kept.until.filter(|until| *until <= now) {
        let message = format!("the session for {host} expired on {until}");
        return Err(Failure::new(ExitCode::Credentials, message)
            .hint(format!("log in again, or forget it: `zrel auth logout {host}`")));
    }
    let secret = store.read_secret(host, &kept).map_err(|error| map_store_error(&error))?;
    let credential = match kept.kind {
        Kind::Token => Credential::Token(secret),
        Kind::Cookies => make_session(read_kept_cookies(&secret).ok_or_else(|| {
            let error = StoreError::Lost(host.to_owned());
            map_store_error(&error)
        })?),
    };
    let source = describe_place(&store, &kept);
    Ok(Some(Found { credential, source, until: kept.until }))
}

/// Returns whether anything is kept for a host.
///
/// # Errors
/// A [`Failure`] when the list of what is kept can't be read.
pub(super) fn is_kept(host: &str) -> Result<bool, Failure> {
    Ok(find(host)?.is_some())
}

fn find(host: &str) -> Result<Option<(Store, Kept)>, Failure> {
    let Some(store) = open_store() else { return Ok(None) };
    let kept = store.find(host).map_err(|error| map_store_error(&error))?;
    Ok(kept.map(|kept| (store, kept)))
}

/// Returns where a secret is, in words.
fn describe_place(store: &Store, kept: &Kept) -> String {
    match kept.place {
        Place::Keyring => "the keyring".to_owned(),
        Place::File(_) => format!("`{}`", store.path().display()),
    }
}

/// Returns the failure for what can't be kept, read or removed.
pub(in crate::cli) fn map_store_error(error: &StoreError) -> Failure {
    let failure = Failure::of(ExitCode::Credentials, error);
    match error {
        StoreError::File { .. } => failure,
        StoreError::Format { path, .. } => failure.hint(format!(
            "zrel wrote it, and something else changed it: remove `{}`, and give zrel the \
             credentials again with `zrel auth login`",
            path.display()
        )),
        StoreError::Exposed(path) => failure.hint(format!(
            "close it to others with `chmod 600 {}`; if somebody may have read it, revoke the \
             token on the server",
            path.display()
        )),
        StoreError::Keyring(_) | StoreError::Lost(_) => failure
            .hint("unlock the keyring, or give zrel the credential again with `zrel auth login`")
            .hint("a variable of the environment needs no keyring: see docs/credentials.md"),
    }
}
