//! The arguments of `zrel import`.

use super::shared::Output;
use clap::Args;

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    /// The record: its DOI, the address of its page, or its number.
    #[arg(value_name = "DOI|URL|ID")]
    pub(in crate::cli) record: String,
    /// The server: `local`, `sandbox`, `zenodo`, or a name for the one of the address. Without it,
    /// what the DOI or the address says; `local` for a number.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) server: Option<String>,
    /// Write over a manifest, an entry of the lock, and files that are there.
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// Fetch the files too, and list them. Without it, those that are published stay on the server.
    #[arg(long)]
    pub(in crate::cli) download: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
