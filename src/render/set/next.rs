//! What comes after the review of a workspace's plans.

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
    let named = if set.is_whole {
        String::new()
    } else {
        name_members(set.members.iter().map(|member| member.key))
    };
    let apply = format!("zrel apply{named}{} --expect sha256:{digest}", list_flags(set.flags()));
    let mut words: Next = Vec::new();
    if has(Verdict::Unreserved) {
        let steps = ["", "zrel reserve", ", ", "zrel write", ", commit, then "];
        words.extend(steps.map(str::to_owned));
    } else if has(Verdict::AtTag) {
        words.push("at the tag, ".to_owned());
    } else {
        words.push(String::new());
    }
    words.extend([apply, " at the root of the workspace does exactly this".to_owned()]);
    Some(words)
}

/// Returns the flags that name members, each after a blank.
pub fn name_members<'a>(keys: impl Iterator<Item = &'a str>) -> String {
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
