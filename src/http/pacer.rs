//! Gives each request its turn, so that all together stay below the server's limit.
//!
//! Pure: the time is an argument.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::budget::{Budget, CALL_TIMEOUT};

/// Gives each request its turn.
#[derive(Debug)]
pub(super) struct Pacer {
    /// How many clients share the limit; at least 1.
    n_clients: u32,
    budget: Option<Budget>,
    /// How many requests have their turn, perhaps later, and no answer yet.
    n_open: u64,
    /// When the last request that had to wait may begin.
    last: Option<Timestamp>,
}

impl Pacer {
    /// Makes a pacer for one of so many clients, which knows no budget yet.
    pub(super) fn new(n_clients: u32) -> Self {
        Self { n_clients: n_clients.max(1), budget: None, n_open: 0, last: None }
    }

    /// Notes what the server still accepts, as the answer to an open request says.
    pub(super) fn note(&mut self, budget: Budget) {
        // The server has not counted the other open ones, of which some wait for their turn.
        let others = self.n_open.saturating_sub(1);
        self.budget = Some(budget.after(others));
    }

    /// Notes that a request has its answer, or gets none.
    fn end_turn(&mut self) {
        self.n_open = self.n_open.saturating_sub(1);
    }

    /// Returns how long the next request waits. Requests that wait at the same time begin one after
    /// the other, and none later than the reset.
    fn take_turn(&mut self, now: Timestamp) -> Duration {
        self.n_open = self.n_open.saturating_add(1);
        let Some(budget) = self.budget else { return Duration::ZERO };
        let apart = budget.spread(now, self.n_clients);
        self.budget = Some(budget.after(1));
        if apart.is_zero() {
            self.last = None;
            return Duration::ZERO;
        }
        let from = self.last.filter(|last| *last > now).unwrap_or(now);
        let latest = budget.until_reset(now).min(CALL_TIMEOUT);
        let before = Duration::try_from(from.duration_since(now)).unwrap_or_default();
        let wait = before.saturating_add(apart).min(latest);
        self.last = now.checked_add(wait).ok();
        wait
    }
}

/// The turn of a request, until it is dropped.
pub(super) struct Turn<'a> {
    pacer: &'a Mutex<Pacer>,
}

impl<'a> Turn<'a> {
    /// Takes the next turn, and returns how long to wait for it.
    pub(super) fn take(pacer: &'a Mutex<Pacer>, now: Timestamp) -> (Self, Duration) {
        let wait = pacer.lock().unwrap_or_else(PoisonError::into_inner).take_turn(now);
        (Self { pacer }, wait)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.pacer.lock().unwrap_or_else(PoisonError::into_inner).end_turn();
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
        let mut pacer = Pacer::new(1);
        if let Some(budget) = budget {
            pacer.note(budget);
        }
        pacer.take_turn(now)
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

    #[test]
    fn requests_that_wait_at_once_begin_one_after_the_other() {
        let now = Timestamp::from_second(NOW).unwrap();
        let mut pacer = Pacer::new(1);
        pacer.note(Budget::read(Some("133"), Some("9"), Some(&in_seconds(30))).unwrap());
        let mut waits: Vec<u64> = (0..3).map(|_| pacer.take_turn(now).as_secs()).collect();
        assert!(waits.is_sorted() && waits[0] >= 3 && waits[2] >= 9, "{waits:?}");
        // None waits beyond the reset, however many there are.
        waits.extend((0..20).map(|_| pacer.take_turn(now).as_secs()));
        assert_eq!(waits.last(), Some(&30));
    }

    #[test]
    fn clients_that_share_a_limit_begin_to_wait_earlier_and_wait_longer() {
        let now = Timestamp::from_second(NOW).unwrap();
        let wait = |n_clients, remaining: &str| {
            let mut pacer = Pacer::new(n_clients);
            pacer.note(Budget::read(Some("100"), Some(remaining), Some(&in_seconds(60))).unwrap());
            pacer.take_turn(now)
        };
        assert_eq!(wait(1, "30"), Duration::ZERO);
        assert_eq!(wait(4, "40"), Duration::ZERO);
        assert_eq!(wait(4, "39"), Duration::from_millis(7_500));
        assert_eq!(wait(1, "9"), Duration::from_secs(6));
        assert_eq!(wait(4, "9"), Duration::from_mins(1));
    }

    /// Counts the requests of all clients, as a server with a window of time does. Milliseconds.
    struct Server {
        reset: i64,
        n: u64,
    }

    impl Server {
        const LIMIT: u64 = 100;
        const WINDOW: i64 = 5_000;

        /// Counts a request, and returns what is left, and whether it was one too many.
        fn count(&mut self, now: i64) -> (Budget, bool) {
            if self.reset <= now {
                (self.reset, self.n) = (now + Self::WINDOW, 0);
            }
            self.n += 1;
            let reset = (self.reset / 1_000 + 1).to_string();
            let left = Self::LIMIT.saturating_sub(self.n).to_string();
            let budget = Budget::read(Some(&Self::LIMIT.to_string()), Some(&left), Some(&reset));
            (budget.unwrap(), self.n > Self::LIMIT)
        }
    }

    /// Lets workers each run one process after the other, and returns how many requests were refused
    /// of processes that knew the budget. Each process makes `n_requests`, which take `latency`.
    fn count_refused(n_clients: u32, n_requests: usize, latency: i64) -> usize {
        let mut server = Server { reset: 0, n: 0 };
        let new_process = || (Pacer::new(n_clients), 0);
        let mut workers: Vec<_> = (0..n_clients).map(|_| new_process()).collect();
        // When which worker's next request begins; the first ones do not begin together.
        let mut due: std::collections::BTreeSet<(i64, usize)> = (0..workers.len())
            .map(|at| (NOW * 1_000 + i64::try_from(37 * at).unwrap(), at))
            .collect();
        let mut n_refused = 0;
        for _ in 0..20_000 {
            let (now, at) = due.pop_first().unwrap();
            let (pacer, n_done) = &mut workers[at];
            let (budget, is_refused) = server.count(now);
            n_refused += usize::from(is_refused && pacer.budget.is_some());
            pacer.note(budget);
            pacer.end_turn();
            // Answers take differently long, so that the order of the workers changes.
            let mut answered = now + latency + i64::try_from(*n_done).unwrap() * 7 % 5;
            if is_refused {
                // It is made again when the server says.
                answered = answered.max((server.reset / 1_000 + 1) * 1_000);
            } else {
                *n_done += 1;
            }
            if *n_done == n_requests {
                workers[at] = new_process();
            }
            let turn = Timestamp::from_millisecond(answered).unwrap();
            let wait = workers[at].0.take_turn(turn);
            due.insert((answered + i64::try_from(wait.as_millis()).unwrap(), at));
        }
        n_refused
    }

    #[test]
    fn workers_that_start_one_process_after_the_other_stay_below_the_limit() {
        for n_clients in [1, 2, 4, 8] {
            for n_requests in [3, 7, 20] {
                for latency in [2, 20, 90] {
                    let n_refused = count_refused(n_clients, n_requests, latency);
                    assert_eq!(n_refused, 0, "{n_clients} {n_requests} {latency}");
                }
            }
        }
    }
}
