//! What is published, in the words of the deposit API, read where that can't be asked: by anybody,
//! or while the record is being edited.

use crate::api::{ApiError, ReadApi};
use crate::compare;
use crate::model::{Field, Metadata, Value};
use crate::observed::FullRecord;

/// Returns a published record's metadata as its owner reads them by the deposit API.
///
/// # Errors
/// [`ApiError`] when the record's grants can't be read.
pub async fn to_deposit_metadata(api: &ReadApi, full: &FullRecord) -> Result<Metadata, ApiError> {
    let mut metadata = compare::normalize_as_server(&full.metadata);
    // An embargo that is over keeps its date.
    if let Some(until) = full.metadata.text(Field::EmbargoDate) {
        metadata.set_text(Field::EmbargoDate, until);
    }
    if full.has_grants {
        metadata.set(Field::Grants, Value::List(api.grants_of(full.facts.id).await?));
        full.facts.without_free_awards(&mut metadata);
    }
    Ok(metadata)
}
