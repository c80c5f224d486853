//! Runs the steps in their order, each with its report.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::api::{Backend, WriteApi};
use crate::check::{Checked, Verdict};
use crate::clock::Deadline;
use crate::event::Event;
use crate::lock::Lock;
use crate::model::{Community, Field, LocalFile, RecordId};
use crate::observed::{Draft, Record};
use crate::plan::{Action, MetadataApi, Plan, Readers, Step, compute_digest};

use super::journal::Journal;
use super::read_back::Allowance;
use super::seeded_fault::SeededFault;
use super::stop::Stop;
use super::{ApplyError, ApplyErrorKind};

/// Everything that an apply needs.
pub struct ApplyContext<'a> {
    /// The server.
    pub api: &'a WriteApi,
    /// The local files, hashed.
    pub files: &'a [LocalFile],
    /// Where reports go.
    pub report: &'a (dyn Fn(Event) + Send + Sync),
    /// Whether a person asks to stop; checked between steps, and while a file is sent.
    pub stop: Stop,
    /// The lock.
    pub lock: &'a mut Lock,
    /// Where the lock is.
    pub lock_path: &'a Path,
    /// The journal.
    pub journal: &'a mut Journal,
    /// A random id of eight hexadecimal digits, for the title of a create call.
    pub create_id: String,
    /// Fields whose rewrite by the server a person accepts.
    pub accept_rewrite: Vec<Field>,
    /// Ids under which grants come back.
    pub grants: BTreeMap<String, String>,
    /// The published version that the plan is based on, as it was read.
    pub basis: Option<&'a Record>,
    /// Who may read what is reported.
    pub readers: Readers,
    /// How many new files may be on their way at once; at least 1.
    pub jobs: usize,
    /// How many files several applies may have on their way together; none for one apply.
    pub uploads: Option<&'a Semaphore>,
    /// The time limit of this run, which also cuts pauses short; checked between steps.
    pub deadline: Deadline,
    /// A fault that is put in on purpose; only in the tests of the fault matrix.
    pub seeded_fault: Option<SeededFault>,
}

impl std::fmt::Debug for ApplyContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("lock_path", &self.lock_path).finish_non_exhaustive()
    }
}

/// What an apply left on the server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Applied {
    /// The record that was published.
    pub record: Option<Record>,
    /// The draft that is ready, when nothing was to be published; or the one that is under review.
    pub draft: Option<Draft>,
    /// The communities without whose answer the release is not done: the one that reviews the draft,
    /// and those that the manifest requires.
    pub waits_for: Vec<Community>,
}

impl Applied {
    /// Returns the ids of the record and of the draft.
    pub fn ids(&self) -> Vec<RecordId> {
        let record = self.record.iter().map(|record| record.id);
        record.chain(self.draft.iter().map(|draft| draft.id)).collect()
    }
}

/// Applies a plan.
///
/// Safe to be killed at any moment and to be run again: the next plan sees what was done.
///
/// # Errors
/// [`ApplyError`], with how far it came.
pub async fn apply(checked: &Checked, context: ApplyContext<'_>) -> Result<Applied, ApplyError> {
    let plan = checked.plan();
    let mut run = Run::new(plan, context);
    let of = plan.steps.len();
    let fail = |run: &Run<'_, '_>, done, kind: ApplyErrorKind| ApplyError {
        done,
        of,
        draft: match &run.draft {
            Some(draft) => Some(draft.id),
            // The step that resumes it did not run: the draft is still open, and the person should
            // know.
            None => find_resumed_draft(plan, done).filter(|_| kind.is_stop()),
        },
        published: run.published_id(),
        kind,
    };
    if checked.verdict() != Verdict::Ready {
        return Err(fail(&run, 0, ApplyErrorKind::Blocked));
    }
    if let Err(kind) = run.begin() {
        return Err(fail(&run, 0, kind));
    }
    let mut refused = None;
    for (done, step) in plan.steps.iter().enumerate() {
        match run.step(step).await {
            Ok(()) => {}
            // The refusal of one community does not keep the others from being asked.
            Err(kind) if is_of_surroundings(step, &kind) => {
                refused.get_or_insert((done, kind));
            }
            Err(kind) => return Err(fail(&run, done, kind)),
        }
    }
    if let Err(kind) = run.end() {
        return Err(fail(&run, of, kind));
    }
    // Reported only now: the record is published, and the lock must say so first.
    if let Some((done, kind)) = refused {
        return Err(fail(&run, done, kind));
    }
    Ok(Applied { record: run.record, draft: run.draft, waits_for: run.waits_for })
}

/// Returns whether a step failed only because the server refused one request to a community, or one
/// change of access.
fn is_of_surroundings(step: &Step, kind: &ApplyErrorKind) -> bool {
    let is_of_community =
        matches!(step.action, Action::AskCommunity { .. } | Action::LeaveCommunity { .. });
    let is_of_access = matches!(step.action, Action::Share(_));
    if let ApplyErrorKind::Api(error) = kind {
        let is_refusal = error.is_not_found() || !error.field_errors().is_empty();
        let is_refused = is_refusal || error.is_refused() || error.is_forbidden();
        return (is_refusal && is_of_community) || (is_refused && is_of_access);
    }
    let is_of_request = matches!(
        kind,
        ApplyErrorKind::CommunityRefused { .. } | ApplyErrorKind::LeavingRefused { .. }
    );
    let has_changed = matches!(kind, ApplyErrorKind::AccessChanged(_));
    (is_of_request && is_of_community) || (has_changed && is_of_access)
}

/// Returns the draft that a run without a finished step was to continue.
fn find_resumed_draft(plan: &Plan, done: usize) -> Option<RecordId> {
    let first = plan.steps.first().filter(|_| done == 0)?;
    if let Action::Resume { draft } = first.action { Some(draft) } else { None }
}

/// The state of a run.
pub(super) struct Run<'p, 's> {
    pub(super) plan: &'p Plan,
    pub(super) context: ApplyContext<'s>,
    pub(super) draft: Option<Draft>,
    pub(super) record: Option<Record>,
    /// [`Applied::waits_for`].
    pub(super) waits_for: Vec<Community>,
    pub(super) allowance: Allowance,
}

impl<'p, 's> Run<'p, 's> {
    fn new(plan: &'p Plan, context: ApplyContext<'s>) -> Self {
        let rewrites = context.lock.entry(&plan.server).map(|entry| entry.record.rewrites.clone());
        let allowance = Allowance {
            rewrites: rewrites.unwrap_or_default(),
            grants: context.grants.clone(),
            accepted: context.accept_rewrite.clone(),
        };
        let awaited = plan.communities.iter().filter(|one| one.is_awaited());
        let waits_for = awaited.map(|one| one.community.clone()).collect();
        Self { plan, context, draft: None, record: None, waits_for, allowance }
    }

    /// Checks, before anything is sent, that what happens can be recorded.
    fn begin(&mut self) -> Result<(), ApplyErrorKind> {
        let is_of_records = self.context.api.read().known_backend() == Some(Backend::Records);
        if !self.plan.steps.is_empty()
            && self.plan.operation.writes_over()
            && is_of_records != self.is_of_records_alone()
        {
            return Err(ApplyErrorKind::OtherApi);
        }
        // A record that is published and not in the lock would be unknown to the next run.
        Lock::check_place(self.context.lock_path)?;
        if self.context.lock.entry(&self.plan.server).is_some() {
            let entry = self.context.lock.entry_mut(&self.plan.server);
            self.plan.sharing.note_given(&mut entry.record);
        }
        if !self.plan.steps.is_empty() && !self.is_planted(SeededFault::LostJournalEntry) {
            let backend =
                if self.is_of_records_alone() { Backend::Records } else { Backend::Deposit };
            let digest = compute_digest(self.plan);
            self.context.journal.begin(digest, &self.context.create_id, backend)?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), ApplyErrorKind> {
        // Between two steps nothing is half done: here it is safe to stop.
        self.check_may_continue()?;
        self.report(Event::StepStarted { step: step.clone(), of: self.plan.steps.len() });
        match &step.action {
            Action::CreateDraft => self.create_draft().await,
            Action::OpenVersion { from } => self.open_version(*from).await,
            Action::OpenEdit { record } => self.open_edit(*record).await,
            Action::Resume { draft } => self.resume(*draft).await,
            Action::ReserveDoi => self.reserve_doi().await,
            Action::ImportFiles => self.import_files().await,
            Action::ReplaceMetadata => self.replace_metadata().await,
            Action::DropFile { key } => self.drop_file(key).await,
            Action::DeleteFile { key } => self.delete_file(key).await,
            Action::UploadFile(file) | Action::ReplaceFile(file) => self.upload(&file.key).await,
            Action::UploadFiles(files) => self.upload_files(files).await,
            Action::ReadBack => self.read_back().await,
            Action::Publish => self.publish().await,
            Action::ReadRecord => self.read_record().await,
            Action::SubmitReview { community } => self.submit_review(community).await,
            Action::AskCommunity { community } => self.ask_community(community).await,
            Action::LeaveCommunity { community } => self.leave_community(community).await,
            Action::Share(action) => Box::pin(self.share(action)).await,
        }
    }

    /// Checks that nobody asks to stop, and that there is time left.
    pub(super) fn check_may_continue(&self) -> Result<(), ApplyErrorKind> {
        if self.context.stop.is_asked() {
            return Err(ApplyErrorKind::Interrupted);
        }
        if self.context.deadline.is_over() {
            return Err(ApplyErrorKind::OutOfTime(self.context.deadline.length()));
        }
        Ok(())
    }

    /// Waits between two tries of an upload; ends when a person asks to stop.
    pub(super) async fn pause(&self, time: Duration) -> Result<(), ApplyErrorKind> {
        tokio::select! {
            () = self.context.deadline.sleep(time) => Ok(()),
            () = self.context.stop.asked() => Err(ApplyErrorKind::Interrupted),
        }
    }

    fn end(&mut self) -> Result<(), ApplyErrorKind> {
        self.context.lock.save_entry(self.context.lock_path, &self.plan.server)?;
        // The apply goes on when the community has decided: the journal says which it was.
        if self.plan.submits_to().is_none() {
            self.context.journal.end()?;
        }
        Ok(())
    }

    pub(super) fn report(&self, event: Event) {
        (self.context.report)(event);
    }

    pub(super) fn is_planted(&self, fault: SeededFault) -> bool {
        fault.is_in(self.context.seeded_fault)
    }

    /// Returns the draft; the plan opens one before any step that needs it.
    pub(super) fn draft(&self) -> Result<&Draft, ApplyErrorKind> {
        self.draft.as_ref().ok_or(ApplyErrorKind::DraftChanged)
    }

    /// Returns whether the records API makes every call.
    pub(super) fn is_of_records_alone(&self) -> bool {
        matches!(self.plan.metadata_api, MetadataApi::RecordsAlone { .. })
    }

    fn published_id(&self) -> Option<RecordId> {
        self.record.as_ref().map(|record| record.id)
    }

    /// Returns the published record that communities are asked for.
    pub(super) fn record_id(&self) -> Option<RecordId> {
        self.published_id().or(self.plan.base.version)
    }
}
