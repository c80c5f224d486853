//! Commands on all members of a workspace: each member as if the program was called for it, and one
//! result for all of them.

mod apply;
mod expected;
mod plan;
mod planned_member;
mod twins;
mod work;

pub(super) use apply::apply;
pub(super) use plan::plan;

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::{Compared, Selection};
use crate::engine::Member;
use crate::render::escape_text;

/// Refuses a document where there would be one a member.
///
/// # Errors
/// A [`Failure`] of the command line.
pub(super) fn refuse_json(format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => Ok(()),
        Format::Json => {
            let message = "a document is about one record";
            Err(Failure::new(ExitCode::Usage, message)
                .hint("name the member's folder with -C DIR, or use `zrel plan --format json`"))
        }
    }
}

/// Runs a command for each member, one after the other; a member that fails keeps no other from its
/// turn. Prints the failures, and returns the worst code.
///
/// # Errors
/// None of its own.
pub(super) fn run_each(
    context: &Context,
    (selection, compared): (&Selection, Compared),
    run: impl Fn(&Member, &Context) -> Result<ExitCode, Failure>,
) -> ExitCode {
    let mut codes = Vec::new();
    for (member, own) in selection.contexts(context, compared) {
        context.terminal.print_text(&format!("== {}\n", escape_text(&member.key)));
        let code = run(&member, &own).unwrap_or_else(|failure| {
            context.terminal.say_error(&failure.text());
            failure.code
        });
        codes.push(code);
    }
    ExitCode::worst(codes)
}
