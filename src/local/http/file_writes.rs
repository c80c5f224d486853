//! Which uploads and deletions of files are on their way, by draft.
//!
//! Beside another one, the real server refuses a replacement and a deletion with 500 and keeps the
//! old bytes; new files are taken (zenodo-facts.md, 2026-11-28: half to three quarters of them,
//! here all, so that a client which sends them fails its tests).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::local::state::types::Recid;

/// The writes on their way.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileWrites {
    open: Arc<Mutex<Vec<Open>>>,
}

/// One write on its way.
#[derive(Debug)]
struct Open {
    draft: Recid,
    is_beside_another: Arc<AtomicBool>,
}

/// One write, on its way until this is dropped.
#[derive(Debug)]
pub(crate) struct FileWrite {
    is_beside_another: Arc<AtomicBool>,
    writes: FileWrites,
}

impl FileWrites {
    /// Begins a write to a draft.
    pub(crate) fn begin(&self, draft: Recid) -> FileWrite {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let others = open.iter().filter(|one| one.draft == draft);
        let n_others =
            others.map(|one| one.is_beside_another.store(true, Ordering::Relaxed)).count();
        let is_beside_another = Arc::new(AtomicBool::new(n_others > 0));
        open.push(Open { draft, is_beside_another: Arc::clone(&is_beside_another) });
        FileWrite { is_beside_another, writes: self.clone() }
    }
}

impl FileWrite {
    /// Returns whether another write to the draft was on its way since this one began.
    pub(crate) fn is_beside_another(&self) -> bool {
        self.is_beside_another.load(Ordering::Relaxed)
    }
}

impl Drop for FileWrite {
    fn drop(&mut self) {
        let mut open = self.writes.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|one| !Arc::ptr_eq(&one.is_beside_another, &self.is_beside_another));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_to_one_draft_see_each_other_also_after_one_has_ended() {
        let writes = FileWrites::default();
        let (a, of_another_draft) =
            (writes.begin(Recid::number(1)), writes.begin(Recid::number(2)));
        assert!(!a.is_beside_another());
        let b = writes.begin(Recid::number(1));
        drop(b);
        assert!(a.is_beside_another(), "the other one ended before this one");
        drop(a);
        assert!(!writes.begin(Recid::number(1)).is_beside_another());
        assert!(!of_another_draft.is_beside_another());
    }
}
