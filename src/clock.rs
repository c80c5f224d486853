//! The time: the real one, or one that a test sets.
//!
//! Only this module reads the system's time or waits for time to pass. In debug builds `cli` reads
//! `ZREL_NOW` (an RFC 3339 time) and makes a set clock, for tests and for real screens in the
//! documentation: it moves only by sleeps on it. Deliberately absent: waiting for bytes or for
//! another process, which no clock can shorten.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Tells the time, and lets it pass.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The system's.
    #[default]
    Real,
    /// A clock that moves only by sleeps on it; its clones move with it.
    Set(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// Makes a clock that shows this time.
    pub fn set(time: Timestamp) -> Self {
        Clock::Set(Arc::new(Mutex::new(time)))
    }

    /// Returns the time now.
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system's time")]
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

    /// Waits. On a set clock the time passes at once.
    pub async fn sleep(&self, time: Duration) {
        match self {
            Clock::Real => tokio::time::sleep(time).await,
            Clock::Set(now) => {
                {
                    let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
                    *now = now.saturating_add(time).unwrap_or(Timestamp::MAX);
                }
                // A loop that waits for another task would otherwise never let it run.
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Until when a run may take: the length, less the sleeps on the clock and the real time passed.
#[derive(Debug, Clone)]
pub struct Deadline {
    length: Duration,
    clock: Clock,
    from: Timestamp,
    begun: Instant,
}

impl Clock {
    /// Starts a deadline; [`Duration::MAX`] never ends.
    pub fn deadline_in(&self, length: Duration) -> Deadline {
        Deadline { length, clock: self.clone(), from: self.now(), begun: Instant::now() }
    }
}

impl Deadline {
    /// Returns the whole length.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// Returns what is left; zero when it is over.
    pub fn left(&self) -> Duration {
        let slept = match &self.clock {
            Clock::Real => Duration::ZERO,
            Clock::Set(_) => Duration::try_from(self.clock.since(self.from)).unwrap_or_default(),
        };
        // Bytes take real time, also when the clock is set.
        self.length.saturating_sub(self.begun.elapsed()).saturating_sub(slept)
    }

    /// Returns whether it is over.
    pub fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// Waits, at most for the time that is left.
    pub async fn sleep(&self, time: Duration) {
        self.clock.sleep(time.min(self.left())).await;
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

    #[tokio::test]
    async fn a_deadline_ends_by_sleeps_and_no_sleep_is_longer() {
        let clock = Clock::set("2026-11-23T12:00:00Z".parse().unwrap());
        let begin = clock.now();
        let hour = clock.deadline_in(Duration::from_hours(1));
        let other = hour.clone();
        hour.sleep(Duration::from_mins(10)).await;
        assert!(!other.is_over() && other.left() <= Duration::from_mins(50));
        hour.sleep(Duration::from_hours(24)).await;
        assert!(other.is_over());
        assert!(clock.since(begin) <= SignedDuration::from_hours(1));
        assert!(!clock.deadline_in(Duration::MAX).is_over());
    }
}
