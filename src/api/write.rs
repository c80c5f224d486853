//! Calls that change something.

use std::fs::File;

use serde_json::{Value as Json, json};

use crate::http::{Answer, Call, Client, Idempotency, Method, Upload};
use crate::model::{Community, FileKey, Md5, Metadata, RecordId};
use crate::observed::{Deposition, Draft, Record};
use crate::wire;

use super::read::{INVENIO, JSON, parse, segment};
use super::{ApiError, Backend, BackendOf, CommunityFacts, ReadApi};

/// A client of the API that can write.
#[derive(Debug, Clone)]
pub struct WriteApi {
    read: ReadApi,
}

/// What a community's inclusion request led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommunityAnswer {
    /// A request is open.
    Asked,
    /// The record is in it.
    Joined,
    /// The request is refused, in the server's own words.
    Refused(String),
}

impl WriteApi {
    /// Takes a client of a server with the deposit API.
    pub fn new(client: Client) -> Self {
        Self { read: ReadApi::new(client) }
    }

    /// Takes a client, and what is known of its server.
    pub fn with_backend(client: Client, backend: BackendOf) -> Self {
        Self { read: ReadApi::with_backend(client, backend) }
    }

    /// Returns whether drafts are written by the records API alone.
    async fn is_of_records(&self) -> Result<bool, ApiError> {
        Ok(self.read.backend().await? == Backend::Records)
    }

    /// Returns the client that only reads.
    pub fn read(&self) -> &ReadApi {
        &self.read
    }

    /// Creates a deposition with this metadata. Not idempotent.
    ///
    /// # Errors
    /// [`ApiError`]; with an unknown outcome there may be a draft.
    pub async fn create(&self, metadata: &Metadata) -> Result<Draft, ApiError> {
        if self.is_of_records().await? {
            return self.create_record(metadata).await;
        }
        let body = json!({"metadata": wire::metadata_to_json(metadata)});
        let call = post("/api/deposit/depositions", &body);
        self.draft(&call, "creating a deposition".to_owned()).await
    }

    /// Opens a draft of a new version; it carries all files. Not idempotent.
    ///
    /// # Errors
    /// [`ApiError`]; refused with 400 while such a draft is open
    /// (contract/scenarios/new-version.json, 2026-11-23).
    pub async fn new_version(&self, from: RecordId) -> Result<Draft, ApiError> {
        if self.is_of_records().await? {
            return self.open_new_version(from).await;
        }
        let path = format!("/api/deposit/depositions/{from}/actions/newversion");
        let body = json!({});
        let doing = format!("opening a new version of record {from}");
        let draft = self.draft(&post(&path, &body), doing).await?;
        Ok(self.complete_opened(draft).await)
    }

    /// Opens a published record for new metadata. Idempotent: an open edit is returned.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn edit(&self, record: RecordId) -> Result<Draft, ApiError> {
        if self.is_of_records().await? {
            return self.open_record(record).await;
        }
        let path = format!("/api/deposit/depositions/{record}/actions/edit");
        let body = json!({});
        let call = Call { idempotency: Idempotency::Idempotent, ..post(&path, &body) };
        let draft = self.draft(&call, format!("opening record {record} for editing")).await?;
        Ok(self.complete_opened(draft).await)
    }

    /// Completes the dates of what was just opened or published, as far as they can be read: an error
    /// here must not make that look failed.
    async fn with_dates_if_read(&self, done: Deposition) -> Deposition {
        self.read.with_single_dates(done.clone()).await.unwrap_or(done)
    }

    /// Completes the dates of a draft that was just opened.
    async fn complete_opened(&self, draft: Draft) -> Draft {
        match self.with_dates_if_read(Deposition::Open(Box::new(draft.clone()))).await {
            Deposition::Open(draft) => *draft,
            Deposition::Published(_) => draft,
        }
    }

    /// Replaces all metadata of a draft. With `if_match`, only while it has that revision.
    ///
    /// # Errors
    /// [`ApiError`]; stale when another client wrote since, or when an earlier try of the same call
    /// arrived.
    pub async fn put_metadata(
        &self,
        id: RecordId,
        metadata: &Metadata,
        if_match: Option<u64>,
    ) -> Result<Draft, ApiError> {
        let path = format!("/api/deposit/depositions/{id}");
        let body = json!({"metadata": wire::metadata_to_json(metadata)});
        let call = Call {
            method: Method::Put,
            path: &path,
            accept: JSON,
            json: Some(&body),
            if_match,
            idempotency: Idempotency::Idempotent,
        };
        let draft = self.draft(&call, format!("writing the metadata of draft {id}")).await?;
        // The read-back compares this draft, and the answer of the PUT lacks single dates.
        match self.read.with_single_dates(Deposition::Open(Box::new(draft))).await? {
            Deposition::Open(draft) => Ok(*draft),
            Deposition::Published(_) => {
                Err(ApiError::unreadable(format!("reading draft {id}"), "it has been published"))
            }
        }
    }

    /// Deletes a file from a draft. Idempotent: not found when it is gone.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn delete_file(&self, id: RecordId, file_id: &str) -> Result<(), ApiError> {
        let path = format!("/api/deposit/depositions/{id}/files/{}", segment(file_id));
        let call = Call {
            method: Method::Delete,
            path: &path,
            accept: JSON,
            json: None,
            if_match: None,
            idempotency: Idempotency::Idempotent,
        };
        self.call(&call, &format!("deleting a file of draft {id}")).await.map(|_| ())
    }

    /// Sends a file into the bucket of a draft; replaces a file of the same name. Returns the MD5
    /// that the server computed of what arrived; none when it answers with a checksum of another
    /// kind.
    ///
    /// `size` is in bytes. `progress` gets the number of bytes sent. Idempotent, and not repeated
    /// here: the caller opens the file again.
    ///
    /// # Errors
    /// [`ApiError`], also for an answer without a checksum.
    pub async fn upload(
        &self,
        bucket: &str,
        key: &FileKey,
        file: File,
        size: u64,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Option<Md5>, ApiError> {
        let doing = format!("uploading `{key}`");
        let path = format!("{}/{}", bucket.trim_end_matches('/'), segment(key.as_str()));
        let sent = self.read.client().upload(&path, Upload { file, size, progress }).await;
        let sent = sent.map_err(|error| ApiError::transport(doing.clone(), error))?;
        let answer = &sent.answer;
        let file = parse(answer).filter(|_| sent.is_whole && is_success(answer));
        // Without a checksum there is nothing to compare: the file counts as not sent.
        let file = file.filter(|file| file["checksum"].is_string());
        Ok(wire::read_checksum(&file.ok_or_else(|| ApiError::answer(doing, answer))?))
    }

    /// Publishes a draft. Can't be undone; the caller must look before it repeats the call.
    ///
    /// # Errors
    /// [`ApiError`]; with an unknown outcome the record may be published.
    pub async fn publish(&self, id: RecordId) -> Result<Record, ApiError> {
        if self.is_of_records().await? {
            return self.publish_record(id).await;
        }
        let doing = format!("publishing {id}");
        let path = format!("/api/deposit/depositions/{id}/actions/publish");
        let body = json!({});
        let answer = self.call(&post(&path, &body), &doing).await?;
        let read =
            read_deposition(&answer).ok_or_else(|| ApiError::answer(doing.clone(), &answer))?;
        match self.with_dates_if_read(read).await {
            Deposition::Published(record) => Ok(*record),
            Deposition::Open(_) => Err(ApiError::answer(doing, &answer)),
        }
    }

    /// Discards an edit, or deletes a draft that was never published. With `if_match`, only while
    /// it has that revision. Idempotent: not found when it is gone.
    ///
    /// # Errors
    /// [`ApiError`]; stale when another client wrote since.
    pub async fn discard(&self, id: RecordId, if_match: Option<u64>) -> Result<(), ApiError> {
        if self.is_of_records().await? {
            return self.discard_draft(id, if_match).await;
        }
        let path = format!("/api/deposit/depositions/{id}/actions/discard");
        let body = json!({});
        let call = Call { if_match, idempotency: Idempotency::Idempotent, ..post(&path, &body) };
        self.call(&call, &format!("discarding draft {id}")).await.map(|_| ())
    }

    /// Requests that a community includes a published record.
    ///
    /// Idempotent: an open request counts as asked.
    ///
    /// # Errors
    /// [`ApiError`] when the answer does not say what came of it.
    pub async fn request_community(
        &self,
        id: RecordId,
        community: &Community,
        message: Option<&str>,
    ) -> Result<CommunityAnswer, ApiError> {
        let doing = format!("asking community `{community}`");
        let path = format!("/api/records/{id}/communities");
        let mut asked = json!({"id": community.0});
        if let Some(message) = message {
            asked["comment"] = wire::comment(message);
        }
        let body = json!({"communities": [asked]});
        let call = Call { idempotency: Idempotency::Idempotent, ..post(&path, &body) };
        let answer = self.read.client().send(&call).await;
        let answer = answer.map_err(|error| ApiError::transport(doing.clone(), error))?;
        let said = parse(&answer).and_then(|json| community_answer(&json));
        said.ok_or_else(|| ApiError::answer(doing, &answer))
    }

    /// Removes a published record from a community; returns why the server does not, in its own words.
    ///
    /// Idempotent: a record that is not in it has left it. The server knows the community by its id
    /// here, and refuses its slug (contract/scenarios/communities-declined-and-versions.json,
    /// 2026-11-23).
    ///
    /// # Errors
    /// [`ApiError`] when the answer does not say what came of it.
    pub async fn leave_community(
        &self,
        id: RecordId,
        community: &CommunityFacts,
    ) -> Result<Option<String>, ApiError> {
        let doing = format!("leaving community `{}`", community.slug);
        let path = format!("/api/records/{id}/communities");
        let body = json!({"communities": [{"id": community.uuid}]});
        let call = Call {
            method: Method::Delete,
            idempotency: Idempotency::Idempotent,
            ..post(&path, &body)
        };
        let answer = self.read.client().send(&call).await;
        let answer = answer.map_err(|error| ApiError::transport(doing.clone(), error))?;
        let said = parse(&answer).and_then(|json| leaving_answer(&json));
        said.ok_or_else(|| ApiError::answer(doing, &answer))
    }

    /// Chooses the community that reviews a draft of a first version.
    ///
    /// Idempotent: it replaces a review that was chosen and not submitted. The server knows the
    /// community by its id, and not by its slug (contract/scenarios/native-community-review.json,
    /// 2026-11-28).
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn choose_review(
        &self,
        id: RecordId,
        community: &CommunityFacts,
    ) -> Result<(), ApiError> {
        let path = format!("/api/records/{id}/draft/review");
        let body = json!({
            "receiver": {"community": community.uuid},
            "type": "community-submission",
        });
        let call = Call {
            method: Method::Put,
            idempotency: Idempotency::Idempotent,
            ..post(&path, &body)
        };
        let doing = format!("choosing community `{}` to review draft {id}", community.slug);
        self.call(&call, &doing).await.map(|_| ())
    }

    /// Submits a draft to the community that was chosen to review it.
    ///
    /// Not idempotent: the server answers 500 to a second one
    /// (contract/scenarios/native-community-review.json, 2026-11-28).
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn submit_review(
        &self,
        id: RecordId,
        community: &CommunityFacts,
        message: Option<&str>,
    ) -> Result<(), ApiError> {
        let path = format!("/api/records/{id}/draft/actions/submit-review");
        let body = message.map_or_else(|| json!({}), wire::comment);
        let doing = format!("submitting draft {id} to community `{}`", community.slug);
        self.call(&post(&path, &body), &doing).await.map(|_| ())
    }

    async fn draft(&self, call: &Call<'_>, doing: String) -> Result<Draft, ApiError> {
        let answer = self.call(call, &doing).await?;
        match read_deposition(&answer) {
            Some(Deposition::Open(draft)) => Ok(*draft),
            Some(Deposition::Published(_)) | None => Err(ApiError::answer(doing, &answer)),
        }
    }

    pub(super) async fn call(&self, call: &Call<'_>, doing: &str) -> Result<Answer, ApiError> {
        let answer = self.read.client().send(call).await;
        let answer = answer.map_err(|error| ApiError::transport(doing.to_owned(), error))?;
        if is_success(&answer) {
            Ok(answer)
        } else {
            Err(ApiError::answer(doing.to_owned(), &answer))
        }
    }
}

/// Returns the method and the path of the call that discards a draft.
pub fn name_discard(id: RecordId, backend: Backend) -> String {
    match backend {
        Backend::Deposit => format!("POST /api/deposit/depositions/{id}/actions/discard"),
        Backend::Records => format!("DELETE /api/records/{id}/draft"),
    }
}

/// Makes a POST that must not be repeated before looking. The server answers 500 to an empty body,
/// so there is always one (zenodo-notes.md, 2026-11-23).
pub(super) fn post<'a>(path: &'a str, body: &'a Json) -> Call<'a> {
    Call {
        method: Method::Post,
        path,
        accept: if path.starts_with("/api/records") { INVENIO } else { JSON },
        json: Some(body),
        if_match: None,
        idempotency: Idempotency::NotIdempotent,
    }
}

pub(super) fn is_success(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

fn read_deposition(answer: &Answer) -> Option<Deposition> {
    wire::deposition(&parse(answer)?, answer.revision)
}

/// Reads `processed[]` or `errors[]`; for zrel an open request is not an error.
///
/// Source: contract/scenarios/communities-by-request.json, 2026-11-23.
fn community_answer(json: &Json) -> Option<CommunityAnswer> {
    if let Some(done) = json["processed"].as_array().and_then(|done| done.first()) {
        let is_joined = done["request"]["status"].as_str() == Some("accepted");
        return Some(if is_joined { CommunityAnswer::Joined } else { CommunityAnswer::Asked });
    }
    let message = json["errors"].as_array()?.first()?["message"].as_str()?;
    // Repeated calls: the server reports as errors what zrel wanted to reach.
    Some(if message.contains("already an open inclusion request") {
        CommunityAnswer::Asked
    } else if message.contains("already included") {
        CommunityAnswer::Joined
    } else {
        CommunityAnswer::Refused(message.chars().take(300).collect())
    })
}

/// Reads `processed[]` or `errors[]`: why the record stays in a community, if it does.
///
/// Source: contract/scenarios/communities-declined-and-versions.json, 2026-11-23.
#[expect(clippy::option_option, reason = "no answer, no fault, or a fault")]
fn leaving_answer(json: &Json) -> Option<Option<String>> {
    if json["processed"].as_array().is_some_and(|done| !done.is_empty()) {
        return Some(None);
    }
    let message = json["errors"].as_array()?.first()?["message"].as_str()?;
    // A repeated call: the server reports as an error what zrel wanted to reach.
    let has_left = message.contains("not included");
    Some((!has_left).then(|| message.chars().take(300).collect()))
}
