//! How many requests the server still accepts, and how to spread them out.
//!
//! Pure: the time is an argument. The server's numbers are not trusted: one request waits for a
//! minute at most.

use std::time::Duration;

use jiff::Timestamp;

/// With this many requests left, nothing waits: few applies make more.
const PLENTY: u64 = 50;

/// The longest wait of one request, whatever the server says.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_mins(1);

/// Requests are counted for an hour at most (zenodo-facts.md, 2026-11-23).
const WINDOW: Duration = Duration::from_hours(1);

/// The requests that a server still accepts, as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How many it accepts in all, until it counts anew.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: u64,
    /// When it counts anew.
    pub reset: Timestamp,
}

impl Budget {
    /// Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the last in seconds since 1970
    /// (zenodo-notes.md, 2026-11-23); `None` when they can't be understood.
    pub(super) fn read(
        limit: Option<&str>,
        remaining: Option<&str>,
        reset: Option<&str>,
    ) -> Option<Self> {
        let remaining = remaining?.trim().parse().ok()?;
        let reset = Timestamp::from_second(reset?.trim().parse().ok()?).ok()?;
        let limit = limit.and_then(|text| text.trim().parse().ok());
        Some(Self { limit, remaining, reset })
    }

    /// Returns the budget after so many more requests.
    pub(super) fn after(self, n_requests: u64) -> Self {
        Self { remaining: self.remaining.saturating_sub(n_requests), ..self }
    }

    /// Returns how far apart requests are: not at all while plenty is left, otherwise so far that the
    /// rest is spread over the time until the reset. Of several clients that share the limit, each
    /// leaves room for as many as they are.
    pub(super) fn spread(&self, now: Timestamp, n_clients: u32) -> Duration {
        let until = self.until_reset(now);
        if until.is_zero() || !self.is_little(n_clients) {
            return Duration::ZERO;
        }
        // One more than remain, so that with none left the wait is the whole time.
        let left = self.remaining.saturating_sub(self.reserve(n_clients));
        let requests = u32::try_from(left).unwrap_or(u32::MAX).saturating_add(1);
        (until / requests).saturating_mul(n_clients).min(until).min(CALL_TIMEOUT)
    }

    /// Returns the time until the server counts anew.
    pub(super) fn until_reset(&self, now: Timestamp) -> Duration {
        let until = Duration::try_from(self.reset.duration_since(now)).unwrap_or_default();
        until.min(WINDOW)
    }

    /// Returns how many requests stay for clients that know no budget yet. A worker that ends while
    /// the others wait for the reset is followed by a new one, whose first request waits for nothing;
    /// and each may have had a turn that was given while more was left.
    fn reserve(&self, n_clients: u32) -> u64 {
        if n_clients < 2 {
            return 0;
        }
        // Of a small limit, something must be left to share.
        let most = self.limit.map_or(PLENTY, |limit| limit / 4);
        u64::from(n_clients).saturating_mul(2).min(most)
    }

    /// Returns whether less than a tenth is left for each client.
    fn is_little(&self, n_clients: u32) -> bool {
        let tenth = self.limit.map_or(PLENTY, |limit| limit.div_ceil(10)).max(1);
        self.remaining < tenth.min(PLENTY).saturating_mul(n_clients.into())
    }
}
