//! The project on disk: manifest, files, lock, journal. Start reading here: a [`Project`] is
//! loaded, its files are read ([`Project::inventory`]), and everything local is collected
//! ([`Project::gather`]) before a server is asked.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::apply::{Failpoint, Journal, UnfinishedRun};
use crate::check;
use crate::clock::{Clock, Deadline};
use crate::desired::Desired;
use crate::disk;
use crate::http::READ_TIMEOUT;
use crate::inventory::{self, Inventory};
use crate::lock::{Lock, USUAL_MANIFEST};
use crate::manifest::{self, Manifest};
use crate::model::{Binding, ConceptId, Finding, Server, ServerKind};
use crate::plan::Noted;
use crate::refresh::RefreshRequest;
use crate::render::{About, Source};

use super::EngineError;
use super::binding::bind;
use super::faults::{has_errors, make_invalid_error};
use super::identity::{ProjectPaths, read_unfinished_run};
use super::member_records::MemberRecords;
use super::past::{Past, read_manifest};
use super::workspace_root::{Root, find_root};

/// The file that has the time of the last change to the record, as its own.
const APPLIED: &str = "applied";

/// How long the index of the server's listings may take to show a change: usually seconds
/// (zenodo-facts.md, 2026-11-23).
const INDEX_TIME: Duration = Duration::from_mins(1);

/// The location of a project, and the time limits.
#[derive(Debug, Clone)]
pub struct ProjectOptions {
    /// The folder in which zrel works.
    pub folder: PathBuf,
    /// The manifest, relative to the folder.
    pub manifest: PathBuf,
    /// The time.
    pub clock: Clock,
    /// How long the server may be silent before a call is given up.
    pub read_timeout: Duration,
    /// How many clients share the server's limit of requests, with this one.
    pub n_clients: u32,
    /// The time limit of the run.
    pub deadline: Deadline,
    /// The workspace that the manifest is planned in; none where it is planned alone.
    pub planned_in: Option<PlannedIn>,
    /// The past release that is meant; none for the files as they are now.
    pub past: Option<Past>,
    /// What watches the journal, in tests.
    pub failpoint: Option<Failpoint>,
}

/// The workspace that a manifest is planned in.
#[derive(Debug, Clone)]
pub struct PlannedIn {
    /// The root's folder.
    pub folder: PathBuf,
    /// Whether all its members are planned, and are compared with each other.
    pub is_whole: bool,
    /// The records of its members, where they stay as they are until all are planned.
    pub records: Option<MemberRecords>,
}

impl ProjectOptions {
    /// Makes options for the usual manifest of a folder, by the real clock and without a deadline.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let clock = Clock::Real;
        Self {
            folder: folder.into(),
            manifest: USUAL_MANIFEST.into(),
            deadline: clock.deadline_in(Duration::MAX),
            clock,
            read_timeout: READ_TIMEOUT,
            n_clients: 1,
            planned_in: None,
            past: None,
            failpoint: None,
        }
    }
}

/// A manifest, and where it is.
#[derive(Debug)]
pub struct Project {
    /// The folder with its files: that of the manifest, unless a past release is meant.
    pub root: PathBuf,
    /// Where zrel keeps what it knows of this manifest.
    pub paths: ProjectPaths,
    /// The manifest's name, as the user gave it.
    pub shown: String,
    /// Its text.
    pub text: Arc<str>,
    /// Its parsed content.
    pub manifest: Manifest,
    /// Warnings and notes about it.
    pub findings: Vec<Finding>,
    /// The server that it names.
    pub server: Server,
    /// The time.
    pub clock: Clock,
    /// How long the server may be silent.
    pub read_timeout: Duration,
    /// How many clients share the server's limit of requests, with this one.
    pub n_clients: u32,
    /// The time limit of the run.
    pub deadline: Deadline,
    /// The folder of the workspace's root, for a member of one.
    workspace: Option<PathBuf>,
    /// Whether all members of the workspace are planned, and are compared with each other.
    pub(super) is_compared: bool,
    /// The records of the workspace's members, if they are read already.
    pub(super) member_records: Option<MemberRecords>,
    /// Where archives of a past release are made.
    beside: Option<PathBuf>,
    /// The folder with the texts for the metadata, if that is another one than that of the files.
    texts: Option<PathBuf>,
    /// What watches the journal, in tests.
    failpoint: Option<Failpoint>,
}

/// Everything local that a plan is made from.
#[derive(Debug)]
pub struct PlanInputs {
    /// The manifest, for findings to point into.
    pub text: Arc<str>,
    /// The desired record.
    pub desired: Desired,
    /// Warnings and notes about manifest and files.
    pub findings: Vec<Finding>,
    /// The same findings with line numbers, for the plan to keep.
    pub noted: Vec<Noted>,
    /// Which record, and what was last applied.
    pub binding: Binding,
    /// What an unfinished apply left.
    pub unfinished_run: Option<UnfinishedRun>,
    /// The lock.
    pub lock: Lock,
    /// How the program was called.
    pub invocation: check::Invocation,
}

impl Project {
    /// Reads the manifest.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] with all faults of the manifest, [`EngineError::ManifestUnread`]
    /// and [`EngineError::ManifestName`].
    pub fn load(options: ProjectOptions) -> Result<Self, EngineError> {
        let ProjectOptions {
            folder,
            manifest: named,
            clock,
            read_timeout,
            n_clients,
            deadline,
            planned_in,
            past,
            failpoint,
        } = options;
        let path = folder.join(&named);
        let (shown, text) = read_manifest(past.as_ref(), &path)?;
        let today = clock.today();
        let root = find_root(&path, today)?;
        if let Some(planned_in) = &planned_in
            && let Some(fault) = find_other_root(root.as_ref(), &planned_in.folder)
        {
            return Err(make_invalid_error(vec![fault], &shown, &text));
        }
        let inherited =
            root.as_ref().map(|root| manifest::Root { text: &root.text, shown: &root.shown });
        let parsed = manifest::parse_member(&text, inherited, today);
        // A manifest with errors may parse in part, and a part must not be planned.
        let Some(mut manifest) = parsed.manifest.filter(|_| !has_errors(&parsed.findings)) else {
            return Err(make_invalid_error(parsed.findings, &shown, &text));
        };
        if let Some(past) = &past {
            past.describe(&mut manifest);
        }
        let server = match manifest.server() {
            Ok(server) => server,
            Err(finding) => return Err(make_invalid_error(vec![finding], &shown, &text)),
        };
        let paths = ProjectPaths::of(&folder, &named)?;
        // The present manifest means the present texts.
        let is_present = past.as_ref().is_some_and(|past| past.manifest.is_none());
        let texts = is_present.then(|| paths.root.clone());
        Ok(Self {
            root: past.as_ref().map_or_else(|| paths.root.clone(), |past| past.files.clone()),
            paths,
            shown,
            text: text.into(),
            manifest,
            findings: parsed.findings,
            server,
            clock,
            read_timeout,
            n_clients,
            deadline,
            workspace: root.map(|root| root.folder),
            is_compared: planned_in.as_ref().is_some_and(|it| it.is_whole),
            member_records: planned_in.and_then(|it| it.records),
            texts,
            beside: past.map(|past| past.beside),
            failpoint,
        })
    }

    /// Returns the manifest for findings to point into.
    pub fn source(&self) -> Source<'_> {
        Source { path: &self.shown, text: &self.text }
    }

    /// Returns the origin of this project's plans.
    pub fn about(&self) -> About {
        About { manifest: self.shown.clone(), commit: inventory::read_commit(&self.root) }
    }

    /// Creates the folder that zrel keeps beside the manifest, and returns its path.
    ///
    /// # Errors
    /// An [`EngineError`] when it can't be created.
    pub fn zrel_dir(&self) -> Result<PathBuf, EngineError> {
        self.paths.zrel_dir()
    }

    /// Notes that the record was changed now: the server's index does not show it at once. Only a
    /// plan of several members looks there.
    pub(super) fn note_applied(&self) {
        if self.workspace.is_none() {
            return;
        }
        let noted =
            self.zrel_dir().map(|zrel_dir| disk::write_atomically(&zrel_dir.join(APPLIED), b""));
        // Without the note, a plan right after this one may trust a listing that is late.
        if !matches!(noted, Ok(Ok(()))) {
            tracing::info!(target: "engine", "can't note that the record was changed");
        }
    }

    /// Returns whether this machine changed the record so lately that a listing may not show it.
    pub fn was_applied_lately(&self) -> bool {
        let noted = fs::metadata(self.paths.root.join(".zrel").join(APPLIED));
        let noted = noted.and_then(|file| file.modified()).ok();
        // A time in the future is that of another clock, and says nothing.
        noted.is_some_and(|noted| noted.elapsed().map_or(true, |passed| passed < INDEX_TIME))
    }

    /// Returns where the copies of `[[write]]` files are: the DOIs of a rehearsal on this machine
    /// must not get into the project's own files. `None` for another server.
    pub fn copies_dir(&self) -> Option<PathBuf> {
        let is_local = self.server.kind == ServerKind::Local;
        is_local.then(|| self.root.join(".zrel").join("written").join(&self.paths.name))
    }

    /// Returns the folder of the workspace's root, for a member of one.
    pub(super) fn workspace_root(&self) -> Option<&Path> {
        self.workspace.as_deref()
    }

    /// Returns where the data of the local server are: one server for all members of a workspace,
    /// so that they can name each other.
    ///
    /// # Errors
    /// An [`EngineError`] when the folder can't be created.
    pub fn local_data(&self) -> Result<PathBuf, EngineError> {
        let own = self.zrel_dir()?;
        let zrel_dir = match &self.workspace {
            Some(root) => inventory::prepare_zrel_dir(root).map_err(EngineError::Folder)?,
            None => own,
        };
        Ok(zrel_dir.join("local"))
    }

    /// Returns where the lock of this server is.
    pub fn lock_path(&self) -> PathBuf {
        self.paths.lock(&self.server)
    }

    /// Returns the journal of this manifest and server.
    pub fn journal(&self) -> Journal {
        self.paths.journal(&self.server).with_failpoint(self.failpoint.clone())
    }

    /// Reads and hashes the files.
    ///
    /// # Errors
    /// An [`EngineError`] with all their faults.
    pub fn inventory(
        &self,
        limits: Limits,
        progress: &(dyn Fn(inventory::Progress) + Sync),
    ) -> Result<Inventory, EngineError> {
        let options = self.prepare_inventory(limits)?;
        self.accept(inventory::take_inventory(&self.manifest, &options, progress))
    }

    /// Reads the files as far as the search for secrets needs them, and hashes none.
    ///
    /// # Errors
    /// An [`EngineError`] with all their faults.
    pub fn search_files(
        &self,
        limits: Limits,
        progress: &(dyn Fn(inventory::Progress) + Sync),
    ) -> Result<Inventory, EngineError> {
        let options = self.prepare_inventory(limits)?;
        self.accept(inventory::search_inventory(&self.manifest, &options, progress))
    }

    /// Makes sure that the manifest itself holds no secret, before any file is opened.
    fn prepare_inventory(&self, limits: Limits) -> Result<inventory::Options, EngineError> {
        let secrets = inventory::find_secrets_in_manifest(&self.shown, &self.text);
        if has_errors(&secrets) {
            return Err(self.invalid(secrets));
        }
        Ok(inventory::Options {
            root: self.root.clone(),
            texts: self.texts.clone(),
            workspace: self.workspace.clone(),
            zrel_dir: match &self.beside {
                Some(beside) => beside.clone(),
                None => self.zrel_dir()?,
            },
            max_files: limits.max_files,
            max_bytes: limits.max_bytes,
            // Another server may run without that policy.
            raises_quota: self.server.kind != ServerKind::Other,
            copies: self.copies_dir(),
            now: None,
        })
    }

    fn accept(&self, inventory: Inventory) -> Result<Inventory, EngineError> {
        if has_errors(&inventory.findings) {
            return Err(self.invalid(inventory.findings));
        }
        Ok(inventory)
    }

    /// Reads the texts for the metadata, and no file of the record.
    ///
    /// # Errors
    /// An [`EngineError`] with all their faults.
    pub fn texts(&self) -> Result<Inventory, EngineError> {
        // Reading texts needs no folder of zrel's, so `.zrel` is not created here.
        let options = inventory::Options::new(self.root.clone(), self.root.join(".zrel"));
        let workspace = self.workspace.clone();
        let options = inventory::Options { copies: self.copies_dir(), workspace, ..options };
        self.accept(inventory::take_texts_only(&self.manifest, &options))
    }

    /// Reads lock and journal.
    ///
    /// # Errors
    /// An [`EngineError`] when one of them can't be trusted.
    pub fn memory(&self) -> Result<(Lock, Option<UnfinishedRun>), EngineError> {
        Ok((self.lock()?, self.unfinished_run()?))
    }

    /// Reads the lock.
    ///
    /// # Errors
    /// An [`EngineError`] when it can't be trusted.
    pub fn lock(&self) -> Result<Lock, EngineError> {
        Lock::load(&self.lock_path(), &self.paths.name)
            .map_err(|error| self.paths.lock_error(error))
    }

    /// Reads the journal.
    ///
    /// # Errors
    /// An [`EngineError`] when it can't be trusted.
    pub fn unfinished_run(&self) -> Result<Option<UnfinishedRun>, EngineError> {
        read_unfinished_run(&self.journal())
    }

    /// Returns which record the manifest describes: the manifest goes before the lock.
    pub fn binding(&self, lock: &Lock, in_manifest: Option<ConceptId>) -> Binding {
        bind(&self.paths, &self.server, lock, in_manifest)
    }

    pub(super) fn invalid(&self, findings: Vec<Finding>) -> EngineError {
        make_invalid_error(findings, &self.shown, &self.text)
    }

    /// Returns what manifest, lock and journal say about where the record is, without reading
    /// files.
    ///
    /// # Errors
    /// An [`EngineError`] when lock or journal can't be trusted.
    pub fn record_location(&self) -> Result<RefreshRequest, EngineError> {
        let (lock, unfinished_run) = self.memory()?;
        let in_manifest = self.manifest.record.concept.get(&self.server.name);
        let binding = self.binding(&lock, in_manifest.map(|concept| concept.value));
        let (last, draft) = binding.record.map_or((None, None), |it| (it.last, it.draft));
        let (published, open) =
            unfinished_run.map_or((None, None), |it| (it.published, it.unfinished.draft));
        Ok(RefreshRequest {
            concept: binding.concept.map(|(concept, _)| concept),
            // The journal may know a publication that the lock could not record.
            last: published.or(last),
            draft: open.or(draft),
            ..RefreshRequest::default()
        })
    }

    /// Takes the lock that allows one run at a time; it ends with the process.
    ///
    /// # Errors
    /// An [`EngineError`] when another run has it.
    pub fn run_lock(&self) -> Result<File, EngineError> {
        self.paths.run_lock()
    }
}

/// Reports a member that inherits nothing of the workspace that it is planned in: it would be
/// another record when it is planned alone.
fn find_other_root(found: Option<&Root>, wanted: &Path) -> Option<Finding> {
    let wanted = if wanted.as_os_str().is_empty() { Path::new(".") } else { wanted };
    let wanted = wanted.canonicalize().ok()?;
    let why = match found {
        Some(root) if root.folder == wanted => return None,
        Some(root) => format!("the workspace of `{}` is nearer to it", root.shown),
        None => "it is in a git repository of its own, or its folder has another owner".to_owned(),
    };
    Some(
        Finding::error(manifest::codes::MEMBERS, "the member inherits nothing of this workspace")
            .because(why)
            .hint("leave it out with `exclude`, and use zrel in its folder"),
    )
}

/// The limits of a record.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many files.
    pub max_files: usize,
    /// How many bytes.
    pub max_bytes: u64,
}

impl Default for Limits {
    /// The server's usual quota: 100 files, 50 GB (zenodo-facts.md, 2026-11-23).
    fn default() -> Self {
        Self { max_files: 100, max_bytes: 50_000_000_000 }
    }
}
