//! The arguments of `zrel doctor`.

use clap::Args;

use super::shared::Output;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Doctor {
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
