//! Reads back, publishes, and reads again.
//!
//! Publishing is never repeated before looking: a server may answer 504 after it did the work.

use std::time::Duration;

use crate::api::Outcome;
use crate::compare;
use crate::event::Event;
use crate::model::{AppliedFile, Doi, Field, Recid, RecordId};
use crate::observed::{Deposition, Draft, FullRecord, Record, RecordFacts};
use crate::plan::Operation;
use crate::refresh;

use super::ApplyErrorKind;
use super::read_back::{
    Mismatch, compare_files, compare_metadata, find_foreign_doi, find_minted_doi, find_missing_doi,
    list_extras, list_unread_entries,
};
use super::run::Run;
use super::seeded_fault::SeededFault;

/// How long to wait before each look at a record that should be published.
pub const PAUSES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];

impl Run<'_, '_> {
    /// Compares every file's size and MD5 and every field with the plan, right before publishing,
    /// and checks that nobody published another version meanwhile.
    pub(super) async fn read_back(&mut self) -> Result<(), ApplyErrorKind> {
        if self.is_planted(SeededFault::NoReadBack) {
            return Ok(());
        }
        let (draft, facts) = self.read_whole_draft().await?;
        self.bind(draft.concept)?;
        let (mut mismatches, accepted) =
            compare_metadata(self.plan, &draft.metadata, &self.allowance);
        mismatches.extend(compare_files(&self.plan.target, &draft.files));
        mismatches.extend(find_foreign_doi(self.plan, &draft));
        mismatches.extend(find_missing_doi(self.plan, &draft));
        mismatches.extend(list_unread_entries(&draft.unread));
        mismatches.extend(list_extras(self.plan, &facts.unsupported, self.published_extras()));
        if !mismatches.is_empty() {
            return Err(ApplyErrorKind::ReadBack(mismatches));
        }
        self.check_review(&facts)?;
        // In the same answer, so that as little time as possible is left for another client to
        // publish.
        if !self.follows_basis(&facts) {
            self.require_latest().await?;
        }
        self.allowance.rewrites.extend(accepted.clone());
        let files = self.applied_files();
        let record = &mut self.context.lock.entry_mut(&self.plan.server).record;
        record.rewrites.extend(accepted);
        // Otherwise the files are recorded with the published version.
        if !self.plan.publishes() || self.plan.submits_to().is_some() {
            record.files = files;
        }
        self.draft = Some(draft);
        Ok(())
    }

    /// Reads the draft by the records API, whose answer also says which version it will be; and by
    /// the deposit API where that answer is not the whole draft.
    async fn read_whole_draft(&self) -> Result<(Draft, RecordFacts), ApplyErrorKind> {
        let known = self.draft()?;
        let full = self.read_full_draft(known.id).await?;
        let draft = match as_draft(&full, known) {
            Some(draft) => draft,
            None => self.read_draft(known.id).await?,
        };
        Ok((draft, full.facts))
    }

    /// Returns whether a draft is of the version right after the plan's basis, or an edit of the
    /// latest version. A concept has one draft at a time, so nobody can publish before it either.
    fn follows_basis(&self, draft: &RecordFacts) -> bool {
        let basis = self.context.basis.map_or(0, |basis| basis.index);
        match self.plan.operation {
            // An index of 0 is unknown.
            Operation::NewVersion { .. } => basis > 0 && draft.index == basis.saturating_add(1),
            Operation::Edit { .. } => draft.is_latest,
            Operation::NewRecord { .. }
            | Operation::Nothing
            | Operation::Communities { .. }
            | Operation::Access { .. }
            | Operation::Impossible => true,
        }
    }

    pub(super) async fn publish(&mut self) -> Result<(), ApplyErrorKind> {
        let id = self.draft()?.id;
        self.context.journal.before("publish")?;
        let answer = self.context.api.publish(id).await;
        match answer.and_then(|record| self.same_record(id, record)) {
            Ok(record) => self.published(record),
            Err(_) if self.is_planted(SeededFault::BlindPublish) => {
                let again = self.context.api.publish(id).await?;
                self.published(again)
            }
            // A server may answer 504 after it published: publishing again is no way to find out.
            Err(error) if error.outcome() == Outcome::Unknown => self.look_for_record(id).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Waits, after a lost answer, until the server says that it is published. When it does not say
    /// so in time, the outcome is unknown, and nothing is repeated.
    async fn look_for_record(&mut self, id: RecordId) -> Result<(), ApplyErrorKind> {
        self.report(Event::Looking { doing: "publishing".to_owned() });
        for pause in PAUSES {
            self.context.deadline.sleep(pause).await;
            if let Ok(Deposition::Published(record)) = self.context.api.read().deposition(id).await
                && let Ok(record) = self.same_record(id, *record)
            {
                return self.published(record);
            }
        }
        Err(ApplyErrorKind::PublishUnknown(id))
    }

    /// Reports that the record is published, whatever comes next, and records it in journal and
    /// lock.
    fn published(&mut self, record: Record) -> Result<(), ApplyErrorKind> {
        self.report(Event::Published { record: record.id, doi: record.doi.clone() });
        self.draft = None;
        let noted = self.context.journal.published(record.id);
        let label = record.metadata.text(Field::Version).unwrap_or_default().to_owned();
        let files = self.applied_files();
        let entry = self.context.lock.entry_mut(&self.plan.server);
        entry.bind(record.concept);
        entry.record.close_draft();
        entry.record.note_last(record.id, label, self.plan.list_version_dois());
        entry.record.files = files;
        self.record = Some(record);
        self.context.lock.save_entry(self.context.lock_path, &self.plan.server)?;
        // Only now: a journal that can't be written must not keep the record out of the lock.
        noted?;
        Ok(())
    }

    fn applied_files(&self) -> std::collections::BTreeMap<crate::model::FileKey, AppliedFile> {
        let files = self.plan.target.files.iter();
        files
            .map(|file| (file.key.clone(), AppliedFile { md5: file.md5, content: file.content }))
            .collect()
    }

    /// Compares the published record once more: as the answer to `publish` has it, with every file
    /// and all metadata (zenodo-facts.md, 2026-11-28), or else as the server shows it.
    pub(super) async fn read_record(&mut self) -> Result<(), ApplyErrorKind> {
        // The deposit API answers, and shows less than a plan of the records API says.
        if let Some(record) = self.record.clone()
            && let Ok(whole) = self.complete_record(record).await
        {
            self.record = Some(whole);
        }
        // An answer that differs may be a stale one, and one with another DOI a mangled one: only a
        // record that is read settles it.
        let is_settled =
            |record: &Record| has_own_dois(record) && self.list_mismatches(record).is_empty();
        if self.record.as_ref().is_some_and(is_settled) {
            return Ok(());
        }
        let Some(id) = self.record_id() else { return Err(ApplyErrorKind::DraftChanged) };
        let record = self.wait_for_record(id).await?;
        let mismatches = self.list_mismatches(&record);
        if !mismatches.is_empty() {
            return Err(ApplyErrorKind::ChangedAfterPublish { record: id, mismatches });
        }
        self.record = Some(record);
        Ok(())
    }

    /// Completes a record that the deposit API showed, where the plan needs more than that.
    async fn complete_record(&self, record: Record) -> Result<Record, ApplyErrorKind> {
        if !self.plan.metadata_api.shows_less() {
            return Ok(record);
        }
        let full = self.context.api.read().record(record.id).await?;
        self.of_concept(full.facts.concept, format!("reading record {}", record.id))?;
        let metadata = refresh::merge_readings(&record.metadata, &full);
        let unread = refresh::merge_unread(&record.unread, &full);
        let unsupported = full.facts.unsupported;
        Ok(Record { metadata, unsupported, unread, ..record })
    }

    fn list_mismatches(&self, record: &Record) -> Vec<Mismatch> {
        let target = &self.plan.target;
        let (mut mismatches, _) = compare_metadata(self.plan, &record.metadata, &self.allowance);
        mismatches.extend(compare_files(target, &record.files));
        mismatches.extend(list_unread_entries(&record.unread));
        mismatches.extend(list_extras(self.plan, &record.unsupported, self.published_extras()));
        mismatches.extend(find_minted_doi(self.plan, record));
        mismatches
    }

    async fn wait_for_record(&self, id: RecordId) -> Result<Record, ApplyErrorKind> {
        for pause in PAUSES {
            self.context.deadline.sleep(pause).await;
            match self.context.api.read().deposition(id).await {
                Ok(Deposition::Published(record)) => {
                    if let Ok(record) = self.same_record(id, *record) {
                        return self.complete_record(record).await;
                    }
                }
                // A server that lags behind still shows the draft, or nothing.
                Ok(Deposition::Open(_)) => {}
                Err(error) if error.is_not_found() || error.is_elsewhere() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApplyErrorKind::RecordUnread(id))
    }
}

/// Returns a known draft as the records API shows it now; `None` where that is not all of it.
pub(super) fn as_draft(full: &FullRecord, known: &Draft) -> Option<Draft> {
    // A PUT removes grants that are free text, and the deposition shows those that are left.
    if !full.is_whole() || !full.facts.free_awards.is_empty() {
        return None;
    }
    let mut files = full.files.clone()?;
    // The deposit API alone has their ids.
    for file in &mut files {
        let same = known.files.iter().find(|it| it.key == file.key && it.md5 == file.md5);
        file.id = same.and_then(|it| it.id.clone());
    }
    Some(Draft {
        concept: full.facts.concept,
        metadata: compare::respell_words(&full.metadata),
        files,
        revision: full.revision,
        unread: Vec::new(),
        ..known.clone()
    })
}

/// Returns whether a record's DOIs are those that its server makes of its ids; not so for a DOI
/// that was made elsewhere.
fn has_own_dois(record: &Record) -> bool {
    let is_of = |doi: &Doi, id: Recid| Recid::parse_named(doi.as_str()) == Some(id);
    record.doi.as_ref().is_none_or(|doi| is_of(doi, record.id.0))
        && record.concept_doi.as_ref().is_none_or(|doi| is_of(doi, record.concept.0))
}
