//! The arguments of `zrel status`.

use super::shared::{Members, Output};
use clap::Args;

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Status {
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
