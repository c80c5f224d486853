//! The types that pass from one step of the walk to the next.
//!
//! A [`Candidate`] is a file for the record: one file or a folder's [`Member`]s, each with a
//! [`HashRequest`] that gives [`Digests`]. [`Faults`] collects the findings. Deliberately absent:
//! the steps; `run` calls them in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::{
    Community, FileKey, Finding, GitFacts, LocalFile, Md5, Severity, Sha256, Span, TextPlace,
};
use crate::write_back::WrittenFile;

use super::codes;
use super::hash::file_stamp::FileStamp;
use super::secrets::scan::Hit;
use super::select::safe_path::Fault;

/// Where to look, and how much a record takes.
#[derive(Debug, Clone)]
pub struct Options {
    /// The manifest's folder.
    pub root: PathBuf,
    /// The folder with the texts for the metadata, if that is another one.
    pub texts: Option<PathBuf>,
    /// The folder of the workspace's root, for a member of one: shared profiles are there.
    pub workspace: Option<PathBuf>,
    /// Its `.zrel`, from [`prepare_zrel_dir`](super::prepare_zrel_dir), with cache and archives.
    pub zrel_dir: PathBuf,
    /// How many files a record takes.
    pub max_files: usize,
    /// How many bytes a record takes.
    pub max_bytes: u64,
    /// Whether the server lets the owner of a draft raise that.
    pub raises_quota: bool,
    /// Where the copies of `[[write]]` files are, if this server's DOIs go into copies.
    pub copies: Option<PathBuf>,
    /// The file system's time; `None` asks the file system.
    pub now: Option<SystemTime>,
}

impl Options {
    /// Makes options with the server's usual quota: 100 files, 50 GB.
    ///
    /// Source: zenodo-facts.md, 2026-11-23.
    pub fn new(root: PathBuf, zrel_dir: PathBuf) -> Self {
        Self {
            root,
            texts: None,
            workspace: None,
            zrel_dir,
            max_files: 100,
            max_bytes: 50_000_000_000,
            raises_quota: true,
            copies: None,
            now: None,
        }
    }

    /// Returns the folder with the texts for the metadata.
    pub(super) fn texts_root(&self) -> &Path {
        self.texts.as_deref().unwrap_or(&self.root)
    }
}

/// The progress of hashing. Comes from several threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Hashing begins; only files that have to be read count. May come a second time, for the
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
    /// The hashing of this file begins.
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
    /// The files for the record, sorted by name; none of an entry with an error, and none at all
    /// if they were not hashed.
    pub files: Vec<LocalFile>,
    /// How many files for the record were found, hashed or not.
    pub n_files: usize,
    /// The texts that metadata fields take from files.
    pub texts: BTreeMap<TextPlace, String>,
    /// The profiles that communities name.
    pub profiles: BTreeMap<Community, String>,
    /// The files of `[[write]]`.
    pub written: Vec<WrittenFile>,
    /// The repository; `None` outside of one, and if the manifest does not need it.
    pub git: Option<GitFacts>,
    /// What is wrong, all at once.
    pub findings: Vec<Finding>,
}

/// A file for the record, not yet hashed.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Which of the manifest's entries names it.
    pub(super) entry: usize,
    /// Where the entry says so.
    pub(super) span: Span,
    /// Its name in the record.
    pub(super) key: FileKey,
    /// What it is made of.
    pub(super) content: Content,
}

/// What a file of the record is made of.
#[derive(Debug)]
pub(super) enum Content {
    /// One file.
    File(HashRequest),
    /// A folder, by its path in the manifest, and its files.
    Folder(String, Vec<Member>),
}

impl Candidate {
    /// Returns the files to hash for it.
    pub(super) fn requests(&self) -> Box<dyn Iterator<Item = &HashRequest> + '_> {
        match &self.content {
            Content::File(request) => Box::new(std::iter::once(request)),
            Content::Folder(_, members) => Box::new(members.iter().map(|member| &member.request)),
        }
    }

    /// Returns its size in bytes; for a folder, that of its files.
    pub(super) fn bytes(&self) -> u64 {
        match &self.content {
            Content::File(request) => request.stamp.size,
            Content::Folder(_, members) => {
                members.iter().map(|member| member.request.stamp.size).sum()
            }
        }
    }

    /// Returns its path for a message.
    pub(super) fn shown(&self) -> &str {
        match &self.content {
            Content::File(request) => &request.rel,
            Content::Folder(folder, _) => folder,
        }
    }
}

/// The findings, and which entries have an error among them.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// All findings.
    pub(super) findings: Vec<Finding>,
    faulty: BTreeSet<usize>,
}

impl Faults {
    /// Adds a finding about an entry.
    pub(super) fn add(&mut self, entry: usize, span: Span, finding: Finding) {
        if finding.severity == Severity::Error {
            self.mark(entry);
        }
        // An `exclude` that is not a glob has its own place already.
        let placed = finding.label.is_some();
        self.findings.push(if placed { finding } else { finding.at(span, "") });
    }

    /// Marks an entry as faulty whose error is reported with another entry.
    pub(super) fn mark(&mut self, entry: usize) {
        self.faulty.insert(entry);
    }

    /// Returns whether an entry has no error.
    pub(super) fn is_good(&self, entry: usize) -> bool {
        !self.faulty.contains(&entry)
    }
}

/// A file of an archive.
#[derive(Debug)]
pub(super) struct Member {
    /// Its name in the archive: relative to the folder, with `/`, in NFC.
    pub(super) name: String,
    /// Whether it is executable.
    pub(super) executable: bool,
    /// What to hash.
    pub(super) request: HashRequest,
}

/// The digests of a file that were wanted, and what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digests {
    /// MD5, as the server computes it.
    pub(super) md5: Option<Md5>,
    /// SHA-256, as the content digest of an archive needs it.
    pub(super) sha256: Option<Sha256>,
    /// The secrets in it, the first of each form.
    pub(super) hits: Vec<Hit>,
}

/// Which digests are wanted of a file. It is searched for secrets in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Whether MD5 is.
    pub(super) md5: bool,
    /// Whether SHA-256 is.
    pub(super) sha256: bool,
}

impl Wanted {
    /// No digest.
    pub(super) const SEARCH: Self = Self { md5: false, sha256: false };
    /// What a file of the record needs.
    pub(super) const MD5: Self = Self { md5: true, sha256: false };
    /// What a file of an archive needs.
    pub(super) const SHA256: Self = Self { md5: false, sha256: true };

    /// Returns what either wants.
    pub(super) const fn and(self, other: Self) -> Self {
        Self { md5: self.md5 || other.md5, sha256: self.sha256 || other.sha256 }
    }
}

/// A file to hash.
#[derive(Debug, Clone)]
pub(super) struct HashRequest {
    /// Relative to the manifest's folder: the name in the cache and in messages.
    pub(super) rel: String,
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its stamp when it was found.
    pub(super) stamp: FileStamp,
    /// Which digests are needed.
    pub(super) wanted: Wanted,
}

/// Why a file could not be hashed.
#[derive(Debug)]
pub(super) enum HashFailure {
    /// It changed after it was found.
    Changed,
    /// The system refuses.
    Io(io::Error),
}

impl HashFailure {
    /// Makes the finding, still without its place in the manifest.
    pub(super) fn finding(&self, rel: &str) -> Finding {
        match self {
            HashFailure::Changed => {
                Finding::error(codes::CHANGED, format!("`{rel}` changed while it was read"))
                    .hint("wait until whatever writes it is done, then try again")
            }
            HashFailure::Io(error) => {
                Fault::Unreadable(rel.to_owned(), io::Error::other(error.to_string())).finding()
            }
        }
    }
}

/// Digests by relative path, or why there are none.
pub(super) type HashResults = BTreeMap<String, Result<Digests, HashFailure>>;
