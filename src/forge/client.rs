//! The one comment of a record: found by its marker, created, changed.

use serde_json::{Value as Json, json};

use crate::http::{Call, Client, Idempotency, Method};

use super::api::{Comment, Forge, Head, PAGE};
use super::{ForgeError, answer};

/// How many pages are searched.
const MAX_PAGES: usize = 100;

/// A forge, and a repository there.
#[derive(Debug, Clone)]
pub struct ForgeClient {
    client: Client,
    forge: &'static dyn Forge,
    /// The API's address.
    base: String,
    /// The repository as a part of a path.
    repository: String,
    author: Option<String>,
}

/// The comment to write.
#[derive(Debug, Clone, Copy)]
pub struct CommentBody<'a> {
    /// The first line of the body, which finds the comment again.
    pub marker: &'a str,
    /// The whole body.
    pub body: &'a str,
    /// Whether to make a comment if there is none yet.
    pub creates: bool,
}

/// The result of writing a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    /// What was done.
    pub outcome: UpsertOutcome,
    /// The address of the comment's page, if the forge returns one.
    pub url: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpsertOutcome {
    /// A comment was made.
    Created,
    /// The comment was changed.
    Updated,
    /// The comment has this text already.
    Unchanged,
    /// There was no comment, and there is nothing to say.
    Skipped,
}

impl ForgeClient {
    /// Makes a client from one of the forge's API at `base`, and a repository: `owner/name`, for
    /// GitLab also its number. `author` is the user whose comments count, if the forge is not to be
    /// asked.
    ///
    /// # Errors
    /// [`ForgeError::Repository`] for what is not a repository.
    pub fn new(
        client: Client,
        forge: &'static dyn Forge,
        base: &str,
        repository: &str,
        author: Option<String>,
    ) -> Result<Self, ForgeError> {
        let path = encode_repository(forge, repository)
            .ok_or_else(|| ForgeError::Repository(repository.chars().take(200).collect()))?;
        Ok(Self { client, forge, base: base.to_owned(), repository: path, author })
    }

    /// Makes or changes the comment on the pull request of this number.
    ///
    /// # Errors
    /// [`ForgeError`] when the forge refuses, or can't be asked.
    pub async fn upsert_comment(
        &self,
        number: u64,
        note: CommentBody<'_>,
    ) -> Result<Upserted, ForgeError> {
        if let Some(found) = self.find(number, note.marker).await? {
            return self.change(number, &found, note).await;
        }
        if !note.creates {
            return Ok(Upserted { outcome: UpsertOutcome::Skipped, url: None });
        }
        match self.create(number, note).await {
            // The comment may have been made although no answer came: another call would make a
            // second.
            Err(error) if error.is_unknown() => match self.find(number, note.marker).await {
                Ok(Some(found)) => {
                    let changed = self.change(number, &found, note).await?;
                    Ok(Upserted { outcome: UpsertOutcome::Created, ..changed })
                }
                _ => Err(error),
            },
            result => result,
        }
    }

    /// Searches all pages for the oldest comment of the token's user that begins with the marker.
    async fn find(&self, number: u64, marker: &str) -> Result<Option<Comment>, ForgeError> {
        let what = format!("read the comments of {}", self.forge.thread(number));
        let mut me = self.author.clone();
        for page in 1..=MAX_PAGES {
            let path = format!(
                "{}?{}",
                self.forge.comments_path(&self.repository, number),
                self.forge.page_query(page)
            );
            let answer = self.call(Method::Get, &path, None, &what).await?;
            let (list, has_next) = answer;
            let list = list.as_array().ok_or_else(|| self.strange(&what))?;
            for comment in list.iter().filter_map(|comment| self.forge.read_comment(comment)) {
                if comment.body.lines().next().map(str::trim_end) != Some(marker) {
                    continue;
                }
                // Asked only when a marker is found: a first comment needs no login.
                let me = match &me {
                    Some(me) => me,
                    None => me.insert(self.read_login().await?),
                };
                // Anybody may write the marker, and changing another user's comment would fail.
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

    async fn create(&self, number: u64, note: CommentBody<'_>) -> Result<Upserted, ForgeError> {
        let what = format!("comment on {}", self.forge.thread(number));
        let path = self.forge.comments_path(&self.repository, number);
        let body = json!({"body": note.body});
        let (made, _) = self.call(Method::Post, &path, Some(&body), &what).await?;
        let made = self.forge.read_comment(&made).ok_or_else(|| self.strange(&what))?;
        Ok(Upserted { outcome: UpsertOutcome::Created, url: made.url })
    }

    async fn change(
        &self,
        number: u64,
        comment: &Comment,
        note: CommentBody<'_>,
    ) -> Result<Upserted, ForgeError> {
        if comment.body.trim_end() == note.body.trim_end() {
            return Ok(Upserted { outcome: UpsertOutcome::Unchanged, url: comment.url.clone() });
        }
        let what = format!("change comment {} on {}", comment.id, self.forge.thread(number));
        let method = self.forge.change_method();
        let path = self.forge.comment_path(&self.repository, number, comment.id);
        let body = json!({"body": note.body});
        let (changed, _) = self.call(method, &path, Some(&body), &what).await?;
        // The change was done, so an answer without an address is no error.
        let url = self.forge.read_comment(&changed).and_then(|changed| changed.url);
        Ok(Upserted { outcome: UpsertOutcome::Updated, url: url.or_else(|| comment.url.clone()) })
    }

    /// Sends a call, and returns its document and whether there is a next page.
    async fn call(
        &self,
        method: Method,
        path: &str,
        json: Option<&Json>,
        what: &str,
    ) -> Result<(Json, bool), ForgeError> {
        let idempotency = match method {
            // A repeated POST would make a second comment.
            Method::Post => Idempotency::NotIdempotent,
            Method::Get | Method::Head | Method::Put | Method::Patch | Method::Delete => {
                Idempotency::Idempotent
            }
        };
        let accept = self.forge.accept();
        let call = Call { method, path, accept, json, if_match: None, idempotency };
        let answer = self.client.send(&call).await;
        let answer =
            answer.map_err(|source| ForgeError::Transport { what: self.at_forge(what), source })?;
        let document = answer::parse_document(&answer, &self.at_forge(what), self.forge.name())?;
        Ok((document, answer.has_next))
    }

    /// Reads the login of the token's user.
    async fn read_login(&self) -> Result<String, ForgeError> {
        let what = "find out whose the token is";
        let query = self.forge.login_query(&self.base);
        let user = match (self.call(Method::Get, "/user", None, what).await, query) {
            // The token of a workflow is no user's, and may not read `/user`.
            (Err(ForgeError::Forbidden { .. }), Some(query)) => {
                let document = Some(&query.document);
                let (answer, _) = self.call(Method::Post, &query.path, document, what).await?;
                return self.login(answer.pointer(query.pointer), what);
            }
            (result, _) => result?.0,
        };
        self.login(user.get(self.forge.login_key()), what)
    }

    fn login(&self, value: Option<&Json>, what: &str) -> Result<String, ForgeError> {
        let login = value.and_then(Json::as_str).filter(|login| !login.is_empty());
        login.map(str::to_owned).ok_or_else(|| self.strange(what))
    }

    /// Finds the open pull request whose head is this commit.
    ///
    /// # Errors
    /// [`ForgeError`] when the forge refuses, or can't be asked.
    pub async fn pull_request_of(&self, head: &Head) -> Result<Option<u64>, ForgeError> {
        let what = "find the pull request of this run";
        let Some(path) = self.forge.pulls_path(&self.repository, head) else { return Ok(None) };
        let (list, _) = self.call(Method::Get, &path, None, what).await?;
        let list = list.as_array().ok_or_else(|| self.strange(what))?;
        // The branch may have newer commits, for which the plan says nothing.
        let is_it = |pull: &&Json| pull["head"]["sha"].as_str() == Some(&head.commit);
        Ok(list.iter().find(is_it).and_then(|pull| pull["number"].as_u64()))
    }

    fn at_forge(&self, what: &str) -> String {
        format!("{what} at {}", self.forge.name())
    }

    fn strange(&self, what: &str) -> ForgeError {
        ForgeError::Strange { what: self.at_forge(what), forge: self.forge.name() }
    }
}

/// Returns a repository as a part of a path; none for what is not a repository.
fn encode_repository(forge: &dyn Forge, repository: &str) -> Option<String> {
    let is_name = |name: &str| {
        // The name comes from the environment, and must not lead to another path or query.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !name.is_empty() && name.chars().all(is_plain) && !matches!(name, "." | "..")
    };
    let parts: Vec<&str> = repository.split('/').collect();
    if !parts.iter().all(|part| is_name(part)) {
        return None;
    }
    forge.repository_path(&parts)
}

#[cfg(test)]
mod tests {
    use super::super::github::GitHub;
    use super::super::gitlab::GitLab;
    use super::*;

    #[test]
    fn a_repository_can_not_lead_to_another_path() {
        let path = |forge: &dyn Forge, text| encode_repository(forge, text);
        assert_eq!(path(&GitHub, "ada/rings.tea").as_deref(), Some("ada/rings.tea"));
        assert_eq!(path(&GitLab, "42").as_deref(), Some("42"));
        assert_eq!(path(&GitLab, "lab/sub/rings").as_deref(), Some("lab%2Fsub%2Frings"));
        for bad in ["", "ada", "ada/", "ada/..", "../x", "a/b/c", "a/b?x", "a/b#x", "a/ b", "é/b"]
        {
            assert_eq!(path(&GitHub, bad), None, "{bad}");
        }
        for bad in ["", "rings", "a/../b", "a/b?x", "4 2", "a//b"] {
            assert_eq!(path(&GitLab, bad), None, "{bad}");
        }
    }
}
