//! One member of a workspace that is applied: filled, read again, published.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::apply::{Applied, Stop};
use crate::check::{Checked, Verdict};
use crate::cli::approval;
use crate::cli::args::Format;
use crate::cli::args::apply::{Apply, Until};
use crate::cli::commands::plan::MadePlan;
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping::map_engine_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption::{Progress, run_unless_stopped};
use crate::cli::notifications::{Due, Notifier};
use crate::cli::report::{ResultSink, build_result_json, choose_end};
use crate::cli::workflow_outputs::write_receipt;
use crate::engine::{Release, Session, Sink, make_plan};
use crate::model::{Doi, Field, Link, LinkedDoi};
use crate::observed::Observed;
use crate::plan::{Action, Plan, Policy, Step, compute_digest};
use crate::render::escape_text;

use super::phase::Phase;

/// A member that changes.
pub(super) struct Work<'a> {
    /// Its key.
    pub(super) key: String,
    /// Its context.
    pub(super) context: Context,
    /// Its plan.
    pub(super) made: MadePlan,
    /// How it is applied.
    pub(super) args: &'a Apply,
    /// Whether its draft is filled.
    pub(super) is_filled: bool,
    /// The message about it, which is sent after all members.
    pub(super) due: Option<Due>,
}

/// The members that others can't link to, since they are not published.
#[derive(Debug, Clone, Default)]
pub(super) struct Unpublished {
    /// Those that failed, and those that link to one of them.
    pub(super) failed: BTreeSet<String>,
    /// Those whose draft a community reviews, and those that link to one of them.
    pub(super) awaited: BTreeSet<String>,
}

/// Whether the DOIs of the members that others link to are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// They are reserved once the plans are approved.
    Unknown,
    /// They are reserved.
    Known,
}

/// A plan that was compared with the approved one again.
pub(super) struct Ready {
    checked: Checked,
    observed: Observed,
}

impl Work<'_> {
    /// Refuses to publish links to members whose own publication failed.
    pub(super) fn refuse_dead_links(&self, unpublished: &Unpublished) -> Result<(), Failure> {
        let record = self.made.inputs.binding.record.as_ref();
        // A version that the record links to since its last publication leads somewhere.
        let is_published = |link: &Link, doi: &Option<String>| {
            let known = record.and_then(|record| record.links.get(&link.key));
            link.doi == LinkedDoi::Version && known.map(Doi::as_str) == doi.as_deref()
        };
        let links = &self.made.checked.plan().links;
        let find = |keys: &BTreeSet<String>| {
            let mut dead = links
                .iter()
                .filter(|(link, doi)| keys.contains(&link.key) && !is_published(link, doi));
            dead.next().map(|(Link { key, .. }, _)| key)
        };
        if let Some(key) = find(&unpublished.failed) {
            let message = format!("it links to `{key}`, which is not published");
            return Err(self.name(Failure::new(ExitCode::Partly, message)));
        }
        match find(&unpublished.awaited) {
            Some(key) => {
                let message =
                    format!("it links to `{key}`, which is published when a community accepts it");
                Err(self.name(Failure::new(ExitCode::Waiting, message)))
            }
            None => Ok(()),
        }
    }

    /// Asks about what only a person can decide, and refuses a blocked plan.
    pub(super) fn confirm(&mut self, links: Links) -> Result<(), Failure> {
        let made = &mut self.made;
        if made.checked.verdict() == Verdict::NeedsConfirmation {
            self.context.terminal.inform(&format!("\n== {}", escape_text(&self.key)));
            approval::settle_blockers(&self.context.terminal, &made.checked, &mut made.policy)
                .map_err(|failure| name_failure(&self.key, failure))?;
            made.checked = make_plan(&made.inputs, &made.observed, &made.policy);
        }
        // The links of a member are known once the others are prepared.
        if made.checked.verdict() == Verdict::Unlinked && links == Links::Unknown {
            return Ok(());
        }
        // Its files get the DOI once it has one.
        if made.checked.verdict() == Verdict::Unreserved && self.args.until == Some(Until::Prepare)
        {
            return Ok(());
        }
        let refused = approval::refuse_blocked(&made.project, &made.checked);
        refused.map_err(|failure| self.name(failure))
    }

    /// Returns its key, and the members that it links to.
    pub(super) fn list_links(&self) -> (String, BTreeSet<String>) {
        let links = self.made.checked.plan().links.keys();
        (self.key.clone(), links.map(|link| link.key.clone()).collect())
    }

    /// Returns whether it has a draft to fill before anything is published. An edit is one call and
    /// public at once: it is done with the publications.
    pub(super) fn is_to_fill(&self) -> bool {
        let plan = self.made.checked.plan();
        plan.operation.makes_version() && plan.publishes()
    }

    /// Returns whether it needs a draft that is not open yet. A record with a DOI of its own gets one
    /// when it is filled: there is nothing to reserve.
    pub(super) fn needs_draft(&self) -> bool {
        let plan = self.made.checked.plan();
        let has_own_doi = plan.target.metadata.text(Field::Doi).is_some();
        self.is_to_fill() && plan.base.draft.is_none() && !has_own_doi
    }

    /// Returns whether it publishes.
    pub(super) fn publishes(&self) -> bool {
        self.made.checked.plan().publishes()
    }

    /// Returns whether it lets others change a record, or see it by a secret link.
    pub(super) fn opens_record(&self) -> bool {
        self.made.checked.plan().sharing.opens_record()
    }

    /// Returns how many bytes it sends.
    pub(super) fn upload_bytes(&self) -> u64 {
        self.made.checked.plan().upload_bytes()
    }

    /// Returns how many bytes it sends once the drafts are filled.
    pub(super) fn upload_bytes_left(&self) -> u64 {
        if self.is_filled { 0 } else { self.upload_bytes() }
    }

    /// Brings the draft of a version to the manifest, and compares it; publishes nothing. Returns what
    /// to say of it in a document.
    pub(super) async fn fill(&mut self, stop: &Stop, phase: &Phase<'_>) -> Result<Json, Failure> {
        let mut policy = self.made.policy.clone();
        (policy.flags.no_publish, policy.allowed.no_publish) = (true, true);
        // It is given with the publication, once all drafts are right.
        policy.leaves_access = true;
        let checked = make_plan(&self.made.inputs, &self.made.observed, &policy);
        if checked.plan().is_empty() {
            self.is_filled = true;
            let draft = self.made.observed.draft.clone();
            let filled = Applied { draft, ..Applied::default() };
            return Ok(build_result_json(&filled, &self.made.project));
        }
        let observed = self.made.observed.clone();
        let filled = self.run(&policy, Ready { checked, observed }, (None, stop), phase).await;
        let filled = filled.map_err(|failure| name_root(self.name(failure), self.args.until))?;
        self.is_filled = true;
        Ok(build_result_json(&filled, &self.made.project))
    }

    /// Reads the server again, and refuses a plan that is no longer the approved one.
    pub(super) async fn read_again(&mut self) -> Result<Ready, Failure> {
        let approved = compute_digest(self.made.checked.plan());
        let MadePlan { project, inputs, policy, .. } = &mut self.made;
        let session = connection::connect(&self.context, project).await?;
        let release = Release::new(project, &session);
        let observed = match release.recall(inputs, policy) {
            Ok(()) => release.observe(inputs, policy).await,
            Err(error) => Err(error),
        };
        session.close().await;
        let observed = observed?;
        let checked = make_plan(inputs, &observed, policy);
        let is_approved = compute_digest(checked.plan()) == approved;
        // Somebody changed the draft since it was filled: that must not be written over unseen.
        let is_changed = self.is_filled && checked.plan().steps.iter().any(changes_draft);
        if checked.plan().is_empty() || is_approved && !is_changed {
            return Ok(Ready { checked, observed });
        }
        let message =
            "the record changed since it was planned; nothing of the workspace is published";
        Err(self.name(Failure::new(ExitCode::Stale, message).hint("plan again")))
    }

    /// Publishes, and returns the code and what to say of it in a document. A failure keeps no other
    /// member from its turn.
    pub(super) async fn publish(
        &mut self,
        ready: Ready,
        stop: &Stop,
        phase: &Phase<'_>,
    ) -> (ExitCode, Json) {
        let policy = self.made.policy.clone();
        let plan = ready.checked.plan().clone();
        match self.run(&policy, ready, (Some(&plan), stop), phase).await {
            Ok(applied) => {
                write_receipt(&self.context, &applied, &plan);
                let result = build_result_json(&applied, &self.made.project);
                let mut code = ExitCode::Done;
                phase.write(|terminal| code = choose_end(terminal, &applied));
                (code, result)
            }
            Err(failure) => {
                let failure = self.name(failure);
                phase.write(|terminal| terminal.say_error(&failure.text()));
                (failure.code, failure.json())
            }
        }
    }

    /// Applies a plan; with the approved one, reports what was published.
    async fn run(
        &mut self,
        policy: &Policy,
        Ready { checked, observed }: Ready,
        (approved, stop): (Option<&Plan>, &Stop),
        phase: &Phase<'_>,
    ) -> Result<Applied, Failure> {
        let (context, args) = (&self.context, self.args);
        let MadePlan { project, inputs, .. } = &mut self.made;
        let (shown, progress) = (phase.follow(&self.key), Progress::default());
        let sinks: &[&dyn Sink] = &[&progress, &*shown];
        let result = ResultSink::new((context, project), inputs, args);
        let (notifier, plan) = (Notifier::new(context, project), checked.plan().clone());
        notifier.begin(&plan);
        let session: Session = connection::connect(context, project).await?;
        let release = Release {
            sink: &sinks,
            jobs: args.jobs,
            uploads: Some(phase.uploads),
            seeded_fault: environment::read_seeded_fault(),
            ..Release::new(project, &session)
        };
        let applied = run_unless_stopped(stop, &progress, async |stop: &Stop| {
            release.apply(inputs, policy, checked, observed, stop).await
        })
        .await;
        session.close().await;
        let applied = match applied.map_err(|error| map_engine_error(&error, Some(project))) {
            Ok(applied) => applied,
            Err(failure) => {
                self.due = notifier.failed(&failure, &plan);
                return Err(failure);
            }
        };
        self.due = notifier.applied(&applied, &plan);
        if let Some(plan) = approved.filter(|_| args.output.format == Format::Text) {
            phase.write(|terminal| {
                result.applied(&applied, plan);
                approval::name_addresses(terminal, &self.context.command(), plan);
            });
        }
        Ok(applied)
    }

    fn name(&self, failure: Failure) -> Failure {
        name_failure(&self.key, failure)
    }
}

/// Returns whether a step changes what a draft has.
fn changes_draft(step: &Step) -> bool {
    match step.action {
        Action::ReplaceMetadata
        | Action::ImportFiles
        | Action::DeleteFile { .. }
        | Action::DropFile { .. }
        | Action::UploadFile(_)
        | Action::UploadFiles(_)
        | Action::ReplaceFile(_) => true,
        Action::CreateDraft
        | Action::ReserveDoi
        | Action::OpenVersion { .. }
        | Action::OpenEdit { .. }
        | Action::Resume { .. }
        | Action::ReadBack
        | Action::Publish
        | Action::ReadRecord
        | Action::SubmitReview { .. }
        | Action::AskCommunity { .. }
        | Action::LeaveCommunity { .. }
        | Action::Share(_) => false,
    }
}

/// Replaces the command that continues a member alone, which would publish it before the others are
/// right.
fn name_root(mut failure: Failure, until: Option<Until>) -> Failure {
    failure.hints.retain(|hint| !hint.starts_with("run `zrel -C"));
    failure.hint(match until {
        // A worker's member is not to be published by it.
        Some(_) => "run the same command again: it goes on from here",
        None => "run `zrel apply` again at the root of the workspace: it goes on from here",
    })
}

/// Says which member a failure is of.
pub(super) fn name_failure(key: &str, failure: Failure) -> Failure {
    let message = match failure.message.as_str() {
        "" => key.to_owned(),
        message => format!("{key}: {message}"),
    };
    Failure { message, ..failure }
}
