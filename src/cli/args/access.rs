//! The arguments of `zrel access`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{Members, Output};

/// Arguments of `access`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Access {
    /// Print the addresses of the secret links too: only to a terminal, since whoever has one has
    /// access.
    #[arg(long, conflicts_with_all = ["addresses_to", "find"])]
    pub(in crate::cli) addresses: bool,
    /// Write the addresses of the secret links into a file that only you can read, a line each.
    #[arg(long, value_name = "FILE", conflicts_with = "find")]
    pub(in crate::cli) addresses_to: Option<PathBuf>,
    /// Find the number of a user's account, by a part of the name.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) find: Option<String>,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
