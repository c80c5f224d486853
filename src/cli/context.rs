//! What a command works with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;

use crate::check::Invocation;
use crate::clock::{Clock, Deadline};
use crate::engine::{PlannedIn, ProjectOptions, make_invocation};
use crate::http::{Credential, READ_TIMEOUT};
use crate::lock::USUAL_MANIFEST;
use crate::render::write_json_text;
use crate::terminal::Terminal;

use super::args::Global;
use super::connections::Connections;
use super::credential::Found;
use super::{environment, failpoint};

/// What a command works with.
pub(in crate::cli) struct Context {
    /// The options of every command.
    pub(in crate::cli) global: Global,
    /// The terminal.
    pub(in crate::cli) terminal: Arc<Terminal>,
    /// The runtime of every async call.
    pub(in crate::cli) runtime: Arc<tokio::runtime::Runtime>,
    /// The workspace that the manifest is a member of, where several are meant.
    pub(in crate::cli) planned_in: Option<PlannedIn>,
    /// The connections that several members share; none for one record.
    pub(in crate::cli) connections: Option<Arc<Connections>>,
    /// The document of a member, for that of all of them; printed at once for one record.
    pub(in crate::cli) document: Option<Mutex<Option<Json>>>,
    /// The clock, and until when the run may take; several members share them.
    pub(in crate::cli) time: OnceLock<(Clock, Deadline)>,
    /// Where the credential that was used was found, in words.
    pub(in crate::cli) credential_source: OnceLock<String>,
}

impl Context {
    /// Returns the context of a member, as if the program was called for it.
    pub(in crate::cli) fn for_member(
        &self,
        folder: PathBuf,
        manifest: PathBuf,
        planned_in: PlannedIn,
        connections: Arc<Connections>,
    ) -> Self {
        Self {
            planned_in: Some(planned_in),
            connections: Some(connections),
            document: Some(Mutex::default()),
            global: Global { directory: Some(folder), manifest, ..self.global.clone() },
            terminal: Arc::clone(&self.terminal),
            runtime: Arc::clone(&self.runtime),
            time: OnceLock::from(self.time().clone()),
            credential_source: OnceLock::new(),
        }
    }

    /// Returns the same context with connections that several releases share.
    pub(in crate::cli) fn with_connections(&self, connections: Arc<Connections>) -> Self {
        Self {
            planned_in: None,
            connections: Some(connections),
            document: None,
            global: self.global.clone(),
            terminal: Arc::clone(&self.terminal),
            runtime: Arc::clone(&self.runtime),
            time: OnceLock::from(self.time().clone()),
            credential_source: OnceLock::new(),
        }
    }

    /// Prints a document, or leaves it to the command for several members.
    pub(in crate::cli) fn put_document(&self, document: Json) {
        match &self.document {
            Some(kept) => *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(document),
            None => self.terminal.print(&write_json_text(&document)),
        }
    }

    /// Takes the document of a member.
    pub(in crate::cli) fn take_document(&self) -> Option<Json> {
        self.document.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Returns the command line up to the verb: with the folder and the manifest that were named.
    pub(in crate::cli) fn command(&self) -> String {
        self.invocation().with_manifest
    }

    /// Returns the command that applies all members of the workspace in which this one is planned.
    pub(in crate::cli) fn root_command(&self) -> Option<String> {
        let root = self.planned_in.as_ref()?;
        Some(make_invocation(&root.folder, Path::new(USUAL_MANIFEST)).command_line)
    }

    /// Returns the project's location and the time limits.
    pub(in crate::cli) fn project_options(&self) -> ProjectOptions {
        let Global { directory, manifest, read_timeout, rate_share, .. } = &self.global;
        let (clock, deadline) = self.time().clone();
        ProjectOptions {
            folder: directory.clone().unwrap_or_default(),
            manifest: manifest.clone(),
            deadline,
            clock,
            read_timeout: read_timeout.unwrap_or(READ_TIMEOUT),
            n_clients: *rate_share,
            planned_in: self.planned_in.clone(),
            past: None,
            failpoint: failpoint::watch(),
        }
    }

    /// Returns the clock, and until when the run may take: from the first call, before any file is
    /// read.
    pub(in crate::cli) fn time(&self) -> &(Clock, Deadline) {
        self.time.get_or_init(|| {
            let clock = environment::make_clock();
            let deadline = clock.deadline_in(self.global.time_limit.unwrap_or(Duration::MAX));
            (clock, deadline)
        })
    }

    /// Notes where a credential was found, and returns it.
    pub(in crate::cli) fn use_credential(&self, found: Found) -> Credential {
        // A command uses the credential of one server.
        let _ = self.credential_source.set(found.describe());
        found.credential
    }

    /// Returns how the program was called.
    pub(in crate::cli) fn invocation(&self) -> Invocation {
        let folder = self.global.directory.as_deref().unwrap_or(Path::new(""));
        make_invocation(folder, &self.global.manifest)
    }
}
