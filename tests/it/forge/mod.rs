//! What reviewers read: Markdown, pages, comments on pull requests, workflows.

pub(crate) mod callouts;
pub(crate) mod comments;
pub(crate) mod html_texts;
pub(crate) mod markdown;
pub(crate) mod plan_page;
pub(crate) mod pull_request_loop;
pub(crate) mod step;
pub(crate) mod workflows;
pub(crate) mod workspace_review;
