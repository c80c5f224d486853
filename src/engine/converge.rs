//! The rounds of an apply: it applies, and where an answer was lost it looks, plans again, and goes
//! on while the plan stays the one that was agreed to.

use std::time::Duration;

use crate::api::Outcome;
use crate::apply::{self, Applied, ApplyContext, ApplyError, ApplyErrorKind, SeededFault, Stop};
use crate::check::{Checked, Verdict};
use crate::model::RecordId;
use crate::observed::Observed;
use crate::plan::{Operation, Policy, UnfinishedApply, digest};

use super::EngineError;
use super::find_draft::Search;
use super::notice::Notice;
use super::observe::known_grants;
use super::policy::make_plan;
use super::project::{PlanInputs, Project};
use super::session::Session;
use super::settle::settle;
use super::sink::Sink;

/// How often an apply whose answers were lost goes on by itself.
const ROUNDS: u32 = 3;

/// How long to wait before the first look; twice as long before the second.
const PAUSE: Duration = Duration::from_secs(1);

/// One apply of one project.
#[derive(Clone, Copy)]
pub struct Release<'a> {
    /// The project.
    pub project: &'a Project,
    /// The connection to its server.
    pub session: &'a Session,
    /// Who hears of it.
    pub sink: &'a dyn Sink,
    /// A fault of the client, in tests.
    pub seeded_fault: Option<SeededFault>,
}

impl std::fmt::Debug for Release<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Release").field("project", &self.project).finish_non_exhaustive()
    }
}

impl<'a> Release<'a> {
    /// Makes an apply of which nobody hears.
    pub fn new(project: &'a Project, session: &'a Session) -> Self {
        Self { project, session, sink: &(), seeded_fault: None }
    }
}

impl Release<'_> {
    /// Reads what is on the server, again where a draft that must be there does not show yet.
    ///
    /// # Errors
    /// [`EngineError::Refresh`] when the server can't be asked.
    pub async fn observe(
        self,
        inputs: &PlanInputs,
        policy: &Policy,
    ) -> Result<Observed, EngineError> {
        self.search().observe(inputs, policy).await
    }

    /// Applies a plan; where an answer was lost, looks, plans again, and goes on when the plan is
    /// the same.
    ///
    /// # Errors
    /// [`EngineError::Apply`] where the apply stopped, and those of [`settle`].
    pub async fn apply(
        self,
        inputs: &mut PlanInputs,
        policy: &Policy,
        mut checked: Checked,
        mut observed: Observed,
        stop: &Stop,
    ) -> Result<Applied, EngineError> {
        let agreed = digest(checked.plan());
        let mut policy = policy.clone();
        let mut round = 1;
        loop {
            let error = match self.once(inputs, &policy, &checked, &observed, stop).await {
                Ok(applied) => return Ok(applied),
                Err(error) => error,
            };
            if stop.is_asked() {
                return Err(stopped(error.interrupted(), &checked));
            }
            if round == ROUNDS || !may_be_done(&error) {
                return Err(stopped(error, &checked));
            }
            self.sink.notice(&Notice::AnswerLost);
            self.project.deadline.sleep(PAUSE * round).await;
            self.recall(inputs, &mut policy)?;
            // What stopped the apply says more than that the server does not answer now either.
            let Ok(now) = self.observe(inputs, &policy).await else {
                return Err(stopped(error, &checked));
            };
            observed = now;
            checked = make_plan(inputs, &observed, &policy);
            // The call was done after all, and it was the last.
            if checked.plan().is_empty() {
                settle(self.project, inputs, &observed, &checked)?;
                let is_published = checked.plan().operation == Operation::Nothing;
                let record = observed.published().filter(|_| is_published).cloned();
                return Ok(Applied { record, draft: observed.draft });
            }
            // Somebody else was there meanwhile: nobody agreed to this plan.
            if digest(checked.plan()) != agreed || checked.verdict() != Verdict::Ready {
                return Err(stopped(error, &checked));
            }
            round += 1;
        }
    }

    /// Looks, when an apply has ended, whether a create call without an answer left a draft that
    /// nothing needs.
    ///
    /// # Errors
    /// [`EngineError::Api`] when the server can't be asked, and [`EngineError::JournalUnwritten`].
    pub async fn report_unused_draft(
        self,
        open: Option<&UnfinishedApply>,
        needed: &[RecordId],
    ) -> Result<(), EngineError> {
        self.search().settle(open, needed).await
    }

    fn search(&self) -> Search<'_> {
        Search { sink: self.sink, project: self.project, session: self.session }
    }

    /// Reads lock and journal again: the apply wrote both.
    fn recall(&self, inputs: &mut PlanInputs, policy: &mut Policy) -> Result<(), EngineError> {
        let (lock, unfinished_run) = self.project.memory()?;
        inputs.binding = self.project.binding(&lock, inputs.desired.concept);
        (inputs.lock, inputs.unfinished_run) = (lock, unfinished_run);
        policy.unfinished = inputs.unfinished_run.as_ref().map(|left| left.unfinished.clone());
        Ok(())
    }

    async fn once(
        self,
        inputs: &mut PlanInputs,
        policy: &Policy,
        checked: &Checked,
        observed: &Observed,
        stop: &Stop,
    ) -> Result<Applied, ApplyError> {
        self.sink.begin(checked.plan());
        let create_id = policy.unfinished.as_ref().and_then(|open| open.create_id.clone());
        let result = apply::apply(
            checked,
            ApplyContext {
                api: &self.session.write(),
                files: &inputs.desired.files,
                report: &|event| self.sink.event(&event, checked.plan()),
                stop: stop.clone(),
                lock: &mut inputs.lock,
                lock_path: &self.project.lock_path(),
                journal: &mut self.project.journal(),
                create_id: create_id.unwrap_or_else(new_create_id),
                accept_rewrite: policy.accept_rewrite.clone(),
                grants: known_grants(observed),
                deadline: self.project.deadline.clone(),
                seeded_fault: self.seeded_fault,
            },
        )
        .await;
        self.sink.end();
        result
    }
}

fn stopped(error: ApplyError, checked: &Checked) -> EngineError {
    let sent = Box::new(checked.plan().target.metadata.clone());
    EngineError::Apply { source: Box::new(error), sent }
}

/// Tells whether the call that failed may have been done, and there is time to look.
fn may_be_done(error: &ApplyError) -> bool {
    matches!(&error.kind, ApplyErrorKind::Api(error)
        if error.outcome() == Outcome::Unknown && !error.is_time_over())
}

/// Eight random hexadecimal digits.
fn new_create_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect()
}
