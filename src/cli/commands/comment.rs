//! `zrel comment`: says on a pull request what a saved plan would do.
//!
//! Reads no manifest and runs nothing: the plan may come from a stranger's pull request.

use crate::engine::{check_allowed, read_plan};
use std::path::Path;

use serde_json::json;

use crate::cli::args::Format;
use crate::cli::args::comment::Comment;
use crate::cli::ci::{self, Place, Thread};
use crate::cli::comment_body;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::Saved;
use crate::forge::{Forge, ForgeError, Kind, Note, Outcome, Said};
use crate::http::{Client, ClientOptions, HttpError, SILENCE};
use crate::observed::View;
use crate::render::{json_text, shown};

pub(super) fn run(context: &Context, args: &Comment) -> Result<ExitCode, Failure> {
    let saved = read_plan(&args.plan)?;
    is_public(&saved, &args.plan)?;
    check_allowed(&saved.plan().server, &args.allow_server)?;
    let place = ci::place(&environment::ci(), args.forge, args.number)?;
    let budget = args.budget.unwrap_or_else(|| place.kind.budget());
    let body = comment_body::body(saved.plan(), &saved.document, budget);
    let forge = connect(context, args, &place)?;
    let said = context.runtime.block_on(async {
        let number = match &place.thread {
            Thread::Number(number) => Some(*number),
            Thread::Of(head) => forge.pull_request_of(head).await?,
        };
        let Some(number) = number else { return Ok(None) };
        let creates = !saved.plan().is_empty();
        let note = Note { marker: &body.marker, body: &body.text, creates };
        Ok(Some((number, forge.say(number, note).await?)))
    });
    let said = said.map_err(|error| of_forge(&error, place.kind))?;
    report(context, args, &place, said.as_ref());
    Ok(ExitCode::Done)
}

/// A plan that was made with a token may show what is not for everybody: texts and files of a
/// restricted record, of a draft.
fn is_public(saved: &Saved, path: &Path) -> Result<(), Failure> {
    if saved.plan().view == View::Public {
        return Ok(());
    }
    let message = format!("the plan `{}` was made with a token", path.display());
    Err(Failure::new(ExitCode::Blocked, message)
        .hint("a comment shows only what anybody can see: zrel plan --public --out FILE"))
}

fn connect(context: &Context, args: &Comment, place: &Place) -> Result<Forge, Failure> {
    let token = environment::forge_token(place.kind).ok_or_else(|| no_token(place.kind))?;
    let clock = environment::clock();
    let limit = clock.countdown(context.global.time_limit.unwrap_or(std::time::Duration::MAX));
    let silence = context.global.silence.unwrap_or(SILENCE);
    let options = ClientOptions::new(&place.api, Some(token), clock);
    let options = ClientOptions { follows: false, silence, limit, ..options };
    let client = Client::new(options).map_err(|error| {
        let is_token = matches!(error, HttpError::Token);
        let code = if is_token { ExitCode::Credentials } else { ExitCode::Usage };
        Failure::of(code, &error)
    })?;
    Forge::new(client, place.kind, &place.api, &place.repository, args.author.clone())
        .map_err(|error| Failure::of(ExitCode::Usage, &error))
}

fn no_token(kind: Kind) -> Failure {
    let (names, hint) = match kind {
        Kind::GitHub => (
            "GITHUB_TOKEN",
            "in a workflow: `env: GITHUB_TOKEN: ${{ github.token }}`, and `permissions: pull-requests: write` for the job",
        ),
        Kind::Forgejo => (
            "FORGEJO_TOKEN, GITEA_TOKEN or GITHUB_TOKEN",
            "in a workflow: `env: FORGEJO_TOKEN: ${{ github.token }}`",
        ),
        Kind::GitLab => (
            "GITLAB_TOKEN",
            "make a project access token with the scope `api`, and put it there as a masked variable; CI_JOB_TOKEN may not write comments",
        ),
    };
    let message = format!("there is no token for {}: {names} is not set", kind.name());
    Failure::new(ExitCode::Credentials, message).hint(hint)
}

fn of_forge(error: &ForgeError, kind: Kind) -> Failure {
    let code = match error {
        ForgeError::Unauthorized { .. } | ForgeError::Forbidden { .. } => ExitCode::Credentials,
        ForgeError::RateLimited { .. } => ExitCode::Busy,
        ForgeError::Transport { source: HttpError::Certificate(_), .. } => ExitCode::Untrusted,
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
    match hint(error, kind) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Says what to do next.
fn hint(error: &ForgeError, kind: Kind) -> Option<String> {
    let may_write = match kind {
        Kind::GitHub => {
            "give the job `permissions: pull-requests: write`; a run for a pull request from a fork never gets it, so comment from a `workflow_run`, as `zrel ci init github` sets up"
        }
        Kind::Forgejo => {
            "the token needs write:issue, and read:user unless --author LOGIN says whose it is; a run for a pull request from a fork gets none that may write"
        }
        Kind::GitLab => "the token needs the scope `api` and the role Reporter or above",
    };
    match error {
        ForgeError::Forbidden { .. } => Some(may_write.to_owned()),
        ForgeError::Unauthorized { .. } => {
            Some("see whether the token is this forge's, and has not expired".to_owned())
        }
        ForgeError::NotFound { .. } => {
            Some("see whether repository and number are right, and the token may see them".into())
        }
        ForgeError::RateLimited { wait: Some(wait), .. } => {
            Some(format!("wait {} seconds, and run this again", wait.as_secs()))
        }
        ForgeError::RateLimited { wait: None, .. } => Some("wait, and run this again".to_owned()),
        ForgeError::Moved { .. } => {
            Some("the repository may have another name now: see what CI calls it".to_owned())
        }
        ForgeError::Transport { source: HttpError::Certificate(_), .. } => {
            Some(error_mapping::UNTRUSTED.to_owned())
        }
        ForgeError::Transport { .. } | ForgeError::Unavailable { .. } => {
            Some("run this again: it finds its comment, and makes no second one".to_owned())
        }
        ForgeError::Strange { .. } => {
            Some("see whether --forge names the right kind, and whether a proxy answers".to_owned())
        }
        ForgeError::Refused { .. } | ForgeError::TooMany(_) | ForgeError::Repository(_) => None,
    }
}

fn report(context: &Context, args: &Comment, place: &Place, said: Option<&(u64, Said)>) {
    let outcome = said.map(|(_, said)| said.outcome);
    let url = said.and_then(|(_, said)| said.url.as_deref());
    let number = said.map(|(number, _)| *number);
    let thread = number.map_or_else(String::new, |number| match place.kind {
        Kind::GitHub | Kind::Forgejo => format!("pull request #{number}"),
        Kind::GitLab => format!("merge request !{number}"),
    });
    let (word, text) = match outcome {
        Some(Outcome::Created) => ("created", format!("Commented on {thread}.")),
        Some(Outcome::Updated) => ("updated", format!("Changed the comment on {thread}.")),
        Some(Outcome::Unchanged) => {
            ("unchanged", format!("The comment on {thread} says so already."))
        }
        Some(Outcome::Silent) => ("silent", format!("Nothing to do, and no comment on {thread}.")),
        None => (
            "moved-on",
            "No open pull request is at the commit of this run: nothing was said.".to_owned(),
        ),
    };
    match args.output.format {
        Format::Text => {
            context.ui.print(&format!("{text}\n"));
            if let Some(url) = url {
                context.ui.print(&format!("{}\n", shown(url)));
            }
        }
        Format::Json => {
            let document = json!({
                "format_version": "1.0",
                "forge": place.kind.name().to_lowercase(),
                "number": number,
                "outcome": word,
                "url": url,
            });
            context.ui.print(&json_text(&document));
        }
    }
}
