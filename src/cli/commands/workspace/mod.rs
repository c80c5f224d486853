//! Commands on all members of a workspace: each member as if the program was called for it, and one
//! result for all of them.

mod apply;
mod plan;

pub(super) use apply::apply;
pub(super) use plan::plan;

use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::Selection;
use crate::engine::Member;

/// Runs a command for each member, one after the other; a member that fails keeps no other from its
/// turn. Prints the failures, and returns the worst code.
///
/// # Errors
/// None of its own.
pub(super) fn run_each(
    context: &Context,
    selection: &Selection,
    run: impl Fn(&Member, &Context) -> Result<ExitCode, Failure>,
) -> ExitCode {
    let mut codes = Vec::new();
    for (member, own) in selection.contexts(context) {
        let code = run(&member, &own).unwrap_or_else(|failure| {
            context.terminal.say_error(&failure.text());
            failure.code
        });
        codes.push(code);
    }
    ExitCode::worst(codes)
}
