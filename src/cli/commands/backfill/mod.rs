//! `zrel backfill`: past releases, each tag as a version of the record.

mod apply;
mod approve;
mod build;
mod flags;
mod gather;
mod plan;

use crate::cli::args::backfill::{Backfill, BackfillCommand};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

/// Runs a command of `zrel backfill`.
///
/// # Errors
/// A [`Failure`] when tags or files can't be read, or the server can't be asked.
pub(super) fn run(context: &Context, args: &Backfill) -> Result<ExitCode, Failure> {
    match &args.what {
        None => apply::run(context, &args.apply),
        Some(BackfillCommand::Plan(args)) => plan::run(context, args),
        Some(BackfillCommand::Apply(args)) => apply::run(context, args),
        Some(BackfillCommand::Build(args)) => build::run(context, args),
    }
}
