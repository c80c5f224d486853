//! Opens a draft, brings its metadata to the plan, and deletes files from it.

use crate::api::Outcome;
use crate::event::Event;
use crate::model::{Field, FileKey, RecordId};
use crate::observed::Draft;

use super::ApplyErrorKind;
use super::read_back::compare_metadata;
use super::run::Run;

impl Run<'_, '_> {
    /// Creates a deposition. Its title carries a random id until the metadata are written, so
    /// that it is found again when the answer is lost.
    pub(super) async fn create_draft(&mut self) -> Result<(), ApplyErrorKind> {
        let mut metadata = self.plan.target.metadata.clone();
        let title = metadata.text(Field::Title).unwrap_or_default();
        metadata.set_text(Field::Title, format!("{title} [zrel {}]", self.site.create_id));
        self.site.journal.before("create")?;
        let draft = self.site.api.create(&metadata).await?;
        self.opened(draft)
    }

    pub(super) async fn open_version(&mut self, from: RecordId) -> Result<(), ApplyErrorKind> {
        self.site.journal.opening(from)?;
        let draft = self.site.api.new_version(from).await?;
        self.opened(draft)
    }

    pub(super) async fn open_edit(&mut self, record: RecordId) -> Result<(), ApplyErrorKind> {
        self.site.journal.opening(record)?;
        let draft = self.site.api.edit(record).await?;
        self.opened(draft)
    }

    /// Goes on with a draft that is open.
    pub(super) async fn resume(&mut self, id: RecordId) -> Result<(), ApplyErrorKind> {
        let draft = self.site.api.read().draft(id).await?;
        self.opened(draft)
    }

    /// Notes the open draft in journal and lock, so that any later run knows whose it is.
    fn opened(&mut self, draft: Draft) -> Result<(), ApplyErrorKind> {
        let open = self.open_draft(draft.id);
        self.site.journal.open(open)?;
        let entry = self.site.lock.entry_mut(&self.plan.server);
        entry.concept = Some(draft.concept);
        entry.record.draft = Some(open);
        self.site.lock.save(self.site.lock_path)?;
        self.report(Event::DraftOpen { draft: draft.id });
        self.draft = Some(draft);
        Ok(())
    }

    /// Replaces the metadata, unless somebody else changed the draft meanwhile.
    pub(super) async fn replace_metadata(&mut self) -> Result<(), ApplyErrorKind> {
        let (id, revision) = {
            let draft = self.draft()?;
            (draft.id, draft.revision)
        };
        self.site.journal.before("put metadata")?;
        let metadata = &self.plan.target.metadata;
        let answer = self.site.api.put_metadata(id, metadata, revision).await;
        let draft = match answer {
            Ok(draft) => draft,
            Err(error) if error.is_stale() || error.outcome() == Outcome::Unknown => {
                self.look_at_metadata(id).await?
            }
            Err(error) => return Err(error.into()),
        };
        self.site.journal.after("put metadata")?;
        let (mismatches, _) = compare_metadata(&self.plan.target, &draft.metadata, &self.allowance);
        self.draft = Some(draft);
        if mismatches.is_empty() { Ok(()) } else { Err(ApplyErrorKind::ReadBack(mismatches)) }
    }

    /// After a lost or a stale answer: the draft is as planned when the write arrived.
    async fn look_at_metadata(&mut self, id: RecordId) -> Result<Draft, ApplyErrorKind> {
        self.report(Event::Looking { doing: "writing the metadata".to_owned() });
        let draft = self.site.api.read().draft(id).await?;
        let (mismatches, _) = compare_metadata(&self.plan.target, &draft.metadata, &self.allowance);
        if mismatches.is_empty() { Ok(draft) } else { Err(ApplyErrorKind::DraftChanged) }
    }

    pub(super) async fn delete_file(&mut self, key: &FileKey) -> Result<(), ApplyErrorKind> {
        let draft = self.draft()?;
        let id = draft.id;
        let Some(file_id) =
            draft.files.iter().find(|file| file.key == *key).and_then(|file| file.id.clone())
        else {
            return Ok(());
        };
        self.site.journal.before("delete file")?;
        match self.site.api.delete_file(id, &file_id).await {
            Ok(()) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
        self.site.journal.after("delete file")?;
        if let Some(draft) = &mut self.draft {
            draft.files.retain(|file| file.key != *key);
        }
        Ok(())
    }
}
