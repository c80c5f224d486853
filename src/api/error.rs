//! Why a call failed, in the server's own words, and whether the server may have done it anyway.

use std::time::Duration;

use serde_json::Value as Json;

use crate::http::{Answer, HttpError, RETRY_BUDGET};
use crate::model::{ConceptId, RecordId};

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{doing} failed")]
pub struct ApiError {
    doing: String,
    outcome: Outcome,
    #[source]
    kind: ApiErrorKind,
}

/// Whether the server may have done a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did not.
    NotDone,
    /// Not known: the caller must look.
    Unknown,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiErrorKind {
    /// The server refused the call.
    #[error("the server refuses it ({status}): {message}{}", fields(.field_errors))]
    Refused {
        /// HTTP status.
        status: u16,
        /// In the server's own words.
        message: String,
        /// The messages about single fields.
        field_errors: Vec<(String, Vec<String>)>,
    },
    /// No credentials, wrong ones, or another user's record: the server does not distinguish them.
    #[error("the server refuses these credentials ({status}): {message}")]
    Forbidden {
        /// HTTP status.
        status: u16,
        /// In the server's own words.
        message: String,
    },
    /// It never existed, or was removed.
    #[error("not found ({status}): {message}")]
    NotFound {
        /// 404 or 410.
        status: u16,
        /// In the server's own words.
        message: String,
    },
    /// Another client changed it since it was read.
    #[error("it has changed since it was read: {message}")]
    Stale {
        /// In the server's own words.
        message: String,
    },
    /// Too many requests.
    #[error("too many requests: {message}{}", asked(*.wait))]
    RateLimited {
        /// In the server's own words.
        message: String,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    /// The server, or a proxy before it, is out of order.
    #[error("the server is not available ({status}): {message}")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// In the server's own words.
        message: String,
    },
    /// The answer does not come from a Zenodo server.
    #[error(
        "the server is not a Zenodo: status {status}, `{content_type}`, beginning with `{start}`"
    )]
    NotZenodo {
        /// HTTP status.
        status: u16,
        /// The answer's media type.
        content_type: String,
        /// How its body begins.
        start: String,
    },
    /// The server has neither of the APIs.
    #[error("the server has neither the deposit API nor the records API of InvenioRDM")]
    NeitherApi,
    /// The answer lacks what every plan needs.
    #[error("zrel can't use the answer: {0}")]
    Incomplete(String),
    /// The answer is about something else, as when a proxy or a cache mixes answers up.
    #[error("the answer is about something else: {0}")]
    Elsewhere(String),
    /// No answer came.
    #[error(transparent)]
    Transport(#[from] HttpError),
}

/// How long to wait after too many requests when the server names no time.
const PAUSE: Duration = Duration::from_secs(10);

/// How much of an answer is shown. Characters.
const SHOWN: usize = 500;

impl ApiError {
    /// Makes an error of a call without an answer.
    pub(super) fn transport(doing: String, error: HttpError) -> Self {
        let outcome = if error.is_not_done() { Outcome::NotDone } else { Outcome::Unknown };
        Self { doing, outcome, kind: ApiErrorKind::Transport(error) }
    }

    /// Makes an error of an answer that reports a failure or does not have the expected form.
    pub(super) fn answer(doing: String, answer: &Answer) -> Self {
        let status = answer.status;
        let json: Option<Json> = serde_json::from_slice(&answer.body).ok();
        let message = message(answer, json.as_ref());
        let is_json = json.as_ref().is_some_and(Json::is_object);
        let kind = match status {
            // A gateway reports an outage with any body, so that the status alone decides.
            500..=599 => ApiErrorKind::Unavailable { status, message },
            // Before the media type: a proxy that limits requests answers with its own HTML page.
            429 => ApiErrorKind::RateLimited { message, wait: answer.retry_after },
            // Zenodo explains every refusal in JSON; a 403 or 404 page is another program's.
            _ if !is_json => not_zenodo(answer),
            // Zenodo answers 403 also without a token and with a wrong one (zenodo-facts.md).
            401 | 403 => ApiErrorKind::Forbidden { status, message },
            404 | 410 => ApiErrorKind::NotFound { status, message },
            412 => ApiErrorKind::Stale { message },
            400..=499 => {
                ApiErrorKind::Refused { status, message, field_errors: field_errors(json.as_ref()) }
            }
            _ => not_zenodo(answer),
        };
        // A 5xx also comes after the server has done the work (zenodo-facts.md, Limits).
        let outcome =
            if (400..500).contains(&status) { Outcome::NotDone } else { Outcome::Unknown };
        Self { doing, outcome, kind }
    }

    /// Makes an error of an answer that took the call and names values that it dropped; `None` where
    /// it names none. That a draft has no file yet is no fault of the metadata.
    ///
    /// Source: contract/scenarios/native-put-invalid.json, 2026-11-28.
    pub(super) fn dropped(doing: String, answer: &Answer) -> Option<Self> {
        let json: Option<Json> = serde_json::from_slice(&answer.body).ok();
        let mut field_errors = field_errors(json.as_ref());
        field_errors.retain(|(field, _)| field != "files.enabled");
        if field_errors.is_empty() {
            return None;
        }
        let message = "it keeps the draft without some of the values".to_owned();
        Some(Self::of(
            doing,
            ApiErrorKind::Refused { status: answer.status, message, field_errors },
        ))
    }

    /// Makes an error of a call that the server has not done.
    pub(super) fn of(doing: String, kind: ApiErrorKind) -> Self {
        Self { doing, outcome: Outcome::NotDone, kind }
    }

    /// Makes the error of a new version that was opened before, in the form of the deposit API's
    /// refusal.
    pub(super) fn draft_open(doing: String, draft: RecordId) -> Self {
        let message = format!("draft {draft} of a new version is open");
        let field_errors = vec![("files.enabled".to_owned(), vec![message.clone()])];
        Self::of(doing, ApiErrorKind::Refused { status: 400, message, field_errors })
    }

    /// Makes an error of an answer of the server that lacks what every plan needs.
    pub fn incomplete(doing: String, what: &str) -> Self {
        Self::of(doing, ApiErrorKind::Incomplete(what.to_owned()))
    }

    /// Makes the error of a call that failed after the draft that it is about was opened: a look
    /// finds the draft. One that the server does not show is late, or was published by another
    /// client.
    pub(super) fn after_opening(self, draft: RecordId) -> Self {
        if self.is_not_found() {
            return Self::elsewhere(self.doing, format!("the server does not show draft {draft}"));
        }
        Self { outcome: Outcome::Unknown, ..self }
    }

    /// Makes an error of an answer about something else. It does not show whether the server did
    /// the call.
    pub fn elsewhere(doing: String, what: String) -> Self {
        Self { doing, outcome: Outcome::Unknown, kind: ApiErrorKind::Elsewhere(what) }
    }

    /// Makes an error of an answer about a record other than the one asked for.
    pub fn other_record(doing: String, asked: RecordId, answered: RecordId) -> Self {
        Self::elsewhere(doing, format!("it is about {answered}, and {asked} was asked for"))
    }

    /// Makes an error of an answer about another concept than the one asked for.
    pub fn other_concept(doing: String, asked: ConceptId, answered: ConceptId) -> Self {
        let what = format!("it names concept {answered}, and the record is of concept {asked}");
        Self::elsewhere(doing, what)
    }

    /// Returns why it failed.
    pub fn kind(&self) -> &ApiErrorKind {
        &self.kind
    }

    /// Returns whether the call ended because the time of the run is over.
    pub fn is_time_over(&self) -> bool {
        matches!(self.kind(), ApiErrorKind::Transport(error) if error.is_time_over())
    }

    /// Returns whether the server may have done the call.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns whether the answer is about something else.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.kind, ApiErrorKind::Elsewhere(_))
    }

    /// Returns whether the server does not have it.
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind, ApiErrorKind::NotFound { .. })
    }

    /// Returns whether a new version was refused because a draft of one is open, with files in it
    /// (contract/scenarios/new-version.json, 2026-11-23).
    pub fn is_draft_open(&self) -> bool {
        let ApiErrorKind::Refused { field_errors, .. } = &self.kind else { return false };
        field_errors.iter().any(|(field, _)| field == "files.enabled")
    }

    /// Returns whether a DOI could not be reserved because the draft has one
    /// (contract/scenarios/native-pids.json, 2026-11-28).
    pub(super) fn is_doi_there(&self) -> bool {
        let is_it = |message: &String| message.starts_with("A PID already exists");
        let mut of_doi = self.field_errors().iter().filter(|(field, _)| field == "pids.doi");
        of_doi.any(|(_, messages)| messages.iter().any(is_it))
    }

    /// Returns whether a draft could not be published because the server holds its DOI and the draft
    /// does not have it, or has an empty one (invenio-rdm-records issue 1757, read 2026-11-23).
    pub fn is_doi_missing(&self) -> bool {
        let mut of_doi = self.field_errors().iter().filter(|(field, _)| field == "pids.doi");
        of_doi.any(|(_, messages)| messages.iter().any(|it| it.starts_with("Missing DOI")))
    }

    /// Returns whether an edit could not be published because its files were opened to be changed, and
    /// the time for that is over (`RDM_FILE_MODIFICATION_VALIDATION_ERROR_MESSAGE` of
    /// invenio-rdm-records, read 2026-11-30; not recorded).
    pub fn is_too_late_for_files(&self) -> bool {
        let is_it = |message: &String| message.starts_with("File modification grace period");
        self.field_errors().iter().any(|(_, messages)| messages.iter().any(is_it))
    }

    /// Returns the messages about single fields, by path; empty when the server names no field.
    pub fn field_errors(&self) -> &[(String, Vec<String>)] {
        match &self.kind {
            ApiErrorKind::Refused { field_errors, .. } => field_errors,
            ApiErrorKind::Forbidden { .. }
            | ApiErrorKind::NotFound { .. }
            | ApiErrorKind::Stale { .. }
            | ApiErrorKind::RateLimited { .. }
            | ApiErrorKind::Unavailable { .. }
            | ApiErrorKind::NotZenodo { .. }
            | ApiErrorKind::NeitherApi
            | ApiErrorKind::Incomplete(_)
            | ApiErrorKind::Elsewhere(_)
            | ApiErrorKind::Transport(_) => &[],
        }
    }

    /// Returns whether credentials or ownership are the reason.
    pub fn is_forbidden(&self) -> bool {
        matches!(self.kind, ApiErrorKind::Forbidden { .. })
    }

    /// Returns whether the server refused what was sent, with a reason.
    pub fn is_refused(&self) -> bool {
        matches!(self.kind, ApiErrorKind::Refused { .. })
    }

    /// Returns whether another client changed it meanwhile.
    pub fn is_stale(&self) -> bool {
        matches!(self.kind, ApiErrorKind::Stale { .. })
    }

    /// Returns how long to wait before the call may be repeated when there were too many requests;
    /// `None` when that is longer than a retry waits.
    pub fn short_wait(&self) -> Option<Duration> {
        if let ApiErrorKind::RateLimited { wait, .. } = &self.kind {
            return Some(wait.unwrap_or(PAUSE)).filter(|wait| *wait <= RETRY_BUDGET);
        }
        None
    }

    /// Returns the vocabulary word that the server does not know.
    pub fn refused_word(&self) -> Option<&str> {
        if let ApiErrorKind::Refused { status: 400, message, .. } = &self.kind {
            // Some refusals name no field, only `Invalid value paper.` (zenodo-facts.md).
            return message.strip_prefix("Invalid value ")?.strip_suffix('.');
        }
        None
    }

    /// Returns status and message when the server does not have it.
    pub fn not_found(&self) -> Option<(u16, String)> {
        if let ApiErrorKind::NotFound { status, message } = &self.kind {
            return Some((*status, message.clone()));
        }
        None
    }

    /// Returns the server's message when it refuses the credentials.
    pub fn forbidden(&self) -> Option<String> {
        if let ApiErrorKind::Forbidden { message, .. } = &self.kind {
            return Some(message.clone());
        }
        None
    }
}

fn not_zenodo(answer: &Answer) -> ApiErrorKind {
    ApiErrorKind::NotZenodo {
        status: answer.status,
        content_type: cut(&answer.content_type, 80),
        start: cut(&String::from_utf8_lossy(&answer.body), 120),
    }
}

fn message(answer: &Answer, json: Option<&Json>) -> String {
    let words = json.and_then(|json| json["message"].as_str());
    match words {
        Some(words) => cut(words, SHOWN),
        // Not JSON: its beginning shows what answered.
        None => cut(&String::from_utf8_lossy(&answer.body), 120),
    }
}

/// Reads `errors: [{field, messages}]`, or `[{community, message}]` as answers about communities
/// have it (contract/scenarios/communities-by-request.json, 2026-11-23).
fn field_errors(json: Option<&Json>) -> Vec<(String, Vec<String>)> {
    let entry = |json: &Json| {
        let field = json["field"].as_str().or(json["community"].as_str()).unwrap_or_default();
        let messages = json["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let messages = messages.iter().chain(json.get("message"));
        let messages = messages.filter_map(|m| Some(cut(m.as_str()?, SHOWN))).collect();
        (cut(field, 100), messages)
    };
    let list = json.and_then(|json| json["errors"].as_array());
    list.map(|all| all.iter().take(50).map(entry).collect()).unwrap_or_default()
}

fn fields(errors: &[(String, Vec<String>)]) -> String {
    let one =
        |(field, messages): &(String, Vec<String>)| format!("; {field}: {}", messages.join(" "));
    errors.iter().map(one).collect()
}

fn asked(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!("; it asks to wait {} seconds", wait.as_secs()))
}

fn cut(text: &str, length: usize) -> String {
    text.trim().chars().take(length).collect()
}
