//! How much a record may hold, and raising that: `POST /api/records/ID/quota-increase`.
//!
//! Source: `services/storage/service.py` of invenio-rdm-records 1f23bb9 (2026-08-07) and the values of
//! zenodo-rdm 6386403 (2026-08-20), read 2026-11-30; not recorded.

use serde_json::json;

use super::refusal::Refusal;
use super::requests;
use super::types::{Concept, Draft, FileEntry, Recid, RequestKind, UserId, Version};
use super::{Moment, State};

/// How much a record may hold: 100 files and 50 GB on Zenodo (2026-11-23).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    /// Number of files.
    pub(crate) n_files: usize,
    /// Bytes of all files together.
    pub(crate) size_bytes: u64,
}

/// How much a user may raise the limits of all records together.
const MAX_ADDITIONAL_BYTES: u64 = 150_000_000_000;

impl State {
    /// Returns how much a draft may hold; `usual` is the limit of each record.
    pub(crate) fn find_quota(&self, draft: &Draft, usual: Quota) -> Quota {
        let raised = self.concepts.get(&draft.version.concept).and_then(|it| it.quota_bytes);
        Quota { size_bytes: raised.unwrap_or(usual.size_bytes), ..usual }
    }
}

/// Raises the limit of a draft or record to so many GB, and returns the request's id.
///
/// # Errors
/// 403 for another user, and for a limit out of bounds: below what is used, or more than the user has
/// left.
pub(crate) fn raise(
    state: &mut State,
    user: UserId,
    id: Recid,
    (size_gb, usual): (u64, Quota),
    moment: &mut Moment<'_>,
) -> Result<String, Refusal> {
    let draft = state.drafts.get(&id).map(|draft| &draft.version);
    let version = draft.or_else(|| state.records.get(&id).map(|record| &record.version));
    let version = version.ok_or_else(Refusal::no_such_id)?;
    let concept = version.concept;
    if !state.owns(Some(user), version) {
        return Err(Refusal::denied());
    }
    let wanted = size_gb.saturating_mul(1_000_000_000);
    let additional = wanted.saturating_sub(usual.size_bytes);
    let needed = measure_largest(state, concept).saturating_sub(usual.size_bytes);
    let given = |it: &Concept| it.quota_bytes.map_or(0, |it| it.saturating_sub(usual.size_bytes));
    let others = state.concepts.values().filter(|it| it.owner == user && it.id != concept);
    let left = MAX_ADDITIONAL_BYTES.saturating_sub(others.map(given).sum());
    if additional < needed || additional > left {
        return Err(Refusal::denied());
    }
    state.concept_mut(concept)?.quota_bytes = Some(wanted);
    let request = requests::create(state, user, RequestKind::QuotaIncrease, id, None, moment);
    if let Some(row) = state.requests.get_mut(&request) {
        row.payload = Some(json!({"quota_size": size_gb.to_string()}));
    }
    Ok(request)
}

/// Returns how many bytes the largest version or draft of a record has.
fn measure_largest(state: &State, concept: Recid) -> u64 {
    let drafts = state.drafts.values().map(|draft| &draft.version);
    let versions = drafts.chain(state.records.values().map(|record| &record.version));
    let measure = |version: &Version| {
        version.files.iter().filter_map(FileEntry::content).map(|it| it.size_bytes).sum()
    };
    versions.filter(|version| version.concept == concept).map(measure).max().unwrap_or(0)
}
