//! `zrel doctor --fix`: mends broken drafts, each call after a person saw it.

use crate::cli::approval::ask_to_mend;
use crate::cli::args::doctor::Doctor;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::doctor::{Mend, examine_drafts, list_mends, make_call};
use crate::engine::{Project, Session};
use crate::render::escape_text;

/// Mends what can be mended: shows each call, asks, and makes it. The caller looks again.
///
/// # Errors
/// A [`Failure`] with code 13 when a call is not confirmed, and that of a call that fails.
pub(super) async fn mend(
    context: &Context,
    args: &Doctor,
    project: &Project,
    session: &Session,
) -> Result<(), Failure> {
    let examination = examine_drafts(project, session).await?;
    let mut is_mended = false;
    for examined in &examination.drafts {
        let mends = list_mends(examined);
        if mends.is_empty() {
            continue;
        }
        show_calls(context, &mends);
        if !args.auto_approve {
            ask_to_mend(context, examined.draft.id)?;
        }
        for mend in &mends {
            make_call(project, session, mend).await?;
        }
        is_mended = true;
    }
    if !is_mended {
        context.terminal.say("There is nothing that a call mends.");
        return Ok(());
    }
    let now = examine_drafts(project, session).await?;
    // A server that still holds a lost reservation says that the DOI is there, and shows none.
    let is_whole = now.drafts.iter().all(|examined| list_mends(examined).is_empty());
    context.terminal.say(if is_whole {
        "Mended.\n"
    } else {
        "The calls were made, and the server shows a draft that is still broken.\n"
    });
    Ok(())
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
