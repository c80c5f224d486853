//! What a command works with.

use std::path::Path;
use std::sync::Arc;

use crate::check::Called;
use crate::ui::Ui;

use super::args::Global;
use super::places;

/// What a command works with.
pub(in crate::cli) struct Context {
    /// What holds for every command.
    pub(in crate::cli) global: Global,
    /// The terminal.
    pub(in crate::cli) ui: Arc<Ui>,
    /// What runs everything that waits.
    pub(in crate::cli) runtime: tokio::runtime::Runtime,
}

impl Context {
    /// Returns the program as it was called: with the folder and the manifest that were named.
    pub(in crate::cli) fn command(&self) -> String {
        self.called().with_manifest
    }

    /// Returns the program as it was called.
    pub(in crate::cli) fn called(&self) -> Called {
        let folder = self.global.directory.as_deref().unwrap_or(Path::new(""));
        places::called(folder, &self.global.manifest)
    }
}
