//! The commands, a file each.

mod access;
mod apply;
mod auth;
mod backfill;
mod ci;
mod cite;
mod comment;
mod completions;
mod discard;
mod doctor;
mod explain;
mod export;
mod fmt;
mod history;
mod import;
mod init;
mod lock;
mod lock_rename;
mod notify;
mod open;
mod plan;
mod reserve;
mod schema;
mod serve;
mod show;
mod status;
mod validate;
mod verify;
mod wait;
mod workspace;
mod write;

use super::args::Command;
use super::context::Context;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// Runs a command.
pub(super) fn run(context: &Context, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Validate(args) => validate::run(context, args),
        Command::Plan(args) => plan::run(context, args),
        Command::Apply(args) => apply::run(context, args),
        Command::Reserve(args) => reserve::run(context, args),
        Command::Write(args) => write::run(context, args),
        Command::Discard(args) => discard::run(context, args),
        Command::Doctor(args) => doctor::run(context, args),
        Command::Comment(args) => comment::run(context, args),
        Command::Ci(args) => ci::run(context, args),
        Command::Workspace(args) => workspace::run(context, args),
        Command::Backfill(args) => backfill::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Status(args) => status::run(context, args),
        Command::Access(args) => access::run(context, args),
        Command::History(args) => history::run(context, args),
        Command::Verify(args) => verify::run(context, args),
        Command::Wait(args) => wait::run(context, args),
        Command::Lock(args) => lock::run(context, args),
        Command::Export(args) => export::run(context, args),
        Command::Import(args) => import::run(context, args),
        Command::Explain(args) => explain::run(context, args),
        Command::Fmt(args) => fmt::run(context, args),
        Command::Init(args) => init::run(context, args),
        Command::Cite(args) => cite::cite(context, args),
        Command::Badge(args) => cite::badge(context, args),
        Command::Auth(args) => auth::run(context, args),
        Command::Notify(args) => notify::run(context, args),
        Command::Open(args) => open::run(context, args),
        Command::Schema(args) => schema::run(context, args),
        Command::Serve(args) => serve::run(context, args),
        Command::Completions(args) => completions::print_completions(context, args),
        Command::Man(args) => completions::write_man_pages(context, args),
    }
}
