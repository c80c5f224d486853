//! What a plan may do: what flags and persons have settled, and the day.

use crate::model::{Binding, ConceptId, Field, OpenDraft, RecordId, Sha256};
use crate::observed::{Candidate, Observed};

use super::blocker::Blocker;
use super::types::{Plan, PlanFlags};

/// What a flag or a person has settled, and the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The day in UTC, `YYYY-MM-DD`.
    pub today: String,
    /// The flags as they were given, for the plan to show.
    pub flags: PlanFlags,
    /// What is allowed: the flags, and what a person confirmed at the terminal.
    pub allowed: PlanFlags,
    /// The concept that may be written to although the lock names another one.
    pub rebind: Option<ConceptId>,
    /// Texts whose rewrite by the server is accepted.
    pub accept_rewrite: Vec<Field>,
    /// An apply that did not end.
    pub unfinished: Option<UnfinishedApply>,
    /// Who may read the plan.
    pub readers: Readers,
    /// How far the plan goes.
    pub aim: Aim,
    /// Whether who has access is left as it is.
    pub leaves_access: bool,
}

/// How far a plan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// To what the manifest says.
    Release,
    /// To an open draft of the next version, whose DOI is known then.
    Reserve,
}

/// Who may read what a run prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The record's owner, at a terminal.
    Owner,
    /// Everybody, as for the log of a pull request's check: what another client's draft holds is
    /// withheld.
    Everybody,
}

impl Policy {
    /// Approves what only a person can decide, for a plan that is compared with an expected digest:
    /// that covers the version that is written over, and the communities that are left. What a
    /// community declined has a flag of its own, which a plan shows.
    pub fn approve_expected(&mut self, observed: &Observed, binding: &Binding) {
        let allowed = &mut self.allowed;
        allowed.over = allowed.over.or_else(|| observed.published().map(|record| record.id));
        let asked = binding.record.iter().flat_map(|record| record.asked.keys());
        allowed.leave.extend(asked.cloned());
    }

    /// Approves what a saved plan shows, and so was decided when it was saved. What a community
    /// declined needs the flag.
    pub fn approve_saved(&mut self, saved: &Plan) {
        let allowed = &mut self.allowed;
        allowed.initial = true;
        allowed.over = allowed.over.or(saved.base.version);
        for blocker in &saved.blockers {
            if let Blocker::LeavesCommunity(community) = blocker {
                allowed.leave.insert(community.clone());
            }
        }
    }

    /// Returns whether who has access is compared and changed.
    pub fn gives_access(&self) -> bool {
        self.aim == Aim::Release && !self.leaves_access
    }

    /// Returns the policy of a run without flags.
    pub fn on(today: impl Into<String>) -> Self {
        Self {
            today: today.into(),
            flags: PlanFlags::default(),
            allowed: PlanFlags::default(),
            rebind: None,
            accept_rewrite: Vec::new(),
            unfinished: None,
            readers: Readers::Owner,
            aim: Aim::Release,
            leaves_access: false,
        }
    }
}

/// What the journal says of an apply that did not end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedApply {
    /// The digest of its plan.
    pub digest: Sha256,
    /// The random id in the title of its create call.
    pub create_id: Option<String>,
    /// Whether its create call was made and no answer arrived.
    pub creating: bool,
    /// The draft or edit that it opened, when the answer arrived.
    pub draft: Option<OpenDraft>,
    /// The version of which it asked for a new one or an edit, when no answer arrived.
    pub opening: Option<RecordId>,
    /// Whether it replaced the metadata of that draft by the records API, or tried to.
    pub writes_by_records: bool,
}

impl UnfinishedApply {
    /// Returns whether a draft is that of its create call, by the id in the title.
    pub fn made(&self, candidate: &Candidate) -> bool {
        self.create_id.as_ref().is_some_and(|id| candidate.is_made_by(id))
    }
}
