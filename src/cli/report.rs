//! The last lines of an apply: what was published, where it is, and how to bind the manifest to it.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::apply::Applied;
use crate::cli::args::Format;
use crate::cli::args::apply::Apply;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::disk;
use crate::engine::{PlanInputs, Project, Sink};
use crate::manifest::bind_manifest;
use crate::model::{Field, ServerKind};
use crate::observed::{Draft, Record};
use crate::plan::{Operation, Plan};
use crate::render::{choose_page, escape_text, name_concept, write_binding_lines, write_json_text};
use crate::terminal::Terminal;

/// Prints what an apply did, as text or as a document.
pub(super) struct ResultSink<'a> {
    context: &'a Context,
    project: &'a Project,
    format: Format,
    /// What is done so that the manifest names the record.
    binding: Binding,
}

/// What is done, after a publication, so that the manifest names the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binding {
    /// The manifest names it already, or need not.
    Named,
    /// The lines are printed.
    Offered,
    /// A person at the terminal is asked whether they are written; the lines are printed otherwise.
    Asked,
    /// `--bind`: they are written into the manifest.
    Written,
}

impl<'a> ResultSink<'a> {
    /// Makes a sink for an apply of what was gathered.
    pub(super) fn new(
        (context, project): (&'a Context, &'a Project),
        inputs: &PlanInputs,
        args: &Apply,
    ) -> Self {
        // Also when a draft of it was made by an earlier run.
        let record = inputs.binding.record.as_ref();
        let is_first = record.is_none_or(|record| record.last.is_none());
        // The local server's record is bound by its own lock, which nobody commits.
        let is_open = inputs.desired.concept.is_none()
            && (is_first || project.server.kind != ServerKind::Local);
        // With `--auto-approve` nobody wants to be asked, though a terminal may be there.
        // Between two publications of a workspace a question would leave half of it undone.
        let can_ask = context.terminal.can_ask()
            && !args.auto_approve
            && args.output.format == Format::Text
            && context.planned_in.is_none();
        let binding = match (is_open, args.bind) {
            (false, _) => Binding::Named,
            (true, true) => Binding::Written,
            (true, false) if can_ask => Binding::Asked,
            (true, false) => Binding::Offered,
        };
        Self { context, project, format: args.output.format, binding }
    }
}

impl Sink for ResultSink<'_> {
    fn applied(&self, applied: &Applied, plan: &Plan) {
        self.tell(applied, plan.operation);
    }
}

impl<'a> ResultSink<'a> {
    /// Makes one for a version that is published without an apply that is running: it asks nothing.
    pub(super) fn offering(
        (context, project): (&'a Context, &'a Project),
        inputs: &PlanInputs,
        format: Format,
    ) -> Self {
        let is_named = inputs.desired.concept.is_some();
        let binding = if is_named { Binding::Named } else { Binding::Offered };
        Self { context, project, format, binding }
    }

    /// Tells of a version that a community published by accepting its draft. A document says it
    /// elsewhere.
    pub(super) fn tell_accepted(&self, record: Record) {
        if self.format == Format::Text {
            let applied = Applied { record: Some(record), ..Applied::default() };
            self.tell(&applied, Operation::NewRecord { draft: None });
        }
    }

    fn tell(&self, applied: &Applied, operation: Operation) {
        let terminal = &self.context.terminal;
        if self.format == Format::Text {
            // What was published is said before a question that may be left unanswered.
            terminal.print_text(&describe_result(applied, operation, self.project));
        }
        let wants_binding = match self.binding {
            Binding::Named | Binding::Offered => false,
            Binding::Asked => applied.record.is_some() && self.ask_to_bind(),
            Binding::Written => true,
        };
        let record = applied.record.as_ref();
        let is_bound = wants_binding && record.is_some_and(|record| self.bind(record));
        match (self.format, record) {
            (Format::Json, _) => {
                terminal.print(&write_json_text(&build_result_json(applied, self.project)));
            }
            (Format::Text, Some(record)) => self.print_binding(record, is_bound),
            (Format::Text, None) => {}
        }
    }

    /// Asks whether the concept is to be written into the manifest.
    fn ask_to_bind(&self) -> bool {
        let shown = escape_text(&self.project.shown);
        let question =
            format!("\nWrite [record.concept] into {shown}, so that it names this record? [y/N]");
        let answer = self.context.terminal.ask(&question).unwrap_or_default();
        matches!(answer.to_lowercase().as_str(), "y" | "yes")
    }

    fn print_binding(&self, record: &Record, is_bound: bool) {
        let terminal = &self.context.terminal;
        let shown = &self.project.shown;
        if is_bound {
            terminal.print_text(&format!("\nWrote [record.concept] into {shown}: commit it.\n"));
        } else if self.binding != Binding::Named {
            let lead = format!("\nTo bind the manifest to this record, add to {shown}:\n\n");
            terminal.print_text(&lead);
            let doi = record.concept_doi.as_ref();
            // A broken line could not be copied into the manifest.
            terminal.print(&write_binding_lines(&self.project.server, record.concept, doi));
        }
    }

    /// Writes the concept into the manifest; returns whether it is there now. The record is
    /// published, so that nothing here is a failure: the lines are printed instead.
    fn bind(&self, record: &Record) -> bool {
        let Project { text, server, clock, paths, .. } = self.project;
        let value = name_concept(record.concept, record.concept_doi.as_ref());
        let concept = (server.name.as_str(), value.as_str(), record.concept);
        let Some(bound) = bind_manifest(text, clock.today(), concept) else { return false };
        let path = self.project.root.join(&paths.name);
        // Another program may have written it since it was read.
        let is_same = disk::read_text(&path, u64::MAX).is_ok_and(|now| *now == **text);
        is_same && disk::write_atomically(&path, bound.as_bytes()).is_ok()
    }
}

/// Returns the code of an apply without a failure, and says which communities it waits for.
pub(super) fn choose_end(terminal: &Terminal, applied: &Applied) -> ExitCode {
    if applied.waits_for.is_empty() {
        return ExitCode::Done;
    }
    let names: Vec<String> =
        applied.waits_for.iter().map(|slug| format!("`{}`", escape_text(&slug.0))).collect();
    terminal.say(&format!(
        "Waiting for {} {}: `zrel status --watch` ends when the curators have decided.",
        if names.len() == 1 { "community" } else { "communities" },
        names.join(", ")
    ));
    ExitCode::Waiting
}

/// Returns the result as text.
pub(super) fn describe_result(
    applied: &Applied,
    operation: Operation,
    project: &Project,
) -> String {
    match (&applied.record, &applied.draft) {
        (Some(record), _) => describe_published(record, operation, project),
        (None, Some(draft)) if !applied.waits_for.is_empty() => describe_submitted(draft, project),
        (None, Some(draft)) => describe_draft(draft, project),
        (None, None) => "Done.\n".to_owned(),
    }
}

fn describe_published(record: &Record, operation: Operation, project: &Project) -> String {
    let done = match operation {
        Operation::NewRecord { .. } | Operation::NewVersion { .. } => "Published",
        Operation::Edit { .. } => "Changed the metadata of",
        Operation::Communities { .. } => "Asked the communities of",
        Operation::Access { .. } => "Changed who has access to",
        Operation::Nothing | Operation::Impossible => "Nothing was left to do for",
    };
    let label =
        record.metadata.text(Field::Version).map(|label| format!(" {}", escape_text(label)));
    let title = record.metadata.text(Field::Title).unwrap_or_default();
    let mut out = format!("\n{done} {}{}\n", escape_text(title), label.unwrap_or_default());
    if let Some(doi) = &record.doi {
        let _ = writeln!(out, "  DOI          {doi}");
    }
    if let Some(concept_doi) = &record.concept_doi {
        let _ = writeln!(out, "  concept DOI  {concept_doi} (always the latest version)");
    }
    let _ = writeln!(
        out,
        "  page         {}",
        choose_page((&project.server, &project.paths.zrel()), &record.html)
    );
    // Such a DOI looks like a real one, and must not be cited.
    if project.server.is_rehearsal() {
        out.push_str("  A rehearsal: these DOIs resolve nowhere.\n");
    }
    out
}

fn describe_submitted(draft: &Draft, project: &Project) -> String {
    format!(
        "\nDraft {} was compared with the plan and submitted for review. Nothing is published yet.\n  page         {}\n",
        draft.id,
        choose_page((&project.server, &project.paths.zrel()), &draft.html)
    )
}

fn describe_draft(draft: &Draft, project: &Project) -> String {
    format!(
        "\nDraft {} is ready, and was compared with the plan. Nothing is published.\n  page         {}\n",
        draft.id,
        choose_page((&project.server, &project.paths.zrel()), &draft.html)
    )
}

/// Returns the result as a document.
pub(super) fn build_result_json(applied: &Applied, project: &Project) -> Json {
    let record = applied.record.as_ref().map(|record| {
        json!({
            "id": record.id.0,
            "concept": record.concept.0,
            "doi": record.doi.as_ref().map(crate::model::Doi::as_str),
            "concept_doi": record.concept_doi.as_ref().map(crate::model::Doi::as_str),
            "version": record.metadata.text(Field::Version),
            "html": record.html,
        })
    });
    // A published draft is the record, and one id must not appear as both.
    let draft = applied.draft.as_ref().filter(|_| record.is_none());
    json!({
        "format_version": "1.0",
        "server": project.server.name,
        "record": record,
        "draft": draft.map(|draft| json!({"id": draft.id.0, "html": draft.html})),
        "waits_for": applied.waits_for.iter().map(|slug| &slug.0).collect::<Vec<_>>(),
    })
}
