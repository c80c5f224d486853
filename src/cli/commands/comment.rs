//! `zrel comment`: comments on a pull request what a saved plan would do.
//!
//! Reads no manifest and runs nothing: the plan may come from a stranger's pull request.

use crate::engine::{SavedFile, SavedSet, check_allowed, read_saved};
use std::path::Path;

use serde_json::json;

use crate::cli::args::Format;
use crate::cli::args::comment::Comment;
use crate::cli::ci::{self, Place, Thread};
use crate::cli::comment_body::{self, Body};
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::Saved;
use crate::forge::{CommentBody, Forge, ForgeClient, ForgeError, UpsertOutcome, Upserted};
use crate::http::{Client, ClientOptions, HttpError, READ_TIMEOUT};
use crate::observed::View;
use crate::render::{escape_text, write_json_text};

pub(super) fn run(context: &Context, args: &Comment) -> Result<ExitCode, Failure> {
    let saved = read_saved(&args.plan)?;
    let plans: Vec<&Saved> = match &saved {
        SavedFile::One(one) => vec![one],
        SavedFile::Set(set) => set.plans().collect(),
    };
    for one in plans {
        check_public(one, &args.plan)?;
        // A stranger's plan may name a server of theirs, which the comment would link to.
        check_allowed(&one.plan().server, &args.allow_server)?;
    }
    let place = ci::find_place(args.forge, args.number)?;
    let budget = args.budget.unwrap_or_else(|| place.forge.comment_budget());
    let (body, creates) = match saved {
        SavedFile::One(one) => build_one(&one, budget),
        SavedFile::Set(set) => build_set(set, budget),
    };
    let forge = connect_forge(context, args, &place)?;
    let said = context.runtime.block_on(async {
        let number = match &place.thread {
            Thread::Number(number) => Some(*number),
            Thread::Of(head) => forge.pull_request_of(head).await?,
        };
        // The branch has moved on, and the run for its new commit comments.
        let Some(number) = number else { return Ok(None) };
        let note = CommentBody { marker: &body.marker, body: &body.text, creates };
        Ok(Some((number, forge.upsert_comment(number, note).await?)))
    });
    let said = said.map_err(|error| map_forge_error(&error, place.forge))?;
    report_comment(context, args, &place, said.as_ref());
    Ok(ExitCode::Done)
}

/// Returns the comment, and whether one is created where there is none: a pull request without
/// changes gets no comment, but an older comment is updated.
fn build_one(saved: &Saved, budget: usize) -> (Body, bool) {
    // What the digest does not cover, a stranger may have made up.
    let plan = saved.plan().without_renames();
    let body = comment_body::build_comment_body(&plan, &saved.document, budget);
    (body, !saved.plan().is_empty())
}

/// Does the same for the plans of a workspace.
fn build_set(saved: SavedSet, budget: usize) -> (Body, bool) {
    let saved = saved.without_renames();
    let review = saved.review();
    (comment_body::build_set_body(&review, budget), !review.is_empty())
}

/// Refuses a plan that was made with a token: it may show texts and files of a restricted record or
/// of a draft.
fn check_public(saved: &Saved, path: &Path) -> Result<(), Failure> {
    if saved.plan().view == View::Public {
        return Ok(());
    }
    let message = format!("the plan `{}` was made with a token", path.display());
    Err(Failure::new(ExitCode::Blocked, message)
        .hint("a comment may show only public data: zrel plan --public --out FILE"))
}

fn connect_forge(context: &Context, args: &Comment, place: &Place) -> Result<ForgeClient, Failure> {
    let token = environment::read_forge_token(place.forge)
        .ok_or_else(|| make_no_token_failure(place.forge))?;
    let clock = environment::make_clock();
    let deadline = clock.deadline_in(context.global.time_limit.unwrap_or(std::time::Duration::MAX));
    let read_timeout = context.global.read_timeout.unwrap_or(READ_TIMEOUT);
    let options = ClientOptions::new(&place.api, Some(token), clock);
    // A redirect would take the token to another address.
    let options = ClientOptions { follows: false, read_timeout, deadline, ..options };
    let client = Client::new(options).map_err(|error| {
        let is_token = matches!(error, HttpError::Token);
        let code = if is_token { ExitCode::Credentials } else { ExitCode::Usage };
        Failure::of(code, &error)
    })?;
    ForgeClient::new(client, place.forge, &place.api, &place.repository, args.author.clone())
        .map_err(|error| Failure::of(ExitCode::Usage, &error))
}

fn make_no_token_failure(forge: &dyn Forge) -> Failure {
    let tokens = forge.tokens();
    let names = match tokens.variables {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    };
    let message = format!("there is no token for {}: {names} is not set", forge.name());
    Failure::new(ExitCode::Credentials, message).hint(tokens.origin)
}

fn map_forge_error(error: &ForgeError, forge: &dyn Forge) -> Failure {
    let code = match error {
        ForgeError::Unauthorized { .. } | ForgeError::Forbidden { .. } => ExitCode::Credentials,
        ForgeError::RateLimited { .. } => ExitCode::Busy,
        ForgeError::Transport { source: HttpError::Certificate(_), .. } => ExitCode::Untrusted,
        // Only what may pass has a code that invites another try.
        ForgeError::Transport { source, .. } if !source.is_passing() && !source.is_time_over() => {
            ExitCode::Failed
        }
        ForgeError::Transport { .. }
        | ForgeError::Unavailable { .. }
        | ForgeError::Strange { .. } => ExitCode::Unavailable,
        ForgeError::NotFound { .. }
        | ForgeError::Moved { .. }
        | ForgeError::Refused { .. }
        | ForgeError::TooMany(_) => ExitCode::Failed,
        ForgeError::Repository(_) => ExitCode::Usage,
    };
    let failure = Failure::of(code, error);
    match choose_forge_hint(error, forge) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Returns what to do next.
fn choose_forge_hint(error: &ForgeError, forge: &dyn Forge) -> Option<String> {
    match error {
        ForgeError::Forbidden { .. } => Some(forge.tokens().rights.to_owned()),
        ForgeError::Unauthorized { .. } => {
            Some("check that the token is for this forge, and has not expired".to_owned())
        }
        ForgeError::NotFound { .. } => {
            Some("check the repository and the number, and that the token may see them".into())
        }
        ForgeError::RateLimited { wait: Some(wait), .. } => {
            Some(format!("wait {} seconds, and run this again", wait.as_secs()))
        }
        ForgeError::RateLimited { wait: None, .. } => Some("wait, and run this again".to_owned()),
        ForgeError::Moved { .. } => {
            Some("the repository may have been renamed: check the name that CI uses".to_owned())
        }
        ForgeError::Transport { source: HttpError::Certificate(_), .. } => {
            Some(error_mapping::UNTRUSTED.to_owned())
        }
        // The comment may have been written although no answer came.
        ForgeError::Transport { .. } | ForgeError::Unavailable { .. } => {
            Some("run this again: it finds its comment, and does not write a second one".to_owned())
        }
        ForgeError::Strange { .. } => Some("check --forge, and whether a proxy answers".to_owned()),
        ForgeError::Refused { .. } | ForgeError::TooMany(_) | ForgeError::Repository(_) => None,
    }
}

fn report_comment(
    context: &Context,
    args: &Comment,
    place: &Place,
    said: Option<&(u64, Upserted)>,
) {
    let outcome = said.map(|(_, said)| said.outcome);
    let url = said.and_then(|(_, said)| said.url.as_deref());
    let number = said.map(|(number, _)| *number);
    let thread = number.map_or_else(String::new, |number| place.forge.thread(number));
    let (word, text) = match outcome {
        Some(UpsertOutcome::Created) => ("created", format!("Commented on {thread}.")),
        Some(UpsertOutcome::Updated) => ("updated", format!("Changed the comment on {thread}.")),
        Some(UpsertOutcome::Unchanged) => {
            ("unchanged", format!("The comment on {thread} is up to date."))
        }
        Some(UpsertOutcome::Skipped) => {
            ("silent", format!("Nothing to do, and no comment on {thread}."))
        }
        None => (
            "moved-on",
            "No open pull request has the commit of this run: no comment was written.".to_owned(),
        ),
    };
    match args.output.format {
        Format::Text => {
            context.terminal.print(&format!("{text}\n"));
            if let Some(url) = url {
                context.terminal.print(&format!("{}\n", escape_text(url)));
            }
        }
        Format::Json => {
            let document = json!({
                "format_version": "1.0",
                "forge": place.forge.name().to_lowercase(),
                "number": number,
                "outcome": word,
                "url": url,
            });
            context.terminal.print(&write_json_text(&document));
        }
    }
}
