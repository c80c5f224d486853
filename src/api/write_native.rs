//! Calls of the records API that change a draft, for what the deposit API can't do: metadata that it
//! would lose, files in folders, files whose upload never completed, a DOI that is an empty text.

use std::fs::File;

use serde_json::{Value as Json, json};

use crate::http::{Answer, Call, Idempotency, Method, Upload};
use crate::model::{Doi, FileKey, Md5, Metadata, RecordId};
use crate::observed::{FullRecord, UnsupportedValue};
use crate::wire;

use super::read::{INVENIO, JSON, parse, segment};
use super::write::{is_success, post};
use super::{ApiError, ApiErrorKind, WriteApi};

/// What of a draft a PUT may send back.
#[derive(Clone, Copy)]
pub struct KeptValues<'a> {
    /// Whether the DOI that it has may be published.
    pub accepts_doi: &'a (dyn Fn(&Doi) -> bool + Sync),
    /// What the published record holds that no field of the metadata says; what else the draft holds
    /// of that kind is removed.
    pub published: &'a [UnsupportedValue],
}

impl KeptValues<'_> {
    /// Of a draft that no other client writes to.
    pub const OF_OWN_DRAFT: KeptValues<'static> =
        KeptValues { accepts_doi: &|_| true, published: &[] };
}

impl std::fmt::Debug for KeptValues<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptValues").field("published", &self.published).finish_non_exhaustive()
    }
}

impl WriteApi {
    /// Registers a file, to be sent and committed next. Not idempotent.
    ///
    /// # Errors
    /// [`ApiError`]; refused when the draft has a file of that name.
    pub async fn register_file(&self, id: RecordId, key: &FileKey) -> Result<(), ApiError> {
        let path = format!("/api/records/{id}/draft/files");
        let body = json!([{"key": key.as_str()}]);
        self.call(&post(&path, &body), &format!("registering `{key}`")).await.map(|_| ())
    }

    /// Sends the content of a file that is registered and not committed. Sending again replaces the
    /// content, but a committed file would be lost
    /// (contract/scenarios/native-file-content-after-commit.json, 2026-11-28): look first.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn send_content(
        &self,
        id: RecordId,
        key: &FileKey,
        (file, size): (File, u64),
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), ApiError> {
        let doing = format!("uploading `{key}`");
        let path = format!("{}/content", name_draft_file(id, key));
        let sent = self.read().client().upload(&path, Upload { file, size, progress }).await;
        let sent = sent.map_err(|error| ApiError::transport(doing.clone(), error))?;
        if sent.is_whole && is_success(&sent.answer) {
            Ok(())
        } else {
            Err(ApiError::answer(doing, &sent.answer))
        }
    }

    /// Commits a file whose content was sent, and returns the MD5 that the server computed.
    /// Idempotent.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn commit_file(&self, id: RecordId, key: &FileKey) -> Result<Option<Md5>, ApiError> {
        let path = format!("{}/commit", name_draft_file(id, key));
        let answer = self.call(&bare(Method::Post, &path), &format!("committing `{key}`")).await?;
        Ok(parse(&answer).as_ref().and_then(wire::read_checksum))
    }

    /// Deletes a file of a draft by its name, also one whose upload never completed. Idempotent:
    /// not found when it is gone.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn drop_file(&self, id: RecordId, key: &FileKey) -> Result<(), ApiError> {
        let path = name_draft_file(id, key);
        let doing = format!("deleting `{key}`");
        self.call(&bare(Method::Delete, &path), &doing).await.map(|_| ())
    }

    /// Reserves the DOI that the server will mint, and returns it. Idempotent: an existing DOI stays,
    /// and none is returned.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn reserve_doi(&self, id: RecordId) -> Result<Option<Doi>, ApiError> {
        let path = format!("/api/records/{id}/draft/pids/doi");
        let call = Call { accept: INVENIO, ..bare(Method::Post, &path) };
        match self.call(&call, "reserving the DOI").await {
            // An earlier try arrived, or the server reserved it: what was wanted is there.
            Err(error) if error.is_doi_there() => Ok(None),
            Err(error) => Err(error),
            Ok(answer) => Ok(parse(&answer).and_then(|json| wire::draft_doi(&json))),
        }
    }

    /// Sends a DOI of the server's back into a draft whose `pids` lack it. The rest is sent as it is
    /// read here, and only while the draft has that revision: a PUT replaces all of it
    /// (contract/scenarios/records-api-doi-deadlock.json, 2026-11-23). Idempotent. Returns whether the
    /// draft has a DOI then, as the answer shows it.
    ///
    /// # Errors
    /// [`ApiError`]; stale when another client wrote since, or when an earlier try of the same call
    /// arrived.
    pub async fn send_doi(&self, id: RecordId, doi: &Doi) -> Result<bool, ApiError> {
        let doing = format!("sending the DOI of draft {id} back");
        let answer = self.get_draft(id, &doing).await?;
        let draft = parse(&answer);
        // Another client gave it one meanwhile.
        if draft.as_ref().and_then(wire::draft_doi).is_some() {
            return Ok(true);
        }
        let body = draft.and_then(|draft| wire::add_doi(draft, (id, doi)));
        let body = body.ok_or_else(|| ApiError::answer(doing.clone(), &answer))?;
        let answer = self.put_draft(id, (&body, answer.revision), &doing).await?;
        Ok(parse(&answer).as_ref().and_then(wire::draft_doi).is_some())
    }
}

impl WriteApi {
    /// Replaces all metadata of a draft, spelled as the records API takes them. With `if_match`, only
    /// while it has that revision. Idempotent.
    ///
    /// The draft is read first, since its DOIs must be sent back: without them a reserved one is
    /// lost, and any DOI under the server's prefix is published as it is sent (records-api-facts.md
    /// section 5, 2026-11-28). `kept` says which one may be.
    ///
    /// # Errors
    /// [`ApiError`]; stale when another client wrote since, or when an earlier try of the same call
    /// arrived; refused where the server took the call and dropped a value, or has a DOI that may not
    /// be sent back.
    pub async fn put_native_metadata(
        &self,
        id: RecordId,
        metadata: &Metadata,
        if_match: Option<u64>,
        kept: &KeptValues<'_>,
    ) -> Result<FullRecord, ApiError> {
        let doing = format!("writing the metadata of draft {id}");
        let answer = self.get_draft(id, &doing).await?;
        let draft = parse(&answer).filter(|draft| is_about(draft, id));
        let draft = draft.ok_or_else(|| ApiError::answer(doing.clone(), &answer))?;
        if if_match.is_some() && answer.revision.is_some() && if_match != answer.revision {
            let message = "it has another revision".to_owned();
            return Err(ApiError::of(doing, ApiErrorKind::Stale { message }));
        }
        if let Some(doi) = wire::draft_doi(&draft).filter(|doi| !(kept.accepts_doi)(doi)) {
            return Err(refuse_doi(doing, &doi));
        }
        let body = wire::write_draft(&draft, metadata, kept.published);
        let body = body.ok_or_else(|| ApiError::answer(doing.clone(), &answer))?;
        let if_match = if_match.or(answer.revision);
        let answer = self.put_draft(id, (&body, if_match), &doing).await?;
        let written = parse(&answer).filter(|draft| is_about(draft, id));
        let written = written.as_ref().and_then(wire::full_record);
        let mut written = written.ok_or_else(|| ApiError::answer(doing.clone(), &answer))?;
        self.read().spell_awards(&mut written).await?;
        match ApiError::dropped(doing, &answer) {
            Some(error) => Err(error),
            None => Ok(written),
        }
    }

    async fn get_draft(&self, id: RecordId, doing: &str) -> Result<Answer, ApiError> {
        let path = format!("/api/records/{id}/draft");
        self.call(&Call { accept: INVENIO, ..bare(Method::Get, &path) }, doing).await
    }

    /// Replaces a draft, with a revision only while it has that one.
    async fn put_draft(
        &self,
        id: RecordId,
        (body, if_match): (&Json, Option<u64>),
        doing: &str,
    ) -> Result<Answer, ApiError> {
        let path = format!("/api/records/{id}/draft");
        let json = Some(body);
        let call = Call { accept: INVENIO, json, if_match, ..bare(Method::Put, &path) };
        self.call(&call, doing).await
    }
}

/// Returns whether an answer is about a record.
fn is_about(json: &Json, id: RecordId) -> bool {
    json["id"].as_str().is_some_and(|text| text == id.to_string())
}

/// Makes the error of a DOI that would be published and that nobody planned.
fn refuse_doi(doing: String, doi: &Doi) -> ApiError {
    let message =
        format!("the draft has the DOI {doi}, which is neither its own nor the manifest's");
    let field_errors = vec![("pids.doi".to_owned(), vec![format!("it is {doi}")])];
    ApiError::of(doing, ApiErrorKind::Refused { status: 200, message, field_errors })
}

/// Returns the path of a draft's file, as it is sent.
pub fn name_draft_file(id: RecordId, key: &FileKey) -> String {
    format!("/api/records/{id}/draft/files/{}", segment(key.as_str()))
}

/// Makes a call without a body that may be repeated.
pub(super) fn bare(method: Method, path: &str) -> Call<'_> {
    Call {
        method,
        path,
        accept: JSON,
        json: None,
        if_match: None,
        idempotency: Idempotency::Idempotent,
    }
}
