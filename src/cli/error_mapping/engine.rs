//! Errors of the engine, and the faults of a manifest.

use std::io;

use super::api::{map_api_error, map_http_error, map_refresh_error};
use super::apply::{choose_apply_code, map_apply_error};
use super::local::map_local_error;
use super::lock::map_lock_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{EngineError, Faults, Project};
use crate::inventory::ReadError;
use crate::model::Severity;
use crate::render::{Source, escape_text};

/// What to do about a manifest's name that is no text.
const NO_UTF_8: &str = "give it a name that is UTF-8";

/// Returns what to do where the manifest asks for an API that the server has not.
fn advise_records(name: &str) -> String {
    let name = escape_text(name);
    format!("remove the line of `{name}` under [api]: zrel then uses the records API")
}

/// Returns the failure for an error of the engine; with the project, an apply's says what was done.
pub(in crate::cli) fn map_engine_error(error: &EngineError, project: Option<&Project>) -> Failure {
    let failure = |code| Failure::of(code, error);
    match error {
        EngineError::ManifestName(_) => failure(ExitCode::Usage).hint(NO_UTF_8),
        EngineError::ManifestUnread(unread) => {
            let failure = failure(ExitCode::Invalid)
                .hint("name the manifest's folder with -C DIR, or the file with --manifest FILE");
            // A folder that has none is often one that needs one.
            let is_missing = matches!(unread, ReadError::Unreadable { source, .. }
                if source.kind() == io::ErrorKind::NotFound);
            if is_missing {
                failure.hint("write one from what the repository has: zrel init")
            } else {
                failure
            }
        }
        EngineError::Invalid(faults) => map_faults(faults),
        EngineError::Folder(_) | EngineError::JournalUnwritten(_) | EngineError::RunLock { .. } => {
            failure(ExitCode::Failed)
        }
        EngineError::Lock { source, invocation } => {
            map_lock_error(source, &invocation.with_manifest)
        }
        // The journal can go: for a bound record the server's own state is enough to continue.
        EngineError::Journal(_) => failure(ExitCode::Invalid)
            .hint("remove it: zrel then relies on the server and the lock"),
        EngineError::Busy(_) => {
            failure(ExitCode::Busy).hint("wait until it has ended, and run this again")
        }
        EngineError::Address(_) => failure(ExitCode::Invalid),
        EngineError::NotAllowed(host) => {
            failure(ExitCode::Blocked).hint(format!("if it is meant: --allow-server {host}"))
        }
        EngineError::Client(error) => map_http_error(error),
        EngineError::Local(error) => map_local_error(error),
        EngineError::Api(error) => map_api_error(error),
        EngineError::Refresh(error) => map_refresh_error(error),
        EngineError::NoDepositApi(name) => failure(ExitCode::Invalid).hint(advise_records(name)),
        EngineError::DraftChanged(_) => {
            failure(ExitCode::Stale).hint("look at it with `zrel show`, and run this again")
        }
        EngineError::NoDraft => {
            failure(ExitCode::Unavailable).hint("run this again in a few seconds")
        }
        EngineError::Changed => failure(ExitCode::Stale).hint("make the plan again, and review it"),
        EngineError::Apply { source, sent } => match project {
            Some(project) => map_apply_error(source, sent, project),
            // Without a project there is no manifest to point into, and no command to offer.
            None => Failure::of(choose_apply_code(source), source),
        },
        EngineError::Shared { name, manifest, is_gone, .. } => {
            let mut failure = failure(ExitCode::Blocked);
            failure.causes.push("a record belongs to one manifest".to_owned());
            // A manifest whose file is missing was probably renamed; its entries then only have to
            // follow.
            let failure = if *is_gone {
                failure.hint(format!(
                    "if `{name}` is now `{manifest}`: zrel lock mv {name} {manifest}"
                ))
            } else {
                failure
            };
            failure.hint(format!("if `{name}` no longer describes it: zrel lock rm {name}"))
        }
    }
}

/// Returns the failure for the faults of a manifest, with what they point at.
fn map_faults(faults: &Faults) -> Failure {
    let Faults { findings, path, text } = faults;
    let first = findings.iter().find(|finding| finding.severity == Severity::Error);
    let source = Source { path, text };
    let failure = Failure::findings(ExitCode::Invalid, faults.to_string(), findings, Some(source));
    match first {
        Some(first) => failure.hint(format!("more about a finding: zrel explain {}", first.code)),
        None => failure,
    }
}
