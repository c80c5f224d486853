//! A plan that can't be saved or used.

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{SavedPlanError, check_writable};

/// Returns the failure for a plan that can't be saved or used.
pub(super) fn map_saved_plan_error(error: &SavedPlanError) -> Failure {
    match error {
        SavedPlanError::Occupied(_) => Failure::of(ExitCode::Usage, error)
            .hint("give the plan another name, or remove what is there"),
        SavedPlanError::Unwritten { .. } => Failure::of(ExitCode::Failed, error).hint(
            "nothing was sent; check that the folder exists, can be written to, and has room on \
             its disk",
        ),
        SavedPlanError::Unusable { path, .. } => {
            // Any other file would be refused as a place for a plan.
            let is_place = !path.is_dir() && check_writable(path).is_ok();
            let place =
                if is_place { path.display().to_string() } else { "release.plan".to_owned() };
            Failure::of(ExitCode::Invalid, error)
                .hint(format!("save a plan with `zrel plan --out {place}`"))
        }
    }
}
