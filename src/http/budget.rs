//! How many requests the server still accepts, and how to spread them out.
//!
//! Pure: the time is an argument. The server's numbers are not trusted: one request waits for a
//! minute at most.

use std::time::Duration;

use jiff::Timestamp;

/// With this many requests left, nothing waits: few applies make more.
const PLENTY: u64 = 50;

/// The longest wait of one request, whatever the server says.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);

/// Requests are counted for an hour at most (zenodo-facts.md, 2026-11-23).
const WINDOW: Duration = Duration::from_hours(1);

/// The requests that a server still accepts, as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    deadline: Option<u64>,
    remaining: u64,
    reset: Timestamp,
}

impl Budget {
    /// Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the last in seconds since 1970
    /// (zenodo-notes.md, 2026-11-23); `None` when they can't be understood.
    pub(super) fn read(
        deadline: Option<&str>,
        remaining: Option<&str>,
        reset: Option<&str>,
    ) -> Option<Self> {
        let remaining = remaining?.trim().parse().ok()?;
        let reset = Timestamp::from_second(reset?.trim().parse().ok()?).ok()?;
        let deadline = deadline.and_then(|text| text.trim().parse().ok());
        Some(Self { deadline, remaining, reset })
    }

    /// Returns how long the next request waits: not at all while plenty is left, otherwise so long
    /// that the rest is spread over the time until the reset.
    pub(super) fn wait(&self, now: Timestamp) -> Duration {
        let until = Duration::try_from(self.reset.duration_since(now)).unwrap_or_default();
        if until.is_zero() || !self.is_little() {
            return Duration::ZERO;
        }
        // One more than remain, so that with none left the wait is the whole time.
        let requests = u32::try_from(self.remaining).unwrap_or(u32::MAX).saturating_add(1);
        (until.min(WINDOW) / requests).min(CALL_TIMEOUT)
    }

    /// Returns whether less than a tenth is left.
    fn is_little(&self) -> bool {
        let tenth = self.deadline.map_or(PLENTY, |deadline| deadline.div_ceil(10)).max(1);
        self.remaining < tenth.min(PLENTY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon of 2026-11-23.
    const NOW: i64 = 1_795_435_200;

    fn wait(deadline: &str, remaining: &str, reset: &str) -> Duration {
        let budget = Budget::read(Some(deadline), Some(remaining), Some(reset));
        let now = Timestamp::from_second(NOW).unwrap();
        budget.map_or(Duration::ZERO, |budget| budget.wait(now))
    }

    fn in_seconds(seconds: i64) -> String {
        (NOW + seconds).to_string()
    }

    #[test]
    fn with_plenty_left_nothing_waits() {
        for (deadline, remaining) in [("133", "132"), ("133", "14"), ("60", "6"), ("5000", "50")] {
            assert_eq!(wait(deadline, remaining, &in_seconds(60)), Duration::ZERO, "{remaining}");
        }
    }

    #[test]
    fn the_rest_is_spread_over_the_time_until_the_reset() {
        assert_eq!(wait("133", "9", &in_seconds(30)), Duration::from_secs(3));
        assert_eq!(wait("133", "1", &in_seconds(30)), Duration::from_secs(15));
        assert_eq!(wait("133", "0", &in_seconds(30)), Duration::from_secs(30));
        assert_eq!(wait("5000", "49", &in_seconds(500)), Duration::from_secs(10));
        assert_eq!(wait("133", "0", &in_seconds(0)), Duration::ZERO);
        assert_eq!(wait("133", "0", &in_seconds(-5)), Duration::ZERO);
    }

    #[test]
    fn no_server_makes_a_request_wait_for_more_than_a_minute() {
        let numbers = ["0", "1", "-1", "133", "18446744073709551615", "1e9", "soon", "", " 7 "];
        let resets = ["253402207200", "9223372036854775807", "-1", "0", "60", "never", ""];
        for deadline in numbers {
            for remaining in numbers {
                for reset in resets {
                    let wait = wait(deadline, remaining, reset);
                    assert!(wait <= CALL_TIMEOUT, "{deadline} {remaining} {reset}: {wait:?}");
                }
            }
        }
        assert_eq!(wait("133", "-1", &in_seconds(30)), Duration::ZERO);
        assert_eq!(wait("133", "0", "253402207200"), CALL_TIMEOUT);
        assert_eq!(Budget::read(None, Some("3"), None), None);
    }
}
