//! How long one call may take: its own time, and what is left of the run's.

use std::time::Duration;

use crate::clock::{Clock, Deadline};

use super::HttpError;

/// The time that one call has.
pub(super) struct CallTime<'a> {
    own: Deadline,
    run: &'a Deadline,
}

impl<'a> CallTime<'a> {
    /// Starts it.
    pub(super) fn start(clock: &Clock, own: Duration, run: &'a Deadline) -> Self {
        Self { own: clock.deadline_in(own), run }
    }

    /// Returns what is left of both.
    pub(super) fn left(&self) -> Duration {
        self.own.left().min(self.run.left())
    }

    /// Waits before a request is sent; where there is no time for it, nothing is sent.
    ///
    /// # Errors
    /// [`HttpError::NotBegun`].
    pub(super) async fn wait(&self, time: Duration) -> Result<(), HttpError> {
        if self.left() <= time {
            return Err(HttpError::NotBegun(self.length()));
        }
        if !time.is_zero() {
            self.own.sleep(time).await;
        }
        Ok(())
    }

    /// Ends what takes too long.
    ///
    /// # Errors
    /// [`HttpError::OutOfTime`] or [`HttpError::TooSlow`].
    pub(super) async fn bound<T>(
        &self,
        call: impl Future<Output = Result<T, HttpError>>,
    ) -> Result<T, HttpError> {
        match tokio::time::timeout(self.left(), call).await {
            Ok(result) => result,
            Err(_) if self.run.is_over() => Err(HttpError::OutOfTime(self.run.length())),
            Err(_) => Err(HttpError::TooSlow(self.own.length())),
        }
    }

    /// Returns the length of what ends first.
    fn length(&self) -> Duration {
        if self.run.left() <= self.own.left() { self.run.length() } else { self.own.length() }
    }
}
