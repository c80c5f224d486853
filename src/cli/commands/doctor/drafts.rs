//! Checks of the record's open drafts: what each is, and what is wrong with it.

use crate::check::{Checked, Verdict};
use crate::engine::doctor::{Examination, Examined, Trouble};
use crate::model::{FileKey, RecordId};
use crate::observed::{Draft, DraftKind};
use crate::plan::{Action, Blocker};
use crate::render::count;

use super::check::{Check, Standing};

/// Makes a check of each draft, and of each trouble with it. Without a plan, what `zrel apply` would
/// do is not known.
pub(super) fn check_drafts(
    examination: &Examination,
    checked: Option<&Checked>,
    zrel: &str,
) -> Vec<Check> {
    let mut checks = Vec::new();
    for Examined { draft, troubles } in &examination.drafts {
        let foreign = checked.map_or(&[][..], |checked| find_foreign(checked, draft.id));
        let standing = if foreign.is_empty() { Standing::Good } else { Standing::Blocks };
        let mut check = Check::new("draft", standing, describe_draft(draft, foreign))
            .about(draft.id)
            .apply(describe_apply(checked, draft.id));
        if !foreign.is_empty() {
            let id = draft.id;
            check = check.mend(format!(
                "look at it with `{zrel} discard {id}`, which asks before it discards it; or \
                 continue it with `{zrel} apply --adopt-draft {id}`"
            ));
        }
        checks.push(check);
        checks.extend(troubles.iter().map(|trouble| check_trouble(draft, trouble, checked, zrel)));
    }
    if checks.is_empty() && examination.unread.is_empty() {
        checks.push(Check::new("draft", Standing::Good, "no draft and no edit is open"));
    }
    checks.extend(examination.unread.iter().map(|error| {
        let failure = crate::cli::error_mapping::map_api_error(error).join_causes();
        Check::new("draft", Standing::NotChecked, failure.message)
    }));
    checks
}

/// Returns what is foreign in a draft that blocks the plan.
fn find_foreign(checked: &Checked, id: RecordId) -> &[String] {
    let blockers = checked.plan().blockers.iter();
    let mut found = blockers.filter_map(|blocker| {
        if let Blocker::ForeignDraft { draft, foreign, .. } = blocker {
            Some((draft, foreign))
        } else {
            None
        }
    });
    found.find(|(draft, _)| **draft == id).map_or(&[][..], |(_, foreign)| foreign)
}

fn describe_draft(draft: &Draft, foreign: &[String]) -> String {
    let (id, n) = (draft.id, count(draft.files.len(), "file"));
    let what = match draft.kind {
        DraftKind::NewRecord => format!("draft {id} of a new record is open, with {n}"),
        DraftKind::NewVersion => format!("draft {id} of a new version is open, with {n}"),
        DraftKind::Edit => format!("an edit of record {id} is open"),
    };
    if foreign.is_empty() {
        return what;
    }
    format!("{what}; it is not zrel's, and has {}", foreign.join(", "))
}

/// Says what `zrel apply` would do with a draft.
fn describe_apply(checked: Option<&Checked>, id: RecordId) -> String {
    let Some(checked) = checked else { return "not known, since no plan can be made".to_owned() };
    if checked.verdict() == Verdict::Blocked {
        return "is blocked, and sends nothing".to_owned();
    }
    let plan = checked.plan();
    let is_used = !plan.is_empty() && plan.operation.draft() == Some(id);
    if !is_used {
        "leaves it as it is".to_owned()
    } else if plan.publishes() {
        "continues it, and publishes it".to_owned()
    } else {
        "continues it".to_owned()
    }
}

/// Returns whether the plan has a step that mends a draft, and is not blocked.
fn is_mended(checked: Option<&Checked>, id: RecordId, is_mending: fn(&Action) -> bool) -> bool {
    let ready = checked.filter(|checked| checked.verdict() != Verdict::Blocked);
    ready.is_some_and(|checked| {
        let plan = checked.plan();
        plan.operation.draft() == Some(id) && plan.steps.iter().any(|it| is_mending(&it.action))
    })
}

/// Returns whether the plan publishes a draft as it is.
fn is_published(checked: Option<&Checked>, id: RecordId) -> bool {
    checked.is_some_and(|checked| {
        checked.plan().publishes() && checked.plan().operation.draft() == Some(id)
    })
}

fn check_trouble(draft: &Draft, trouble: &Trouble, checked: Option<&Checked>, zrel: &str) -> Check {
    match trouble {
        Trouble::UncommittedFiles(keys) => check_uncommitted(draft, keys, (checked, zrel)),
        Trouble::EmptyDoi => check_empty_doi(draft, checked, zrel),
        Trouble::LostDoi => check_lost_doi(draft, checked, zrel),
        Trouble::PoisonedDoi => check_poisoned(draft, checked, zrel),
        Trouble::UnderReview => Check::new(
            "under-review",
            Standing::Blocks,
            format!("draft {} is under review by a community", draft.id),
        )
        .about(draft.id)
        .apply("waits: nothing can be published until the review is over (exit code 15)")
        .mend("wait for the curators, or cancel the review on the draft's page"),
    }
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
        names.join(", ")
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

fn check_lost_doi(draft: &Draft, checked: Option<&Checked>, zrel: &str) -> Check {
    let text = format!(
        "zenodo.lock has a DOI that was reserved for draft {}, and the draft has none",
        draft.id
    );
    Check::new("lost-doi", Standing::Note, text)
        .about(draft.id)
        .apply(format!(
            "{}; a server that still holds the reservation refuses to publish it",
            describe_apply(checked, draft.id)
        ))
        .mend(format!(
            "`{zrel} doctor --fix` reserves it again; where the draft has none afterwards, `{zrel} \
             discard {}` deletes the draft, and the next one gets another DOI",
            draft.id
        ))
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
