//! `zrel plan` for a workspace: one table, and the plan of each member that changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::cli::args::PlanFormat;
use crate::cli::args::plan::Plan;
use crate::cli::commands::plan::{
    Local, choose_detail, choose_plan_exit_code, choose_view, observe, print_checked, read_local,
    refuse_documents,
};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::{Compared, Selection};
use crate::cli::workflow_outputs::write_set_results;
use crate::engine::{Member, Project, write_document, write_plan};
use crate::model::{Link, LinkedDoi, Sha256};
use crate::observed::View;
use crate::plan::{combine_digests, compute_digest_without};
use crate::render::{
    SetEntry, SetReview, describe_set_next, encode_findings, encode_set, escape_text, quote_word,
    render_members, render_set_html, render_set_markdown, write_json_text,
};

use super::planned_member::PlannedMember;
use super::several::{READ_AT_ONCE, run_for_several};
use super::twins::refuse_twins;

/// Plans the members, and prints what all of them would do.
///
/// # Errors
/// A [`Failure`] when a document can't be written.
pub(in crate::cli::commands) fn plan(
    context: &Context,
    args: &Plan,
    selection: &Selection,
) -> Result<ExitCode, Failure> {
    selection.refuse_adoption(&args.flags.to_plan())?;
    let contexts = selection.contexts(context, Compared::Together);
    refuse_published_paths(&contexts, args)?;
    let mut planned =
        plan_members(context, contexts, choose_view(args), |own| read_local(own, args));
    refuse_twins(&mut planned, args.flags.record.same_title);
    let codes: Vec<ExitCode> =
        planned.iter().map(|one| choose_code(one, args.detailed_exitcode)).collect();
    let review = review(selection, &planned);
    match args.output.format {
        PlanFormat::Text => print(context, selection, &planned, args.output.full),
        PlanFormat::Json => {
            context.terminal.print(&write_json_text(&encode(selection, &planned, &codes)));
        }
        PlanFormat::Markdown => {
            context.terminal.print(&render_set_markdown(&review, args.output.budget));
        }
        PlanFormat::Html => context.terminal.print(&render_set_html(&review)),
    }
    if let Some(path) = &args.output.json_into {
        write_document(path, &encode(selection, &planned, &codes))?;
    }
    if let Some(path) = &args.out {
        write_plan(path, encode(selection, &planned, &codes))?;
        context.terminal.inform("Saved the plans.");
    }
    if args.output.format == PlanFormat::Text || args.out.is_some() {
        say_next(context, args, &review);
    }
    write_set_results(context, &review, &list_findings(&planned));
    Ok(ExitCode::worst(codes))
}

/// Returns the findings of each member, with their places.
pub(super) fn list_findings(planned: &[PlannedMember]) -> Vec<Json> {
    let of = |one: &PlannedMember| match &one.made {
        Ok(made) => encode_findings(made.checked.findings(), Some(made.project.source())),
        Err(failure) => failure.findings_json.clone(),
    };
    planned.iter().map(of).collect()
}

/// Refuses to write a document where a member would publish it.
fn refuse_published_paths(contexts: &[(Member, Context)], args: &Plan) -> Result<(), Failure> {
    if args.out.is_none() && args.output.json_into.is_none() {
        return Ok(());
    }
    for (_, own) in contexts {
        // A manifest with a fault is reported when it is planned.
        if let Ok(project) = Project::load(own.project_options()) {
            refuse_documents(&project, args)?;
        }
    }
    Ok(())
}

/// Plans the members: reads the disk for one after the other, then asks the server for several at
/// once.
pub(super) fn plan_members(
    context: &Context,
    contexts: Vec<(Member, Context)>,
    view: View,
    mut read: impl FnMut(&Context) -> Result<Local, Failure>,
) -> Vec<PlannedMember> {
    let members: Vec<(Member, Context, Result<Local, Failure>)> = contexts
        .into_iter()
        .map(|(member, own)| {
            let local = read(&own);
            (member, own, local)
        })
        .collect();
    let planned = run_for_several(READ_AT_ONCE, members, async |(member, own, local)| {
        let made = match local {
            Ok(local) => observe(&own, &local, view).await.map(|observed| local.plan(observed)),
            Err(failure) => Err(failure),
        };
        PlannedMember { member, context: own, made }
    });
    let mut planned = context.runtime.block_on(planned);
    link_published(&mut planned);
    planned
}

/// Gives links the DOIs of published versions that the lock of their member does not know: a member that
/// makes no version describes its latest one.
fn link_published(planned: &mut [PlannedMember]) {
    let published: BTreeMap<Link, String> = planned
        .iter()
        .filter(|one| !one.makes_version())
        .filter_map(|one| {
            let link = Link { key: one.member.key.clone(), doi: LinkedDoi::Version };
            Some((link, one.published_doi()?))
        })
        .collect();
    for made in planned.iter_mut().filter_map(|one| one.made.as_mut().ok()) {
        let mut links = made.inputs.desired.links.clone();
        for (link, doi) in links.iter_mut().filter(|(_, doi)| doi.is_none()) {
            *doi = published.get(link).cloned();
        }
        if links != made.inputs.desired.links {
            made.set_links(links);
        }
    }
}

/// Says the next step.
fn say_next(context: &Context, args: &Plan, review: &SetReview<'_>) {
    let saved = args.out.as_ref().filter(|_| review.is_ready() && !args.public);
    match saved {
        Some(path) => {
            let path = quote_word(&path.to_string_lossy());
            context.terminal.inform(&format!("To do exactly that: zrel apply {path}"));
        }
        None => {
            if let Some(next) = describe_set_next(review) {
                context.terminal.inform(&format!("Next: {next}"));
            }
        }
    }
}

/// Returns what a reviewer is shown of the plans.
pub(super) fn review<'a>(selection: &'a Selection, planned: &'a [PlannedMember]) -> SetReview<'a> {
    SetReview {
        workspace: &selection.workspace.shown,
        members: planned.iter().map(PlannedMember::review).collect(),
        digest: digest_members(planned),
        is_whole: selection.is_whole(),
    }
}

fn choose_code(planned: &PlannedMember, detailed: bool) -> ExitCode {
    match &planned.made {
        Ok(made) => choose_plan_exit_code(&made.checked, detailed),
        Err(failure) => failure.code,
    }
}

/// Returns the digest of all plans; none while a member has no plan.
pub(super) fn digest_members(planned: &[PlannedMember]) -> Option<Sha256> {
    digest_members_without(planned, &BTreeSet::new())
}

/// Returns the digest that all plans had while the DOIs of these links were not known.
pub(super) fn digest_members_without(
    planned: &[PlannedMember],
    unknown: &BTreeSet<Link>,
) -> Option<Sha256> {
    let mut digests = BTreeMap::new();
    for one in planned {
        let plan = one.made.as_ref().ok()?.checked.plan();
        digests.insert(one.member.key.clone(), compute_digest_without(plan, unknown));
    }
    Some(combine_digests(&digests))
}

/// Prints the table, then each member that has changes or faults.
pub(super) fn print(
    context: &Context,
    selection: &Selection,
    planned: &[PlannedMember],
    is_full: bool,
) {
    let terminal = &context.terminal;
    terminal.print_text(&render_members(&review(selection, planned)));
    for one in planned {
        match &one.made {
            Ok(made) if one.has_changes() => {
                terminal.print_text(&format!("\n== {}\n", escape_text(&one.member.key)));
                let detail = choose_detail(is_full);
                print_checked(&one.context, &made.checked, Some(made.project.source()), detail);
            }
            Ok(_) => {}
            Err(failure) => {
                terminal.print_text(&format!("\n== {}\n", escape_text(&one.member.key)));
                terminal.say_error(&failure.text());
            }
        }
    }
    if let Some(digest) = digest_members(planned) {
        terminal.print_text(&format!("\nDigest of the workspace sha256:{digest}\n"));
    }
}

fn encode(selection: &Selection, planned: &[PlannedMember], codes: &[ExitCode]) -> Json {
    let entries: Vec<SetEntry> =
        planned.iter().zip(codes).map(|(one, code)| one.entry(*code)).collect();
    let worst = ExitCode::worst(codes.iter().copied()).number();
    let workspace = (selection.workspace.shown.as_str(), selection.is_whole());
    encode_set(workspace, (digest_members(planned), worst), &entries)
}
