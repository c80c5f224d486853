//! Which plans were approved: by the digest of the workspace, also after some of them were applied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::disk::write_atomically;
use crate::inventory::prepare_zrel_dir;
use crate::model::Sha256;
use crate::plan::{combine_digests, compute_digest_without};
use crate::render::write_json_text;

use super::planned_member::PlannedMember;

/// Digests of plans by the key of their member.
type Digests = BTreeMap<String, Sha256>;

/// What an earlier try was approved to do.
#[derive(Default)]
struct Noted {
    /// The members whose DOIs were not known.
    unknown: BTreeSet<String>,
    digests: Digests,
}

/// Refuses plans that do not have the expected digest, and returns the members whose DOIs were not
/// known when it was approved.
///
/// A member that has nothing left to do counts by its plan when the digest was approved, which an
/// earlier try noted: it may have been published by that try. Who approved links whose DOI was not
/// known has approved what is reserved for the members, whose plans are in the digest as well.
///
/// # Errors
/// A [`Failure`] with code 10.
pub(super) fn check_expected(
    expected: &str,
    planned: &[PlannedMember],
    root: &Path,
) -> Result<BTreeSet<String>, Failure> {
    let is_expected =
        |digests: &Digests| combine_digests(digests).to_string().starts_with(expected);
    let noted = read_noted(root).filter(|noted| is_expected(&noted.digests)).unwrap_or_default();
    let covers = [BTreeSet::new(), noted.unknown, list_unpublished(planned)];
    let is_approved =
        |unknown: &BTreeSet<String>| is_expected(&list_digests(planned, unknown, &noted.digests));
    if let Some(unknown) = covers.into_iter().find(is_approved) {
        return Ok(unknown);
    }
    // After all were applied nothing is left.
    if planned.iter().all(is_done) {
        return Ok(BTreeSet::new());
    }
    let found = combine_digests(&list_digests(planned, &BTreeSet::new(), &Digests::new()));
    let mut failure =
        Failure::new(ExitCode::Stale, "the plans are not the expected ones; nothing was sent");
    failure.causes.push(format!("expected sha256:{expected}, found sha256:{found}"));
    Err(failure.hint("the digest is of the same members, planned with the same flags"))
}

/// Notes the digests of the plans that are applied now, for a run that continues.
///
/// # Errors
/// A [`Failure`] when they can't be written.
pub(super) fn note_approved(
    planned: &[PlannedMember],
    unknown: &BTreeSet<String>,
    root: &Path,
) -> Result<(), Failure> {
    // A run that continues keeps what was approved before a member was done.
    let is_continued = read_noted(root).is_some_and(|noted| {
        list_digests(planned, &noted.unknown, &noted.digests) == noted.digests
    });
    if is_continued || planned.iter().all(is_done) {
        return Ok(());
    }
    let digests = list_digests(planned, unknown, &Digests::new());
    let digests: BTreeMap<String, String> =
        digests.into_iter().map(|(key, digest)| (key, digest.to_string())).collect();
    let fail = |error: &dyn std::fmt::Display| {
        Failure::new(ExitCode::Failed, format!("can't note what is applied: {error}"))
    };
    prepare_zrel_dir(&name_folder(root)).map_err(|error| fail(&error))?;
    let json = json!({ "format_version": "1.0", "unknown": unknown, "digests": digests });
    let text = write_json_text(&json);
    write_atomically(&name_file(root), text.as_bytes()).map_err(|error| fail(&error))
}

/// Returns the members that are planned here and were never published: their DOIs may have been
/// reserved after the approval.
fn list_unpublished(planned: &[PlannedMember]) -> BTreeSet<String> {
    let is_new = |one: &&PlannedMember| {
        one.made.as_ref().is_ok_and(|made| made.checked.plan().base.version.is_none())
    };
    planned.iter().filter(is_new).map(|one| one.member.key.clone()).collect()
}

/// Returns the digests of plans; of those with nothing to do, what was noted.
fn list_digests(planned: &[PlannedMember], unknown: &BTreeSet<String>, noted: &Digests) -> Digests {
    let of = |one: &PlannedMember| {
        let made = one.made.as_ref().ok()?;
        let earlier = noted.get(&one.member.key).filter(|_| is_done(one)).copied();
        let now = || compute_digest_without(made.checked.plan(), unknown);
        Some((one.member.key.clone(), earlier.unwrap_or_else(now)))
    };
    planned.iter().filter_map(of).collect()
}

fn is_done(one: &PlannedMember) -> bool {
    one.made.as_ref().is_ok_and(|made| made.checked.plan().is_empty())
}

/// Reads what was noted; what can't be read was not noted. It needs no trust: it counts only where
/// its digests are those of the digest that a person gave.
fn read_noted(root: &Path) -> Option<Noted> {
    let text = std::fs::read_to_string(name_file(root)).ok()?;
    let json: Json = serde_json::from_str(&text).ok()?;
    let read = |(key, digest): (&String, &Json)| {
        Some((key.clone(), Sha256::parse(digest.as_str()?).ok()?))
    };
    let unknown = json["unknown"].as_array()?.iter();
    Some(Noted {
        unknown: unknown.map(|key| key.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        digests: json["digests"].as_object()?.iter().map(read).collect::<Option<_>>()?,
    })
}

fn name_folder(root: &Path) -> PathBuf {
    if root.as_os_str().is_empty() { PathBuf::from(".") } else { root.to_owned() }
}

fn name_file(root: &Path) -> PathBuf {
    name_folder(root).join(".zrel").join("approved.json")
}
