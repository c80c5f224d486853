//! `zrel plan` for a workspace: one table, and the plan of each member that changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::cli::args::PlanFormat;
use crate::cli::args::plan::Plan;
use crate::cli::commands::plan::{choose_detail, choose_plan_exit_code, make, print_checked};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::{Compared, Selection};
use crate::engine::write_document;
use crate::model::Sha256;
use crate::plan::{combine_digests, compute_digest_without};
use crate::render::{
    MemberLine, Review, count, escape_text, render_members, render_members_markdown,
    render_plan_markdown, write_json_text,
};

use super::planned_member::PlannedMember;
use super::twins::refuse_twins;

/// Plans the members, and prints what all of them would do.
///
/// # Errors
/// A [`Failure`] for what is not for several records, and when the document can't be written.
pub(in crate::cli::commands) fn plan(
    context: &Context,
    args: &Plan,
    selection: &Selection,
) -> Result<ExitCode, Failure> {
    refuse_one_record(args)?;
    let mut planned: Vec<PlannedMember> = selection
        .contexts(context, Compared::Together)
        .into_iter()
        .map(|(member, own)| PlannedMember { made: make(&own, args), member, context: own })
        .collect();
    refuse_twins(&mut planned, args.flags.same_title);
    let codes: Vec<ExitCode> =
        planned.iter().map(|one| choose_code(one, args.detailed_exitcode)).collect();
    let document = encode(selection, &planned, &codes);
    match args.output.format {
        PlanFormat::Text => print(context, selection, &planned, args.output.full),
        PlanFormat::Json => context.terminal.print(&write_json_text(&document)),
        PlanFormat::Markdown | PlanFormat::Html => {
            context.terminal.print(&render_markdown(selection, &planned, args.output.budget));
        }
    }
    if let Some(path) = &args.output.json_into {
        write_document(path, &document)?;
    }
    Ok(ExitCode::worst(codes))
}

/// Refuses what is for one record only.
fn refuse_one_record(args: &Plan) -> Result<(), Failure> {
    let refused = match (args.output.format, &args.out) {
        (PlanFormat::Html, _) => "a page shows the plan of one record",
        (_, Some(_)) => "a plan file has the plan of one record",
        (PlanFormat::Text | PlanFormat::Json | PlanFormat::Markdown, None) => return Ok(()),
    };
    Err(Failure::new(ExitCode::Usage, refused)
        .hint("name the member's folder with -C DIR; several plans are approved by their digest"))
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

/// Returns the digest that all plans had while the DOIs of these members were not known.
pub(super) fn digest_members_without(
    planned: &[PlannedMember],
    unknown: &BTreeSet<String>,
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
    let lines: Vec<MemberLine<'_>> = planned.iter().map(PlannedMember::line).collect();
    let head = describe_head(selection, planned);
    terminal.print_text(&format!("{head}\n\n{}", render_members(&lines)));
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

fn describe_head(selection: &Selection, planned: &[PlannedMember]) -> String {
    let n_changed = planned.iter().filter(|one| one.has_changes()).count();
    let n_failed = planned.iter().filter(|one| one.made.is_err()).count();
    let members = count(planned.len(), "member");
    let failed = if n_failed == 0 { String::new() } else { format!(", {n_failed} invalid") };
    let shown = escape_text(&selection.workspace.shown);
    format!("Workspace {shown}: {members}, {n_changed} with changes{failed}")
}

/// Returns the table, and each member's plan folded, as far as they fit.
fn render_markdown(selection: &Selection, planned: &[PlannedMember], budget: usize) -> String {
    let lines: Vec<MemberLine<'_>> = planned.iter().map(PlannedMember::line).collect();
    let mut out =
        format!("### zrel: {}\n\n", describe_head(selection, planned).replace(['`', '|'], "'"));
    out.push_str(&render_members_markdown(&lines));
    if let Some(digest) = digest_members(planned) {
        out.push_str(&format_next(&digest));
    }
    let changed: Vec<&PlannedMember> = planned.iter().filter(|one| one.has_changes()).collect();
    let room = budget.saturating_sub(out.len()) / changed.len().max(1);
    for one in changed {
        let Ok(made) = &one.made else { continue };
        let review = Review::new(made.checked.plan(), &made.document);
        let text = render_plan_markdown(&review, room.saturating_sub(200).max(8192));
        let section = format!(
            "\n<details><summary>{}</summary>\n\n{text}\n</details>\n",
            escape_text(&one.member.key).replace(['<', '>', '&'], "")
        );
        if out.len() + section.len() > budget {
            out.push_str("\nThe plans of the other members do not fit here.\n");
            break;
        }
        out.push_str(&section);
    }
    out
}

fn format_next(digest: &Sha256) -> String {
    format!("\n**Next:** `zrel apply --expect sha256:{digest}` does exactly this.\n")
}

fn encode(selection: &Selection, planned: &[PlannedMember], codes: &[ExitCode]) -> Json {
    let members: Vec<Json> = planned
        .iter()
        .zip(codes)
        .map(|(one, code)| {
            let (plan, error) = match &one.made {
                Ok(made) => (made.document.clone(), Json::Null),
                Err(failure) => (Json::Null, failure.json()["error"].clone()),
            };
            json!({
                "key": one.member.key,
                "path": one.member.path,
                "exit_code": code.number(),
                "plan": plan,
                "error": error,
            })
        })
        .collect();
    json!({
        "format_version": "1.0",
        "workspace": selection.workspace.shown,
        "digest": digest_members(planned).map(|digest| format!("sha256:{digest}")),
        "exit_code": ExitCode::worst(codes.iter().copied()).number(),
        "members": members,
    })
}
