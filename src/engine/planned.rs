//! A plan with everything it was made from: what a program keeps between planning and applying.

use crate::apply::{Applied, stop_channel};
use crate::check::Checked;
use crate::plan::{Plan, PlanFlags, Policy, Readers, compute_digest};

use super::EngineError;
use super::converge::Release;
use super::policy::{make_plan, make_policy};
use super::project::{Limits, PlanInputs, Project};
use super::session::Session;
use super::settle::settle_empty;

/// A checked plan with everything it was made from.
#[derive(Debug)]
pub struct Planned {
    inputs: PlanInputs,
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
    /// Reads the project's files and the server, and plans. Writes only the cache of digests. While
    /// a draft that an earlier run made does not show, it looks again for up to half a minute.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for faults of the manifest and its files, and
    /// [`EngineError::Refresh`] when the server can't be asked. A blocked plan is no error:
    /// [`Checked::verdict`] says so.
    pub async fn plan(&self, session: &Session, flags: PlanFlags) -> Result<Planned, EngineError> {
        let inputs = self.gather(self.inventory(Limits::default(), &|_| {})?)?;
        let policy = make_policy(self, &inputs, flags, Readers::Owner);
        let observed = Release::new(self, session).observe(&inputs, &policy).await?;
        let checked = make_plan(&inputs, &observed, &policy);
        Ok(Planned { inputs, policy, checked })
    }
}

impl Release<'_> {
    /// Applies a plan that the caller has reviewed: publishing can't be undone. Reads the server
    /// again first, and sends nothing unless the plan is still the reviewed one or nothing is left
    /// to do.
    ///
    /// # Errors
    /// [`EngineError::Busy`] when another run applies the manifest, [`EngineError::Changed`] when
    /// the plan is no longer the reviewed one, [`EngineError::Apply`] when the apply stops or the
    /// plan is blocked, and those of [`Project::plan`].
    pub async fn apply_planned(self, planned: Planned) -> Result<Applied, EngineError> {
        let Planned { mut inputs, mut policy, checked: reviewed } = planned;
        // The plan leaves the date open, and the review may have taken until another day.
        policy.today = self.project.clock.today().to_string();
        let _one_run = self.project.run_lock()?;
        // Another run may have applied since, and what it wrote into lock and journal is news too.
        self.recall(&mut inputs, &mut policy)?;
        let open = policy.unfinished.clone();
        let observed = self.observe(&inputs, &policy).await?;
        let checked = make_plan(&inputs, &observed, &policy);
        let applied = if checked.plan().is_empty() {
            settle_empty(self.project, &mut inputs, observed, &checked)?
        } else if compute_digest(checked.plan()) != compute_digest(reviewed.plan()) {
            return Err(EngineError::Changed);
        } else {
            // The caller drops the future to stop it.
            let (_sender, stop) = stop_channel();
            Box::pin(self.apply(&mut inputs, &policy, checked, observed, &stop)).await?
        };
        self.report_unused_draft(open.as_ref(), &applied.ids()).await?;
        Ok(applied)
    }
}
