//! `zrel workspace list` and `zrel workspace matrix`: the members for a program that runs a worker
//! for each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::cli::args::Format;
use crate::cli::args::workspace::{List, Matrix, Planned};
use crate::cli::commands::plan::{Local, choose_plan_exit_code};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::{Compared, Selection, select_of_root};
use crate::engine::Project;
use crate::model::Sha256;
use crate::observed::View;
use crate::plan::{combine_digests, compute_digest};
use crate::render::{encode_verdict, quote_word, render_members, write_json_text};

use super::bins::fill_bins;
use super::plan::{digest_members, plan_members, review};
use super::planned_member::PlannedMember;
use super::twins::refuse_twins;

/// Lists the members.
///
/// # Errors
/// A [`Failure`] for a manifest that is no root.
pub(super) fn list(context: &Context, args: &List) -> Result<ExitCode, Failure> {
    with_plans(context, &args.planned, |selection, planned| {
        Ok(print_list(context, args, selection, planned))
    })
}

/// Prints the members that change, in jobs.
///
/// # Errors
/// A [`Failure`] for a manifest that is no root, and for members that have no plan.
pub(super) fn matrix(context: &Context, args: &Matrix) -> Result<ExitCode, Failure> {
    with_plans(context, &args.planned, |_, planned| print_matrix(context, args, planned))
}

/// Plans the members, and does something with the plans.
fn with_plans(
    context: &Context,
    args: &Planned,
    run: impl FnOnce(&Selection, &[PlannedMember]) -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    let selection = select_of_root(context, &args.members)?;
    selection.refuse_adoption(&args.flags.to_plan())?;
    selection.run(context, |selection| {
        let contexts = selection.contexts(context, Compared::Together);
        let mut planned = plan_members(context, contexts, View::Owner, |own| {
            let project = Project::load(own.project_options())?;
            Local::read(own, project, (&args.limits, args.flags.to_plan()))
        });
        refuse_twins(&mut planned, args.flags.record.same_title);
        run(selection, &planned)
    })
}

fn print_list(
    context: &Context,
    args: &List,
    selection: &Selection,
    planned: &[PlannedMember],
) -> ExitCode {
    let code = ExitCode::worst(planned.iter().map(choose_code));
    match args.output.format {
        Format::Text => {
            context.terminal.print_text(&render_members(&review(selection, planned)));
        }
        Format::Json => {
            let document = json!({
                "format_version": "1.0",
                "workspace": selection.workspace.shown,
                "digest": digest_members(planned).map(|digest| format!("sha256:{digest}")),
                "exit_code": code.number(),
                "members": planned.iter().map(encode_member).collect::<Vec<_>>(),
            });
            context.terminal.print(&write_json_text(&document));
        }
    }
    code
}

fn choose_code(one: &PlannedMember) -> ExitCode {
    match &one.made {
        Ok(made) => choose_plan_exit_code(&made.checked, false),
        Err(failure) => failure.code,
    }
}

fn encode_member(one: &PlannedMember) -> Json {
    let mut member = json!({
        "key": one.member.key,
        "path": one.member.path,
        "exit_code": choose_code(one).number(),
    });
    match &one.made {
        Ok(made) => {
            let plan = made.checked.plan();
            member["operation"] = made.document()["operation"]["kind"].clone();
            member["verdict"] = encode_verdict(made.checked.verdict()).into();
            member["changes"] = (!plan.is_empty()).into();
            member["files"] = plan.target.files.len().into();
            member["bytes"] = plan.upload_bytes().into();
            member["digest"] = made.document()["digest"].clone();
            let depends: BTreeSet<&str> = plan.links.keys().map(|link| link.key.as_str()).collect();
            member["depends"] = depends.into_iter().collect::<Vec<_>>().into();
        }
        Err(failure) => member["error"] = failure.json()["error"].clone(),
    }
    member
}

fn print_matrix(
    context: &Context,
    args: &Matrix,
    planned: &[PlannedMember],
) -> Result<ExitCode, Failure> {
    let (mut changed, mut digests) = (Vec::new(), BTreeMap::new());
    for one in planned {
        let plan = match &one.made {
            Ok(made) => made.checked.plan(),
            Err(failure) => {
                let message = format!("{}: {}", one.member.key, failure.message);
                return Err(Failure::new(failure.code, message)
                    .hint("look at it with `zrel plan`, or name the others with -p KEY"));
            }
        };
        if !plan.is_empty() {
            digests.insert(one.member.key.clone(), compute_digest(plan));
            changed.push((one.member.key.clone(), plan.upload_bytes()));
        }
    }
    let jobs = fill_bins(changed, usize::from(args.max)).into_iter().enumerate();
    let jobs = jobs.map(|(at, bin)| {
        let own: BTreeMap<String, Sha256> =
            bin.keys.iter().filter_map(|key| Some((key.clone(), *digests.get(key)?))).collect();
        let named = bin.keys.iter().map(|key| format!("-p {}", quote_word(key)));
        json!({
            "job": at + 1,
            "keys": bin.keys,
            "args": named.collect::<Vec<_>>().join(" "),
            "digest": format!("sha256:{}", combine_digests(&own)),
            "bytes": bin.bytes,
        })
    });
    let document = json!({ "include": jobs.collect::<Vec<_>>() });
    // One line, as a step's output takes it.
    context.terminal.print(&format!("{document}\n"));
    Ok(ExitCode::Done)
}
