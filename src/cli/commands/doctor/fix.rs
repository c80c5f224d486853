//! `zrel doctor --fix`: mends broken drafts, each call after a person saw it.

use crate::api::Backend;
use crate::cli::approval::ask_to_mend;
use crate::cli::args::doctor::Doctor;
use crate::cli::context::Context;
use crate::cli::error_mapping::map_api_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::doctor::{Examined, Mend, examine_drafts, list_mends, make_calls};
use crate::engine::{EngineError, Project, Session};
use crate::model::RecordId;
use crate::observed::DraftKind;
use crate::render::escape_text;

use super::drafts::find_foreign;
use super::give_back::{list_given_back, offer_discard};
use super::release::make_checked_plan;

/// Returns what drafts are written by: it is known once a draft was read.
pub(super) fn find_backend(session: &Session) -> Backend {
    session.read().known_backend().unwrap_or(Backend::Deposit)
}

/// Mends what can be mended: shows each call, asks, and makes it. Then offers to discard what no call
/// mends. The caller looks again.
///
/// # Errors
/// A [`Failure`] with code 13 when a call is not confirmed, and that of a call that fails.
pub(super) async fn mend(
    context: &Context,
    args: &Doctor,
    project: &Project,
    session: &Session,
) -> Result<(), Failure> {
    // With credentials that are refused, no draft shows, and nothing would seem to be broken.
    session.read().check_credentials().await.map_err(EngineError::Api)?;
    let done = make_all_calls(context, args, (project, session)).await?;
    // The calls may have been all that the plan was waiting for.
    let now = examine_drafts(project, session).await?;
    let checked = make_checked_plan(context, project, session).await.ok();
    let given_back = list_given_back((&now, &done.held), checked.as_ref());
    if !done.mended.is_empty() {
        let is_broken = |it: &&Examined| {
            done.mended.contains(&it.draft.id) && !list_mends(it, find_backend(session)).is_empty()
        };
        context.terminal.say(match now.drafts.iter().find(is_broken) {
            None => "Mended.\n",
            // A server that still holds a lost reservation shows no DOI.
            Some(_) => "The calls were made, and the server shows a draft that is still broken.\n",
        });
    } else if given_back.is_empty() && now.unread.is_empty() {
        context.terminal.say("There is nothing that a call mends.");
    }
    for draft in &given_back {
        offer_discard(context, (project, session), draft).await?;
    }
    // What could not be read may be broken.
    now.unread.first().map_or(Ok(()), |error| Err(map_api_error(error)))
}

/// The drafts that calls were made about.
#[derive(Default)]
struct Done {
    /// All of them.
    mended: Vec<RecordId>,
    /// Those whose DOI the server refuses, or has and does not show.
    held: Vec<RecordId>,
}

/// Makes the calls of each draft.
async fn make_all_calls(
    context: &Context,
    args: &Doctor,
    (project, session): (&Project, &Session),
) -> Result<Done, Failure> {
    let examination = examine_drafts(project, session).await?;
    let checked = make_checked_plan(context, project, session).await.ok();
    let mut done = Done::default();
    for examined in &examination.drafts {
        let (id, mends) = (examined.draft.id, list_mends(examined, find_backend(session)));
        if mends.is_empty() {
            continue;
        }
        show_calls(context, &mends);
        // What another client registers in a new version may be on its way, and nothing else shows its
        // work. The server takes no content for what is registered in an edit.
        let may_come = examined.draft.kind == DraftKind::NewVersion;
        let is_foreign =
            may_come && checked.as_ref().is_some_and(|it| find_foreign(it, id).is_some());
        if !args.auto_approve || is_foreign {
            ask_to_mend(context, id, describe_approval(context, is_foreign))?;
        }
        let made = make_calls(project, session, &mends).await?;
        for refusal in &made.refused {
            let failure = map_api_error(refusal).join_causes();
            context.terminal.say(&escape_text(&failure.message));
        }
        done.mended.push(id);
        if made.is_held || !made.refused.is_empty() {
            done.held.push(id);
        }
    }
    Ok(done)
}

/// Returns how the calls are approved where nobody can be asked.
fn describe_approval(context: &Context, is_foreign: bool) -> String {
    if is_foreign {
        "it is not zrel's, and --auto-approve counts for zrel's own alone: confirm at a terminal"
            .to_owned()
    } else {
        let zrel = context.command();
        format!("approve it on the command line: {zrel} doctor --fix --auto-approve")
    }
}

fn show_calls(context: &Context, mends: &[Mend]) {
    for mend in mends {
        let line = format!("{}:\n  {}", escape_text(&mend.why), escape_text(&mend.call()));
        context.terminal.say(&line);
    }
}

/// Refuses to mend and to print a document at once: the calls are shown as text.
///
/// # Errors
/// A [`Failure`] with code 64.
pub(super) fn refuse_document() -> Failure {
    Failure::new(ExitCode::Usage, "--fix shows its calls as text")
        .hint("leave out --format json, and look again with it afterwards")
}
