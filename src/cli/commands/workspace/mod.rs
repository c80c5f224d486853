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
use crate::cli::selection::{Compared, Selection, select};
use crate::engine::Member;
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
        let mut results = Results::new((context, format), Place::BelowHeading);
        for (member, own) in selection.contexts(context, compared) {
            Turn { key: Some(member.key.clone()), context: &own }.print_heading(format);
            results.add(&member, &own, run(&own));
        }
        Ok(results.end(selection))
    })
}

/// Runs a command for all members that are meant at once, or for the one record. As
/// [`run_for_each`], but the failures come at the end.
///
/// # Errors
/// Those of the selection, and of the one record.
pub(super) fn run_together(
    context: &Context,
    (members, format): (&Members, Format),
    compared: Compared,
    run: impl Fn(&[Turn<'_>]) -> Vec<Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    let Some(selection) = select(context, members)? else {
        return run(&[Turn { key: None, context }]).pop().unwrap_or(Ok(ExitCode::Done));
    };
    selection.run(context, |selection| {
        let contexts = selection.contexts(context, compared);
        let turns = contexts
            .iter()
            .map(|(member, own)| Turn { key: Some(member.key.clone()), context: own });
        let outcomes = run(&turns.collect::<Vec<_>>());
        let mut results = Results::new((context, format), Place::AtTheEnd);
        for ((member, own), outcome) in contexts.iter().zip(outcomes) {
            results.add(member, own, outcome);
        }
        Ok(results.end(selection))
    })
}

/// One member in a command for several, or the one record.
pub(super) struct Turn<'a> {
    /// The member's key; none for the one record.
    pub(super) key: Option<String>,
    /// Its context.
    pub(super) context: &'a Context,
}

impl Turn<'_> {
    /// Prints whose lines follow.
    pub(super) fn print_heading(&self, format: Format) {
        if let (Some(key), Format::Text) = (&self.key, format) {
            self.context.terminal.print_text(&format!("== {}\n", escape_text(key)));
        }
    }
}

/// Where the failure of a member is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Below the line with its key; a document has no such line.
    BelowHeading,
    /// After what is said of all members.
    AtTheEnd,
}

/// What came of each member.
struct Results<'a> {
    context: &'a Context,
    format: Format,
    place: Place,
    codes: Vec<ExitCode>,
    documents: Vec<Json>,
}

impl<'a> Results<'a> {
    fn new((context, format): (&'a Context, Format), place: Place) -> Self {
        Self { context, format, place, codes: Vec::new(), documents: Vec::new() }
    }

    /// Adds how a member ended, and prints its failure.
    fn add(&mut self, member: &Member, own: &Context, outcome: Result<ExitCode, Failure>) {
        let (code, error) = match outcome {
            Ok(code) => (code, Json::Null),
            Err(failure) => {
                let (code, error) = (failure.code, failure.json()["error"].clone());
                let named = match (self.format, self.place) {
                    (Format::Text, Place::BelowHeading) => failure,
                    (Format::Text, Place::AtTheEnd) | (Format::Json, _) => {
                        name_failure(&member.key, failure)
                    }
                };
                self.context.terminal.say_error(&named.text());
                (code, error)
            }
        };
        self.documents.push(json!({
            "key": member.key,
            "path": member.path,
            "exit_code": code.number(),
            "result": own.take_document(),
            "error": error,
        }));
        self.codes.push(code);
    }

    /// Returns the worst code, and puts the document of all members.
    fn end(self, selection: &Selection) -> ExitCode {
        let worst = ExitCode::worst(self.codes);
        if self.format == Format::Json {
            self.context.put_document(json!({
                "format_version": "1.0",
                "workspace": selection.workspace.shown,
                "exit_code": worst.number(),
                "members": self.documents,
            }));
        }
        worst
    }
}
