//! A plan with everything it was made from: what a program keeps between planning and applying.

use crate::apply::{Applied, stop_channel};
use crate::check::Checked;
use crate::observed::Observed;
use crate::plan::{Plan, PlanFlags, Policy, Readers};

use super::EngineError;
use super::converge::Release;
use super::policy::{make_plan, make_policy};
use super::project::{Limits, PlanInputs, Project};
use super::session::Session;

/// A checked plan with everything it was made from.
#[derive(Debug)]
pub struct Planned {
    inputs: PlanInputs,
    observed: Observed,
    policy: Policy,
    checked: Checked,
}

impl Planned {
    /// Returns the plan.
    pub fn plan(&self) -> &Plan {
        self.checked.plan()
    }

    /// Returns the plan with its findings.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }
}

impl Project {
    /// Reads the project's files and the server, and plans. Writes only the cache of digests.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for faults of the manifest and its files, and
    /// [`EngineError::Refresh`] when the server can't be asked. A blocked plan is no error:
    /// [`Checked::verdict`] says so.
    pub async fn plan(&self, session: &Session, flags: PlanFlags) -> Result<Planned, EngineError> {
        let inputs = self.gather(self.inventory(Limits::default(), &|_| {})?)?;
        let policy = make_policy(self, &inputs, flags, Readers::Owner);
        let observed = session.observe(&inputs, &policy).await?;
        let checked = make_plan(&inputs, &observed, &policy);
        Ok(Planned { inputs, observed, policy, checked })
    }
}

impl Release<'_> {
    /// Applies a plan that the caller has reviewed: publishing can't be undone.
    ///
    /// # Errors
    /// [`EngineError::Busy`] when another run applies the manifest, [`EngineError::Apply`] when the
    /// apply stops or the plan is blocked.
    pub async fn apply_planned(self, planned: Planned) -> Result<Applied, EngineError> {
        let Planned { mut inputs, observed, policy, checked } = planned;
        let _one_run = self.project.run_lock()?;
        // The caller drops the future to stop it.
        let (_sender, stop) = stop_channel();
        self.apply(&mut inputs, &policy, checked, observed, &stop).await
    }
}
