//! What the server will have once a plan is applied: the plan of the next release is based on it.

use crate::engine::PlanInputs;
use crate::engine::applied_files::list_applied;
use crate::model::{Binding, ConceptId, ConceptSource, Doi, Field, RecordId, RemoteFile};
use crate::observed::{CommunityState, CommunityStatus, Observed, Record, RecordState};
use crate::plan::{CommunityPlan, CommunityWork, Plan};

/// The server and the lock, as they will be.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) observed: Observed,
    pub(super) binding: Binding,
}

/// Returns what the server and the lock will have after a plan.
pub(super) fn expect(plan: &Plan, inputs: &PlanInputs, observed: &Observed) -> Expected {
    let before = observed.published();
    let concept = before.map(|record| record.concept).or(plan.base.concept);
    let concept = concept.unwrap_or(ConceptId(0.into()));
    let files: Vec<RemoteFile> = plan
        .target
        .files
        .iter()
        .map(|file| RemoteFile {
            key: file.key.clone(),
            id: None,
            size: file.size,
            md5: Some(file.md5),
        })
        .collect();
    let own_doi = plan.target.metadata.text(Field::Doi);
    let record = Record {
        id: RecordId::EXPECTED,
        concept,
        // That of the server is not known yet.
        doi: own_doi.and_then(|doi| Doi::parse(doi).ok()),
        concept_doi: None,
        // The server gives none to a record that brings its own.
        has_external_doi: own_doi.is_some(),
        metadata: plan.target.normalize_as_server(),
        files: files.clone(),
        revision: None,
        index: 0,
        has_newer_draft: false,
        html: String::new(),
        unsupported: Vec::new(),
        fingerprint: None,
        unread: Vec::new(),
    };
    let observed = Observed {
        record: RecordState::Published(Box::new(record)),
        draft: None,
        possible_duplicates: Vec::new(),
        communities: plan.communities.iter().filter_map(expect_status).collect(),
        ..observed.clone()
    };
    Expected { observed, binding: expect_binding(plan, inputs, concept, &files) }
}

fn expect_status(one: &CommunityPlan) -> Option<(crate::model::Community, CommunityState)> {
    let status = match one.work {
        CommunityWork::Ask | CommunityWork::Submit => CommunityStatus::Pending,
        CommunityWork::Leave => return None,
        CommunityWork::Nothing => one.status?,
    };
    Some((one.community.clone(), status.into()))
}

fn expect_binding(
    plan: &Plan,
    inputs: &PlanInputs,
    concept: ConceptId,
    files: &[RemoteFile],
) -> Binding {
    let mut binding = inputs.binding.clone();
    binding.concept.get_or_insert((concept, ConceptSource::Lock));
    let mut record = binding.record.take().unwrap_or_default();
    let label = plan.target.metadata.text(Field::Version).unwrap_or_default().to_owned();
    record.versions.insert(RecordId::EXPECTED, label);
    record.last = Some(RecordId::EXPECTED);
    record.close_draft();
    record.files = list_applied(&inputs.desired.files, files, &record.files);
    binding.record = Some(record);
    binding
}
