//! The arguments of `zrel wait`.

use super::shared::{Members, NamedRecords, Output};
use clap::Args;

/// Arguments of `wait`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Wait {
    /// Which records.
    #[command(flatten)]
    pub(in crate::cli) named: NamedRecords,
    /// Also wait until the resolver of DOIs leads to the record's page.
    #[arg(long)]
    pub(in crate::cli) resolve: bool,
    /// The resolver; `https://doi.org` by default. It gets no token.
    #[arg(long, value_name = "URL", requires = "resolve")]
    pub(in crate::cli) resolver: Option<String>,
    /// Which members of a workspace.
    #[command(flatten)]
    pub(in crate::cli) members: Members,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
