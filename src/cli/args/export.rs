//! The arguments of `zrel export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// What to write.
    #[arg(value_enum, value_name = "WHAT")]
    pub(in crate::cli) what: What,
    /// Write it into this file, relative to the manifest's folder, instead of to stdout.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Write over a file that says something else.
    #[arg(long, requires = "out")]
    pub(in crate::cli) force: bool,
}

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum What {
    /// `.zenodo.json`, for Zenodo's GitHub integration.
    ZenodoJson,
    /// CITATION.cff 1.2.0.
    Cff,
    /// codemeta.json 2.0.
    Codemeta,
    /// An entry of BibTeX.
    Bibtex,
}
