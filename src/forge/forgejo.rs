//! Forgejo and Gitea: nearly as GitHub spells it.
//!
//! Paths and fields are those of Forgejo's API documentation (2026-11-23).

use serde_json::Value as Json;

use super::comment::Comment;
use super::github;

/// Returns the path of all comments.
pub(super) fn comments(repository: &str, number: u64) -> String {
    format!("/repos/{repository}/issues/{number}/comments")
}

/// Returns the path of one comment.
pub(super) fn comment(repository: &str, id: u64) -> String {
    format!("/repos/{repository}/issues/comments/{id}")
}

/// Reads a comment.
pub(super) fn read(comment: &Json) -> Option<Comment> {
    github::read(comment)
}
