//! `zrel apply`: shows the plan, asks, and does exactly that.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use super::Context;
use super::args::{Apply, Format};
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::interruption::{Interruption, Progress};
use super::lost_draft::Search;
use super::project::{Gathered, Project};
use super::saved::Saved;
use super::session::{self, Session, make_plan};
use super::verb_plan::{hashed_inventory, print_plan};
use super::{approval, environment, outcome, report, step};
use crate::apply::{self, Applied, ApplyError, Site, Stop};
use crate::check::{Checked, Verdict};
use crate::event::Event;
use crate::model::{Community, Field, FieldKind, Metadata, RecordId};
use crate::observed::{Observed, Presence, Standing};
use crate::plan::{Operation, Policy, Unfinished, digest};
use crate::ui::Bar;

/// How often an apply whose answers were lost goes on by itself.
const ROUNDS: u32 = 3;

/// How long to wait before the first look; twice as long before the second.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) fn run(context: &Context, args: &Apply) -> Result<ExitCode, Failure> {
    let project = Project::load(&context.global)?;
    let _one_run = project.run_lock()?;
    let saved = args.plan.as_deref();
    let saved = saved.map(|path| approval::read_plan(context, path)).transpose()?;
    let accept_rewrite = accepted_fields(&args.accept_rewrite)?;
    let inventory = hashed_inventory(context, &project, &args.limits)?;
    let mut gathered = project.gather(inventory)?;
    let decisions =
        saved.as_ref().map_or_else(|| args.decisions.to_plan(), |saved| saved.plan().decisions);
    let mut policy = session::policy(&project, &gathered, decisions);
    policy.accept_rewrite = accept_rewrite;
    context.runtime.block_on(async {
        let session = Session::connect(&project).await?;
        let release = Release { context, project: &project, session: &session, args };
        let code = release.run(&mut gathered, policy, saved.as_ref()).await;
        session.close().await;
        code
    })
}

fn accepted_fields(names: &[String]) -> Result<Vec<Field>, Failure> {
    let field = |name: &String| {
        let texts = Field::ALL.iter().copied().filter(|field| field.kind() == FieldKind::Html);
        let mut texts = texts.filter(|field| field.name() == name);
        texts.next().ok_or_else(|| {
            let message = format!("--accept-rewrite: `{name}` is no text that a server rewrites");
            Failure::new(ExitCode::Usage, message).hint("it takes description, notes or method")
        })
    };
    names.iter().map(field).collect()
}

/// One apply, from the plan to the last line.
struct Release<'a> {
    context: &'a Context,
    project: &'a Project,
    session: &'a Session,
    args: &'a Apply,
}

impl Release<'_> {
    async fn run(
        &self,
        gathered: &mut Gathered,
        mut policy: Policy,
        saved: Option<&Saved>,
    ) -> Result<ExitCode, Failure> {
        if let Some(saved) = saved {
            // Whoever saved the plan saw which version it is based on, and that it creates one.
            policy.initial = true;
            policy.over = policy.over.or(saved.plan().basis.version);
        }
        let observed = self.observe(gathered, &policy).await?;
        if self.args.expect.is_some() {
            policy.over = policy.over.or_else(|| version_of(&observed));
        }
        let mut checked = make_plan(gathered, &observed, &policy);
        if let Some((path, saved)) = self.args.plan.as_deref().zip(saved) {
            let project = self.project;
            let freshness = approval::freshness(project, saved, &checked, &policy);
            let of_plan = (path, saved);
            let code = approval::of_saved(self.context, of_plan, project, freshness, &checked)?;
            if let Some(code) = code {
                self.settle(gathered, &observed, &checked)?;
                return Ok(code);
            }
        }
        if let Some(expected) = &self.args.expect {
            approval::of_digest(self.context, expected, &checked)?;
        }
        if self.args.output.format == Format::Text {
            print_plan(self.context, self.project, &checked);
        }
        step::planned(self.context, self.project, &checked);
        let facts = step::Facts::of(checked.plan());
        let open = policy.unfinished.clone();
        if checked.plan().is_empty() {
            self.say_uncompared(&checked);
            self.settle(gathered, &observed, &checked)?;
            let draft = observed.draft.iter().map(|draft| draft.id).collect::<Vec<_>>();
            self.search().settle(open.as_ref(), &draft).await?;
            return Ok(self.nothing_to_do(&checked));
        }
        self.confirm(gathered, &observed, &mut policy, &mut checked, saved.is_some())?;
        let operation = checked.plan().operation;
        let applied = self.until_stopped(gathered, &policy, checked, observed).await?;
        self.finished(&applied, operation, gathered);
        let record = applied.record.iter().map(|record| record.id);
        let ids = record.chain(applied.draft.iter().map(|draft| draft.id)).collect::<Vec<_>>();
        self.search().settle(open.as_ref(), &ids).await?;
        step::applied(self.context, self.project, facts, &applied);
        Ok(ExitCode::Done)
    }

    /// Reads what is on the server.
    async fn observe(&self, gathered: &Gathered, policy: &Policy) -> Result<Observed, Failure> {
        self.search().observe(gathered, policy).await
    }

    fn search(&self) -> Search<'_> {
        Search { context: self.context, project: self.project, session: self.session }
    }

    /// Asks for what only a person can settle, then for the word to publish.
    fn confirm(
        &self,
        gathered: &Gathered,
        observed: &Observed,
        policy: &mut Policy,
        checked: &mut Checked,
        is_saved: bool,
    ) -> Result<(), Failure> {
        if checked.verdict() == Verdict::NeedsConfirmation {
            approval::settle_obstacles(self.context, checked, policy)?;
            *checked = make_plan(gathered, observed, policy);
        }
        approval::refuse_blocked(self.project, checked, self.args.output.format)?;
        let is_approved = is_saved || self.args.auto_approve || self.args.expect.is_some();
        if is_approved { Ok(()) } else { approval::ask_to_go_on(self.context, checked) }
    }

    /// Applies, as long as nobody asks twice to stop.
    async fn until_stopped(
        &self,
        gathered: &mut Gathered,
        policy: &Policy,
        checked: Checked,
        observed: Observed,
    ) -> Result<Applied, Failure> {
        let interruption = Interruption::listen(&self.context.ui);
        let watched = Watched { stop: interruption.stop.clone(), progress: Progress::default() };
        tokio::select! {
            applied = self.rounds(gathered, policy, checked, observed, &watched) => applied,
            () = watched.stop.asked_twice() => {
                Err(outcome::of_apply(&watched.progress.cut_short(), &Metadata::default(), self.project))
            }
        }
    }

    /// Applies; where an answer was lost, looks, plans again, and goes on when the plan is the
    /// same.
    async fn rounds(
        &self,
        gathered: &mut Gathered,
        policy: &Policy,
        mut checked: Checked,
        mut observed: Observed,
        watched: &Watched,
    ) -> Result<Applied, Failure> {
        let agreed = digest(checked.plan());
        let mut policy = policy.clone();
        for round in 1.. {
            let error = match self.once(gathered, &policy, &checked, &observed, watched).await {
                Ok(applied) => return Ok(applied),
                Err(error) => error,
            };
            if watched.stop.is_asked() {
                return Err(self.stopped(&error.interrupted(), &checked));
            }
            if round == ROUNDS || !outcome::can_go_on(&error) {
                return Err(self.stopped(&error, &checked));
            }
            self.context.ui.say("      no answer: looking at the server before going on");
            self.project.limit.sleep(PAUSE * round).await;
            let (lock, leftover) = self.project.memory()?;
            gathered.binding = self.project.binding(&lock, gathered.desired.concept);
            (gathered.lock, gathered.leftover) = (lock, leftover);
            policy.unfinished = unfinished(gathered);
            // What stopped the apply says more than that the server does not answer now either.
            let Ok(now) = self.observe(gathered, &policy).await else {
                return Err(self.stopped(&error, &checked));
            };
            observed = now;
            checked = make_plan(gathered, &observed, &policy);
            if checked.plan().is_empty() {
                self.settle(gathered, &observed, &checked)?;
                let is_published = checked.plan().operation == Operation::Nothing;
                let record = published(&observed).filter(|_| is_published);
                return Ok(Applied { record, draft: observed.draft });
            }
            if digest(checked.plan()) != agreed || checked.verdict() != Verdict::Ready {
                return Err(self.stopped(&error, &checked));
            }
        }
        Err(Failure::new(ExitCode::Partly, "the apply did not end"))
    }

    fn stopped(&self, error: &ApplyError, checked: &Checked) -> Failure {
        outcome::of_apply(error, &checked.plan().target.metadata, self.project)
    }

    async fn once(
        &self,
        gathered: &mut Gathered,
        policy: &Policy,
        checked: &Checked,
        observed: &Observed,
        watched: &Watched,
    ) -> Result<Applied, ApplyError> {
        let reporter = Reporter::new(self.context, checked, &watched.progress);
        let create_id = policy.unfinished.as_ref().and_then(|open| open.create_id.clone());
        let result = apply::apply(
            checked,
            Site {
                api: &self.session.write(),
                files: &gathered.desired.files,
                report: &|event| reporter.report(&event),
                stop: watched.stop.clone(),
                lock: &mut gathered.lock,
                lock_path: &self.project.lock_path(),
                journal: &mut self.project.journal(),
                create_id: create_id.unwrap_or_else(new_create_id),
                accept_rewrite: policy.accept_rewrite.clone(),
                grants: session::grants(observed),
                limit: self.project.limit.clone(),
                planted: environment::planted(),
            },
        )
        .await;
        reporter.done();
        result
    }

    /// Nothing is left to do: what an earlier run did not write down is written down now. That is
    /// the published record only where it is what the manifest says, and not a draft that is.
    fn settle(
        &self,
        gathered: &mut Gathered,
        observed: &Observed,
        checked: &Checked,
    ) -> Result<(), Failure> {
        let entry = gathered.lock.entry_mut(&self.project.server);
        let is_settled = checked.plan().operation == Operation::Nothing;
        if let Some(record) = published(observed).filter(|_| is_settled) {
            let label = record.metadata.text(Field::Version).unwrap_or_default().to_owned();
            entry.bind(record.concept);
            entry.record.last = Some(record.id);
            entry.record.versions.insert(record.id, label);
            if observed.draft.is_none() {
                entry.record.draft = None;
            }
            note_asked(observed, &mut entry.record.asked);
            entry.record.files =
                report::applied_files(&gathered.desired.files, &record.files, &entry.record.files);
        } else if let Some(draft) = &observed.draft {
            entry.bind(draft.concept);
            entry.record.draft = Some(draft.named());
        }
        let saved = gathered.lock.save_entry(&self.project.lock_path(), &self.project.server);
        saved.map_err(|error| self.project.places.of_lock(&error))?;
        self.project.journal().end().map_err(|error| Failure::of(ExitCode::Failed, &error))
    }

    /// An approved plan that was applied leaves an empty one, which has another digest: that nothing
    /// is to be done is no proof that just that plan was.
    fn say_uncompared(&self, checked: &Checked) {
        let expected = self.args.expect.as_deref();
        let is_other = |expected: &str| !digest(checked.plan()).to_string().starts_with(expected);
        if expected.is_some_and(is_other) {
            self.context.ui.say(
                "Nothing is left to do, so the plan was not compared with the expected digest.",
            );
        }
    }

    fn nothing_to_do(&self, checked: &Checked) -> ExitCode {
        if self.args.output.format == Format::Json {
            let document = crate::render::plan_json(checked, &self.project.about());
            self.context.ui.print(&crate::render::json_text(&document));
        }
        ExitCode::Done
    }

    fn finished(&self, applied: &Applied, operation: Operation, gathered: &Gathered) {
        let text = match self.args.output.format {
            Format::Text => report::text(applied, operation, self.project, gathered),
            Format::Json => crate::render::json_text(&report::json(applied, self.project)),
        };
        self.context.ui.print(&text);
    }
}

fn unfinished(gathered: &Gathered) -> Option<Unfinished> {
    gathered.leftover.as_ref().map(|leftover| leftover.unfinished.clone())
}

/// Notes which communities were asked, and about which version: for plans that can't see requests,
/// and for those that would look for them at every version.
fn note_asked(observed: &Observed, asked: &mut BTreeMap<Community, Option<RecordId>>) {
    for (community, standing) in &observed.communities {
        match standing {
            Standing::Pending | Standing::Declined => {
                asked.insert(community.clone(), observed.asked_about.get(community).copied());
            }
            Standing::Withdrawn => {
                asked.remove(community);
            }
            Standing::Joined | Standing::Closed => {}
        }
    }
}

fn published(observed: &Observed) -> Option<crate::observed::Record> {
    match &observed.record {
        Presence::Published(record) => Some((**record).clone()),
        Presence::Unbound
        | Presence::Unpublished
        | Presence::Gone { .. }
        | Presence::NotPublic { .. }
        | Presence::NotOurs { .. } => None,
    }
}

fn version_of(observed: &Observed) -> Option<crate::model::RecordId> {
    published(observed).map(|record| record.id)
}

/// Eight random hexadecimal digits.
fn new_create_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect()
}

/// What stops an apply, and how far it came, over all its rounds.
struct Watched {
    stop: Stop,
    progress: Progress,
}

/// Shows what an apply reports: a bar over all bytes on a terminal, lines otherwise.
struct Reporter<'a> {
    context: &'a Context,
    checked: &'a Checked,
    progress: &'a Progress,
    bar: OnceLock<Bar>,
}

impl<'a> Reporter<'a> {
    fn new(context: &'a Context, checked: &'a Checked, progress: &'a Progress) -> Self {
        Self { context, checked, progress, bar: OnceLock::new() }
    }

    fn report(&self, event: &Event) {
        self.progress.note(event);
        let plan = self.checked.plan();
        if let Event::Sent { key, bytes } = event {
            let bar =
                self.bar.get_or_init(|| self.context.ui.bar(plan.upload_bytes(), "uploading"));
            bar.name(&crate::render::shown(key.as_str()));
            bar.advance(*bytes);
            return;
        }
        if let (Event::StepStarted { step, .. }, Some(bar)) = (event, self.bar.get())
            && step.action.upload_size().is_none()
        {
            bar.done();
        }
        let Some(line) = crate::render::event_line(event, plan) else { return };
        match self.bar.get() {
            Some(bar) => bar.line(&self.context.ui, &line),
            None => self.context.ui.say(&line),
        }
    }

    fn done(&self) {
        if let Some(bar) = self.bar.get() {
            bar.done();
        }
    }
}
