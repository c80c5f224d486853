//! `zrel auth`: credentials for servers.

mod browser;
mod import_cookies;
mod keep;
mod login;
mod logout;
mod password;
mod server;
mod status;

use crate::cli::args::auth::{Auth, AuthCommand};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

pub(super) fn run(context: &Context, args: &Auth) -> Result<ExitCode, Failure> {
    match &args.what {
        AuthCommand::Login(args) => login::run(context, args),
        AuthCommand::Browser(args) => browser::run(context, args),
        AuthCommand::ImportCookies(args) => import_cookies::run(context, args),
        AuthCommand::Status(args) => status::run(context, args),
        AuthCommand::Logout(args) => logout::run(context, args),
    }
}
