//! The messages about what communities decide, and about waiting for them.

use sha2::{Digest, Sha256 as Hasher};

use super::notifications::{Due, Notifier};
use crate::apply::Applied;
use crate::model::{Community, Field, RecordId, Sha256};
use crate::notify::Event;
use crate::observed::Record;
use crate::plan::{Plan, compute_digest};
use crate::render::escape_text;

/// What a community decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It took the record, or published the draft.
    Accepted,
    /// It does not take it.
    Declined,
    /// The request was cancelled, or is gone.
    Cancelled,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Accepted => "accepted",
            Verdict::Declined => "declined",
            Verdict::Cancelled => "cancelled",
        }
    }
}

/// A decision of a community.
#[derive(Debug)]
pub(super) struct Decision {
    /// Whose; none where the server does not say.
    pub(super) community: Option<Community>,
    /// The draft that it reviewed; none for a published record.
    pub(super) draft: Option<RecordId>,
    /// What it is.
    pub(super) verdict: Verdict,
}

impl Decision {
    /// Returns it as a sentence.
    pub(super) fn describe(&self) -> String {
        let who = self.community.as_ref();
        let who = who.map_or_else(
            || "A community".to_owned(),
            |slug| format!("Community {}", escape_text(&slug.0)),
        );
        match (self.verdict, self.draft) {
            (Verdict::Accepted, Some(draft)) => {
                format!("{who} accepted draft {draft}: it is published.")
            }
            (Verdict::Accepted, None) => format!("{who} has the record now."),
            (Verdict::Declined, Some(draft)) => {
                format!("{who} declined draft {draft}: it is not published.")
            }
            (Verdict::Declined, None) => format!("{who} declined the record."),
            (Verdict::Cancelled, _) => format!("{who}: the request was cancelled."),
        }
    }
}

impl Notifier<'_> {
    /// Returns the message about a decision.
    pub(super) fn decided(
        &self,
        decision: &Decision,
        record: Option<&Record>,
        plan: &Plan,
    ) -> Option<Due> {
        if !self.is_on() {
            return None;
        }
        let word = decision.verdict.word();
        let community = decision.community.as_ref().map_or("", |slug| slug.0.as_str());
        let id = decision.draft.or(record.map(|record| record.id)).map_or(0.into(), |id| id.0);
        // The same decision is one message, however often it is seen.
        let about = format!("{} {id} {community} {word}", plan.server.url);
        let digest = Sha256(Hasher::digest(about).into()).to_string();
        let message = if plan.is_open() {
            let text = |field| plan.target.metadata.text(field).unwrap_or_default();
            let headline = format!(
                "{}: {} {}",
                decision.describe().trim_end_matches('.'),
                text(Field::Title),
                text(Field::Version)
            );
            self.begin_message(Event::Review, &digest, &headline)
                .data("title", text(Field::Title))
                .data("version", text(Field::Version))
                .fact("community", "Community", community)
                .fact("decision", "Decision", word)
        } else {
            let headline = format!("A community {word} a restricted record");
            self.begin_message(Event::Review, &digest, &headline).fact("decision", "Decision", word)
        };
        Some(Due::more(message))
    }

    /// Returns the message that an apply waits for communities.
    pub(super) fn waits_for(&self, applied: &Applied, plan: &Plan) -> Option<Due> {
        if applied.waits_for.is_empty() || !self.is_on() {
            return None;
        }
        let digest = compute_digest(plan).to_string();
        let message = if plan.is_open() {
            let text = |field| plan.target.metadata.text(field).unwrap_or_default();
            let (title, version) = (text(Field::Title), text(Field::Version));
            let names: Vec<&str> = applied.waits_for.iter().map(|slug| slug.0.as_str()).collect();
            let headline = format!("Waiting for a community: {title} {version}");
            self.begin_message(Event::Waiting, &digest, &headline)
                .data("title", title)
                .data("version", version)
                .fact("communities", "Communities", &names.join(", "))
        } else {
            self.begin_message(
                Event::Waiting,
                &digest,
                "Waiting for a community: a restricted record",
            )
        };
        Some(Due::more(message))
    }
}
