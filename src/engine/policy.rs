//! What flags, journal and date decide about a plan, and the plan that follows.

use crate::check::{Checked, check, refuse_default_license, report_lookups};
use crate::manifest::codes::DEFAULT_LICENSE;
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
    let has_default_license = inputs.desired.has_default_license;
    let refusal = has_default_license.then(|| refuse_default_license(&plan)).flatten();
    // The warning promises a licence that such a server does not give.
    let is_true = |code: &str| refusal.is_none() || code != DEFAULT_LICENSE;
    // Noted before the checks: the notes are part of the plan's digest.
    let noted = inputs.noted.iter().filter(|noted| is_true(&noted.code)).cloned().collect();
    let mut checked = check(Plan { noted, ..plan })
        .invocation(&inputs.invocation)
        .point_at(|place| find_place(&inputs.text, place));
    checked.add(inputs.findings.iter().filter(|finding| is_true(finding.code)).cloned());
    checked.add(report_lookups(&observed.lookups));
    checked.add(refusal);
    checked
}
