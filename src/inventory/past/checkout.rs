//! The files of a commit in a folder of their own, which is a work tree of the same repository: what
//! is read there has the commit's tags, modes and rules of ignored files.
//!
//! No filter and no hook runs: each file has the bytes that git has.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use gix::index::entry::Mode;
use tempfile::TempDir;

use crate::disk::make_folder;
use crate::inventory::codes;
use crate::inventory::git::{Fallible, open_around};
use crate::inventory::select::glob;
use crate::model::Finding;

use super::GitTag;

/// What the names of folders with the files of a tag begin with.
const LEAD: &str = "zrel-tag-";

/// The file that is locked as long as the files are in use.
const IN_USE: &str = "in-use";

/// The files of a tag; they are removed when this is dropped.
#[derive(Debug)]
pub struct PastFiles {
    folder: TempDir,
    /// Says to other runs that they are in use.
    _in_use: File,
    /// The folder of the manifest among them.
    pub root: PathBuf,
}

impl PastFiles {
    /// Returns a folder for what is kept beside the files.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn make_beside(&self) -> std::io::Result<PathBuf> {
        let beside = self.folder.path().join("beside");
        fs::create_dir_all(&beside)?;
        Ok(beside)
    }
}

/// Which files of a tag are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Those in the manifest's folder.
    Folder,
    /// All of them.
    Whole,
}

/// Writes the files of a tag below a folder. `root` is the manifest's folder now.
///
/// # Errors
/// A finding when git's objects can't be read, or the files can't be written.
pub fn check_out(
    root: &Path,
    tag: &GitTag,
    below: &Path,
    extent: Extent,
) -> Result<PastFiles, Finding> {
    write_files(root, tag, below, extent).map_err(|error| {
        let summary = format!("can't write the files of the tag `{}`", tag.name);
        Finding::error(codes::GIT_UNREADABLE, summary)
            .because(error.to_string())
            .hint("see what `git fsck` says, and whether there is room on the disk")
    })
}

fn write_files(root: &Path, tag: &GitTag, below: &Path, extent: Extent) -> Fallible<PastFiles> {
    let root = fs::canonicalize(root)?;
    let repository = open_around(&root).ok_or("there is no git repository")?;
    let work_dir = fs::canonicalize(repository.workdir().ok_or("it has no files")?)?;
    let own = root.strip_prefix(&work_dir)?;
    let is_top = own.as_os_str().is_empty();
    let prefix = match extent {
        Extent::Folder if !is_top => format!("{}/", glob::show_path(own)),
        Extent::Folder | Extent::Whole => String::new(),
    };
    let folder = make_private_folder(below)?;
    // Locked before it has its name: another run takes what is not locked for left behind.
    let unnamed = folder.path().join("new");
    let in_use = File::create(&unnamed)?;
    in_use.lock()?;
    fs::rename(unnamed, folder.path().join(IN_USE))?;
    let top = fs::canonicalize(folder.path())?.join("files");
    fs::create_dir(&top)?;
    let commit = gix::ObjectId::from_hex(tag.commit.as_bytes())?;
    let tree = repository.find_object(commit)?.try_into_commit()?.tree_id()?;
    let index = repository.index_from_tree(&tree)?;
    write_entries(&repository, &index, &prefix, &top)?;
    link_work_tree(&repository, &index, commit, &top)?;
    make_folders(&top, own)?;
    Ok(PastFiles { root: top.join(own), _in_use: in_use, folder })
}

/// Makes a folder that nobody else may read: the repository may be private, and the place shared.
fn make_private_folder(below: &Path) -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(LEAD);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(below)
}

/// Makes the folders of a path below another. A link in it would lead to elsewhere.
fn make_folders(top: &Path, below: &Path) -> std::io::Result<()> {
    let mut path = top.to_owned();
    for part in below.components() {
        path.push(part);
        make_folder(&path)?;
    }
    Ok(())
}

/// Removes the files of tags that a run which was killed left below a folder.
pub fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|it| it.file_name().to_str().is_some_and(|it| it.starts_with(LEAD)))
    {
        let in_use = File::open(entry.path().join(IN_USE));
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // The lock is held until it is gone.
        if let Some(in_use) = in_use.ok().filter(|_| is_folder)
            && in_use.try_lock().is_ok()
        {
            // Best effort: what is left only takes room.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Writes the files of an index whose paths begin with a prefix.
fn write_entries(
    repository: &gix::Repository,
    index: &gix::index::State,
    prefix: &str,
    top: &Path,
) -> Fallible<()> {
    let is_wanted = |path: &&gix::index::Entry| path.path(index).starts_with(prefix.as_bytes());
    let (links, files): (Vec<_>, Vec<_>) =
        index.entries().iter().filter(is_wanted).partition(|entry| entry.mode == Mode::SYMLINK);
    // Links come last: nothing is written through one.
    for entry in files.into_iter().chain(links) {
        let path = top.join(gix::path::from_bstr(entry.path(index))?);
        if entry.mode == Mode::COMMIT {
            // A submodule: a folder that is not checked out.
            fs::create_dir_all(&path)?;
            continue;
        }
        fs::create_dir_all(path.parent().ok_or("a file without a folder")?)?;
        let blob = repository.find_object(entry.id)?;
        if entry.mode == Mode::SYMLINK {
            write_link(&blob.data, &path)?;
        } else {
            write_file(&blob.data, &path, entry.mode == Mode::FILE_EXECUTABLE)?;
        }
    }
    Ok(())
}

fn write_file(bytes: &[u8], path: &Path, is_executable: bool) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if is_executable {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
    }
    #[cfg(not(unix))]
    let _ = is_executable;
    std::io::Write::write_all(&mut options.open(path)?, bytes)
}

#[cfg(unix)]
fn write_link(target: &[u8], path: &Path) -> std::io::Result<()> {
    let target = std::os::unix::ffi::OsStrExt::from_bytes(target);
    std::os::unix::fs::symlink::<&std::ffi::OsStr, _>(target, path)
}

/// As git does where there are no links.
#[cfg(not(unix))]
fn write_link(target: &[u8], path: &Path) -> std::io::Result<()> {
    fs::write(path, target)
}

/// Makes a folder a work tree of a repository, at a commit. What belongs to it is beside it, and not
/// in the repository.
fn link_work_tree(
    repository: &gix::Repository,
    index: &gix::index::File,
    commit: gix::ObjectId,
    top: &Path,
) -> Fallible<()> {
    let own = top.with_file_name("git");
    fs::create_dir(&own)?;
    let common = fs::canonicalize(repository.common_dir())?;
    let write = |name: &str, text: String| fs::write(own.join(name), format!("{text}\n"));
    write("HEAD", commit.to_string())?;
    write("commondir", name_path(&common)?)?;
    write("gitdir", name_path(&top.join(".git"))?)?;
    let out = BufWriter::new(File::create(own.join("index"))?);
    index.write_to(out, gix::index::write::Options::default())?;
    fs::write(top.join(".git"), format!("gitdir: {}\n", name_path(&own)?))?;
    Ok(())
}

fn name_path(path: &Path) -> Fallible<String> {
    let text = path.to_str().ok_or("a path that is not UTF-8")?;
    Ok(text.to_owned())
}
