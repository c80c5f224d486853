//! Gives each request its turn, so that all together stay below the server's limit.
//!
//! The pacer is pure: the time is an argument.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::clock::Clock;

use super::budget::{Budget, CALL_TIMEOUT};

/// Gives each request its turn.
#[derive(Debug)]
struct Pacer {
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
    fn new(n_clients: u32) -> Self {
        Self { n_clients: n_clients.max(1), budget: None, n_open: 0, last: None }
    }

    /// Notes what the server still accepts, as the answer to an open request says.
    fn note(&mut self, budget: Budget) {
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

/// Who has a turn at which time.
#[derive(Debug)]
pub(super) struct Turns {
    pacer: Mutex<Pacer>,
    /// Held by the first request, and closed once that has ended.
    first: Semaphore,
}

/// The turn of a request, until it is dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
}

impl Turns {
    /// Makes the turns of one of so many clients that share a limit.
    pub(super) fn new(n_clients: u32) -> Self {
        Self { pacer: Mutex::new(Pacer::new(n_clients)), first: Semaphore::new(1) }
    }

    /// Takes the next turn, and returns how long to wait for it. Until the first request has its
    /// answer nobody knows the budget, and those after it wait for that: a process that begins with
    /// many at once would have all of them refused where another one has used the budget up.
    pub(super) async fn take(&self, clock: &Clock) -> (Turn<'_>, Duration) {
        if let Ok(first) = self.first.acquire().await {
            first.forget();
        }
        (Turn { turns: self }, self.lock().take_turn(clock.now()))
    }

    /// Notes what the server still accepts.
    pub(super) fn note(&self, budget: Budget) {
        self.lock().note(budget);
    }

    fn lock(&self) -> MutexGuard<'_, Pacer> {
        self.pacer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.first.close();
        self.turns.lock().end_turn();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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

    /// Workers that each run one process after the other. Each process makes `n_requests`: one, and
    /// once it is answered so many at once. They take `latency`, and each eleventh begins later than
    /// its turn, by `delay`.
    #[derive(Debug)]
    struct Workers {
        n_clients: u32,
        n_requests: usize,
        n_at_once: usize,
        latency: i64,
        delay: i64,
    }

    /// A process of a worker.
    struct Process {
        pacer: Pacer,
        n_begun: usize,
        n_done: usize,
    }

    impl Workers {
        fn new_process(&self) -> Process {
            Process { pacer: Pacer::new(self.n_clients), n_begun: 1, n_done: 0 }
        }

        /// Returns how many of the next requests a process makes after an answer.
        fn count_next(&self, process: &Process) -> usize {
            let n_open = process.n_begun - process.n_done;
            let at_once = self.n_at_once - n_open;
            at_once.min(self.n_requests - process.n_begun)
        }

        /// Returns how many requests were refused of processes that knew the budget.
        fn count_refused(&self) -> usize {
            let mut server = Server { reset: 0, n: 0 };
            let mut workers: Vec<_> = (0..self.n_clients).map(|_| self.new_process()).collect();
            // When which worker's next request begins; the first ones do not begin together.
            let mut due: BTreeSet<(i64, usize, usize)> = (0..workers.len())
                .map(|at| (NOW * 1_000 + i64::try_from(37 * at).unwrap(), 0, at))
                .collect();
            let mut n_refused = 0;
            for nth in 1..20_000 {
                let (now, _, at) = due.pop_first().unwrap();
                let process = &mut workers[at];
                let (budget, is_refused) = server.count(now);
                n_refused += usize::from(is_refused && process.pacer.budget.is_some());
                process.pacer.note(budget);
                process.pacer.end_turn();
                // Answers take differently long, so that the order of the workers changes.
                let differs = i64::try_from(process.n_done).unwrap() * 7 % 5;
                let mut answered = now + self.latency + differs;
                process.n_done += 1;
                let mut n_next = self.count_next(process);
                if is_refused {
                    // It is made again when the server says.
                    answered = answered.max((server.reset / 1_000 + 1) * 1_000);
                    (process.n_done, n_next) = (process.n_done - 1, 1);
                } else if process.n_done == self.n_requests {
                    (*process, n_next) = (self.new_process(), 1);
                } else {
                    process.n_begun += n_next;
                }
                let turn = Timestamp::from_millisecond(answered).unwrap();
                for k in 0..n_next {
                    let wait = workers[at].pacer.take_turn(turn);
                    let late = if nth % 11 == 0 { self.delay } else { 0 };
                    let begins = answered + i64::try_from(wait.as_millis()).unwrap() + late;
                    due.insert((begins, 10 * nth + k, at));
                }
            }
            n_refused
        }
    }

    #[test]
    fn workers_that_start_one_process_after_the_other_stay_below_the_limit() {
        for n_clients in [1, 2, 4, 8] {
            for n_requests in [3, 7, 20] {
                for latency in [2, 20, 90] {
                    for (n_at_once, delay) in [(1, 0), (1, 300), (4, 0), (4, 300)] {
                        let workers = Workers { n_clients, n_requests, n_at_once, latency, delay };
                        assert_eq!(workers.count_refused(), 0, "{workers:?}");
                    }
                }
            }
        }
    }

    #[tokio::test]
    async fn until_the_first_request_has_ended_the_others_wait() {
        let clock = Clock::set(Timestamp::from_second(NOW).unwrap());
        let turns = Turns::new(1);
        let (first, _) = turns.take(&clock).await;
        let waiting = futures_util::future::join(turns.take(&clock), turns.take(&clock));
        let mut waiting = std::pin::pin!(waiting);
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        turns.note(Budget::read(Some("133"), Some("0"), Some(&in_seconds(30))).unwrap());
        drop(first);
        let ((_second, wait), (_third, _)) = waiting.await;
        assert_eq!(wait, Duration::from_secs(30));
    }
}
