//! `zrel backfill apply`: publishes what is missing, the oldest first.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::apply::{Applied, Stop};
use crate::cli::approval;
use crate::cli::args::Format;
use crate::cli::args::backfill::Apply;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping::map_engine_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption::{Interruption, Progress, run_unless_stopped};
use crate::cli::report::{build_result_json, describe_result};
use crate::cli::terminal_sink::TerminalSink;
use crate::engine::backfill::{ApprovedReleases, BackfillPlan, OpenRelease, PlannedRelease};
use crate::engine::{PlanInputs, Release, Sink, make_plan, settle_empty};
use crate::model::{RecordId, ServerKind};
use crate::plan::{Plan, compute_basis_digest, compute_following_digest};
use crate::render::{escape_text, write_binding_lines, write_json_text};

use super::approve::{Approved, approve};
use super::flags::list_chosen;
use super::gather::{PastReleases, choose_policy, name_tag};
use super::plan::print;

/// Runs the command.
///
/// # Errors
/// A [`Failure`] when the plans are not approved, or one of them can't be applied.
pub(super) fn run(context: &Context, args: &Apply) -> Result<ExitCode, Failure> {
    let is_approved = args.auto_approve || args.expect.is_some();
    if args.chosen.output.format == Format::Json && !is_approved {
        let message = "--format json shows no plan to approve";
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("approve the plans with --expect DIGEST or --auto-approve"));
    }
    let past = PastReleases::find(context, &args.chosen.tags)?;
    // Held to the end: two runs of one manifest would write to the same draft.
    let _one_run = past.now.run_lock()?;
    let done = Run { past: &past, args }.run();
    past.close();
    done
}

/// One run over the releases.
#[derive(Clone, Copy)]
struct Run<'a> {
    past: &'a PastReleases,
    args: &'a Apply,
}

impl Run<'_> {
    fn run(self) -> Result<ExitCode, Failure> {
        let chosen = &self.args.chosen;
        let mut planned = self.past.plan(chosen)?;
        if self.settle_last(&planned.plan)? {
            planned = self.past.plan(chosen)?;
        }
        if chosen.output.format == Format::Text {
            print(self.past, (&planned.plan, &planned.notes), chosen.full);
        }
        let approved = approve(self.past, self.args, &planned)?;
        if approved.is_empty() {
            self.past.context.terminal.inform("Nothing is left to publish.");
        }
        let results = self.publish(&approved)?;
        if chosen.output.format == Format::Json {
            let document = json!({ "format_version": "1.0", "releases": results });
            self.past.context.terminal.print(&write_json_text(&document));
        }
        Ok(ExitCode::Done)
    }

    /// Publishes the releases, one after the other.
    fn publish(self, approved: &[Approved]) -> Result<Vec<Json>, Failure> {
        let context = &self.past.context;
        let (mut results, mut before) = (Vec::new(), None);
        let interruption =
            context.runtime.block_on(async { Interruption::listen(&context.terminal) });
        for (at, one) in approved.iter().enumerate() {
            self.refuse_stopped(&interruption.stop, &approved[at..], &results)?;
            let tag = escape_text(&one.release.tag.name);
            context.terminal.inform(&format!("\n== {tag}"));
            let published = self.publish_one(one, before, &interruption.stop);
            let (applied, result) =
                published.map_err(|failure| name_done(self.name_rest(failure), &results))?;
            before = applied.record.as_ref().map(|record| record.id);
            results.push(result);
            self.note_record(&applied).map_err(|failure| name_done(failure, &results))?;
            if at + 1 == approved.len() {
                self.offer_binding(&applied);
            }
        }
        Ok(results)
    }

    /// Notes which record was approved, once its first version is published.
    fn note_record(self, applied: &Applied) -> Result<(), Failure> {
        let Some(record) = &applied.record else { return Ok(()) };
        if let Some(mut approved) = ApprovedReleases::load(&self.past.now) {
            approved.set_concept(record.concept);
            approved.save(&self.past.now)?;
        }
        Ok(())
    }

    /// Refuses to begin a release after a request to stop, and when the time is over.
    fn refuse_stopped(
        self,
        stop: &Stop,
        left: &[Approved],
        results: &[Json],
    ) -> Result<(), Failure> {
        let failure = if stop.is_asked() {
            Failure::new(ExitCode::Interrupted, "interrupted")
        } else if self.past.context.time().1.is_over() {
            let code = if results.is_empty() { ExitCode::Unavailable } else { ExitCode::Partly };
            Failure::new(code, "the time of the run is over")
        } else {
            return Ok(());
        };
        let tags: Vec<&str> = left.iter().map(|one| one.release.tag.name.as_str()).collect();
        let failure = failure.hint(format!("not begun: {}", tags.join(", ")));
        Err(name_done(self.name_rest(failure), results))
    }

    fn publish_one(
        self,
        one: &Approved,
        before: Option<RecordId>,
        stop: &Stop,
    ) -> Result<(Applied, Json), Failure> {
        let (context, chosen) = (&self.past.context, &self.args.chosen);
        let open = self.past.open(&one.release, chosen)?;
        let mut inputs = self.past.gather(&open, &one.release, chosen)?;
        let release = self.release((one, before), &open, &mut inputs, stop);
        let done = context.runtime.block_on(release);
        let (applied, plan) = done.map_err(|failure| name_tag(&one.release, failure))?;
        if chosen.output.format == Format::Text {
            let done = describe_result(&applied, plan.operation, &open.project);
            context.terminal.print_text(&done);
        }
        let mut result = build_result_json(&applied, &open.project);
        result["tag"] = one.release.tag.name.as_str().into();
        Ok((applied, result))
    }

    /// Plans a release from what the server has now, and applies the plan if it is the approved one.
    async fn release(
        self,
        (one, before): (&Approved, Option<RecordId>),
        open: &OpenRelease,
        inputs: &mut PlanInputs,
        stop: &Stop,
    ) -> Result<(Applied, Plan), Failure> {
        let (context, project) = (&self.past.context, &open.project);
        let session = connection::connect(context, project).await?;
        let (terminal, progress) = (TerminalSink::new(&context.terminal), Progress::default());
        let sinks: &[&dyn Sink] = &[&progress, &terminal];
        let release = Release {
            sink: &sinks,
            jobs: self.args.jobs,
            seeded_fault: environment::read_seeded_fault(),
            ..Release::new(project, &session)
        };
        let mut policy = choose_policy(project, inputs, &self.args.chosen);
        (policy.allowed, policy.rebind) = (one.allowed.clone(), one.rebind);
        // Which version it follows was approved before that had a number.
        if policy.allowed.over == Some(RecordId::EXPECTED) {
            policy.allowed.over = before;
        }
        let observed = release.observe(inputs, &policy).await?;
        let checked = make_plan(inputs, &observed, &policy);
        let plan = checked.plan().clone();
        refuse_changed(one, before, &plan)?;
        approval::refuse_blocked(project, &checked)?;
        let applied = run_unless_stopped(stop, &progress, async |stop: &Stop| {
            release.apply(inputs, &policy, checked, observed, stop).await
        })
        .await;
        session.close().await;
        Ok((applied.map_err(|error| map_engine_error(&error, Some(project)))?, plan))
    }

    /// Prints how to bind the manifest to the record, if it is not.
    fn offer_binding(self, applied: &Applied) {
        let now = &self.past.now;
        let is_bound = now.manifest.record.concept.contains_key(&now.server.name)
            || now.server.kind == ServerKind::Local;
        let is_text = self.args.chosen.output.format == Format::Text;
        let Some(record) = applied.record.as_ref().filter(|_| is_text && !is_bound) else {
            return;
        };
        let terminal = &self.past.context.terminal;
        let lead = format!("\nTo bind the manifest to this record, add to {}:\n\n", now.shown);
        terminal.print_text(&lead);
        let doi = record.concept_doi.as_ref();
        terminal.print(&write_binding_lines(&now.server, record.concept, doi));
    }

    /// Replaces the command that continues a release alone, which would publish other files.
    fn name_rest(self, mut failure: Failure) -> Failure {
        failure.hints.retain(|hint| !hint.starts_with("run `zrel"));
        let can_go_on = matches!(
            failure.code,
            ExitCode::Partly
                | ExitCode::PublishUnknown
                | ExitCode::Unavailable
                | ExitCode::Busy
                | ExitCode::Interrupted
        );
        // After any other code the same command ends in the same way.
        if !can_go_on {
            return failure;
        }
        let zrel = self.past.context.command();
        let mut flags = list_chosen(&self.args.chosen);
        if let Some(digest) = &self.args.expect {
            let _ = write!(flags, " --expect {digest}");
        }
        failure.hint(format!("to continue: `{zrel} backfill apply{flags}`"))
    }

    /// Records the latest release, where a run ended before it could; returns whether it did.
    fn settle_last(self, plan: &BackfillPlan) -> Result<bool, Failure> {
        let now = &self.past.now;
        let lock = now.lock()?;
        let known = lock.entry(&now.server).and_then(|entry| entry.record.last);
        let is_latest = |one: &&PlannedRelease| {
            one.published.as_ref().is_some_and(|entry| Some(entry.id) == plan.latest)
        };
        let last = plan.releases.iter().find(is_latest);
        let is_left = now.unfinished_run()?.is_some() && known != plan.latest;
        let Some(last) = last.filter(|_| is_left) else { return Ok(false) };
        let chosen = &self.args.chosen;
        let open = self.past.open(&last.release, chosen)?;
        let mut inputs = self.past.gather(&open, &last.release, chosen)?;
        self.past.context.runtime.block_on(async {
            let session = connection::connect(&self.past.context, &open.project).await?;
            let policy = choose_policy(&open.project, &inputs, chosen);
            let observed = session.observe(&inputs, &policy).await?;
            let checked = make_plan(&inputs, &observed, &policy);
            let is_done = checked.plan().is_empty();
            if is_done {
                settle_empty(&open.project, &mut inputs, observed, &checked)?;
            }
            session.close().await;
            Ok(is_done)
        })
    }
}

/// Adds to a failure what was published before it.
fn name_done(mut failure: Failure, results: &[Json]) -> Failure {
    for result in results {
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let (tag, doi) = (text(&result["tag"]), text(&result["record"]["doi"]));
        failure.causes.push(format!("{} was published before it, as {doi}", escape_text(&tag)));
    }
    failure
}

/// Refuses a plan that is not the approved one, or does not follow the release before it.
fn refuse_changed(one: &Approved, before: Option<RecordId>, plan: &Plan) -> Result<(), Failure> {
    let follows = match &one.basis {
        Some(basis) => compute_basis_digest(plan) == *basis,
        None => before.is_some() && plan.base.version == before,
    };
    if follows && compute_following_digest(plan) == one.digest {
        return Ok(());
    }
    let message = "the plan changed since it was approved; nothing was sent for this tag";
    Err(Failure::new(ExitCode::Stale, message).hint("plan again"))
}
