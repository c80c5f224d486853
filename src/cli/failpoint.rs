//! Holds a run at a write of its journal, so that a test can kill it just there.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::apply::Failpoint;

use super::environment;

/// Returns the watcher of this run's journals; none outside of tests.
pub(super) fn watch() -> Option<Failpoint> {
    let (at, marker) = environment::read_hold()?;
    let seen = AtomicUsize::new(0);
    Some(Failpoint(Arc::new(move || {
        if seen.fetch_add(1, Ordering::SeqCst) + 1 == at {
            hold(&marker);
        }
    })))
}

fn hold(marker: &PathBuf) {
    // If the marker can't be written, the test waits in vain and reports that.
    let _ = std::fs::write(marker, "held");
    // The test kills the process here, and nothing may be written before that.
    loop {
        std::thread::park();
    }
}
