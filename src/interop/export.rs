//! A manifest's metadata as what others read: `.zenodo.json`, CITATION.cff, codemeta.json, BibTeX.

use crate::observed::UnsupportedValue;

pub use super::formats::{Writer, writers};
pub use super::work::Work;

use super::unsupported::make_unsupported;

/// A text, and what of the manifest is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The text, ended by a line feed.
    pub text: String,
    /// What was not carried, sorted by place.
    pub unsupported: Vec<UnsupportedValue>,
}

/// Writes a work in a format.
pub fn export(work: &Work, format: &Writer) -> Export {
    let (text, mut unsupported) = (format.write)(work);
    unsupported.extend(work.open.iter().map(|(field, why)| make_unsupported(field.name(), why)));
    unsupported.sort();
    unsupported.dedup();
    Export { text, unsupported }
}
