//! `zrel status`: the state of the record, in a few lines.

use crate::cli::environment;
use crate::engine::observe_public;
use std::fmt::Write;

use serde_json::json;

use super::workspace::run_for_each;
use crate::check::{Checked, Verdict};
use crate::cli::args::status::Status;
use crate::cli::args::{Format, Limits, Output};
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::Compared;
use crate::engine::{PlanInputs, Project};
use crate::engine::{make_plan, make_policy};
use crate::model::{Doi, Reservation};
use crate::observed::{Observed, View};
use crate::plan::{CommunityPlan, PlanFlags, Policy, compute_digest, find_reservation};
use crate::render::{encode_verdict, escape_text, render_plan_summary};

pub(super) fn run(context: &Context, args: &Status) -> Result<ExitCode, Failure> {
    run_for_each(context, (&args.members, args.output.format), Compared::Together, |own| {
        show(own, &args.output)
    })
}

/// Shows the state of one record.
fn show(context: &Context, output: &Output) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    // Too many files do not change the state; `validate` and `plan` report them.
    let limits = Limits { max_files: usize::MAX, max_bytes: u64::MAX };
    let inventory = super::plan::hash_inventory(context, &project, &limits)?;
    let inputs = project.gather(inventory)?;
    let policy =
        make_policy(&project, &inputs, PlanFlags::default(), environment::choose_readers());
    let observed = observe(context, &project, &inputs, &policy)?;
    let checked = make_plan(&inputs, &observed, &policy);
    let plan = checked.plan();
    let is_blocked = checked.verdict() == Verdict::Blocked;
    let code = if is_blocked { ExitCode::Blocked } else { ExitCode::Done };
    let draft = observed.draft.as_ref().map(|draft| draft.id);
    if output.format == Format::Json {
        let document = json!({
            "format_version": "1.0",
            "server": plan.server.name,
            "concept": plan.base.concept.map(|id| id.0),
            "concept_doi": plan.base.concept_doi.as_ref().map(Doi::as_str),
            "latest": plan.base.version.map(|id| id.0),
            "doi": plan.base.doi.as_ref().map(Doi::as_str),
            "version": plan.base.label,
            "draft": draft.map(|id| id.0),
            "reserved": find_reserved(&inputs, &observed).map(|(reserved, doi)| json!({
                "doi": doi.as_ref().map(Doi::as_str),
                "version": reserved.label,
                "date": reserved.date,
            })),
            "unfinished_apply": inputs.unfinished_run.is_some(),
            "changes": !plan.is_empty(),
            "verdict": encode_verdict(checked.verdict()),
            "digest": format!("sha256:{}", compute_digest(plan)),
        });
        context.put_document(document);
        return Ok(code);
    }
    context.terminal.print_text(&render_status(&inputs, &observed, &checked));
    Ok(code)
}

/// Returns the state as text.
fn render_status(inputs: &PlanInputs, observed: &Observed, checked: &Checked) -> String {
    let plan = checked.plan();
    let draft = observed.draft.as_ref().map(|draft| draft.id);
    let mut out = format!("server    {}\n", plan.server);
    match (&plan.base.doi, plan.base.version) {
        (Some(doi), Some(id)) => {
            let label = plan.base.label.as_deref().unwrap_or("no version label");
            let _ = writeln!(out, "latest    {}, {doi} (record {id})", escape_text(label));
        }
        _ => out.push_str("latest    never published\n"),
    }
    if let Some(concept_doi) = &plan.base.concept_doi {
        let _ = writeln!(out, "concept   {concept_doi}");
    }
    let _ = writeln!(out, "draft     {}", draft.map_or("none".to_owned(), |id| id.to_string()));
    if let Some((reserved, doi)) = find_reserved(inputs, observed) {
        let label = reserved
            .label
            .as_deref()
            .map_or_else(String::new, |label| format!(" for version {}", escape_text(label)));
        let doi = doi.map_or_else(|| "a DOI".to_owned(), |doi| doi.to_string());
        let date = escape_text(&reserved.date);
        let _ = writeln!(out, "reserved  {doi}{label}, dated {date}: not published yet");
    }
    for community in &plan.communities {
        let _ = writeln!(
            out,
            "community {} {}",
            escape_text(&community.community.0),
            describe_community(community)
        );
    }
    if inputs.unfinished_run.is_some() {
        out.push_str("journal   an apply is unfinished: `zrel apply` continues it\n");
    }
    let _ = writeln!(out, "{}", render_plan_summary(checked));
    out
}

/// Finds what is reserved for the draft that is open, and its DOI where that is known.
fn find_reserved<'a>(
    inputs: &'a PlanInputs,
    observed: &Observed,
) -> Option<(&'a Reservation, Option<Doi>)> {
    let reserved = find_reservation(&inputs.binding, observed)?;
    let draft = observed.draft.as_ref()?;
    Some((reserved, inputs.desired.server.mint_doi(draft.id.0)))
}

/// Reads the record from the server; without a token, only its public part.
fn observe(
    context: &Context,
    project: &Project,
    inputs: &PlanInputs,
    policy: &Policy,
) -> Result<Observed, Failure> {
    context.runtime.block_on(async {
        let (session, view) = connection::connect_to_read(context, project).await?;
        let observed = match view {
            View::Owner => session.observe_with_edit(inputs, policy).await,
            View::Public => observe_public(&session, inputs).await,
        };
        session.close().await;
        match view {
            View::Owner => Ok(observed?),
            View::Public => {
                connection::require_record_or_token(context, &project.server, Some(observed?))
            }
        }
    })
}

fn describe_community(community: &CommunityPlan) -> &'static str {
    use crate::observed::CommunityStatus;
    match community.status {
        Some(CommunityStatus::Joined) => "has the record",
        Some(CommunityStatus::Pending) => "was asked and has not answered",
        Some(CommunityStatus::Declined) => "declined",
        Some(CommunityStatus::Closed) => "takes records of its members only",
        Some(CommunityStatus::Withdrawn) => "was asked, and the request was withdrawn",
        None => "was not asked yet",
    }
}
