//! The arguments of `zrel notify`.

use clap::{Args, Subcommand};

/// Arguments of `notify`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Notify {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) what: NotifyCommand,
}

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum NotifyCommand {
    /// Send a test message to channels, all of them by default.
    Test(NotifyTest),
    /// List the channels, and where each is configured.
    List,
}

/// Arguments of `notify test`.
#[derive(Debug, Args)]
pub(in crate::cli) struct NotifyTest {
    /// The channels, by name.
    #[arg(value_name = "NAME")]
    pub(in crate::cli) names: Vec<String>,
}
