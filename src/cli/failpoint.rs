//! Holds a run at a write of its journal, so that a test can kill it just there.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::apply::Failpoint;

use super::environment;

/// Returns what watches the journals of this run; nothing but in tests.
pub(super) fn watch() -> Option<Failpoint> {
    let (at, marker) = environment::hold()?;
    let seen = AtomicUsize::new(0);
    Some(Failpoint(Arc::new(move || {
        if seen.fetch_add(1, Ordering::SeqCst) + 1 == at {
            hold(&marker);
        }
    })))
}

fn hold(marker: &PathBuf) {
    // A marker that can't be written leaves the test waiting, which it says then.
    let _ = std::fs::write(marker, "held");
    loop {
        std::thread::park();
    }
}
