//! A lock that can't be rebuilt.

use super::api::{map_api_error, map_refresh_error};
use super::engine::map_engine_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::RebuildError;

/// Returns the failure for a lock that can't be rebuilt.
pub(super) fn map_rebuild_error(error: &RebuildError) -> Failure {
    match error {
        RebuildError::TwoConcepts { .. } => Failure::of(ExitCode::Usage, error)
            .hint("leave the flag out, or change `[record.concept]`"),
        RebuildError::NoConcept => Failure::of(ExitCode::Usage, error)
            .hint("name it: `zrel lock --rebuild --concept ID`, by its number or its concept DOI"),
        RebuildError::NoRecord { message, .. } => {
            let mut failure = Failure::of(ExitCode::Invalid, error);
            failure.causes.push(message.clone());
            failure.hint("check the concept: its number follows `zenodo.` in the concept DOI")
        }
        RebuildError::NotOurs { .. } => Failure::of(ExitCode::Credentials, error)
            .hint("check the credential: `zrel auth status` says which one it is, and whose"),
        RebuildError::Refresh(error) => map_refresh_error(error),
        RebuildError::Api(error) => map_api_error(error),
        RebuildError::Engine(error) => map_engine_error(error, None),
    }
}
