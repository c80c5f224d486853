//! Tries a credential, and keeps it: in the keyring, or in a file if its user agrees.

use jiff::Timestamp;
use secrecy::SecretString;

use super::server::{Chosen, choose_server, confirm_host};
use crate::api::ApiError;
use crate::cli::approval::{Answer, ask_for_word};
use crate::cli::args::auth::Target;
use crate::cli::connection::connect_with;
use crate::cli::context::Context;
use crate::cli::credential::{Found, map_store_error, name_kind, open_store};
use crate::cli::error_mapping::map_api_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::credential::cookies::write_kept_cookies;
use crate::credential::{Kept, KeyringError, Kind, Place, Store, StoreError};
use crate::http::Credential;
use crate::render::escape_text;

/// Returns where credentials are kept.
///
/// # Errors
/// A [`Failure`] for a user without a folder for configuration.
pub(super) fn require_store() -> Result<Store, Failure> {
    open_store().ok_or_else(|| {
        Failure::new(ExitCode::Failed, "there is no folder in which to list what is kept")
            .hint("set HOME, or XDG_CONFIG_HOME, to an absolute path")
    })
}

/// Makes a read that needs a user with a credential, and says whose it is.
///
/// # Errors
/// A [`Failure`] when the server refuses it, or does not answer.
pub(super) fn try_credential(
    context: &Context,
    chosen: &Chosen,
    found: &Found,
) -> Result<(), Failure> {
    let session = connect_with(context, &chosen.server, Some(found.credential.clone()))?;
    let tried = context.runtime.block_on(async { session.read().check_credentials().await });
    let user = tried.map_err(|error| fail_trial(&error, found.kind()))?;
    say_taken(context, chosen, (found.kind(), user));
    Ok(())
}

/// Returns the failure for a credential that was tried and is not kept.
pub(super) fn fail_trial(error: &ApiError, kind: Kind) -> Failure {
    let mut failure = map_api_error(error);
    failure.message.push_str("; nothing was kept");
    if error.is_forbidden() {
        // It was just given: what is kept for the server is another one.
        failure.hints = vec![match kind {
            Kind::Token => "make another token, or copy this one again, whole".to_owned(),
            Kind::Cookies => "log in again in the browser, and export its cookies anew".to_owned(),
        }];
    }
    failure
}

/// Says that the server takes a credential, and whose it is, where that is known.
pub(super) fn say_taken(context: &Context, chosen: &Chosen, (kind, user): (Kind, Option<String>)) {
    let host = escape_text(&chosen.host);
    let whose = user.map_or_else(String::new, |id| format!(" (of user {})", escape_text(&id)));
    context.terminal.inform(&format!("{host} takes the {}{whose}.", name_kind(kind)));
}

/// A place in which a credential is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeper {
    /// The system's keyring.
    Keyring,
    /// A file that only its user can read.
    File,
}

/// For which server a credential is kept, and where.
pub(super) struct Destination {
    /// The server.
    pub(super) chosen: Chosen,
    store: Store,
    keeper: Keeper,
}

/// Settles for which server a credential is kept, and where, before a person goes to the trouble of
/// getting it. `verb` is the command, for a hint.
///
/// # Errors
/// A [`Failure`] for a server that can't be meant, and when a person has to agree and doesn't: to a
/// server that only the manifest names, or to a file where there is no keyring.
pub(super) fn prepare(
    context: &Context,
    target: &Target,
    verb: &str,
) -> Result<Destination, Failure> {
    let chosen = choose_server(context, target.server.as_deref())?;
    let store = require_store()?;
    confirm_host(context, &chosen, verb)?;
    let keeper = if target.file {
        Keeper::File
    } else {
        match store.check_keyring(&chosen.host) {
            Ok(()) => Keeper::Keyring,
            Err(error) => agree_to_file(context, &store, &error).map(|()| Keeper::File)?,
        }
    };
    Ok(Destination { chosen, store, keeper })
}

/// Keeps a credential for a host, and says where, and until when it is good.
///
/// # Errors
/// A [`Failure`] when it can't be kept.
pub(super) fn keep_found(
    context: &Context,
    destination: &Destination,
    found: &Found,
) -> Result<(), Failure> {
    let Destination { chosen, store, keeper } = destination;
    let host = chosen.host.as_str();
    let (kind, until) = (found.kind(), found.until);
    let secret = write_secret(&found.credential);
    let since = context.time().0.now();
    let (place, words) = match keeper {
        Keeper::Keyring => {
            let put = store.put_in_keyring(host, &secret);
            put.map_err(|error| map_store_error(&StoreError::Keyring(error)))?;
            (Place::Keyring, "in the keyring".to_owned())
        }
        Keeper::File => {
            let path = store.path().display();
            (Place::File(secret), format!("in `{path}`, which only you can read"))
        }
    };
    store
        .list_as_kept(host, &Kept { kind, place, since, until })
        .map_err(|error| map_store_error(&error))?;
    let (what, host) = (name_kind(kind), escape_text(host));
    context.terminal.print(&format!("Kept the {what} for {host} {words}.\n"));
    if kind == Kind::Cookies {
        context.terminal.print(&format!("It is good until {}.\n", describe_end(kind, until)));
    }
    Ok(())
}

/// Returns a credential as the keyring or the file keeps it.
fn write_secret(credential: &Credential) -> SecretString {
    match credential {
        Credential::Token(token) => token.clone(),
        Credential::Cookies(cookies) => {
            let pairs = cookies.iter().map(|it| (it.name.clone(), it.value.clone()));
            write_kept_cookies(&pairs.collect::<Vec<_>>())
        }
    }
}

/// Returns until when a credential is good, in words.
pub(super) fn describe_end(kind: Kind, until: Option<Timestamp>) -> String {
    match (until, kind) {
        (Some(until), _) => until.to_string(),
        (None, Kind::Token) => "you revoke it".to_owned(),
        // PERMANENT_SESSION_LIFETIME of zenodo-rdm (research/browser.md section 4, 2026-11-28).
        (None, Kind::Cookies) => "the server ends it; Zenodo does so after 5 days".to_owned(),
    }
}

/// Says that there is no keyring, and asks whether a file may keep the secret.
fn agree_to_file(context: &Context, store: &Store, error: &KeyringError) -> Result<(), Failure> {
    let path = store.path().display();
    context.terminal.say(&format!("{}.", escape_text(&capitalize(&error.to_string()))));
    let request = format!("To keep it in `{path}`, readable by you alone, type `yes`:");
    match ask_for_word(&context.terminal, &request, "yes") {
        Answer::Given => Ok(()),
        Answer::Declined => {
            Err(Failure::new(ExitCode::Confirmation, "not confirmed; nothing was kept"))
        }
        Answer::Unavailable => {
            let message = "there is no keyring to keep it in, and nobody can be asked here";
            Err(Failure::new(ExitCode::Confirmation, message)
                .hint(format!("to keep it in `{path}`, readable by you alone: --file")))
        }
    }
}

fn capitalize(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
