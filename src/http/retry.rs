//! When a call is repeated, and after how long.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::clock::Clock;

/// The sum of the waits of one call: the minute in which the server counts requests
/// (zenodo-notes.md, 2026-11-23), and zrel's own waits.
pub const RETRY_BUDGET: Duration = Duration::from_secs(70);

/// Returns the waits between tries: about 0.5, 1 and 2 seconds, each with random jitter, so that
/// many clients do not come back at once.
pub(super) fn waits() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(8))
        .with_max_times(3)
        .with_jitter()
        .build()
}

/// Returns how long to wait: as long as the server asks for, and at least `wait`.
pub(super) fn wait_for(status: u16, asked: Option<Duration>, wait: Duration) -> Duration {
    // Zenodo sends `Retry-After` on every answer, a 200 too (zenodo-facts.md, 2026-11-23).
    let asked = asked.filter(|_| matches!(status, 429 | 503));
    asked.map_or(wait, |asked| asked.max(wait))
}

/// Parses `Retry-After`, in seconds or as a time.
pub(super) fn asked(text: &str, clock: &Clock) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Duration::try_from(then.duration_since(clock.now())).ok()
}

/// Returns whether a status may go away without a change.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_ask_for_time_on_429_and_503_only() {
        let clock = Clock::set("2026-11-23T08:49:07Z".parse().unwrap());
        let wait = |status, text| wait_for(status, asked(text, &clock), Duration::from_secs(1));
        assert_eq!(wait(200, "30"), Duration::from_secs(1));
        assert_eq!(wait(429, "30"), Duration::from_secs(30));
        assert_eq!(wait(503, "86400"), Duration::from_hours(24));
        assert_eq!(wait(429, "Mon, 23 Nov 2026 08:49:37 GMT"), Duration::from_secs(30));
        assert_eq!(wait(429, "Mon, 23 Nov 2026 08:48:37 GMT"), Duration::from_secs(1));
        assert_eq!(wait(429, "soon"), Duration::from_secs(1));
    }

    #[test]
    fn there_are_three_waits() {
        assert_eq!(waits().count(), 3);
    }
}
