//! Forgejo and Gitea: nearly the same as GitHub.
//!
//! Paths and fields are those of Forgejo's API documentation (2026-11-23).

use serde_json::Value as Json;

use super::api::{CiNames, Comment, Forge, NumberSource, PAGE, TokenAdvice, Workflow};
use super::github::read_issue_comment;

/// Forgejo or Gitea.
#[derive(Debug)]
pub(super) struct Forgejo;

const WORKFLOWS: [Workflow; 2] = [
    Workflow {
        path: ".forgejo/workflows/zrel-plan.yml",
        text: include_str!("workflows/forgejo-plan.yml"),
    },
    Workflow {
        path: ".forgejo/workflows/zrel-release.yml",
        text: include_str!("workflows/forgejo-release.yml"),
    },
];

impl Forge for Forgejo {
    fn name(&self) -> &'static str {
        "Forgejo"
    }

    fn word(&self) -> &'static str {
        "forgejo"
    }

    fn help(&self) -> &'static str {
        "Forgejo or Gitea"
    }

    /// Forgejo documents no limit; GitHub's is used here.
    fn comment_budget(&self) -> usize {
        65_536
    }

    /// Forgejo and Gitea use GitHub's names.
    fn ci(&self) -> CiNames {
        CiNames {
            flags: &["FORGEJO_ACTIONS", "GITEA_ACTIONS"],
            api: "GITHUB_API_URL",
            repository: &["GITHUB_REPOSITORY"],
            server: "GITHUB_SERVER_URL",
            number: NumberSource::Event,
        }
    }

    fn tokens(&self) -> TokenAdvice {
        TokenAdvice {
            variables: &["FORGEJO_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN"],
            origin: "in a workflow: `env: FORGEJO_TOKEN: ${{ github.token }}`",
            rights: "the token needs write:issue, and read:user unless --author LOGIN says whose it is; a run for a pull request from a fork gets none that may write",
        }
    }

    fn workflows(&self) -> &'static [Workflow] {
        &WORKFLOWS
    }

    fn next_steps(&self) -> &'static [&'static str] {
        &["Next: commit them, and put the secret ZENODO_TOKEN under Settings > Actions > Secrets."]
    }

    fn page_query(&self, page: usize) -> String {
        format!("limit={PAGE}&page={page}")
    }

    fn read_comment(&self, comment: &Json) -> Option<Comment> {
        read_issue_comment(comment)
    }
}
