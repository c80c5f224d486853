//! `zrel auth import-cookies`: keeps a session that a browser has.

use super::keep::{choose_keeper, keep_found, require_store, try_credential};
use super::server::{choose_server, confirm_host};
use crate::cli::args::auth::ImportCookies;
use crate::cli::context::Context;
use crate::cli::credential::{Found, make_session, read_session};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

pub(super) fn run(context: &Context, args: &ImportCookies) -> Result<ExitCode, Failure> {
    let chosen = choose_server(context, args.server.as_deref())?;
    let store = require_store()?;
    confirm_host(context, &chosen, "import-cookies FILE")?;
    let session = read_session(&args.path, &chosen.host, context.time().0.now())?;
    let keeper = choose_keeper(context, (&store, &chosen.host), args.file)?;
    let source = format!("`{}`", args.path.display());
    let credential = make_session(session.cookies);
    let found = Found { credential, source, until: session.until };
    try_credential(context, &chosen, &found)?;
    keep_found(context, (&store, &chosen.host), &found, keeper)?;
    context.terminal.inform(&format!("Remove {}: it lets anybody in as you.", found.source));
    Ok(ExitCode::Done)
}
