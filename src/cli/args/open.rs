//! The arguments of `zrel open`.

use clap::Args;

/// Arguments of `open`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Open {
    /// Print the address, and open no browser.
    #[arg(long)]
    pub(in crate::cli) print: bool,
}
