//! A manifest's metadata as what others read: `.zenodo.json`, CITATION.cff, codemeta.json, BibTeX.

use crate::observed::Loss;

pub use super::formats::{Writer, writers};
pub use super::work::Work;

use super::losses::make_loss;

/// A text, and what of the manifest is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The text, ended by a line feed.
    pub text: String,
    /// What was not carried, sorted by place.
    pub losses: Vec<Loss>,
}

/// Writes a work in a format.
pub fn export(work: &Work, format: &Writer) -> Export {
    let (text, mut losses) = (format.write)(work);
    losses.extend(work.open.iter().map(|(field, why)| make_loss(field.name(), why)));
    losses.sort();
    losses.dedup();
    Export { text, losses }
}
