//! How slowly an answer may come, once its body has begun.
//!
//! The read timeout ends an answer that stops; this ends one that only drips. Deliberately absent:
//! waiting for an answer, and uploads, which have no such limit.

use std::time::Duration;

use crate::clock::{Clock, Deadline};

use super::HttpError;

/// The lowest rate at which an answer's body may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// So many bytes,
    pub bytes: u64,
    /// in each span of this length.
    pub per: Duration,
}

/// 1 KiB a second, averaged over a minute: a tenth of what a modem had.
pub const FLOOR: Floor = Floor { bytes: 60 * 1024, per: Duration::from_mins(1) };

/// How many bytes of one answer came lately.
pub(super) struct Pace {
    floor: Floor,
    clock: Clock,
    span: Deadline,
    bytes: u64,
}

impl Pace {
    /// Starts when the body begins.
    pub(super) fn start(clock: &Clock, floor: Floor) -> Self {
        Self { floor, clock: clock.clone(), span: clock.deadline_in(floor.per), bytes: 0 }
    }

    /// Returns how long the current span still lasts.
    pub(super) fn left(&self) -> Duration {
        self.span.left()
    }

    /// Counts the bytes that came, also none.
    ///
    /// # Errors
    /// [`HttpError::Dripping`] at the end of a span in which too little came.
    pub(super) fn came(&mut self, bytes: usize) -> Result<(), HttpError> {
        self.bytes += bytes as u64;
        if !self.span.is_over() {
            return Ok(());
        }
        if self.bytes < self.floor.bytes {
            return Err(HttpError::Dripping { bytes: self.bytes, per: self.floor.per });
        }
        // Each span counts anew: a fast start must not excuse an hour of drips.
        *self = Self::start(&self.clock, self.floor);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pace() -> (Clock, Pace) {
        let clock = Clock::set("2026-11-28T12:00:00Z".parse().unwrap());
        let pace = Pace::start(&clock, FLOOR);
        (clock, pace)
    }

    #[tokio::test]
    async fn a_drip_ends_after_a_minute() {
        let (clock, mut pace) = pace();
        for _ in 0..118 {
            clock.sleep(SECOND / 2).await;
            pace.came(1).unwrap();
        }
        clock.sleep(2 * SECOND).await;
        let error = pace.came(1).unwrap_err();
        assert_eq!(error.to_string(), "only 119 bytes of the answer came within 60 seconds");
        assert!(error.is_passing() && !error.is_not_done());
    }

    #[tokio::test]
    async fn the_average_counts_and_each_minute_anew() {
        let (clock, mut pace) = pace();
        pace.came(60 * 1024).unwrap();
        clock.sleep(61 * SECOND).await;
        pace.came(0).unwrap();
        assert!(pace.left() > 50 * SECOND);
        for _ in 0..59 {
            clock.sleep(SECOND).await;
            pace.came(1024).unwrap();
        }
        clock.sleep(2 * SECOND).await;
        pace.came(1024).unwrap();
        clock.sleep(61 * SECOND).await;
        assert!(pace.came(60 * 1024 - 1).is_err());
    }
}
