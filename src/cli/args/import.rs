//! The arguments of `zrel import`.

use super::shared::Output;
use clap::Args;

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    /// The record: its DOI, the address of its page, or its number.
    #[arg(value_name = "DOI|URL|ID")]
    pub(in crate::cli) record: String,
    /// The server: `local`, `sandbox`, `zenodo`, or a name for that of the address. By default, the
    /// server of the DOI or the address; `local` for a number.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) server: Option<String>,
    /// Overwrite an existing manifest, its entry in the lock, and files.
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// Download the files too, and list them. By default, published files stay on the server.
    #[arg(long)]
    pub(in crate::cli) download: bool,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
