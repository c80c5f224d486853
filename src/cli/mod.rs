//! The command line: clap types, one file a command, the environment, reports, exit codes.
//!
//! `args` has the command line as types and names no command; `commands` has a file for each.
//! A command calls the [`engine`](crate::engine), turns its errors into failures
//! (`error_mapping`), and prints. This is the only reader of the environment, and decides nothing
//! that the engine could decide.

mod approval;
mod args;
mod channels;
mod ci;
mod commands;
mod comment_body;
mod connection;
mod connections;
mod context;
mod credential;
mod desktop;
mod environment;
mod error_mapping;
mod exit_code;
mod failpoint;
mod failure;
mod generated_files;
mod help;
pub mod in_process;
mod interruption;
mod logging;
mod manifest_above;
mod named_records;
mod notifications;
mod report;
mod review_messages;
mod selection;
mod terminal_sink;
mod unpublished;
mod workflow_outputs;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::terminal::{Asking, Terminal};

use args::{Cli, Format, Global};
use context::Context;
pub use environment::read_token_variable;
pub use exit_code::ExitCode;
use failure::Failure;
use help::parse_command_line;
use manifest_above::find_manifest_above;

/// Runs the program and returns its exit code.
pub fn main() -> ExitCode {
    let mut cli = match parse_command_line() {
        Ok(cli) => cli,
        Err(error) => return report_usage_error(&error),
    };
    // A CI job has no person, even if its stdin looks like a terminal.
    let asking = if cli.global.no_input || environment::is_ci() {
        Asking::Forbidden
    } else {
        Asking::Allowed
    };
    let terminal = Terminal::new(environment::choose_color(cli.global.color), asking);
    let terminal = terminal.quiet(cli.global.quiet);
    let terminal = Arc::new(terminal.read_by_runner(environment::read_runner().is_some()));
    if let Some(folder) = find_folder_above(&cli) {
        terminal.say(&format!("Using `{}`.", folder.join(&cli.global.manifest).display()));
        cli.global.directory = Some(folder);
    }
    let format = cli.command.format();
    let started = logging::start(cli.global.verbose, &terminal);
    let code = started.and_then(|()| run(cli, Arc::clone(&terminal))).unwrap_or_else(|failure| {
        // A program that asked for JSON gets one document on stdout, for a failure too.
        if format == Format::Json {
            terminal.print(&crate::render::write_json_text(&failure.json()));
        }
        terminal.say_error(&failure.text());
        workflow_outputs::annotate_failure(&terminal, &failure);
        failure.code
    });
    match terminal.lost() {
        Some(error) => report_lost_output(&terminal, &error, code),
        None => code,
    }
}

/// Returns the folder above this one that has the manifest, when this one has none and no folder
/// was named.
fn find_folder_above(cli: &Cli) -> Option<PathBuf> {
    let Global { directory: None, manifest, .. } = &cli.global else { return None };
    let is_name = manifest.file_name() == Some(manifest.as_os_str());
    if !cli.command.needs_manifest() || !is_name || manifest.exists() {
        return None;
    }
    let here = std::env::current_dir().ok()?;
    find_manifest_above(&here, manifest, environment::find_home().as_deref())
}

/// Reports that stdout could not be written. That is a failure: the next reader would take a part
/// for the whole.
fn report_lost_output(terminal: &Terminal, error: &std::io::Error, code: ExitCode) -> ExitCode {
    let mut failure = Failure::new(ExitCode::Failed, "can't write to stdout");
    failure.causes.push(error.to_string());
    if code == ExitCode::Done {
        failure.hints.push("everything else was done".to_owned());
    }
    terminal.say_error(&failure.text());
    // The code of an earlier failure says more than that of the lost output.
    if matches!(code, ExitCode::Done | ExitCode::Changes) { failure.code } else { code }
}

/// Reports a command line that can't be parsed. It has a code of its own, since clap's 2 would mean
/// «changes present».
fn report_usage_error(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    // clap returns `--help` and `--version` as errors too.
    if !error.use_stderr() {
        return ExitCode::Done;
    }
    if environment::asks_for_json() {
        let text = error.render().to_string();
        let first = text.lines().next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(first);
        let failure = Failure::new(ExitCode::Usage, message).hint("see `zrel --help`");
        let terminal = Terminal::new(anstream::ColorChoice::Never, Asking::Forbidden);
        terminal.print(&crate::render::write_json_text(&failure.json()));
    }
    ExitCode::Usage
}

fn run(cli: Cli, terminal: Arc<Terminal>) -> Result<ExitCode, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let mut failure = Failure::new(ExitCode::Failed, "can't start");
            failure.causes.push(error.to_string());
            return Err(failure);
        }
    };
    let runtime = Arc::new(runtime);
    let context = Context {
        global: cli.global,
        terminal,
        runtime,
        planned_in: None,
        connections: None,
        document: None,
        time: OnceLock::new(),
        credential_source: OnceLock::new(),
    };
    let result = commands::run(&context, &cli.command);
    result.map_err(|failure| name_credential(failure, context.credential_source.get()))
}

/// Adds to a failure of the credentials where the refused one was found: a machine may have several.
fn name_credential(failure: Failure, source: Option<&String>) -> Failure {
    match source {
        Some(source) if failure.code == ExitCode::Credentials => failure.hint(source.clone()),
        _ => failure,
    }
}
