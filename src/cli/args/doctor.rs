//! The arguments of `zrel doctor`.

use clap::Args;

use super::shared::Output;

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Doctor {
    /// Mend broken drafts: show each call, ask, make it, and look again.
    #[arg(long)]
    pub(in crate::cli) fix: bool,
    /// Do not ask.
    #[arg(long, requires = "fix")]
    pub(in crate::cli) auto_approve: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
