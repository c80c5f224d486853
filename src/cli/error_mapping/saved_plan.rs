//! A plan that can't be saved or used.

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::SavedPlanError;

/// Returns the failure for a plan that can't be saved or used.
pub(super) fn map_saved_plan_error(error: &SavedPlanError) -> Failure {
    match error {
        SavedPlanError::Occupied(_) => Failure::of(ExitCode::Usage, error)
            .hint("give the plan another name, or remove what is there"),
        SavedPlanError::Unwritten { .. } => Failure::of(ExitCode::Failed, error).hint(
            "nothing was sent; check that the folder exists, can be written to, and has room on \
             its disk",
        ),
        SavedPlanError::Unusable { path, .. } => Failure::of(ExitCode::Invalid, error)
            .hint(format!("save a plan there with `zrel plan --out {}`", path.display())),
    }
}
