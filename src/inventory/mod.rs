//! From manifest entries to files with digests; and what git and the text files say.
//!
//! Everything that is read of the user's folder is read here, with one set of protections: nothing
//! outside the manifest's folder, no symbolic link, no FIFO or device, and no secret that is not
//! allowed by name. Deliberately absent:
//! the network, the clock, and any decision about the record.

mod archive;
mod cache;
mod codes;
mod forms;
mod gather;
mod git;
mod glob;
mod hash;
mod judge;
mod origin;
mod place;
mod read;
mod scan;
mod secrets;
mod stamp;
mod submodules;
mod taken;
mod texts;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::manifest::{EntrySource, Manifest};
use crate::model::{Field, FileSource, Finding, GitFacts, LocalFile};

pub use codes::CODES;
pub use git::commit;
pub use judge::of_manifest as secrets_of_manifest;
pub use origin::{Origin, There, origin, there};
pub use read::{ReadError, open_for_upload, prepare_zrel_dir, read_manifest};
pub use taken::{Taker, taker};

use archive::Member;
use cache::Cache;
use gather::{Candidate, Content, Faults};
use hash::{Request, Results};
use stamp::Stamp;

/// Where to look, and how much a record takes.
#[derive(Debug, Clone)]
pub struct Options {
    /// The manifest's folder.
    pub root: PathBuf,
    /// Its `.zrel`, from [`prepare_zrel_dir`]: cache and archives are kept there.
    pub zrel_dir: PathBuf,
    /// How many files a record takes.
    pub max_files: usize,
    /// How many bytes a record takes.
    pub max_bytes: u64,
    /// The file system's time; none asks for it.
    pub now: Option<SystemTime>,
}

impl Options {
    /// Makes options with the server's usual quota: 100 files, 50 GB.
    ///
    /// Source: zenodo-facts.md, 2026-11-23.
    pub fn new(root: PathBuf, zrel_dir: PathBuf) -> Self {
        Self { root, zrel_dir, max_files: 100, max_bytes: 50_000_000_000, now: None }
    }
}

/// How far hashing is. Comes from several threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Hashing begins; only what has to be read is counted. May come a second time, for the
    /// archives, and then replaces the first; does not come when all digests are cached.
    Start {
        /// How many files.
        n_files: usize,
        /// How many bytes they have.
        bytes: u64,
    },
    /// So many more bytes were read.
    Advance {
        /// Bytes.
        bytes: u64,
    },
    /// This file is begun.
    File {
        /// Its path, relative to the manifest's folder.
        name: String,
    },
    /// All is done; always comes last.
    Done,
}

/// What was found.
#[derive(Debug)]
pub struct Inventory {
    /// The files for the record, sorted by name; none of an entry with an error.
    pub files: Vec<LocalFile>,
    /// The texts that metadata fields take from files.
    pub texts: BTreeMap<Field, String>,
    /// The repository; none outside of one, and none when the manifest needs nothing of it.
    pub git: Option<GitFacts>,
    /// What is wrong, all at once.
    pub findings: Vec<Finding>,
}

/// Finds and hashes everything that a manifest names.
pub fn take(
    manifest: &Manifest,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Inventory {
    let mut faults = Faults::default();
    let texts = texts::read_all(&options.root, &manifest.text_files(), &mut faults.findings);
    let checkout = look_at_git(manifest, options, &mut faults);
    let candidates = gather::candidates(manifest, options, checkout.as_ref(), &mut faults);
    let files = hash_and_pack(manifest, &candidates, options, progress, &mut faults);
    progress(Progress::Done);
    finish(files, &candidates, faults, texts, checkout.map(|checkout| checkout.facts))
}

/// Reads the texts and looks at git, and leaves the record's files alone.
pub fn texts_only(manifest: &Manifest, options: &Options) -> Inventory {
    let mut faults = Faults::default();
    let texts = texts::read_all(&options.root, &manifest.text_files(), &mut faults.findings);
    let checkout = look_at_git(manifest, options, &mut faults);
    finish(Vec::new(), &[], faults, texts, checkout.map(|checkout| checkout.facts))
}

/// Hashes all files, then makes the archives of them and hashes those.
fn hash_and_pack(
    manifest: &Manifest,
    candidates: &[Candidate],
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
    faults: &mut Faults,
) -> Vec<LocalFile> {
    let now = options.now.map(stamp::nanoseconds);
    let now = now.or_else(|| cache::now(&options.zrel_dir).ok());
    let mut cache = Cache::load(&options.zrel_dir, now);
    let requests: Vec<Request> = candidates.iter().flat_map(requests_of).cloned().collect();
    let digests = hash::all(&requests, now, &mut cache, progress);
    judge::contents(manifest, candidates, &digests, faults);
    let (mut files, mut archives) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let made = match &candidate.content {
            Content::File(request) => {
                local_file(candidate, request, &digests).map(|file| files.push(file))
            }
            // Nothing is packed of what is not to be published.
            Content::Folder(..) if !faults.is_good(candidate.entry) => Ok(()),
            Content::Folder(folder, members) => {
                archive_of(candidate, folder, members, &digests, options, &cache)
                    .map(|made| archives.push((candidate, made)))
            }
        };
        if let Err(finding) = made {
            faults.add(candidate.entry, candidate.span, finding);
        }
    }
    let requests: Vec<Request> = archives.iter().map(|(_, made)| made.request.clone()).collect();
    let digests = hash::all(&requests, now, &mut cache, progress);
    for (candidate, made) in archives {
        match local_file(candidate, &made.request, &digests) {
            Ok(file) => files.push(LocalFile { source: made.source, shown: made.shown, ..file }),
            Err(finding) => faults.add(candidate.entry, candidate.span, finding),
        }
    }
    cache.keep_only(|rel| options.root.join(rel).symlink_metadata().is_ok());
    // Without a cache the next run reads everything again, and nothing is wrong.
    if let Err(error) = cache.save(&options.zrel_dir) {
        tracing::debug!(%error, "the digest cache could not be written");
    }
    files
}

/// Sorts the files, and leaves out those of faulty entries.
fn finish(
    mut files: Vec<LocalFile>,
    candidates: &[Candidate],
    faults: Faults,
    texts: BTreeMap<Field, String>,
    git: Option<GitFacts>,
) -> Inventory {
    files.retain(|file| {
        let mut named = candidates.iter().filter(|candidate| candidate.key == file.key);
        named.all(|candidate| faults.is_good(candidate.entry))
    });
    files.sort_by(|a, b| a.key.cmp(&b.key));
    Inventory { files, texts, git, findings: faults.findings }
}

fn look_at_git(
    manifest: &Manifest,
    options: &Options,
    faults: &mut Faults,
) -> Option<git::Checkout> {
    let mut sources = manifest.files.iter().map(|entry| &entry.source);
    let has_archive = sources.any(|source| matches!(source, EntrySource::Archive { .. }));
    if !has_archive && !manifest.needs_git_tag() {
        return None;
    }
    git::look(&options.root).unwrap_or_else(|finding| {
        let version = manifest.metadata.version.as_ref();
        faults.findings.push(match version {
            Some(version) if manifest.needs_git_tag() => finding.at(version.span, ""),
            Some(_) | None => finding,
        });
        None
    })
}

fn requests_of(candidate: &Candidate) -> Box<dyn Iterator<Item = &Request> + '_> {
    match &candidate.content {
        Content::File(request) => Box::new(std::iter::once(request)),
        Content::Folder(_, members) => Box::new(members.iter().map(|member| &member.request)),
    }
}

fn local_file(
    candidate: &Candidate,
    request: &Request,
    digests: &Results,
) -> Result<LocalFile, Finding> {
    let digests = match digests.get(&request.rel) {
        Some(Ok(digests)) => digests,
        Some(Err(failure)) => return Err(failure.finding(&request.rel)),
        None => return Err(hash::Failure::Changed.finding(&request.rel)),
    };
    Ok(LocalFile {
        key: candidate.key.clone(),
        path: request.path.clone(),
        shown: request.rel.clone(),
        source: FileSource::Path,
        size: request.stamp.size,
        md5: digests.md5,
        sha256: digests.sha256,
    })
}

/// An archive that is written, not yet hashed.
struct Made {
    request: Request,
    source: FileSource,
    shown: String,
}

/// Makes an archive, or takes the one that is there.
///
/// One that is there is taken only while the cache knows its digests: a file that somebody else
/// put there does not have the stamp that is remembered.
fn archive_of(
    candidate: &Candidate,
    folder: &str,
    members: &[Member],
    digests: &Results,
    options: &Options,
    cache: &Cache,
) -> Result<Made, Finding> {
    let content = archive::content(members, digests)?;
    let key = candidate.key.as_str();
    let kept = archive::kept_at(content, key);
    let rel = format!(".zrel/{kept}");
    let path = options.zrel_dir.join(kept);
    let stamp_of = |path| fs::symlink_metadata(path).map(|metadata| Stamp::of(&metadata));
    let known = stamp_of(&path).ok().filter(|stamp| cache.get(&rel, stamp).is_some());
    let stamp = if let Some(stamp) = known {
        stamp
    } else {
        let path = archive::write(&options.zrel_dir, key, content, members, digests)?;
        stamp_of(&path).map_err(|error| hash::Failure::Io(error).finding(&rel))?
    };
    let n_files = members.len();
    let source = FileSource::Archive {
        folder: folder.to_owned(),
        n_files,
        content,
        content_bytes: candidate.bytes(),
    };
    Ok(Made { request: Request { rel, path, stamp }, source, shown: folder.to_owned() })
}
