//! What git says about the manifest's folder.

/// Facts about the checkout; read by a library, no program runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitFacts {
    /// The commit, in hexadecimal digits; `None` in a repository without commits.
    pub commit: Option<String>,
    /// Tags that point at the commit, sorted.
    pub tags: Vec<String>,
    /// Whether a tracked file differs from the commit.
    pub dirty: bool,
}
