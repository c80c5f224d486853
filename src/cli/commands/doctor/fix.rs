//! `zrel doctor --fix`: mends broken drafts, each call after a person saw it.

use crate::cli::approval::ask_to_mend;
use crate::cli::args::doctor::Doctor;
use crate::cli::context::Context;
use crate::cli::error_mapping::map_api_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::doctor::{Examined, Mend, examine_drafts, list_mends, make_calls};
use crate::engine::{Project, Session};
use crate::model::RecordId;
use crate::render::escape_text;

use super::give_back::{list_given_back, offer_discard};
use super::release::make_checked_plan;

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
    let mended = make_all_calls(context, args, (project, session)).await?;
    // The calls may have been all that the plan was waiting for.
    let now = examine_drafts(project, session).await?;
    let checked = make_checked_plan(context, project, session).await.ok();
    let given_back = list_given_back((&now, &mended), checked.as_ref());
    if !mended.is_empty() {
        let is_broken =
            |it: &&Examined| mended.contains(&it.draft.id) && !list_mends(it).is_empty();
        context.terminal.say(match now.drafts.iter().find(is_broken) {
            None => "Mended.\n",
            // A server that still holds a lost reservation shows no DOI.
            Some(_) => "The calls were made, and the server shows a draft that is still broken.\n",
        });
    } else if given_back.is_empty() {
        context.terminal.say("There is nothing that a call mends.");
    }
    for draft in &given_back {
        offer_discard(context, (project, session), draft).await?;
    }
    Ok(())
}

/// Makes the calls of each draft, and returns the drafts that they were about.
async fn make_all_calls(
    context: &Context,
    args: &Doctor,
    (project, session): (&Project, &Session),
) -> Result<Vec<RecordId>, Failure> {
    let examination = examine_drafts(project, session).await?;
    let mut mended = Vec::new();
    for examined in &examination.drafts {
        let mends = list_mends(examined);
        if mends.is_empty() {
            continue;
        }
        show_calls(context, &mends);
        if !args.auto_approve {
            ask_to_mend(context, examined.draft.id)?;
        }
        let made = make_calls(project, session, &mends).await?;
        for refusal in &made.refused {
            let failure = map_api_error(refusal).join_causes();
            context.terminal.say(&escape_text(&failure.message));
        }
        mended.push(examined.draft.id);
    }
    Ok(mended)
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
