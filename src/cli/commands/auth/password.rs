//! A log-in with e-mail and password from the environment.
//!
//! For servers on which nobody can make a token, and only when it is asked for by name. One try a
//! run: a wrong password that is tried again closes the account for a while.

use super::keep::fail_trial;
use super::server::Chosen;
use crate::api::{ApiError, ApiErrorKind};
use crate::cli::connection::connect_with;
use crate::cli::context::Context;
use crate::cli::credential::Found;
use crate::cli::environment::{self, Account};
use crate::cli::error_mapping::map_api_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::credential::{Kind, note_try};
use crate::http::Credential;
use crate::render::escape_text;

/// Logs in to a server as the environment's user.
///
/// # Errors
/// A [`Failure`] when the variables are missing, after too many tries, and when the server refuses.
pub(super) fn log_in(context: &Context, chosen: &Chosen) -> Result<Found, Failure> {
    let host = escape_text(&chosen.host);
    let account = environment::read_account(&chosen.host).map_err(|missing| {
        let message = format!("there is no e-mail and password for {host}");
        Failure::new(ExitCode::Credentials, message).hint(missing)
    })?;
    context.terminal.say(&format!(
        "note: a token is better than a password: it can be revoked by itself, and does not expire. \
         Make one if {host} lets you."
    ));
    check_tries(context, chosen)?;
    let Account { email, password, name } = account;
    let session = connect_with(context, &chosen.server, None)?;
    let cookies = context.runtime.block_on(session.log_in(&email, &password));
    let cookies = cookies.map_err(|error| {
        let failure = Failure { code: choose_code(&error), ..fail_trial(&error, Kind::Cookies) };
        let is_refused = matches!(error.kind(), ApiErrorKind::Refused { .. });
        if is_refused { failure.hint(format!("check {name}; it was tried once")) } else { failure }
    })?;
    Ok(Found { credential: Credential::Cookies(cookies), source: name, until: None })
}

/// Returns the code of a log-in that failed: a refusal is about the password.
fn choose_code(error: &ApiError) -> ExitCode {
    if matches!(error.kind(), ApiErrorKind::Refused { .. }) {
        ExitCode::Credentials
    } else {
        map_api_error(error).code
    }
}

/// Counts this try, and refuses one that is too many.
fn check_tries(context: &Context, chosen: &Chosen) -> Result<(), Failure> {
    let Some(folder) = environment::find_config_folder() else { return Ok(()) };
    let clock = || context.time().0.now();
    let noted = note_try(&folder, &chosen.host, clock).map_err(|error| {
        let mut failure = Failure::new(ExitCode::Failed, "can't note that a log-in is tried");
        failure.causes.push(error.to_string());
        failure
    })?;
    match noted {
        None => Ok(()),
        Some(wait) => {
            let message = "five log-ins were tried within a minute; nothing was sent";
            let wait = wait.as_secs() + 1;
            Err(Failure::new(ExitCode::Busy, message).hint(format!(
                "wait {wait} seconds: the server closes the account to more, also to yours in a browser"
            )))
        }
    }
}
