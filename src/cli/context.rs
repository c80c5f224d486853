//! What a command works with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::SecretString;

use crate::check::Invocation;
use crate::engine::{ProjectOptions, make_invocation};
use crate::http::READ_TIMEOUT;
use crate::terminal::Terminal;

use super::args::Global;
use super::credential::Token;
use super::{environment, failpoint};

/// What a command works with.
pub(in crate::cli) struct Context {
    /// The options of every command.
    pub(in crate::cli) global: Global,
    /// The terminal.
    pub(in crate::cli) terminal: Arc<Terminal>,
    /// The runtime of every async call.
    pub(in crate::cli) runtime: Arc<tokio::runtime::Runtime>,
    /// Where the token that was used was found, in words.
    pub(in crate::cli) token_source: OnceLock<String>,
}

impl Context {
    /// Returns the context of another manifest, as if the program was called for it.
    pub(in crate::cli) fn for_member(&self, folder: PathBuf, manifest: PathBuf) -> Self {
        Self {
            global: Global { directory: Some(folder), manifest, ..self.global.clone() },
            terminal: Arc::clone(&self.terminal),
            runtime: Arc::clone(&self.runtime),
            token_source: OnceLock::new(),
        }
    }

    /// Returns the command line up to the verb: with the folder and the manifest that were named.
    pub(in crate::cli) fn command(&self) -> String {
        self.invocation().with_manifest
    }

    /// Returns the project's location and the time limits.
    pub(in crate::cli) fn project_options(&self) -> ProjectOptions {
        let Global { directory, manifest, time_limit, read_timeout, .. } = &self.global;
        let clock = environment::make_clock();
        ProjectOptions {
            folder: directory.clone().unwrap_or_default(),
            manifest: manifest.clone(),
            // The deadline is set here, before any file is read: the limit is for the whole run.
            deadline: clock.deadline_in(time_limit.unwrap_or(Duration::MAX)),
            clock,
            read_timeout: read_timeout.unwrap_or(READ_TIMEOUT),
            failpoint: failpoint::watch(),
        }
    }

    /// Notes where a token was found, and returns the token.
    pub(in crate::cli) fn use_token(&self, token: Token) -> SecretString {
        // A command uses the token of one server.
        let _ = self.token_source.set(token.source);
        token.secret
    }

    /// Returns how the program was called.
    pub(in crate::cli) fn invocation(&self) -> Invocation {
        let folder = self.global.directory.as_deref().unwrap_or(Path::new(""));
        make_invocation(folder, &self.global.manifest)
    }
}
