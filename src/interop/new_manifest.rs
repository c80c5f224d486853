//! The contents of a manifest that is written: values with their comments, without quotes.

use std::collections::BTreeMap;

use crate::model::{Community, Field, Metadata, Sensitive, Value};

/// The contents of a manifest, without quotes. Empty values are not written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewManifest {
    /// Comment lines at the top, without `#`.
    pub head: Vec<String>,
    /// `server`.
    pub server: Option<Annotated<String>>,
    /// `publish` under `[record]`.
    pub publish: Option<Annotated<bool>>,
    /// `[record.concept]`: a server's name, and the concept's DOI or number.
    pub concept: Vec<Annotated<(String, String)>>,
    /// `[metadata]`, written in the order of [`Field::ALL`].
    pub metadata: BTreeMap<Field, Annotated<ManifestValue>>,
    /// `[[files]]`.
    pub files: Vec<Annotated<NewFile>>,
    /// Comment lines in the place of `[[files]]`, without `#`; not written beside entries.
    pub no_files: Vec<String>,
    /// `[[communities]]`.
    pub communities: Vec<Annotated<Community>>,
    /// `[servers.NAME]`.
    pub servers: Vec<Annotated<NewServer>>,
}

/// A value to write, with its comments.
///
/// `Annotated::from(value)` has no comment; `.with_comment("from CITATION.cff")` adds one behind
/// the value, `.with_leading_comment("…")` a comment line above it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotated<T> {
    /// What is written.
    pub value: T,
    /// Comment lines above it, without `#`.
    pub above: Vec<String>,
    /// A comment behind it, without `#`; behind the opening bracket of a long list.
    pub comment: Option<String>,
}

impl<T> From<T> for Annotated<T> {
    fn from(value: T) -> Self {
        Self { value, above: Vec::new(), comment: None }
    }
}

impl<T> Annotated<T> {
    /// Adds the comment behind it.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Adds a comment line above it.
    #[must_use]
    pub fn with_leading_comment(mut self, comment: impl Into<String>) -> Self {
        self.above.push(comment.into());
        self
    }
}

/// The value of a field of `[metadata]`.
#[derive(Debug, Clone, PartialEq)]
pub enum ManifestValue {
    /// The value itself. A licence that the vocabulary does not know is written as
    /// `{ allow_unknown = "…" }`.
    Value(Value),
    /// `{ file = "ABSTRACT.md" }`, for a field of kind `Html`.
    File(String),
    /// `{ from = "git-tag", strip = "v" }`, for `version`; no `strip` when it is empty.
    GitTag(String),
    /// Nothing yet: `# title = "…"`, as a comment, with this TOML as the example.
    Missing(String),
}

/// One `[[files]]` entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewFile {
    /// Which files.
    pub source: NewSource,
    /// `as`. The manifest refuses it together with a pattern or a path that contains one of
    /// `*?[{}`.
    pub as_name: Option<String>,
    /// `exclude`.
    pub exclude: Vec<String>,
    /// `allow`.
    pub allow: Vec<Sensitive>,
}

/// The files that an entry selects, relative to the manifest's folder, with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewSource {
    /// One file; characters that would make it a pattern are escaped.
    Path(String),
    /// A pattern, as it is.
    Glob(String),
    /// A folder as one zip.
    Archive(String),
    /// Files on the server that stay as they are, by a name or a glob.
    Keep(String),
}

impl Default for NewSource {
    fn default() -> Self {
        Self::Path(String::new())
    }
}

/// One `[servers.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewServer {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// Its address.
    pub url: String,
    /// The DOI prefix that it mints under, if known.
    pub doi_prefix: Option<String>,
    /// Whether its records get DOIs.
    pub mints_dois: bool,
}

impl NewManifest {
    /// Takes all values of some metadata, each without a comment.
    pub fn take_metadata(&mut self, metadata: &Metadata) {
        for (field, value) in metadata.iter() {
            self.metadata.insert(field, ManifestValue::Value(value.clone()).into());
        }
    }
}
