//! Checks of what is wrong with a draft: what it is, what `zrel apply` would do, what mends it.

use crate::check::Checked;
use crate::engine::doctor::{LostDoi, LostDoiSign, Trouble};
use crate::model::FileKey;
use crate::observed::{Draft, DraftKind};
use crate::plan::Action;
use crate::render::{count, describe_review};

use super::check::{Check, Standing};
use super::foreseen::{describe_apply, is_mended, is_published};

/// How many things one line names.
const NAMED: usize = 10;

/// Returns the first of many things, and how many more there are.
fn list_some(all: &[String]) -> String {
    let (named, more) = all.split_at(all.len().min(NAMED));
    let named = named.join(", ");
    if more.is_empty() { named } else { format!("{named}, and {} more", more.len()) }
}

/// Makes the check of a trouble with a draft.
pub(super) fn check_trouble(
    draft: &Draft,
    trouble: &Trouble,
    checked: Option<&Checked>,
    zrel: &str,
) -> Check {
    match trouble {
        Trouble::UncommittedFiles(keys) => check_uncommitted(draft, keys, (checked, zrel)),
        Trouble::EmptyDoi => check_empty_doi(draft, checked, zrel),
        Trouble::LostDoi(lost) => check_lost_doi(draft, lost, (checked, zrel)),
        Trouble::PoisonedDoi => check_poisoned(draft, checked, zrel),
        Trouble::ExpiredFiles(changes) => check_expired(draft, changes, (checked, zrel)),
        Trouble::UnderReview => check_review(draft, "under-review", checked.is_some())
            .apply(describe_waiting(checked, draft))
            .mend("wait for the curators, or cancel the review on the draft's page"),
        Trouble::Declined => check_review(draft, "declined", checked.is_some())
            .apply(describe_apply(checked, draft.id))
            .mend(format!("`{zrel} discard {}`, and the next apply has a new draft", draft.id)),
    }
}

/// Says what `zrel apply` would do with a draft under review.
fn describe_waiting(checked: Option<&Checked>, draft: &Draft) -> String {
    if checked.is_some_and(|checked| checked.plan().is_waiting()) {
        "waits: nothing can be published until the review is over (exit code 15)".to_owned()
    } else {
        describe_apply(checked, draft.id)
    }
}

/// Makes the check of a review. Of a review that keeps the plan from being applied, the plan's own
/// check says so.
fn check_review(draft: &Draft, kind: &'static str, is_planned: bool) -> Check {
    let review = draft.review.as_ref().map_or_else(String::new, describe_review);
    let standing = if is_planned { Standing::Note } else { Standing::Blocks };
    Check::new(kind, standing, format!("draft {}: {review}", draft.id)).about(draft.id)
}

fn check_uncommitted(
    draft: &Draft,
    keys: &[FileKey],
    (checked, zrel): (Option<&Checked>, &str),
) -> Check {
    let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    let text = format!(
        "draft {} has {} that never came whole, registered and not committed: {}",
        draft.id,
        count(keys.len(), "file"),
        list_some(&names)
    );
    let is_mending = |action: &Action| matches!(action, Action::DropFile { .. });
    if is_mended(checked, draft.id, is_mending) {
        return Check::new("uncommitted-files", Standing::Note, text)
            .about(draft.id)
            .apply("deletes them before it publishes");
    }
    Check::new("uncommitted-files", Standing::Blocks, text)
        .about(draft.id)
        .apply(format!(
            "{}; the server publishes no draft with them",
            describe_apply(checked, draft.id)
        ))
        .mend(format!("`{zrel} doctor --fix` deletes them"))
}

fn check_empty_doi(draft: &Draft, checked: Option<&Checked>, zrel: &str) -> Check {
    let text = format!("the DOI of draft {} is an empty text", draft.id);
    let is_mending = |action: &Action| matches!(action, Action::ReserveDoi);
    if is_mended(checked, draft.id, is_mending) {
        return Check::new("empty-doi", Standing::Note, text)
            .about(draft.id)
            .apply("reserves the DOI of the server before it publishes");
    }
    Check::new("empty-doi", Standing::Blocks, text)
        .about(draft.id)
        .apply(format!(
            "{}; the server refuses to publish it (`Missing DOI for required field`)",
            describe_apply(checked, draft.id)
        ))
        .mend(format!("`{zrel} doctor --fix` reserves the DOI of the server"))
}

fn check_lost_doi(
    draft: &Draft,
    lost: &LostDoi,
    (checked, zrel): (Option<&Checked>, &str),
) -> Check {
    let id = draft.id;
    let apply = describe_apply(checked, id);
    let refusal = "a server that holds a reservation for it refuses to publish it (`Missing DOI for \
                   required field`)";
    let (standing, text) = match lost.sign {
        LostDoiSign::Reserved => (
            Standing::Note,
            format!(
                "zenodo.lock has a DOI that was reserved for draft {id}, and the draft has none"
            ),
        ),
        LostDoiSign::Announced => (
            Standing::Good,
            format!("draft {id} gets the DOI that zenodo.lock has reserved when it is published"),
        ),
        LostDoiSign::Unpublished => (
            Standing::Note,
            format!("an apply asked the server to publish draft {id}, and the draft has no DOI"),
        ),
    };
    let check =
        Check::new("lost-doi", standing, text).about(id).apply(format!("{apply}; {refusal}"));
    let first = match &lost.doi {
        Some(doi) => format!("sends {doi} back, and reserves it where the draft has none then"),
        None => "reserves it again".to_owned(),
    };
    check.mend(format!(
        "where the server refuses, `{zrel} doctor --fix` {first}; where that does not help, it offers \
         to discard the draft, and the next one gets another DOI"
    ))
}

fn check_expired(
    draft: &Draft,
    changes: &[String],
    (checked, zrel): (Option<&Checked>, &str),
) -> Check {
    let text = format!(
        "the files of the edit of record {} were opened to be changed, and the time to publish that is \
         over; not published: {}",
        draft.id,
        list_some(changes)
    );
    // While the plan needs no edit, this one is left.
    let is_left = checked.is_some_and(|checked| checked.plan().is_empty());
    let standing = if is_left { Standing::Note } else { Standing::Blocks };
    Check::new("expired-files", standing, text)
        .about(draft.id)
        .apply(format!(
            "{}; the server publishes none of it (`File modification grace period has passed`)",
            describe_apply(checked, draft.id)
        ))
        .mend(format!("`{zrel} doctor --fix` discards the edit; what is published stays"))
}

fn check_poisoned(draft: &Draft, checked: Option<&Checked>, zrel: &str) -> Check {
    let text = format!(
        "draft or edit {} has the server's own DOI as one that was made elsewhere",
        draft.id
    );
    let apply = if is_published(checked, draft.id) {
        "continues it, and the server refuses to publish it (exit code 12)".to_owned()
    } else {
        describe_apply(checked, draft.id)
    };
    let mend = match draft.kind {
        DraftKind::Edit => {
            format!("`{zrel} doctor --fix` discards the edit; what is published stays")
        }
        DraftKind::NewRecord | DraftKind::NewVersion => {
            format!("`{zrel} discard {}`: no other call changes it", draft.id)
        }
    };
    Check::new("poisoned-doi", Standing::Blocks, text).about(draft.id).apply(apply).mend(mend)
}
