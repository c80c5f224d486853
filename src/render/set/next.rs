//! What comes after the review of a workspace's plans.

use std::collections::BTreeSet;

use crate::check::Verdict;
use crate::render::escape::quote_word;
use crate::render::words::list_flags;

use super::SetReview;

/// What to do next, as words and commands in turn: the first is a word.
pub(super) type Next = Vec<String>;

/// Returns the next step in text; none where nothing is to do.
pub fn describe_set_next(set: &SetReview<'_>) -> Option<String> {
    Some(find_next(set)?.concat())
}

/// Returns the next step; none where nothing is to do.
pub(super) fn find_next(set: &SetReview<'_>) -> Option<Next> {
    let has = |verdict: Verdict| {
        set.members.iter().any(|member| {
            member.has_changes() && member.review.as_ref().is_ok_and(|it| it.verdict == verdict)
        })
    };
    let Some(digest) = set.digest else { return Some(settle("correct what is invalid")) };
    if set.is_empty() {
        return None;
    }
    if has(Verdict::Blocked) || has(Verdict::NeedsConfirmation) {
        return Some(settle("settle what is said of the members"));
    }
    let missing = list_missing(set);
    if !missing.is_empty() {
        let named = name_members(missing.into_iter());
        return Some(settle(&format!("name what they link to as well ({})", named.trim())));
    }
    let named = if set.is_whole {
        String::new()
    } else {
        name_members(set.members.iter().map(|member| member.key))
    };
    let apply = format!("zrel apply{named}{} --expect sha256:{digest}", list_flags(&set.flags()));
    let steps: &[&str] = if has(Verdict::Unreserved) {
        &["at the root of the workspace ", "zrel reserve", ", ", "zrel write", ", commit, then "]
    } else if has(Verdict::AtTag) {
        &["to do exactly this, at the tag and at the root of the workspace: "]
    } else {
        &["to do exactly this, at the root of the workspace: "]
    };
    // A command comes last, so that it can be copied with its line.
    Some(steps.iter().map(|step| (*step).to_owned()).chain([apply]).collect())
}

/// Returns the members that others link to, that have no DOI yet, and that are not planned here: an
/// apply would have to reserve it.
fn list_missing<'a>(set: &'a SetReview<'_>) -> BTreeSet<&'a str> {
    let plans = set.members.iter().filter_map(|member| Some(member.review.as_ref().ok()?.plan));
    let unknown = plans.flat_map(|plan| plan.links.iter().filter(|(_, doi)| doi.is_none()));
    let is_here = |key: &str| set.members.iter().any(|member| member.key == key);
    unknown.map(|(link, _)| link.key.as_str()).filter(|key| !is_here(key)).collect()
}

/// Returns the flags that name members, each after a blank.
fn name_members<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let mut flags = String::new();
    for key in keys {
        flags.push_str(" -p ");
        flags.push_str(&quote_word(key));
    }
    flags
}

fn settle(what: &str) -> Next {
    vec![format!("{what}, and plan again")]
}
