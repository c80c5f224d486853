//! The state of a record as text and as a document.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::check::Checked;
use crate::engine::PlanInputs;
use crate::model::{Doi, Finding, Reservation, Severity};
use crate::observed::{Observed, RecordState};
use crate::plan::{compute_digest, encode_community, find_reservation};
use crate::render::{
    describe_review, describe_state, encode_review, encode_verdict, escape_text,
    render_plan_summary,
};

/// Returns the state as text.
pub(super) fn render_status(inputs: &PlanInputs, observed: &Observed, checked: &Checked) -> String {
    let plan = checked.plan();
    let draft = observed.draft.as_ref().map(|draft| draft.id);
    let is_hidden = matches!(observed.record, RecordState::NotOurs { .. });
    let mut out = format!("server    {}\n", plan.server);
    match plan.base.version {
        Some(id) => {
            let label = plan.base.label.as_deref().unwrap_or("no version label");
            let doi = plan.base.doi.as_ref().map_or("no DOI", |doi| doi.as_str());
            let _ = writeln!(out, "latest    {}, {doi} (record {id})", escape_text(label));
        }
        None if is_hidden => out.push_str("latest    not to be read with this token\n"),
        None => out.push_str("latest    never published\n"),
    }
    if let Some(concept_doi) = &plan.base.concept_doi {
        let _ = writeln!(out, "concept   {concept_doi}");
    }
    let no_draft = if is_hidden { "not to be read with this token" } else { "none" };
    let _ = writeln!(out, "draft     {}", draft.map_or(no_draft.to_owned(), |id| id.to_string()));
    let review = observed.draft.as_ref().and_then(|draft| draft.review.as_ref());
    if let Some(review) = review {
        let _ = writeln!(out, "review    {}", describe_review(review));
    }
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
        let required = if community.required { "; required" } else { "" };
        let _ = writeln!(
            out,
            "community {} {}{required}",
            escape_text(&community.community.0),
            describe_state(plan, community)
        );
    }
    // Where nothing can be done about the draft, no apply continues it.
    let is_held = plan.steps.is_empty() && !plan.blockers.is_empty();
    if inputs.unfinished_run.is_some() && !is_held {
        out.push_str("journal   an apply is unfinished: `zrel apply` continues it\n");
    }
    let _ = writeln!(out, "{}", render_plan_summary(checked));
    out.push_str(&list_reasons(checked));
    out
}

/// Returns what blocks the plan, a line each; empty for one that is not blocked.
pub(super) fn list_reasons(checked: &Checked) -> String {
    let errors = checked.findings().iter().filter(|one| one.severity == Severity::Error);
    let line = |finding: &Finding| {
        format!("because   {} ({})\n", escape_text(&finding.summary), finding.code)
    };
    errors.map(line).collect()
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

/// Returns the state as a document.
pub(super) fn encode_status(inputs: &PlanInputs, observed: &Observed, checked: &Checked) -> Json {
    let plan = checked.plan();
    let draft = observed.draft.as_ref();
    let communities = plan.communities.iter();
    json!({
        "format_version": "1.0",
        "server": plan.server.name,
        "concept": plan.base.concept.map(|id| id.0),
        "concept_doi": plan.base.concept_doi.as_ref().map(Doi::as_str),
        "latest": plan.base.version.map(|id| id.0),
        "doi": plan.base.doi.as_ref().map(Doi::as_str),
        "version": plan.base.label,
        "draft": draft.map(|draft| draft.id.0),
        "review": draft.and_then(|draft| draft.review.as_ref()).map(encode_review),
        "communities": communities.map(encode_community).collect::<Vec<_>>(),
        "reserved": find_reserved(inputs, observed).map(|(reserved, doi)| json!({
            "doi": doi.as_ref().map(Doi::as_str),
            "version": reserved.label,
            "date": reserved.date,
        })),
        "unfinished_apply": inputs.unfinished_run.is_some(),
        "changes": !plan.is_empty(),
        "verdict": encode_verdict(checked.verdict()),
        "digest": format!("sha256:{}", compute_digest(plan)),
    })
}
