//! Which plans were approved: by the digest of the workspace, also after some of them were applied.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::disk::write_atomically;
use crate::inventory::prepare_zrel_dir;
use crate::model::Sha256;
use crate::plan::{LinkCover, combine_digests, compute_digest_with};
use crate::render::write_json_text;

use super::planned_member::PlannedMember;

/// Digests of plans by the key of their member.
type Digests = BTreeMap<String, Sha256>;

/// How links can count; who approved links whose DOI was not known has approved what an earlier try
/// reserved for them.
const COVERS: [LinkCover; 2] = [LinkCover::Doi, LinkCover::Member];

/// Refuses plans that do not have the expected digest.
///
/// A member that has nothing left to do counts by its plan when the digest was approved, which an
/// earlier try noted: it may have been published by that try.
///
/// # Errors
/// A [`Failure`] with code 10.
pub(super) fn check_expected(
    expected: &str,
    planned: &[PlannedMember],
    root: &Path,
) -> Result<(), Failure> {
    let is_expected =
        |digests: &Digests| combine_digests(digests).to_string().starts_with(expected);
    let noted = read_noted(root).into_iter().find(is_expected).unwrap_or_default();
    let is_approved = COVERS.iter().any(|cover| {
        let now: Digests = list_digests(planned, *cover, &noted);
        is_expected(&now)
    });
    // After all were applied nothing is left.
    if is_approved || planned.iter().all(is_done) {
        return Ok(());
    }
    let found = combine_digests(&list_digests(planned, LinkCover::Doi, &Digests::new()));
    let mut failure =
        Failure::new(ExitCode::Stale, "the plans are not the expected ones; nothing was sent");
    failure.causes.push(format!("expected sha256:{expected}, found sha256:{found}"));
    Err(failure.hint("the digest is of the same members, planned with the same flags"))
}

/// Notes the digests of the plans that are applied now, for a run that continues.
///
/// # Errors
/// A [`Failure`] when they can't be written.
pub(super) fn note_approved(planned: &[PlannedMember], root: &Path) -> Result<(), Failure> {
    if planned.iter().all(is_done) {
        return Ok(());
    }
    let earlier = read_noted(root);
    // A run that continues keeps what was approved before a member was done.
    let is_continued = |noted: &&Digests| {
        planned.iter().all(|one| noted.contains_key(&one.member.key))
            && COVERS.iter().any(|cover| list_digests(planned, *cover, noted) == **noted)
    };
    if earlier.iter().any(|noted| is_continued(&noted)) {
        return Ok(());
    }
    let all: Vec<Json> = COVERS
        .iter()
        .map(|cover| {
            let digests = list_digests(planned, *cover, &Digests::new());
            digests.into_iter().map(|(key, digest)| (key, Json::from(digest.to_string()))).collect()
        })
        .collect();
    let fail = |error: &dyn std::fmt::Display| {
        Failure::new(ExitCode::Failed, format!("can't note what is applied: {error}"))
    };
    prepare_zrel_dir(&name_folder(root)).map_err(|error| fail(&error))?;
    let text = write_json_text(&json!({ "format_version": "1.0", "approved": all }));
    write_atomically(&name_file(root), text.as_bytes()).map_err(|error| fail(&error))
}

/// Returns the digests of plans; of those with nothing to do, what was noted.
fn list_digests(planned: &[PlannedMember], cover: LinkCover, noted: &Digests) -> Digests {
    let of = |one: &PlannedMember| {
        let made = one.made.as_ref().ok()?;
        let earlier = noted.get(&one.member.key).filter(|_| is_done(one)).copied();
        let digest = earlier.unwrap_or_else(|| compute_digest_with(made.checked.plan(), cover));
        Some((one.member.key.clone(), digest))
    };
    planned.iter().filter_map(of).collect()
}

fn is_done(one: &PlannedMember) -> bool {
    one.made.as_ref().is_ok_and(|made| made.checked.plan().is_empty())
}

/// Reads the noted digests; what can't be read was not noted. It needs no trust: it counts only
/// where its digests are those of the digest that a person gave.
fn read_noted(root: &Path) -> Vec<Digests> {
    let text = std::fs::read_to_string(name_file(root)).unwrap_or_default();
    let json: Json = serde_json::from_str(&text).unwrap_or_default();
    let read = |(key, digest): (&String, &Json)| {
        Some((key.clone(), Sha256::parse(digest.as_str()?).ok()?))
    };
    let all = json["approved"].as_array().into_iter().flatten();
    all.filter_map(|one| one.as_object()?.iter().map(read).collect()).collect()
}

fn name_folder(root: &Path) -> PathBuf {
    if root.as_os_str().is_empty() { PathBuf::from(".") } else { root.to_owned() }
}

fn name_file(root: &Path) -> PathBuf {
    name_folder(root).join(".zrel").join("approved.json")
}
