//! Ids of vocabularies that are too large to bundle.

use crate::model::VocabularyId;

use super::read::{JSON, parse, segment};
use super::{ApiError, ReadApi};

impl ReadApi {
    /// Returns whether the server knows an id.
    ///
    /// Source: invenio-vocabularies, `contrib/*/resources.py`, 2026-11-30.
    ///
    /// # Errors
    /// [`ApiError`] when it does not say, also where it has no such vocabulary.
    pub async fn knows_vocabulary_id(&self, id: &VocabularyId) -> Result<bool, ApiError> {
        let path = format!("/api/{}/{}", id.vocabulary.name(), segment(&id.id));
        let doing = format!("looking up {id}");
        match self.get(&path, JSON, &doing).await {
            // A page, or an answer about something else, says nothing of this id.
            Ok(answer) => {
                let entry = parse(&answer).unwrap_or_default();
                let is_it = entry["id"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&id.id));
                is_it.then_some(true).ok_or_else(|| ApiError::answer(doing, &answer))
            }
            // A route that is not there is not found in other words.
            Err(error) => {
                let words = error.not_found().map(|(_, words)| words).unwrap_or_default();
                if words.contains("persistent identifier") { Ok(false) } else { Err(error) }
            }
        }
    }
}
