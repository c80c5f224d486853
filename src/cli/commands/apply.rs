//! `zrel apply`: shows the plan, asks, and applies exactly this plan.

use crate::cli::report::{ResultSink, choose_end};
use crate::cli::terminal_sink::TerminalSink;
use crate::cli::workflow_outputs::WorkflowSink;
use crate::engine::{
    Release, Sink, note_release_of_draft, note_reserved_release, settle, settle_empty,
};
use crate::engine::{compare_saved, make_policy};

use super::plan::{choose_detail, hash_inventory, print_plan};
use super::workspace;
use crate::apply::{Applied, Stop};
use crate::check::{Checked, Verdict};
use crate::cli::approval;
use crate::cli::args::Format;
use crate::cli::args::apply::Apply;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption::{Progress, run_until_stopped};
use crate::cli::notifications::Notifier;
use crate::cli::selection::select;
use crate::engine::Saved;
use crate::engine::make_plan;
use crate::engine::{PlanInputs, Project};
use crate::model::{Field, FieldKind};
use crate::observed::Observed;
use crate::plan::{Policy, compute_digest};

pub(super) fn run(context: &Context, args: &Apply) -> Result<ExitCode, Failure> {
    if let Some(selection) = select(context, &args.members)? {
        return workspace::apply(context, args, &selection);
    }
    if args.until.is_some() {
        let message = "--until is for the root of a workspace";
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("one record stops at its draft with --no-publish"));
    }
    let project = Project::load(context.project_options())?;
    // Held to the end: two runs of one manifest would write to the same draft.
    let _one_run = project.run_lock()?;
    // Unusable plans and flags fail here, before files are hashed, which may take minutes.
    let saved = args.plan.as_deref();
    let saved = saved.map(|path| approval::read_plan(context, path)).transpose()?;
    let accept_rewrite = parse_accepted_fields(&args.accept_rewrite)?;
    let inventory = hash_inventory(context, &project, &args.limits)?;
    let mut inputs = project.gather(inventory)?;
    // The flags are part of a plan's digest, so a saved plan brings its own.
    let flags =
        saved.as_ref().map_or_else(|| args.flags.to_plan(), |saved| saved.plan().flags.clone());
    let mut policy = make_policy(&project, &inputs, flags, environment::choose_readers());
    policy.accept_rewrite = accept_rewrite;
    context.runtime.block_on(async {
        let session = connection::connect(context, &project).await?;
        let (terminal, progress) = (TerminalSink::new(&context.terminal), Progress::default());
        let workflow = WorkflowSink::new(context, &project);
        let result = ResultSink::new((context, &project), &inputs, args);
        let sinks: &[&dyn Sink] = &[&progress, &terminal, &result, &workflow];
        let release = Release {
            project: &project,
            session: &session,
            sink: &sinks,
            jobs: args.jobs,
            uploads: None,
            seeded_fault: environment::read_seeded_fault(),
        };
        let run = Run { context, release, progress: &progress, result: &result, args };
        let code = Box::pin(run.run(&mut inputs, policy, saved.as_ref())).await;
        session.close().await;
        code
    })
}

pub(super) fn parse_accepted_fields(names: &[String]) -> Result<Vec<Field>, Failure> {
    let field = |name: &String| {
        let texts = Field::ALL.iter().copied().filter(|field| field.kind() == FieldKind::Html);
        let mut texts = texts.filter(|field| field.name() == name);
        texts.next().ok_or_else(|| {
            let message =
                format!("--accept-rewrite: `{name}` is not a text that a server rewrites");
            Failure::new(ExitCode::Usage, message).hint("it accepts description, notes or method")
        })
    };
    names.iter().map(field).collect()
}

/// One apply, from the plan to the last line.
struct Run<'a> {
    context: &'a Context,
    release: Release<'a>,
    progress: &'a Progress,
    result: &'a ResultSink<'a>,
    args: &'a Apply,
}

impl Run<'_> {
    fn project(&self) -> &Project {
        self.release.project
    }

    fn notifier(&self) -> Notifier<'_> {
        Notifier::new(self.context, self.project())
    }

    async fn run(
        &self,
        inputs: &mut PlanInputs,
        mut policy: Policy,
        saved: Option<&Saved>,
    ) -> Result<ExitCode, Failure> {
        if let Some(saved) = saved {
            policy.approve_saved(saved.plan());
        }
        let observed = self.release.observe(inputs, &policy).await?;
        if let Some(record) = note_release_of_draft(self.project(), inputs, &observed)? {
            self.result.tell_accepted(record);
        }
        note_reserved_release(self.project(), inputs, &observed)?;
        if self.args.expect.is_some() {
            policy.approve_expected(&observed, &inputs.binding);
        }
        approval::refuse_unnamed(&inputs.desired, &policy)?;
        let mut checked = make_plan(inputs, &observed, &policy);
        approval::say_needless(&self.context.terminal, &checked, &policy);
        if let Some((path, saved)) = self.args.plan.as_deref().zip(saved) {
            let project = self.project();
            let freshness = compare_saved(project, saved, &checked, &policy);
            let of_plan = (path, saved);
            let code =
                approval::check_saved_plan(self.context, of_plan, project, freshness, &checked)?;
            // The run that applied the plan may have ended before it wrote the lock.
            if let Some(code) = code {
                settle(self.project(), inputs, &observed, &checked)?;
                let notifier = self.notifier();
                notifier.send(notifier.settled(observed.published(), checked.plan())).await;
                return Ok(code);
            }
        }
        if let Some(expected) = &self.args.expect {
            approval::check_expected_digest(self.context, expected, &checked)?;
        }
        if self.args.output.format == Format::Text {
            let detail = choose_detail(self.args.full);
            print_plan(self.context, self.project(), &checked, detail);
        }
        self.release.sink.planned(&checked);
        let open = policy.unfinished.clone();
        if checked.plan().is_empty() {
            // Nothing is left, but an earlier run may have lost the answer that the lock needs.
            self.say_uncompared(&checked);
            let left = settle_empty(self.project(), inputs, observed, &checked)?;
            let notifier = self.notifier();
            notifier.send(notifier.settled(left.record.as_ref(), checked.plan())).await;
            self.release.report_unused_draft(open.as_ref(), &left.ids()).await?;
            return Ok(self.nothing_to_do(&checked, &left));
        }
        let confirmed = self.confirm(inputs, &observed, &mut policy, &mut checked, saved.is_some());
        let (plan, notifier) = (checked.plan().clone(), self.notifier());
        if let Err(failure) = confirmed {
            notifier.send(notifier.waiting(&failure, &plan)).await;
            return Err(failure);
        }
        let applied = self.until_stopped(inputs, &policy, checked, observed);
        let applied = Box::pin(applied).await?;
        self.release.sink.applied(&applied, &plan);
        notifier.send(notifier.applied(&applied, &plan)).await;
        notifier.send(notifier.waits_for(&applied, &plan)).await;
        self.release.report_unused_draft(open.as_ref(), &applied.ids()).await?;
        approval::name_addresses(&self.context.terminal, &self.context.command(), &plan);
        Ok(choose_end(&self.context.terminal, &applied))
    }

    /// Asks about what only a person can decide, then for the word to publish.
    fn confirm(
        &self,
        inputs: &PlanInputs,
        observed: &Observed,
        policy: &mut Policy,
        checked: &mut Checked,
        is_saved: bool,
    ) -> Result<(), Failure> {
        // Blockers first: the word to publish must be about the plan that results from the
        // answers.
        if checked.verdict() == Verdict::NeedsConfirmation {
            approval::settle_blockers(&self.context.terminal, checked, policy)?;
            *checked = make_plan(inputs, observed, policy);
        }
        match self.args.output.format {
            Format::Text => approval::refuse_shown_plan(self.project(), checked)?,
            Format::Json => approval::refuse_blocked(self.project(), checked)?,
        }
        // A saved plan and a digest were reviewed elsewhere, often for a job that can't be asked.
        // A draft that is not published can be changed and discarded; what only a person can decide
        // about it was asked above.
        let is_draft = checked.plan().flags.no_publish;
        if is_saved || self.args.expect.is_some() {
            return Ok(());
        }
        let is_approved = is_draft || self.args.auto_approve;
        if !is_approved {
            return approval::ask_to_continue(self.context, checked);
        }
        // A script that approves everything must not hand the record to others.
        approval::ask_to_share(self.context, checked.plan())
    }

    /// Applies until done, or until a person asks twice to stop. A failure is sent to the channels.
    async fn until_stopped(
        &self,
        inputs: &mut PlanInputs,
        policy: &Policy,
        checked: Checked,
        observed: Observed,
    ) -> Result<Applied, Failure> {
        let (plan, notifier) = (checked.plan().clone(), self.notifier());
        notifier.begin(&plan);
        let apply =
            async |stop: &Stop| self.release.apply(inputs, policy, checked, observed, stop).await;
        let result = run_until_stopped(&self.context.terminal, self.progress, apply).await;
        let failure = match result {
            Ok(applied) => return Ok(applied),
            Err(error) => error_mapping::map_engine_error(&error, Some(self.project())),
        };
        notifier.send(notifier.failed(&failure, &plan)).await;
        Err(failure)
    }

    /// Says that the expected digest was not compared. An applied plan leaves an empty one with
    /// another digest: that nothing is left to do does not prove that the expected plan was
    /// applied.
    fn say_uncompared(&self, checked: &Checked) {
        let expected = self.args.expect.as_deref();
        let is_other =
            |expected: &str| !compute_digest(checked.plan()).to_string().starts_with(expected);
        if expected.is_some_and(is_other) {
            self.context.terminal.say(
                "Nothing is left to do, so the plan was not compared with the expected digest.",
            );
        }
    }

    fn nothing_to_do(&self, checked: &Checked, left: &Applied) -> ExitCode {
        // The text of an empty plan was printed already.
        if self.args.output.format == Format::Json {
            let document = crate::render::encode_plan_document(checked, &self.project().about());
            self.context.terminal.print(&crate::render::write_json_text(&document));
        }
        choose_end(&self.context.terminal, left)
    }
}
