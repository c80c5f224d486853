//! Faults on demand: which request meets which fault, and what the faults hold up.
//!
//! [`Faults`] is a handle that a test, or `zrel serve --faults`, shares with a running server. This
//! module counts and remembers; `http::fault_injection` carries the faults out, `accept` closes the
//! gate, `file` reads faults from TOML. Deliberately absent: what any request means.

mod file;
mod kinds;
pub(crate) mod listener_gate;

pub use file::{InvalidFaults, parse_faults};
pub use kinds::{ConcurrentAction, Fault, FaultKind, Matches, MixUp, Unreadable};

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::state::State;
use listener_gate::ListenerGate;

/// The faults of a server: a handle, cheap to clone; of one server at a time.
///
/// Requests to `/zrel/…`, which Zenodo does not have, meet no fault and are not counted.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
    /// Counts how often held requests were released: a held request waits for the next time.
    epoch: Arc<watch::Sender<u64>>,
    listener_gate: Arc<ListenerGate>,
}

/// A fault that a request has met.
#[derive(Debug, Clone)]
pub(crate) struct Met {
    /// What it does.
    pub(crate) kind: FaultKind,
    /// Notified when the faults are replaced.
    pub(crate) replaced: watch::Receiver<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Vec<Waiting>,
    fired: usize,
    hung: usize,
    late: Option<Late>,
    /// The states before the last writes, oldest first; `None` until a fault needs them.
    past: Option<VecDeque<State>>,
}

/// How many writes are remembered for stale reads.
const N_PAST: usize = 64;

/// A fault, and how many requests have matched it.
#[derive(Debug)]
struct Waiting {
    fault: Fault,
    seen: usize,
}

/// The state that the next reads are answered from.
#[derive(Debug)]
struct Late {
    state: State,
    reads: usize,
    listings_only: bool,
}

impl Faults {
    /// Returns a handle without faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// Replaces all faults: counting starts again, and requests that an earlier fault holds are
    /// released.
    ///
    /// A request that hung is reset, and its work is never done late. When this returns,
    /// connections are accepted again.
    pub fn set(&self, faults: Vec<Fault>) {
        let mut inner = self.lock();
        inner.waiting = faults.into_iter().map(|fault| Waiting { fault, seen: 0 }).collect();
        inner.fired = 0;
        inner.late = None;
        let is_stale = |waiting: &Waiting| matches!(waiting.fault.kind, FaultKind::Stale { .. });
        // Remembering copies the state at each write, so it starts only once a fault needs it. It
        // does not stop when the faults are replaced: a later stale fault can show these writes.
        if inner.past.is_none() && inner.waiting.iter().any(is_stale) {
            inner.past = Some(VecDeque::new());
        }
        // Under the lock: a request that has just met a fault of before has subscribed already, and
        // one that comes later meets only the new faults.
        self.epoch.send_modify(|epoch| *epoch += 1);
        drop(inner);
        self.listener_gate.open();
    }

    /// Releases held requests when the server stops; the counts stay.
    pub(crate) fn let_go(&self) {
        self.epoch.send_modify(|epoch| *epoch += 1);
        self.listener_gate.forget();
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.set(Vec::new());
    }

    /// Returns how often a fault took effect since the last [`Faults::set`].
    pub fn fired(&self) -> usize {
        self.lock().fired
    }

    /// Returns how many requests hang now.
    pub fn n_hung(&self) -> usize {
        self.lock().hung
    }

    /// Counts a request and returns the fault that it meets, the first of several.
    pub(crate) fn met_by(&self, method: &str, path: &str) -> Option<Met> {
        if path.starts_with("/zrel/") {
            return None;
        }
        let mut inner = self.lock();
        let replaced = self.epoch.subscribe();
        let mut met = None;
        // Every fault counts the request, also once one is met: the number of a request must not
        // depend on the other faults of the file.
        for waiting in &mut inner.waiting {
            if !waiting.fault.on.has(method, path) {
                continue;
            }
            waiting.seen += 1;
            let first = waiting.fault.nth;
            let last = first.saturating_add(waiting.fault.times);
            if (first..last).contains(&waiting.seen) && met.is_none() {
                met = Some(waiting.fault.kind);
            }
        }
        met.map(|kind| Met { kind, replaced })
    }

    /// Notes that a fault took effect.
    pub(crate) fn fire(&self) {
        self.lock().fired += 1;
    }

    /// Answers the next reads from this state.
    pub(crate) fn show_late(&self, state: State, reads: usize, listings_only: bool) {
        self.lock().late = Some(Late { state, reads, listings_only });
    }

    /// Returns whether past states are remembered.
    pub(crate) fn remembers(&self) -> bool {
        self.lock().past.is_some()
    }

    /// Remembers the state before a write.
    pub(crate) fn remember(&self, before: State) {
        if let Some(past) = &mut self.lock().past {
            past.push_back(before);
            if past.len() > N_PAST {
                past.pop_front();
            }
        }
    }

    /// Returns the state before the last `writes` writes; `None` when nothing was written.
    pub(crate) fn past(&self, writes: usize) -> Option<State> {
        let inner = self.lock();
        let past = inner.past.as_ref()?;
        past.get(past.len().saturating_sub(writes)).cloned()
    }

    /// Returns the state that a read is answered from, when that is not the present one.
    pub(crate) fn late_state(&self, is_listing: bool) -> Option<State> {
        let mut inner = self.lock();
        let late = inner.late.as_mut().filter(|late| is_listing || !late.listings_only)?;
        let state = late.state.clone();
        late.reads = late.reads.saturating_sub(1);
        if late.reads == 0 {
            inner.late = None;
        }
        Some(state)
    }

    /// Holds a request until the faults are replaced or the client has gone.
    pub(crate) async fn hang(&self, mut replaced: watch::Receiver<u64>) {
        self.lock().hung += 1;
        let _hung = Hung(self);
        // An error means that the handle was dropped, which also releases the request.
        let _ = replaced.changed().await;
    }

    /// Returns the gate that connections come through.
    pub(crate) fn listener_gate(&self) -> &ListenerGate {
        &self.listener_gate
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that hangs; dropping it lowers the count.
struct Hung<'a>(&'a Faults);

impl Drop for Hung<'_> {
    fn drop(&mut self) {
        self.0.lock().hung -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_met_by_the_nth_matching_requests() {
        let faults = Faults::none();
        let on = Matches::parse("POST /api/deposit/depositions/*/actions/publish").unwrap();
        faults.set(vec![Fault { on, nth: 2, times: 2, kind: FaultKind::ResetAfter }]);
        let met = |method, path| faults.met_by(method, path).map(|met| met.kind);
        let publish = || met("POST", "/api/deposit/depositions/7/actions/publish");
        assert_eq!(publish(), None);
        assert_eq!(met("POST", "/api/deposit/depositions/7/actions/edit"), None);
        assert_eq!(met("GET", "/api/deposit/depositions/7/actions/publish"), None);
        assert_eq!(publish(), Some(FaultKind::ResetAfter));
        assert_eq!(publish(), Some(FaultKind::ResetAfter));
        assert_eq!(publish(), None);
        assert_eq!(faults.fired(), 0, "nothing took effect");
        faults.fire();
        assert_eq!(faults.fired(), 1);
        faults.heal();
        assert_eq!(faults.fired(), 0);
    }

    #[test]
    fn the_past_is_remembered_from_the_first_stale_fault_on() {
        let faults = Faults::none();
        let after = |n_ids: u64| {
            let mut state = State::default();
            for _ in 0..n_ids {
                state.next_id();
            }
            state
        };
        let id_then = |writes| faults.past(writes).map(|mut state| state.next_id());
        faults.remember(after(0));
        assert!(faults.past(1).is_none());
        faults.set(vec![Fault::at(1, FaultKind::Stale { writes: 1, reads: 1 })]);
        assert!(faults.past(1).is_none(), "nothing was written since");
        for n_ids in 0..3 {
            faults.remember(after(n_ids));
        }
        faults.heal();
        let first = after(0).next_id();
        assert_eq!([1, 2, 3, 9].map(id_then), [2, 1, 0, 0].map(|n| Some(first.after(n))));
        assert!(faults.past(0).is_none(), "that is the present");
    }

    #[test]
    fn a_late_state_is_shown_so_often() {
        let faults = Faults::none();
        faults.show_late(State::default(), 2, true);
        assert!(faults.late_state(false).is_none(), "no listing");
        assert!(faults.late_state(true).is_some());
        assert!(faults.late_state(true).is_some());
        assert!(faults.late_state(true).is_none());
        faults.show_late(State::default(), 1, false);
        assert!(faults.late_state(false).is_some());
        assert!(faults.late_state(false).is_none());
    }
}
