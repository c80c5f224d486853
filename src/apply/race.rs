//! Recognises the refusal with which a server answers when two wrote at once.

use crate::api::ApiError;
use crate::check::words_of;
use crate::model::Metadata;

/// Tells whether a refusal of metadata may only mean that somebody else wrote at the same moment:
/// the loser gets 400 `Invalid value dataset.`, for a word that is in the vocabulary
/// (zenodo-notes.md, 2026-11-23). Words of a manifest were looked up before they are sent.
pub(super) fn may_be_lost(error: &ApiError, sent: &Metadata) -> bool {
    error.refused_word().is_some_and(|word| words_of(sent).iter().any(|(_, known)| known == word))
}
