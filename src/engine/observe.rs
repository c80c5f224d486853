//! What a plan needs to know about the record, read as its owner.

use std::collections::BTreeMap;

use crate::api::Backend;
use crate::compare;
use crate::desired::{Desired, DesiredVersion};
use crate::model::{ApiChoice, BoundRecord, Community, Field, OpenDraft, RecordId, Sharing};
use crate::observed::{GrantLookup, Observed};
use crate::plan::{Policy, has_wanted_metadata};
use crate::refresh::{IsEnough, RefreshRequest, read_edits_too, refresh};
use crate::write_back::WrittenFile;

use super::EngineError;
use super::listing::Listing;
use super::policy::make_plan;
use super::project::PlanInputs;
use super::session::Session;

impl Session {
    /// Reads everything that a plan needs from the server; an open edit only if the plan may edit.
    ///
    /// # Errors
    /// An [`EngineError`] when the server can't be asked.
    pub async fn observe(
        &self,
        inputs: &PlanInputs,
        policy: &Policy,
    ) -> Result<Observed, EngineError> {
        let request = make_refresh_request(inputs, policy);
        // Without a lock this may be a new machine, whose user does not know of an open edit; and a
        // concept is bound only when two answers name it. An unfinished run may have left an edit.
        let is_known = request.last.is_some() && request.concept.is_some();
        let is_enough = |observed: &Observed| {
            is_known
                && policy.unfinished.is_none()
                && has_wanted_metadata(&inputs.desired, observed, &inputs.binding, policy)
        };
        let observed = self.ask(&request, &is_enough).await?;
        self.note_backend(observed, inputs, policy).await
    }

    /// Reads everything that a plan needs from the server, like [`Self::observe`]; nothing more than
    /// the listing where that shows that the plan has nothing to do.
    ///
    /// # Errors
    /// An [`EngineError`] when the server can't be asked.
    pub async fn observe_listed(
        &self,
        listing: &Listing,
        inputs: &PlanInputs,
        policy: &Policy,
    ) -> Result<Observed, EngineError> {
        let request = make_refresh_request(inputs, policy);
        match listing.observe(&self.read(), (inputs, policy), &request).await {
            Some(observed) => Ok(observed),
            None => self.observe(inputs, policy).await,
        }
    }

    /// Reads everything that a plan needs from the server, and an open edit.
    ///
    /// # Errors
    /// An [`EngineError`] when the server can't be asked.
    pub async fn observe_with_edit(
        &self,
        inputs: &PlanInputs,
        policy: &Policy,
    ) -> Result<Observed, EngineError> {
        let observed = self.ask(&make_refresh_request(inputs, policy), &read_edits_too).await?;
        self.note_backend(observed, inputs, policy).await
    }

    /// Notes which API writes drafts; a server is asked for that only where the plan writes.
    ///
    /// # Errors
    /// An [`EngineError`] when the server can't be asked.
    pub async fn note_backend(
        &self,
        observed: Observed,
        inputs: &PlanInputs,
        policy: &Policy,
    ) -> Result<Observed, EngineError> {
        let api = self.read();
        let writes = || !make_plan(inputs, &observed, policy).plan().is_empty();
        if api.known_backend().is_none() && !writes() {
            return Ok(observed);
        }
        let backend = api.backend().await.map_err(EngineError::Api)?;
        if backend == Backend::Records && inputs.desired.api == ApiChoice::Deposit {
            return Err(EngineError::NoDepositApi(inputs.desired.server.name.clone()));
        }
        Ok(Observed { is_of_records_api: backend == Backend::Records, ..observed })
    }

    /// Reads what a request asks for, and an open edit.
    ///
    /// # Errors
    /// An [`EngineError`] when the server can't be asked.
    pub async fn observe_record(&self, request: &RefreshRequest) -> Result<Observed, EngineError> {
        self.ask(request, &read_edits_too).await
    }

    async fn ask(
        &self,
        request: &RefreshRequest,
        is_enough: &IsEnough<'_>,
    ) -> Result<Observed, EngineError> {
        let refreshed = Box::pin(refresh(&self.read(), request, is_enough)).await;
        refreshed.map_err(EngineError::Refresh)
    }
}

/// Returns the request for what a plan needs.
fn make_refresh_request(inputs: &PlanInputs, policy: &Policy) -> RefreshRequest {
    let desired = &inputs.desired;
    let remembered = inputs.binding.record.as_ref();
    let unfinished = policy.unfinished.as_ref();
    let published =
        inputs.unfinished_run.as_ref().and_then(|unfinished_run| unfinished_run.published);
    let adopted = policy.allowed.adopt_draft.map(OpenDraft::Version);
    let concept = inputs.binding.concept.map(|(concept, _)| concept);
    // The listing is searched for texts as the server keeps them.
    let returned = compare::normalize_as_server(&desired.metadata);
    let text = |field| returned.text(field).unwrap_or_default().to_owned();
    let label = match &desired.version {
        DesiredVersion::Label(label) | DesiredVersion::Tag(label) => Some(label.as_str()),
        DesiredVersion::None | DesiredVersion::KnownAtTag => None,
    };
    let versions = remembered.into_iter().flat_map(|record| &record.versions);
    let labelled = versions.filter(|(_, known)| Some(known.as_str()) == label);
    let asked = remembered.into_iter().flat_map(|record| &record.asked);
    let communities = desired.list_communities();
    let asked_about = asked.filter_map(|(_, version)| *version).collect();
    RefreshRequest {
        labelled: labelled.map(|(id, _)| *id).collect(),
        concept,
        // The journal may know a publication that the lock could not record.
        last: published.or(remembered.and_then(|record| record.last)),
        draft: unfinished
            .and_then(|unfinished| unfinished.draft)
            .or(remembered.and_then(|record| record.draft))
            // With a concept the server is asked for its open draft, and the flag only allows it.
            .or(adopted.filter(|_| concept.is_none())),
        title: text(Field::Title),
        description: text(Field::Description),
        named: list_named_records(desired),
        create_id: unfinished
            // Only a create call without an answer leaves a draft that nothing but this id finds.
            .filter(|unfinished| unfinished.creating)
            .and_then(|unfinished| unfinished.create_id.clone()),
        asked_about,
        communities: list_looked_up(communities, remembered),
        vocabulary_ids: desired.metadata.list_vocabulary_ids(),
        sharing: find_looked_up_sharing(desired, remembered).filter(|_| policy.gives_access()),
        grants: desired.metadata.list_deposit_grants(),
    }
}

/// Returns the communities that are looked up: those of the manifest, and those that were asked and
/// are not in it any more.
fn list_looked_up(wanted: Vec<Community>, remembered: Option<&BoundRecord>) -> Vec<Community> {
    let asked = remembered.into_iter().flat_map(|record| record.asked.keys());
    let dropped: Vec<Community> = asked.filter(|slug| !wanted.contains(slug)).cloned().collect();
    wanted.into_iter().chain(dropped).collect()
}

/// Returns who is to have access; none where neither the manifest nor an earlier apply of it says
/// anything of that, so that nothing is read.
fn find_looked_up_sharing(desired: &Desired, remembered: Option<&BoundRecord>) -> Option<Sharing> {
    let has_shared = remembered
        .is_some_and(|record| !record.granted.is_empty() || !record.shared_links.is_empty());
    (has_shared || !desired.sharing.is_empty()).then(|| desired.sharing.clone())
}

/// Returns the records and drafts whose DOIs the files of `[[write]]` have.
fn list_named_records(desired: &Desired) -> Vec<RecordId> {
    let dois = desired.writes.iter().flat_map(WrittenFile::list_dois);
    let mut ids: Vec<RecordId> =
        dois.filter_map(|doi| desired.server.find_id(&doi)).map(RecordId).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Returns the ids under which the server returns known grants.
pub(super) fn list_known_grants(observed: &Observed) -> BTreeMap<String, String> {
    observed
        .grants
        .iter()
        .filter_map(|(sent, lookup)| match lookup {
            GrantLookup::Known(returned) => Some((sent.clone(), returned.clone())),
            GrantLookup::Unknown => None,
        })
        .collect()
}
