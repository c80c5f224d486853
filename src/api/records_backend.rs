//! Drafts read and written by the records API alone: what the calls of the deposit API do, in its
//! terms.
//!
//! Source: records-api-facts.md and contract/scenarios/native-*.json, 2026-11-28.

use serde_json::json;

use crate::compare;
use crate::http::{Answer, Call, Idempotency, Method};
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
        // The id of a concept leads to its latest version, and names no draft or record of its own.
        if full.facts.concept.0 == id.0 {
            return Err(ApiError::gone(doing, "it is a concept, and no version".to_owned()));
        }
        if full.facts.id != id {
            return Err(ApiError::other_record(doing, id, full.facts.id));
        }
        if !full.facts.is_own {
            return Err(ApiError::not_own(doing));
        }
        Ok(Deposition::Published(Box::new(full.to_whole_record(&doing)?)))
    }
}

impl WriteApi {
    /// Creates a draft. Not idempotent.
    pub(super) async fn create_record(&self, metadata: &Metadata) -> Result<Draft, ApiError> {
        let empty = json!({"metadata": {}, "files": {"enabled": true}});
        let spelled = compare::spell_for_records_api(metadata);
        let doing = "creating a draft".to_owned();
        let body = wire::write_draft(&empty, &spelled, &[]);
        let body = body.ok_or_else(|| ApiError::incomplete(doing.clone(), "no metadata"))?;
        let answer = self.call(&post("/api/records", &body), &doing).await?;
        // What the server dropped is missing in the draft, and the next write is compared.
        let full = read_whole(&answer).ok_or_else(|| ApiError::answer(doing, &answer))?;
        Ok(make_draft(&full))
    }

    /// Opens a draft of a new version, with the files of the version before.
    ///
    /// The server answers with the open draft if there is one (contract/scenarios/
    /// native-versions.json, 2026-11-28). That is refused, as the deposit API does: another run may be
    /// about to publish it.
    pub(super) async fn open_new_version(&self, from: RecordId) -> Result<Draft, ApiError> {
        let doing = format!("opening a new version of record {from}");
        let path = format!("/api/records/{from}/versions");
        let opened = self.opened(&post(&path, &json!({})), &doing).await?;
        let id = opened.facts.id;
        // One that is only now opened has no files, and gets them by the next call alone.
        let is_new = opened.files.as_ref().is_none_or(Vec::is_empty);
        let imported = if is_new { self.import_files(id).await } else { Ok(None) };
        match imported.map_err(|error| error.after_opening(id))? {
            // The import raises the revision, and its answer does not say to which.
            Some(files) => Ok(Draft { files, revision: None, ..make_draft(&opened) }),
            None => Err(ApiError::draft_open(doing, id)),
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
    pub async fn import_files(&self, id: RecordId) -> Result<Option<Vec<RemoteFile>>, ApiError> {
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
        // It is published, whatever the answer lacks: a look decides.
        full.to_whole_record(&doing).map_err(|error| error.after_opening(id))
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
        read_whole(&answer).ok_or_else(|| ApiError::answer(doing.to_owned(), &answer))
    }
}

fn read_whole(answer: &Answer) -> Option<FullRecord> {
    let mut full = wire::full_record(&parse(answer)?)?;
    full.take_awards_as_grants();
    Some(full)
}

/// Returns a draft in the words of the deposit API.
fn make_draft(full: &FullRecord) -> Draft {
    full.to_draft(compare::respell_words(&full.metadata))
}

impl FullRecord {
    /// Makes a record of it, in the words of the deposit API.
    ///
    /// # Errors
    /// [`ApiError`] for a record whose files are hidden: taken for none, all of them would be sent
    /// again.
    pub fn to_whole_record(&self, doing: &str) -> Result<Record, ApiError> {
        let lacks = |what: &str| ApiError::incomplete(doing.to_owned(), what);
        let files = self.files.clone().ok_or_else(|| lacks("the record's files are not shown"))?;
        Ok(self.to_record(self.doi.clone(), compare::respell_words(&self.metadata), files))
    }
}
