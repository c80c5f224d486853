//! The files of `[[write]]`: read, and masked for the digest of the plan.
//!
//! On the local server a rehearsed DOI goes into a copy below `.zrel`, which stands for the file
//! then. Deliberately absent: what is written (`write_back`), and the writing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::Digest as _;

use crate::disk;
use crate::manifest::{Located, Manifest, WriteEntry};
use crate::model::{Finding, Md5, Sha256};
use crate::write_back::{FaultKind, MAX_SIZE, WriteFault, WrittenFile};

use super::codes;
use super::git;
use super::hash::file_stamp::FileStamp;
use super::select::safe_path::{self, Fault};
use super::types::{Candidate, Content, Digests, HashFailure, HashRequest, HashResults};

/// A file's size and digest with the written values masked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask {
    /// Bytes.
    pub(super) size: u64,
    /// Of its bytes.
    pub(super) sha256: Sha256,
}

/// The files of `[[write]]` and their masks, by path.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) files: Vec<WrittenFile>,
    pub(super) masks: BTreeMap<String, Mask>,
}

/// Where files of `[[write]]` are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    /// The manifest's folder.
    pub(super) root: &'a Path,
    /// Where their copies are, if this server's DOIs go into copies.
    pub(super) copies: Option<&'a Path>,
}

/// Reads the files, lets the candidates be read from their copies, and adds a finding for each file
/// that can't be written.
pub(super) fn read_written(
    manifest: &Manifest,
    places: Places<'_>,
    candidates: &mut [Candidate],
    findings: &mut Vec<Finding>,
) -> Written {
    let mut written = Written::default();
    for entry in &manifest.writes {
        match read_entry(manifest, entry, places) {
            Ok((file, mask, copy)) => {
                for request in list_requests(candidates, &file.path) {
                    if let Some((path, stamp)) = &copy {
                        (request.path, request.stamp) = (path.clone(), *stamp);
                    }
                }
                written.masks.insert(file.path.clone(), mask);
                written.files.push(file);
            }
            Err(finding) => findings.push(finding.at(entry.path.span, "")),
        }
    }
    written
}

/// Returns what reads a file: as a file of the record, or for an archive.
fn list_requests<'a>(
    candidates: &'a mut [Candidate],
    rel: &'a str,
) -> impl Iterator<Item = &'a mut HashRequest> {
    let requests = candidates.iter_mut().flat_map(|candidate| -> Box<dyn Iterator<Item = _>> {
        match &mut candidate.content {
            Content::File(request) => Box::new(std::iter::once(request)),
            Content::Folder(_, members) => {
                Box::new(members.iter_mut().map(|member| &mut member.request))
            }
        }
    });
    requests.filter(move |request| request.rel == rel)
}

type Copied = Option<(PathBuf, FileStamp)>;

fn read_entry(
    manifest: &Manifest,
    entry: &WriteEntry,
    places: Places<'_>,
) -> Result<(WrittenFile, Mask, Copied), Finding> {
    let Located { value: path, .. } = &entry.path;
    let place = safe_path::find_regular_file(places.root, path, &[]).map_err(Fault::finding)?;
    let text = read_text(&place.path, path)?;
    let mut file = WrittenFile {
        path: path.clone(),
        kind: entry.kind.clone(),
        slots: manifest.list_slots(entry),
        text,
    };
    let sha256 = file.digest_masked().map_err(|fault| report_fault(path, &fault))?;
    // The size is part of the value: a version of other digits has another one.
    let mask = Mask { size: 0, sha256 };
    let copy =
        places.copies.and_then(|copies| read_copy(places.root, (copies, path), &file, sha256));
    let copy = copy.map(|(text, copied)| {
        file.text = text;
        copied
    });
    Ok((file, mask, copy))
}

/// Reads a file's copy, unless the file was changed since. A repository may bring links below
/// `.zrel`: none is followed.
fn read_copy(
    root: &Path,
    (copies, rel): (&Path, &str),
    file: &WrittenFile,
    masked: Sha256,
) -> Option<(String, (PathBuf, FileStamp))> {
    let below = copies.strip_prefix(root).ok()?.to_str()?;
    let parts: Vec<&str> = below.split(['/', '\\']).chain(rel.split('/')).collect();
    let (path, metadata) = safe_path::find_safe_place(root, &parts).ok()?;
    let text = disk::read_text(&path, MAX_SIZE).ok()?;
    let copy = WrittenFile { text, ..file.clone() };
    let is_current = copy.digest_masked().is_ok_and(|now| now == masked);
    is_current.then(|| (copy.text, (path, FileStamp::of(&metadata))))
}

fn read_text(path: &Path, shown: &str) -> Result<String, Finding> {
    let unreadable = |error| Fault::Unreadable(shown.to_owned(), error).finding();
    let (file, _) = disk::open_regular(path).map_err(unreadable)?;
    let bytes = disk::read_at_most(file, MAX_SIZE).map_err(unreadable)?.ok_or_else(|| {
        Finding::error(codes::UNWRITABLE, format!("`{shown}` is larger than {MAX_SIZE} bytes"))
            .because("zrel writes into small texts only")
            .hint("put the DOI into a file of its own, which this one takes in")
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let line = disk::find_line_at(error.as_bytes(), error.utf8_error().valid_up_to());
        let summary = format!("`{shown}` can't be written: line {line} is not UTF-8");
        Finding::error(codes::UNWRITABLE, summary).hint("save it as UTF-8")
    })
}

/// Makes the finding for a file that can't be written, still without its place in the manifest.
pub fn report_fault(path: &str, fault: &WriteFault) -> Finding {
    let WriteFault { kind, line, what } = fault;
    let line = line.map_or_else(String::new, |line| format!(", line {line}"));
    let summary = format!("`{path}`{line}: {what}");
    match kind {
        FaultKind::NotItsFormat => Finding::error(codes::NOT_ITS_FORMAT, summary)
            .hint("correct the file, or the `format` of its [[write]] entry"),
        FaultKind::NoPlace => Finding::error(codes::NO_PLACE, summary),
        FaultKind::Twice => Finding::error(codes::PLACE_TWICE, summary).hint("remove one of them"),
        FaultKind::Unwritable => Finding::error(codes::UNWRITABLE, summary),
    }
}

/// Returns the files whose text is no longer what was hashed.
pub(super) fn list_changed(files: &[WrittenFile], digests: &HashResults) -> Vec<Finding> {
    let is_changed = |file: &&WrittenFile| match digests.get(&file.path) {
        Some(Ok(digests)) => !is_of(digests, &file.text),
        Some(Err(_)) | None => false,
    };
    files.iter().filter(is_changed).map(|file| HashFailure::Changed.finding(&file.path)).collect()
}

fn is_of(digests: &Digests, text: &str) -> bool {
    let md5 = || Md5(fast_md5::digest(text.as_bytes()));
    let sha256 = || Sha256(sha2::Sha256::digest(text.as_bytes()).into());
    digests.md5.is_none_or(|known| known == md5())
        && digests.sha256.is_none_or(|known| known == sha256())
}

/// Returns the files below the manifest's folder that git tracks, relative to it; `None` outside of
/// a repository.
///
/// # Errors
/// A finding when the repository can't be read.
pub fn list_tracked_files(root: &Path) -> Result<Option<BTreeSet<String>>, Finding> {
    let checkout = git::find_checkout(root)?;
    Ok(checkout.map(|checkout| checkout.executable.into_keys().collect()))
}
