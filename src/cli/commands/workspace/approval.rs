//! What a run over a workspace was given: flags and a digest, or a file with saved plans that has
//! both.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::args::apply::Apply;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::Selection;
use crate::engine::{Approved, SavedFile, SavedMember, SavedSet, read_saved};
use crate::model::Link;
use crate::observed::View;
use crate::plan::{PlanFlags, compute_digest, compute_digest_without};
use crate::render::count;

use super::planned_member::PlannedMember;

/// What was approved, and how it was planned.
pub(super) struct Approval {
    /// The flags of the plans.
    pub(super) flags: PlanFlags,
    /// The digest of the plans; none where a person is asked.
    pub(super) expect: Option<String>,
    /// The saved plans, if there are any.
    saved: Option<SavedSet>,
}

impl Approval {
    /// Reads what the command line gives, and leaves the members that it is about.
    ///
    /// # Errors
    /// A [`Failure`] for a file that can't be used here.
    pub(super) fn read(args: &Apply, selection: &Selection) -> Result<(Self, Selection), Failure> {
        let Some(path) = &args.plan else {
            let (flags, expect) = (args.flags.to_plan(), args.expect.clone());
            return Ok((Self { flags, expect, saved: None }, selection.clone()));
        };
        let saved = match read_saved(path)? {
            SavedFile::Set(saved) => saved,
            SavedFile::One(_) => {
                let message = format!("`{}` has the plan of one record", path.display());
                return Err(Failure::new(ExitCode::Usage, message)
                    .hint("name the folder of its manifest with -C DIR"));
            }
        };
        if args.members.is_given() {
            let message = "a file with saved plans names its members itself";
            return Err(Failure::new(ExitCode::Usage, message).hint("leave out -p"));
        }
        let (flags, digest) = check_saved(&saved, path)?;
        if args.expect.as_ref().is_some_and(|expected| !digest.starts_with(expected)) {
            let message = format!("`{}` does not have the expected digest", path.display());
            return Err(Failure::new(ExitCode::Stale, message));
        }
        let keys: Vec<String> = saved.members.iter().map(|member| member.key.clone()).collect();
        let selection = selection.keep(&keys).map_err(|gone| {
            let message = format!("the saved plans are stale: there is no member `{gone}` now");
            Failure::new(ExitCode::Stale, message).hint("plan again")
        })?;
        Ok((Self { flags, expect: Some(digest), saved: Some(saved) }, selection))
    }

    /// Returns whether the plans come from a file: what only a person can decide was decided when
    /// they were saved.
    pub(super) fn is_saved(&self) -> bool {
        self.saved.is_some()
    }

    /// Returns the digests of the saved plans.
    pub(super) fn list_saved(&self) -> Option<Approved> {
        let members = self.saved.as_ref()?.members.iter();
        let digests = members.filter_map(|member| {
            let plan = member.plan.as_ref().ok()?.plan();
            Some((member.key.clone(), compute_digest(plan)))
        });
        Some(Approved { digests: digests.collect(), unknown: self.list_unknown() })
    }

    /// Returns the links whose DOIs were not known when the plans were saved.
    fn list_unknown(&self) -> BTreeSet<Link> {
        let plans = self.saved.iter().flat_map(SavedSet::plans);
        let links = plans.flat_map(|saved| &saved.plan().links);
        links.filter(|(_, doi)| doi.is_none()).map(|(link, _)| link.clone()).collect()
    }

    /// Adds to a failure which members no longer have their saved plan.
    pub(super) fn name_stale(&self, mut failure: Failure, planned: &[PlannedMember]) -> Failure {
        let Some(saved) = &self.saved else { return failure };
        let unknown = &self.list_unknown();
        let is_stale = |member: &&SavedMember| {
            let now = planned.iter().find(|one| one.member.key == member.key);
            let now = now.and_then(|one| one.made.as_ref().ok()).map(|made| made.checked.plan());
            let then = member.plan.as_ref().ok().map(|saved| compute_digest(saved.plan()));
            // Nothing left to do is what a run before this one may have left.
            !now.is_some_and(|plan| {
                plan.is_empty()
                    || plan.is_waiting()
                    || Some(compute_digest_without(plan, unknown)) == then
            })
        };
        let stale = saved.members.iter().filter(is_stale);
        failure.hints.push("look at them, and plan again".to_owned());
        failure.causes.extend(stale.map(|member| format!("{}: its plan differs", member.key)));
        failure
    }
}

/// Returns the flags of saved plans, and their digest.
fn check_saved(saved: &SavedSet, path: &Path) -> Result<(PlanFlags, String), Failure> {
    let path = path.display();
    let Some(digest) = saved.digest else {
        let n_failed = saved.members.iter().filter(|member| member.plan.is_err()).count();
        let message = format!("`{path}` has no plan for {}", count(n_failed, "member"));
        return Err(Failure::new(ExitCode::Blocked, message).hint("correct them, and plan again"));
    };
    // A plan that was made without a token knows no draft and no open edit, which an apply needs.
    if saved.plans().any(|one| one.plan().view != View::Owner) {
        let message = format!("the plans in `{path}` were made without a token");
        return Err(Failure::new(ExitCode::Usage, message)
            .hint(format!("to do exactly that: zrel apply --expect sha256:{digest}")));
    }
    let flags = saved.plans().map(|one| one.plan().flags.clone());
    Ok((flags.fold(PlanFlags::default(), PlanFlags::and), digest.to_string()))
}
