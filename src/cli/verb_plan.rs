//! `zrel plan`: reads, compares, prints. Holds nothing that could write to the server.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value as Json;

use super::Context;
use super::args::{Limits, Plan, PlanFormat};
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::project::Project;
use super::saved;
use super::session::{Session, make_plan, policy};
use crate::check::{Checked, Verdict};
use crate::disk;
use crate::inventory::{Inventory, Progress};
use crate::render::{
    Review, Source, findings_text, json_text, plan_json, plan_markdown, plan_text,
};
use crate::ui::Bar;

pub(super) fn run(context: &Context, args: &Plan) -> Result<ExitCode, Failure> {
    let project = Project::load(&context.global)?;
    let inventory = hashed_inventory(context, &project, &args.limits)?;
    let gathered = project.gather(inventory)?;
    let policy = policy(&project, &gathered, &args.decisions);
    let checked = context.runtime.block_on(async {
        let session = Session::connect(&project).await?;
        let observed = session.observe(&gathered, &policy).await;
        session.close().await;
        Ok::<_, Failure>(make_plan(&gathered, &observed?, &policy))
    })?;
    let document = plan_json(&checked, &project.about(), Some(project.source()));
    match args.face.format {
        PlanFormat::Text => print_plan(context, &project, &checked),
        PlanFormat::Json => context.ui.print(&json_text(&document)),
        PlanFormat::Markdown => {
            let review = Review::new(checked.plan(), &document);
            context.ui.print(&plan_markdown(&review, args.face.budget));
        }
    }
    if let Some(path) = &args.face.json_into {
        write_document(path, &document)?;
    }
    if let Some(path) = &args.out {
        saved::write(path, document, &args.decisions)?;
        context.ui.say("Saved the plan.");
    }
    if args.face.format == PlanFormat::Text || args.out.is_some() {
        let next = next_step(&checked, args);
        if !next.is_empty() {
            context.ui.say(&next);
        }
    }
    super::step::planned(context, &project, &checked);
    let has_changes = !checked.plan().is_empty();
    Ok(if has_changes && args.detailed_exitcode { ExitCode::Changes } else { ExitCode::Done })
}

/// Writes a plan's document into a file.
pub(super) fn write_document(path: &Path, document: &Json) -> Result<(), Failure> {
    disk::write_atomically(path, json_text(document).as_bytes()).map_err(|error| {
        let mut failure =
            Failure::new(ExitCode::Failed, format!("can't write `{}`", path.display()));
        failure.causes.push(error.to_string());
        failure.hint("see whether the folder is there, may be written to, and its disk has room")
    })
}

/// Says what can be done with a plan; one that is blocked is not offered to be applied.
fn next_step(checked: &Checked, args: &Plan) -> String {
    if checked.verdict() == Verdict::Blocked {
        return "The plan is blocked: settle what it says, and plan again.".to_owned();
    }
    match &args.out {
        Some(path) => format!("To do exactly that: zrel apply {}", path.display()),
        None if checked.plan().is_empty() => String::new(),
        None => "To do it: zrel apply".to_owned(),
    }
}

/// Prints a plan and what the checks say of it.
pub(super) fn print_plan(context: &Context, project: &Project, checked: &Checked) {
    print_checked(context, checked, Some(project.source()));
}

/// Prints a plan and what the checks say of it; without a source, no lines of the manifest.
pub(super) fn print_checked(context: &Context, checked: &Checked, source: Option<Source<'_>>) {
    context.ui.print(&plan_text(checked));
    let findings = findings_text(checked.findings(), source);
    if !findings.is_empty() {
        context.ui.print(&format!("\n{}\n", findings.trim_end()));
    }
}

/// Reads and hashes the files, with a bar on a terminal.
pub(super) fn hashed_inventory(
    context: &Context,
    project: &Project,
    limits: &Limits,
) -> Result<Inventory, Failure> {
    let bar: OnceLock<Bar> = OnceLock::new();
    let progress = |progress: Progress| match progress {
        Progress::Start { bytes, .. } if bytes > 0 => {
            let _ = bar.set(context.ui.bar(bytes, "hashing"));
        }
        Progress::Advance { bytes } => {
            if let Some(bar) = bar.get() {
                bar.advance(bytes);
            }
        }
        Progress::File { name } => {
            if let Some(bar) = bar.get() {
                bar.name(&crate::render::shown(&name));
            }
        }
        Progress::Start { .. } | Progress::Done => {}
    };
    let inventory = project.inventory(limits, &progress);
    if let Some(bar) = bar.get() {
        bar.done();
    }
    inventory
}
