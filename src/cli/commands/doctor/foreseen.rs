//! What `zrel apply` would do with a draft, by the plan.

use crate::check::{Checked, Verdict};
use crate::model::RecordId;
use crate::plan::Action;

/// Says what `zrel apply` would do with a draft.
pub(super) fn describe_apply(checked: Option<&Checked>, id: RecordId) -> String {
    let Some(checked) = checked else { return "not known, since no plan can be made".to_owned() };
    if checked.verdict() == Verdict::Blocked {
        return "is blocked, and sends nothing".to_owned();
    }
    let plan = checked.plan();
    let is_used = !plan.is_empty() && plan.operation.draft() == Some(id);
    if !is_used {
        "leaves it as it is".to_owned()
    } else if let Some(community) = plan.submits_to() {
        format!("continues it, and submits it to community {community} for review")
    } else if plan.publishes() {
        "continues it, and publishes it".to_owned()
    } else {
        "continues it".to_owned()
    }
}

/// Returns whether the plan has a step that mends a draft, and is not blocked.
pub(super) fn is_mended(
    checked: Option<&Checked>,
    id: RecordId,
    is_mending: fn(&Action) -> bool,
) -> bool {
    let ready = checked.filter(|checked| checked.verdict() != Verdict::Blocked);
    ready.is_some_and(|checked| {
        let plan = checked.plan();
        plan.operation.draft() == Some(id) && plan.steps.iter().any(|it| is_mending(&it.action))
    })
}

/// Returns whether the plan publishes a draft.
pub(super) fn is_published(checked: Option<&Checked>, id: RecordId) -> bool {
    checked.is_some_and(|checked| {
        let plan = checked.plan();
        // The curators' acceptance publishes a draft that is submitted.
        plan.publishes() && plan.submits_to().is_none() && plan.operation.draft() == Some(id)
    })
}
