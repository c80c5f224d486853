//! Files by the records API: registered, sent and committed; taken over; and dropped where they never
//! arrived whole.

use crate::event::Event;
use crate::model::{FileKey, LocalFile, RecordId};
use crate::observed::DraftFile;

use super::ApplyErrorKind;
use super::run::Run;
use super::upload::{
    Before, NextTry, TRIES, check_arrived, decide_next_try, open_planned, take_turn,
};

impl Run<'_, '_> {
    /// Sends a file in stages: it is registered, sent, and committed. Each try first looks how far
    /// the one before it came.
    pub(super) async fn upload_in_stages(
        &mut self,
        local: &LocalFile,
        before: Before,
    ) -> Result<(), ApplyErrorKind> {
        for attempt in 1..TRIES {
            let is_again = attempt > 1 || before == Before::Perhaps;
            let Err(kind) = self.register_send_commit(local, is_again).await else {
                return Ok(());
            };
            match decide_next_try(&kind) {
                // The next try looks up what was done before the answer was lost.
                Some(NextTry::Look) => self.pause_after_loss(local, attempt).await?,
                Some(NextTry::Wait(time)) => self.pause(time).await?,
                None => return Err(kind),
            }
        }
        self.register_send_commit(local, true).await
    }

    async fn register_send_commit(
        &mut self,
        local: &LocalFile,
        is_again: bool,
    ) -> Result<(), ApplyErrorKind> {
        let id = self.draft()?.id;
        // A new file is registered without looking: the server refuses a name that is there.
        let there = if is_again { self.staged(&local.key).await? } else { None };
        match there {
            None => self.register_new(id, &local.key).await?,
            // The try before this one finished.
            Some(there) if there.md5 == Some(local.md5) => return Ok(()),
            Some(there) if !there.is_committed => {}
            // The plan saw none: another client is sending one.
            Some(_) => return Err(ApplyErrorKind::DraftChanged),
        }
        self.send_content(local).await?;
        let arrived = self.context.api.commit_file(id, &local.key).await?;
        check_arrived(local, arrived).await
    }

    async fn register_new(&mut self, id: RecordId, key: &FileKey) -> Result<(), ApplyErrorKind> {
        let Err(error) = self.context.api.register_file(id, key).await else { return Ok(()) };
        // The plan saw none: another client is sending one.
        if error.is_refused() && self.staged(key).await?.is_some() {
            return Err(ApplyErrorKind::DraftChanged);
        }
        Err(error.into())
    }

    /// Sends the content once.
    async fn send_content(&self, local: &LocalFile) -> Result<(), ApplyErrorKind> {
        let (file, size) = open_planned(local)?;
        let (report, key, id) = (self.context.report, local.key.clone(), self.draft()?.id);
        let upload = async {
            let _turn = take_turn(self.context.uploads).await;
            report(Event::FileStarted { key: key.clone(), size });
            let sent = move |bytes| report(Event::Sent { key: key.clone(), bytes });
            self.context.api.send_content(id, &local.key, (file, size), &sent).await
        };
        tokio::select! {
            sent = upload => Ok(sent?),
            () = self.context.stop.asked() => Err(ApplyErrorKind::Interrupted),
        }
    }

    /// Looks for a file in the draft, also for one that never came whole.
    pub(super) async fn staged(&self, key: &FileKey) -> Result<Option<DraftFile>, ApplyErrorKind> {
        let files = self.context.api.read().draft_files(self.draft()?.id).await?;
        Ok(files.into_iter().find(|file| file.key == *key))
    }

    /// Deletes a file that never arrived whole, unless it did meanwhile: then another client sent
    /// it.
    pub(super) async fn drop_file(&mut self, key: &FileKey) -> Result<(), ApplyErrorKind> {
        match self.staged(key).await? {
            None => return Ok(()),
            Some(there) if there.is_committed => return Err(ApplyErrorKind::DraftChanged),
            Some(_) => {}
        }
        let id = self.draft()?.id;
        self.context.journal.before("drop file")?;
        match self.context.api.drop_file(id, key).await {
            Ok(()) => {}
            // It is gone, as after a delete whose answer was lost.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
        self.context.journal.after("drop file")?;
        Ok(())
    }

    /// Takes the files of the version before over.
    pub(super) async fn import_files(&mut self) -> Result<(), ApplyErrorKind> {
        let id = self.draft()?.id;
        self.context.journal.before("import files")?;
        self.context.api.import_files(id).await?;
        self.context.journal.after("import files")?;
        self.draft = Some(self.read_draft(id).await?);
        Ok(())
    }
}
