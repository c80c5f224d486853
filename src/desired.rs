//! What should be: manifest and inventory brought together, defaults filled.

use crate::model::{Community, ConceptId, LocalFile, Metadata, Server};

/// What the manifest and the files ask for, on one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Which server.
    pub server: Server,
    /// Whether to publish; otherwise to stop at a draft that is ready.
    pub publish: bool,
    /// The concept that `[record.concept]` names for this server.
    pub concept: Option<ConceptId>,
    /// The metadata, texts read from their files and Markdown turned into HTML. Without
    /// `publication_date` where [`date`](Self::date) is `Today`, and without `version` where
    /// [`version`](Self::version) is not a label.
    pub metadata: Metadata,
    /// The publication date.
    pub date: DesiredDate,
    /// The version label.
    pub version: DesiredVersion,
    /// The files, sorted by key.
    pub files: Vec<LocalFile>,
    /// The communities to ask, sorted.
    pub communities: Vec<Community>,
}

/// The publication date that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredDate {
    /// As the manifest says; also in the metadata.
    Fixed(String),
    /// `today`: decided when a version is created; any date of a published version satisfies it.
    Today,
    /// The manifest does not say, which means the same as `today`.
    Unsaid,
}

/// The version label that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredVersion {
    /// None is set.
    None,
    /// This one; also in the metadata.
    Label(String),
    /// From a git tag, and the commit has none yet: known at the tag.
    KnownAtTag,
}
