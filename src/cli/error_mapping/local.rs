//! A local server that can't start.

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::local::LocalError;

/// Returns the failure for a local server that can't start.
pub(in crate::cli) fn map_local_error(error: &LocalError) -> Failure {
    match error {
        LocalError::Damaged { .. } | LocalError::Store { .. } => {
            Failure::of(ExitCode::Invalid, error).hint(SET_ASIDE)
        }
        LocalError::InUse { .. } => {
            Failure::of(ExitCode::Busy, error).hint("end it, and run this again")
        }
        LocalError::Folder { .. }
        | LocalError::Port { .. }
        | LocalError::Unanswered { .. }
        | LocalError::Seed { .. }
        | LocalError::Setup(_) => Failure::of(ExitCode::Failed, error),
    }
}

/// What to do when the local server's data can't be used.
pub(in crate::cli) const SET_ASIDE: &str = "to begin with an empty local server, run `zrel serve \
    --set-aside`, with the same --data if any: it moves these data into a folder beside them, and \
    deletes nothing";
