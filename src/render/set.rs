//! A workspace's plans: a line for each member, in text and in Markdown.

use crate::check::{Checked, Verdict};
use crate::plan::Plan;

use super::escape::escape_text;
use super::markdown::escape::quote_code;
use super::words::describe_counts;

/// A member, and its plan, or why it has none.
#[derive(Debug)]
pub struct MemberLine<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its plan.
    pub plan: Result<&'a Checked, &'a str>,
}

/// Returns the members as aligned lines.
pub fn render_members(members: &[MemberLine<'_>]) -> String {
    let width = members.iter().map(|member| member.key.chars().count()).max().unwrap_or(0);
    let line = |member: &MemberLine<'_>| {
        let key = escape_text(member.key);
        let gap = " ".repeat(width.saturating_sub(member.key.chars().count()));
        let what = describe_member(member, |text| escape_text(text).into_owned());
        format!("  {key}{gap}  {what}\n")
    };
    members.iter().map(line).collect::<Vec<_>>().concat()
}

/// Returns the members as a table.
pub fn render_members_markdown(members: &[MemberLine<'_>]) -> String {
    let row = |member: &MemberLine<'_>| {
        format!("| {} | {} |\n", quote_code(member.key), describe_member(member, quote_code))
    };
    let rows: Vec<String> = members.iter().map(row).collect();
    format!("| member | what |\n|---|---|\n{}", rows.concat())
}

fn describe_member(member: &MemberLine<'_>, quote: fn(&str) -> String) -> String {
    let checked = match member.plan {
        Ok(checked) => checked,
        Err(why) => return format!("invalid: {}", quote(why)),
    };
    let plan = checked.plan();
    if plan.is_empty() {
        return "no changes".to_owned();
    }
    let counts = describe_counts(plan, quote).join(", ");
    match describe_verdict(plan, checked.verdict()) {
        Some(lead) => format!("{lead}: {counts}"),
        None => counts,
    }
}

fn describe_verdict(plan: &Plan, verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Ready if plan.publishes() => Some("publishes"),
        Verdict::Ready => None,
        Verdict::AtTag => Some("publishes at the tag"),
        Verdict::Unreserved => Some("publishes once its DOI is in the files"),
        Verdict::Unlinked => Some("publishes once the DOIs it links to are reserved"),
        Verdict::NeedsConfirmation => Some("needs a confirmation"),
        Verdict::Blocked => Some("blocked"),
    }
}
