//! `zrel reserve`: opens the draft of the next version, so that its DOI is known before the
//! release.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::check::Verdict;
use crate::cli::approval;
use crate::cli::args::Format;
use crate::cli::args::reserve::Reserve;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping::map_engine_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption::{Progress, run_until_stopped};
use crate::cli::selection::Compared;
use crate::cli::terminal_sink::TerminalSink;
use crate::cli::workflow_outputs;
use crate::desired::DesiredVersion;
use crate::engine::{
    JOBS, NextApply, PlanInputs, Project, Release, Reserved, Sink, make_plan, make_policy,
    note_reserved_release,
};
use crate::model::{Doi, Field};
use crate::observed::Observed;
use crate::plan::{Aim, Policy};
use crate::render::{choose_page, describe_review, escape_text};

use super::workspace::run_for_each;

pub(super) fn run(context: &Context, args: &Reserve) -> Result<ExitCode, Failure> {
    // One draft must not be reserved for two members.
    run_for_each(context, (&args.members, args.output.format), Compared::Alone, |own| {
        reserve_version(own, args)
    })
}

/// Reserves the DOI of one manifest's next version, and prints it.
fn reserve_version(context: &Context, args: &Reserve) -> Result<ExitCode, Failure> {
    let (project, reserved) = reserve_draft(context, args)?;
    workflow_outputs::write_reservation(context, &reserved);
    match args.output.format {
        Format::Text => {
            context.terminal.print_text(&describe(&reserved, &project, context));
            let (zrel, has_writes) = (context.command(), !project.manifest.writes.is_empty());
            let verb = match reserved.next {
                NextApply::IsHeld(_) => "plan",
                NextApply::Publishes | NextApply::Submits(_) if has_writes => "write",
                NextApply::Publishes | NextApply::Submits(_) => "apply",
            };
            context.terminal.inform(&format!("Next: {zrel} {verb}"));
        }
        Format::Json => context.put_document(encode(&reserved, &project)),
    }
    Ok(ExitCode::Done)
}

/// Reserves the DOI of one manifest's next version.
///
/// # Errors
/// A [`Failure`] when it can't be reserved, or a person has to confirm it.
pub(super) fn reserve_draft(
    context: &Context,
    args: &Reserve,
) -> Result<(Project, Reserved), Failure> {
    let project = Project::load(context.project_options())?;
    // Held to the end: two runs of one manifest would open two drafts.
    let _one_run = project.run_lock()?;
    // The files of the release may be written only after this: none is read here.
    let mut inputs = project.gather(project.texts()?)?;
    inputs.invocation = inputs.invocation.of_reserve();
    refuse_own_doi(&inputs)?;
    refuse_no_dois(&project)?;
    set_label(&mut inputs, args.label.as_deref(), context)?;
    // A draft is opened only for files that can be written.
    project.check_writing(&inputs)?;
    let policy = make_policy(&project, &inputs, args.to_plan(), environment::choose_readers());
    let mut policy = Policy { aim: Aim::Reserve, ..policy };
    let reserved = context.runtime.block_on(async {
        let session = connection::connect(context, &project).await?;
        let (terminal, progress) = (TerminalSink::new(&context.terminal), Progress::default());
        let sinks: &[&dyn Sink] = &[&progress, &terminal];
        let release = Release {
            project: &project,
            session: &session,
            sink: &sinks,
            jobs: JOBS,
            uploads: None,
            seeded_fault: environment::read_seeded_fault(),
        };
        let run = Run { context, release, progress: &progress };
        let reserved = Box::pin(run.reserve(&mut inputs, &mut policy)).await;
        session.close().await;
        reserved
    })?;
    Ok((project, reserved))
}

/// Refuses a manifest that brings its own DOI: the server gives it no other.
fn refuse_own_doi(inputs: &PlanInputs) -> Result<(), Failure> {
    let Some(doi) = inputs.desired.metadata.text(Field::Doi) else { return Ok(()) };
    let doi = escape_text(doi);
    let message = format!("the manifest has the DOI {doi}, and the server gives no other");
    Err(Failure::new(ExitCode::Usage, message)
        .hint("remove `doi` from [metadata] to have one reserved"))
}

/// Refuses a server that gives no DOIs.
fn refuse_no_dois(project: &Project) -> Result<(), Failure> {
    if project.server.mints_dois {
        return Ok(());
    }
    let name = escape_text(&project.server.name);
    let message = format!("{name} gives no DOIs, as the manifest says");
    Err(Failure::new(ExitCode::Usage, message)
        .hint(format!("remove `dois = false` under [servers.{name}] to have one reserved")))
}

/// Refuses a `doi_prefix` that is not the one of the record's DOIs: files would carry DOIs that
/// nothing has.
fn refuse_other_prefix(project: &Project, observed: &Observed) -> Result<(), Failure> {
    let published = observed.published().filter(|record| !record.has_external_doi);
    let found = published.and_then(|record| record.doi.as_ref()).map(Doi::prefix);
    let prefixes = found.zip(project.server.doi_prefix.as_deref());
    let Some((found, named)) = prefixes.filter(|(found, named)| found != named) else {
        return Ok(());
    };
    let name = escape_text(&project.server.name);
    let message = format!(
        "the server gives DOIs of {}, and not of {}",
        escape_text(found),
        escape_text(named)
    );
    Err(Failure::new(ExitCode::Invalid, message)
        .hint(format!("correct `doi_prefix` under [servers.{name}]")))
}

/// Sets the label of a version that comes from a git tag.
fn set_label(
    inputs: &mut PlanInputs,
    label: Option<&str>,
    context: &Context,
) -> Result<(), Failure> {
    let is_at_tag = inputs.desired.version == DesiredVersion::KnownAtTag;
    if let Some(label) = label.filter(|label| is_at_tag && !may_be_of_tag(label)) {
        let message = format!("--label: `{}` can't come from a tag", escape_text(label));
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("give the label without what `strip` takes away, such as 1.2.0"));
    }
    let version = &mut inputs.desired.version;
    let reserved = inputs.binding.record.as_ref().and_then(|record| record.reserved.as_ref());
    let earlier = reserved.and_then(|reserved| reserved.label.clone());
    match (&*version, label.map(str::to_owned).or(earlier)) {
        (DesiredVersion::KnownAtTag, Some(label)) => *version = DesiredVersion::Tag(label),
        (DesiredVersion::KnownAtTag, None) => {
            let message = "the version label comes from a git tag, and the commit has none";
            let hint = format!("say which it will be: {} reserve --label LABEL", context.command());
            return Err(Failure::new(ExitCode::Usage, message).hint(hint));
        }
        (_, Some(_)) if label.is_some() => {
            let message = "--label is for a version that comes from a git tag not made yet";
            let hint = "here `version` of the manifest, or the tag, is the label";
            return Err(Failure::new(ExitCode::Usage, message).hint(hint));
        }
        (_, _) => {}
    }
    Ok(())
}

/// Returns whether a tag can give this label: it begins with a digit, and has no blanks.
fn may_be_of_tag(label: &str) -> bool {
    label.starts_with(|c: char| c.is_ascii_digit()) && label.chars().all(|c| c.is_ascii_graphic())
}

/// One reservation, from the reading of the server to the lock.
struct Run<'a> {
    context: &'a Context,
    release: Release<'a>,
    progress: &'a Progress,
}

impl Run<'_> {
    async fn reserve(
        &self,
        inputs: &mut PlanInputs,
        policy: &mut Policy,
    ) -> Result<Reserved, Failure> {
        let project = self.release.project;
        let open = policy.unfinished.clone();
        let observed = self.release.observe(inputs, policy).await?;
        note_reserved_release(project, inputs, &observed)?;
        refuse_other_prefix(project, &observed)?;
        let mut checked = make_plan(inputs, &observed, policy);
        if checked.verdict() == Verdict::NeedsConfirmation {
            approval::settle_blockers(&self.context.terminal, &checked, policy)?;
            checked = make_plan(inputs, &observed, policy);
        }
        approval::refuse_blocked(project, &checked)?;
        let terminal = &self.context.terminal;
        let planned = (checked, observed);
        let reserved = run_until_stopped(terminal, self.progress, async |stop| {
            self.release.reserve(inputs, policy, planned, stop).await
        });
        let reserved =
            Box::pin(reserved).await.map_err(|error| map_engine_error(&error, Some(project)))?;
        self.release.report_unused_draft(open.as_ref(), &[reserved.draft]).await?;
        Ok(reserved)
    }
}

/// Returns the reservation as text.
fn describe(reserved: &Reserved, project: &Project, context: &Context) -> String {
    let Reserved { draft, doi, concept_doi, fixed, html, next } = reserved;
    let label = fixed.label.as_ref().map(|label| format!(" for version {}", escape_text(label)));
    let date = escape_text(&fixed.date);
    let mut out = format!("Reserved {doi}{}, dated {date}\n", label.unwrap_or_default());
    let _ = writeln!(out, "  DOI          {doi} (draft {draft})");
    if let Some(concept_doi) = concept_doi {
        let _ = writeln!(out, "  concept DOI  {concept_doi} (always the latest version)");
    }
    let _ = writeln!(
        out,
        "  page         {}",
        choose_page((&project.server, &context.command()), html)
    );
    if project.server.is_rehearsal() {
        out.push_str("  A rehearsal: these DOIs resolve nowhere.\n");
    }
    let zrel = context.command();
    let next = describe_next(next, &zrel);
    let _ = writeln!(out, "\nNothing is published{next}; `{zrel} discard` gives it back.");
    out
}

/// Says what becomes of the draft, after "Nothing is published".
fn describe_next(next: &NextApply, zrel: &str) -> String {
    match next {
        NextApply::Publishes => format!(". `{zrel} apply` publishes under this DOI"),
        NextApply::Submits(community) => format!(
            ". `{zrel} apply` submits the draft to community {}, whose acceptance publishes under \
             this DOI",
            escape_text(&community.0)
        ),
        NextApply::IsHeld(review) => {
            let state = describe_review(review);
            format!("; {state}. `{zrel} plan` says what can be done")
        }
    }
}

/// Returns the reservation as a document.
fn encode(reserved: &Reserved, project: &Project) -> Json {
    let Reserved { draft, doi, concept_doi, fixed, html, next: _ } = reserved;
    json!({
        "format_version": "1.0",
        "server": project.server.name,
        "draft": draft.0,
        "doi": doi.as_str(),
        "concept_doi": concept_doi.as_ref().map(crate::model::Doi::as_str),
        "version": fixed.label,
        "date": fixed.date,
        "html": html,
    })
}
