//! `zrel auth login`: takes a token, tries it, and keeps it.

use std::io::Read;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::keep::{keep_found, prepare, try_credential};
use super::password::log_in;
use super::server::Chosen;
use crate::cli::args::auth::Login;
use crate::cli::context::Context;
use crate::cli::credential::{Found, locate_token_page, name_scopes, validate_token};
use crate::cli::desktop;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption;
use crate::render::escape_text;

/// The most that is read of stdin. Bytes.
const MAX_TOKEN: u64 = 16 * 1024;

pub(super) fn run(context: &Context, args: &Login) -> Result<ExitCode, Failure> {
    require_way(context, args)?;
    let destination = prepare(context, &args.target, "login")?;
    let chosen = &destination.chosen;
    let found = if args.with_password {
        log_in(context, chosen)?
    } else if args.stdin {
        read_from_stdin()?
    } else {
        ask_for_token(context, args, chosen)?
    };
    try_credential(context, chosen, &found)?;
    keep_found(context, &destination, &found)?;
    if let Some((_, variable)) = environment::read_token_variable(&chosen.host) {
        context.terminal.say(&format!(
            "note: {variable} is set, and goes first: unset it to use what was kept"
        ));
    }
    Ok(ExitCode::Done)
}

/// Refuses a run that has no way to get a token.
fn require_way(context: &Context, args: &Login) -> Result<(), Failure> {
    if args.with_password || args.stdin || context.terminal.can_ask() {
        return Ok(());
    }
    let message = "nobody can be asked for the token here";
    Err(Failure::new(ExitCode::Confirmation, message)
        .hint("give it on stdin: `zrel auth login --stdin < FILE`")
        .hint("in CI, put it into the environment: see docs/credentials.md"))
}

/// Shows where a token is made, and asks for it.
fn ask_for_token(context: &Context, args: &Login, chosen: &Chosen) -> Result<Found, Failure> {
    let terminal = &context.terminal;
    let page = locate_token_page(&chosen.server.url);
    terminal.say(&format!(
        "Make a token on this page, {}:\n  {}",
        name_scopes(&chosen.server.url),
        escape_text(&page)
    ));
    // The manifest chose the address of a server that only it names.
    if chosen.is_known && !args.no_browser && !desktop::open_page(&page) {
        terminal.say("No browser could be started: open the address by hand.");
    }
    let typed = ask_hidden(context, "Paste the token (it is not shown):");
    match typed {
        Some(text) if !text.expose_secret().trim().is_empty() => {
            validate_token(text.expose_secret(), "what was typed".to_owned())
        }
        Some(_) | None => {
            Err(Failure::new(ExitCode::Confirmation, "no token was given; nothing was kept"))
        }
    }
}

/// Asks for a secret. A signal meanwhile ends the program, with a terminal that shows again.
fn ask_hidden(context: &Context, question: &str) -> Option<SecretString> {
    let terminal = Arc::clone(&context.terminal);
    let watch = context.runtime.spawn(async move {
        interruption::end_signal().await;
        terminal.show_input();
        std::process::exit(i32::from(ExitCode::Interrupted.number()));
    });
    let typed = context.terminal.ask_secret(question);
    watch.abort();
    typed
}

fn read_from_stdin() -> Result<Found, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MAX_TOKEN).read_to_string(&mut text);
    read.map_err(|error| {
        let mut failure = Failure::new(ExitCode::Usage, "can't read the token from stdin");
        failure.causes.push(error.to_string());
        failure
    })?;
    let text = SecretString::from(text);
    validate_token(text.expose_secret(), "stdin".to_owned())
}
