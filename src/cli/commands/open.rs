//! `zrel open`: the record's page.

use crate::cli::args::open::Open;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::desktop;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption;
use crate::engine::Project;
use crate::engine::Session;
use crate::model::{OpenDraft, RecordId, ServerKind};
use crate::observed::{Observed, RecordState};

pub(super) fn run(context: &Context, args: &Open) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let request = project.record_location()?;
    context.runtime.block_on(async {
        let session = connection::connect(context, &project).await?;
        let shown = match session.observe_record(&request).await {
            Ok(observed) => {
                let own = request.draft.map(OpenDraft::id);
                show(context, args, (&session, own), &observed).await
            }
            Err(error) => Err(error.into()),
        };
        // The local server ends with this command, and the page with it.
        if shown.is_ok() && project.server.kind == ServerKind::Local {
            if args.print {
                context.terminal.inform("The page is there while `zrel serve` runs.");
            } else {
                context.terminal.say("The page is served until you press Ctrl-C.");
                interruption::stop_signal().await;
            }
        }
        session.close().await;
        shown.map(|()| ExitCode::Done)
    })
}

/// Shows the page of the draft that zrel left open, or else that of the latest version; of any draft
/// if none is published.
async fn show(
    context: &Context,
    args: &Open,
    (session, own): (&Session, Option<RecordId>),
    observed: &Observed,
) -> Result<(), Failure> {
    let page = match (&observed.record, &observed.draft) {
        // zrel's own draft is there to be reviewed before it is published.
        (RecordState::Published(record), draft)
            if draft.as_ref().is_none_or(|draft| own != Some(draft.id)) =>
        {
            record.html.clone()
        }
        // Only its owner may see a draft, and a browser has no token.
        (_, Some(draft)) => session.sign_in_link(draft.id).await.unwrap_or(draft.html.clone()),
        (_, None) => {
            return Err(Failure::new(ExitCode::Failed, "there is no record and no draft to show")
                .hint("publish it first: zrel apply"));
        }
    };
    context.terminal.print(&format!("{}\n", crate::render::escape_text(&page)));
    // The server chose the address, and a desktop opens other kinds with any program.
    let is_address = page.starts_with("https://") || page.starts_with("http://127.0.0.1:");
    if !args.print && is_address && !desktop::open_page(&page) {
        context.terminal.say("No browser could be started: open the address by hand.");
    }
    Ok(())
}
