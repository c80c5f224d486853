//! `zrel auth logout`: forgets what is kept for a server.

use super::keep::require_store;
use super::server::choose_server;
use crate::cli::args::auth::Logout;
use crate::cli::context::Context;
use crate::cli::credential::{find_credential, map_store_error, name_kind};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::credential::Kind;
use crate::render::escape_text;

pub(super) fn run(context: &Context, args: &Logout) -> Result<ExitCode, Failure> {
    let chosen = choose_server(context, args.server.as_deref())?;
    let store = require_store()?;
    let host = escape_text(&chosen.host);
    let was_kept = store.remove(&chosen.host).map_err(|error| map_store_error(&error))?;
    match was_kept {
        Some(kind) => {
            let what = name_kind(kind);
            context.terminal.print(&format!("Forgot the {what} that was kept for {host}.\n"));
            let url = escape_text(&chosen.server.url);
            context.terminal.inform(&match kind {
                Kind::Token => format!(
                    "The token stays valid until you revoke it: {url}/account/settings/applications/"
                ),
                Kind::Cookies => format!(
                    "The session stays valid until the server ends it; to end it now, revoke it: \
                     {url}/account/settings/security/"
                ),
            });
        }
        None => context.terminal.print(&format!("Nothing was kept for {host}.\n")),
    }
    // What is set elsewhere goes on being used, which must not surprise anybody.
    if let Some(found) = find_credential(context, &chosen.host)? {
        context.terminal.say(&format!("note: zrel still has a credential: {}", found.describe()));
    }
    Ok(ExitCode::Done)
}
