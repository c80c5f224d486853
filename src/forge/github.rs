//! GitHub: comments of pull requests are those of issues.
//!
//! Paths and fields are those of GitHub's REST documentation (2026-11-23).

use serde_json::{Value as Json, json};

use crate::http::Method;

use super::ForgeError;
use super::comment::{Comment, Forge, PAGE};

/// The head of a pull request, as the run of a workflow names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Who owns the repository that it comes from.
    pub owner: String,
    /// Its branch there.
    pub branch: String,
    /// Its commit.
    pub commit: String,
}

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
    Some(Comment {
        id: comment["id"].as_u64()?,
        body: comment["body"].as_str().unwrap_or_default().to_owned(),
        author: comment["user"]["login"].as_str().unwrap_or_default().to_owned(),
        url: comment["html_url"].as_str().map(str::to_owned),
    })
}

impl Forge {
    /// Finds the open pull request whose head is this commit. What a run of a workflow tells of its
    /// pull requests is empty for those from forks, so the forge is asked.
    ///
    /// # Errors
    /// [`ForgeError`] when the forge refuses, or can't be asked.
    pub async fn pull_request_of(&self, head: &Head) -> Result<Option<u64>, ForgeError> {
        let what = "find the pull request of this run";
        let encoded = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let path = format!(
            "/repos/{}/pulls?state=open&head={}:{}&per_page={PAGE}",
            self.repository,
            encoded(&head.owner),
            encoded(&head.branch),
        );
        let (list, _) = self.call(Method::Get, &path, None, what).await?;
        let list = list.as_array().ok_or_else(|| self.strange(what))?;
        let is_it = |pull: &&Json| pull["head"]["sha"].as_str() == Some(&head.commit);
        Ok(list.iter().find(is_it).and_then(|pull| pull["number"].as_u64()))
    }

    /// Asks whose the token is. The token of a workflow or an app may not read `/user`; the other
    /// interface tells its login, with `[bot]`, as comments do (2026-11-23).
    pub(super) async fn github_user(&self) -> Result<String, ForgeError> {
        match self.user("login").await {
            Err(ForgeError::Forbidden { .. }) => {}
            result => return result,
        }
        let what = "find out whose the token is";
        let query = json!({"query": "query { viewer { login } }"});
        let path = graphql(&self.base);
        let (answer, _) = self.call(Method::Post, &path, Some(&query), what).await?;
        let login = answer["data"]["viewer"]["login"].as_str().filter(|login| !login.is_empty());
        login.map(str::to_owned).ok_or_else(|| self.strange(what))
    }
}

/// Returns where the other interface is: beside the API's `v3` in GitHub Enterprise, below the API
/// on github.com.
fn graphql(base: &str) -> String {
    let base = base.trim_end_matches('/');
    format!("{}/graphql", base.strip_suffix("/v3").unwrap_or(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_interfaces_are_at_one_host() {
        assert_eq!(graphql("https://api.github.com"), "https://api.github.com/graphql");
        assert_eq!(graphql("https://git.example/api/v3/"), "https://git.example/api/graphql");
    }
}
