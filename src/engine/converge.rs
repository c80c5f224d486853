//! The rounds of an apply: it applies; after a lost answer or a late reading it reads the server,
//! plans again, and continues as long as the plan is the one that was agreed to.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::api::Outcome;
use crate::apply::{self, Applied, ApplyContext, ApplyError, ApplyErrorKind, SeededFault, Stop};
use crate::check::{Checked, Verdict};
use crate::model::RecordId;
use crate::observed::Observed;
use crate::plan::{Policy, UnfinishedApply, compute_digest};

use super::EngineError;
use super::find_draft::Search;
use super::notice::Notice;
use super::observe::list_known_grants;
use super::policy::make_plan;
use super::project::{PlanInputs, Project};
use super::receipt::{Released, hash_published, keep_receipt, prepare_folder};
use super::session::Session;
use super::settle::settle_empty;
use super::sink::Sink;

/// How many rounds an apply makes after lost answers and late readings.
const ROUNDS: u32 = 3;

/// How long to wait before the first reading; twice as long before the second.
const PAUSE: Duration = Duration::from_secs(1);

/// How many new files are on their way at once, unless it is set: the server took 24 files in half
/// the time with so many, and hardly faster with more (zenodo-facts.md, 2026-11-28).
pub const JOBS: usize = 4;

/// One apply of one project.
#[derive(Clone, Copy)]
pub struct Release<'a> {
    /// The project.
    pub project: &'a Project,
    /// The connection to its server.
    pub session: &'a Session,
    /// What receives its events.
    pub sink: &'a dyn Sink,
    /// How many new files may be on their way at once; at least 1.
    pub jobs: usize,
    /// How many files several applies may have on their way together; none for one apply.
    pub uploads: Option<&'a Semaphore>,
    /// A fault planted in the client, in tests.
    pub seeded_fault: Option<SeededFault>,
}

impl std::fmt::Debug for Release<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Release").field("project", &self.project).finish_non_exhaustive()
    }
}

impl<'a> Release<'a> {
    /// Makes an apply without a sink, with [`JOBS`].
    pub fn new(project: &'a Project, session: &'a Session) -> Self {
        Self { project, session, sink: &(), jobs: JOBS, uploads: None, seeded_fault: None }
    }
}

impl Release<'_> {
    /// Reads the server, and again while a draft that must exist does not show.
    ///
    /// # Errors
    /// [`EngineError::Refresh`] when the server can't be asked.
    pub async fn observe(
        self,
        inputs: &PlanInputs,
        policy: &Policy,
    ) -> Result<Observed, EngineError> {
        // In a box: an apply holds much, and so do its callers.
        Box::pin(self.search().observe(inputs, policy)).await
    }

    /// Applies a plan; after a lost answer or a late reading, reads the server, plans again, and
    /// continues when the plan is the same.
    ///
    /// # Errors
    /// [`EngineError::Apply`] when the apply stops, and those of [`settle_empty`].
    pub async fn apply(
        self,
        inputs: &mut PlanInputs,
        policy: &Policy,
        mut checked: Checked,
        mut observed: Observed,
        stop: &Stop,
    ) -> Result<Applied, EngineError> {
        let agreed = compute_digest(checked.plan());
        let begun = self.project.clock.now();
        if checked.plan().operation.makes_version() && checked.plan().publishes() {
            prepare_folder(self.project);
        }
        let mut policy = policy.clone();
        let mut round = 1;
        loop {
            let once = Box::pin(self.once(inputs, &policy, &checked, &observed, stop));
            let error = match once.await {
                Ok(applied) => {
                    self.project.note_applied();
                    self.keep_receipt(inputs, (&checked, begun), &applied).await;
                    return Ok(applied);
                }
                Err(error) => error,
            };
            // It may have changed the record before it failed.
            self.project.note_applied();
            // No further round, whatever failed: a person waits for the run to end.
            if stop.is_asked() {
                return Err(make_apply_error(error.interrupted(), &checked));
            }
            // A refusal would come again, unless the server knows more than it showed.
            let Some(notice) = find_reason_to_look(&error).filter(|_| round < ROUNDS) else {
                return Err(make_apply_error(error, &checked));
            };
            self.sink.notice(&notice);
            self.project.deadline.sleep(PAUSE * round).await;
            // The failed round wrote ids into the journal, without which its own draft looks like
            // another's.
            self.recall(inputs, &mut policy)?;
            // The error that stopped the apply says more than that the server still does not
            // answer.
            let Ok(now) = self.observe(inputs, &policy).await else {
                return Err(make_apply_error(error, &checked));
            };
            observed = now;
            checked = make_plan(inputs, &observed, &policy);
            // The call without an answer was done after all, and it was the last one.
            if checked.plan().is_empty() {
                return settle_empty(self.project, inputs, observed, &checked);
            }
            // Another client wrote meanwhile, and nobody agreed to this plan.
            if compute_digest(checked.plan()) != agreed || checked.verdict() != Verdict::Ready {
                return Err(make_apply_error(error, &checked));
            }
            round += 1;
        }
    }

    /// Writes the receipt of a release; an apply that published no version has none.
    async fn keep_receipt(
        self,
        inputs: &PlanInputs,
        (checked, begun): (&Checked, Timestamp),
        applied: &Applied,
    ) {
        let plan = checked.plan();
        let Some(record) = applied.record.clone().filter(|_| plan.operation.makes_version()) else {
            return;
        };
        let (files, published) = (inputs.desired.files.clone(), record.files.clone());
        // Beside the other applies of a workspace, which have files on their way.
        let hashed = tokio::task::spawn_blocking(move || hash_published(&files, &published)).await;
        let released = Released {
            record,
            previous: plan.base.version,
            plan_digest: Some(compute_digest(plan)),
            begun: Some(begun),
            files: &inputs.desired.files,
            sha256: hashed.unwrap_or_default(),
        };
        if let Some(notice) = keep_receipt(self.project, &released) {
            self.sink.notice(&notice);
        }
    }

    /// Reports, after an apply, a draft that a create call without an answer left over.
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

    /// Reads lock and journal again, because an apply wrote both.
    ///
    /// # Errors
    /// Those of [`Project::memory`].
    pub fn recall(&self, inputs: &mut PlanInputs, policy: &mut Policy) -> Result<(), EngineError> {
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
                // A create call of an earlier run may be done late; its draft is found by this id
                // only.
                create_id: create_id.unwrap_or_else(make_create_id),
                accept_rewrite: policy.accept_rewrite.clone(),
                grants: list_known_grants(observed),
                basis: observed.published(),
                readers: policy.readers,
                jobs: self.jobs,
                uploads: self.uploads,
                deadline: self.project.deadline.clone(),
                seeded_fault: self.seeded_fault,
            },
        )
        .await;
        self.sink.end();
        result
    }
}

fn make_apply_error(error: ApplyError, checked: &Checked) -> EngineError {
    let sent = Box::new(checked.plan().target.metadata.clone());
    EngineError::Apply { source: Box::new(error), sent }
}

/// Returns why another reading of the server may show more than the plan knows: the failed call may
/// have been done, and there is time to find out, or the plan's reading was late.
fn find_reason_to_look(error: &ApplyError) -> Option<Notice> {
    if let ApplyErrorKind::Api(error) = &error.kind {
        let may_be_done = error.outcome() == Outcome::Unknown && !error.is_time_over();
        return may_be_done.then_some(Notice::AnswerLost);
    }
    matches!(error.kind, ApplyErrorKind::DraftOpen(_) | ApplyErrorKind::ForeignContent { .. })
        .then_some(Notice::OpenDraftNotShown)
}

/// Returns eight random hexadecimal digits.
fn make_create_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect()
}
