//! Ids of vocabularies that are too large to bundle.

use crate::model::VocabularyId;

use super::read::{JSON, segment};
use super::{ApiError, ReadApi};

impl ReadApi {
    /// Returns whether the server knows an id. A server without that vocabulary refutes none.
    ///
    /// Source: invenio-vocabularies, `contrib/*/resources.py`, 2026-11-30.
    ///
    /// # Errors
    /// [`ApiError`] when it does not say.
    pub async fn knows_vocabulary_id(&self, id: &VocabularyId) -> Result<bool, ApiError> {
        let path = format!("/api/{}/{}", id.vocabulary.name(), segment(&id.id));
        match self.get(&path, JSON, &format!("looking up {id}")).await {
            Ok(_) => Ok(true),
            // A route that is not there is not found in other words.
            Err(error) if error.is_not_found() => {
                let words = error.not_found().map(|(_, words)| words).unwrap_or_default();
                Ok(!words.contains("persistent identifier"))
            }
            Err(error) => Err(error),
        }
    }
}
