//! Which plans were approved: by the digest of the workspace, also after some of them were applied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::Approved;
use crate::model::{Link, LinkedDoi, Sha256};
use crate::plan::{combine_digests, compute_digest_without};

use super::planned_member::PlannedMember;

/// Refuses plans that do not have the expected digest, and returns the links whose DOIs were not
/// known when it was approved.
///
/// A member that has nothing left to do counts by its plan when the digest was approved, which an
/// earlier try noted or a file with saved plans has: it may have been published by that try. Who
/// approved links whose DOI was not known has approved what is reserved for the members, whose plans are in the digest as well.
///
/// # Errors
/// A [`Failure`] with code 10.
pub(super) fn check_expected(
    expected: &str,
    planned: &[PlannedMember],
    (root, saved): (&Path, Option<Approved>),
) -> Result<BTreeSet<Link>, Failure> {
    let is_expected = |digests: &BTreeMap<String, Sha256>| {
        let of_one = digests.values().next().filter(|_| digests.len() == 1);
        // One member has the digest of its plan as well: an engine gives each worker its own.
        combine_digests(digests).to_string().starts_with(expected)
            || of_one.is_some_and(|digest| digest.to_string().starts_with(expected))
    };
    let noted = Approved::load(root).filter(|noted| is_expected(&noted.digests));
    let noted = noted.or(saved).unwrap_or_default();
    let covers = [BTreeSet::new(), noted.unknown, list_unpublished(planned)];
    let is_approved =
        |unknown: &BTreeSet<Link>| is_expected(&list_digests(planned, unknown, &noted.digests));
    if let Some(unknown) = covers.into_iter().find(is_approved) {
        return Ok(unknown);
    }
    // After all were applied nothing is left.
    if planned.iter().all(is_done) {
        return Ok(BTreeSet::new());
    }
    let found = combine_digests(&list_digests(planned, &BTreeSet::new(), &BTreeMap::new()));
    let mut failure =
        Failure::new(ExitCode::Stale, "the plans are not the expected ones; nothing was sent");
    failure.causes.push(format!("expected sha256:{expected}, found sha256:{found}"));
    Err(failure.hint("the digest is of the same members, planned with the same flags"))
}

/// Returns what is to be noted of the plans that are applied now, for a run that continues; none
/// where the note of an earlier run stays.
pub(super) fn make_note(
    planned: &[PlannedMember],
    unknown: &BTreeSet<Link>,
    root: &Path,
) -> Option<Approved> {
    let is_here = |key: &String| planned.iter().any(|one| one.member.key == *key);
    // A run that continues keeps what was approved before a member was done, and one for some members
    // what was approved of all.
    let is_kept = Approved::load(root).is_some_and(|noted| {
        list_digests(planned, &noted.unknown, &noted.digests) == noted.digests
            || !noted.digests.keys().all(is_here)
    });
    if is_kept || planned.iter().all(is_done) {
        return None;
    }
    let digests = list_digests(planned, unknown, &BTreeMap::new());
    Some(Approved { unknown: unknown.clone(), digests })
}

/// Writes the note, right before the first request.
///
/// # Errors
/// A [`Failure`] when it can't be written.
pub(super) fn save_note(note: Option<&Approved>, root: &Path) -> Result<(), Failure> {
    let saved = note.map_or(Ok(()), |note| note.save(root));
    saved.map_err(|error| {
        Failure::new(ExitCode::Failed, format!("can't note what is applied: {error}"))
    })
}

/// Returns the links to what the members that are planned here will publish, and to records that
/// were never published: these DOIs may have been reserved after the approval.
fn list_unpublished(planned: &[PlannedMember]) -> BTreeSet<Link> {
    let link = |one: &PlannedMember, doi| Link { key: one.member.key.clone(), doi };
    let is_new = |one: &&PlannedMember| {
        one.made.as_ref().is_ok_and(|made| made.checked.plan().base.version.is_none())
    };
    let concepts = planned.iter().filter(is_new).map(|one| link(one, LinkedDoi::Concept));
    let versions = planned.iter().filter(|one| one.makes_version());
    concepts.chain(versions.map(|one| link(one, LinkedDoi::Version))).collect()
}

/// Returns the digests of plans; of those with nothing to do, what was noted.
fn list_digests(
    planned: &[PlannedMember],
    unknown: &BTreeSet<Link>,
    noted: &BTreeMap<String, Sha256>,
) -> BTreeMap<String, Sha256> {
    let of = |one: &PlannedMember| {
        let made = one.made.as_ref().ok()?;
        let earlier = noted.get(&one.member.key).filter(|_| is_done(one)).copied();
        let now = || compute_digest_without(made.checked.plan(), unknown);
        Some((one.member.key.clone(), earlier.unwrap_or_else(now)))
    };
    planned.iter().filter_map(of).collect()
}

fn is_done(one: &PlannedMember) -> bool {
    one.made.as_ref().is_ok_and(|made| {
        let plan = made.checked.plan();
        // What is submitted waits for its community alone.
        plan.is_empty() || plan.is_waiting()
    })
}
