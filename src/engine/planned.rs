//! A plan together with all that it was made from: what a program needs between planning and
//! applying.

use crate::apply::{Applied, stop_channel};
use crate::check::Checked;
use crate::observed::Observed;
use crate::plan::{Plan, PlanFlags, Policy, Readers};

use super::EngineError;
use super::converge::Release;
use super::policy::{make_plan, make_policy};
use super::project::{Limits, PlanInputs, Project};
use super::session::Session;

/// A plan, checked, with all that it was made from.
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

    /// Returns the plan with what the checks say of it.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }
}

impl Project {
    /// Reads the project's files and what is on the server, and plans. Writes nothing but the cache
    /// of digests.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for faults of the manifest and its files, and
    /// [`EngineError::Refresh`] when the server can't be asked. A plan that something stands in the
    /// way of is no error: [`Checked::verdict`] says so.
    pub async fn plan(&self, session: &Session, flags: PlanFlags) -> Result<Planned, EngineError> {
        let inputs = self.gather(self.inventory(Limits::default(), &|_| {})?)?;
        let policy = make_policy(self, &inputs, flags, Readers::Owner);
        let observed = session.observe(&inputs, &policy).await?;
        let checked = make_plan(&inputs, &observed, &policy);
        Ok(Planned { inputs, observed, policy, checked })
    }
}

impl Release<'_> {
    /// Does what a plan says, which the caller has looked at: publishing can't be undone.
    ///
    /// # Errors
    /// [`EngineError::Busy`] where another run applies the manifest, [`EngineError::Apply`] where
    /// the apply stopped or the plan is blocked.
    pub async fn apply_planned(self, planned: Planned) -> Result<Applied, EngineError> {
        let Planned { mut inputs, observed, policy, checked } = planned;
        let _one_run = self.project.run_lock()?;
        // Nobody asks it to stop: the caller drops the future instead.
        let (_sender, stop) = stop_channel();
        self.apply(&mut inputs, &policy, checked, observed, &stop).await
    }
}
