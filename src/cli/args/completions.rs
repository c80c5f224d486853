//! The arguments of `zrel completions` and `zrel man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(in crate::cli) shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Man {
    /// The folder for the pages; created if it does not exist.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) into: PathBuf,
}
