//! `zrel auth logout`: forgets what is kept for a server.

use super::keep::require_store;
use super::server::choose_server;
use crate::cli::args::auth::Logout;
use crate::cli::context::Context;
use crate::cli::credential::{find_credential, map_store_error};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::render::escape_text;

pub(super) fn run(context: &Context, args: &Logout) -> Result<ExitCode, Failure> {
    let chosen = choose_server(context, args.server.as_deref())?;
    let store = require_store()?;
    let host = escape_text(&chosen.host);
    let was_kept = store.remove(&chosen.host).map_err(|error| map_store_error(&error))?;
    if was_kept {
        context.terminal.print(&format!("Forgot what was kept for {host}.\n"));
        context.terminal.inform(&format!(
            "A token stays valid until you revoke it: {}/account/settings/applications/",
            escape_text(&chosen.server.url)
        ));
    } else {
        context.terminal.print(&format!("Nothing was kept for {host}.\n"));
    }
    // What is set elsewhere goes on being used, which must not surprise anybody.
    if let Some(found) = find_credential(context, &chosen.host)? {
        context.terminal.say(&format!("note: zrel still has a credential: {}", found.describe()));
    }
    Ok(ExitCode::Done)
}
