//! Turns an operation into numbered steps, in the order of execution.
//!
//! Metadata go first: they are cheap, and what a server refuses most often. Then deletions, then
//! uploads, then everything is read back before it is published.

use std::collections::BTreeMap;

use crate::compare;
use crate::model::{ApiChoice, Field, Metadata, RecordId, RemoteFile};
use crate::observed::{Draft, DraftKind, GrantLookup, Observed, list_foreign_extras};

use super::base::{find_contents, find_published};
use super::communities::list_community_actions;
use super::community_plan::Ending;
use super::share_steps::list_share_actions;
use super::sharing_plan::SharingPlan;
use super::unsupported::list_hidden_values;
use super::{
    Action, Aim, CommunityPlan, FileWork, Operation, Reason, SentFile, Step, Target, plan_file_work,
};

/// From so many replaced files on, they are deleted first and sent again in parallel: one
/// replacement takes as long as a deletion and two uploads (zenodo-facts.md, 2026-11-28).
const MANY_REPLACED: usize = 4;

/// What a plan does beside writing to the record, and how it ends.
pub(super) struct Surroundings {
    pub(super) ending: Ending,
    pub(super) communities: Vec<CommunityPlan>,
    pub(super) sharing: SharingPlan,
}

/// All that decides the steps.
pub(super) struct Outline<'a> {
    pub(super) operation: Operation,
    pub(super) opened_because: Reason,
    pub(super) target: &'a Target,
    pub(super) observed: &'a Observed,
    /// Whether the server gives DOIs.
    pub(super) mints_dois: bool,
    /// Which API the manifest asks for.
    pub(super) api: ApiChoice,
    pub(super) around: &'a Surroundings,
    pub(super) aim: Aim,
    pub(super) rewrites: &'a BTreeMap<crate::model::Field, crate::model::Rewrite>,
}

/// Returns the steps; empty when nothing is left to do.
pub(super) fn plan_steps(outline: &Outline<'_>) -> Vec<Step> {
    if outline.around.ending == Ending::Wait {
        return Vec::new();
    }
    if outline.aim == Aim::Reserve {
        return number_steps(plan_reservation(outline));
    }
    let mut actions = match outline.operation {
        Operation::Nothing | Operation::Impossible => return Vec::new(),
        Operation::Communities { .. } | Operation::Access { .. } => Vec::new(),
        Operation::NewRecord { draft } => plan_draft_actions(outline, draft, &Action::CreateDraft),
        Operation::NewVersion { from, draft } => {
            plan_draft_actions(outline, draft, &Action::OpenVersion { from })
        }
        Operation::Edit { record, resumed } => {
            plan_draft_actions(outline, resumed.then_some(record), &Action::OpenEdit { record })
        }
    };
    actions.extend(list_community_actions(&outline.around.communities));
    actions.extend(list_share_actions(&outline.around.sharing));
    number_steps(actions)
}

/// Returns the steps that open a draft. A new record gets its metadata too: the title of its create
/// call has a mark, and only a second answer binds its concept.
fn plan_reservation(outline: &Outline<'_>) -> Vec<(Action, Reason)> {
    let because = outline.opened_because;
    match outline.operation {
        Operation::NewRecord { draft } => {
            let reservation = reserve_doi(outline, draft);
            let has_other = has_other_metadata(outline, draft);
            if !has_other && reservation.is_none() {
                return Vec::new();
            }
            let open = draft.map_or(Action::CreateDraft, |draft| Action::Resume { draft });
            let mut actions = vec![(open, because)];
            actions.extend(reservation);
            let replace = (Action::ReplaceMetadata, Reason::MetadataOfDraftDiffer);
            actions.extend(has_other.then_some(replace));
            actions
        }
        Operation::NewVersion { from, draft: None } => {
            let open = (Action::OpenVersion { from }, because);
            std::iter::once(open).chain(reserve_doi(outline, None)).collect()
        }
        Operation::NewVersion { draft: Some(draft), .. } => {
            let reservation = reserve_doi(outline, Some(draft));
            let resume = (Action::Resume { draft }, because);
            reservation.map_or_else(Vec::new, |reservation| vec![resume, reservation])
        }
        Operation::Edit { .. }
        | Operation::Nothing
        | Operation::Communities { .. }
        | Operation::Access { .. }
        | Operation::Impossible => Vec::new(),
    }
}

fn reserve_doi(outline: &Outline<'_>, draft: Option<RecordId>) -> Option<(Action, Reason)> {
    let resumed = outline.observed.draft.as_ref().filter(|open| Some(open.id) == draft);
    needs_doi(outline, resumed).then_some((Action::ReserveDoi, Reason::NoDoi))
}

/// Opens or resumes a draft, brings it to the target, and publishes it if that is wanted.
fn plan_draft_actions(
    outline: &Outline<'_>,
    draft: Option<RecordId>,
    open: &Action,
) -> Vec<(Action, Reason)> {
    let resumed = outline.observed.draft.as_ref().filter(|open| Some(open.id) == draft);
    let mut writes = Vec::new();
    // An empty DOI blocks publishing, unless the manifest's own DOI replaces it.
    let has_own_doi = outline.target.metadata.get(Field::Doi).is_some();
    if resumed.is_some_and(|open| open.has_empty_doi) && !has_own_doi {
        writes.push((Action::ReserveDoi, Reason::EmptyDoi));
    } else if needs_doi(outline, resumed) {
        writes.push((Action::ReserveDoi, Reason::NoDoi));
    }
    if resumed.is_some_and(|open| takes_files_over(outline.observed, open)) {
        writes.push((Action::ImportFiles, Reason::NoFiles));
    }
    if has_other_metadata(outline, draft) {
        writes.push((Action::ReplaceMetadata, Reason::MetadataOfDraftDiffer));
    }
    // A file that never came whole makes the file list answer 500, and blocks publishing.
    let pending = resumed.map_or(&[][..], |open| &open.pending).iter();
    writes.extend(pending.map(|key| (Action::DropFile { key: key.clone() }, Reason::NeverWhole)));
    // A published record's files can't change, also while it is edited (403).
    if !matches!(outline.operation, Operation::Edit { .. }) {
        let mut work = plan_file_work(&outline.target.files, find_draft_files(outline, draft));
        work.retain(|work| !is_kept(work));
        let is_of_records = outline.observed.is_of_records_api;
        let api = if is_of_records { FileApi::Records } else { FileApi::Bucket };
        writes.extend(plan_file_actions(work, api));
    }
    // The draft is ready and is not to be published: nothing is left to do.
    if draft.is_some() && writes.is_empty() && outline.around.ending == Ending::Draft {
        return Vec::new();
    }
    let first = match draft {
        Some(draft) => Action::Resume { draft },
        None => open.clone(),
    };
    assemble((first, outline.opened_because), writes, &outline.around.ending)
}

/// Returns whether a DOI has to be reserved, so that the draft is published with one: the records
/// API reserves none by itself, and a server may have it as an option (research/native.md section 5,
/// 2026-11-28).
fn needs_doi(outline: &Outline<'_>, resumed: Option<&Draft>) -> bool {
    outline.observed.is_of_records_api
        && outline.mints_dois
        && outline.operation.makes_version()
        && outline.target.metadata.get(Field::Doi).is_none()
        && resumed.is_none_or(|open| open.doi.is_none())
}

/// Puts the writes to a draft between its opening and its publication.
pub(super) fn assemble(
    first: (Action, Reason),
    writes: Vec<(Action, Reason)>,
    ending: &Ending,
) -> Vec<(Action, Reason)> {
    let mut actions = vec![first];
    actions.extend(writes);
    actions.push((Action::ReadBack, Reason::BeforePublish));
    match ending {
        Ending::Wait | Ending::Draft => {}
        Ending::Publish => {
            actions.push((Action::Publish, Reason::ManifestPublishes));
            // Another client may have written between the read-back and the publication.
            actions.push((Action::ReadRecord, Reason::AfterPublish));
        }
        Ending::Submit(community) => {
            let community = community.clone();
            actions.push((Action::SubmitReview { community }, Reason::InManifest));
        }
    }
    actions
}

/// Returns whether the work is about a kept file, which is not on the disk; the plan is blocked
/// then.
fn is_kept(work: &FileWork) -> bool {
    match work {
        FileWork::Delete(_) => false,
        FileWork::Upload(file) | FileWork::Replace(file) => file.kept,
    }
}

/// What files are sent by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileApi {
    /// The bucket of the deposit API, which replaces a file in place.
    Bucket,
    /// The records API, which does not.
    Records,
}

/// Returns the steps for the files: deletions, then what is sent one by one, then the new files,
/// several at a time. The server takes new files in parallel, and refuses a replacement or a
/// deletion beside other traffic (zenodo-facts.md, 2026-11-28).
pub(super) fn plan_file_actions(work: Vec<FileWork>, api: FileApi) -> Vec<(Action, Reason)> {
    let n_replaced = work.iter().filter(|work| is_replaced_in_place(work)).count();
    let deletes_first = n_replaced >= MANY_REPLACED || api == FileApi::Records;
    let mut actions = Vec::new();
    let mut new = Vec::new();
    for one in work {
        match one {
            FileWork::Delete(key) => {
                actions.push((Action::DeleteFile { key }, Reason::NotInManifest));
            }
            // The records API replaces nothing in place: content for a file that is whole loses it
            // (contract/scenarios/native-file-content-after-commit.json, 2026-11-28).
            FileWork::Replace(file) if file.key.is_in_folder() => {
                actions.push((Action::DeleteFile { key: file.key.clone() }, Reason::OtherBytes));
                actions.push((Action::UploadFile(file.into()), Reason::NotOnServer));
            }
            FileWork::Replace(file) if deletes_first => {
                actions.push((Action::DeleteFile { key: file.key.clone() }, Reason::OtherBytes));
                new.push(file.into());
            }
            FileWork::Replace(file) => {
                actions.push((Action::ReplaceFile(file.into()), Reason::OtherBytes));
            }
            // Its three calls to the records API were not measured in parallel.
            FileWork::Upload(file) if file.key.is_in_folder() => {
                actions.push((Action::UploadFile(file.into()), Reason::NotOnServer));
            }
            FileWork::Upload(file) => new.push(file.into()),
        }
    }
    actions.extend(upload_new(new).map(|action| (action, Reason::NotOnServer)));
    actions
}

fn is_replaced_in_place(work: &FileWork) -> bool {
    matches!(work, FileWork::Replace(file) if !file.key.is_in_folder())
}

/// Returns the step that sends the new files; none when there are none.
fn upload_new(mut new: Vec<SentFile>) -> Option<Action> {
    match new.len() {
        0 | 1 => new.pop().map(Action::UploadFile),
        _ => Some(Action::UploadFiles(new)),
    }
}

/// Returns whether the draft's metadata must be written.
fn has_other_metadata(outline: &Outline<'_>, draft: Option<RecordId>) -> bool {
    let Some(open) = outline.observed.draft.as_ref().filter(|open| Some(open.id) == draft) else {
        // A draft that is only now opened: the server drops the label and sets the date.
        return true;
    };
    // Grants that are free text are not in the metadata that are compared; only a PUT removes them.
    if open.has_free_awards {
        return true;
    }
    let metadata: &Metadata = &outline.target.metadata;
    // They would be published unseen.
    if has_hidden_values(outline, open) {
        return true;
    }
    let grants = list_known_grants(&outline.observed.grants);
    !compare::find_metadata_changes(metadata, &open.metadata, outline.rewrites, &grants).is_empty()
}

/// Returns whether a draft holds something that is not in the metadata that are compared, and that
/// neither the manifest nor the published record says: what no field says and, where the manifest
/// asks for the deposit API, what that API does not show.
fn has_hidden_values(outline: &Outline<'_>, draft: &Draft) -> bool {
    let record = find_published(outline.observed);
    let published = record.map_or(&[][..], |record| &record.unsupported);
    let hidden = match outline.api {
        ApiChoice::Deposit => {
            list_hidden_values(&draft.unsupported, published, &outline.target.metadata)
        }
        ApiChoice::Auto | ApiChoice::Records => list_foreign_extras(&draft.unsupported, published),
    };
    !hidden.is_empty()
}

/// Returns the files that the draft has, or will have when it is opened.
fn find_draft_files<'a>(outline: &Outline<'a>, draft: Option<RecordId>) -> &'a [RemoteFile] {
    let open = outline.observed.draft.as_ref().filter(|open| Some(open.id) == draft);
    if let Some(open) = open.filter(|open| !takes_files_over(outline.observed, open)) {
        return &open.files;
    }
    match outline.operation {
        // A new version opens with all files of the latest one.
        Operation::NewVersion { .. } | Operation::Edit { .. } => find_contents(outline.observed).1,
        Operation::NewRecord { .. }
        | Operation::Nothing
        | Operation::Communities { .. }
        | Operation::Access { .. }
        | Operation::Impossible => &[],
    }
}

/// Returns whether a draft takes the files of the version before over. The records API opens the draft
/// of a new version without files, and takes them over with another call.
pub(super) fn takes_files_over(observed: &Observed, draft: &Draft) -> bool {
    observed.is_of_records_api
        && draft.kind == DraftKind::NewVersion
        && draft.files.is_empty()
        && draft.pending.is_empty()
        && !find_contents(observed).1.is_empty()
}

pub(super) fn number_steps(actions: Vec<(Action, Reason)>) -> Vec<Step> {
    let numbered = actions.into_iter().enumerate();
    numbered.map(|(at, (action, reason))| Step { number: at + 1, action, reason }).collect()
}

/// Returns the ids under which known grants come back.
pub(super) fn list_known_grants(
    grants: &BTreeMap<String, GrantLookup>,
) -> BTreeMap<String, String> {
    grants
        .iter()
        .filter_map(|(sent, lookup)| match lookup {
            GrantLookup::Known(returned) => Some((sent.clone(), returned.clone())),
            GrantLookup::Unknown => None,
        })
        .collect()
}
