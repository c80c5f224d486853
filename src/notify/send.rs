//! Sends a message to a channel: three tries, with the pauses that the channel asks for. A message
//! that may have arrived is sent again only where the channel drops a second one.

use std::time::Duration;

use serde_json::Value as Json;

use crate::clock::{Clock, Deadline};
use crate::http::{Delivered, DeliveryError, Redactor, deliver};

use super::channel::{Channel, Target};
use super::mail::{MailError, send_mail};
use super::message::Message;
use super::program::{ProgramError, Surroundings, run_program};
use super::request::{list_secrets, make_delivery};
use super::text::{clean_line, cut};

/// How often a message is tried.
const TRIES: u32 = 3;

/// The pause before the second try; three times as long before the third.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause that a channel gets.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long one try may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What to do where a server for mail refuses.
const MAIL_HINT: &str = "look at `server`, `tls`, `user` and `password` of the channel";

/// Characters of an answer that are shown.
const SHOWN: usize = 200;

/// Why a channel did not take a message.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No answer came.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// The channel refused it.
    #[error("{host} answered {status}: {said}")]
    Refused {
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What the channel said, shortened and without secrets.
        said: String,
    },
    /// The channel wants a longer pause than it gets.
    #[error("{host} asks for a pause of {} s", .pause.as_secs())]
    Busy {
        /// The host.
        host: String,
        /// The pause.
        pause: Duration,
    },
    /// The server for mail did not take it.
    #[error("{said}")]
    Mail {
        /// Why, shortened and without secrets.
        said: String,
        /// What to do about it.
        hint: Option<&'static str>,
    },
    /// The user's program did not take it.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The time for messages was over before its turn.
    #[error("the time for messages was over")]
    OutOfTime,
}

impl SendError {
    /// Returns what to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Mail { hint, .. } => *hint,
            Self::Refused { status: 404 | 410, .. } => {
                Some("the channel no longer exists there: make a new one")
            }
            Self::Refused { status: 401 | 403, .. } => Some(
                "the channel does not accept its token or its address, or its user may not post there",
            ),
            Self::Refused { status: 300..=399, .. } => {
                Some("redirects are not followed: give the address that it leads to")
            }
            Self::Delivery(DeliveryError::Private { .. }) => {
                Some("if it is meant, set `allow_private = true` for the channel")
            }
            Self::Delivery(DeliveryError::Insecure) => Some(
                "plain http is for this machine only, and so is mail without TLS; it needs `allow_private = true`",
            ),
            Self::Delivery(DeliveryError::Unanswered { .. }) => Some("it may have arrived"),
            Self::Refused { .. }
            | Self::Busy { .. }
            | Self::OutOfTime
            | Self::Program(_)
            | Self::Delivery(_) => None,
        }
    }
}

/// Sends messages.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The time.
    pub clock: Clock,
    /// The time limit of the run.
    pub deadline: Deadline,
    /// How long one try may take at most; 20 seconds where it is longer.
    pub timeout: Duration,
    /// Where programs of the user run.
    pub surroundings: Surroundings,
}

/// What becomes of a try.
enum Outcome {
    Sent,
    Again(Option<Duration>, SendError),
    Failed(SendError),
}

impl Sender {
    /// Sends a message to a channel.
    ///
    /// # Errors
    /// A [`SendError`] when it was not taken, or may not have been.
    pub async fn send(&self, channel: &Channel, message: &Message) -> Result<(), SendError> {
        let mut tried = 1;
        loop {
            let (pause, error) = match self.try_once(channel, message).await {
                Outcome::Sent => return Ok(()),
                Outcome::Failed(error) => return Err(error),
                Outcome::Again(pause, error) => (pause, error),
            };
            let pause = pause.unwrap_or(PAUSE * 3_u32.pow(tried - 1));
            if tried == TRIES || self.deadline.left() <= pause {
                return Err(error);
            }
            tracing::debug!(target: "notify", "{}: again after {} s: {error}", channel.name, pause.as_secs());
            self.deadline.sleep(pause).await;
            tried += 1;
        }
    }

    async fn try_once(&self, channel: &Channel, message: &Message) -> Outcome {
        if self.deadline.is_over() {
            return Outcome::Failed(SendError::OutOfTime);
        }
        let timeout = self.timeout.min(TIMEOUT).min(self.deadline.left());
        if let Target::Program(command) = &channel.target {
            let ran = run_program(command, message, (&self.surroundings, timeout)).await;
            // What a program did before it failed is not known, so it is run once.
            return ran.map_or_else(|error| Outcome::Failed(error.into()), |()| Outcome::Sent);
        }
        if let Target::Email(server) = &channel.target {
            let sent = send_mail(server, message, (channel.allow_private, timeout)).await;
            return sent.map_or_else(|error| judge_mail(channel, error), |()| Outcome::Sent);
        }
        let now = self.clock.now().as_second();
        let Some(delivery) = make_delivery(channel, message, (now, timeout)) else {
            return Outcome::Failed(DeliveryError::Unusable.into());
        };
        let host = delivery.url.host_str().unwrap_or_default().to_owned();
        tracing::debug!(target: "notify", "{}: {} to {host}", channel.name, message.id);
        match deliver(delivery).await {
            Ok(receipt) => judge(channel, host, &receipt),
            Err(error @ DeliveryError::Unsent { .. }) => Outcome::Again(None, error.into()),
            Err(error @ DeliveryError::Unanswered { .. }) if drops_repetitions(channel) => {
                Outcome::Again(None, error.into())
            }
            Err(error) => Outcome::Failed(error.into()),
        }
    }
}

/// Returns whether a channel takes a message of the same id once.
fn drops_repetitions(channel: &Channel) -> bool {
    match channel.target {
        Target::Webhook { .. } | Target::Matrix { .. } => true,
        Target::Slack(_)
        | Target::Mattermost(_)
        | Target::Discord(_)
        | Target::Teams(_)
        | Target::Ntfy { .. }
        | Target::Email(_)
        | Target::Program(_) => false,
    }
}

fn judge_mail(channel: &Channel, error: MailError) -> Outcome {
    let is_passing = matches!(error, MailError::Unreached(_) | MailError::Busy { .. });
    let error = match error {
        // It has a hint of its own.
        MailError::Address(error) => error.into(),
        error @ (MailError::Unusable
        | MailError::Unreached(_)
        | MailError::Busy { .. }
        | MailError::Refused { .. }) => {
            let hint = matches!(error, MailError::Refused { .. }).then_some(MAIL_HINT);
            let said = read_answer(channel, error.to_string().as_bytes());
            SendError::Mail { said, hint }
        }
    };
    if is_passing { Outcome::Again(None, error) } else { Outcome::Failed(error) }
}

fn judge(channel: &Channel, host: String, delivered: &Delivered) -> Outcome {
    let status = delivered.status;
    if (200..300).contains(&status) && is_taken(channel, &delivered.body) {
        return Outcome::Sent;
    }
    let pause = delivered.retry_after.or_else(|| read_pause(&delivered.body));
    if let Some(pause) = pause.filter(|pause| status == 429 && *pause > LONGEST_PAUSE) {
        return Outcome::Failed(SendError::Busy { host, pause });
    }
    let error = SendError::Refused { host, status, said: read_answer(channel, &delivered.body) };
    // The others would be refused again.
    if status == 429 || matches!(status, 500 | 502 | 503 | 504) {
        return Outcome::Again(pause.map(|pause| pause.min(LONGEST_PAUSE)), error);
    }
    Outcome::Failed(error)
}

/// Returns whether an answer of success is one of the channel's: a page for signing in to a network
/// is a success too.
fn is_taken(channel: &Channel, body: &[u8]) -> bool {
    if !matches!(channel.target, Target::Matrix { .. }) {
        return true;
    }
    let json: Option<Json> = serde_json::from_slice(body).ok();
    json.is_some_and(|json| json["event_id"].is_string())
}

/// Returns the pause that a body asks for, as Discord and Matrix write it.
fn read_pause(body: &[u8]) -> Option<Duration> {
    let json: Json = serde_json::from_slice(body).ok()?;
    let seconds = json["retry_after"].as_f64();
    let seconds = seconds.or_else(|| Some(json["retry_after_ms"].as_f64()? / 1000.0))?;
    // Rounded up: a pause that is too short is refused again.
    Duration::try_from_secs_f64(seconds.ceil()).ok()
}

/// Returns what a channel said, for a person.
fn read_answer(channel: &Channel, body: &[u8]) -> String {
    let text = clean_line(&String::from_utf8_lossy(body));
    let said = cut(&redact(channel, text), SHOWN);
    if said.is_empty() { "nothing".to_owned() } else { said }
}

/// Takes the channel's secrets out of a text.
fn redact(channel: &Channel, mut text: String) -> String {
    for secret in list_secrets(channel) {
        match Redactor::new(&[secret.into()]) {
            Ok(redactor) => text = redactor.redact_text(text),
            // A text that can't be searched is not shown.
            Err(_) => return String::new(),
        }
    }
    text
}
