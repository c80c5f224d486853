//! GitLab: comments are notes of merge requests.
//!
//! Paths and fields are those of GitLab's REST documentation (2026-11-23).

use serde_json::Value as Json;

use crate::http::Method;

use super::api::{CiNames, Comment, Forge, NumberSource, PAGE, TokenAdvice, Workflow};

/// gitlab.com, or a self-managed GitLab.
#[derive(Debug)]
pub(super) struct GitLab;

const WORKFLOWS: [Workflow; 1] =
    [Workflow { path: ".gitlab/zrel.yml", text: include_str!("workflows/gitlab.yml") }];

impl Forge for GitLab {
    fn name(&self) -> &'static str {
        "GitLab"
    }

    fn word(&self) -> &'static str {
        "gitlab"
    }

    fn help(&self) -> &'static str {
        "gitlab.com or a self-managed GitLab"
    }

    fn comment_budget(&self) -> usize {
        1_000_000
    }

    /// The merge request's project goes before that of the pipeline: they differ when the pipeline
    /// runs in a fork.
    fn ci(&self) -> CiNames {
        CiNames {
            flags: &["GITLAB_CI"],
            api: "CI_API_V4_URL",
            repository: &["CI_MERGE_REQUEST_PROJECT_ID", "CI_PROJECT_ID"],
            server: "CI_SERVER_URL",
            number: NumberSource::Variable("CI_MERGE_REQUEST_IID"),
        }
    }

    /// `CI_JOB_TOKEN` is not listed: it may not write comments.
    fn tokens(&self) -> TokenAdvice {
        TokenAdvice {
            variables: &["GITLAB_TOKEN"],
            origin: "make a project access token with the scope `api`, and put it there as a masked variable; CI_JOB_TOKEN may not write comments",
            rights: "the token needs the scope `api` and the role Reporter or above",
        }
    }

    fn workflows(&self) -> &'static [Workflow] {
        &WORKFLOWS
    }

    fn next_steps(&self) -> &'static [&'static str] {
        &[
            "Next: include it in .gitlab-ci.yml, commit both, and make the variables that its head names:",
            "include: [{ local: .gitlab/zrel.yml }]",
        ]
    }

    fn repository_path(&self, parts: &[&str]) -> Option<String> {
        let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        // GitLab also takes a project's number, and the names of nested groups.
        (parts.len() > 1 || parts.first().is_some_and(is_number)).then(|| parts.join("%2F"))
    }

    fn thread(&self, number: u64) -> String {
        format!("merge request !{number}")
    }

    fn comments_path(&self, repository: &str, number: u64) -> String {
        format!("/projects/{repository}/merge_requests/{number}/notes")
    }

    fn comment_path(&self, repository: &str, number: u64, id: u64) -> String {
        format!("/projects/{repository}/merge_requests/{number}/notes/{id}")
    }

    fn change_method(&self) -> Method {
        Method::Put
    }

    fn page_query(&self, page: usize) -> String {
        format!("order_by=created_at&sort=asc&per_page={PAGE}&page={page}")
    }

    /// GitLab returns no address of a note.
    fn read_comment(&self, note: &Json) -> Option<Comment> {
        Some(Comment {
            id: note["id"].as_u64()?,
            body: note["body"].as_str().unwrap_or_default().to_owned(),
            author: note["author"]["username"].as_str().unwrap_or_default().to_owned(),
            url: None,
        })
    }

    fn login_key(&self) -> &'static str {
        "username"
    }
}
