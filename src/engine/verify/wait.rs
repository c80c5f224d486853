//! Waits until a release is there for everybody: it answers, its files are what was applied, its
//! concept points to it, and its DOI leads to it.

use std::time::Duration;

use crate::api::ApiErrorKind;
use crate::clock::{Clock, Deadline};
use crate::compare::{Agreement, Fact, Part, Verified};
use crate::engine::error::EngineError;
use crate::model::RecordId;

use super::look::{Looked, Verifier};
use super::resolve::DoiResolver;

/// The first pause between two looks; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Waits for releases of one server.
#[derive(Debug, Clone, Copy)]
pub struct Waiter<'a> {
    /// What looks at them.
    pub verifier: Verifier<'a>,
    /// The resolver to which their DOIs must be known; none to leave that out.
    pub resolver: Option<&'a DoiResolver>,
    /// The time.
    pub clock: &'a Clock,
    /// Until when to wait.
    pub deadline: &'a Deadline,
}

/// How a wait ended.
#[derive(Debug)]
pub struct Waited {
    /// What the last look found.
    pub verified: Verified,
    /// How it ended.
    pub end: WaitEnd,
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitEnd {
    /// The release is there.
    Ready,
    /// The time is over.
    TimeOver,
    /// It was deleted, and will not be there.
    Deleted,
}

impl Waited {
    /// Returns what kept the release from being ready.
    pub fn list_missing(&self) -> impl Iterator<Item = &Fact> {
        list_missing(&self.verified)
    }
}

impl Waiter<'_> {
    /// Waits until a version, or the latest one of a concept, is there. `on_pause` gets what the
    /// last look found, before each pause.
    ///
    /// # Errors
    /// [`EngineError::Api`] for an answer that waiting does not change, such as refused credentials.
    pub async fn wait(
        self,
        asked: RecordId,
        on_pause: &(dyn Fn(&Verified) + Sync),
    ) -> Result<Waited, EngineError> {
        let mut pause = FIRST_PAUSE;
        let mut last = None;
        loop {
            let (verified, asked_pause) = match self.look(asked).await {
                Ok(verified) => (verified, None),
                Err(EngineError::Api(error)) if error.is_time_over() => {
                    let verified = last.unwrap_or_else(|| describe_silence(asked, &error));
                    return Ok(Waited { verified, end: WaitEnd::TimeOver });
                }
                Err(EngineError::Api(error)) if is_passing(error.kind()) => {
                    (describe_silence(asked, &error), error.short_wait())
                }
                Err(error) => return Err(error),
            };
            if list_missing(&verified).next().is_none() {
                return Ok(Waited { verified, end: WaitEnd::Ready });
            }
            if verified.facts.iter().any(is_deleted) {
                return Ok(Waited { verified, end: WaitEnd::Deleted });
            }
            let wait = asked_pause.unwrap_or_default().max(pause);
            // A look that could not end in time would say less than the last one.
            if self.deadline.left() <= wait {
                self.deadline.sleep(wait).await;
                return Ok(Waited { verified, end: WaitEnd::TimeOver });
            }
            on_pause(&verified);
            self.clock.sleep(wait).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            last = Some(verified);
        }
    }

    async fn look(self, asked: RecordId) -> Result<Verified, EngineError> {
        let Looked { mut verified, .. } = self.verifier.look_at_release(asked).await?;
        let answers = !verified.facts.iter().any(is_unanswered);
        if let Some(resolver) = self.resolver.filter(|_| answers) {
            verified.facts.push(match &verified.doi {
                Some(doi) => resolver.look(doi, verified.id, self.verifier.server).await?,
                None => Fact::NoAnswer("the record has no DOI that could be asked for".to_owned()),
            });
        }
        Ok(verified)
    }
}

/// Returns what keeps a version from being ready.
fn list_missing(verified: &Verified) -> impl Iterator<Item = &Fact> {
    verified.facts.iter().filter(|fact| {
        match fact.agreement() {
            Agreement::Same => false,
            // Files that are hidden are there, and can't be looked at.
            Agreement::Unchecked => {
                matches!(fact, Fact::Unchecked { what: Part::Record | Part::Concept, .. })
            }
            // A newer version came meanwhile, and the concept points to that one from now on.
            Agreement::Differs => {
                !matches!(fact, Fact::Concept(pointing) if pointing.index > verified.index)
            }
        }
    })
}

fn is_deleted(fact: &Fact) -> bool {
    matches!(fact, Fact::Gone { status: 410, .. })
}

fn is_unanswered(fact: &Fact) -> bool {
    matches!(fact, Fact::Gone { .. } | Fact::Unchecked { what: Part::Record, .. })
}

/// Returns whether a call that failed may succeed later.
fn is_passing(kind: &ApiErrorKind) -> bool {
    match kind {
        ApiErrorKind::RateLimited { .. }
        | ApiErrorKind::Unavailable { .. }
        | ApiErrorKind::Elsewhere(_) => true,
        ApiErrorKind::Transport(error) => error.is_passing(),
        ApiErrorKind::Refused { .. }
        | ApiErrorKind::Forbidden { .. }
        | ApiErrorKind::NotFound { .. }
        | ApiErrorKind::Stale { .. }
        | ApiErrorKind::NeitherApi
        | ApiErrorKind::Incomplete(_)
        | ApiErrorKind::NotZenodo { .. } => false,
    }
}

/// Describes a version about which no answer came.
fn describe_silence(id: RecordId, error: &(dyn std::error::Error + 'static)) -> Verified {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    let facts = vec![Fact::NoAnswer(message)];
    Verified { id, doi: None, label: None, index: 0, facts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Pointing;
    use crate::model::ConceptId;

    fn concept(latest: u64, index: u64) -> Fact {
        Fact::Concept(Pointing {
            concept: ConceptId(1.into()),
            latest: RecordId(latest.into()),
            doi: None,
            label: None,
            index,
            wanted: Some(RecordId(3.into())),
            is_known: true,
        })
    }

    fn is_ready(fact: Fact) -> bool {
        let verified = Verified {
            id: RecordId(3.into()),
            doi: None,
            label: None,
            index: 2,
            facts: vec![fact],
        };
        list_missing(&verified).next().is_none()
    }

    #[test]
    fn a_concept_that_points_to_an_earlier_version_is_waited_for_and_a_newer_one_is_not() {
        assert!(!is_ready(concept(2, 1)));
        assert!(is_ready(concept(3, 2)));
        assert!(is_ready(concept(4, 3)));
        assert!(!is_ready(concept(9, 2)), "another record");
    }

    #[test]
    fn hidden_files_are_not_waited_for_and_a_hidden_record_is() {
        let unchecked = |what| Fact::Unchecked { what, why: String::new() };
        assert!(is_ready(unchecked(Part::Files)));
        assert!(!is_ready(unchecked(Part::Record)));
        assert!(!is_ready(Fact::Gone { status: 404, message: String::new() }));
    }
}
