//! The arguments of `zrel write`.

use clap::Args;

use super::shared::{Members, Output};

/// Arguments of `write`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Write {
    /// Write nothing; exit with 2 when a file has other values.
    #[arg(long)]
    pub(in crate::cli) check: bool,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
