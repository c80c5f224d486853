//! Reads the state of one record, as often as it is asked.

use crate::check::{Checked, Verdict};
use crate::cli::args::Limits;
use crate::cli::commands::plan::hash_inventory;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{PlanInputs, Project, make_plan, make_policy, observe_public};
use crate::observed::{Observed, View};
use crate::plan::{Blocker, PlanFlags, Policy};

/// What is on the server, and what would be done.
pub(super) struct Look {
    pub(super) observed: Observed,
    pub(super) checked: Checked,
}

impl Look {
    /// Returns whether the plan is blocked by what a community declined: no other decision changes
    /// that.
    pub(super) fn is_declined(&self) -> bool {
        self.checked.plan().blockers.iter().any(|blocker| {
            matches!(blocker, Blocker::RequiredDeclined(_) | Blocker::ReviewDeclined { .. })
        })
    }

    /// Returns the code that says whether the plan is blocked.
    pub(super) fn choose_code(&self) -> ExitCode {
        let is_blocked = self.checked.verdict() == Verdict::Blocked;
        if is_blocked { ExitCode::Blocked } else { ExitCode::Done }
    }
}

/// Compares one manifest with the server.
pub(super) struct Looker<'a> {
    context: &'a Context,
    pub(super) project: Project,
    pub(super) inputs: PlanInputs,
    policy: Policy,
}

impl<'a> Looker<'a> {
    /// Reads the manifest and its files.
    ///
    /// # Errors
    /// A [`Failure`] when they can't be used.
    pub(super) fn new(context: &'a Context) -> Result<Self, Failure> {
        let project = Project::load(context.project_options())?;
        // Too many files do not change the state; `validate` and `plan` report them.
        let limits = Limits { max_files: usize::MAX, max_bytes: u64::MAX };
        let inventory = hash_inventory(context, &project, &limits)?;
        let inputs = project.gather(inventory)?;
        let policy =
            make_policy(&project, &inputs, PlanFlags::default(), environment::choose_readers());
        Ok(Self { context, project, inputs, policy })
    }

    /// Reads the record from the server; without a token, only its public part.
    ///
    /// # Errors
    /// A [`Failure`] when it can't be read.
    pub(super) fn look(&self) -> Result<Look, Failure> {
        let Self { context, project, inputs, policy } = self;
        let observed = context.runtime.block_on(async {
            let (session, view) = connection::connect_to_read(context, project).await?;
            let observed = match view {
                View::Owner => session.observe_with_edit(inputs, policy).await,
                View::Public => match observe_public(&session, inputs).await {
                    // Otherwise nothing is shown that depends on it.
                    Ok(observed) if observed.published().is_some() => {
                        session.note_backend(observed, inputs, policy).await
                    }
                    other => other,
                },
            };
            session.close().await;
            match view {
                View::Owner => Ok(observed?),
                View::Public => {
                    connection::require_record_or_token(context, &project.server, Some(observed?))
                }
            }
        })?;
        let checked = make_plan(inputs, &observed, policy);
        Ok(Look { observed, checked })
    }
}
