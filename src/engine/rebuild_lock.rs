//! Rebuilds a manifest's entry of the lock from what the server says. Writes nothing to the server.

use std::path::PathBuf;

use crate::api::{ApiError, ReadApi};
use crate::apply::UnfinishedRun;
use crate::lock::{Entry, Lock, LockSalvage, Lost};
use crate::model::{BoundRecord, ConceptId, OpenDraft, Reservation};
use crate::observed::{Draft, HistoryEntry, Observed, Record, RecordState};
use crate::refresh::{RefreshError, RefreshRequest, read_edits_too, refresh};

use super::applied_files::list_remote;
use super::project::Project;
use super::{EngineError, Session};

/// Why a lock can't be rebuilt. It is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The caller and the manifest name different records.
    #[error("--concept names {asked}, and the manifest names {manifest}")]
    TwoConcepts {
        /// The one that the caller names.
        asked: ConceptId,
        /// The one that the manifest names.
        manifest: ConceptId,
    },
    /// Nothing names the record.
    #[error("neither the manifest nor the lock names a record")]
    NoConcept,
    /// The server shows no such record.
    #[error("there is no record {concept} that can be read")]
    NoRecord {
        /// The record.
        concept: ConceptId,
        /// In the server's words.
        message: String,
    },
    /// The record belongs to another account.
    #[error("record {concept} belongs to another account: {message}")]
    NotOurs {
        /// The record.
        concept: ConceptId,
        /// In the server's words.
        message: String,
    },
    /// The server can't be read.
    #[error(transparent)]
    Refresh(RefreshError),
    /// The record's versions can't be read.
    #[error(transparent)]
    Api(ApiError),
    /// The lock, the journal or the project can't be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A lock that was rebuilt.
#[derive(Debug)]
pub struct Rebuilt {
    /// The lock, as it was written.
    pub lock: Lock,
    /// The published record that its entry names.
    pub record: Option<Box<Record>>,
    /// Where the damaged lock is kept.
    pub kept: Option<PathBuf>,
    /// Entries of others that could not be read, each with its concept where a line still names it.
    pub lost: Vec<(Lost, Option<ConceptId>)>,
}

/// A lock that is about to be rebuilt.
#[derive(Debug)]
pub struct LockRebuild<'a> {
    project: &'a Project,
    salvage: LockSalvage,
    known: Known,
    concept: ConceptId,
}

impl<'a> LockRebuild<'a> {
    /// Reads what is left of the lock, and decides which record is meant: the manifest, then
    /// `asked`, then the lock. The caller holds the project's run lock.
    ///
    /// # Errors
    /// A [`RebuildError`]; for a record that belongs to another manifest,
    /// [`EngineError::Shared`] in it.
    pub fn prepare(project: &'a Project, asked: Option<ConceptId>) -> Result<Self, RebuildError> {
        let salvage = LockSalvage::of(&project.lock_path(), &project.paths.name);
        let salvage = salvage.map_err(|error| project.paths.lock_error(error))?;
        let rest = salvage.lock();
        let known = Known {
            entry: rest.entry(&project.server).cloned(),
            in_damage: salvage.concept_on(&project.server),
            unfinished_run: project.unfinished_run()?,
        };
        let concept = choose_concept(project, asked, &known)?;
        project.paths.refuse_shared(concept, rest.others(&project.server))?;
        Ok(Self { project, salvage, known, concept })
    }

    /// Reads the record, and writes the lock.
    ///
    /// # Errors
    /// A [`RebuildError`].
    pub async fn rebuild(self, session: &Session) -> Result<Rebuilt, RebuildError> {
        let Self { project, salvage, known, concept } = self;
        let (observed, versions) = read_record(&session.read(), concept, known.draft()).await?;
        let entry = make_entry(concept, &observed, &versions, &known)?;
        let is_of_others = |lost: &&Lost| !lost.is_of(&project.paths.name, &project.server);
        let lost: Vec<(Lost, Option<ConceptId>)> = salvage
            .lost()
            .iter()
            .filter(is_of_others)
            .map(|lost| (lost.clone(), salvage.concept_of(lost)))
            .collect();
        let rebuilt = salvage.rebuild(&project.server, entry);
        let (lock, kept) = rebuilt.map_err(|error| project.paths.lock_error(error))?;
        let record = match observed.record {
            RecordState::Published(record) => Some(record),
            RecordState::Unpublished
            | RecordState::Unbound
            | RecordState::Gone { .. }
            | RecordState::NotPublic { .. }
            | RecordState::NotOurs { .. } => None,
        };
        Ok(Rebuilt { lock, record, kept, lost })
    }
}

/// What is known without asking the server.
#[derive(Debug)]
struct Known {
    /// The old entry, if it can be read.
    entry: Option<Entry>,
    /// The concept that the old entry names in a line that can be read, if the rest can't.
    in_damage: Option<ConceptId>,
    /// What an unfinished apply left.
    unfinished_run: Option<UnfinishedRun>,
}

impl Known {
    /// Returns the draft that is certainly ours: the journal or the old entry names it.
    fn draft(&self) -> Option<OpenDraft> {
        let in_journal = self.unfinished_run.as_ref().and_then(|run| run.unfinished.draft);
        in_journal.or(self.record().and_then(|record| record.draft))
    }

    /// Returns what was fixed for that draft when its DOI was reserved.
    fn reserved(&self) -> Option<Reservation> {
        let record = self.record().filter(|record| record.draft == self.draft())?;
        record.reserved.clone()
    }

    fn record(&self) -> Option<&BoundRecord> {
        self.entry.as_ref().map(|entry| &entry.record)
    }

    fn record_of(&self, concept: ConceptId) -> Option<&BoundRecord> {
        let is_same = self.entry.as_ref().and_then(|entry| entry.concept) == Some(concept);
        self.record().filter(|_| is_same)
    }
}

fn choose_concept(
    project: &Project,
    asked: Option<ConceptId>,
    known: &Known,
) -> Result<ConceptId, RebuildError> {
    let in_manifest = project.manifest.record.concept.get(&project.server.name);
    let in_manifest = in_manifest.map(|concept| concept.value);
    // The manifest was reviewed and the flag was typed now: nothing says which of them is wrong.
    if let (Some(manifest), Some(asked)) = (in_manifest, asked)
        && manifest != asked
    {
        return Err(RebuildError::TwoConcepts { asked, manifest });
    }
    let in_lock = known.entry.as_ref().and_then(|entry| entry.concept).or(known.in_damage);
    in_manifest.or(asked).or(in_lock).ok_or(RebuildError::NoConcept)
}

/// Reads the record, and which versions it has.
async fn read_record(
    api: &ReadApi,
    concept: ConceptId,
    draft: Option<OpenDraft>,
) -> Result<(Observed, Vec<HistoryEntry>), RebuildError> {
    let request = RefreshRequest { concept: Some(concept), draft, ..RefreshRequest::default() };
    let observed = refresh(api, &request, &read_edits_too).await.map_err(RebuildError::Refresh)?;
    let versions = match observed.published() {
        Some(record) => api.versions(record.id).await.map_err(RebuildError::Api)?,
        None => Vec::new(),
    };
    Ok((observed, versions))
}

/// Makes the entry from what the server says, and from what only the old entry can say.
fn make_entry(
    concept: ConceptId,
    observed: &Observed,
    versions: &[HistoryEntry],
    known: &Known,
) -> Result<Entry, RebuildError> {
    let mut entry = Entry { concept: Some(concept), ..Entry::default() };
    let no_record = |message: &str| RebuildError::NoRecord { concept, message: message.to_owned() };
    match &observed.record {
        RecordState::Published(record) => {
            fill_published(&mut entry.record, record, versions, known.record_of(concept));
        }
        RecordState::Unpublished => {}
        RecordState::Unbound => return Err(no_record("the server shows no record")),
        RecordState::Gone { message, .. } | RecordState::NotPublic { message } => {
            return Err(no_record(message));
        }
        RecordState::NotOurs { message } => {
            return Err(RebuildError::NotOurs { concept, message: message.clone() });
        }
    }
    if let Some(old) = known.record_of(concept) {
        entry.record.granted = old.granted.clone();
        entry.record.shared_links = old.shared_links.clone();
    }
    // Another draft may be another client's, and must not be written to because of this entry.
    let named = observed.draft.as_ref().map(Draft::named);
    entry.record.draft = named.filter(|named| known.draft() == Some(*named));
    entry.record.reserved = known.reserved().filter(|_| entry.record.draft.is_some());
    Ok(entry)
}

fn fill_published(
    entry: &mut BoundRecord,
    record: &Record,
    versions: &[HistoryEntry],
    old: Option<&BoundRecord>,
) {
    entry.last = Some(record.id);
    // Which of its links are to members can't be read from it.
    let same = old.filter(|old| old.last == Some(record.id));
    entry.links = same.map(|old| old.links.clone()).unwrap_or_default();
    entry.versions = versions
        .iter()
        .map(|version| (version.id, version.label.clone().unwrap_or_default()))
        .collect();
    entry.files = list_remote(&record.files, old);
    entry.asked = old.map(|old| old.asked.clone()).unwrap_or_default();
    // How a server rewrote a text can't be read from it.
    entry.rewrites = old.map(|old| old.rewrites.clone()).unwrap_or_default();
}
