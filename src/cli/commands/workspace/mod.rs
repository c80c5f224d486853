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

use crate::cli::args::{Format, Members};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::{Compared, select};
use crate::render::escape_text;

/// Refuses a document where there would be one a member.
fn refuse_json(format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => Ok(()),
        Format::Json => {
            let message = "a document is about one record";
            Err(Failure::new(ExitCode::Usage, message)
                .hint("name the member's folder with -C DIR, or use `zrel plan --format json`"))
        }
    }
}

/// Runs a command for the members that are meant, one after the other, or for the one record. A
/// member that fails keeps no other from its turn: its failure is printed, and the worst code counts.
///
/// # Errors
/// Those of the selection, and of the one record.
pub(super) fn run_for_each(
    context: &Context,
    (members, format): (&Members, Format),
    compared: Compared,
    run: impl Fn(&Context) -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    let Some(selection) = select(context, members)? else { return run(context) };
    refuse_json(format)?;
    selection.run(context, |selection| {
        let mut codes = Vec::new();
        for (member, own) in selection.contexts(context, compared) {
            context.terminal.print_text(&format!("== {}\n", escape_text(&member.key)));
            let code = run(&own).unwrap_or_else(|failure| {
                context.terminal.say_error(&failure.text());
                failure.code
            });
            codes.push(code);
        }
        Ok(ExitCode::worst(codes))
    })
}
