//! Which plans of past releases are approved: by a digest, or by a person who is asked.

use crate::check::{Checked, Verdict};
use crate::cli::approval;
use crate::cli::args::Format;
use crate::cli::args::backfill::Apply;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::backfill::{
    ApprovedReleases, BackfillPlan, PastRelease, PlannedRelease, is_approved,
};
use crate::model::{Community, ConceptId, Finding, Severity, Sha256};
use crate::plan::{
    Blocker, CommunityWork, PlanFlags, Policy, compute_basis_digest, compute_following_digest,
};
use crate::render::escape_text;

use super::gather::{PastReleases, Planned, name_tag};

/// A release that is to be published, and what was approved of it.
pub(super) struct Approved {
    /// Which.
    pub(super) release: PastRelease,
    /// The digest of its plan.
    pub(super) digest: Sha256,
    /// The digest of what it is based on; none where that is the release before it.
    pub(super) basis: Option<Sha256>,
    /// What is allowed.
    pub(super) allowed: PlanFlags,
    /// The record that may be written to although the lock names another one.
    pub(super) rebind: Option<ConceptId>,
}

/// Compares the plans with what was approved, or asks; returns what is to be published.
///
/// # Errors
/// A [`Failure`] when they are blocked or not approved.
pub(super) fn approve(
    past: &PastReleases,
    args: &Apply,
    planned: &Planned,
) -> Result<Vec<Approved>, Failure> {
    let plan = &planned.plan;
    refuse_review(plan)?;
    if plan.is_blocked() {
        return Err(refuse_blocked(plan, args.chosen.output.format));
    }
    if plan.plans().next().is_none() {
        return Ok(Vec::new());
    }
    let earlier = ApprovedReleases::load(&past.now);
    let is_same = |expected: &String| plan.compute_digest().to_string().starts_with(expected);
    if let Some(expected) = args.expect.as_ref().filter(|expected| !is_same(expected))
        && !is_approved(expected, plan, planned.latest.as_deref(), earlier.as_ref())
    {
        return Err(refuse_other(plan));
    }
    if args.expect.is_some() {
        refuse_unconfirmed(plan)?;
    }
    let mut approved = Vec::new();
    for (one, checked) in plan.plans() {
        let settled = settle(past, args, (one, checked))?;
        approved.push(Approved {
            release: one.release.clone(),
            digest: compute_following_digest(checked.plan()),
            basis: approved.is_empty().then(|| compute_basis_digest(checked.plan())),
            allowed: settled.allowed,
            rebind: settled.rebind,
        });
    }
    if args.expect.is_none() && !args.auto_approve {
        let stakes = (approval::PERMANENT, approved.len());
        approval::ask_for_members(&past.context, stakes, approval::ON_COMMAND_LINE)?;
    }
    // A run that continues leaves what was approved for all of them.
    if args.expect.as_ref().is_none_or(is_same) {
        ApprovedReleases::of(plan).save(&past.now)?;
    }
    Ok(approved)
}

/// Refuses a first version that a community reviews or declined: the versions after it can't be
/// published before it is.
fn refuse_review(plan: &BackfillPlan) -> Result<(), Failure> {
    let is_review = |blocker: &Blocker| matches!(blocker, Blocker::ReviewDeclined { .. });
    let is_reviewed = |checked: &Checked| {
        let plan = checked.plan();
        plan.submits_to().is_some() || plan.blockers.iter().any(is_review)
    };
    let Some((one, _)) = plan.plans().find(|(_, checked)| is_reviewed(checked)) else {
        return Ok(());
    };
    let label = escape_text(&one.release.label);
    let message =
        format!("version {label}: a community reviews the first version before it is published");
    let failure = Failure::new(ExitCode::Blocked, format!("{message}; nothing was sent"));
    Err(failure.hint("release the first version with `zrel apply`, and the others when it is out"))
}

/// Asks about what only a person can decide about a release, and returns what is allowed.
fn settle(
    past: &PastReleases,
    args: &Apply,
    (one, checked): (&PlannedRelease, &Checked),
) -> Result<Policy, Failure> {
    let mut policy = Policy { allowed: args.chosen.record.to_plan(), ..Policy::on(String::new()) };
    // The digest covers which version a release follows: expecting it approves that version.
    let follows = checked.plan().base.version.filter(|_| args.expect.is_some());
    policy.allowed.over = policy.allowed.over.or(follows);
    if args.expect.is_some() {
        policy.allowed.leave.extend(list_left(checked));
    }
    if checked.verdict() == Verdict::NeedsConfirmation && args.expect.is_none() {
        approval::settle_blockers(&past.context.terminal, checked, &mut policy)
            .map_err(|failure| name_tag(&one.release, failure))?;
    }
    Ok(policy)
}

/// Returns the communities that a plan leaves, which its digest covers.
fn list_left(checked: &Checked) -> impl Iterator<Item = Community> + '_ {
    let left = checked.plan().communities.iter().filter(|one| one.work == CommunityWork::Leave);
    left.map(|one| one.community.clone())
}

/// Refuses what a digest does not approve: that a record is created needs its own flag.
fn refuse_unconfirmed(plan: &BackfillPlan) -> Result<(), Failure> {
    let is_creation =
        |blocker: &Blocker| matches!(blocker, Blocker::FirstRecord | Blocker::Alike(_));
    let mut plans = plan.plans();
    let Some((_, checked)) =
        plans.find(|(_, checked)| checked.plan().blockers.iter().any(is_creation))
    else {
        return Ok(());
    };
    let message = "creating a record needs a confirmation; nothing was sent";
    let mut failure = Failure::new(ExitCode::Confirmation, message);
    let errors = checked.findings().iter().filter(|it| it.severity == Severity::Error);
    failure.hints = errors.flat_map(|finding| finding.hints.clone()).collect();
    Err(failure)
}

fn refuse_other(plan: &BackfillPlan) -> Failure {
    let message = "the plans are not those with the expected digest; nothing was sent";
    let mut failure = Failure::new(ExitCode::Stale, message);
    failure.causes.push(format!("they have the digest sha256:{}", plan.compute_digest()));
    failure.hint("the digest is that of the same tags, planned with the same flags: plan again")
}

fn refuse_blocked(plan: &BackfillPlan, format: Format) -> Failure {
    let blocked = plan.releases.iter().filter(|one| one.is_blocked());
    let tags: Vec<&str> = blocked.clone().map(|one| one.release.tag.name.as_str()).collect();
    let message = match tags.as_slice() {
        [] => "the past releases can't be published; nothing was sent".to_owned(),
        tags => format!("{} can't be published; nothing was sent", tags.join(", ")),
    };
    // In text they were printed with the plans.
    let findings: Vec<Finding> = match format {
        Format::Text => Vec::new(),
        Format::Json => {
            let of = |one: &PlannedRelease| {
                let of_plan = one.checked.iter().flat_map(|it| it.findings().to_vec());
                one.unclear.iter().cloned().chain(of_plan).collect::<Vec<_>>()
            };
            blocked.flat_map(of).chain(plan.newer.iter().cloned()).collect()
        }
    };
    Failure::findings(ExitCode::Blocked, message, &findings, None)
}
