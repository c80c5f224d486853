//! The decision table: what is observed and what is wanted give one operation.
//!
//! The rows are those of the design's table, top to bottom; the first that matches counts.

use crate::desired::DesiredVersion;
use crate::model::{Doi, Field, RecordId, ServerKind};
use crate::observed::{Candidate, Draft, DraftKind, Record, RecordState};

use super::differences::Differences;
use super::draft_doi::find_foreign_doi;
use super::inputs::Inputs;
use super::ownership::{Owner, find_owner};
use super::reservation::find_other_label;
use super::steps::takes_files_over;
use super::target::OpenDate;
use super::{Aim, Blocker, Operation, Readers, Reason, Target, keep};

/// What the decision table says.
pub(super) struct Decision {
    /// What is done.
    pub(super) operation: Operation,
    /// Why a draft is opened or continued.
    pub(super) reason: Reason,
    /// What the record will be.
    pub(super) target: Target,
    /// What keeps it from being done, as far as the row of the table says.
    pub(super) blockers: Vec<Blocker>,
}

impl<'a> Inputs<'a> {
    /// Finds the first row of the table that matches.
    pub(super) fn decide(self) -> Decision {
        match &self.observed.record {
            // What can't be read can't be compared; the server's own words say why.
            RecordState::Gone { status, message } => {
                self.impossible(Blocker::Gone { status: *status, message: message.clone() })
            }
            RecordState::NotPublic { message } => {
                self.impossible(Blocker::NotPublic { message: message.clone() })
            }
            RecordState::NotOurs { message } => {
                self.impossible(Blocker::NotOurs { message: message.clone() })
            }
            RecordState::Unbound => self.first_record(),
            RecordState::Unpublished => self.unpublished(),
            RecordState::Published(record) => self.published_record(record),
        }
    }

    fn impossible(self, blocker: Blocker) -> Decision {
        Decision {
            operation: Operation::Impossible,
            reason: Reason::NothingBound,
            target: self.target(&OpenDate::Day(&self.policy.today)),
            blockers: vec![blocker],
        }
    }

    /// Plans a new record, or continues the draft of a create call whose answer was lost.
    fn first_record(self) -> Decision {
        // A create call may have been done although its answer was lost: creating again would make
        // a second record. `--adopt-draft` counts only for a draft that the server showed.
        let draft = self.own_create().or(self.policy.allowed.adopt_draft.filter(|id| {
            self.observed.possible_duplicates.iter().any(|candidate| candidate.id == *id)
                || self.observed.draft.as_ref().is_some_and(|draft| draft.id == *id)
        }));
        let reason = match draft {
            None => Reason::NothingBound,
            Some(id) if self.policy.allowed.adopt_draft == Some(id) => Reason::Adopted,
            Some(_) => Reason::LeftOpen,
        };
        let operation = Operation::NewRecord { draft };
        Decision {
            operation,
            reason,
            target: self.target(&OpenDate::Day(
                self.reserved.map_or(&self.policy.today, |reserved| &reserved.date),
            )),
            blockers: if draft.is_some() {
                self.review_blocker(operation).into_iter().collect()
            } else {
                self.first_record_blockers()
            },
        }
    }

    /// Finds the draft of an earlier create call by the random id in its title.
    fn own_create(self) -> Option<RecordId> {
        let unfinished = self.policy.unfinished.as_ref()?;
        let mut candidates = self.observed.possible_duplicates.iter();
        candidates.find(|candidate| unfinished.made(candidate)).map(|candidate| candidate.id)
    }

    fn first_record_blockers(self) -> Vec<Blocker> {
        // The local server is a rehearsal: a record there needs no confirmation.
        if self.desired.server.kind == ServerKind::Local {
            return Vec::new();
        }
        let mut blockers = Vec::new();
        // Without a binding, for example on another machine, a record of the same title may be the
        // one that is meant.
        let alike = self.list_alike();
        if !alike.is_empty() && !self.policy.allowed.same_title {
            blockers.push(Blocker::Alike(alike));
        }
        if !self.policy.allowed.initial {
            blockers.push(Blocker::FirstRecord);
        }
        blockers
    }

    /// Returns the records that may be the one that is meant: not those of other manifests.
    fn list_alike(self) -> Vec<Candidate> {
        let is_others = |candidate: &&Candidate| {
            let mut others = self.binding.others.iter();
            others.any(|other| !other.is_gone && other.concept == Some(candidate.concept))
        };
        let found = self.observed.possible_duplicates.iter();
        found.filter(|candidate| !is_others(candidate)).cloned().collect()
    }

    /// Continues a draft that was never published.
    fn unpublished(self) -> Decision {
        let Some(draft) = &self.observed.draft else {
            return self.impossible(Blocker::Gone {
                status: 404,
                message: "no draft and no record of this concept is to be found".to_owned(),
            });
        };
        let operation = Operation::NewRecord { draft: Some(draft.id) };
        let target = self.target(&self.open_date(draft));
        let mut blockers = self.draft_blockers(draft, operation);
        blockers.extend(self.foreign_doi(draft, None, &target));
        Decision {
            operation,
            reason: if self.policy.allowed.adopt_draft == Some(draft.id) {
                Reason::Adopted
            } else if self.reserved.is_some() {
                Reason::Reserved
            } else {
                Reason::LeftOpen
            },
            target,
            blockers,
        }
    }

    /// Finds what keeps an open draft from being published.
    fn draft_blockers(self, draft: &Draft, operation: Operation) -> Vec<Blocker> {
        let mut blockers: Vec<Blocker> = self.review_blocker(operation).into_iter().collect();
        // A second reservation fixes the label anew.
        if self.policy.aim == Aim::Release {
            blockers.extend(find_other_label(draft.id, self.reserved, self.label()));
        }
        blockers
    }

    /// Finds a DOI of an open draft or edit under which nobody planned to publish.
    fn foreign_doi(
        self,
        draft: &Draft,
        record: Option<&Record>,
        target: &Target,
    ) -> Option<Blocker> {
        let published = record.and_then(|record| record.doi.as_ref());
        let doi = find_foreign_doi(draft, target, published, &self.desired.server)?;
        let (is_edit, doi) = (draft.kind == DraftKind::Edit, Doi::parse(doi).ok()?);
        Some(Blocker::ForeignDoi { draft: draft.id, is_edit, doi })
    }

    /// Returns the date for an open draft: what was reserved, the day of the apply, or the draft's
    /// own date when it is not to be published, so that tomorrow's plan is empty too.
    fn open_date(self, draft: &'a Draft) -> OpenDate<'a> {
        // It may be in the files of the release already.
        if let Some(reserved) = self.reserved {
            return OpenDate::Day(&reserved.date);
        }
        if self.policy.aim == Aim::Reserve {
            return OpenDate::Day(&self.policy.today);
        }
        match draft.metadata.text(Field::PublicationDate) {
            Some(date) if !self.publishes() => OpenDate::Keep(Some(date)),
            Some(_) | None => OpenDate::Day(&self.policy.today),
        }
    }

    fn published_record(self, record: &'a Record) -> Decision {
        let date = OpenDate::Keep(record.metadata.text(Field::PublicationDate));
        let in_place = self.target(&date);
        let differ = self.differences(record, &in_place);
        let is_reserved =
            self.reserved.is_some_and(|reserved| reserved.label.as_deref() == self.label());
        if self.policy.aim == Aim::Reserve || is_reserved {
            return self.new_version(record, &differ);
        }
        let wants_version =
            differ.files || differ.label || (differ.metadata && self.has_own_version(record));
        // When the label comes with the tag, changed metadata belong to that version and are not an
        // edit.
        if wants_version || (differ.metadata && self.desired.version == DesiredVersion::KnownAtTag)
        {
            return self.new_version(record, &differ);
        }
        // Metadata alone need no new DOI: they are edited in place.
        if differ.metadata {
            return self.edit(record, in_place);
        }
        let operation = if differ.communities {
            Operation::Communities { record: record.id }
        } else if differ.sharing {
            Operation::Access { record: record.id }
        } else {
            Operation::Nothing
        };
        let reason = Reason::InManifest;
        Decision { operation, reason, target: in_place, blockers: Vec::new() }
    }

    /// Returns whether the lock names an open draft of a new version that may be published under
    /// the wanted label: an edit in place would leave it open, and put into the published version
    /// what was meant for the next.
    fn has_own_version(self, record: &Record) -> bool {
        let named = self.binding.record.as_ref().and_then(|bound| bound.draft);
        self.open_draft(DraftKind::NewVersion).is_some_and(|draft| Some(draft.named()) == named)
            && self.label_taken(record).is_none()
    }

    fn new_version(self, record: &'a Record, differ: &Differences) -> Decision {
        let open = self.open_draft(DraftKind::NewVersion);
        let date = match (open, self.reserved) {
            (Some(draft), _) => self.open_date(draft),
            // Nobody but its owner sees the draft.
            (None, Some(reserved)) => OpenDate::Day(&reserved.date),
            (None, None) => OpenDate::Day(&self.policy.today),
        };
        let target = self.target(&date);
        let mut blockers = self.version_blockers(record, differ);
        let mut reason = match self.policy.aim {
            // No files were read, and a person asked for it.
            Aim::Reserve => Reason::InManifest,
            Aim::Release if differ.files => Reason::FilesDiffer,
            Aim::Release => Reason::LabelDiffers,
        };
        if let Some(draft) = open {
            let operation = Operation::NewVersion { from: record.id, draft: Some(draft.id) };
            blockers.extend(self.draft_blockers(draft, operation));
            // What is in another client's draft is overwritten only with `--adopt-draft`.
            match self.owner(draft, record, &target) {
                Owner::Ours(why) => reason = why,
                Owner::Foreign(foreign) => blockers.push(self.foreign_draft(draft, foreign)),
            }
            blockers.extend(self.foreign_doi(draft, None, &target));
            // Files that are still to be taken over are not lost.
            if !takes_files_over(self.observed, draft) {
                blockers.extend(keep::find_lost_kept_files(draft, &target));
            }
        } else if record.has_newer_draft {
            // The record says that a newer draft is open and the search index does not list it yet:
            // the server would refuse to open another.
            blockers.push(Blocker::UnseenDraft);
        }
        let draft = open.map(|draft| draft.id);
        Decision {
            operation: Operation::NewVersion { from: record.id, draft },
            reason,
            target,
            blockers,
        }
    }

    fn version_blockers(self, record: &Record, differ: &Differences) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        // The server refuses a new version of a record whose DOI was made elsewhere (403).
        let external = record.doi.clone().filter(|_| record.has_external_doi);
        blockers.extend(external.filter(|_| differ.files).map(Blocker::ExternalDoi));
        if self.desired.version == DesiredVersion::KnownAtTag {
            blockers.push(Blocker::LabelUnknown);
        }
        blockers.extend(self.label_taken(record));
        blockers
    }

    /// Finds the published version that has the wanted label already.
    fn label_taken(self, record: &Record) -> Option<Blocker> {
        let label = self.label()?;
        if record.metadata.text(Field::Version) == Some(label) {
            return Some(Blocker::LabelTaken { label: label.to_owned(), version: record.id });
        }
        // The record shows only its own label; those of earlier versions are in the lock.
        let versions = &self.binding.record.as_ref()?.versions;
        // The label of a version that belongs to another record is free here.
        let is_astray =
            |version: &RecordId| self.observed.astray.iter().any(|one| one.version == *version);
        let (version, _) = versions.iter().find(|(id, known)| *known == label && !is_astray(id))?;
        Some(Blocker::LabelTaken { label: label.to_owned(), version: *version })
    }

    fn edit(self, record: &Record, target: Target) -> Decision {
        let open = self.open_draft(DraftKind::Edit);
        let operation = Operation::Edit { record: record.id, resumed: open.is_some() };
        let mut blockers: Vec<Blocker> = self.review_blocker(operation).into_iter().collect();
        let mut reason = Reason::MetadataDiffer;
        if let Some(draft) = open {
            // The server shows an open edit of another client as if it were this one's.
            match self.owner(draft, record, &target) {
                Owner::Ours(why) => reason = why,
                Owner::Foreign(foreign) => blockers.push(self.foreign_draft(draft, foreign)),
            }
            blockers.extend(self.foreign_doi(draft, Some(record), &target));
        }
        Decision { operation, reason, target, blockers }
    }

    fn owner(self, draft: &Draft, record: &Record, target: &Target) -> Owner {
        find_owner(draft, record, target, self.binding, self.policy)
    }

    fn foreign_draft(self, draft: &Draft, foreign: Vec<String>) -> Blocker {
        let foreign = match self.policy.readers {
            Readers::Owner => foreign,
            // What is in it may be secret and the log public; that it blocks is still reported.
            Readers::Everybody => Vec::new(),
        };
        Blocker::ForeignDraft { draft: draft.id, is_edit: draft.kind == DraftKind::Edit, foreign }
    }
}
