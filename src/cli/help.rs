//! The command line as it is parsed: its global options stand once in the help, in the program's.

use clap::{Arg, Command, CommandFactory, FromArgMatches};

use super::args::Cli;
use super::environment::choose_help_color;

/// What a command's help says instead of the global options.
const GLOBAL: &str = "Global options, such as -C, -q and --color: see `zrel --help`.";

/// Parses the command line.
///
/// # Errors
/// What clap says of it, also for `--help` and `--version`.
pub(super) fn parse_command_line() -> Result<Cli, clap::Error> {
    let mut command = hide_global_options(Cli::command()).color(choose_help_color());
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Leaves the global options out of the help of each command.
fn hide_global_options(command: Command) -> Command {
    let globals = command.get_arguments().filter(|arg| arg.is_global_set());
    let globals: Vec<Arg> = globals.map(|arg| arg.clone().hide(true)).collect();
    command.mut_subcommands(|command| hide_options(command, &globals))
}

fn hide_options(command: Command, globals: &[Arg]) -> Command {
    // clap passes on only what a command does not have. `lock rm` has a `manifest` of its own.
    let is_missing = |arg: &&Arg| command.get_arguments().all(|own| own.get_id() != arg.get_id());
    let missing: Vec<Arg> = globals.iter().filter(is_missing).cloned().collect();
    let command = command.args(missing).mut_subcommands(|command| hide_options(command, globals));
    let own = command.get_after_help().map(|own| format!("{own}\n\n")).unwrap_or_default();
    command.after_help(format!("{own}{GLOBAL}"))
}
