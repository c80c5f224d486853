//! Which API drafts are read and written by.

use std::sync::Arc;

use tokio::sync::OnceCell;

/// Which API drafts are read and written by. Published records are read by the records API, which
/// every InvenioRDM server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The deposit API, which only Zenodo and forks of it have; the records API where that can do
    /// more.
    Deposit,
    /// The records API alone.
    Records,
}

/// The backend of a server, which may have to be found out. Clones share what was found.
#[derive(Debug, Clone, Default)]
pub struct BackendOf(pub(super) Arc<OnceCell<Backend>>);

impl From<Backend> for BackendOf {
    fn from(known: Backend) -> Self {
        Self(Arc::new(OnceCell::new_with(Some(known))))
    }
}

impl BackendOf {
    /// Returns it, if it is known.
    pub fn known(&self) -> Option<Backend> {
        self.0.get().copied()
    }

    /// Notes what an answer showed.
    pub(super) fn note(&self, shown: Backend) {
        // Another task may have found it out meanwhile.
        let _ = self.0.set(shown);
    }
}
