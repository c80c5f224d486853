//! The listing of a user's records: it shows for many members of a workspace at once that they are
//! as wanted. Whatever it can't prove is read alone, so that no change is planned from a listing.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use crate::api::{ApiError, MAX_PAGES, PAGE, ReadApi};
use crate::model::RecordId;
use crate::observed::{CommunityStatus, FullRecord, Observed};
use crate::plan::{Operation, Policy};
use crate::refresh::{RefreshRequest, observe_alone};

use super::policy::make_plan;
use super::project::PlanInputs;

/// From how many records on a listing takes fewer requests than reading each.
const WORTH_IT: usize = 8;

/// A listing that is read when the first record is looked up in it.
#[derive(Debug, Default)]
pub struct Listing {
    /// How many records may be looked up.
    n_expected: usize,
    records: OnceCell<BTreeMap<RecordId, FullRecord>>,
}

impl Listing {
    /// Makes a listing in which so many records may be looked up.
    pub fn expecting(n_expected: usize) -> Self {
        Self { n_expected, records: OnceCell::new() }
    }

    /// Returns what a plan needs to know of the record, when the listing proves that the plan has
    /// nothing to do.
    pub(super) async fn observe(
        &self,
        api: &ReadApi,
        (inputs, policy): (&PlanInputs, &Policy),
        request: &RefreshRequest,
    ) -> Option<Observed> {
        let last = request.last.filter(|last| is_plain(request, policy, *last))?;
        if self.n_expected < WORTH_IT {
            return None;
        }
        let records = self.records.get_or_init(|| read_listing(api, self.n_expected)).await;
        // The index is seconds late: a version that it does not show yet is read alone.
        let full = records.get(&last)?;
        if request.concept != Some(full.facts.concept) {
            return None;
        }
        let observed = observe_alone(full)?;
        let has_joined = request
            .communities
            .iter()
            .all(|slug| observed.find_status(slug) == Some(CommunityStatus::Joined));
        let checked = make_plan(inputs, &observed, policy);
        let is_done = has_joined
            && checked.plan().is_empty()
            && checked.plan().operation == Operation::Nothing;
        is_done.then_some(observed)
    }
}

/// Returns whether nothing but the record itself is needed: no draft, no unfinished run, and no
/// other version that has the label or was asked about.
fn is_plain(request: &RefreshRequest, policy: &Policy, last: RecordId) -> bool {
    request.draft.is_none()
        && policy.unfinished.is_none()
        && request.grants.is_empty()
        && request.labelled.iter().all(|version| *version == last)
}

/// Reads the pages; nothing when that takes more requests than it saves, or fails: each record is
/// read alone then, and a failure shows there.
async fn read_listing(api: &ReadApi, n_expected: usize) -> BTreeMap<RecordId, FullRecord> {
    tracing::info!(target: "refresh", "your own records, in pages of {PAGE}");
    read_pages(api, n_expected).await.unwrap_or_else(|error| {
        tracing::info!(target: "refresh", "the listing can't be read: {error}");
        BTreeMap::new()
    })
}

async fn read_pages(
    api: &ReadApi,
    n_expected: usize,
) -> Result<BTreeMap<RecordId, FullRecord>, ApiError> {
    let (mut records, total) = api.own_records(1).await?;
    let n_pages = usize::try_from(total).unwrap_or(usize::MAX).div_ceil(PAGE).min(MAX_PAGES);
    if n_pages > n_expected / 2 {
        return Ok(BTreeMap::new());
    }
    for page in 2..=n_pages {
        records.extend(api.own_records(page).await?.0);
    }
    // One that moved from a page to the next while they were read is in both, or in neither.
    Ok(records.into_iter().map(|full| (full.facts.id, full)).collect())
}
