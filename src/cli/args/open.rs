//! The arguments of `zrel open`.

use clap::Args;

/// Arguments of `open`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Open {
    /// Print the address, and open no browser. The local server runs until Ctrl-C.
    #[arg(long)]
    pub(in crate::cli) print: bool,
}
