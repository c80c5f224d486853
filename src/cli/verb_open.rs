//! `zrel open`: the record's page.

use std::process::{Command, Stdio};

use super::Context;
use super::args::Open;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::outcome;
use super::project::Project;
use super::session::Session;
use super::verb_show::observe;
use crate::model::ServerKind;
use crate::observed::{Observed, Presence};

pub(super) fn run(context: &Context, args: &Open) -> Result<ExitCode, Failure> {
    let project = Project::load(&context.global)?;
    let observed = observe(context, &project)?;
    let Some(page) = page(&observed) else {
        return Err(Failure::new(ExitCode::Failed, "there is no record and no draft to show")
            .hint("publish it first: zrel apply"));
    };
    if project.server.kind != ServerKind::Local {
        show(context, args, &page);
        return Ok(ExitCode::Done);
    }
    context.runtime.block_on(async {
        let session = Session::connect(&project).await?;
        show(context, args, &page);
        context.ui.say("The page is there until you press Ctrl-C.");
        outcome::stop_signal().await;
        session.close().await;
        Ok(ExitCode::Done)
    })
}

fn page(observed: &Observed) -> Option<String> {
    match &observed.record {
        Presence::Published(record) => Some(record.html.clone()),
        Presence::Unbound
        | Presence::Unpublished
        | Presence::Gone { .. }
        | Presence::NotOurs { .. } => observed.draft.as_ref().map(|draft| draft.html.clone()),
    }
}

fn show(context: &Context, args: &Open, page: &str) {
    context.ui.print(&format!("{}\n", crate::render::shown(page)));
    let is_address = page.starts_with("https://") || page.starts_with("http://127.0.0.1:");
    if !args.print && is_address && !open_browser(page) {
        context.ui.say("No browser could be started: open the address by hand.");
    }
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
    for name in super::environment::secret_names() {
        command.env_remove(name);
    }
    command.spawn().is_ok()
}
