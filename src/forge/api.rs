//! What differs between forges: the [`Forge`] trait, which each forge implements in its own file.

use serde_json::Value as Json;

use crate::http::Method;

/// How many comments a page has, at most, on each of the forges.
pub(super) const PAGE: usize = 100;

/// A kind of forge. Holds no connection and reads no environment: it names paths and variables. A
/// default is GitHub's spelling, which other forges have copied.
pub trait Forge: std::fmt::Debug + Sync {
    /// Returns its name.
    fn name(&self) -> &'static str;

    /// Returns its word on the command line.
    fn word(&self) -> &'static str;

    /// Returns which servers it covers, for the help of the command line.
    fn help(&self) -> &'static str;

    /// Returns how long a comment may be. The forges count characters, zrel counts bytes, which are
    /// never fewer (65,536 and 1,000,000: ux.md, 2026-11-23).
    fn comment_budget(&self) -> usize;

    /// Returns the variables that its CI sets.
    fn ci(&self) -> CiNames;

    /// Returns the advice about its tokens.
    fn tokens(&self) -> TokenAdvice;

    /// Returns the workflows that `zrel ci init` writes.
    fn workflows(&self) -> &'static [Workflow];

    /// Returns what only a person can do after that, one line each.
    fn next_steps(&self) -> &'static [&'static str];

    /// Returns a repository as a part of a path; none for what is not a repository. `parts` are its
    /// names, each a plain name.
    fn repository_path(&self, parts: &[&str]) -> Option<String> {
        (parts.len() == 2).then(|| parts.join("/"))
    }

    /// Returns the name of a pull request.
    fn thread(&self, number: u64) -> String {
        format!("pull request #{number}")
    }

    /// Returns the media type to ask for.
    fn accept(&self) -> &'static str {
        "application/json"
    }

    /// Returns the path of all comments of a pull request.
    fn comments_path(&self, repository: &str, number: u64) -> String {
        format!("/repos/{repository}/issues/{number}/comments")
    }

    /// Returns the path of one comment.
    fn comment_path(&self, repository: &str, number: u64, id: u64) -> String {
        let _ = number;
        format!("/repos/{repository}/issues/comments/{id}")
    }

    /// Returns the method that changes a comment.
    fn change_method(&self) -> Method {
        Method::Patch
    }

    /// Returns the query of a page of comments, from 1, the oldest first.
    fn page_query(&self, page: usize) -> String;

    /// Reads a comment.
    fn read_comment(&self, comment: &Json) -> Option<Comment>;

    /// Returns the key of the login in what `/user` answers.
    fn login_key(&self) -> &'static str {
        "login"
    }

    /// Returns another query for the login, for a token that may not read `/user`; none if the
    /// forge has no other.
    fn login_query(&self, api: &str) -> Option<LoginQuery> {
        let _ = api;
        None
    }

    /// Returns the path of the open pull requests with a head; none if the forge's CI always sets
    /// the number.
    fn pulls_path(&self, repository: &str, head: &Head) -> Option<String> {
        let _ = (repository, head);
        None
    }
}

/// The variables of a forge's CI.
#[derive(Debug, Clone, Copy)]
pub struct CiNames {
    /// One of these is `true` in this forge's CI.
    pub flags: &'static [&'static str],
    /// The address of the API.
    pub api: &'static str,
    /// The repository: the first variable that is set counts.
    pub repository: &'static [&'static str],
    /// The address of the forge itself.
    pub server: &'static str,
    /// Where the pull request's number is.
    pub number: NumberSource,
}

/// Where the number of a pull request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberSource {
    /// In this variable.
    Variable(&'static str),
    /// In the document of an event that `GITHUB_EVENT_PATH` names.
    Event,
}

/// The advice about a forge's tokens.
#[derive(Debug, Clone, Copy)]
pub struct TokenAdvice {
    /// The variables that may hold a token: the first that is set counts.
    pub variables: &'static [&'static str],
    /// Where to get a token.
    pub origin: &'static str,
    /// Which rights it needs.
    pub rights: &'static str,
}

/// A file of a workflow.
#[derive(Debug)]
pub struct Workflow {
    /// Where it goes, from the repository's folder.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// Another query for the user of a token.
#[derive(Debug)]
pub struct LoginQuery {
    /// The path to send it to.
    pub path: String,
    /// The document to send.
    pub document: Json,
    /// Where the login is in the answer.
    pub pointer: &'static str,
}

/// The head of a pull request, as the run of a workflow names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The owner of the repository that it comes from.
    pub owner: String,
    /// Its branch there.
    pub branch: String,
    /// Its commit.
    pub commit: String,
}

/// A comment as a forge returns it.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// Its text.
    pub body: String,
    /// The login of its author.
    pub author: String,
    /// The address of its page, if the forge returns one.
    pub url: Option<String>,
}
