//! Sends one file, compares what arrived with the plan, and looks before it sends it again.

use std::fs::File;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use crate::api::{ApiError, Outcome, WriteApi};
use crate::event::Event;
use crate::inventory;
use crate::model::{FileKey, LocalFile, Md5, RecordId};

use super::ApplyErrorKind;
use super::run::Run;
use super::stop::Stop;

/// How often one file is sent before an apply gives up.
pub(super) const TRIES: u32 = 3;

/// How long to wait before the first look at a file whose answer was lost; twice as long before
/// the second.
const PAUSE: Duration = Duration::from_secs(1);

/// What may be done after a try of an upload that failed.
pub(super) enum NextTry {
    /// The answer was lost: the file may have arrived, and is looked for first.
    Look,
    /// The server did nothing, and asks to wait so long.
    Wait(Duration),
}

/// What this run did to a file before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// It tried to send it, and does not know how far that came.
    Perhaps,
}

/// Decides how an upload that failed is tried again; none when another try would fail too.
pub(super) fn decide_next_try(kind: &ApplyErrorKind) -> Option<NextTry> {
    let ApplyErrorKind::Api(error) = kind else { return None };
    if error.outcome() == Outcome::Unknown && !error.is_time_over() {
        return Some(NextTry::Look);
    }
    error.short_wait().map(NextTry::Wait)
}

/// Opens a file that is to be sent, and returns its size.
///
/// # Errors
/// When it can't be read, or is not the file that the plan was made for.
pub(super) fn open_planned(local: &LocalFile) -> Result<(File, u64), ApplyErrorKind> {
    let unreadable = |source| ApplyErrorKind::FileUnreadable { shown: local.shown.clone(), source };
    let (file, size) = inventory::open_for_upload(local).map_err(unreadable)?;
    if size != local.size {
        return Err(ApplyErrorKind::FileChanged(local.key.clone()));
    }
    Ok((file, size))
}

/// Waits until another upload may begin beside those of other applies; it may go on as long as what
/// is returned lives.
pub(super) async fn take_turn(uploads: Option<&Semaphore>) -> Option<SemaphorePermit<'_>> {
    // It is never closed.
    uploads?.acquire().await.ok()
}

/// Sends new files into a draft, each once.
pub(super) struct FileSender<'s> {
    api: &'s WriteApi,
    report: &'s (dyn Fn(Event) + Send + Sync),
    stop: Stop,
    uploads: Option<&'s Semaphore>,
    way: Way,
}

/// How files get into a draft.
enum Way {
    /// With one call each, into the bucket with this address.
    Bucket(String),
    /// In stages, by the records API. The calls around the contents change the draft, and go one
    /// after the other: of two writes at once, one loses (records-api-facts.md section 3,
    /// 2026-11-28).
    Stages(RecordId, Mutex<()>),
}

impl FileSender<'_> {
    /// Sends the file once; what arrives must be what was planned.
    pub(super) async fn send(&self, local: &LocalFile) -> Result<(), ApplyErrorKind> {
        let (file, size) = open_planned(local)?;
        let (report, key) = (self.report, local.key.clone());
        let upload = async {
            let _turn = take_turn(self.uploads).await;
            report(Event::FileStarted { key: key.clone(), size });
            let sent = move |bytes| report(Event::Sent { key: key.clone(), bytes });
            match &self.way {
                Way::Bucket(bucket) => self.api.upload(bucket, &local.key, file, size, &sent).await,
                Way::Stages(id, turn) => {
                    self.send_in_stages((*id, turn), &local.key, (file, size), &sent).await
                }
            }
        };
        let arrived = tokio::select! {
            arrived = upload => arrived?,
            // An upload may take hours, and the next apply sends what did not arrive whole.
            () = self.stop.asked() => return Err(ApplyErrorKind::Interrupted),
        };
        check_arrived(local, arrived).await
    }

    /// Registers a new file, sends it and commits it.
    async fn send_in_stages(
        &self,
        (id, turn): (RecordId, &Mutex<()>),
        key: &FileKey,
        content: (File, u64),
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Option<Md5>, ApiError> {
        {
            let _turn = turn.lock().await;
            self.api.register_file(id, key).await?;
        }
        self.api.send_content(id, key, content, sent).await?;
        let _turn = turn.lock().await;
        self.api.commit_file(id, key).await
    }
}

impl<'s> Run<'_, 's> {
    pub(super) async fn upload(&mut self, key: &FileKey) -> Result<(), ApplyErrorKind> {
        let local = self.find_local(key)?;
        self.context.journal.before_upload(key)?;
        if key.is_in_folder() || self.is_of_records_alone() {
            self.upload_in_stages(&local, Before::Nothing).await?;
        } else {
            self.upload_into_bucket(&local).await?;
        }
        self.finish_upload(key)
    }

    /// Returns the file on the disk that is sent under this name.
    pub(super) fn find_local(&self, key: &FileKey) -> Result<LocalFile, ApplyErrorKind> {
        let local = self.context.files.iter().find(|file| file.key == *key);
        local.cloned().ok_or_else(|| ApplyErrorKind::FileChanged(key.clone()))
    }

    /// Records that a file has arrived whole.
    pub(super) fn finish_upload(&mut self, key: &FileKey) -> Result<(), ApplyErrorKind> {
        self.context.journal.after_upload(key)?;
        self.report(Event::FileDone { key: key.clone() });
        Ok(())
    }

    /// Returns what sends files into the open draft.
    pub(super) fn sender(&self) -> Result<FileSender<'s>, ApplyErrorKind> {
        let draft = self.draft()?;
        let way = if self.is_of_records_alone() {
            Way::Stages(draft.id, Mutex::new(()))
        } else {
            Way::Bucket(draft.bucket.clone())
        };
        let (api, report) = (self.context.api, self.context.report);
        let (stop, uploads) = (self.context.stop.clone(), self.context.uploads);
        Ok(FileSender { api, report, stop, uploads, way })
    }

    pub(super) async fn upload_into_bucket(
        &mut self,
        local: &LocalFile,
    ) -> Result<(), ApplyErrorKind> {
        let sender = self.sender()?;
        for attempt in 1..TRIES {
            let Err(kind) = sender.send(local).await else { return Ok(()) };
            match decide_next_try(&kind) {
                Some(NextTry::Look) => {
                    if self.find_after_loss(local, attempt).await? {
                        return Ok(());
                    }
                }
                Some(NextTry::Wait(time)) => self.pause(time).await?,
                None => return Err(kind),
            }
        }
        sender.send(local).await
    }

    /// Reports that an answer was lost, and waits before anything is looked for.
    pub(super) async fn pause_after_loss(
        &self,
        local: &LocalFile,
        attempt: u32,
    ) -> Result<(), ApplyErrorKind> {
        self.report(Event::Looking { doing: format!("uploading `{}`", local.key) });
        self.pause(PAUSE * attempt).await
    }

    /// Looks, after a pause, whether a file whose answer was lost has arrived whole.
    pub(super) async fn find_after_loss(
        &self,
        local: &LocalFile,
        attempt: u32,
    ) -> Result<bool, ApplyErrorKind> {
        self.pause_after_loss(local, attempt).await?;
        let draft = self.read_draft(self.draft()?.id).await?;
        let there = draft.files.iter().find(|file| file.key == local.key);
        Ok(there.is_some_and(|file| file.md5 == Some(local.md5) && file.size == local.size))
    }
}

/// Checks that what arrived is what was planned.
///
/// # Errors
/// [`ApplyErrorKind::FileChanged`] when the file itself is another one by now, otherwise
/// [`ApplyErrorKind::DamagedUpload`].
pub(super) async fn check_arrived(
    local: &LocalFile,
    arrived: Option<Md5>,
) -> Result<(), ApplyErrorKind> {
    if arrived == Some(local.md5) {
        return Ok(());
    }
    let file = local.clone();
    let on_disk = tokio::task::spawn_blocking(move || inventory::compute_md5(&file)).await;
    // Only a file that is still as planned can have been damaged on its way.
    if !on_disk.is_ok_and(|md5| md5.is_ok_and(|md5| md5 == local.md5)) {
        return Err(ApplyErrorKind::FileChanged(local.key.clone()));
    }
    Err(ApplyErrorKind::DamagedUpload {
        key: local.key.clone(),
        sent: local.md5.to_string(),
        found: arrived.map_or_else(|| "none".to_owned(), |md5| md5.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileSource;

    #[tokio::test]
    async fn a_file_that_changed_is_told_from_one_that_was_damaged_on_its_way() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        std::fs::write(&path, "abc").unwrap();
        let planned = Md5::parse("900150983cd24fb0d6963f7d28e17f72").unwrap();
        let other = Md5([1; 16]);
        let local = LocalFile {
            key: FileKey::parse("a.csv").unwrap(),
            path: path.clone(),
            shown: "a.csv".to_owned(),
            source: FileSource::Path,
            size: 3,
            md5: planned,
            masked: None,
        };
        assert!(check_arrived(&local, Some(planned)).await.is_ok());
        for arrived in [Some(other), None] {
            let damaged = check_arrived(&local, arrived).await;
            assert!(matches!(damaged, Err(ApplyErrorKind::DamagedUpload { .. })), "{arrived:?}");
        }
        for change in [|path| std::fs::write(path, "xyz"), |path| std::fs::remove_file(path)] {
            change(&path).unwrap();
            let changed = check_arrived(&local, Some(other)).await;
            assert!(matches!(changed, Err(ApplyErrorKind::FileChanged(_))));
        }
    }
}
