//! What a step of a workflow writes for the next: annotations, outputs, a summary.
//!
//! Only if the runner asks for it. Nothing here decides how a run ends: what was published is
//! published, whether or not the runner's files can be written.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::Value as Json;

use super::{Context, comment_body, environment};
use crate::apply::Applied;
use crate::check::Checked;
use crate::engine::{Project, Reserved, Sink};
use crate::model::{Doi, Field, Finding, ServerKind};
use crate::observed::Record;
use crate::plan::{Operation, Plan, compute_digest};
use crate::render::{
    SetReview, build_annotations, build_error_annotation, encode_findings, encode_plan_document,
    escape_text, escape_workflow_commands, write_outputs,
};

use super::failure::Failure;

/// The longest summary that GitHub takes; it drops all of a longer one (ux.md b.1). Bytes.
const MAX_SUMMARY: usize = 1024 * 1024;

/// What a plan says, for the outputs of a step.
#[derive(Debug, Clone)]
struct Facts {
    changes: bool,
    publish: bool,
    digest: String,
    version: String,
    doi: String,
    concept_doi: String,
    record_url: String,
    is_edit: bool,
}

impl Facts {
    /// Reads them from a plan. A DOI that is known only after the apply is left empty.
    fn of(plan: &Plan) -> Self {
        let is_settled = plan.is_empty();
        // With changes the base is the old version, and a later step would cite the wrong DOI.
        let doi = plan.base.doi.as_ref().filter(|_| is_settled);
        let record = plan.base.version.filter(|_| is_settled);
        let label = plan.target.metadata.text(Field::Version);
        // The local server's pages end with the command.
        let url = record.filter(|_| plan.server.kind != ServerKind::Local);
        Self {
            changes: !is_settled,
            publish: plan.publishes(),
            digest: format!("sha256:{}", compute_digest(plan)),
            version: label.unwrap_or_default().to_owned(),
            doi: doi.map_or_else(String::new, ToString::to_string),
            concept_doi: plan.base.concept_doi.as_ref().map_or_else(String::new, Doi::to_string),
            record_url: url
                .map_or_else(String::new, |id| format!("{}/records/{id}", plan.server.url)),
            is_edit: matches!(plan.operation, Operation::Edit { .. }),
        }
    }

    /// Adds what an apply published.
    fn and_published(self, record: &Record, project: &Project) -> Self {
        let is_local = project.server.kind == ServerKind::Local;
        Self {
            version: record.metadata.text(Field::Version).unwrap_or_default().to_owned(),
            doi: record.doi.as_ref().map_or(String::new(), Doi::to_string),
            concept_doi: record.concept_doi.as_ref().map_or(self.concept_doi, Doi::to_string),
            record_url: if is_local { String::new() } else { record.html.clone() },
            ..self
        }
    }

    fn outputs(&self) -> [(&'static str, String); 7] {
        [
            ("changes", self.changes.to_string()),
            ("publish", self.publish.to_string()),
            ("plan-digest", self.digest.clone()),
            ("doi", self.doi.clone()),
            ("concept-doi", self.concept_doi.clone()),
            ("record-url", self.record_url.clone()),
            ("version", self.version.clone()),
        ]
    }
}

/// Writes what an apply plans and does.
pub(super) struct WorkflowSink<'a> {
    context: &'a Context,
    project: &'a Project,
    /// The facts of the plan that was shown.
    facts: Mutex<Option<Facts>>,
}

impl<'a> WorkflowSink<'a> {
    /// Makes a sink.
    pub(super) fn new(context: &'a Context, project: &'a Project) -> Self {
        Self { context, project, facts: Mutex::default() }
    }
}

impl Sink for WorkflowSink<'_> {
    fn planned(&self, checked: &Checked) {
        write_plan_results(self.context, self.project, checked);
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        *facts = Some(Facts::of(checked.plan()));
    }

    fn applied(&self, applied: &Applied, plan: &Plan) {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner).take();
        write_apply_results(
            self.context,
            self.project,
            facts.unwrap_or_else(|| Facts::of(plan)),
            applied,
        );
    }
}

/// Writes the annotations, outputs and summary of a plan.
pub(super) fn write_plan_results(context: &Context, project: &Project, checked: &Checked) {
    let Some(runner) = environment::read_runner() else { return };
    annotate(context, &encode_findings(checked.findings(), Some(project.source())));
    put_outputs(context, runner.output.as_deref(), &Facts::of(checked.plan()));
    let Some(path) = &runner.summary else { return };
    append_summary(context, path, |room| build_summary(project, checked, room));
}

/// Writes the annotations, outputs and summary of the plans of a workspace.
pub(super) fn write_set_results(context: &Context, set: &SetReview<'_>, findings: &[Json]) {
    let Some(runner) = environment::read_runner() else { return };
    for one in findings {
        annotate(context, one);
    }
    let plans: Vec<&Plan> =
        set.members.iter().filter_map(|member| Some(member.review.as_ref().ok()?.plan)).collect();
    let digest = set.digest.map_or_else(String::new, |digest| format!("sha256:{digest}"));
    let values = [
        ("changes", (!set.is_empty()).to_string()),
        ("publish", plans.iter().any(|plan| plan.publishes()).to_string()),
        ("plan-digest", digest),
    ];
    put_values(context, runner.output.as_deref(), &values);
    let Some(path) = &runner.summary else { return };
    let is_public = plans.iter().all(|plan| plan.is_for_everybody());
    append_summary(context, path, |room| {
        if is_public {
            comment_body::build_set_body(set, room).text
        } else {
            comment_body::build_redacted_set(set)
        }
    });
}

/// Appends to the summary a text that gets the bytes that are left for it.
fn append_summary(context: &Context, path: &Path, build: impl FnOnce(usize) -> String) {
    // Earlier commands of the step write to the same file, and the limit is for all of it.
    let written = std::fs::metadata(path).map_or(0, |file| file.len());
    let room = MAX_SUMMARY.saturating_sub(usize::try_from(written).unwrap_or(MAX_SUMMARY));
    let text = build(room.saturating_sub(1));
    if text.len() < room {
        append_text(context, path, &format!("{}\n", text.trim_end()));
    }
}

/// Returns the summary of a plan. Everybody who can read the repository can read it.
fn build_summary(project: &Project, checked: &Checked, budget: usize) -> String {
    let plan = checked.plan();
    let document = encode_plan_document(checked, &project.about());
    if plan.is_for_everybody() {
        comment_body::build_comment_body(plan, &document, budget).text
    } else {
        comment_body::build_redacted_summary(plan, &document)
    }
}

/// Writes the line of a member that was published to the summary.
pub(super) fn write_receipt(context: &Context, applied: &Applied, plan: &Plan) {
    let Some(runner) = environment::read_runner() else { return };
    let is_edit = matches!(plan.operation, Operation::Edit { .. });
    if let (Some(path), Some(record)) = (&runner.summary, &applied.record) {
        append_text(context, path, &build_receipt(record, is_edit));
    }
}

/// Writes the outputs and summary of an apply.
fn write_apply_results(context: &Context, project: &Project, facts: Facts, applied: &Applied) {
    let Some(runner) = environment::read_runner() else { return };
    let facts = match &applied.record {
        Some(record) => facts.and_published(record, project),
        None => facts,
    };
    let is_edit = facts.is_edit;
    put_outputs(context, runner.output.as_deref(), &facts);
    if let (Some(path), Some(record)) = (&runner.summary, &applied.record) {
        append_text(context, path, &build_receipt(record, is_edit));
    }
}

/// Returns a line for the summary.
fn build_receipt(record: &Record, is_edit: bool) -> String {
    // No character of a real DOI means something in Markdown; a server's answer may have others.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-');
    let done = if is_edit { "Changed the metadata of" } else { "Published as" };
    let Some(doi) = &record.doi else { return format!("\n{done} record {}.\n", record.id) };
    let doi: String = doi.as_str().chars().filter(|c| is_plain(*c)).collect();
    format!("\n{done} [{doi}](https://doi.org/{doi}).\n")
}

/// Annotates the lines that findings point at.
pub(super) fn annotate_findings(context: &Context, project: &Project, findings: &[Finding]) {
    if environment::read_runner().is_some() {
        annotate(context, &encode_findings(findings, Some(project.source())));
    }
}

/// Annotates why a run failed.
pub(super) fn annotate_failure(terminal: &crate::terminal::Terminal, failure: &Failure) {
    let Some(runner) = environment::read_runner() else { return };
    for line in build_annotations(&failure.findings_json, runner.root.as_deref()) {
        terminal.command(&line);
    }
    if !failure.message.is_empty() {
        terminal.command(&build_error_annotation(&failure.message, &failure.hints));
    }
}

fn annotate(context: &Context, findings: &Json) {
    let root = environment::read_runner().and_then(|runner| runner.root);
    for line in build_annotations(findings, root.as_deref()) {
        context.terminal.command(&line);
    }
}

/// Writes what is reserved, for the steps that name the release.
pub(super) fn write_reservation(context: &Context, reserved: &Reserved) {
    let Some(runner) = environment::read_runner() else { return };
    let concept_doi = reserved.concept_doi.as_ref();
    let values = [
        ("doi", reserved.doi.to_string()),
        ("concept-doi", concept_doi.map_or_else(String::new, ToString::to_string)),
        ("version", reserved.fixed.label.clone().unwrap_or_default()),
    ];
    put_values(context, runner.output.as_deref(), &values);
}

fn put_outputs(context: &Context, path: Option<&Path>, facts: &Facts) {
    put_values(context, path, &facts.outputs());
}

fn put_values(context: &Context, path: Option<&Path>, values: &[(&str, String)]) {
    let Some(path) = path else { return };
    // A value that contains a known delimiter could add outputs of its own.
    let delimiter = format!("zrel_{}", uuid::Uuid::new_v4().simple());
    append_text(context, path, &write_outputs(values, &delimiter));
}

fn append_text(context: &Context, path: &Path, text: &str) {
    let file = OpenOptions::new().append(true).create(true).open(path);
    // The record is published already, so a full disk of the runner must not fail the run.
    if let Err(error) = file.and_then(|mut file| file.write_all(text.as_bytes())) {
        let what = format!("warning: can't write `{}`: {error}", path.display());
        context.terminal.say(&escape_text(&escape_workflow_commands(&what)));
    }
}
