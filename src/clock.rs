//! The time: the real one, or one that a test sets.
//!
//! The only place that asks the system for it. `ZREL_NOW` (an RFC 3339 time) is read by `cli`
//! and makes a fixed clock, for tests and for real screens in the documentation.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Tells the time.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The system's.
    #[default]
    Real,
    /// Always this one.
    Fixed(Timestamp),
}

impl Clock {
    /// Returns the time now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    pub fn now(self) -> Timestamp {
        match self {
            Clock::Real => Timestamp::now(),
            Clock::Fixed(time) => time,
        }
    }

    /// Returns the day in UTC, as the server counts days.
    pub fn today(self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }

    /// Returns how long ago `then` was; negative for the future.
    pub fn since(self, then: Timestamp) -> SignedDuration {
        self.now().duration_since(then)
    }
}
