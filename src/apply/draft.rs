//! Opens a draft, brings its metadata to the plan, and deletes files from it.

use crate::api::{ApiError, Backend, KeptValues, Outcome};
use crate::compare;
use crate::event::Event;
use crate::model::{Doi, Field, FileKey, RecordId};
use crate::observed::{Deposition, Draft, DraftKind, FullRecord, RecordFacts, UnsupportedValue};
use crate::plan::{
    MetadataApi, Operation, Readers, compute_contents_digest, find_foreign_content, is_doi_of,
};
use crate::refresh;

use super::ApplyErrorKind;
use super::journal::PUT_METADATA;
use super::publish::{PAUSES, as_draft};
use super::race;
use super::read_back::{compare_metadata, list_unread_entries};
use super::run::Run;
use super::seeded_fault::SeededFault;

/// How often an open draft is looked for before it counts as gone.
const LOOKS: usize = 4;

/// Returns what the title of a create call ends with.
pub(super) fn build_title_mark(create_id: &str) -> String {
    format!(" [zrel {create_id}]")
}

impl Run<'_, '_> {
    /// Creates a deposition. Its title carries a random id until the metadata are written, so that
    /// it is found again when the answer is lost.
    ///
    /// All metadata are sent, though the next call sends them again: what the server refuses leaves
    /// no draft, and a draft whose title somebody changes is still found by its description (the
    /// fault matrix had two duplicates with a title alone, 2026-11-29).
    pub(super) async fn create_draft(&mut self) -> Result<(), ApplyErrorKind> {
        let target = &self.plan.target.metadata;
        let mut metadata = match self.plan.metadata_api {
            MetadataApi::Deposit | MetadataApi::Records { .. } => {
                compare::select_deposit_fields(target)
            }
            MetadataApi::RecordsAlone { .. } => target.clone(),
        };
        let title = metadata.text(Field::Title).unwrap_or_default();
        metadata.set_text(
            Field::Title,
            format!("{title}{}", build_title_mark(&self.context.create_id)),
        );
        self.context.journal.before("create")?;
        let answer = self.context.api.create(&metadata).await;
        self.answered(answer.and_then(|draft| self.as_created(draft)))
    }

    pub(super) async fn open_version(&mut self, from: RecordId) -> Result<(), ApplyErrorKind> {
        self.context.journal.opening(from)?;
        let mut answer = self.context.api.new_version(from).await;
        if self.is_planted(SeededFault::SecondNewVersion)
            && answer.as_ref().is_err_and(|error| error.outcome() == Outcome::Unknown)
        {
            answer = self.context.api.new_version(from).await;
        }
        let answer = answer.and_then(|draft| self.as_version(from, draft));
        let answer = self.complete_opened(answer).await?;
        // Nothing was opened: a draft that is found open later is not this run's.
        if answer.as_ref().is_err_and(ApiError::is_draft_open) {
            self.context.journal.refused()?;
            return Err(ApplyErrorKind::DraftOpen(from));
        }
        self.refuse_foreign_content(answer.as_ref().ok())?;
        let is_copy = answer.as_ref().is_ok_and(|draft| self.is_copy_of_basis(draft));
        self.answered(answer)?;
        // A draft that is no copy was made from another version: the reading that the plan is made
        // from was late, or another client published since. Nothing is written to it before that is
        // known.
        if is_copy { Ok(()) } else { self.require_latest().await }
    }

    /// Refuses a draft or an edit with foreign content. The server answers a call that opens one
    /// with the one that is open already: a draft without files (contract/scenarios/
    /// new-version.json, 2026-11-23), and any edit (native-edit-published.json, 2026-11-28).
    fn refuse_foreign_content(&mut self, opened: Option<&Draft>) -> Result<(), ApplyErrorKind> {
        let (Some(basis), Some(opened)) = (self.context.basis, opened) else { return Ok(()) };
        let is_same = match opened.kind {
            DraftKind::Edit => opened.metadata == basis.metadata,
            DraftKind::NewVersion | DraftKind::NewRecord => self.is_copy_of_basis(opened),
        };
        let foreign = find_foreign_content(opened, basis, &self.plan.target);
        if is_same || foreign.is_empty() || self.is_planted(SeededFault::UnlookedAnswer) {
            return Ok(());
        }
        // A draft that is found open later is not this run's.
        self.context.journal.refused()?;
        let foreign = match self.context.readers {
            Readers::Owner => foreign,
            // What is in it may be secret and the log public.
            Readers::Everybody => Vec::new(),
        };
        Err(ApplyErrorKind::ForeignContent { draft: opened.id, foreign })
    }

    /// Returns whether a draft that was only now opened carries exactly what the basis holds.
    fn is_copy_of_basis(&self, draft: &Draft) -> bool {
        let carried = compute_contents_digest(&draft.metadata, &draft.files);
        self.plan.base.contents == Some(carried)
    }

    /// Opens a published record for new metadata, unless it was edited since it was planned.
    pub(super) async fn open_edit(&mut self, record: RecordId) -> Result<(), ApplyErrorKind> {
        // An edit that another client began meanwhile would be returned as if it were new.
        match self.context.api.read().deposition(record).await? {
            Deposition::Published(now) if now.revision == self.plan.base.revision => {}
            Deposition::Published(_) | Deposition::Open(_) => {
                return Err(ApplyErrorKind::Superseded(record));
            }
        }
        self.context.journal.opening(record)?;
        let answer = self.context.api.edit(record).await;
        let answer = answer.and_then(|draft| self.as_edit(record, draft));
        let answer = self.complete_opened(answer).await?;
        self.refuse_foreign_content(answer.as_ref().ok())?;
        self.answered(answer)
    }

    /// Records the result of opening in the journal.
    fn answered(&mut self, answer: Result<Draft, ApiError>) -> Result<(), ApplyErrorKind> {
        match answer {
            Ok(draft) => self.opened(draft),
            Err(error) => {
                // What may have been opened stays in the journal: the next run looks for it.
                if error.outcome() == Outcome::NotDone {
                    self.context.journal.refused()?;
                }
                Err(error.into())
            }
        }
    }

    /// Checks that the version from which the plan was made is still the latest. The server opens a
    /// new version of the latest one, whichever is named (zenodo-notes.md, 2026-11-23), so one
    /// published meanwhile would be published twice.
    ///
    /// A reading of the version may be late; one of what this apply opened can't be, since it
    /// exists. It holds its number among the versions, or for an edit whether it is one of the
    /// latest (contract/scenarios/native-versions.json, 2026-11-28).
    pub(super) async fn require_latest(&mut self) -> Result<(), ApplyErrorKind> {
        let (Operation::NewVersion { from: base, .. } | Operation::Edit { record: base, .. }) =
            self.plan.operation
        else {
            return Ok(());
        };
        let facts = self.context.api.read().record(base).await?.facts;
        let opened = self.facts_of_draft().await?;
        let follows = match self.draft()?.kind {
            DraftKind::Edit => opened.is_latest,
            DraftKind::NewVersion | DraftKind::NewRecord => {
                // An index of 0 is unknown: then only `is_latest` decides.
                facts.index == 0 || opened.index == facts.index.saturating_add(1)
            }
        };
        if facts.is_latest && follows {
            return Ok(());
        }
        self.take_back_draft().await?;
        Err(ApplyErrorKind::Superseded(base))
    }

    /// Reads the facts of the draft that the deposit API does not return. A server that does not
    /// show it yet is late, and is waited for.
    async fn facts_of_draft(&self) -> Result<RecordFacts, ApplyErrorKind> {
        let id = self.draft()?.id;
        for pause in PAUSES {
            self.context.deadline.sleep(pause).await;
            match self.context.api.read().draft_facts(id).await {
                Err(error) if error.is_not_found() => {}
                read => return Ok(read?),
            }
        }
        Ok(self.context.api.read().draft_facts(id).await?)
    }

    /// Discards a draft or an edit that this run opened and that nobody will publish, since the
    /// record has a newer version: it would stay open for good. One that another client changed is
    /// left, and so is one that this run found open.
    async fn take_back_draft(&mut self) -> Result<(), ApplyErrorKind> {
        let (Operation::Edit { resumed: false, .. } | Operation::NewVersion { draft: None, .. }) =
            self.plan.operation
        else {
            return Ok(());
        };
        let opened = self.draft()?;
        let (id, kind, mut revision) = (opened.id, opened.kind, opened.revision);
        // No recording shows that a discard obeys `If-Match`, so the draft is read first.
        let is_open = match self.read_draft(id).await {
            // A draft that took files over has a revision that no answer says.
            Ok(draft) if draft.kind != kind || revision.is_some() && draft.revision != revision => {
                return Ok(());
            }
            Ok(draft) => {
                revision = draft.revision;
                true
            }
            // It is gone already; journal and lock still name it.
            Err(error) if error.is_not_found() => false,
            Err(error) => return Err(error.into()),
        };
        if is_open {
            self.context.journal.before("discard")?;
            match self.context.api.discard(id, revision).await {
                Ok(()) => {}
                // It is gone, as after a delete whose answer was lost.
                Err(error) if error.is_not_found() => {}
                Err(error) if error.is_stale() => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        self.context.journal.discarded()?;
        let record = &mut self.context.lock.entry_mut(&self.plan.server).record;
        record.close_draft();
        if record.last.is_none() {
            // Without a published version the files were those of the draft.
            record.files.clear();
        }
        self.context.lock.save_entry(self.context.lock_path, &self.plan.server)?;
        self.draft = None;
        Ok(())
    }

    /// Continues a draft that is open.
    pub(super) async fn resume(&mut self, id: RecordId) -> Result<(), ApplyErrorKind> {
        match self.read_draft(id).await {
            Ok(draft) => self.opened(draft),
            // It was published or discarded after the plan was made.
            Err(error) if error.is_not_found() => Err(ApplyErrorKind::Superseded(id)),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a draft that is known to be open. A server that does not show it may be late, and is
    /// asked again.
    pub(super) async fn read_draft(&self, id: RecordId) -> Result<Draft, ApiError> {
        let read = async || self.context.api.read().draft(id).await;
        let draft = self.ask_while_late(read).await?;
        let draft = self.same_draft(id, draft, &format!("reading draft {id}"))?;
        self.complete_draft(draft).await
    }

    /// Reads it whole, by the records API.
    pub(super) async fn read_full_draft(&self, id: RecordId) -> Result<FullRecord, ApiError> {
        let read = async || self.context.api.read().full_draft(id).await;
        let full = self.ask_while_late(read).await?;
        self.of_concept(full.facts.concept, format!("reading draft {id}")).map(|()| full)
    }

    async fn ask_while_late<T>(
        &self,
        read: impl AsyncFn() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut pauses = PAUSES.into_iter().take(LOOKS);
        loop {
            let error = match read().await {
                Ok(read) => return Ok(read),
                Err(error) => error,
            };
            match pauses.next().filter(|_| error.is_not_found()) {
                Some(pause) => self.context.deadline.sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// Records the open draft in journal and lock, so that any later run knows whose it is.
    fn opened(&mut self, draft: Draft) -> Result<(), ApplyErrorKind> {
        let (id, open) = (draft.id, draft.named());
        self.draft = Some(draft);
        self.context.journal.open(open)?;
        let entry = self.context.lock.entry_mut(&self.plan.server);
        // A concept that only this answer names is not bound yet: see [`Run::bind`].
        if let Some(concept) = self.plan.base.concept {
            entry.bind(concept);
        }
        entry.record.open_draft(open);
        self.context.lock.save_entry(self.context.lock_path, &self.plan.server)?;
        self.report(Event::DraftOpen { draft: id });
        Ok(())
    }

    /// Replaces the metadata, unless another client changed the draft meanwhile.
    pub(super) async fn replace_metadata(&mut self) -> Result<(), ApplyErrorKind> {
        let (id, revision) = {
            let draft = self.draft()?;
            (draft.id, draft.revision)
        };
        let metadata = &self.plan.target.metadata;
        let backend =
            if self.plan.metadata_api.is_records() { Backend::Records } else { Backend::Deposit };
        self.context.journal.before_by(backend, PUT_METADATA)?;
        let mut answer = self.put_metadata(id, revision).await;
        // The server answers the loser of two writes at once with a misleading 400.
        if let Err(error) = &answer
            && race::may_be_lost(error, metadata)
        {
            answer = self.look_after_a_race(id, revision).await?;
        }
        let doing = format!("writing the metadata of draft {id}");
        let draft = match answer.and_then(|draft| self.same_draft(id, draft, &doing)) {
            Ok(draft) => draft,
            // The write may have arrived; the draft shows whether it did.
            Err(error) if error.is_stale() || error.outcome() == Outcome::Unknown => {
                self.look_at_metadata(id, error).await?
            }
            Err(error) => return Err(error.into()),
        };
        self.context.journal.after(PUT_METADATA)?;
        self.bind(draft.concept)?;
        // A draft accepts nonsense with 200 and drops it, so the answer is compared at once.
        let (mut mismatches, _) = compare_metadata(self.plan, &draft.metadata, &self.allowance);
        mismatches.extend(list_unread_entries(&draft.unread));
        self.draft = Some(draft);
        if mismatches.is_empty() { Ok(()) } else { Err(ApplyErrorKind::ReadBack(mismatches)) }
    }

    /// Reads the draft after a refusal that two writes at once may have caused: it is as planned
    /// when the other one wrote the same. When it is as it was, writing once more is safe.
    async fn look_after_a_race(
        &mut self,
        id: RecordId,
        revision: Option<u64>,
    ) -> Result<Result<Draft, ApiError>, ApplyErrorKind> {
        let words = "the server refuses a known word: another client may have written just now";
        self.report(Event::Remark(words.to_owned()));
        let draft = self.read_draft(id).await?;
        if self.has_planned_metadata(&draft) {
            return Ok(Ok(draft));
        }
        // Writing again would overwrite another client's change.
        if draft.revision != revision {
            return Err(ApplyErrorKind::DraftChanged);
        }
        Ok(self.put_metadata(id, revision).await)
    }

    /// Replaces the metadata by the API that the plan names.
    async fn put_metadata(&self, id: RecordId, revision: Option<u64>) -> Result<Draft, ApiError> {
        let metadata = &self.plan.target.metadata;
        if !self.plan.metadata_api.is_records() {
            return self.context.api.put_metadata(id, metadata, revision).await;
        }
        let spelled = compare::spell_for_records_api(metadata);
        let accepts = |doi: &Doi| self.may_send_back(id, doi);
        let kept = KeptValues { accepts_doi: &accepts, published: self.published_extras() };
        let written = self.context.api.put_native_metadata(id, &spelled, revision, &kept).await?;
        let known = self.draft.as_ref().filter(|known| known.id == id);
        match known.and_then(|known| as_draft(&written, known)) {
            Some(draft) => Ok(draft),
            // The ids of its grants are in the deposition alone.
            None => self.read_draft(id).await,
        }
    }

    /// Returns what the published record holds that no field of the metadata says.
    pub(super) fn published_extras(&self) -> &[UnsupportedValue] {
        self.context.basis.map_or(&[], |basis| &basis.unsupported)
    }

    /// Returns whether a DOI that a draft has may be published: the one that its server makes of its
    /// number, or the one that the manifest names.
    fn may_send_back(&self, id: RecordId, doi: &Doi) -> bool {
        let is_planned = self.plan.target.metadata.text(Field::Doi) == Some(doi.as_str());
        let is_edit = self.draft.as_ref().is_some_and(|draft| draft.kind == DraftKind::Edit);
        let is_public = is_edit && self.plan.base.doi.as_ref() == Some(doi);
        is_planned || is_public || is_doi_of(&self.plan.server, id, doi.as_str())
    }

    /// Completes a draft that was only now opened with what the records API alone shows, where the
    /// basis may hold such values.
    async fn complete_opened(
        &self,
        answer: Result<Draft, ApiError>,
    ) -> Result<Result<Draft, ApiError>, ApplyErrorKind> {
        let Ok(draft) = answer else { return Ok(answer) };
        let id = draft.id;
        match self.complete_draft(draft).await {
            // It was published or discarded since it was opened.
            Err(error) if error.is_not_found() => Err(ApplyErrorKind::Superseded(id)),
            completed => Ok(completed),
        }
    }

    /// Completes a draft that the deposit API showed, where the plan needs more than that.
    pub(super) async fn complete_draft(&self, draft: Draft) -> Result<Draft, ApiError> {
        if !self.plan.metadata_api.shows_less() {
            return Ok(draft);
        }
        let full = self.read_full_draft(draft.id).await?;
        let metadata = refresh::merge_readings(&draft.metadata, &full);
        let unread = refresh::merge_unread(&draft.unread, &full);
        Ok(Draft { metadata, unread, ..draft })
    }

    /// Reads the draft after a lost or a stale answer: it is as planned when the write arrived.
    async fn look_at_metadata(
        &mut self,
        id: RecordId,
        error: ApiError,
    ) -> Result<Draft, ApplyErrorKind> {
        // A stale revision is an answer: another client's write, or an earlier try that arrived.
        self.report(if error.is_stale() {
            Event::Remark("the draft has another revision: looking before continuing".to_owned())
        } else {
            Event::Looking { doing: "writing the metadata".to_owned() }
        });
        let draft = self.read_draft(id).await?;
        match self.has_planned_metadata(&draft) {
            true => Ok(draft),
            false if error.is_stale() => Err(ApplyErrorKind::DraftChanged),
            false => Err(error.into()),
        }
    }

    fn has_planned_metadata(&self, draft: &Draft) -> bool {
        compare_metadata(self.plan, &draft.metadata, &self.allowance).0.is_empty()
    }

    /// Returns the id under which the deposit API deletes a file; `None` for one that is not there.
    async fn find_file_id(&self, key: &FileKey) -> Result<Option<String>, ApplyErrorKind> {
        let find = |draft: &Draft| draft.files.iter().find(|file| file.key == *key).cloned();
        let draft = self.draft()?;
        match find(draft) {
            // The records API showed it, which has no ids.
            Some(file) if file.id.is_none() => {
                Ok(find(&self.read_draft(draft.id).await?).and_then(|file| file.id))
            }
            found => Ok(found.and_then(|file| file.id)),
        }
    }

    /// Checks that a file of a draft that this run did not open is the one that the plan saw: the
    /// records API deletes by name, and another run may have sent its new bytes since.
    async fn require_same_file(&self, key: &FileKey) -> Result<(), ApplyErrorKind> {
        if self.plan.operation.draft().is_none() {
            return Ok(());
        }
        let known = self.draft()?.files.iter().find(|file| file.key == *key);
        let there = self.staged(key).await?;
        let is_same = there.as_ref().and_then(|it| it.md5) == known.and_then(|it| it.md5);
        if is_same || there.is_none() { Ok(()) } else { Err(ApplyErrorKind::DraftChanged) }
    }

    pub(super) async fn delete_file(&mut self, key: &FileKey) -> Result<(), ApplyErrorKind> {
        let id = self.draft()?.id;
        let deleted = if self.is_of_records_alone() {
            self.require_same_file(key).await?;
            self.context.journal.before("delete file")?;
            self.context.api.drop_file(id, key).await
        } else {
            let Some(file_id) = self.find_file_id(key).await? else { return Ok(()) };
            self.context.journal.before("delete file")?;
            self.context.api.delete_file(id, &file_id).await
        };
        match deleted {
            Ok(()) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
        self.context.journal.after("delete file")?;
        if let Some(draft) = &mut self.draft {
            draft.files.retain(|file| file.key != *key);
        }
        Ok(())
    }
}
