//! Checks what an answer is about. When it is not about what was asked for, nothing is bound to it,
//! written to it or published: a proxy or a cache may mix answers up, and the account may have
//! other drafts and records. Such an answer counts as none, so that the next look decides.

use crate::api::ApiError;
use crate::model::{ConceptId, Field, RecordId};
use crate::observed::{Draft, DraftKind, Record};

use super::ApplyErrorKind;
use super::run::Run;
use super::seeded_fault::SeededFault;

impl Run<'_, '_> {
    /// Accepts the answer of a create call: a draft without files whose title ends with the mark
    /// that was sent.
    pub(super) fn as_created(&self, draft: Draft) -> Result<Draft, ApiError> {
        let mark = super::draft::build_title_mark(&self.context.create_id);
        // The random mark is the only thing that tells this draft from others of the account.
        let has_mark = draft.metadata.text(Field::Title).is_some_and(|t| t.ends_with(&mark));
        let is_new = draft.kind == DraftKind::NewRecord && draft.files.is_empty();
        if (has_mark && is_new) || self.is_planted(SeededFault::UnlookedAnswer) {
            return Ok(draft);
        }
        let what = format!("{} is not the draft that was to be created", draft.id);
        Err(ApiError::elsewhere("creating a deposition".to_owned(), what))
    }

    /// Accepts the answer of a newversion call: a draft of the same concept.
    pub(super) fn as_version(&self, from: RecordId, draft: Draft) -> Result<Draft, ApiError> {
        let doing = format!("opening a new version of record {from}");
        if self.is_planted(SeededFault::UnlookedAnswer) {
            return Ok(draft);
        }
        // Older versions of Zenodo answer with the old record.
        if draft.id == from || draft.kind == DraftKind::Edit {
            let what = format!("{} is not a draft of a new version", draft.id);
            return Err(ApiError::elsewhere(doing, what));
        }
        self.of_concept(draft.concept, doing).map(|()| draft)
    }

    /// Accepts the answer of an edit call: the record, open for editing.
    pub(super) fn as_edit(&self, record: RecordId, draft: Draft) -> Result<Draft, ApiError> {
        let doing = format!("opening record {record} for editing");
        if draft.kind != DraftKind::Edit && !self.is_planted(SeededFault::UnlookedAnswer) {
            let what = format!("{} is not being edited", draft.id);
            return Err(ApiError::elsewhere(doing, what));
        }
        self.same_draft(record, draft, &doing)
    }

    /// Accepts an answer about a draft that is known: the same one, of the same concept.
    pub(super) fn same_draft(
        &self,
        id: RecordId,
        draft: Draft,
        doing: &str,
    ) -> Result<Draft, ApiError> {
        if self.is_planted(SeededFault::UnlookedAnswer) {
            return Ok(draft);
        }
        if draft.id != id {
            return Err(ApiError::other_record(doing.to_owned(), id, draft.id));
        }
        self.of_concept(draft.concept, doing.to_owned()).map(|()| draft)
    }

    /// Accepts an answer about a record that was a draft until now.
    pub(super) fn same_record(&self, id: RecordId, record: Record) -> Result<Record, ApiError> {
        let doing = format!("publishing {id}");
        if self.is_planted(SeededFault::UnlookedAnswer) {
            return Ok(record);
        }
        if record.id != id {
            return Err(ApiError::other_record(doing, id, record.id));
        }
        self.of_concept(record.concept, doing).map(|()| record)
    }

    /// Checks that a concept is that of the plan, or of the draft when there was none before.
    pub(super) fn of_concept(&self, answered: ConceptId, doing: String) -> Result<(), ApiError> {
        match self.concept() {
            Some(known) if known != answered => {
                Err(ApiError::other_concept(doing, known, answered))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn concept(&self) -> Option<ConceptId> {
        let of_record = self.record.as_ref().map(|record| record.concept);
        let of_draft = self.draft.as_ref().map(|draft| draft.concept);
        self.plan.base.concept.or(of_draft).or(of_record)
    }

    /// Binds the lock to the concept that a second answer has named too.
    pub(super) fn bind(&mut self, concept: ConceptId) -> Result<(), ApplyErrorKind> {
        let entry = self.context.lock.entry_mut(&self.plan.server);
        // One answer alone may be wrong, and with a wrong concept every later run would look for
        // another record.
        if entry.concept != Some(concept) {
            // Binding to another concept forgets the draft, and this one is still open.
            let open = entry.record.draft;
            entry.bind(concept);
            entry.record.draft = open;
            self.context.lock.save_entry(self.context.lock_path, &self.plan.server)?;
        }
        Ok(())
    }
}
