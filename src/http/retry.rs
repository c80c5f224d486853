//! When a call is made again, and after how long.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::clock::Clock;

/// How long the waits of one call may be together: the minute that the server counts requests in
/// (zenodo-notes.md, 2026-11-23), and the waits of our own.
pub const RETRY_BUDGET: Duration = Duration::from_secs(70);

/// Returns the waits between tries: about 0.5, 1 and 2 seconds, each with some chance in it, so
/// that many clients do not come back at once.
pub(super) fn waits() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(8))
        .with_max_times(3)
        .with_jitter()
        .build()
}

/// Returns how long to wait: what the server asks for, or else `wait`.
///
/// `Retry-After` is obeyed on 429 and 503 only: Zenodo sends it on every answer
/// (zenodo-facts.md, 2026-11-23).
pub(super) fn wait_for(status: u16, asked: Option<Duration>, wait: Duration) -> Duration {
    let asked = asked.filter(|_| matches!(status, 429 | 503));
    asked.map_or(wait, |asked| asked.max(wait))
}

/// Reads `Retry-After`, in seconds or a time.
pub(super) fn asked(text: &str, clock: &Clock) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Duration::try_from(then.duration_since(clock.now())).ok()
}

/// Tells whether a status passes by itself.
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
