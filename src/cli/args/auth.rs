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
    /// Show for each server which credential zrel uses, from where, and whether the server takes it.
    Status(AuthStatus),
    /// Forget what is kept for a server.
    Logout(Logout),
}

/// Arguments of `auth login`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Login {
    /// The server: `zenodo`, `sandbox`, a name under [servers], or an address; by default the
    /// manifest's, or zenodo.
    #[arg(value_name = "SERVER")]
    pub(in crate::cli) server: Option<String>,
    /// Read the token from stdin.
    #[arg(long)]
    pub(in crate::cli) stdin: bool,
    /// Keep it in a file that only you can read, and not in the keyring.
    #[arg(long)]
    pub(in crate::cli) file: bool,
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
    /// The server, as for `login`.
    #[arg(value_name = "SERVER")]
    pub(in crate::cli) server: Option<String>,
    /// Keep the session in a file that only you can read, and not in the keyring.
    #[arg(long)]
    pub(in crate::cli) file: bool,
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
