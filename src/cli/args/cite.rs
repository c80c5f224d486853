//! The arguments of `zrel cite` and `zrel badge`.

use clap::{Args, ValueEnum};

/// Arguments of `cite`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Cite {
    /// How to write it.
    #[arg(value_enum, value_name = "STYLE", default_value_t = Style::Bibtex)]
    pub(in crate::cli) style: Style,
}

/// How a citation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Style {
    /// An entry of BibTeX.
    Bibtex,
    /// A CITATION.cff.
    Cff,
    /// A reference in APA's style, in a line of plain text.
    Apa,
}

impl Style {
    /// Returns the name of the format that is written.
    pub(in crate::cli) fn name(self) -> &'static str {
        match self {
            Style::Bibtex => "bibtex",
            Style::Cff => "cff",
            Style::Apa => "apa",
        }
    }
}

/// Arguments of `badge`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Badge {
    /// The markup.
    #[arg(value_enum, value_name = "MARKUP", default_value_t = Markup::Markdown)]
    pub(in crate::cli) markup: Markup,
    /// The DOI of this version, instead of the one that leads to the latest.
    #[arg(long = "this-version")]
    pub(in crate::cli) is_of_version: bool,
}

/// The markup of a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Markup {
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// reStructuredText.
    Rst,
}
