//! Writes a manifest's metadata in other formats: `.zenodo.json`, CITATION.cff, codemeta.json,
//! BibTeX.

use crate::observed::UnsupportedValue;

pub use super::formats::{Writer, list_writers};
pub use super::work::Work;

use super::unsupported::make_unsupported;

/// A text, and the parts of the manifest that are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The text, ended by a line feed.
    pub text: String,
    /// What was not carried, sorted by place.
    pub unsupported: Vec<UnsupportedValue>,
}

/// Writes a work in a format.
pub fn write_export(work: &Work, format: &Writer) -> Export {
    let (text, mut unsupported) = (format.write)(work);
    // A date or version that is known only when a version is made has no value to write yet.
    unsupported.extend(work.open.iter().map(|(field, why)| make_unsupported(field.name(), why)));
    unsupported.sort();
    unsupported.dedup();
    Export { text, unsupported }
}
