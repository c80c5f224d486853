//! The arguments of `zrel status`.

use super::shared::{Members, Output};
use clap::Args;

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Status {
    /// Wait until the communities that were asked, or review the draft, have decided.
    #[arg(long)]
    pub(in crate::cli) watch: bool,
    /// How many seconds to wait between two looks (5 to 86400).
    #[arg(long, value_name = "SECONDS", requires = "watch", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(5..=86_400))]
    pub(in crate::cli) interval: u64,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
