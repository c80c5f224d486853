//! The published record: as the records API shows it, and with its deposition where that is not
//! enough.

use crate::api::{ApiError, ReadApi};
use crate::compare::respell_words;
use crate::model::OpenDraft;
use crate::observed::{
    CommunityStatus, Deposition, Draft, FullRecord, Observed, Record, RecordState,
};

use super::drafts::{complete_draft, find_newer_draft, require_same_concept};
use super::metadata::{merge_readings, merge_unread, to_deposit_metadata};
use super::types::IsEnough;

/// Reads the latest version and the open draft.
///
/// Its deposition is read, which shows an open edit too, unless the record alone is enough.
pub(super) async fn read_published(
    api: &ReadApi,
    full: &FullRecord,
    named: Option<OpenDraft>,
    is_enough: &IsEnough<'_>,
) -> Result<Observed, ApiError> {
    let alone = read_alone(full).map(|record| observe(full, record));
    // An edit that lock or journal know may be open, and only the deposition shows it.
    let may_be_edited = matches!(named, Some(OpenDraft::Edit(_)));
    let (observed, edit) = match alone {
        Some(observed) if !may_be_edited && is_enough(&observed) => (observed, None),
        Some(_) | None => {
            let (record, edit) = read_with_deposition(api, full).await?;
            (observe(full, record), edit)
        }
    };
    let open = match edit {
        // zrel's own draft of a new version goes before an edit of another client.
        Some(edit) if !(full.facts.has_newer_draft && is_version(named)) => Some(edit),
        _ if full.facts.has_newer_draft => find_newer_draft(api, &full.facts, named).await?,
        _ => None,
    };
    let draft = match open {
        Some(draft) => Some(complete_draft(api, draft).await?),
        None => None,
    };
    Ok(Observed { draft, ..observed })
}

/// Returns the published record as one answer of the records API shows it, without a request; `None`
/// when that is not the whole, or not the latest version without a newer draft.
pub fn observe_alone(full: &FullRecord) -> Option<Observed> {
    let is_all = full.facts.is_latest && !full.facts.has_newer_draft;
    let record = read_alone(full).filter(|_| is_all)?;
    Some(observe(full, record))
}

fn is_version(named: Option<OpenDraft>) -> bool {
    matches!(named, Some(OpenDraft::Version(_)))
}

fn observe(full: &FullRecord, record: Record) -> Observed {
    let joined =
        full.facts.communities.iter().map(|slug| (slug.clone(), CommunityStatus::Joined.into()));
    Observed {
        communities: joined.collect(),
        record: RecordState::Published(Box::new(record)),
        ..Observed::default()
    }
}

/// Reads the record from the answer of the records API; `None` when that is not the whole record,
/// or not the answer to its owner.
fn read_alone(full: &FullRecord) -> Option<Record> {
    if !full.facts.is_own || !full.is_whole() {
        return None;
    }
    // Most servers give one: the deposition says whether it has none.
    let (doi, files) = (full.doi.clone()?, full.files.clone()?);
    Some(full.to_record(Some(doi), respell_words(&full.metadata), files))
}

/// Reads the deposition of the latest version, and the open edit.
async fn read_with_deposition(
    api: &ReadApi,
    full: &FullRecord,
) -> Result<(Record, Option<Draft>), ApiError> {
    let facts = &full.facts;
    let Some(deposition) = api.find_deposition(facts.id).await? else {
        return read_with_edit(api, full).await;
    };
    require_same_concept(facts.id, facts.concept, deposition.concept())?;
    let (record, edit) = match deposition {
        Deposition::Published(record) => (*record, None),
        Deposition::Open(edit) => (read_edited(api, full, &edit).await?, Some(*edit)),
    };
    let (metadata, unread) = match &edit {
        // It was read so already.
        Some(_) => (record.metadata.clone(), record.unread.clone()),
        None => (merge_readings(&record.metadata, full), merge_unread(&record.unread, full)),
    };
    let record = Record {
        metadata,
        unread,
        has_external_doi: facts.has_external_doi,
        index: facts.index,
        has_newer_draft: facts.has_newer_draft,
        unsupported: facts.unsupported.clone(),
        fingerprint: Some(facts.fingerprint),
        ..record
    };
    Ok((record, edit))
}

/// Reads the open edit by the records API, which has shown the whole record already.
async fn read_with_edit(
    api: &ReadApi,
    full: &FullRecord,
) -> Result<(Record, Option<Draft>), ApiError> {
    let id = full.facts.id;
    let doing = format!("reading record {id}");
    let edit = match api.draft(id).await {
        Ok(edit) => Some(edit),
        // Everybody reads a published record, and nobody but its owner its draft.
        Err(error) if error.is_not_found() && !full.facts.is_own => {
            return Err(ApiError::not_own(doing));
        }
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error),
    };
    Ok((full.to_whole_record(&doing)?, edit))
}

/// Reads a record that is being edited. Its deposition shows the edit, so the published metadata
/// come from the records API, and so do the files: an edit may change them for a time.
async fn read_edited(api: &ReadApi, full: &FullRecord, edit: &Draft) -> Result<Record, ApiError> {
    // The edit may have another one by now, or none.
    let doi = full.doi.clone().or_else(|| edit.doi.clone());
    let metadata = to_deposit_metadata(api, full).await?;
    let files = full.files.clone().unwrap_or_else(|| edit.files.clone());
    Ok(Record {
        concept_doi: edit.concept_doi.clone(),
        revision: edit.revision,
        html: edit.html.clone(),
        unread: Vec::new(),
        ..full.to_record(doi, metadata, files)
    })
}
