//! GitHub: comments of pull requests are those of issues.
//!
//! Paths and fields are those of GitHub's REST documentation (2026-11-23).

use serde_json::{Value as Json, json};

use super::api::{
    CiNames, Comment, Forge, Head, LoginQuery, NumberSource, PAGE, TokenAdvice, Workflow,
};

/// github.com, or GitHub Enterprise.
#[derive(Debug)]
pub(super) struct GitHub;

const WORKFLOWS: [Workflow; 3] = [
    Workflow {
        path: ".github/workflows/zrel-plan.yml",
        text: include_str!("workflows/github-plan.yml"),
    },
    Workflow {
        path: ".github/workflows/zrel-comment.yml",
        text: include_str!("workflows/github-comment.yml"),
    },
    Workflow {
        path: ".github/workflows/zrel-release.yml",
        text: include_str!("workflows/github-release.yml"),
    },
];

impl Forge for GitHub {
    fn name(&self) -> &'static str {
        "GitHub"
    }

    fn word(&self) -> &'static str {
        "github"
    }

    fn help(&self) -> &'static str {
        "github.com or GitHub Enterprise"
    }

    fn comment_budget(&self) -> usize {
        65_536
    }

    fn ci(&self) -> CiNames {
        CiNames {
            flags: &["GITHUB_ACTIONS"],
            api: "GITHUB_API_URL",
            repository: &["GITHUB_REPOSITORY"],
            server: "GITHUB_SERVER_URL",
            number: NumberSource::Event,
        }
    }

    fn tokens(&self) -> TokenAdvice {
        TokenAdvice {
            variables: &["GITHUB_TOKEN"],
            origin: "in a workflow: `env: GITHUB_TOKEN: ${{ github.token }}`, and `permissions: pull-requests: write` for the job",
            rights: "give the job `permissions: pull-requests: write`; a run for a pull request from a fork never gets it, so comment from a `workflow_run`, as `zrel ci init github` sets up",
        }
    }

    fn workflows(&self) -> &'static [Workflow] {
        &WORKFLOWS
    }

    fn next_steps(&self) -> &'static [&'static str] {
        &[
            "Next: commit them, and make the environments `zenodo-reserve` and `zenodo` under Settings >",
            "Environments, both with the secret ZENODO_TOKEN, the second with required reviewers.",
        ]
    }

    fn accept(&self) -> &'static str {
        "application/vnd.github+json"
    }

    fn page_query(&self, page: usize) -> String {
        format!("per_page={PAGE}&page={page}")
    }

    fn read_comment(&self, comment: &Json) -> Option<Comment> {
        read_issue_comment(comment)
    }

    /// The token of a workflow or an app may not read `/user`; GraphQL returns its login, with
    /// `[bot]`, as comments do (2026-11-23).
    fn login_query(&self, api: &str) -> Option<LoginQuery> {
        Some(LoginQuery {
            path: make_graphql_url(api),
            document: json!({"query": "query { viewer { login } }"}),
            pointer: "/data/viewer/login",
        })
    }

    /// The event of a workflow's run lists no pull requests from forks, so the forge is asked.
    fn pulls_path(&self, repository: &str, head: &Head) -> Option<String> {
        let encoded = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let (owner, branch) = (encoded(&head.owner), encoded(&head.branch));
        Some(format!("/repos/{repository}/pulls?state=open&head={owner}:{branch}&per_page={PAGE}"))
    }
}

/// Reads a comment of an issue.
pub(super) fn read_issue_comment(comment: &Json) -> Option<Comment> {
    Some(Comment {
        id: comment["id"].as_u64()?,
        body: comment["body"].as_str().unwrap_or_default().to_owned(),
        author: comment["user"]["login"].as_str().unwrap_or_default().to_owned(),
        url: comment["html_url"].as_str().map(str::to_owned),
    })
}

/// Returns the address of GraphQL: beside the API's `v3` in GitHub Enterprise, below the API on
/// github.com.
fn make_graphql_url(base: &str) -> String {
    let base = base.trim_end_matches('/');
    format!("{}/graphql", base.strip_suffix("/v3").unwrap_or(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_interfaces_are_at_one_host() {
        assert_eq!(make_graphql_url("https://api.github.com"), "https://api.github.com/graphql");
        assert_eq!(
            make_graphql_url("https://git.example/api/v3/"),
            "https://git.example/api/graphql"
        );
    }
}
