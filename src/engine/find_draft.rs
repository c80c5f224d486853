//! Looks for a draft that was made and does not show: that of a create call without an answer,
//! or one that is known and that the server does not show yet. To create another would leave two.

use crate::api::Sought;
use crate::apply;
use crate::model::{OpenDraft, RecordId, Sha256};
use crate::observed::{Observed, RecordState};
use crate::plan::{Policy, UnfinishedApply};

use super::EngineError;
use super::notice::Notice;
use super::project::{PlanInputs, Project};
use super::session::Session;
use super::sink::Sink;

/// How often a draft is looked for that a person may have discarded.
const LOOKS: usize = 4;

/// Where it is looked.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    /// Who hears of it.
    pub(super) sink: &'a dyn Sink,
    /// For which project.
    pub(super) project: &'a Project,
    /// At which server.
    pub(super) session: &'a Session,
}

impl Search<'_> {
    /// Reads what is on the server, again and again where a draft is missing: what is listed is an
    /// index, seconds late (zenodo-facts.md, 2026-11-23), and what is read may be late too.
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
            (Some(_), _) => (Notice::CreateUnanswered, usize::MAX),
            (None, Some(OpenDraft::Version(id))) => (Notice::DraftNotShown(id), LOOKS),
            (None, Some(OpenDraft::Edit(_)) | None) => return Ok(observed),
        };
        for pause in apply::PAUSES.into_iter().take(n_looks) {
            let is_made = |open: &UnfinishedApply| {
                observed.possible_duplicates.iter().any(|one| open.made(one))
            };
            if observed.record != RecordState::Unbound || created.is_some_and(is_made) {
                break;
            }
            if pause.is_zero() {
                self.sink.notice(&what);
            }
            self.project.deadline.sleep(pause).await;
            observed = self.session.observe(inputs, policy).await?;
        }
        Ok(observed)
    }

    /// Looks, when an apply has ended, whether a create call without an answer left a draft that was
    /// not continued: it is named, and stays in the journal until it is gone.
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
        let sought =
            Sought::Texts { title: create_id, description: "", create_id: Some(create_id) };
        let listed = self.session.read().own(&sought).await.map_err(EngineError::Api)?;
        let mut left = listed.iter().filter(|one| open.made(one) && !needed.contains(&one.id));
        let Some(left) = left.next() else { return Ok(()) };
        self.sink.notice(&Notice::UnusedDraft(left.id));
        self.remember(open.digest, create_id)
    }

    fn remember(self, digest: Sha256, create_id: &str) -> Result<(), EngineError> {
        let mut journal = self.project.journal();
        let noted = journal.begin(digest, create_id).and_then(|()| journal.before("create"));
        noted.map_err(EngineError::JournalUnwritten)
    }
}
