//! The arguments of `zrel export`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::interop::export::{Writer, list_writers};

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// What to write.
    #[arg(value_name = "WHAT", value_parser = parse_writer())]
    pub(in crate::cli) what: &'static Writer,
    /// Write to this file, relative to the manifest's folder, instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Overwrite a file with other content.
    #[arg(long, requires = "out")]
    pub(in crate::cli) force: bool,
}

/// Parses the name of a format that can be written.
fn parse_writer() -> impl TypedValueParser<Value = &'static Writer> {
    let names = list_writers().map(|writer| PossibleValue::new(writer.name).help(writer.about));
    PossibleValuesParser::new(names).try_map(|name| {
        list_writers()
            .find(|writer| writer.name == name)
            .ok_or("it is not a format that can be written")
    })
}
