//! Looks for a draft that was made and is not to be seen: that of a create call without an answer,
//! or one that is known and that the server does not show yet. To create another would leave two.

use crate::api::Sought;
use crate::apply;
use crate::model::{OpenDraft, RecordId, Sha256};
use crate::observed::{Observed, Presence};
use crate::plan::{Policy, Unfinished};

use super::Context;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::outcome;
use super::project::{Gathered, Project};
use super::session::Session;

/// How often a draft is looked for that a person may have discarded.
const LOOKS: usize = 4;

/// Where it is looked.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    /// What is said.
    pub(super) context: &'a Context,
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
    /// A [`Failure`] when the server can't be asked.
    pub(super) async fn observe(
        self,
        gathered: &Gathered,
        policy: &Policy,
    ) -> Result<Observed, Failure> {
        let mut observed = self.session.observe(gathered, policy).await?;
        let open = policy.unfinished.as_ref();
        let created = open.filter(|open| open.creating);
        let in_lock = gathered.binding.record.as_ref().and_then(|record| record.draft);
        let known = open.and_then(|open| open.draft).or(in_lock);
        let (what, n_looks) = match (created, known) {
            (Some(_), _) => {
                ("a create call got no answer: looking for its draft".to_owned(), usize::MAX)
            }
            (None, Some(OpenDraft::Version(id))) => {
                (format!("draft {id} is not to be seen: looking again"), LOOKS)
            }
            (None, Some(OpenDraft::Edit(_)) | None) => return Ok(observed),
        };
        for pause in apply::PAUSES.into_iter().take(n_looks) {
            let is_made = |open: &Unfinished| observed.alike.iter().any(|one| open.made(one));
            if observed.record != Presence::Unbound || created.is_some_and(is_made) {
                break;
            }
            if pause.is_zero() {
                self.context.ui.say(&format!("      {what}"));
            }
            self.project.limit.sleep(pause).await;
            observed = self.session.observe(gathered, policy).await?;
        }
        Ok(observed)
    }

    /// Looks, when an apply has ended, whether a create call without an answer left a draft that was
    /// not gone on with: it is named, and stays in the journal until it is gone.
    ///
    /// # Errors
    /// A [`Failure`] when the server can't be asked, or the journal can't be written.
    pub(super) async fn settle(
        self,
        open: Option<&Unfinished>,
        gone_on_with: &[RecordId],
    ) -> Result<(), Failure> {
        let Some(open) = open.filter(|open| open.creating) else { return Ok(()) };
        let Some(create_id) = open.create_id.as_deref() else { return Ok(()) };
        let sought =
            Sought::Texts { title: create_id, description: "", create_id: Some(create_id) };
        let listed = self.session.read().own(&sought).await.map_err(outcome::failed)?;
        let mut left =
            listed.iter().filter(|one| open.made(one) && !gone_on_with.contains(&one.id));
        let Some(left) = left.next() else { return Ok(()) };
        self.context.ui.say(&format!(
            "      draft {} was made by a create call that got no answer, and nothing needs it: \
             discard it on its page",
            left.id
        ));
        self.remember(open.digest, create_id)
    }

    fn remember(self, digest: Sha256, create_id: &str) -> Result<(), Failure> {
        let mut journal = self.project.journal();
        let noted = journal.begin(digest, create_id).and_then(|()| journal.before("create"));
        noted.map_err(|error| Failure::of(ExitCode::Failed, &error))
    }
}
