//! Walks from a manifest to its files with digests: select, hash, look for secrets, archive; or
//! without digests: select and look for secrets.
//!
//! Each step collects its faults and continues, so that one run reports all of them. Deliberately
//! absent: the steps themselves; see `select`, `hash`, `secrets` and `archive`.

use std::collections::BTreeMap;

use crate::manifest::{EntrySource, Manifest};
use crate::model::{Community, FileSource, Finding, GitFacts, LocalFile, TextPlace};
use crate::write_back::WrittenFile;

use super::archive::{self, Made};
use super::git;
use super::hash::cache::Cache;
use super::hash::hash_files::Hasher;
use super::profiles;
use super::secrets::policy;
use super::select::gather;
use super::texts;
use super::types::{
    Candidate, Content, Digests, Faults, HashFailure, HashRequest, HashResults, Inventory, Options,
    Progress,
};
use super::written::{self, Mask, Places, Written};

/// Finds and hashes everything that a manifest names.
pub fn take_inventory(
    manifest: &Manifest,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Inventory {
    let Selection { texts, profiles, checkout, candidates, written, mut faults } =
        select(manifest, options);
    let mut hasher = Hasher::start(options, progress);
    // Each file is read once, for the digests and for secrets.
    let digests = hasher.hash(candidates.iter().flat_map(Candidate::requests));
    policy::judge_contents(manifest, &candidates, &digests, &mut faults);
    faults.findings.extend(written::list_changed(&written.files, &digests));
    let packer = Packer { digests: &digests, masks: &written.masks, options, cache: &hasher.cache };
    let (mut files, archives) = packer.pack(&candidates, &mut faults);
    files.extend(hash_archives(archives, &mut hasher, &mut faults));
    hasher.finish(options);
    progress(Progress::Done);
    let git = checkout.map(|checkout| checkout.facts);
    finish(files, &candidates, faults, Beside { texts, profiles, written: written.files, git })
}

/// Finds everything that a manifest names and looks for secrets, but hashes and archives nothing.
///
/// It makes the findings that [`take_inventory`] makes, except those about the making of archives.
pub fn search_inventory(
    manifest: &Manifest,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Inventory {
    let Selection { texts, profiles, checkout, candidates, written, mut faults } =
        select(manifest, options);
    let mut hasher = Hasher::start(options, progress);
    let searched = hasher.search(candidates.iter().flat_map(Candidate::requests));
    policy::judge_contents(manifest, &candidates, &searched, &mut faults);
    report_unread(&candidates, &searched, &mut faults);
    hasher.finish(options);
    progress(Progress::Done);
    let git = checkout.map(|checkout| checkout.facts);
    finish(Vec::new(), &candidates, faults, Beside { texts, profiles, written: written.files, git })
}

/// What is known before a file is opened.
struct Selection {
    texts: BTreeMap<TextPlace, String>,
    profiles: BTreeMap<Community, String>,
    checkout: Option<git::Checkout>,
    candidates: Vec<Candidate>,
    written: Written,
    faults: Faults,
}

fn select(manifest: &Manifest, options: &Options) -> Selection {
    let mut faults = Faults::default();
    let texts =
        texts::read_texts(options.texts_root(), &manifest.text_files(), &mut faults.findings);
    let profiles = profiles::read_profiles(manifest, options, &mut faults.findings);
    let checkout = look_at_git(manifest, options, &mut faults);
    let mut candidates =
        gather::select_candidates(manifest, options, checkout.as_ref(), &mut faults);
    let places = Places { root: &options.root, copies: options.copies.as_deref() };
    let written = written::read_written(manifest, places, &mut candidates, &mut faults.findings);
    Selection { texts, profiles, checkout, candidates, written, faults }
}

/// Reports the first file of each candidate that could not be searched.
fn report_unread(candidates: &[Candidate], searched: &HashResults, faults: &mut Faults) {
    for candidate in candidates {
        // A folder with a secret is not packed, so a plan does not report what else it holds.
        if matches!(candidate.content, Content::Folder(..)) && !faults.is_good(candidate.entry) {
            continue;
        }
        let mut requests = candidate.requests();
        let finding = requests.find_map(|request| match searched.get(&request.rel) {
            Some(Err(failure)) => Some(failure.finding(&request.rel)),
            Some(Ok(_)) | None => None,
        });
        if let Some(finding) = finding {
            faults.add(candidate.entry, candidate.span, finding);
        }
    }
}

/// Reads the texts, the files of `[[write]]` and git, but not the files of the record.
pub fn take_texts_only(manifest: &Manifest, options: &Options) -> Inventory {
    let mut faults = Faults::default();
    let texts =
        texts::read_texts(options.texts_root(), &manifest.text_files(), &mut faults.findings);
    let profiles = profiles::read_profiles(manifest, options, &mut faults.findings);
    let git = look_at_git(manifest, options, &mut faults).map(|checkout| checkout.facts);
    let places = Places { root: &options.root, copies: options.copies.as_deref() };
    let written = written::read_written(manifest, places, &mut [], &mut faults.findings).files;
    finish(Vec::new(), &[], faults, Beside { texts, profiles, written, git })
}

/// What files and archives are made with.
struct Packer<'a> {
    digests: &'a HashResults,
    masks: &'a BTreeMap<String, Mask>,
    options: &'a Options,
    cache: &'a Cache,
}

impl Packer<'_> {
    /// Returns the files that are published as they are, and makes the archives of folders.
    fn pack<'a>(
        &self,
        candidates: &'a [Candidate],
        faults: &mut Faults,
    ) -> (Vec<LocalFile>, Vec<(&'a Candidate, Made)>) {
        let (mut files, mut archives) = (Vec::new(), Vec::new());
        for candidate in candidates {
            let made = match &candidate.content {
                Content::File(request) => {
                    make_local_file(candidate, request, self.digests).map(|file| {
                        let masked = self.masks.get(&request.rel).map(|mask| mask.sha256);
                        files.push(LocalFile { masked, ..file });
                    })
                }
                // A faulty entry is not published, so its folder is not packed.
                Content::Folder(..) if !faults.is_good(candidate.entry) => Ok(()),
                Content::Folder(folder, members) => {
                    let from = (folder.as_str(), members.as_slice());
                    let made = archive::write_or_reuse(
                        candidate,
                        from,
                        self.digests,
                        self.options,
                        self.cache,
                    );
                    made.and_then(|made| {
                        let masked = archive::digest_masked(members, self.digests, self.masks)?;
                        archives.push((candidate, Made { masked, ..made }));
                        Ok(())
                    })
                }
            };
            if let Err(finding) = made {
                faults.add(candidate.entry, candidate.span, finding);
            }
        }
        (files, archives)
    }
}

/// Hashes the archives, which are files of the record like any other.
fn hash_archives(
    archives: Vec<(&Candidate, Made)>,
    hasher: &mut Hasher<'_>,
    faults: &mut Faults,
) -> Vec<LocalFile> {
    let digests = hasher.hash(archives.iter().map(|(_, made)| &made.request));
    let mut files = Vec::new();
    for (candidate, made) in archives {
        match make_local_file(candidate, &made.request, &digests) {
            Ok(file) => {
                let Made { shown, source, masked, .. } = made;
                files.push(LocalFile { shown, source, masked, ..file });
            }
            Err(finding) => faults.add(candidate.entry, candidate.span, finding),
        }
    }
    files
}

/// What is read beside the files of the record.
struct Beside {
    texts: BTreeMap<TextPlace, String>,
    profiles: BTreeMap<Community, String>,
    written: Vec<WrittenFile>,
    git: Option<GitFacts>,
}

/// Sorts the files, and leaves out those of faulty entries.
fn finish(
    mut files: Vec<LocalFile>,
    candidates: &[Candidate],
    faults: Faults,
    Beside { texts, profiles, written, git }: Beside,
) -> Inventory {
    files.retain(|file| {
        // Of two entries with one name, a single faulty one is enough to leave the file out.
        let mut named = candidates.iter().filter(|candidate| candidate.key == file.key);
        named.all(|candidate| faults.is_good(candidate.entry))
    });
    files.sort_by(|a, b| a.key.cmp(&b.key));
    let n_files = candidates.iter().filter(|candidate| faults.is_good(candidate.entry)).count();
    Inventory { files, n_files, texts, profiles, written, git, findings: faults.findings }
}

fn look_at_git(
    manifest: &Manifest,
    options: &Options,
    faults: &mut Faults,
) -> Option<git::Checkout> {
    let mut sources = manifest.files.iter().map(|entry| &entry.source);
    let has_archive = sources.any(|source| matches!(source, EntrySource::Archive { .. }));
    // A broken repository must not block a manifest that needs nothing of it.
    if !has_archive && !manifest.needs_git_tag() {
        return None;
    }
    git::find_checkout(&options.root).unwrap_or_else(|finding| {
        let version = manifest.metadata.version.as_ref();
        faults.findings.push(match version {
            Some(version) if manifest.needs_git_tag() => finding.at(version.span, ""),
            Some(_) | None => finding,
        });
        None
    })
}

fn make_local_file(
    candidate: &Candidate,
    request: &HashRequest,
    digests: &HashResults,
) -> Result<LocalFile, Finding> {
    let md5 = match digests.get(&request.rel) {
        Some(Ok(Digests { md5: Some(md5), .. })) => *md5,
        Some(Err(failure)) => return Err(failure.finding(&request.rel)),
        Some(Ok(_)) | None => return Err(HashFailure::Changed.finding(&request.rel)),
    };
    Ok(LocalFile {
        key: candidate.key.clone(),
        path: request.path.clone(),
        shown: request.rel.clone(),
        source: FileSource::Path,
        size: request.stamp.size,
        md5,
        masked: None,
    })
}
