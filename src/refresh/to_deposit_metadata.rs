//! Published metadata in the form of the deposit API, for when that can't be read: without a token,
//! or while the record is being edited.

use crate::api::{ApiError, ReadApi};
use crate::compare;
use crate::model::{Field, Metadata, Value};
use crate::observed::FullRecord;

/// Returns a published record's metadata as the deposit API shows them to the owner.
///
/// # Errors
/// [`ApiError`] when the record's grants can't be read.
pub async fn to_deposit_metadata(api: &ReadApi, full: &FullRecord) -> Result<Metadata, ApiError> {
    let mut metadata = compare::respell_words(&full.metadata);
    // The records API has other ids for grants; without grants the second request is spared.
    if full.has_grants {
        metadata.set(Field::Grants, Value::List(api.grants_of(full.facts.id).await?));
        full.facts.without_free_awards(&mut metadata);
    }
    Ok(metadata)
}
