//! What git says of the folder that the manifest is in.

/// Facts about the checkout; read by a library, no program runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitFacts {
    /// The commit, in hexadecimal digits; none in a repository without one.
    pub commit: Option<String>,
    /// Tags that point at the commit, sorted.
    pub tags: Vec<String>,
    /// Whether a tracked file differs from the commit.
    pub dirty: bool,
}
