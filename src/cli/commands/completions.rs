//! `zrel completions` and `zrel man`: the program's completions and manual pages.

use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::cli::args::completions::{Completions, Man};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

/// Prints the completions of a shell.
#[expect(clippy::unnecessary_wraps, reason = "the same signature as every verb")]
pub(in crate::cli) fn print_completions(
    context: &Context,
    args: &Completions,
) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "zrel", &mut script);
    context.terminal.print(&String::from_utf8_lossy(&script));
    Ok(ExitCode::Done)
}

/// Writes a page for the program, and one for each verb.
pub(in crate::cli) fn write_man_pages(context: &Context, args: &Man) -> Result<ExitCode, Failure> {
    let made = std::fs::create_dir_all(&args.into)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &args.into));
    made.map_err(|error| {
        let message = format!("can't write the pages into `{}`", args.into.display());
        let mut failure = Failure::new(ExitCode::Failed, message);
        failure.causes.push(error.to_string());
        failure.hint("name a folder that may be written to")
    })?;
    context.terminal.print(&format!("Wrote the manual pages into {}\n", args.into.display()));
    Ok(ExitCode::Done)
}
