//! Finds a draft that was made and does not show: that of a create call without an answer, or a
//! known draft that the server does not show yet. Creating another one would leave two.

use crate::api::{Backend, Sought};
use crate::apply;
use crate::model::{OpenDraft, RecordId, Sha256};
use crate::observed::{Observed, RecordState};
use crate::plan::{Policy, UnfinishedApply};

use super::EngineError;
use super::notice::Notice;
use super::project::{PlanInputs, Project};
use super::session::Session;
use super::sink::Sink;

/// How often to look for a draft that a person may have discarded.
const LOOKS: usize = 4;

/// Where to look.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    /// What receives the notices.
    pub(super) sink: &'a dyn Sink,
    /// The project.
    pub(super) project: &'a Project,
    /// The connection to its server.
    pub(super) session: &'a Session,
}

impl Search<'_> {
    /// Reads the server, repeatedly while a draft is missing: the listing is an index that is
    /// seconds late (zenodo-facts.md, 2026-11-23), and other readings may be late too.
    ///
    /// # Errors
    /// An [`EngineError`] when the server can't be asked.
    pub(super) async fn observe(
        self,
        inputs: &PlanInputs,
        policy: &Policy,
    ) -> Result<Observed, EngineError> {
        let mut observed = self.session.observe(inputs, policy).await?;
        let open = policy.unfinished.as_ref();
        let created = open.filter(|open| open.creating);
        let in_lock = inputs.binding.record.as_ref().and_then(|record| record.draft);
        let known = open.and_then(|open| open.draft).or(in_lock);
        let (what, n_looks) = match (created, known) {
            // A draft that nobody has seen can't have been discarded, so every pause is used.
            (Some(_), _) => (Notice::CreateUnanswered, usize::MAX),
            (None, Some(OpenDraft::Version(id))) => (Notice::DraftNotShown(id), LOOKS),
            // An edit has the record's own id, which is bound; nothing has to be found.
            (None, Some(OpenDraft::Edit(_)) | None) => return Ok(observed),
        };
        for pause in apply::PAUSES.into_iter().take(n_looks) {
            let is_made = |open: &UnfinishedApply| {
                observed.possible_duplicates.iter().any(|one| open.made(one))
            };
            // Either the record itself shows now, or the listing has the draft with the random id.
            if observed.record != RecordState::Unbound || created.is_some_and(is_made) {
                break;
            }
            // Only the first pause is zero, so the notice is given once.
            if pause.is_zero() {
                self.sink.notice(&what);
            }
            self.project.deadline.sleep(pause).await;
            observed = self.session.observe(inputs, policy).await?;
        }
        Ok(observed)
    }

    /// Reports, after an apply, a draft that a create call without an answer left and that was not
    /// continued. It stays in the journal until it is discarded.
    ///
    /// # Errors
    /// An [`EngineError`] when the server can't be asked, or the journal can't be written.
    pub(super) async fn settle(
        self,
        open: Option<&UnfinishedApply>,
        needed: &[RecordId],
    ) -> Result<(), EngineError> {
        let Some(open) = open.filter(|open| open.creating) else { return Ok(()) };
        let Some(create_id) = open.create_id.as_deref() else { return Ok(()) };
        // The create call's title carries the random id, so a search for that title finds the
        // draft.
        let sought =
            Sought::Texts { title: create_id, description: "", create_id: Some(create_id) };
        let listed = self.session.read().own(&sought).await.map_err(EngineError::Api)?;
        let mut left = listed.iter().filter(|one| open.made(one) && !needed.contains(&one.id));
        let Some(left) = left.next() else { return Ok(()) };
        self.sink.notice(&Notice::UnusedDraft(left.id));
        // The apply ended its journal; without an entry the next run would not report the draft.
        self.remember(open.digest, create_id)
    }

    fn remember(self, digest: Sha256, create_id: &str) -> Result<(), EngineError> {
        let mut journal = self.project.journal();
        let backend = self.session.read().known_backend().unwrap_or(Backend::Deposit);
        let noted = journal.begin(digest, create_id, backend);
        let noted = noted.and_then(|()| journal.before("create"));
        noted.map_err(EngineError::JournalUnwritten)
    }
}
