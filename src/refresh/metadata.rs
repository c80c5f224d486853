//! Metadata as zrel compares them: what the records API shows, with the words of the deposit API.

use crate::api::{ApiError, ReadApi};
use crate::compare;
use crate::model::{Field, Metadata, Value};
use crate::observed::{FullRecord, Unread};

/// Returns a published record's metadata, when its deposition can't be read: without a token, or
/// while the record is being edited.
///
/// # Errors
/// [`ApiError`] when the record's grants can't be read.
pub async fn to_deposit_metadata(api: &ReadApi, full: &FullRecord) -> Result<Metadata, ApiError> {
    let mut metadata = compare::respell_words(&full.metadata);
    // The records API has other ids for grants; without grants the second request is spared.
    if !full.awards.is_empty() {
        metadata.set(Field::Grants, Value::List(api.grants_of(full.facts.id).await?));
        full.facts.without_free_awards(&mut metadata);
    }
    Ok(metadata)
}

/// Returns what could not be read of metadata and files of which both APIs were read: of metadata
/// the records API shows all.
pub fn merge_unread(deposit: &[Unread], full: &FullRecord) -> Vec<Unread> {
    let of_files = deposit.iter().filter(|entry| entry.place.starts_with("files")).cloned();
    of_files.chain(full.unread.iter().cloned()).collect()
}

/// Returns metadata of which both APIs were read: the deposit API alone has the ids of grants, and
/// the DOI that a draft would be published under.
pub fn merge_readings(deposit: &Metadata, full: &FullRecord) -> Metadata {
    let mut metadata = compare::respell_words(&full.metadata);
    // The records API alone has funding that is no grant, or a grant without a funder.
    let has_own_funding = full.metadata.get(Field::Funding).is_some();
    let fields = [Some(Field::Doi), Some(Field::Grants).filter(|_| !has_own_funding)];
    for field in fields.into_iter().flatten() {
        metadata.remove(field);
        if let Some(value) = deposit.get(field) {
            metadata.set(field, value.clone());
        }
    }
    full.facts.without_free_awards(&mut metadata);
    metadata
}
