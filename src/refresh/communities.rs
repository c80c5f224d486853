//! The status of the manifest's communities for the record.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{ApiError, ReadApi};
use crate::model::{Community, RecordId};
use crate::observed::{CommunityState, CommunityStatus, Observed, Record, RecordState};

use super::types::{RefreshError, RefreshRequest};

/// Reads the status of the manifest's communities; makes no request when it names none.
pub(super) async fn read_statuses(
    api: &ReadApi,
    request: &RefreshRequest,
    observed: &mut Observed,
) -> Result<(), RefreshError> {
    let open: Vec<&Community> = request
        .communities
        .iter()
        .filter(|slug| !observed.communities.contains_key(slug))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let mut wanted = BTreeMap::new();
    let mut closed = Vec::new();
    for slug in open {
        match api.community(slug).await? {
            None => observed.unknown_communities.push(slug.clone()),
            // Requests name a community by its uuid, the manifest by its slug.
            Some(facts) => {
                wanted.insert(facts.uuid, slug.clone());
                closed.extend(facts.is_closed.then(|| slug.clone()));
            }
        }
    }
    if let RecordState::Published(record) = &observed.record {
        let requests = read_requests(api, record, &request.asked_about, &wanted).await?;
        for (uuid, (state, version)) in requests.found {
            let Some(slug) = wanted.get(&uuid) else { continue };
            let state = match state.status {
                CommunityStatus::Joined => settle_accepted(api, record.id, slug, state).await?,
                CommunityStatus::Pending
                | CommunityStatus::Declined
                | CommunityStatus::Left
                | CommunityStatus::Withdrawn
                | CommunityStatus::Closed => state,
            };
            observed.communities.insert(slug.clone(), state);
            observed.asked_about.insert(slug.clone(), version);
        }
    }
    for slug in closed {
        let is_open = observed
            .communities
            .get(&slug)
            .is_some_and(|it| it.status != CommunityStatus::Withdrawn);
        // A request that was made shows that the community takes it; only without one it matters.
        if !is_open && api.is_member(&slug).await? == Some(false) {
            observed.communities.insert(slug, CommunityStatus::Closed.into());
        }
    }
    Ok(())
}

/// Returns what a community says that accepted a record, and did not have it when the record was read.
async fn settle_accepted(
    api: &ReadApi,
    record: RecordId,
    slug: &Community,
    state: CommunityState,
) -> Result<CommunityState, ApiError> {
    // It may have accepted since then: only a record that is read after the request settles it.
    let has_record = api.record(record).await?.facts.communities.contains(slug);
    let status = if has_record { CommunityStatus::Joined } else { CommunityStatus::Left };
    Ok(CommunityState { status, ..state })
}

/// What the requests to communities say.
struct Requests<'a> {
    api: &'a ReadApi,
    /// The communities that are looked for, by uuid.
    wanted: &'a BTreeMap<String, Community>,
    /// What a community says, by uuid, and the version of the request.
    found: BTreeMap<String, (CommunityState, RecordId)>,
    /// The versions whose requests were read.
    read: BTreeSet<RecordId>,
    /// The number of each version, where ids do not tell their order.
    ranks: BTreeMap<RecordId, u64>,
}

/// Reads the requests to communities about a record, and their answers.
///
/// A request is about one version and is not listed with the next
/// (contract/scenarios/communities-declined-and-versions.json, 2026-11-23), but its answer counts
/// for the record: one that is open decides, otherwise that about the newest version. No call lists
/// the requests about all versions, so the lock remembers the version of each.
async fn read_requests<'a>(
    api: &'a ReadApi,
    record: &Record,
    remembered: &BTreeSet<RecordId>,
    wanted: &'a BTreeMap<String, Community>,
) -> Result<Requests<'a>, ApiError> {
    let ranks = rank_versions(api, record, remembered).await?;
    let (found, read) = (BTreeMap::new(), BTreeSet::new());
    let mut requests = Requests { api, wanted, found, read, ranks };
    for version in remembered.iter().rev() {
        match requests.read_about(*version).await {
            // It was deleted since: the other versions decide.
            Err(error) if error.is_not_found() || error.is_forbidden() => {}
            read => read?,
        }
    }
    requests.read_about(record.id).await?;
    if requests.found.len() == wanted.len() || record.index == 1 {
        return Ok(requests);
    }
    // A lock that was lost or is older does not know the version: then each one is read.
    for older in api.versions(record.id).await? {
        if requests.found.len() < wanted.len() {
            requests.read_about(older.id).await?;
        }
    }
    Ok(requests)
}

/// Returns the numbers of the versions, from 1, where the order of some does not follow from their
/// ids; otherwise nothing is asked.
async fn rank_versions(
    api: &ReadApi,
    record: &Record,
    remembered: &BTreeSet<RecordId>,
) -> Result<BTreeMap<RecordId, u64>, ApiError> {
    let is_unclear = |id: &RecordId| record.id != *id && record.id.0.is_after(id.0).is_none();
    if !remembered.iter().any(is_unclear) {
        return Ok(BTreeMap::new());
    }
    let versions = api.versions(record.id).await?;
    Ok(versions.into_iter().map(|version| (version.id, version.index)).collect())
}

impl Requests<'_> {
    /// Returns whether a version is after another one.
    fn is_after(&self, one: RecordId, other: RecordId) -> bool {
        let rank = |id: RecordId| self.ranks.get(&id).copied().unwrap_or_default();
        one.0.is_after(other.0).unwrap_or_else(|| rank(one) > rank(other))
    }

    /// Adds the status that the requests about one version give.
    async fn read_about(&mut self, version: RecordId) -> Result<(), ApiError> {
        let is_pending = |state: &CommunityState| state.status == CommunityStatus::Pending;
        let is_open =
            |uuid: &String| self.found.get(uuid).is_some_and(|(state, _)| is_pending(state));
        // Nothing about another version changes what is open.
        if self.wanted.keys().all(is_open) || !self.read.insert(version) {
            return Ok(());
        }
        // They come newest last, and a later entry of the same key replaces an earlier one.
        let newest: BTreeMap<String, CommunityState> =
            self.api.requests(version).await?.into_iter().collect();
        for (uuid, state) in newest.into_iter().filter(|(uuid, _)| self.wanted.contains_key(uuid)) {
            let is_settled = self
                .found
                .get(&uuid)
                .is_some_and(|(known, about)| is_pending(known) || self.is_after(*about, version));
            if !is_settled {
                self.found.insert(uuid, (state, version));
            }
        }
        Ok(())
    }
}
