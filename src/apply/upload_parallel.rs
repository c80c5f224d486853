//! Sends several new files at a time.
//!
//! The server takes new files in parallel; a file that it may have already, it refuses beside other
//! traffic (zenodo-facts.md, 2026-11-28). So a file whose answer was lost is looked for, and sent
//! again with nothing else on its way.

use std::mem;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::model::LocalFile;
use crate::plan::SentFile;

use super::ApplyErrorKind;
use super::run::Run;
use super::upload::{Before, NextTry, TRIES, decide_next_try};

/// The files of one step, and how fast they go.
#[derive(Debug)]
struct Group {
    /// Files that were not begun, the largest last.
    waiting: Vec<LocalFile>,
    /// Files whose answer was lost.
    lost: Vec<LocalFile>,
    /// How many may be on their way at once.
    jobs: usize,
    /// How long the server asks to wait.
    wait: Option<Duration>,
    /// How often in a row it asked.
    n_waits: u32,
    /// Whether a file that the server refused for now may be registered: it is looked for first.
    goes_in_stages: bool,
    /// What ends the step: no further file is begun.
    failure: Option<ApplyErrorKind>,
}

impl Group {
    fn of(mut files: Vec<LocalFile>, jobs: usize, goes_in_stages: bool) -> Self {
        // The largest first: what is begun last ends alone, and should be short.
        files.sort_by(|a, b| a.size.cmp(&b.size).then_with(|| b.key.cmp(&a.key)));
        let (lost, wait, n_waits, failure) = (Vec::new(), None, 0, None);
        let jobs = jobs.max(1);
        Self { waiting: files, lost, jobs, wait, n_waits, goes_in_stages, failure }
    }

    /// Returns whether another file may be begun beside so many.
    fn may_begin(&self, n_in_flight: usize) -> bool {
        // With one job left, each lost answer is settled before the next file.
        let is_settled = self.jobs > 1 || self.lost.is_empty();
        self.failure.is_none() && self.wait.is_none() && is_settled && n_in_flight < self.jobs
    }

    fn fail(&mut self, kind: ApplyErrorKind) {
        self.failure.get_or_insert(kind);
    }

    /// Decides what becomes of a file that failed.
    fn note_failure(&mut self, local: LocalFile, kind: ApplyErrorKind) {
        match decide_next_try(&kind) {
            Some(NextTry::Look) => {
                self.lost.push(local);
                self.slow_down();
            }
            // The server did nothing: the file is new to it still.
            Some(NextTry::Wait(time)) if self.n_waits + 1 < TRIES => {
                let again = if self.goes_in_stages { &mut self.lost } else { &mut self.waiting };
                again.push(local);
                // Those that were on their way together are refused together: that counts once.
                if self.wait.is_none() {
                    self.slow_down();
                }
                self.wait = self.wait.max(Some(time));
            }
            Some(NextTry::Wait(_)) | None => self.fail(kind),
        }
    }

    fn slow_down(&mut self) {
        self.jobs = (self.jobs / 2).max(1);
    }
}

impl Run<'_, '_> {
    /// Sends the files of one step; ends when none is on its way.
    pub(super) async fn upload_files(&mut self, files: &[SentFile]) -> Result<(), ApplyErrorKind> {
        let files = files.iter().map(|file| self.find_local(&file.key));
        let mut group = Group::of(
            files.collect::<Result<_, _>>()?,
            self.context.jobs,
            self.is_of_records_alone(),
        );
        while !group.waiting.is_empty() || !group.lost.is_empty() {
            self.send_in_parallel(&mut group).await?;
            if let Some(kind) = group.failure.take() {
                return Err(kind);
            }
            if let Some(wait) = group.wait.take() {
                group.n_waits += 1;
                self.pause(wait).await?;
            }
            group.lost.sort_by(|a, b| a.key.cmp(&b.key));
            for local in mem::take(&mut group.lost) {
                self.check_may_continue()?;
                self.settle_lost(&local).await?;
            }
            self.check_may_continue()?;
        }
        Ok(())
    }

    /// Begins files while the group allows it, and waits for each that was begun.
    async fn send_in_parallel(&mut self, group: &mut Group) -> Result<(), ApplyErrorKind> {
        let sender = &self.sender()?;
        let mut in_flight = FuturesUnordered::new();
        loop {
            while group.may_begin(in_flight.len()) && self.check_may_continue().is_ok() {
                let Some(local) = group.waiting.pop() else { break };
                match self.context.journal.before_upload(&local.key) {
                    Ok(()) => in_flight.push(async {
                        let result = sender.send(&local).await;
                        (local, result)
                    }),
                    // What is on its way ends first.
                    Err(error) => group.fail(error.into()),
                }
            }
            let Some((local, result)) = in_flight.next().await else { return Ok(()) };
            match result.and_then(|()| self.finish_upload(&local.key)) {
                Ok(()) => group.n_waits = 0,
                Err(kind) => group.note_failure(local, kind),
            }
        }
    }

    /// Looks for a file whose answer was lost, and sends it again, alone, when it is not there.
    async fn settle_lost(&mut self, local: &LocalFile) -> Result<(), ApplyErrorKind> {
        if self.is_of_records_alone() {
            self.pause_after_loss(local, 1).await?;
            self.upload_in_stages(local, Before::Perhaps).await?;
        } else if !self.find_after_loss(local, 1).await? {
            self.upload_into_bucket(local).await?;
        }
        self.finish_upload(&local.key)
    }
}
