//! `zrel backfill plan`: what an apply would publish.

use crate::check::Verdict;
use crate::cli::args::Format;
use crate::cli::args::backfill::{Chosen, Plan};
use crate::cli::commands::plan::choose_detail;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::Project;
use crate::engine::backfill::{BackfillPlan, PlannedRelease};
use crate::model::Finding;
use crate::plan::compute_following_digest;
use crate::render::{
    PastFound, PastReview, encode_backfill, render_backfill, render_findings, render_releases,
    write_json_text,
};

use super::flags::list_chosen;
use super::gather::{PastReleases, Planned};

/// Runs the command.
///
/// # Errors
/// A [`Failure`] when tags or files can't be read, or the server can't be asked.
pub(super) fn run(context: &Context, args: &Plan) -> Result<ExitCode, Failure> {
    let past = PastReleases::find(context, &args.chosen.tags)?;
    let planned = past.plan(&args.chosen);
    past.close();
    let Planned { plan, notes, .. } = planned?;
    let code = choose_code(&plan, args.detailed_exitcode);
    match args.chosen.output.format {
        Format::Text => {
            print(&past, (&plan, &notes), args.chosen.full);
            say_next(context, &args.chosen, &plan);
        }
        Format::Json => {
            let digest = (plan.compute_digest(), code.number());
            let findings: Vec<Finding> = plan.newer.iter().chain(&notes).cloned().collect();
            let document = encode_backfill(&past.now.shown, digest, &findings, &review(&plan));
            context.terminal.print(&write_json_text(&document));
        }
    }
    Ok(code)
}

fn choose_code(plan: &BackfillPlan, is_detailed: bool) -> ExitCode {
    if plan.is_blocked() {
        ExitCode::Blocked
    } else if is_detailed && plan.plans().next().is_some() {
        ExitCode::Changes
    } else {
        ExitCode::Done
    }
}

/// Prints the table, the plan of each release that is missing, and what is found.
pub(super) fn print(
    past: &PastReleases,
    (plan, notes): (&BackfillPlan, &[Finding]),
    is_full: bool,
) {
    let terminal = &past.context.terminal;
    let releases = review(plan);
    terminal.print_text(&render_releases(&past.now.shown, &releases));
    for (one, of) in releases.iter().zip(&plan.releases) {
        let Some(text) = render_backfill(one, choose_detail(is_full)) else { continue };
        terminal.print_text(&text);
        let findings = of.checked.iter().flat_map(|checked| checked.findings().to_vec());
        let findings = render_findings(
            &findings.collect::<Vec<_>>(),
            of.project.as_ref().map(Project::source),
        );
        if !findings.is_empty() {
            terminal.print_findings(&format!("\n{}\n", findings.trim_end()));
        }
    }
    let unclear = plan.releases.iter().filter_map(|one| one.unclear.clone());
    let findings: Vec<_> = unclear.chain(plan.newer.iter().chain(notes).cloned()).collect();
    if !findings.is_empty() {
        let findings = render_findings(&findings, Some(past.now.source()));
        terminal.print_findings(&format!("\n{}\n", findings.trim_end()));
    }
    if plan.plans().next().is_some() {
        let digest = plan.compute_digest();
        terminal.print_text(&format!("\nDigest of the past releases sha256:{digest}\n"));
    }
}

/// Returns the releases as a reviewer is shown them.
fn review(plan: &BackfillPlan) -> Vec<PastReview<'_>> {
    plan.releases.iter().map(review_one).collect()
}

fn review_one(one: &PlannedRelease) -> PastReview<'_> {
    let found = match (&one.checked, &one.unclear, &one.published) {
        (Some(checked), ..) => {
            PastFound::Missing(checked, compute_following_digest(checked.plan()))
        }
        (None, Some(finding), _) => PastFound::Unclear(finding),
        (None, None, entry) => {
            let doi = entry.as_ref().and_then(|entry| entry.doi.as_ref());
            let number = || entry.as_ref().map(|entry| entry.id.to_string()).unwrap_or_default();
            PastFound::Published(doi.map_or_else(number, ToString::to_string))
        }
    };
    PastReview {
        tag: &one.release.tag.name,
        commit: &one.release.tag.commit,
        label: &one.release.label,
        date: &one.release.date,
        found,
        added: one.added.iter().map(|it| (it.path.as_str(), it.origin.word())).collect(),
    }
}

fn say_next(context: &Context, chosen: &Chosen, plan: &BackfillPlan) {
    let terminal = &context.terminal;
    if plan.plans().next().is_none() && !plan.is_blocked() {
        terminal.inform("Nothing is left to publish.");
    } else if plan.is_blocked() {
        terminal.inform("Next: settle what is said above, and plan again.");
    } else if plan.plans().any(|(_, it)| it.verdict() == Verdict::NeedsConfirmation) {
        terminal.inform("Next: plan again with the flag that confirms it, which is named above.");
    } else {
        let digest = plan.compute_digest();
        terminal.inform(&format!(
            "To do exactly this: {} backfill apply{} --expect sha256:{digest}",
            context.command(),
            list_chosen(chosen)
        ));
    }
}
