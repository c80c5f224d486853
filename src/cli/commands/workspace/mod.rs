//! Commands on all members of a workspace: each member as if the program was called for it, and one
//! result for all of them.

mod apply;
mod approval;
mod bins;
mod expected;
mod export;
mod layers;
mod list;
mod phase;
mod phases;
mod plan;
mod planned_member;
mod several;
mod twins;
mod work;

use serde_json::{Value as Json, json};

pub(super) use apply::apply;
pub(super) use plan::plan;

use crate::cli::args::workspace::{Workspace, WorkspaceCommand};
use crate::cli::args::{Format, Members};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::{Compared, select};
use crate::render::escape_text;

use work::name_failure;

/// Runs a command of `zrel workspace`.
///
/// # Errors
/// Those of the command.
pub(super) fn run(context: &Context, args: &Workspace) -> Result<ExitCode, Failure> {
    match &args.what {
        WorkspaceCommand::List(args) => list::list(context, args),
        WorkspaceCommand::Matrix(args) => list::matrix(context, args),
        WorkspaceCommand::Export(args) => export::export(context, args),
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
    selection.run(context, |selection| {
        let (mut codes, mut documents) = (Vec::new(), Vec::new());
        for (member, own) in selection.contexts(context, compared) {
            if format == Format::Text {
                context.terminal.print_text(&format!("== {}\n", escape_text(&member.key)));
            }
            let (code, error) = match run(&own) {
                Ok(code) => (code, Json::Null),
                Err(failure) => {
                    let (code, error) = (failure.code, failure.json()["error"].clone());
                    // A document has no line with the key above it.
                    let named = match format {
                        Format::Text => failure,
                        Format::Json => name_failure(&member.key, failure),
                    };
                    context.terminal.say_error(&named.text());
                    (code, error)
                }
            };
            documents.push(json!({
                "key": member.key,
                "path": member.path,
                "exit_code": code.number(),
                "result": own.take_document(),
                "error": error,
            }));
            codes.push(code);
        }
        let worst = ExitCode::worst(codes);
        if format == Format::Json {
            context.put_document(json!({
                "format_version": "1.0",
                "workspace": selection.workspace.shown,
                "exit_code": worst.number(),
                "members": documents,
            }));
        }
        Ok(worst)
    })
}
