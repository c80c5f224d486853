//! Faults on demand: which request meets which, and what they hold up.
//!
//! [`Faults`] is a handle that a test, or `zrel serve --faults`, shares with a running server. Here
//! is counted and remembered; `http::mishap` carries out, `accept` closes the door, `file` reads
//! them from TOML. Deliberately absent: what any request means.

mod file;
mod kinds;

pub use file::{InvalidFaults, parse_faults};
pub use kinds::{Fault, FaultKind, Matches, Other};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::state::State;

/// The faults of a server: a handle, cheap to clone.
#[derive(Debug, Clone)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
    /// Counts how often the faults were replaced: whoever is held up waits for the next one.
    epoch: Arc<watch::Sender<u64>>,
    door: Arc<watch::Sender<Door>>,
}

/// Whether new connections are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// They are.
    Open,
    /// They are refused, for so long or until the faults are replaced.
    Closed(Duration),
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Vec<Waiting>,
    fired: usize,
    hung: usize,
    late: Option<Late>,
}

/// A fault, and how many requests have matched it.
#[derive(Debug)]
struct Waiting {
    fault: Fault,
    seen: usize,
}

/// What reads are answered from, for a while.
#[derive(Debug)]
struct Late {
    state: State,
    reads: usize,
    listings_only: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self::none()
    }
}

impl Faults {
    /// Makes a handle without faults.
    pub fn none() -> Self {
        Self {
            inner: Arc::default(),
            epoch: Arc::new(watch::Sender::new(0)),
            door: Arc::new(watch::Sender::new(Door::Open)),
        }
    }

    /// Replaces all faults: counting begins anew, and what an earlier fault holds up is let go.
    pub fn set(&self, faults: Vec<Fault>) {
        let mut inner = self.lock();
        inner.waiting = faults.into_iter().map(|fault| Waiting { fault, seen: 0 }).collect();
        inner.fired = 0;
        inner.late = None;
        drop(inner);
        self.epoch.send_modify(|epoch| *epoch += 1);
        self.open_door();
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

    /// Counts a request, and returns the fault that it meets; of several, the first.
    pub(crate) fn met_by(&self, method: &str, path: &str) -> Option<FaultKind> {
        let mut met = None;
        for waiting in &mut self.lock().waiting {
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
        met
    }

    /// Notes that a fault took effect.
    pub(crate) fn fire(&self) {
        self.lock().fired += 1;
    }

    /// Lets the next reads be answered from this state.
    pub(crate) fn show_late(&self, state: State, reads: usize, listings_only: bool) {
        self.lock().late = Some(Late { state, reads, listings_only });
    }

    /// Returns the state that a read is answered from, where that is not the present one.
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

    /// Holds a request up until the faults are replaced, or whoever asked has gone.
    pub(crate) async fn hang(&self) {
        let mut epoch = self.epoch.subscribe();
        self.lock().hung += 1;
        let _hung = Hung(self);
        // A sender that is gone lets go too.
        let _ = epoch.changed().await;
    }

    /// Closes the door.
    pub(crate) fn close_door(&self, time: Duration) {
        self.door.send_replace(Door::Closed(time));
    }

    /// Opens the door.
    pub(crate) fn open_door(&self) {
        self.door.send_replace(Door::Open);
    }

    /// Tells whether the door is closed.
    pub(crate) fn is_closed(&self) -> bool {
        *self.door.borrow() != Door::Open
    }

    /// Returns what tells of the door.
    pub(crate) fn door(&self) -> watch::Receiver<Door> {
        self.door.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that hangs; one fewer when it is dropped.
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
        let publish = || faults.met_by("POST", "/api/deposit/depositions/7/actions/publish");
        assert_eq!(publish(), None);
        assert_eq!(faults.met_by("POST", "/api/deposit/depositions/7/actions/edit"), None);
        assert_eq!(faults.met_by("GET", "/api/deposit/depositions/7/actions/publish"), None);
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
