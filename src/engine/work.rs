//! The work that a manifest describes, with its DOIs as far as manifest and lock know them: what
//! other formats are written from.

use crate::desired::{DesiredDate, DesiredVersion};
use crate::interop::export::Work;
use crate::model::{ConceptId, Doi, Field, OpenDraft, RecordId, Reservation, Server};

use super::project::{PlanInputs, Project};

/// Returns the work, and notes on a DOI that is not the one that may be expected.
pub fn build_work(project: &Project, mut gathered: PlanInputs) -> (Work, Vec<String>) {
    keep_links(&mut gathered);
    use_reservation(&mut gathered);
    let (doi, concept_doi, notes) = find_dois(project, &gathered);
    let desired = gathered.desired;
    let mut open = Vec::new();
    match desired.date {
        DesiredDate::Fixed(_) => {}
        // A date that is only a default would be wrong on any other day than the release's.
        DesiredDate::Today | DesiredDate::Unsaid => {
            open.push((Field::PublicationDate, "it is the day of the release, not known yet"));
        }
    }
    match desired.version {
        DesiredVersion::None | DesiredVersion::Label(_) | DesiredVersion::Tag(_) => {}
        DesiredVersion::KnownAtTag => {
            open.push((Field::Version, "it comes from a git tag, and the commit has none"));
        }
    }
    let communities = desired.list_communities();
    (Work { metadata: desired.metadata, communities, doi, concept_doi, open }, notes)
}

/// Keeps the links that the published version has, where the manifest describes that one.
fn keep_links(gathered: &mut PlanInputs) {
    let Some(record) = &gathered.binding.record else { return };
    let label = record.last.and_then(|last| record.versions.get(&last));
    if label.map(String::as_str) == gathered.desired.metadata.text(Field::Version)
        && let Some(kept) = gathered.desired.keep_links(&record.links)
    {
        gathered.desired = kept;
    }
}

/// Takes over what was fixed when the DOI of the next version was reserved: the date, and a label
/// that comes from a tag which is made after the release.
fn use_reservation(gathered: &mut PlanInputs) {
    let reserved = gathered.binding.record.as_ref().and_then(|record| record.reserved.clone());
    let Some(Reservation { date, label }) = reserved else { return };
    let desired = &mut gathered.desired;
    if let (DesiredVersion::KnownAtTag, Some(label)) = (&desired.version, &label) {
        desired.metadata.set_text(Field::Version, label);
        desired.version = DesiredVersion::Tag(label.clone());
    }
    let is_same = label.as_deref() == desired.metadata.text(Field::Version);
    if is_same && matches!(desired.date, DesiredDate::Today | DesiredDate::Unsaid) {
        desired.metadata.set_text(Field::PublicationDate, &date);
        desired.date = DesiredDate::Fixed(date);
    }
}

/// Finds the DOI of the version that the manifest describes, that of all versions, and notes.
fn find_dois(project: &Project, gathered: &PlanInputs) -> (Option<Doi>, Option<Doi>, Vec<String>) {
    let metadata = &gathered.desired.metadata;
    // An external DOI is not made from a record's number, and has no concept DOI beside it.
    if let Some(doi) = metadata.text(Field::Doi) {
        return (Doi::parse(doi).ok(), None, Vec::new());
    }
    let server = &project.server;
    let record = gathered.binding.record.as_ref();
    let label_wanted = metadata.text(Field::Version).unwrap_or_default();
    // A citation file of the release carries the DOI that was reserved for it.
    if let Some((draft, concept)) = find_reserved_for(gathered, label_wanted) {
        if server.is_rehearsal() {
            return (None, None, vec![describe_rehearsal(server)]);
        }
        let note =
            format!("the reserved DOI of draft {draft} is not known: {server} has no `doi_prefix`");
        let doi = server.mint_doi(draft.0);
        let notes = if doi.is_none() { vec![note] } else { Vec::new() };
        return (doi, server.mint_doi(concept.0), notes);
    }
    let last = record.and_then(|record| record.last);
    let concept = gathered.binding.concept.filter(|_| last.is_some());
    let Some((last, (concept, _))) = last.zip(concept) else { return (None, None, Vec::new()) };
    // A citation file is published with the code, and must not name a DOI of a rehearsal.
    if server.is_rehearsal() {
        return (None, None, vec![describe_rehearsal(server)]);
    }
    let label = record.and_then(|record| record.versions.get(&last)).map_or("", String::as_str);
    let is_same = label == label_wanted;
    // Another label means that the manifest describes a version that has no DOI yet.
    if is_same {
        return (server.mint_doi(last.0), server.mint_doi(concept.0), Vec::new());
    }
    (None, server.mint_doi(concept.0), vec![describe_unpublished(last, label)])
}

/// Finds the draft whose DOI is reserved for this version label, and its concept.
fn find_reserved_for(gathered: &PlanInputs, label: &str) -> Option<(RecordId, ConceptId)> {
    let (draft, reserved) = find_reserved(gathered)?;
    let (concept, _) = gathered.binding.concept?;
    (reserved.label.as_deref().unwrap_or_default() == label).then_some((draft, concept))
}

/// Returns the draft whose DOI is reserved, and what was fixed for it.
pub(super) fn find_reserved(gathered: &PlanInputs) -> Option<(RecordId, &Reservation)> {
    let record = gathered.binding.record.as_ref()?;
    let Some(OpenDraft::Version(draft)) = record.draft else { return None };
    Some((draft, record.reserved.as_ref()?))
}

fn describe_rehearsal(server: &Server) -> String {
    format!("server `{}` is a rehearsal, and its DOIs lead nowhere", server.name)
}

fn describe_unpublished(last: RecordId, label: &str) -> String {
    let label = if label.is_empty() { "no version label".to_owned() } else { format!("`{label}`") };
    format!(
        "the latest version, {last}, has {label}: the DOI is that of all versions, since the \
         manifest's own is not published"
    )
}
