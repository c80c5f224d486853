//! `zrel auth import-cookies`: keeps a session that a browser has.

use super::keep::{keep_found, prepare, try_credential};
use crate::cli::args::auth::ImportCookies;
use crate::cli::context::Context;
use crate::cli::credential::{Found, make_session, read_session};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

pub(super) fn run(context: &Context, args: &ImportCookies) -> Result<ExitCode, Failure> {
    let destination = prepare(context, &args.target, "import-cookies FILE")?;
    let chosen = &destination.chosen;
    let session = read_session(&args.path, &chosen.host, context.time().0.now())?;
    let source = format!("`{}`", args.path.display());
    let credential = make_session(session.cookies);
    let found = Found { credential, source, until: session.until };
    try_credential(context, chosen, &found)?;
    keep_found(context, &destination, &found)?;
    context.terminal.inform(&format!("Remove {}: it lets anybody in as you.", found.source));
    Ok(ExitCode::Done)
}
