//! What flags, journal and circumstances decide of a plan, and the plan that follows.

use crate::check::{Checked, check};
use crate::observed::Observed;
use crate::plan::{Decisions, Plan, Policy, Readers, plan};

use super::project::{Gathered, Project};

/// Returns the policy that flags and journal make.
pub fn make_policy(
    project: &Project,
    gathered: &Gathered,
    decisions: Decisions,
    readers: Readers,
) -> Policy {
    let unfinished = gathered.leftover.as_ref().map(|leftover| leftover.unfinished.clone());
    Policy {
        decisions,
        no_publish: decisions.no_publish,
        initial: decisions.initial,
        same_title: decisions.same_title,
        adopt_draft: decisions.adopt_draft,
        over: decisions.over,
        ask_again: decisions.ask_again,
        unfinished,
        readers,
        ..Policy::on(project.clock.today().to_string())
    }
}

/// Makes and checks a plan.
pub fn make_plan(gathered: &Gathered, observed: &Observed, policy: &Policy) -> Checked {
    let plan = plan(&gathered.desired, observed, &gathered.binding, policy);
    let mut checked =
        check(Plan { noted: gathered.noted.clone(), ..plan }).called(&gathered.called);
    checked.add(gathered.findings.iter().cloned());
    checked
}
