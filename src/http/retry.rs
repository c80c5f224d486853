//! When a call is made again, and after how long.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// The longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

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

/// Returns how long to wait: what the server asks for, within bounds, or else `wait`.
///
/// `Retry-After` is obeyed on 429 and 503 only: Zenodo sends it on every answer
/// (zenodo-facts.md, 2026-11-23).
pub(super) fn wait_for(status: u16, retry_after: Option<&str>, wait: Duration) -> Duration {
    if !matches!(status, 429 | 503) {
        return wait;
    }
    let asked = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    asked.map_or(wait, |asked| asked.min(LONGEST_WAIT).max(wait))
}

/// Tells whether a status passes by itself.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_ask_for_time_on_429_only_and_not_for_ever() {
        let wait = Duration::from_secs(1);
        assert_eq!(wait_for(200, Some("30"), wait), wait);
        assert_eq!(wait_for(429, Some("30"), wait), Duration::from_secs(30));
        assert_eq!(wait_for(503, Some("86400"), wait), LONGEST_WAIT);
        assert_eq!(wait_for(429, Some("soon"), wait), wait);
    }

    #[test]
    fn there_are_three_waits() {
        assert_eq!(waits().count(), 3);
    }
}
