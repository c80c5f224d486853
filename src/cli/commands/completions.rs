//! `zrel completions` and `zrel man`: the program's completions and manual pages.

use std::fmt::Write;

use clap::builder::PossibleValue;
use clap::{Arg, Command, CommandFactory};
use clap_complete::Shell;

use super::explain::list_codes;
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
    let mut command = add_codes(Cli::command());
    clap_complete::generate(args.shell, &mut command, "zrel", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if args.shell == Shell::Fish {
        script.push_str(&write_fish_values(&command));
    }
    context.terminal.print(&script);
    Ok(ExitCode::Done)
}

/// Makes the codes that `explain` knows its possible values. The parser has no list of them, since
/// its errors and its help would print all.
fn add_codes(command: Command) -> Command {
    let codes = list_codes().into_iter();
    let codes: Vec<PossibleValue> =
        codes.map(|(code, meaning)| PossibleValue::new(code).help(meaning)).collect();
    command.mut_subcommand("explain", |explain| {
        explain.mut_arg("code", |code| code.value_parser(codes))
    })
}

/// Returns the lines by which fish completes the values of arguments without a name, which
/// `clap_complete` writes for the other shells only.
fn write_fish_values(command: &Command) -> String {
    let mut lines = String::new();
    for verb in command.get_subcommands() {
        let seen = format!("__fish_zrel_using_subcommand {}", verb.get_name());
        push_fish_values(&mut lines, verb, &seen);
        for inner in verb.get_subcommands() {
            let seen = format!("{seen}; and __fish_seen_subcommand_from {}", inner.get_name());
            push_fish_values(&mut lines, inner, &seen);
        }
    }
    lines
}

fn push_fish_values(lines: &mut String, command: &Command, condition: &str) {
    let values = command.get_positionals().flat_map(Arg::get_possible_values);
    for value in values {
        let help = value.get_help().map(ToString::to_string).unwrap_or_default();
        // Inside double quotes fish reads only these as its own.
        let help = help.replace(['"', '\\', '$'], "");
        let name = value.get_name();
        let _ =
            writeln!(lines, "complete -c zrel -n \"{condition}\" -f -a \"{name}\" -d \"{help}\"");
    }
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
