//! The arguments of `zrel verify`.

use super::shared::{Members, NamedRecords, Output};
use clap::Args;

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// Which records.
    #[command(flatten)]
    pub(in crate::cli) named: NamedRecords,
    /// Also read every file from the server, and compare its bytes; keeps none of them.
    #[arg(long)]
    pub(in crate::cli) download: bool,
    /// In text, show long texts and lists whole.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
