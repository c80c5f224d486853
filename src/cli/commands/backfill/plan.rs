//! `zrel backfill plan`: what an apply would publish.

use std::fmt::Write;

use crate::cli::args::Format;
use crate::cli::args::backfill::{Chosen, Plan};
use crate::cli::commands::plan::choose_detail;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::backfill::{BackfillPlan, PlannedRelease};
use crate::plan::compute_following_digest;
use crate::render::{
    PastFound, PastReview, encode_backfill, list_flags, quote_word, render_backfill,
    render_findings, render_releases, write_json_text,
};

use super::gather::{Past, Planned};

/// Runs the command.
///
/// # Errors
/// A [`Failure`] when tags or files can't be read, or the server can't be asked.
pub(super) fn run(context: &Context, args: &Plan) -> Result<ExitCode, Failure> {
    let past = Past::find(context, &args.chosen.tags)?;
    let planned = past.plan(&args.chosen);
    past.close();
    let Planned { plan, .. } = planned?;
    let code = choose_code(&plan, args.detailed_exitcode);
    match args.chosen.output.format {
        Format::Text => {
            print(&past, &plan, args.chosen.full);
            say_next(context, &args.chosen, &plan);
        }
        Format::Json => {
            let digest = (plan.compute_digest(), code.number());
            let document = encode_backfill(&past.now.shown, digest, &plan.findings, &review(&plan));
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
pub(super) fn print(past: &Past, plan: &BackfillPlan, is_full: bool) {
    let terminal = &past.context.terminal;
    let releases = review(plan);
    terminal.print_text(&render_releases(&past.now.shown, &releases));
    for (one, of) in releases.iter().zip(&plan.releases) {
        let Some(text) = render_backfill(one, choose_detail(is_full)) else { continue };
        terminal.print_text(&text);
        let findings = of.checked.iter().flat_map(|checked| checked.findings().to_vec());
        let findings = render_findings(&findings.collect::<Vec<_>>(), Some(of.project.source()));
        if !findings.is_empty() {
            terminal.print_findings(&format!("\n{}\n", findings.trim_end()));
        }
    }
    let unclear = plan.releases.iter().filter_map(|one| one.unclear.clone());
    let findings: Vec<_> = unclear.chain(plan.findings.iter().cloned()).collect();
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
pub(super) fn review(plan: &BackfillPlan) -> Vec<PastReview<'_>> {
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
    }
}

fn say_next(context: &Context, chosen: &Chosen, plan: &BackfillPlan) {
    let terminal = &context.terminal;
    if plan.plans().next().is_none() && !plan.is_blocked() {
        terminal.inform("Nothing is left to publish.");
    } else if plan.is_blocked() {
        terminal.inform("Next: settle what is said above, and plan again.");
    } else {
        let digest = plan.compute_digest();
        terminal.inform(&format!(
            "To do exactly this: {} backfill apply{} --expect sha256:{digest}",
            context.command(),
            list_chosen(chosen)
        ));
    }
}

/// Returns the flags with which the plans were made, each after a blank.
pub(super) fn list_chosen(chosen: &Chosen) -> String {
    let mut flags = String::new();
    let mut add = |flag: &str, value: &str| {
        let _ = write!(flags, " {flag} {}", quote_word(value));
    };
    chosen.tags.patterns.iter().for_each(|pattern| add("--tags", pattern));
    chosen.tags.skip.iter().for_each(|tag| add("--skip", tag));
    if let Some(assets) = &chosen.assets {
        add("--assets", &assets.to_string_lossy());
    }
    for (flag, is_given) in
        [("--own-manifest", chosen.tags.own_manifest), ("--after-latest", chosen.after_latest)]
    {
        if is_given {
            flags.push(' ');
            flags.push_str(flag);
        }
    }
    flags.push_str(&list_flags(chosen.to_plan()));
    flags
}
