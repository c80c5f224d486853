//! Drafts read and written by the records API alone: what the calls of the deposit API do, in its
//! terms.
//!
//! Source: records-api-facts.md and contract/scenarios/native-*.json, 2026-11-28.

use serde_json::{Value as Json, json};

use crate::compare;
use crate::http::{Call, Idempotency, Method};
use crate::model::{Metadata, RecordId, RemoteFile};
use crate::observed::{Deposition, Draft, FullRecord, Record};
use crate::wire;

use super::read::{INVENIO, parse};
use super::write::post;
use super::write_native::bare;
use super::{ApiError, ReadApi, WriteApi};

impl ReadApi {
    /// Reads a draft or an edit.
    pub(super) async fn own_draft(&self, id: RecordId) -> Result<Draft, ApiError> {
        Ok(make_draft(&self.full_draft(id).await?))
    }

    /// Reads a draft, an edit, or else the published record.
    pub(super) async fn own_record(&self, id: RecordId) -> Result<Deposition, ApiError> {
        match self.own_draft(id).await {
            Ok(draft) => Ok(Deposition::Open(Box::new(draft))),
            Err(error) if error.is_not_found() => self.own_published(id).await,
            Err(error) => Err(error),
        }
    }

    async fn own_published(&self, id: RecordId) -> Result<Deposition, ApiError> {
        let doing = format!("reading record {id}");
        let full = self.record(id).await?;
        // The id of a concept leads to its latest version, and names no record of its own.
        if full.facts.id != id {
            return Err(ApiError::other_record(doing, id, full.facts.id));
        }
        if !full.facts.is_own {
            return Err(ApiError::not_own(doing));
        }
        let record = make_record(&full).ok_or_else(|| without_doi(doing))?;
        Ok(Deposition::Published(Box::new(record)))
    }
}

impl WriteApi {
    /// Creates a draft. Not idempotent.
    pub(super) async fn create_record(&self, metadata: &Metadata) -> Result<Draft, ApiError> {
        let empty = json!({"metadata": {}, "files": {"enabled": true}});
        let spelled = compare::spell_for_records_api(metadata);
        let body = wire::write_draft(&empty, &spelled, &[]).unwrap_or(empty);
        let doing = "creating a draft".to_owned();
        let answer = self.call(&post("/api/records", &body), &doing).await?;
        // What the server dropped is missing in the draft, and the next write is compared.
        let full = parse(&answer).as_ref().and_then(wire::full_record);
        let full = full.map(FullRecord::with_awards_as_grants);
        full.map(|full| make_draft(&full)).ok_or_else(|| ApiError::answer(doing, &answer))
    }

    /// Opens a draft of a new version, with the files of the version before. The draft is the open
    /// one if there is one; then its files stay as they are.
    pub(super) async fn open_new_version(&self, from: RecordId) -> Result<Draft, ApiError> {
        let doing = format!("opening a new version of record {from}");
        let path = format!("/api/records/{from}/versions");
        let opened = self.opened(&post(&path, &json!({})), &doing).await?;
        if !opened.files.as_ref().is_none_or(Vec::is_empty) {
            return Ok(make_draft(&opened));
        }
        let filled = self.fill_version(&opened).await;
        filled.map_err(|error| error.after_opening(opened.facts.id))
    }

    /// Takes the files of the version before into a draft that was only now opened.
    async fn fill_version(&self, opened: &FullRecord) -> Result<Draft, ApiError> {
        let id = opened.facts.id;
        match self.import_files(id).await? {
            // The import raises the revision, and its answer does not say to which.
            Some(files) => Ok(Draft { files, revision: None, ..make_draft(opened) }),
            None => Ok(make_draft(&self.read().full_draft(id).await?)),
        }
    }

    /// Reserves the DOI that the server will mint, and returns the draft that has it. Idempotent: a
    /// draft that has one keeps it, and is not returned.
    ///
    /// # Errors
    /// [`ApiError`], also for a server that mints none.
    pub async fn reserve_record_doi(&self, id: RecordId) -> Result<Option<Draft>, ApiError> {
        let path = format!("/api/records/{id}/draft/pids/doi");
        let call = Call { accept: INVENIO, ..bare(Method::Post, &path) };
        match self.opened(&call, "reserving the DOI").await {
            Ok(full) => Ok(Some(make_draft(&full))),
            Err(error) if error.is_doi_there() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes the files of the version before into a draft without files, and returns them, sorted by
    /// key. Idempotent: a draft that has files keeps them, and they are not returned.
    ///
    /// # Errors
    /// [`ApiError`]; not found for the draft of a first version.
    async fn import_files(&self, id: RecordId) -> Result<Option<Vec<RemoteFile>>, ApiError> {
        let path = format!("/api/records/{id}/draft/actions/files-import");
        let call = Call { accept: INVENIO, ..bare(Method::Post, &path) };
        match self.call(&call, &format!("taking over the files into draft {id}")).await {
            // An earlier try of the call arrived.
            Err(error) if error.is_draft_open() => Ok(None),
            Err(error) => Err(error),
            Ok(answer) => Ok(parse(&answer).as_ref().and_then(wire::imported_files)),
        }
    }

    /// Opens a published record for new metadata. Idempotent: an open edit is returned.
    pub(super) async fn open_record(&self, record: RecordId) -> Result<Draft, ApiError> {
        let path = format!("/api/records/{record}/draft");
        let body = json!({});
        let call = Call { idempotency: Idempotency::Idempotent, ..post(&path, &body) };
        let doing = format!("opening record {record} for editing");
        Ok(make_draft(&self.opened(&call, &doing).await?))
    }

    /// Publishes a draft. Can't be undone; the caller must look before it repeats the call.
    pub(super) async fn publish_record(&self, id: RecordId) -> Result<Record, ApiError> {
        let doing = format!("publishing {id}");
        let path = format!("/api/records/{id}/draft/actions/publish");
        let full = self.opened(&post(&path, &json!({})), &doing).await?;
        make_record(&full).ok_or_else(|| without_doi(doing))
    }

    /// Discards an edit, or deletes a draft that was never published. Idempotent: not found when it
    /// is gone.
    pub(super) async fn discard_draft(
        &self,
        id: RecordId,
        if_match: Option<u64>,
    ) -> Result<(), ApiError> {
        let path = format!("/api/records/{id}/draft");
        let call = Call { if_match, ..bare(Method::Delete, &path) };
        self.call(&call, &format!("discarding draft {id}")).await.map(|_| ())
    }

    async fn opened(&self, call: &Call<'_>, doing: &str) -> Result<FullRecord, ApiError> {
        let answer = self.call(call, doing).await?;
        let read: Option<Json> = parse(&answer);
        let full = read.as_ref().and_then(wire::full_record).map(FullRecord::with_awards_as_grants);
        full.ok_or_else(|| ApiError::answer(doing.to_owned(), &answer))
    }
}

/// Returns a draft in the words of the deposit API.
fn make_draft(full: &FullRecord) -> Draft {
    full.to_draft(compare::respell_words(&full.metadata))
}

/// Returns a record in the words of the deposit API; `None` for one without a DOI.
fn make_record(full: &FullRecord) -> Option<Record> {
    let files = full.files.clone().unwrap_or_default();
    Some(full.to_record(full.doi.clone()?, compare::respell_words(&full.metadata), files))
}

fn without_doi(doing: String) -> ApiError {
    ApiError::unreadable(doing, "the record has no DOI, and zrel publishes records with one")
}
