//! Keeps a secret: in the keyring, or in a file if its user agrees.

use jiff::Timestamp;
use secrecy::SecretString;

use crate::cli::approval::{Answer, ask_for_word};
use crate::cli::context::Context;
use crate::cli::credential::{map_store_error, open_store};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::credential::{Kept, KeyringError, Kind, Place, Store};
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

/// Keeps a secret for a host, and says where.
///
/// # Errors
/// A [`Failure`] when it can't be kept, or a person has to agree to a file and doesn't.
pub(super) fn keep_secret(
    context: &Context,
    (store, host): (&Store, &str),
    (kind, secret, until): (Kind, &SecretString, Option<Timestamp>),
    is_for_file: bool,
) -> Result<(), Failure> {
    let in_keyring = if is_for_file {
        false
    } else {
        match store.put_in_keyring(host, secret) {
            Ok(()) => true,
            Err(error) => {
                agree_to_file(context, store, &error)?;
                false
            }
        }
    };
    let place = if in_keyring { Place::Keyring } else { Place::File(secret.clone()) };
    let since = context.time().0.now();
    store
        .list_as_kept(host, &Kept { kind, place, since, until })
        .map_err(|error| map_store_error(&error))?;
    let place = if in_keyring {
        "in the keyring".to_owned()
    } else {
        format!("in `{}`, which only you can read", store.path().display())
    };
    let what = match kind {
        Kind::Token => "the token",
        Kind::Cookies => "the session",
    };
    context.terminal.print(&format!("Kept {what} for {} {place}.\n", escape_text(host)));
    Ok(())
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
