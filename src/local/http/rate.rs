//! A limit of requests, as Zenodo has one: so many in a window of time for each kind of client.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// So many requests in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many.
    pub n_requests: u64,
    /// Seconds.
    pub window: u64,
}

impl RateLimit {
    /// Parses `100/5s`.
    pub fn parse(text: &str) -> Option<Self> {
        let (n_requests, window) = text.split_once('/')?;
        let window = window.parse::<jiff::SignedDuration>().ok()?;
        let window = u64::try_from(window.as_secs()).ok()?;
        let n_requests = n_requests.parse().ok()?;
        (n_requests > 0 && window > 0).then_some(Self { n_requests, window })
    }
}

/// What is left in the present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// How many requests a window has.
    pub(crate) limit: u64,
    /// How many of them are left.
    pub(crate) remaining: u64,
    /// When the next window begins.
    pub(crate) reset: Timestamp,
    /// Whether this request was one too many.
    pub(crate) is_over: bool,
}

/// Counts requests, by the client that they name.
#[derive(Debug)]
pub(crate) struct RateCounter {
    limit: RateLimit,
    /// The end of each client's window, and how many requests it had.
    windows: Mutex<BTreeMap<String, (Timestamp, u64)>>,
}

impl RateCounter {
    /// Makes a counter that has seen none.
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self { limit, windows: Mutex::default() }
    }

    /// Counts a request.
    pub(crate) fn count(&self, client: &str, now: Timestamp) -> Rate {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(client.to_owned()).or_insert((now, 0));
        if window.0 <= now {
            *window = (now + Duration::from_secs(self.limit.window), 0);
        }
        window.1 = window.1.saturating_add(1);
        self.read(*window)
    }

    /// Returns what is left, without counting.
    pub(crate) fn look(&self, client: &str, now: Timestamp) -> Rate {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        self.read(windows.get(client).copied().unwrap_or((now, 0)))
    }

    fn read(&self, (reset, n): (Timestamp, u64)) -> Rate {
        let limit = self.limit.n_requests;
        Rate { limit, remaining: limit.saturating_sub(n), reset, is_over: n > limit }
    }

    /// Returns the words of a refusal: `100 per 5 second`.
    pub(crate) fn describe(&self) -> String {
        format!("{} per {} second", self.limit.n_requests, self.limit.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_and_a_length_of_time() {
        let limit = |n_requests, window| Some(RateLimit { n_requests, window });
        assert_eq!(RateLimit::parse("100/5s"), limit(100, 5));
        assert_eq!(RateLimit::parse("133/1m"), limit(133, 60));
        for bad in ["", "100", "/5s", "0/5s", "10/0s", "10/", "x/5s", "10/5", "-1/5s", "10/100ms"] {
            assert_eq!(RateLimit::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn each_client_has_its_own_window() {
        let counter = RateCounter::new(RateLimit { n_requests: 2, window: 5 });
        let at = |seconds: i64| Timestamp::from_second(1_795_435_200 + seconds).unwrap();
        let left = |client: &str, second| {
            let rate = counter.count(client, at(second));
            (rate.remaining, rate.is_over)
        };
        assert_eq!([left("a", 0), left("a", 1), left("a", 4)], [(1, false), (0, false), (0, true)]);
        assert_eq!(left("b", 4), (1, false));
        assert_eq!(counter.look("a", at(4)).reset, at(5));
        assert_eq!(left("a", 5), (1, false));
    }
}
