//! The arguments of `zrel auth`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::shared::Output;

/// Arguments of `auth`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Auth {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) what: AuthCommand,
}

/// What `zrel auth` does.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuthCommand {
    /// Take a token for a server, try it, and keep it.
    ///
    /// Opens the server's page on which a token is made, and asks for it without showing it. It is
    /// kept in the system's keyring; where there is none, zrel offers a file that only you can read.
    Login(Login),
    /// Keep the session of a browser, for a server on which you can't make a token.
    ///
    /// Reads Netscape's cookies.txt, Playwright's storageState.json, and the lists of cookie editors;
    /// takes the cookies of this one server, tries them, and keeps them like a token.
    ImportCookies(ImportCookies),
    /// Log in with a browser, and keep its session, for a server on which you can't make a token.
    ///
    /// Starts a Chromium or a Firefox with a profile of its own on the log-in page, waits for the
    /// log-in, takes the cookies of this one server, and ends the browser.
    Browser(BrowserLogin),
    /// Show for each server which credential zrel uses, from where, and whether the server takes it.
    Status(AuthStatus),
    /// Forget what is kept for a server.
    Logout(Logout),
}

/// For which server a credential is kept, and where.
#[derive(Debug, Args)]
pub(in crate::cli) struct Target {
    /// The server: `zenodo`, `sandbox`, a name under [servers], or an address; by default the
    /// manifest's, or zenodo.
    #[arg(value_name = "SERVER")]
    pub(in crate::cli) server: Option<String>,
    /// Keep it in a file that only you can read, and not in the keyring.
    #[arg(long)]
    pub(in crate::cli) file: bool,
}

/// Arguments of `auth login`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Login {
    /// For which server, and where.
    #[command(flatten)]
    pub(in crate::cli) target: Target,
    /// Read the token from stdin.
    #[arg(long)]
    pub(in crate::cli) stdin: bool,
    /// Log in with `ZREL_EMAIL_<host>` and `ZREL_PASSWORD_<host>`, for a server on which nobody can
    /// make a token; a token is better wherever you can make one.
    #[arg(long, conflicts_with = "stdin")]
    pub(in crate::cli) with_password: bool,
    /// Print the address of the page, and open nothing.
    #[arg(long)]
    pub(in crate::cli) no_browser: bool,
}

/// Arguments of `auth import-cookies`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportCookies {
    /// The file.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) path: PathBuf,
    /// For which server, and where.
    #[command(flatten)]
    pub(in crate::cli) target: Target,
}

/// Arguments of `auth browser`.
#[derive(Debug, Args)]
pub(in crate::cli) struct BrowserLogin {
    /// For which server, and where.
    #[command(flatten)]
    pub(in crate::cli) target: Target,
    /// The browser's program, a Chromium or a Firefox.
    #[arg(long, value_name = "PATH", conflicts_with = "connect")]
    pub(in crate::cli) browser: Option<PathBuf>,
    /// Join a Chromium that you started with --remote-debugging-port=PORT; it goes on afterwards.
    #[arg(long, value_name = "PORT")]
    pub(in crate::cli) connect: Option<u16>,
}

/// Arguments of `auth status`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AuthStatus {
    /// Ask no server.
    #[arg(long)]
    pub(in crate::cli) offline: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}

/// Arguments of `auth logout`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Logout {
    /// The server, as for `login`.
    #[arg(value_name = "SERVER")]
    pub(in crate::cli) server: Option<String>,
}
