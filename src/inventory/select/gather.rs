//! Finds the files of the manifest's entries, before anything is hashed.
//!
//! Deliberately absent: contents; only names, sizes and kinds are read here.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::manifest::{EntrySource, FileEntry, Located, Manifest};
use crate::model::{FileKey, Finding, Severity, Span};

use super::glob::{self, Excludes};
use super::safe_path::{self, Fault, SafePath};
use crate::inventory::archive;
use crate::inventory::codes;
use crate::inventory::git::Checkout;
use crate::inventory::hash::file_stamp::FileStamp;
use crate::inventory::secrets::policy;
use crate::inventory::submodules::{self, Absent};
use crate::inventory::types::{Candidate, Content, Faults, HashRequest, Member, Options, Wanted};

/// What the entries are judged with.
struct Around<'a> {
    options: &'a Options,
    checkout: Option<&'a Checkout>,
    /// Submodules that are not checked out.
    absent: Vec<Absent>,
}

/// Finds the files of all entries without an error, in the order of the manifest.
pub(in crate::inventory) fn select_candidates(
    manifest: &Manifest,
    options: &Options,
    checkout: Option<&Checkout>,
    faults: &mut Faults,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    let absent = submodules::find_absent(&options.root);
    let around = Around { options, checkout, absent };
    for (index, entry) in manifest.files.iter().enumerate() {
        match &entry.source {
            EntrySource::Paths { pattern, exclude } => {
                for place in select_paths(&around, index, entry, pattern, exclude, faults) {
                    found.extend(make_file(index, entry, pattern.span, place, faults));
                }
            }
            // Files that are kept are on the server only.
            EntrySource::Keep { .. } => {}
            EntrySource::Archive { folder, exclude } => {
                found.extend(make_archive(&around, index, entry, folder, exclude, faults));
            }
        }
    }
    check_names(&found, faults);
    check_kept(manifest, &found, faults);
    check_limits(&found, options, faults);
    // Last: the checks above need the names of faulty entries too.
    found.retain(|candidate| faults.is_good(candidate.entry));
    found
}

fn select_paths(
    around: &Around<'_>,
    index: usize,
    entry: &FileEntry,
    pattern: &Located<String>,
    exclude: &[Located<String>],
    faults: &mut Faults,
) -> Vec<SafePath> {
    let excludes = match Excludes::parse(exclude) {
        Ok(excludes) => excludes,
        Err(findings) => {
            for finding in findings {
                faults.add(index, pattern.span, finding);
            }
            return Vec::new();
        }
    };
    let root = &around.options.root;
    if glob::is_pattern(&pattern.value) {
        let absent = submodules::list_absent_matched(&around.absent, &pattern.value, &excludes);
        // Files that the pattern should match may be missing with a submodule.
        if let Some(finding) = submodules::report_absent(&pattern.value, &absent) {
            faults.add(index, pattern.span, finding);
        }
        let found = glob::expand(root, &pattern.value, &excludes);
        for finding in found.findings {
            faults.add(index, pattern.span, finding);
        }
        if let Some(note) = policy::note_left_out(&pattern.value, &found.left_out) {
            faults.add(index, pattern.span, note);
        }
        return found.files;
    }
    let place = safe_path::find_regular_file(root, &pattern.value, &entry.allow).map_err(|fault| {
        let absent = submodules::list_absent_about(&around.absent, &pattern.value, &excludes);
        match (&fault, submodules::report_absent(&pattern.value, &absent)) {
            // The file is missing because its submodule is, which is the fault to correct.
            (Fault::Missing(_), Some(finding)) => finding,
            _ => fault.finding(),
        }
    });
    let kept = place.and_then(|place| {
        // The entry contradicts itself, and either reading could publish too much or too little.
        if excludes.leave_out(place.rel.as_ref()) {
            return Err(Finding::error(
                codes::NO_MATCH,
                format!("`{}` is left out by its own `exclude`", place.rel),
            )
            .hint("remove the entry or its `exclude`"));
        }
        Ok(place)
    });
    match kept {
        Ok(place) => vec![place],
        Err(finding) => {
            faults.add(index, pattern.span, finding);
            Vec::new()
        }
    }
}

fn make_file(
    index: usize,
    entry: &FileEntry,
    span: Span,
    place: SafePath,
    faults: &mut Faults,
) -> Option<Candidate> {
    if place.metadata.len() == 0 {
        let finding = Finding::error(codes::EMPTY, format!("`{}` is empty", place.rel))
            .because("the server refuses empty files")
            .hint("leave it out, or put something into it");
        faults.add(index, span, finding);
        return None;
    }
    let own = place.rel.rsplit('/').next().unwrap_or_default().to_owned();
    let key = choose_key(index, entry, span, &own, faults)?;
    let stamp = FileStamp::of(&place.metadata);
    let SafePath { rel, path, .. } = place;
    let content = Content::File(HashRequest { rel, path, stamp, wanted: Wanted::MD5 });
    Some(Candidate { entry: index, span, key, content })
}

fn make_archive(
    around: &Around<'_>,
    index: usize,
    entry: &FileEntry,
    folder: &Located<String>,
    exclude: &[Located<String>],
    faults: &mut Faults,
) -> Option<Candidate> {
    let span = folder.span;
    let members = Excludes::parse(exclude).and_then(|excludes| {
        let absent = submodules::list_absent_about(&around.absent, &folder.value, &excludes);
        match submodules::report_absent(&folder.value, &absent) {
            // Any other fault of the folder would follow from this one.
            Some(finding) if finding.severity == Severity::Error => return Err(vec![finding]),
            Some(finding) => faults.add(index, span, finding),
            None => {}
        }
        archive::find_members(&around.options.root, &folder.value, &excludes, around.checkout)
    });
    let members = match members {
        Ok(members) => {
            if let Some(note) = policy::note_left_out(&folder.value, &members.left_out) {
                faults.add(index, span, note);
            }
            members.files
        }
        Err(findings) => {
            for finding in findings {
                faults.add(index, span, finding);
            }
            return None;
        }
    };
    let last = safe_path::split_parts(&folder.value).ok().and_then(|parts| parts.last().copied());
    // The folder `.` has no name in the manifest.
    if last.is_none() && entry.as_name.is_none() {
        let finding = Finding::error(codes::BAD_NAME, "the archive has no name")
            .because("the manifest's own folder has another name in every clone")
            .hint("add `as = \"NAME.zip\"`");
        faults.add(index, span, finding);
        return None;
    }
    let own = format!("{}.zip", last.unwrap_or_default());
    let key = choose_key(index, entry, span, &own, faults)?;
    warn_if_dirty(index, folder, &members, around.checkout, faults);
    let content = Content::Folder(folder.value.clone(), members);
    Some(Candidate { entry: index, span, key, content })
}

fn warn_if_dirty(
    index: usize,
    folder: &Located<String>,
    members: &[Member],
    checkout: Option<&Checkout>,
    faults: &mut Faults,
) {
    let Some(checkout) = checkout else { return };
    let mut dirty = members.iter().filter(|m| checkout.dirty.contains(&m.request.rel));
    if let Some(first) = dirty.next() {
        let n_more = dirty.count();
        let more = if n_more == 0 { String::new() } else { format!(" and {n_more} more") };
        let finding = Finding::warning(
            codes::ARCHIVE_DIRTY,
            format!("`{}` holds changes that are not committed", folder.value),
        )
        .because(format!("`{}`{more} differs from the commit", first.request.rel))
        .hint("commit the changes, so that the archive can be made again");
        faults.add(index, folder.span, finding);
    }
}

/// Returns the name in the record: `as`, or the file's own name.
fn choose_key(
    index: usize,
    entry: &FileEntry,
    span: Span,
    own: &str,
    faults: &mut Faults,
) -> Option<FileKey> {
    let (name, span) = match &entry.as_name {
        // A wrong name is corrected where it is written.
        Some(name) => (name.value.as_str(), name.span),
        None => (own, span),
    };
    match FileKey::parse(name) {
        Ok(key) => Some(key),
        Err(error) => {
            let finding = Finding::error(codes::BAD_NAME, error.to_string())
                .hint("give it another name in the record with `as`");
            faults.add(index, span, finding);
            None
        }
    }
}

/// Refuses names that appear twice, and warns of those that only look the same.
fn check_names(found: &[Candidate], faults: &mut Faults) {
    let mut exact: BTreeMap<&str, &Candidate> = BTreeMap::new();
    let mut folded: BTreeMap<String, &Candidate> = BTreeMap::new();
    for candidate in found {
        let name = candidate.key.as_str();
        if let Some(first) = exact.get(name) {
            let finding =
                Finding::error(codes::SAME_NAME, describe_same_name(name, first, candidate))
                    .because("a record has no folders, so each file needs a name of its own")
                    .hint(
                        "give one of them another name with `as`, or leave one out with `exclude`",
                    );
            // Reported once, at the second entry; both are left out.
            faults.mark(first.entry);
            faults.add(candidate.entry, candidate.span, finding);
            continue;
        }
        exact.insert(name, candidate);
        // File systems of macOS and Windows ignore case, and macOS the Unicode form too.
        let fold = name.nfc().collect::<String>().to_lowercase().nfc().collect();
        if let Some(first) = folded.get(&fold) {
            let finding = Finding::warning(
                codes::LOOK_ALIKE,
                format!("`{}` and `{name}` differ only in case or Unicode form", first.key),
            )
            .because("downloaded into one folder, one may replace the other")
            .hint("give one of them another name with `as`");
            faults.add(candidate.entry, candidate.span, finding);
        } else {
            folded.insert(fold, candidate);
        }
    }
}

/// Refuses files of the disk with a name that an entry keeps. A glob of `keep` means the other
/// files.
fn check_kept(manifest: &Manifest, found: &[Candidate], faults: &mut Faults) {
    for (index, entry) in manifest.files.iter().enumerate() {
        let EntrySource::Keep { pattern, .. } = &entry.source else { continue };
        let same = found.iter().find(|candidate| candidate.key.as_str() == pattern.value);
        let Some(candidate) = same else { continue };
        let (name, from) = (&pattern.value, candidate.shown());
        let finding = Finding::error(
            codes::SAME_NAME,
            format!("`{name}` is kept, and `{from}` would replace it"),
        )
        .because("`keep` leaves the file on the server as it is")
        .hint("to replace it, remove `keep`; to keep it, name it in `exclude`");
        faults.add(index, pattern.span, finding);
    }
}

fn describe_same_name(name: &str, first: &Candidate, second: &Candidate) -> String {
    if first.shown() == second.shown() {
        return format!("`{}` is named twice", first.shown());
    }
    format!("`{}` and `{}` would both be `{name}` in the record", first.shown(), second.shown())
}

/// Refuses the entry that exceeds the limits of a record.
fn check_limits(found: &[Candidate], options: &Options, faults: &mut Faults) {
    if let Some(over) = found.get(options.max_files) {
        let (n, limit) = (found.len(), options.max_files);
        let finding =
            Finding::error(codes::TOO_MANY, format!("{n} files, and a record takes {limit}"))
                .because("the server refuses more unless its operators raised the quota")
                .hint("publish a folder as one `archive`")
                .hint("if the quota was raised for you, say so with `--max-files N`");
        faults.add(over.entry, over.span, finding);
    }
    let total: u64 = found.iter().map(Candidate::bytes).sum();
    let mut sum = 0;
    let over = found.iter().find(|candidate| {
        sum += candidate.bytes();
        sum > options.max_bytes
    });
    if let Some(over) = over {
        let limit = options.max_bytes;
        let finding = Finding::error(
            codes::TOO_LARGE,
            format!("the files have {total} bytes, and a record takes {limit}"),
        )
        .because("the server refuses more unless the quota of the record was raised")
        .hint("leave some out, or split them over several records");
        let increase = hint_at_increase(total).filter(|_| options.raises_quota);
        let finding = increase.into_iter().fold(finding, Finding::hint);
        let finding = finding.hint("if the quota was raised, say so with `--max-bytes N`");
        faults.add(over.entry, over.span, finding);
    }
}

/// Returns how the owner of a draft raises its quota on Zenodo; none for more than that can be
/// raised to. Source: invenio.cfg of zenodo-rdm 6386403, 2026-08-20.
fn hint_at_increase(total: u64) -> Option<String> {
    let gigabytes = total.div_ceil(GIGABYTE);
    (USUAL_QUOTA_GB + 1..=MAX_QUOTA_GB).contains(&gigabytes).then(|| {
        format!(
            "or raise it for the draft that `zrel reserve` makes: `POST /api/records/DRAFT/quota-increase` \
             with `{{\"quota_size\": \"{gigabytes}\"}}` takes {} GB of the 150 GB that you have for all \
             your records together; zrel does not do that by itself",
            gigabytes - USUAL_QUOTA_GB
        )
    })
}

/// The quota of a record on Zenodo, and the most to which its owner can raise it. GB.
const USUAL_QUOTA_GB: u64 = 50;
const MAX_QUOTA_GB: u64 = 200;

/// Bytes.
const GIGABYTE: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_owner_can_raise_the_quota_to_is_said() {
        let hint = hint_at_increase(60_000_000_001).unwrap();
        assert!(hint.contains("`{\"quota_size\": \"61\"}` takes 11 GB of the 150 GB"), "{hint}");
        for total in [10, 50_000_000_000, 200_000_000_001] {
            assert_eq!(hint_at_increase(total), None, "{total}");
        }
    }
}
