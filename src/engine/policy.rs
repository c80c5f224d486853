//! What flags, journal and date decide about a plan, and the plan that follows.

use crate::check::{Checked, check, refuse_default_license, report_lookups};
use crate::manifest::find_place;
use crate::observed::Observed;
use crate::plan::{Plan, PlanFlags, Policy, Readers, plan};

use super::project::{PlanInputs, Project};

/// Returns the policy that follows from flags, journal and date.
pub fn make_policy(
    project: &Project,
    inputs: &PlanInputs,
    flags: PlanFlags,
    readers: Readers,
) -> Policy {
    let unfinished =
        inputs.unfinished_run.as_ref().map(|unfinished_run| unfinished_run.unfinished.clone());
    Policy {
        allowed: flags.clone(),
        flags,
        unfinished,
        readers,
        ..Policy::on(project.clock.today().to_string())
    }
}

/// Makes and checks a plan.
pub fn make_plan(inputs: &PlanInputs, observed: &Observed, policy: &Policy) -> Checked {
    let plan = plan(&inputs.desired, observed, &inputs.binding, policy);
    // Noted before the checks: the notes are part of the plan's digest.
    let mut checked = check(Plan { noted: inputs.noted.clone(), ..plan })
        .invocation(&inputs.invocation)
        .point_at(|place| find_place(&inputs.text, place));
    checked.add(inputs.findings.iter().cloned());
    checked.add(report_lookups(&observed.lookups));
    if inputs.desired.has_default_license {
        let refusal = refuse_default_license(checked.plan());
        checked.add(refusal);
    }
    checked
}
