//! The one comment of a record: found by its marker, created, changed.

use serde_json::{Value as Json, json};

use crate::http::{Call, Client, Method, Repeat};

use super::{ForgeError, Kind, answer, forgejo, github, gitlab};

/// How many comments a page has, at most, on each of the forges.
pub(super) const PAGE: usize = 100;

/// How many pages are looked through.
const MAX_PAGES: usize = 100;

/// A forge, and a repository there.
#[derive(Debug, Clone)]
pub struct Forge {
    pub(super) client: Client,
    pub(super) kind: Kind,
    /// The API's address.
    pub(super) base: String,
    /// The repository as a part of a path.
    pub(super) repository: String,
    author: Option<String>,
}

/// What is to be said.
#[derive(Debug, Clone, Copy)]
pub struct Note<'a> {
    /// The first line of the body, by which the comment is found again.
    pub marker: &'a str,
    /// The whole body.
    pub body: &'a str,
    /// Whether a comment is made where there is none yet.
    pub creates: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What was done.
    pub outcome: Outcome,
    /// The comment's page, as the forge tells it.
    pub url: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A comment was made.
    Created,
    /// The comment was changed.
    Updated,
    /// The comment says so already.
    Unchanged,
    /// There was no comment, and there is nothing to say.
    Silent,
}

/// A comment as the forges tell it.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) body: String,
    pub(super) author: String,
    pub(super) url: Option<String>,
}

impl Forge {
    /// Takes a client of the forge's API at `base`, and a repository: `owner/name`, for GitLab also
    /// its number. `author` is whose comments count, where the forge is not to be asked.
    ///
    /// # Errors
    /// [`ForgeError::Repository`] for what is no repository.
    pub fn new(
        client: Client,
        kind: Kind,
        base: &str,
        repository: &str,
        author: Option<String>,
    ) -> Result<Self, ForgeError> {
        let path = repository_path(kind, repository)
            .ok_or_else(|| ForgeError::Repository(repository.chars().take(200).collect()))?;
        Ok(Self { client, kind, base: base.to_owned(), repository: path, author })
    }

    /// Says it, on the pull request of this number.
    ///
    /// # Errors
    /// [`ForgeError`] when the forge refuses, or can't be asked.
    pub async fn say(&self, number: u64, note: Note<'_>) -> Result<Said, ForgeError> {
        if let Some(found) = self.find(number, note.marker).await? {
            return self.change(number, &found, note).await;
        }
        if !note.creates {
            return Ok(Said { outcome: Outcome::Silent, url: None });
        }
        match self.create(number, note).await {
            // It may be there all the same: to make it again would leave two.
            Err(error) if error.is_unknown() => match self.find(number, note.marker).await {
                Ok(Some(found)) => {
                    let said = self.change(number, &found, note).await?;
                    Ok(Said { outcome: Outcome::Created, ..said })
                }
                _ => Err(error),
            },
            result => result,
        }
    }

    /// Looks through all pages for the oldest own comment that begins with the marker.
    async fn find(&self, number: u64, marker: &str) -> Result<Option<Comment>, ForgeError> {
        let what = format!("read the comments of {}", self.thread(number));
        let mut me = self.author.clone();
        for page in 1..=MAX_PAGES {
            let path = format!("{}?{}", self.comments(number), self.page(page));
            let answer = self.call(Method::Get, &path, None, &what).await?;
            let (list, has_next) = answer;
            let list = list.as_array().ok_or_else(|| self.strange(&what))?;
            for comment in list.iter().filter_map(|comment| self.read(comment)) {
                if comment.body.lines().next().map(str::trim_end) != Some(marker) {
                    continue;
                }
                let me = match &me {
                    Some(me) => me,
                    None => me.insert(self.who_am_i().await?),
                };
                if comment.author == *me {
                    return Ok(Some(comment));
                }
            }
            if !has_next {
                return Ok(None);
            }
        }
        Err(ForgeError::TooMany(MAX_PAGES * PAGE))
    }

    async fn create(&self, number: u64, note: Note<'_>) -> Result<Said, ForgeError> {
        let what = format!("comment on {}", self.thread(number));
        let path = self.comments(number);
        let body = json!({"body": note.body});
        let (made, _) = self.call(Method::Post, &path, Some(&body), &what).await?;
        let made = self.read(&made).ok_or_else(|| self.strange(&what))?;
        Ok(Said { outcome: Outcome::Created, url: made.url })
    }

    async fn change(
        &self,
        number: u64,
        comment: &Comment,
        note: Note<'_>,
    ) -> Result<Said, ForgeError> {
        if comment.body.trim_end() == note.body.trim_end() {
            return Ok(Said { outcome: Outcome::Unchanged, url: comment.url.clone() });
        }
        let what = format!("change comment {} on {}", comment.id, self.thread(number));
        let (method, path) = match self.kind {
            Kind::GitHub => (Method::Patch, github::comment(&self.repository, comment.id)),
            Kind::Forgejo => (Method::Patch, forgejo::comment(&self.repository, comment.id)),
            Kind::GitLab => (Method::Put, gitlab::comment(&self.repository, number, comment.id)),
        };
        let body = json!({"body": note.body});
        let (changed, _) = self.call(method, &path, Some(&body), &what).await?;
        let url = self.read(&changed).and_then(|changed| changed.url);
        Ok(Said { outcome: Outcome::Updated, url: url.or_else(|| comment.url.clone()) })
    }

    /// Makes a call, and returns its document and whether there is a next page.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        json: Option<&Json>,
        what: &str,
    ) -> Result<(Json, bool), ForgeError> {
        let repeat = match method {
            Method::Post => Repeat::AfterLook,
            Method::Get | Method::Put | Method::Patch | Method::Delete => Repeat::Safe,
        };
        let accept = match self.kind {
            Kind::GitHub => "application/vnd.github+json",
            Kind::Forgejo | Kind::GitLab => "application/json",
        };
        let call = Call { method, path, accept, json, if_match: None, repeat };
        let answer = self.client.send(&call).await;
        let answer =
            answer.map_err(|source| ForgeError::Transport { what: self.at_forge(what), source })?;
        let document = answer::document(&answer, &self.at_forge(what), self.kind.name())?;
        Ok((document, answer.has_next))
    }

    async fn who_am_i(&self) -> Result<String, ForgeError> {
        match self.kind {
            Kind::GitHub => self.github_user().await,
            Kind::Forgejo => self.user("login").await,
            Kind::GitLab => self.user("username").await,
        }
    }

    /// Asks whose the token is.
    pub(super) async fn user(&self, key: &str) -> Result<String, ForgeError> {
        let what = "find out whose the token is";
        let (user, _) = self.call(Method::Get, "/user", None, what).await?;
        let name = user[key].as_str().filter(|name| !name.is_empty());
        name.map(str::to_owned).ok_or_else(|| self.strange(what))
    }

    fn comments(&self, number: u64) -> String {
        match self.kind {
            Kind::GitHub => github::comments(&self.repository, number),
            Kind::Forgejo => forgejo::comments(&self.repository, number),
            Kind::GitLab => gitlab::comments(&self.repository, number),
        }
    }

    fn page(&self, page: usize) -> String {
        match self.kind {
            Kind::GitHub => format!("per_page={PAGE}&page={page}"),
            Kind::Forgejo => format!("limit={PAGE}&page={page}"),
            Kind::GitLab => format!("order_by=created_at&sort=asc&per_page={PAGE}&page={page}"),
        }
    }

    fn read(&self, comment: &Json) -> Option<Comment> {
        match self.kind {
            Kind::GitHub => github::read(comment),
            Kind::Forgejo => forgejo::read(comment),
            Kind::GitLab => gitlab::read(comment),
        }
    }

    fn thread(&self, number: u64) -> String {
        match self.kind {
            Kind::GitHub | Kind::Forgejo => format!("pull request #{number}"),
            Kind::GitLab => format!("merge request !{number}"),
        }
    }

    fn at_forge(&self, what: &str) -> String {
        format!("{what} at {}", self.kind.name())
    }

    pub(super) fn strange(&self, what: &str) -> ForgeError {
        ForgeError::Strange { what: self.at_forge(what), forge: self.kind.name() }
    }
}

/// Returns a repository as a part of a path, none for what is no repository.
fn repository_path(kind: Kind, repository: &str) -> Option<String> {
    let is_name = |name: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !name.is_empty() && name.chars().all(is_plain) && !matches!(name, "." | "..")
    };
    let parts: Vec<&str> = repository.split('/').collect();
    let is_number = !repository.is_empty() && repository.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        _ if !parts.iter().all(|part| is_name(part)) => None,
        Kind::GitHub | Kind::Forgejo => (parts.len() == 2).then(|| repository.to_owned()),
        Kind::GitLab if is_number || parts.len() > 1 => Some(parts.join("%2F")),
        Kind::GitLab => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_can_not_lead_to_another_path() {
        let path = |kind, text| repository_path(kind, text);
        assert_eq!(path(Kind::GitHub, "ada/rings.tea").as_deref(), Some("ada/rings.tea"));
        assert_eq!(path(Kind::GitLab, "42").as_deref(), Some("42"));
        assert_eq!(path(Kind::GitLab, "lab/sub/rings").as_deref(), Some("lab%2Fsub%2Frings"));
        for bad in ["", "ada", "ada/", "ada/..", "../x", "a/b/c", "a/b?x", "a/b#x", "a/ b", "é/b"]
        {
            assert_eq!(path(Kind::GitHub, bad), None, "{bad}");
        }
        for bad in ["", "rings", "a/../b", "a/b?x", "4 2", "a//b"] {
            assert_eq!(path(Kind::GitLab, bad), None, "{bad}");
        }
    }
}
