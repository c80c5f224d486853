//! Named, coded checks on a finished plan.
//!
//! Each obstacle of a plan becomes one finding, and some of what the plan does becomes a warning.
//! [`check`] returns a [`Checked`] plan, the only thing that `apply` takes; a blocked one is
//! shown like any other and refused by `apply`. Codes `ZR03xx` block, `ZR04xx` warn, `ZR05xx` are a server's.

mod binding;
mod blockers;
mod invocation;
mod refusals;
mod warnings;

use crate::model::{Finding, Severity};
use crate::plan::{Blocker, Plan};

pub use blockers::CODES as OBSTACLE_CODES;
pub use invocation::Invocation;
pub use refusals::{CODES as REFUSAL_CODES, refused, words_of};
pub use warnings::{CODES as WARNING_CODES, moved_server};

/// A plan and what the checks say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    plan: Plan,
    /// What follows from the plan alone.
    own: Vec<Finding>,
    /// The same with commands as the program was called, and what came with [`Checked::add`].
    findings: Vec<Finding>,
}

/// What keeps a plan from being applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing does.
    Ready,
    /// Only that the commit has no tag yet, of which the version label is made.
    AtTag,
    /// Only a person's word: at a terminal, or by a flag.
    NeedsConfirmation,
    /// Something that has to be changed first.
    Blocked,
}

/// Runs all checks on a plan.
pub fn check(plan: Plan) -> Checked {
    let own = own_findings(&plan, &Invocation::default());
    Checked { findings: own.clone(), plan, own }
}

fn own_findings(plan: &Plan, invocation: &Invocation) -> Vec<Finding> {
    let of_obstacle = |blocker| blockers::finding(blocker, plan, invocation);
    let mut findings: Vec<Finding> = plan.blockers.iter().map(of_obstacle).collect();
    findings.extend(warnings::warnings(plan));
    findings
}

impl Checked {
    /// Returns the plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns what the checks say, what blocks first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns what follows from the plan alone, what blocks first.
    pub fn own_findings(&self) -> &[Finding] {
        &self.own
    }

    /// Offers commands as the program was called.
    #[must_use]
    pub fn invocation(mut self, invocation: &Invocation) -> Self {
        let own = own_findings(&self.plan, invocation);
        self.findings.splice(..self.own.len(), own);
        self
    }

    /// Tells what keeps the plan from being applied.
    pub fn verdict(&self) -> Verdict {
        let verdict = self.verdict_of_obstacles();
        // An error that another part found has no obstacle in the plan, and blocks all the same.
        match verdict {
            Verdict::Ready | Verdict::AtTag if self.has_errors() => Verdict::Blocked,
            Verdict::Ready | Verdict::AtTag | Verdict::NeedsConfirmation | Verdict::Blocked => {
                verdict
            }
        }
    }

    fn verdict_of_obstacles(&self) -> Verdict {
        let mut verdict = Verdict::Ready;
        for blocker in &self.plan.blockers {
            match blocker {
                word if word.wants_a_word() => verdict = Verdict::NeedsConfirmation,
                Blocker::LabelUnknown if verdict == Verdict::Ready => verdict = Verdict::AtTag,
                Blocker::LabelUnknown => {}
                Blocker::FirstRecord
                | Blocker::NotLastApplied { .. }
                | Blocker::BindingChanged { .. }
                | Blocker::AnotherWork { .. }
                | Blocker::Gone { .. }
                | Blocker::NotOurs { .. }
                | Blocker::NotPublic { .. }
                | Blocker::UnderReview(_)
                | Blocker::ForeignDraft { .. }
                | Blocker::UnseenDraft
                | Blocker::ExternalDoi(_)
                | Blocker::LabelTaken { .. }
                | Blocker::Alike(_)
                | Blocker::SharedRecord { .. }
                | Blocker::Renamed { .. }
                | Blocker::LockAstray { .. }
                | Blocker::UnknownCommunity(_)
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

    fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
            || self.plan.noted.iter().any(|noted| noted.severity == Severity::Error)
    }
}
