//! A lock that can't be read or written.

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::lock::{LockError, LockFault};

/// Returns the failure for a lock that can't be used; `zrel` is the command line up to the verb.
pub(in crate::cli) fn map_lock_error(error: &LockError, zrel: &str) -> Failure {
    let failure = |code| Failure::of(code, error);
    match error {
        LockError::Write { .. } => {
            failure(ExitCode::Failed).hint("make sure that it can be written, and run this again")
        }
        // Rebuilding would lose what the newer zrel wrote, so it is not offered here.
        LockError::Fault { source: LockFault::Future(_), .. } => {
            failure(ExitCode::Invalid).hint("use the zrel that wrote it, or a later one")
        }
        LockError::Fault { path, .. } | LockError::Read { path, .. } => {
            // Only the committed lock can come from git; that of the local server is ignored there.
            let is_committed = path.file_name().is_some_and(|name| name == "zenodo.lock");
            let failure = failure(ExitCode::Invalid).hint(format!(
                "rebuild the entry from the server: `{zrel} lock --rebuild`; the file as it is now \
                 is kept beside it"
            ));
            let has_sums = matches!(error, LockError::Fault { source: LockFault::Sum { .. }, .. });
            match (is_committed, has_sums) {
                (true, true) => failure.hint("or restore the line from git, as zrel wrote it"),
                (true, false) => failure.hint("or restore the whole file from git"),
                (false, _) => failure,
            }
        }
    }
}
