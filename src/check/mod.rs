//! Named, coded checks on a finished plan.
//!
//! Each blocker of a plan becomes one finding, and some of what the plan does becomes a warning.
//! [`check`] returns a [`Checked`] plan, the only thing that `apply` takes; a blocked one is shown
//! like any other and refused by `apply`. Codes `ZR03xx` block, `ZR04xx` warn, `ZR05xx` are a
//! server's.

mod binding;
mod blockers;
mod invocation;
mod records_api;
mod refusals;
mod reviews;
mod sharing;
mod vocabularies;
mod warnings;

use crate::model::{Finding, ManifestPlace, Severity, Span};
use crate::plan::{Blocker, Plan};

pub use blockers::CODES as BLOCKER_CODES;
pub use invocation::Invocation;
pub use records_api::refuse_default_license;
pub use refusals::{CODES as REFUSAL_CODES, Refusal, list_vocabulary_words, report_refused_fields};
pub use vocabularies::report_lookups;
pub use warnings::{CODES as WARNING_CODES, warn_of_moved_server};

/// A plan and its findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    plan: Plan,
    /// What follows from the plan alone.
    own: Vec<Finding>,
    /// The same with commands as the program was called, and those of [`Checked::add`].
    findings: Vec<Finding>,
}

/// What keeps a plan from being applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Ready,
    /// Only a missing tag, from which the version label comes.
    AtTag,
    /// Only a DOI that is still to be reserved and written into the files, and perhaps the tag.
    Unreserved,
    /// Only the DOI of another member of the workspace, and perhaps the tag.
    Unlinked,
    /// Only a confirmation: at a terminal, or by a flag.
    NeedsConfirmation,
    /// Something that has to be changed first.
    Blocked,
}

/// Runs all checks on a plan.
pub fn check(plan: Plan) -> Checked {
    let own = list_own_findings(&plan, &Invocation::default());
    Checked { findings: own.clone(), plan, own }
}

fn list_own_findings(plan: &Plan, invocation: &Invocation) -> Vec<Finding> {
    let of_blocker = |blocker| blockers::report_blocker(blocker, plan, invocation);
    let mut findings: Vec<Finding> = plan.blockers.iter().map(of_blocker).collect();
    findings.extend(records_api::require_publisher(plan));
    findings.extend(records_api::refuse_other_dois(plan));
    findings.extend(records_api::refuse_false_dois(plan));
    findings.extend(records_api::warn_of_minted_doi(plan));
    findings.extend(warnings::list_warnings(plan));
    findings
}

impl Checked {
    /// Returns the plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the findings, those that block first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the findings that follow from the plan alone, those that block first.
    pub fn own_findings(&self) -> &[Finding] {
        &self.own
    }

    /// Offers commands as the program was called.
    #[must_use]
    pub fn invocation(mut self, invocation: &Invocation) -> Self {
        let own = list_own_findings(&self.plan, invocation);
        // A document keeps `own`, since the place where it is read has other flags.
        self.findings.splice(..self.own.len(), own);
        self
    }

    /// Points at the places in the manifest that `find` finds, for a person who can change it.
    #[must_use]
    pub fn point_at(mut self, find: impl Fn(&ManifestPlace) -> Option<Span>) -> Self {
        // The findings of the blockers come first, in their order.
        for (blocker, finding) in self.plan.blockers.iter().zip(&mut self.findings) {
            if let Some(span) = blockers::find_blocked_place(blocker).and_then(|at| find(&at)) {
                *finding = finding.clone().at(span, "");
            }
        }
        self
    }

    /// Returns the same without the other names of renamed files, for a plan that nobody compared
    /// with the server.
    #[must_use]
    pub fn without_renames(self) -> Self {
        Self { plan: self.plan.without_renames(), ..self }
    }

    /// Returns what keeps the plan from being applied.
    pub fn verdict(&self) -> Verdict {
        let verdict = self.verdict_of_blockers();
        // An error that another part found has no blocker in the plan, and blocks all the same.
        match verdict {
            Verdict::Ready | Verdict::AtTag | Verdict::Unreserved | Verdict::Unlinked
                if self.has_errors() =>
            {
                Verdict::Blocked
            }
            Verdict::NeedsConfirmation if self.has_errors_of_others() => Verdict::Blocked,
            Verdict::Ready
            | Verdict::AtTag
            | Verdict::Unreserved
            | Verdict::Unlinked
            | Verdict::NeedsConfirmation
            | Verdict::Blocked => verdict,
        }
    }

    fn verdict_of_blockers(&self) -> Verdict {
        let mut verdict = Verdict::Ready;
        for blocker in &self.plan.blockers {
            match blocker {
                // A confirmation outranks a missing tag, in whichever order they come.
                word if word.wants_a_word() => verdict = Verdict::NeedsConfirmation,
                Blocker::LabelUnknown if verdict == Verdict::Ready => verdict = Verdict::AtTag,
                Blocker::LabelUnknown => {}
                // The label of a tag that is made after the release is reserved with the DOI.
                Blocker::Unwritten { doi: None, .. } => match verdict {
                    Verdict::Ready | Verdict::AtTag | Verdict::Unlinked => {
                        verdict = Verdict::Unreserved;
                    }
                    Verdict::Unreserved | Verdict::NeedsConfirmation | Verdict::Blocked => {}
                },
                Blocker::LinksUnknown(_) => match verdict {
                    Verdict::Ready | Verdict::AtTag => verdict = Verdict::Unlinked,
                    Verdict::Unreserved
                    | Verdict::Unlinked
                    | Verdict::NeedsConfirmation
                    | Verdict::Blocked => {}
                },
                // The first four are matched above; without a wildcard a new blocker must be
                // placed here.
                Blocker::FirstRecord
                | Blocker::NotLastApplied { .. }
                | Blocker::BindingChanged { .. }
                | Blocker::AnotherWork { .. }
                | Blocker::Gone { .. }
                | Blocker::NotOurs { .. }
                | Blocker::NotPublic { .. }
                | Blocker::UnderReview { .. }
                | Blocker::ReviewChosen { .. }
                | Blocker::ReviewDeclined { .. }
                | Blocker::LeavesCommunity(_)
                | Blocker::RequiredDeclined(_)
                | Blocker::ForeignDraft { .. }
                | Blocker::ForeignDoi { .. }
                | Blocker::UnseenDraft
                | Blocker::ExternalDoi(_)
                | Blocker::LabelTaken { .. }
                | Blocker::ReservedForAnother { .. }
                | Blocker::ReservationLost(_)
                | Blocker::Unwritten { .. }
                | Blocker::Alike(_)
                | Blocker::SharedRecord { .. }
                | Blocker::Renamed { .. }
                | Blocker::LockAstray { .. }
                | Blocker::UnknownCommunity(_)
                | Blocker::UnknownId(_)
                | Blocker::UnknownGrantee(_)
                | Blocker::ClosedCommunity(_)
                | Blocker::UnknownGrant(_)
                | Blocker::TextLost(_)
                | Blocker::KeepsNothing(_)
                | Blocker::NotKept { .. } => return Verdict::Blocked,
            }
        }
        verdict
    }

    /// Adds findings that other parts made about the same plan.
    pub fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Returns whether there are errors that are no blocker's: a person can't settle them with a word.
    fn has_errors_of_others(&self) -> bool {
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        let invocation = Invocation::default();
        let of_blocker = |blocker| blockers::report_blocker(blocker, &self.plan, &invocation);
        let of_blockers: Vec<Finding> = self.plan.blockers.iter().map(of_blocker).collect();
        let n_of_blockers = of_blockers.iter().filter(is_error).count();
        self.findings.iter().filter(is_error).count() > n_of_blockers
    }

    fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
            || self.plan.noted.iter().any(|noted| noted.severity == Severity::Error)
    }
}
