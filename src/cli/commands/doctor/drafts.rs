//! Checks of the record's open drafts: what each is, and whose.

use crate::check::Checked;
use crate::engine::doctor::{Examination, Examined};
use crate::model::RecordId;
use crate::observed::{Draft, DraftKind};
use crate::plan::Blocker;
use crate::render::count;

use super::check::{Check, Standing};
use super::foreseen::describe_apply;
use super::troubles::check_trouble;

/// Makes a check of each draft, and of each trouble with it. Without a plan, what `zrel apply` would
/// do is not known.
pub(super) fn check_drafts(
    examination: &Examination,
    checked: Option<&Checked>,
    zrel: &str,
) -> Vec<Check> {
    let mut checks = Vec::new();
    for Examined { draft, troubles } in &examination.drafts {
        let foreign = checked.and_then(|checked| find_foreign(checked, draft.id));
        let standing = if foreign.is_none() { Standing::Good } else { Standing::Blocks };
        let mut check = Check::new("draft", standing, describe_draft(draft, foreign))
            .about(draft.id)
            .apply(describe_apply(checked, draft.id));
        if foreign.is_some() {
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

/// Returns what is foreign in a draft that blocks the plan; none where nothing is. In a public log it
/// is empty.
pub(super) fn find_foreign(checked: &Checked, id: RecordId) -> Option<&[String]> {
    let blockers = checked.plan().blockers.iter();
    let mut found = blockers.filter_map(|blocker| {
        if let Blocker::ForeignDraft { draft, foreign, .. } = blocker {
            Some((draft, foreign))
        } else {
            None
        }
    });
    found.find(|(draft, _)| **draft == id).map(|(_, foreign)| foreign.as_slice())
}

fn describe_draft(draft: &Draft, foreign: Option<&[String]>) -> String {
    let (id, n) = (draft.id, count(draft.files.len(), "file"));
    let what = match draft.kind {
        DraftKind::NewRecord => format!("draft {id} of a new record is open, with {n}"),
        DraftKind::NewVersion => format!("draft {id} of a new version is open, with {n}"),
        DraftKind::Edit => format!("an edit of record {id} is open"),
    };
    match foreign {
        None => what,
        // What is in it may be secret, and is not for a public log.
        Some([]) => format!("{what}; it is not zrel's"),
        Some(foreign) => format!("{what}; it is not zrel's, and has {}", foreign.join(", ")),
    }
}
