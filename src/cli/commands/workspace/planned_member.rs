//! A member of a workspace with its plan.

use crate::cli::commands::plan::MadePlan;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::Member;
use crate::render::{Review, ReviewedMember, SetEntry, Unplanned};

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
    /// Returns what a reviewer is shown of it.
    pub(super) fn review(&self) -> ReviewedMember<'_> {
        let review = match &self.made {
            Ok(made) => Ok(Review::new(made.checked.plan(), made.document())),
            Err(failure) => Err(Unplanned::of(&failure.json()["error"])),
        };
        ReviewedMember { key: &self.member.key, review }
    }

    /// Returns its entry in the document of the plans.
    pub(super) fn entry(&self, code: ExitCode) -> SetEntry {
        let plan = match &self.made {
            Ok(made) => Ok(made.document().clone()),
            Err(failure) => Err(failure.json()["error"].clone()),
        };
        let Member { key, path } = self.member.clone();
        SetEntry { key, path, exit_code: code.number(), plan }
    }

    /// Returns whether an apply makes a version.
    pub(super) fn makes_version(&self) -> bool {
        self.made.as_ref().is_ok_and(|made| made.checked.plan().operation.makes_version())
    }

    /// Returns the DOI of its latest version.
    pub(super) fn published_doi(&self) -> Option<String> {
        let plan = self.made.as_ref().ok()?.checked.plan();
        plan.server.mint_doi(plan.base.version?.0).map(|doi| doi.to_string())
    }

    /// Returns whether an apply does something.
    pub(super) fn has_changes(&self) -> bool {
        self.made.as_ref().is_ok_and(|made| !made.checked.plan().is_empty())
    }
}
