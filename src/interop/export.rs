//! A manifest's metadata as what others read: `.zenodo.json`, CITATION.cff, codemeta.json, BibTeX.

use crate::model::{Community, Doi, Field, Metadata};
use crate::observed::Loss;

use super::formats::{bibtex, cff, codemeta, zenodo_json};

/// What a manifest asks for, and what is known of where it is published.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Work {
    /// The metadata, defaults filled, texts as HTML.
    pub metadata: Metadata,
    /// The communities to ask.
    pub communities: Vec<Community>,
    /// The DOI of this very version, where it is known.
    pub doi: Option<Doi>,
    /// The DOI that leads to the latest version, where it is known.
    pub concept_doi: Option<Doi>,
    /// What is known only when a version is made, in words: the date, the version.
    pub open: Vec<(Field, &'static str)>,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.zenodo.json`, as Zenodo's GitHub integration reads it.
    ZenodoJson,
    /// CITATION.cff 1.2.0.
    Cff,
    /// codemeta.json 2.0.
    Codemeta,
    /// An entry of BibTeX.
    Bibtex,
}

/// A text, and what of the manifest is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The text, ended by a line feed.
    pub text: String,
    /// What was not carried, sorted by place.
    pub losses: Vec<Loss>,
}

/// Writes a work in a format.
pub fn export(work: &Work, format: Format) -> Export {
    let (text, mut losses) = match format {
        Format::ZenodoJson => zenodo_json::text(work),
        Format::Cff => cff::write::text(work),
        Format::Codemeta => codemeta::text(work),
        Format::Bibtex => bibtex::text(work),
    };
    let open = work.open.iter();
    losses.extend(open.map(|(field, why)| lost(field.name(), why)));
    losses.sort();
    losses.dedup();
    Export { text, losses }
}

/// Why most of what is lost is lost.
const NO_PLACE: &str = "the format has no place for it";

/// Names the fields that a format has no place for. `carried` are those that it has.
pub(in crate::interop) fn uncarried(work: &Work, carried: &[Field]) -> Vec<Loss> {
    let fields = work.metadata.iter().filter(|(field, _)| !carried.contains(field));
    let mut losses: Vec<Loss> = fields.map(|(field, _)| lost(field.name(), NO_PLACE)).collect();
    if !work.communities.is_empty() {
        losses.push(lost("communities", NO_PLACE));
    }
    losses
}

pub(in crate::interop) fn lost(place: &str, what: &str) -> Loss {
    Loss { place: place.to_owned(), what: what.to_owned() }
}
