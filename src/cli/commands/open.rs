//! `zrel open`: the record's page.

use std::process::{Command, Stdio};

use crate::cli::args::open::Open;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption;
use crate::engine::Project;
use crate::engine::Session;
use crate::model::ServerKind;
use crate::observed::{Observed, RecordState};

pub(super) fn run(context: &Context, args: &Open) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let request = project.record_location()?;
    context.runtime.block_on(async {
        let session = connection::connect(&project).await?;
        let shown = match session.ask(&request).await {
            Ok(observed) => show(context, args, &session, &observed).await,
            Err(error) => Err(error.into()),
        };
        if shown.is_ok() && project.server.kind == ServerKind::Local {
            context.terminal.say("The page is there until you press Ctrl-C.");
            interruption::stop_signal().await;
        }
        session.close().await;
        shown.map(|()| ExitCode::Done)
    })
}

/// Shows the latest version's page, or else that of the draft.
async fn show(
    context: &Context,
    args: &Open,
    session: &Session,
    observed: &Observed,
) -> Result<(), Failure> {
    let page = match (&observed.record, &observed.draft) {
        (RecordState::Published(record), _) => record.html.clone(),
        // Only its owner may see a draft, and a browser has no token.
        (_, Some(draft)) => session.sign_in_link(draft.id).await.unwrap_or(draft.html.clone()),
        (_, None) => {
            return Err(Failure::new(ExitCode::Failed, "there is no record and no draft to show")
                .hint("publish it first: zrel apply"));
        }
    };
    context.terminal.print(&format!("{}\n", crate::render::shown(&page)));
    let is_address = page.starts_with("https://") || page.starts_with("http://127.0.0.1:");
    if !args.print && is_address && !open_browser(&page) {
        context.terminal.say("No browser could be started: open the address by hand.");
    }
    Ok(())
}

/// Hands the address to the desktop; it is one argument, never a shell's text.
fn open_browser(page: &str) -> bool {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = Command::new(opener);
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in crate::cli::environment::secret_names() {
        command.env_remove(name);
    }
    command.spawn().is_ok()
}
