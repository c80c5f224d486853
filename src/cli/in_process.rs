//! How `zrel apply --auto-approve` ends where it goes no further, and what it prints then: for tests
//! that run the engine in their own process, and have nobody to ask.

use anstream::ColorChoice;

use crate::check::{Checked, Verdict};
use crate::engine::{EngineError, Project};
use crate::plan::Policy;
use crate::terminal::{Asking, Terminal};

use super::exit_code::ExitCode;
use super::failure::Failure;
use super::{approval, error_mapping};

/// Returns how an apply ends for an error of the engine, and what stderr gets.
pub fn explain_error(error: &EngineError, project: Option<&Project>) -> (ExitCode, String) {
    describe_ending(&error_mapping::map_engine_error(error, project))
}

/// Returns how an apply ends for a plan that is not ready, and what stderr gets; none for one that
/// is.
pub fn explain_refusal(
    project: &Project,
    checked: &Checked,
    policy: &Policy,
) -> Option<(ExitCode, String)> {
    if checked.verdict() == Verdict::NeedsConfirmation {
        let nobody = Terminal::new(ColorChoice::Never, Asking::Forbidden);
        let unasked = approval::settle_blockers(&nobody, checked, &mut policy.clone());
        if let Err(failure) = unasked {
            return Some(describe_ending(&failure));
        }
    }
    let refused = approval::refuse_shown_plan(project, checked);
    refused.err().map(|failure| describe_ending(&failure))
}

fn describe_ending(failure: &Failure) -> (ExitCode, String) {
    (failure.code, failure.text())
}
