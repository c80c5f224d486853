//! A record that can't be imported.

use super::api::map_api_error;
use super::engine::map_engine_error;
use crate::api::ApiError;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::import::{ImportError, is_hidden};
use crate::model::RecordId;

/// Returns the failure for a record that can't be imported.
pub(super) fn map_import_error(error: &ImportError) -> Failure {
    let failure = |code| Failure::of(code, error);
    match error {
        ImportError::Api(error) => map_api_error(error),
        ImportError::Unseen { id, server, has_token, source } => {
            map_unseen_record(*id, server, *has_token, source)
        }
        ImportError::RestrictedFiles(_) => failure(ExitCode::Credentials)
            .hint("a manifest lists the record's files: give the token of its owner"),
        ImportError::Name(_) => failure(ExitCode::Invalid),
        ImportError::NotAFile(_) | ImportError::NotAFolder(_) => {
            failure(ExitCode::Invalid).hint("move it away, and run this again")
        }
        ImportError::OtherContent(_) => {
            failure(ExitCode::Confirmation).hint("move it away, or replace it with --force")
        }
        ImportError::Exists(_) => failure(ExitCode::Confirmation)
            .hint("import the record into another folder: -C DIR")
            .hint("or overwrite it: --force"),
        ImportError::Unfinished(_) => failure(ExitCode::Blocked)
            .hint("finish it first: zrel apply")
            .hint("or import the record into another folder: -C DIR"),
        ImportError::Engine(error) => map_engine_error(error, None),
        ImportError::Disk { .. } | ImportError::Part { .. } => failure(ExitCode::Failed),
        ImportError::NoMd5(_) => failure(ExitCode::Failed)
            .hint("download it by hand: zrel keeps no file that it can't check"),
        // What arrived is kept under `.zrel/partial`, and the next run asks for the rest.
        ImportError::Download(error) => {
            map_api_error(error).hint("run this again: it goes on from where it stopped")
        }
        ImportError::Damaged { md5, size, .. } => {
            let mut failure = failure(ExitCode::Failed);
            failure.causes.push(format!("its MD5 is not {md5}, or its size not {size}"));
            failure.hint("run this again; if that fails too, the file is damaged on the server")
        }
    }
}

/// Returns the failure for a record that can't be seen.
fn map_unseen_record(id: RecordId, server: &str, has_token: bool, error: &ApiError) -> Failure {
    let failure = map_api_error(error);
    // A tombstone is final: neither another number nor a token helps.
    if error.not_found().is_some_and(|(status, _)| status == 410) {
        return failure.hint("it was removed from the server, and can't be imported");
    }
    if !is_hidden(error) {
        return failure;
    }
    let failure = failure.hint(format!(
        "check the number, and whether {id} is on server `{server}`: name another with --server \
         NAME, or give the address of the record's page"
    ));
    // The server was asked as this user already, so advice about tokens would mislead.
    if has_token {
        return failure;
    }
    failure.hint("a draft, or a restricted record, is read with its owner's token only")
}
