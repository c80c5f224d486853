//! The arguments of `zrel comment`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{Output, budget, forge_parser};
use crate::forge::Forge;

/// Arguments of `comment`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Comment {
    /// A saved plan; it is taken for a stranger's word.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) plan: PathBuf,
    /// Which kind of forge; CI's variables tell it otherwise.
    #[arg(long, value_parser = forge_parser(), value_name = "KIND")]
    pub(in crate::cli) forge: Option<&'static dyn Forge>,
    /// The pull request's number; CI's variables tell it otherwise.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) number: Option<u64>,
    /// How many bytes the comment may have; without it, as many as the forge takes.
    #[arg(long, value_name = "BYTES", value_parser = budget)]
    pub(in crate::cli) budget: Option<usize>,
    /// Whose comments are changed, where the forge does not say whose the token is.
    #[arg(long, value_name = "LOGIN")]
    pub(in crate::cli) author: Option<String>,
    /// Also speak of plans for this server, which is not built in.
    #[arg(long, value_name = "HOST")]
    pub(in crate::cli) allow_server: Vec<String>,
    /// How to print.
    #[command(flatten)]
    pub(in crate::cli) output: Output,
}
