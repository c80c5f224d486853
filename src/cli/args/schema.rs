//! The arguments of `zrel schema`.

use clap::Args;

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {
    /// Print it instead of writing `.zrel/zenodo.schema.json`.
    #[arg(long)]
    pub(in crate::cli) stdout: bool,
    /// Write the schema of JSON plans instead: `.zrel/plan.schema.json`.
    #[arg(long)]
    pub(in crate::cli) plan: bool,
    /// Write the schema of receipts instead: `.zrel/receipt.schema.json`.
    #[arg(long, conflicts_with = "plan")]
    pub(in crate::cli) receipt: bool,
}
