//! The members in text.

use std::fmt::Write;

use super::SetReview;
use crate::render::escape::escape_text;

/// Returns the head, and the members as aligned lines.
pub fn render_members(set: &SetReview<'_>) -> String {
    let width = set.members.iter().map(|member| member.key.chars().count()).max().unwrap_or(0);
    let mut out =
        format!("Workspace {}: {}\n\n", escape_text(set.workspace), set.describe_counts());
    for member in &set.members {
        let key = escape_text(member.key);
        let gap = " ".repeat(width.saturating_sub(member.key.chars().count()));
        let what = member.describe(|text| escape_text(text).into_owned());
        let _ = writeln!(out, "  {key}{gap}  {what}");
    }
    out
}
