//! Runs the conformance suite against a server that a person names. It never runs by itself.
//!
//! ```sh
//! export ZENODO_SANDBOX_TOKEN=…
//! cargo run --example conformance -- --server https://sandbox.zenodo.org
//! cargo run --example conformance -- --server https://sandbox.zenodo.org --publish --community SLUG
//! ```
//!
//! Each check prints a line. The exit code is 0 when no check failed, 1 when one did, and 2 when
//! the checks could not begin.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the lines are what it is for")]

#[path = "../tests/conformance/mod.rs"]
mod conformance;

use std::process::ExitCode;

use clap::Parser;
use secrecy::SecretString;
use url::Url;
use zrel::api::Backend;
use zrel::clock::Clock;
use zrel::model::Community;

use conformance::{CHECKS, Check, Ended, Options, Suite, run_checks};

/// Checks that a server answers each call of zrel as zrel expects. Drafts that it makes are
/// discarded.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server's address. The token comes from the variable that zrel reads for this host:
    /// `ZENODO_SANDBOX_TOKEN`, `ZENODO_TOKEN`, or `ZREL_TOKEN_` and the host with `_` for dots.
    #[arg(long, value_name = "URL")]
    server: String,
    /// Also runs checks that publish. Publishing cannot be undone: two versions of one test record
    /// stay on the server. Refused for zenodo.org.
    #[arg(long)]
    publish: bool,
    /// A community of the server to look up; with `--publish` it is asked to include the test
    /// record.
    #[arg(long, value_name = "SLUG")]
    community: Option<String>,
    /// Uses the records API alone, as zrel does on servers of InvenioRDM other than Zenodo.
    #[arg(long)]
    records: bool,
    /// Runs only the checks whose name has this text.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let suite = match connect(&arguments) {
        Ok(suite) => suite,
        Err(why) => {
            eprintln!("error: {why}");
            return ExitCode::from(2);
        }
    };
    let (mut n_ok, mut n_failed, mut n_skipped) = (0, 0, 0);
    let mut report = |check: &Check, ended: &Ended| {
        println!("{}", check.write_line(ended));
        *match ended {
            Ended::Ok => &mut n_ok,
            Ended::Failed(_) => &mut n_failed,
            Ended::Skipped(_) => &mut n_skipped,
        } += 1;
    };
    let is_wanted = |check: &Check| check.name.contains(&arguments.only);
    run_checks(&suite, &is_wanted, &mut report).await;
    println!("{n_ok} ok, {n_failed} failed, {n_skipped} skipped");
    if n_failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn connect(arguments: &Arguments) -> Result<Suite, String> {
    // A mistyped name must not look like a server that passes.
    if !CHECKS.iter().any(|check| check.name.contains(&arguments.only)) {
        return Err(format!("no check has `{}` in its name", arguments.only));
    }
    let server = arguments.server.trim_end_matches('/').to_owned();
    Suite::connect(Options {
        token: read_token(&server)?,
        server,
        publish: arguments.publish,
        community: arguments.community.clone().map(Community),
        clock: Clock::Real,
        backend: if arguments.records { Backend::Records } else { Backend::Deposit },
    })
}

/// Reads the token for a server where zrel does: no variable holds one for all servers.
fn read_token(server: &str) -> Result<SecretString, String> {
    let url = Url::parse(server).map_err(|error| format!("`{server}`: {error}"))?;
    let host = url.host_str().ok_or_else(|| format!("`{server}` names no host"))?;
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    match zrel::cli::read_token_variable(&host) {
        Some((token, _)) => Ok(token),
        None => Err(format!("the environment has no token for {host}: see --help")),
    }
}
