//! GitLab: comments are notes of merge requests.
//!
//! Paths and fields are those of GitLab's REST documentation (2026-11-23).

use serde_json::Value as Json;

use super::comment::Comment;

/// Returns the path of all notes.
pub(super) fn comments(project: &str, number: u64) -> String {
    format!("/projects/{project}/merge_requests/{number}/notes")
}

/// Returns the path of one note.
pub(super) fn comment(project: &str, number: u64, id: u64) -> String {
    format!("/projects/{project}/merge_requests/{number}/notes/{id}")
}

/// Reads a note. GitLab tells no address of it.
pub(super) fn read(note: &Json) -> Option<Comment> {
    Some(Comment {
        id: note["id"].as_u64()?,
        body: note["body"].as_str().unwrap_or_default().to_owned(),
        author: note["author"]["username"].as_str().unwrap_or_default().to_owned(),
        url: None,
    })
}
