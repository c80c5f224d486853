//! The time: the real one, or one that a test sets.
//!
//! The only place that asks the system for it, and the only one that waits for time to pass.
//! `ZREL_NOW` (an RFC 3339 time) is read by `cli` and makes a set clock, for tests and for real
//! screens in the documentation: it stands still, but for what is slept on it. Deliberately
//! absent: waiting for bytes or for another process, which no clock can shorten.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Tells the time, and lets it pass.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's.
    #[default]
    Real,
    /// One that moves only when somebody sleeps on it; its clones move with it.
    Set(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// Makes a clock that shows this time.
    pub fn set(time: Timestamp) -> Self {
        Clock::Set(Arc::new(Mutex::new(time)))
    }

    /// Returns the time now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::Real => Timestamp::now(),
            Clock::Set(time) => *time.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Returns the day in UTC, as the server counts days.
    pub fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }

    /// Returns how long ago `then` was; negative for the future.
    pub fn since(&self, then: Timestamp) -> SignedDuration {
        self.now().duration_since(then)
    }

    /// Lets time pass. On a set clock it has passed at once; others get their turn all the same.
    pub async fn sleep(&self, time: Duration) {
        match self {
            Clock::Real => tokio::time::sleep(time).await,
            Clock::Set(now) => {
                {
                    let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
                    *now = now.saturating_add(time).unwrap_or(Timestamp::MAX);
                }
                tokio::task::yield_now().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_set_clock_moves_by_what_is_slept_and_its_clones_with_it() {
        let clock = Clock::set("2026-11-23T23:59:00Z".parse().unwrap());
        let other = clock.clone();
        let begin = other.now();
        clock.sleep(Duration::from_secs(90)).await;
        assert_eq!(other.since(begin), SignedDuration::from_secs(90));
        assert_eq!(other.today().to_string(), "2026-11-24");
        clock.sleep(Duration::MAX).await;
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
