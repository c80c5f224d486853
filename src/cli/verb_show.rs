//! `zrel show`: a saved plan, or what is on the server.

use super::Context;
use super::args::{Decisions, Format, Limits, Show};
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::project::Project;
use super::saved;
use super::session::{Session, policy};
use super::verb_plan::print_checked;
use crate::check::check;
use crate::observed::Observed;
use crate::render::{plan_json, record_json, record_text};

pub(super) fn run(context: &Context, args: &Show) -> Result<ExitCode, Failure> {
    if let Some(path) = &args.plan {
        let saved = saved::read(path)?;
        let checked = check(saved.plan);
        match args.output.format {
            Format::Text => print_checked(context, &checked, None),
            Format::Json => context.ui.print(&format!("{:#}\n", plan_json(&checked, None))),
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
