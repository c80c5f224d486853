//! Reads what git says of the manifest's folder, with a library: no program, hook or filter runs,
//! and only the repository's own configuration is read.
//!
//! Contents are compared raw: where a filter (line ends, LFS) rewrites files on checkout, only the
//! stat data in the index show that they are unchanged. Deliberately absent: untracked files, which
//! never make a tree dirty.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};

use crate::disk;
use crate::model::{Finding, GitFacts};

use super::codes;
use super::hash::{chunks, file_stamp};
use super::select::glob;

/// The repository around the manifest's folder.
#[derive(Debug)]
pub(super) struct Checkout {
    /// The folder of all its files, in its canonical form.
    pub(super) top: PathBuf,
    /// The facts that the metadata need.
    pub(super) facts: GitFacts,
    /// Tracked files below the manifest's folder, relative to it, with whether they may be run.
    pub(super) executable: BTreeMap<String, bool>,
    /// Tracked files that differ from the commit, relative to the manifest's folder; only those
    /// below it.
    pub(super) dirty: BTreeSet<String>,
}

pub(super) type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Reads the repository that the folder is in; returns `None` outside of one.
///
/// # Errors
/// A finding when the repository can't be read.
pub(super) fn find_checkout(root: &Path) -> Result<Option<Checkout>, Finding> {
    let unreadable = |reason: String| {
        Finding::error(codes::GIT_UNREADABLE, "can't read the git repository")
            .because(reason)
            .hint("see what `git status` and `git fsck` say")
    };
    let root = fs::canonicalize(root).map_err(|error| unreadable(error.to_string()))?;
    let Some(top) = find_top(&root) else { return Ok(None) };
    read_checkout(top, &root).map_err(|error| unreadable(error.to_string()))
}

/// Returns the commit that is checked out around a folder, in hexadecimal digits; `None` outside of
/// git and before the first commit. Reads nothing else.
pub fn read_commit(root: &Path) -> Option<String> {
    let repository = open_around(&fs::canonicalize(root).ok()?)?;
    let mut head = repository.head().ok()?;
    Some(head.try_peel_to_id().ok()??.to_string())
}

/// Opens the repository around a folder, which is given in its canonical form.
pub(super) fn open_around(root: &Path) -> Option<gix::Repository> {
    open(find_top(root)?).ok()
}

/// Returns the top of the repository that a folder is in, given in its canonical form.
pub(super) fn find_top(root: &Path) -> Option<&Path> {
    root.ancestors().find(|folder| is_repository(folder))
}

/// The lock, beside each manifest.
const LOCK: &str = "zenodo.lock";

/// Returns whether a folder has its own `.git`: a folder with a HEAD, or a file that names one.
pub(super) fn is_repository(folder: &Path) -> bool {
    let git = folder.join(".git");
    git.is_file() || git.join("HEAD").symlink_metadata().is_ok()
}

pub(super) fn open(top: &Path) -> Fallible<gix::Repository> {
    Ok(gix::open_opts(top, gix::open::Options::isolated())?)
}

/// Returns whether a path is a lock: the project's own, or one beside another manifest.
fn is_lock(path: &BString, work_dir: &Path, root: &Path) -> bool {
    let Ok(path) = path.to_str() else { return false };
    let path = work_dir.join(path);
    let Some(folder) = path.parent().filter(|_| path.ends_with(LOCK)) else { return false };
    folder == root || has_manifest(folder)
}

/// Returns whether a folder has a file that can be a manifest: any name may be given with `-m`.
fn has_manifest(folder: &Path) -> bool {
    let is_toml = |entry: fs::DirEntry| entry.path().extension().is_some_and(|it| it == "toml");
    fs::read_dir(folder).is_ok_and(|all| all.flatten().any(is_toml))
}

fn read_checkout(top: &Path, root: &Path) -> Fallible<Option<Checkout>> {
    let repository = open(top)?;
    // A bare repository has no files that could differ.
    let Some(work_dir) = repository.workdir() else { return Ok(None) };
    let work_dir = fs::canonicalize(work_dir)?;
    // `core.worktree` may put the files elsewhere.
    let Ok(below) = root.strip_prefix(&work_dir) else { return Ok(None) };
    let prefix = if below.as_os_str().is_empty() {
        String::new()
    } else {
        format!("{}/", glob::show_path(below))
    };
    let commit = repository.head()?.try_into_peeled_id()?.map(gix::Id::detach);
    let index = repository.index_or_empty()?;
    let mut differing = find_staged(&repository, &index, commit)?;
    differing.extend(find_edited(&repository, &index, &work_dir)?);
    // zrel itself writes the locks and never publishes them: an apply of another member of the
    // workspace must not make a tag dirty either.
    differing.retain(|path| !is_lock(path, &work_dir, root));
    let below_root = |path: &BString| {
        path.to_str().ok().and_then(|path| path.strip_prefix(&prefix)).map(str::to_owned)
    };
    let executable = index.entries().iter().filter_map(|entry| {
        let rel = below_root(&entry.path(&index).to_owned())?;
        Some((rel, entry.mode == Mode::FILE_EXECUTABLE))
    });
    Ok(Some(Checkout {
        executable: executable.collect(),
        dirty: differing.iter().filter_map(below_root).collect(),
        facts: GitFacts {
            tags: commit
                .map_or_else(|| Ok(Vec::new()), |commit| list_tags_at(&repository, commit))?,
            commit: commit.map(|id| id.to_string()),
            dirty: !differing.is_empty(),
        },
        top: work_dir,
    }))
}

/// Returns the names of the tags at a commit, sorted; an annotated tag counts for what it is on.
pub(super) fn list_tags_at(
    repository: &gix::Repository,
    commit: ObjectId,
) -> Fallible<Vec<String>> {
    let mut names = Vec::new();
    for reference in repository.references()?.tags()? {
        let reference = reference?;
        let name = reference.name().shorten().to_string();
        // A tag whose object is missing (in a shallow clone) is not a tag of this commit.
        if reference.into_fully_peeled_id().is_ok_and(|id| id == commit) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Returns the paths whose entry in the index differs from the commit.
fn find_staged(
    repository: &gix::Repository,
    index: &gix::index::State,
    commit: Option<ObjectId>,
) -> Fallible<BTreeSet<BString>> {
    let tree = match commit {
        Some(_) => repository.head_tree_id()?.detach(),
        // Before the first commit everything in the index is new.
        None => ObjectId::empty_tree(repository.object_hash()),
    };
    let committed = repository.index_from_tree(&tree)?;
    let of = |state: &gix::index::State| -> BTreeMap<BString, (ObjectId, Mode, Stage)> {
        let entries = state.entries().iter();
        entries
            .map(|entry| (entry.path(state).to_owned(), (entry.id, entry.mode, entry.stage())))
            .collect()
    };
    let (mut before, mut after) = (of(&committed), of(index));
    drop_sparse(repository, tree, &mut before, &mut after)?;
    let mut differing: BTreeSet<BString> =
        before.keys().filter(|path| !after.contains_key(*path)).cloned().collect();
    differing.extend(
        after
            .into_iter()
            .filter(|(path, entry)| before.get(path) != Some(entry))
            .map(|(path, _)| path),
    );
    Ok(differing)
}

type Entries = BTreeMap<BString, (ObjectId, Mode, Stage)>;

/// Drops folders that a sparse index holds as one entry and that equal the commit's.
fn drop_sparse(
    repository: &gix::Repository,
    tree: ObjectId,
    before: &mut Entries,
    after: &mut Entries,
) -> Fallible<()> {
    let folders: Vec<(BString, ObjectId)> = after
        .iter()
        .filter(|(_, (_, mode, _))| mode.is_sparse())
        .map(|(path, (id, ..))| (path.clone(), *id))
        .collect();
    for (folder, id) in folders {
        let path = gix::path::from_bstr(folder.trim_end_with(|c| c == '/').as_bstr())?.into_owned();
        let committed = repository.find_tree(tree)?.lookup_entry_by_path(&path)?;
        if committed.is_some_and(|entry| entry.object_id() == id) {
            after.remove(&folder);
            before.retain(|path, _| !path.starts_with(&folder));
        }
    }
    Ok(())
}

/// Returns the tracked paths whose file in the work tree differs from the index.
fn find_edited(
    repository: &gix::Repository,
    index: &gix::worktree::Index,
    work_dir: &Path,
) -> Fallible<BTreeSet<BString>> {
    let modes_count = repository.config_snapshot().boolean("core.fileMode").unwrap_or(cfg!(unix));
    let mut differing = BTreeSet::new();
    for entry in index.entries() {
        // A sparse checkout leaves these files out on purpose.
        if entry.flags.contains(Flags::SKIP_WORKTREE) || entry.mode.is_sparse() {
            continue;
        }
        let path = entry.path(index);
        let file = work_dir.join(gix::path::from_bstr(path)?);
        let racy = is_racy(&entry.stat, index);
        let same = match entry.mode {
            Mode::COMMIT => is_submodule_at(&file, entry.id),
            Mode::SYMLINK => is_link(&file, entry.id)?,
            _ => is_file(&file, entry, if racy { Trust::Bytes } else { Trust::Stat }, modes_count)?,
        };
        // A path with a merge conflict is dirty, whatever its file holds.
        if !same || entry.stage() != Stage::Unconflicted {
            differing.insert(path.to_owned());
        }
    }
    Ok(differing)
}

/// Returns whether a file may have changed after its stat data were taken and kept its time.
fn is_racy(stat: &gix::index::entry::Stat, index: &gix::index::State) -> bool {
    // Some writers of an index keep no nanoseconds, so that only whole seconds can be compared.
    let use_nsec = stat.mtime.nsecs != 0;
    let options = gix::index::entry::stat::Options { use_nsec, ..Default::default() };
    stat.is_racy(index.timestamp(), options)
}

/// What is enough to call a file unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// The size and time that the index remembers.
    Stat,
    /// Its bytes alone: it changed within the grain of the index's own time.
    Bytes,
}

fn is_file(
    path: &Path,
    entry: &gix::index::Entry,
    trust: Trust,
    modes_count: bool,
) -> io::Result<bool> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return check_absence(error),
    };
    let executable = entry.mode == Mode::FILE_EXECUTABLE;
    // Windows has no executable bit, and `core.fileMode` says where it can't be trusted.
    if !metadata.is_file()
        || (cfg!(unix) && modes_count && file_stamp::is_executable(&metadata) != executable)
    {
        return Ok(false);
    }
    // A filter may have rewritten the file on checkout, so that its bytes are not the blob's.
    if trust == Trust::Stat && has_stat(&metadata, &entry.stat) {
        return Ok(true);
    }
    let (mut file, metadata) = disk::open_regular(path)?;
    let mut hasher = make_blob_hasher(entry.id, metadata.len());
    chunks::read_chunks(&mut file, &mut |chunk| {
        hasher.update(chunk);
        Ok(())
    })?;
    Ok(hasher.try_finalize().is_ok_and(|id| id == entry.id))
}

/// Returns whether size and time are those in the index.
fn has_stat(metadata: &Metadata, known: &gix::index::entry::Stat) -> bool {
    let time = metadata
        .modified()
        .ok()
        .and_then(|time| gix::index::entry::stat::Time::try_from(time).ok());
    // The index keeps the lower 32 bits of the size, and some writers no nanoseconds.
    metadata.len() & u64::from(u32::MAX) == u64::from(known.size)
        && time.is_some_and(|time| {
            time.secs == known.mtime.secs
                && (known.mtime.nsecs == 0 || time.nsecs == known.mtime.nsecs)
        })
}

fn is_link(path: &Path, id: ObjectId) -> io::Result<bool> {
    let target = match fs::read_link(path) {
        Ok(target) => target,
        // Without symbolic links git writes the target into a file.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            PathBuf::from(fs::read_to_string(path).unwrap_or_default())
        }
        Err(error) => return check_absence(error),
    };
    let Ok(target) = gix::path::into_bstr(target) else { return Ok(false) };
    let mut hasher = make_blob_hasher(id, target.len() as u64);
    hasher.update(&target);
    Ok(hasher.try_finalize().is_ok_and(|found| found == id))
}

fn check_absence(error: io::Error) -> io::Result<bool> {
    let absent = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    if absent { Ok(false) } else { Err(error) }
}

/// Returns whether a submodule is at this commit.
fn is_submodule_at(path: &Path, id: ObjectId) -> bool {
    // One that is not checked out has no changes; `submodules` reports it where it matters.
    if !is_repository(path) {
        return true;
    }
    open(path).is_ok_and(|module| module.head_id().is_ok_and(|head| head == id))
}

/// Begins the id of a blob of `size` bytes.
fn make_blob_hasher(like: ObjectId, size: u64) -> gix::hash::Hasher {
    let mut hasher = gix::hash::hasher(like.kind());
    hasher.update(format!("blob {size}\0").as_bytes());
    hasher
}
