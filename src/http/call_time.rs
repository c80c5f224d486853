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

    /// Waits before a request is sent; fails when there is no time left to send it.
    ///
    /// # Errors
    /// [`HttpError::NotBegun`].
    pub(super) async fn wait(&self, time: Duration) -> Result<(), HttpError> {
        // Nothing may be sent that could not be answered in time: its outcome would be unknown.
        if self.left() <= time {
            return Err(HttpError::NotBegun(self.length()));
        }
        if !time.is_zero() {
            self.own.sleep(time).await;
        }
        Ok(())
    }

    /// Waits for what must be before a request is sent; fails when there is no time left to send it.
    ///
    /// # Errors
    /// [`HttpError::NotBegun`].
    pub(super) async fn wait_for<T>(
        &self,
        awaited: impl Future<Output = T>,
    ) -> Result<T, HttpError> {
        let result = tokio::time::timeout(self.left(), awaited).await;
        result.map_err(|_| HttpError::NotBegun(self.length()))
    }

    /// Ends a call that takes too long.
    ///
    /// # Errors
    /// [`HttpError::OutOfTime`] or [`HttpError::TooSlow`].
    pub(super) async fn bound<T>(
        &self,
        call: impl Future<Output = Result<T, HttpError>>,
    ) -> Result<T, HttpError> {
        match tokio::time::timeout(self.left(), call).await {
            Ok(result) => result,
            // The run's limit is the user's, so that it is reported first.
            Err(_) if self.run.is_over() => Err(HttpError::OutOfTime(self.run.length())),
            Err(_) => Err(HttpError::TooSlow(self.own.length())),
        }
    }

    /// Returns the length of the deadline that ends first.
    fn length(&self) -> Duration {
        if self.run.left() <= self.own.left() { self.run.length() } else { self.own.length() }
    }
}
