//! What uploads do to the state: who may send what where, and what the answer says.
//!
//! There are three ways: the bucket, the records API's content, the deposit API's form.
//! Deliberately absent: the bytes, which `app` has stored when `attach` is called.

use http::Method;
use serde_json::json;

use super::answer::Answer;
use super::call::{Call, Work, parse_recid, refuse_content_type};
use super::file_writes::FileWrite;
use crate::local::serializers::file_out;
use crate::local::state::files::{self, IfThere, Sent};
use crate::local::state::refusal::Refusal;
use crate::local::state::types::{Content, Draft, Recid, UserId};
use crate::local::state::{Found, State};

/// Where an upload goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// `PUT /api/files/BUCKET/KEY`.
    Bucket {
        /// The bucket's UUID.
        bucket: String,
        /// The file's name.
        key: String,
    },
    /// `PUT /api/records/ID/draft/files/KEY/content`.
    Content {
        /// The draft, as the path names it.
        id: String,
        /// The file's name.
        key: String,
    },
    /// `POST /api/deposit/depositions/ID/files`; the name is known once the form is read.
    Form {
        /// The draft, as the path names it.
        id: String,
    },
}

impl Target {
    /// Returns where a request uploads to, if it is an upload.
    pub(crate) fn of(call: &Call) -> Option<Self> {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        match (path.as_slice(), &call.method) {
            (["api", "files", bucket, key], &Method::PUT) => {
                Some(Self::Bucket { bucket: (*bucket).to_owned(), key: (*key).to_owned() })
            }
            (["api", "records", id, "draft", "files", key @ .., "content"], &Method::PUT)
                if !key.is_empty() =>
            {
                Some(Self::Content { id: (*id).to_owned(), key: key.join("/") })
            }
            (["api", "deposit", "depositions", id, "files"], &Method::POST) => {
                Some(Self::Form { id: (*id).to_owned() })
            }
            _ => None,
        }
    }

    /// Refuses what can be refused before a byte is read; `size_bytes` is the announced size.
    ///
    /// # Errors
    /// In the server's words.
    pub(crate) fn check(
        &self,
        call: &Call,
        state: &State,
        size_bytes: Option<u64>,
    ) -> Result<(), Refusal> {
        // A form has a content type of its own, with the boundary in it.
        if let Self::Bucket { .. } | Self::Content { .. } = self {
            let kind = call.content_type.as_deref();
            if kind.is_some_and(|kind| kind != "application/octet-stream") {
                return Err(refuse_content_type("application/octet-stream"));
            }
        }
        let draft = self.draft(call.user, state)?;
        match self {
            Self::Bucket { key, .. } => {
                // A chunked upload announces no size; `attach` checks again with the real one.
                files::check_quota(state, draft, (key, size_bytes.unwrap_or(0)), call.quota)
            }
            Self::Content { key, .. } => {
                let file = draft.version.file(key);
                file.map(|_| ()).ok_or_else(|| Refusal::no_such_file(draft.version.id, key))
            }
            // The name and the size are known only once the form is read.
            Self::Form { .. } => Ok(()),
        }
    }

    fn draft<'a>(&self, user: Option<UserId>, state: &'a State) -> Result<&'a Draft, Refusal> {
        match self {
            Self::Bucket { bucket, .. } => {
                // The real server fails on a bucket that is not a UUID, instead of not finding it.
                if uuid::Uuid::try_parse(bucket).is_err() {
                    return Err(Refusal::internal());
                }
                files::find_writable_draft(state, user, bucket)
            }
            Self::Content { id, .. } => {
                files::require_unlocked(state, state.records_draft(user, parse_recid(id)?)?)
            }
            Self::Form { id } => {
                files::require_unlocked(state, state.deposit_draft(user, parse_recid(id)?)?)
            }
        }
    }

    /// Adds the stored content to the draft; `named` is the name that a form gave.
    ///
    /// # Errors
    /// As [`Target::check`].
    pub(crate) fn attach(
        &self,
        work: &mut Work<'_, '_>,
        named: &str,
        content: Content,
    ) -> Result<Answer, Refusal> {
        // Again, since the state may have changed while the bytes came in.
        self.check(work.call, work.state, Some(content.size_bytes))?;
        let id = self.draft(work.call.user, work.state)?.version.id;
        match self {
            Self::Bucket { key, .. } => attach_to_bucket(work, id, key, content),
            Self::Content { key, .. } => attach_to_content(work, id, key, content),
            Self::Form { .. } => attach_to_form(work, id, named, &content),
        }
    }
}

impl Target {
    /// Returns the draft.
    ///
    /// # Errors
    /// As [`Target::check`].
    pub(crate) fn find_draft(&self, call: &Call, state: &State) -> Result<Recid, Refusal> {
        Ok(self.draft(call.user, state)?.version.id)
    }

    /// Refuses to replace a file beside another write to the draft.
    ///
    /// # Errors
    /// 500; the old bytes stay.
    pub(crate) fn check_replacement(
        &self,
        work: &Work<'_, '_>,
        write: &FileWrite,
    ) -> Result<(), Refusal> {
        let Self::Bucket { key, .. } = self else { return Ok(()) };
        let is_there = self.draft(work.call.user, work.state)?.version.file(key).is_some();
        if is_there && write.is_beside_another() { Err(Refusal::internal()) } else { Ok(()) }
    }

    /// Removes a file that was just added: a fault.
    ///
    /// # Errors
    /// In the server's words.
    pub(crate) fn lose(&self, work: &mut Work<'_, '_>, named: &str) -> Result<(), Refusal> {
        let id = self.draft(work.call.user, work.state)?.version.id;
        files::delete(work.state, id, named, work.moment)
    }
}

/// Returns the draft that a request deletes a file from, if it does.
pub(crate) fn find_draft_of_delete(call: &Call, state: &State) -> Option<Recid> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["api", "deposit", "depositions", id, "files", _]
        | ["api", "records", id, "draft", "files", _, ..] => parse_recid(id).ok(),
        ["api", "files", bucket, _] => {
            let draft = files::find_writable_draft(state, call.user, bucket);
            draft.ok().map(|draft| draft.version.id)
        }
        _ => None,
    }
}

fn find_draft(state: &State, id: Recid) -> Result<&Draft, Refusal> {
    state.drafts.get(&id).ok_or_else(Refusal::no_such_id)
}

fn attach_to_bucket(
    work: &mut Work<'_, '_>,
    id: Recid,
    key: &str,
    content: Content,
) -> Result<Answer, Refusal> {
    let draft = find_draft(work.state, id)?;
    files::check_quota(work.state, draft, (key, content.size_bytes), work.call.quota)?;
    files::put(work.state, id, key, content, IfThere::Replace, work.moment)?;
    let draft = find_draft(work.state, id)?;
    let file = draft.version.file(key).ok_or_else(Refusal::internal)?;
    Ok(Answer::json(201, file_out::write_bucket_object(work.view(), &draft.version, file)))
}

fn attach_to_content(
    work: &mut Work<'_, '_>,
    id: Recid,
    key: &str,
    content: Content,
) -> Result<Answer, Refusal> {
    let form = work.call.form()?;
    let sent = files::send(work.state, id, key, content)?;
    let found = Found::Draft(find_draft(work.state, id)?);
    let body = match sent {
        Sent::Taken(file) => file_out::write_file_entry(work.view(), found, &file),
        // The real server says so in the body of a 200.
        Sent::Lost(file) => {
            let mut body = file_out::write_file_entry(work.view(), found, &file);
            body["errors"] = json!("File upload transfer failed.");
            body
        }
    };
    Ok(Answer::form(200, body, form))
}

fn attach_to_form(
    work: &mut Work<'_, '_>,
    id: Recid,
    key: &str,
    content: &Content,
) -> Result<Answer, Refusal> {
    let draft = find_draft(work.state, id)?;
    files::check_quota(work.state, draft, (key, content.size_bytes), work.call.quota)?;
    files::put(work.state, id, key, content.clone(), IfThere::Refuse, work.moment)?;
    let draft = find_draft(work.state, id)?;
    let file = draft.version.file(key).ok_or_else(Refusal::internal)?;
    let body = file_out::write_file_list_row(work.view(), Found::Draft(draft), file, content);
    Ok(Answer::json(201, body))
}
