//! The arguments of `zrel discard`.

use crate::model::Recid;
use clap::Args;

/// Arguments of `discard`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Discard {
    /// Discard this draft (for an edit: the record's id), also when it is not zrel's. By default,
    /// the draft that zrel opened.
    #[arg(value_name = "ID")]
    pub(in crate::cli) draft: Option<Recid>,
    /// Do not ask.
    #[arg(long)]
    pub(in crate::cli) auto_approve: bool,
    /// Discard a draft whose DOI a published record or a committed file carries: this DOI leads nowhere
    /// from then on. It must be the draft's.
    #[arg(long, value_name = "DOI")]
    pub(in crate::cli) dead_doi: Option<String>,
    /// Show long texts whole.
    #[arg(long)]
    pub(in crate::cli) full: bool,
}
