//! Recognises the refusal that a server sends when two wrote at once.

use crate::api::ApiError;
use crate::check::list_vocabulary_words;
use crate::model::Metadata;

/// Returns whether a refusal of metadata may only mean that another client wrote at the same
/// moment: the loser gets 400 `Invalid value dataset.`, for a word that is in the vocabulary
/// (zenodo-notes.md, 2026-11-23).
pub(super) fn may_be_lost(error: &ApiError, sent: &Metadata) -> bool {
    // Words of a manifest are looked up before they are sent, so the server knows them.
    error
        .refused_word()
        .is_some_and(|word| list_vocabulary_words(sent).iter().any(|(_, known)| known == word))
}
