//! `zrel show`: a saved plan, or what is on the server.

use super::Context;
use super::args::{Decisions, Format, Limits, Show};
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::project::Project;
use super::saved::{self, Saved};
use super::session::{Session, policy};
use super::verb_plan::print_checked;
use crate::check::check;
use crate::observed::Observed;
use crate::render::{record_json, record_text, shown};

pub(super) fn run(context: &Context, args: &Show) -> Result<ExitCode, Failure> {
    if let Some(path) = &args.plan {
        let saved = saved::read(path)?;
        match args.output.format {
            Format::Text => print_saved(context, &saved),
            Format::Json => context.ui.print(&format!("{:#}\n", saved.document)),
        }
        return Ok(ExitCode::Done);
    }
    let project = Project::load(&context.global)?;
    let observed = observe(context, &project)?;
    match args.output.format {
        Format::Text => context.ui.print(&record_text(&observed)),
        Format::Json => context.ui.print(&format!("{:#}\n", record_json(&observed))),
    }
    Ok(ExitCode::Done)
}

/// A plan that was blocked when it was made says so: nothing tells that it no longer is.
fn print_saved(context: &Context, saved: &Saved) {
    print_checked(context, &check(saved.plan.clone()), None);
    let blocked_by = saved.blocked_by();
    if !blocked_by.is_empty() {
        context.ui.print("\nBlocked when it was made, by:\n");
    }
    for line in blocked_by {
        context.ui.print(&format!("  {}\n", shown(&line)));
    }
}

/// Reads what is on the server.
pub(super) fn observe(context: &Context, project: &Project) -> Result<Observed, Failure> {
    let limits = Limits { max_files: usize::MAX, max_bytes: u64::MAX };
    let inventory = super::verb_plan::hashed_inventory(context, project, &limits)?;
    let gathered = project.gather(inventory)?;
    let policy = policy(project, &gathered, &Decisions::default());
    context.runtime.block_on(async {
        let session = Session::connect(project).await?;
        let observed = session.observe(&gathered, &policy).await;
        session.close().await;
        observed
    })
}
