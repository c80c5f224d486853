//! The arguments of `zrel validate`.

use super::shared::{Limits, Members, Output};
use clap::Args;

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Validate {
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// Limits of a record.
    #[command(flatten)]
    pub(in crate::cli) limits: Limits,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
