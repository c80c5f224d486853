//! A session's cookies, in a file that a browser or its tool wrote.

use std::path::Path;

use jiff::Timestamp;

use super::found::{Found, make_session};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::credential::cookies::{CookieFault, HostCookies, choose_for_host, read_cookies};
use crate::disk;
use crate::render::escape_text;

/// The most that is read of a file of cookies. Bytes.
const MAX_COOKIES: u64 = 4 * 1024 * 1024;

/// Reads the session of a host from a file of cookies.
///
/// # Errors
/// A [`Failure`] for a file that others can read, of no known format, or without a valid session.
pub(in crate::cli) fn read_session(
    path: &Path,
    host: &str,
    now: Timestamp,
) -> Result<HostCookies, Failure> {
    let shown = escape_text(&path.display().to_string()).into_owned();
    let message = format!("can't use the cookies in `{shown}`");
    let unread = |error: std::io::Error| Failure::of(ExitCode::Credentials, &error);
    let refuse = |fault: &dyn std::fmt::Display, hint: String| {
        let mut failure = Failure::new(ExitCode::Credentials, message.clone());
        failure.causes.push(fault.to_string());
        failure.hint(hint)
    };
    let text = disk::read_text(path, MAX_COOKIES)
        .map_err(|error| refuse(&error, "check the path".to_owned()))?;
    if disk::is_readable_by_others(path).map_err(unread)? {
        let fault = "others can read it, and whoever has these cookies can act as you";
        return Err(refuse(&fault, format!("close it to others: chmod 600 '{shown}'")));
    }
    let cookies = read_cookies(&text).map_err(|fault| {
        let hint = "zrel reads Netscape's cookies.txt, Playwright's storageState.json, and the \
                    lists of cookie editors";
        refuse(&fault, hint.to_owned())
    })?;
    choose_for_host(cookies, host, now).map_err(|fault| {
        let again = match fault {
            CookieFault::Expired { .. } => "log in again",
            CookieFault::Empty
            | CookieFault::Foreign { .. }
            | CookieFault::NoSession { .. }
            | CookieFault::Line { .. }
            | CookieFault::Document(_) => "log in there",
        };
        refuse(&fault, format!("{again} in the browser, and export the cookies of {host}"))
    })
}

/// Reads the session of a host from a file of cookies, as a credential.
///
/// # Errors
/// Those of [`read_session`].
pub(super) fn find_session(path: &Path, host: &str, now: Timestamp) -> Result<Found, Failure> {
    let HostCookies { cookies, until } = read_session(path, host, now)?;
    let source = format!("`{}`", escape_text(&path.display().to_string()));
    Ok(Found { credential: make_session(cookies), source, until })
}
