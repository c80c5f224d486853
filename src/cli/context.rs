//! What a command works with.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::check::Called;
use crate::engine::{ProjectOptions, called};
use crate::http::SILENCE;
use crate::ui::Ui;

use super::args::Global;
use super::{environment, hold};

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

    /// Returns which project is meant, and how much time there is.
    pub(in crate::cli) fn project_options(&self) -> ProjectOptions {
        let Global { directory, manifest, time_limit, silence, .. } = &self.global;
        let clock = environment::clock();
        ProjectOptions {
            folder: directory.clone().unwrap_or_default(),
            manifest: manifest.clone(),
            deadline: clock.countdown(time_limit.unwrap_or(Duration::MAX)),
            clock,
            read_timeout: silence.unwrap_or(SILENCE),
            watch: hold::watch(),
        }
    }

    /// Returns the program as it was called.
    pub(in crate::cli) fn called(&self) -> Called {
        let folder = self.global.directory.as_deref().unwrap_or(Path::new(""));
        called(folder, &self.global.manifest)
    }
}
