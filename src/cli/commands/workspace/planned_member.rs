//! A member of a workspace with its plan.

use crate::cli::commands::plan::MadePlan;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::engine::Member;
use crate::render::MemberLine;

/// A member, and its plan, or why it has none.
pub(super) struct PlannedMember {
    /// The member.
    pub(super) member: Member,
    /// Its context.
    pub(super) context: Context,
    /// Its plan.
    pub(super) made: Result<MadePlan, Failure>,
}

impl PlannedMember {
    /// Returns its line in the table.
    pub(super) fn line(&self) -> MemberLine<'_> {
        let plan = self.made.as_ref().map(|made| &made.checked);
        let plan = plan.map_err(|failure| failure.message.as_str());
        MemberLine { key: &self.member.key, plan }
    }

    /// Returns whether an apply does something.
    pub(super) fn has_changes(&self) -> bool {
        self.made.as_ref().is_ok_and(|made| !made.checked.plan().is_empty())
    }
}
