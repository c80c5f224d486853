//! Turns errors into exit codes and hints; each file maps one kind of error.

mod api;
mod apply;
mod engine;
mod import;
mod local;
mod lock;
mod rebuild;
mod record_name;
mod saved_plan;

pub(super) use api::{UNTRUSTED, map_api_error, report_not_ours};
pub(super) use engine::map_engine_error;
pub(super) use local::{SET_ASIDE, map_local_error};
pub(super) use lock::map_lock_error;
pub(super) use record_name::map_name_fault;

use super::failure::Failure;
use crate::engine::import::ImportError;
use crate::engine::{EngineError, RebuildError, SavedPlanError};
use import::map_import_error;
use rebuild::map_rebuild_error;
use saved_plan::map_saved_plan_error;

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        map_engine_error(&error, None)
    }
}

impl From<RebuildError> for Failure {
    fn from(error: RebuildError) -> Self {
        map_rebuild_error(&error)
    }
}

impl From<SavedPlanError> for Failure {
    fn from(error: SavedPlanError) -> Self {
        map_saved_plan_error(&error)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        map_import_error(&error)
    }
}
