//! Names of records that lead nowhere.

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::interop::from_record::NameFault;

/// Returns the failure for the name of a record that can't be used.
pub(in crate::cli) fn map_name_fault(fault: &NameFault) -> Failure {
    let failure = Failure::of(ExitCode::Usage, fault);
    match fault {
        NameFault::Unreadable(_) | NameFault::NoNumber(_) => failure.hint(
            "name it by its DOI, by the address of its page, or by its number: \
             `10.5281/zenodo.1234`, `https://zenodo.org/records/1234`, `1234 --server zenodo`",
        ),
        NameFault::Unknown(_) | NameFault::Foreign(_) => {
            failure.hint("give the address of the record's page instead: https://…/records/1234")
        }
        NameFault::OtherServer { .. } => failure.hint("leave --server out"),
        NameFault::BadName(_) => failure.hint("give it another name with --server NAME"),
    }
}
