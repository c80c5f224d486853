//! Sends the messages about a run to the channels that its manifest names: after everything is on
//! disk, and whatever becomes of them, the run ends as it would have.
//!
//! A [`Notifier`] is no sink: a sink does not wait, and does not know why a run failed.

use std::time::Duration;

use futures_util::future::join_all;
use sha2::{Digest, Sha256 as Hasher};

use super::channels::Channels;
use super::context::Context;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::interruption::stop_signal;
use super::{ci, environment};
use crate::apply::Applied;
use crate::compare::{Agreement, Fact, Verified};
use crate::engine::Project;
use crate::http::READ_TIMEOUT;
use crate::model::{Doi, Field, ServerKind, Sha256};
use crate::notify::{Begun, Channel, Event, Message, SendError, Sender, SentNotes, Surroundings};
use crate::observed::Record;
use crate::plan::{Operation, Plan, compute_digest};
use crate::render::{describe_facts, escape_text};

/// How long all messages of a run may take: as long as three tries with the longest pauses.
const LONGEST: Duration = Duration::from_mins(2);

/// How long they may take where the time of the run is over: a message says so.
const SHORTEST: Duration = Duration::from_secs(15);

/// A message that is due, and whether its apply is settled by it.
#[derive(Debug)]
pub(super) struct Due {
    message: Message,
    is_last: bool,
}

impl Due {
    /// Returns a message that does not settle an apply.
    pub(super) fn more(message: Message) -> Self {
        Self { message, is_last: false }
    }
}

/// Sends the messages of one project's run.
pub(super) struct Notifier<'a> {
    context: &'a Context,
    project: &'a Project,
    notes: SentNotes,
    /// Whether this run sends messages at all.
    is_on: bool,
}

impl<'a> Notifier<'a> {
    /// Makes the notifier of a project: off without channels, for a rehearsal on this machine, and
    /// in pull requests.
    pub(super) fn new(context: &'a Context, project: &'a Project) -> Self {
        let is_on = !project.manifest.notify.is_empty()
            && project.server.kind != ServerKind::Local
            && !ci::is_pull_request();
        let notes = SentNotes::at(project.paths.sent_notes(&project.server));
        Self { context, project, notes, is_on }
    }

    /// Notes that an apply begins, so that a message that a kill prevents is sent by the next run.
    pub(super) fn begin(&self, plan: &Plan) {
        if !self.is_on {
            return;
        }
        let begun = Begun {
            digest: compute_digest(plan).to_string(),
            base: plan.base.version.map(|id| id.to_string()),
            makes_version: plan.operation.makes_version(),
        };
        if let Err(error) = self.notes.begin(&begun) {
            self.warn(&format!("can't note that a message is due: {error}"), None);
        }
    }

    /// Returns the message about what an apply published.
    pub(super) fn applied(&self, applied: &Applied, plan: &Plan) -> Option<Due> {
        let record = applied.record.as_ref().filter(|_| self.is_on)?;
        let is_change = match plan.operation {
            Operation::NewRecord { .. } | Operation::NewVersion { .. } => false,
            Operation::Edit { .. } => true,
            // To ask a community, or to share, changes nothing that is published.
            Operation::Communities { .. }
            | Operation::Access { .. }
            | Operation::Nothing
            | Operation::Impossible => {
                self.notes.end();
                return None;
            }
        };
        let digest = self.find_digest(plan);
        let message = self.tell_published(record, plan, (&digest, is_change));
        Some(Due { message, is_last: true })
    }

    /// Returns the message about what an earlier run published and could not send, where nothing is
    /// left to do.
    pub(super) fn settled(&self, record: Option<&Record>, plan: &Plan) -> Option<Due> {
        let begun = self.notes.begun().filter(|_| self.is_on)?;
        // Whether an edit was done does not show: the manifest may have been taken back.
        let is_done =
            |record: &&Record| begun.makes_version && begun.base != Some(record.id.to_string());
        let Some(record) = record.filter(is_done) else {
            self.notes.end();
            return None;
        };
        let message = self.tell_published(record, plan, (&begun.digest, false));
        Some(Due { message, is_last: true })
    }

    /// Returns the message that an apply failed after it began.
    pub(super) fn failed(&self, failure: &Failure, plan: &Plan) -> Option<Due> {
        // Who interrupts a run knows that it ended.
        let is_told = self.is_on && failure.code != ExitCode::Interrupted;
        is_told.then(|| self.tell_failure((Event::Failed, "Apply failed"), failure, plan))
    }

    /// Returns the message that a run ended because a community's review is not done.
    pub(super) fn waiting(&self, failure: &Failure, plan: &Plan) -> Option<Due> {
        let is_told = self.is_on && failure.code == ExitCode::Waiting;
        let what = (Event::Waiting, "Waiting for a community");
        is_told.then(|| self.tell_failure(what, failure, plan))
    }

    /// Returns the message that what is published is not what was applied. `is_open` is whether
    /// everybody can read the record, as the server says; where it does not answer, the manifest
    /// counts.
    pub(super) fn drifted(&self, verified: &Verified, is_open: Option<bool>) -> Option<Due> {
        let differs = |fact: &&Fact| fact.agreement() == Agreement::Differs;
        let what = describe_facts(verified.facts.iter().filter(differs));
        // The notes stand there, and a command that only reads makes no folder without need.
        self.project.zrel_dir().ok().filter(|_| self.is_on && !what.is_empty())?;
        // The same differences are one message, however often they are found.
        let about = format!("{} {} {what}", self.project.server.url, verified.id);
        let digest = Sha256(Hasher::digest(about).into()).to_string();
        let metadata = &self.project.manifest.metadata.values;
        let is_declared_open = metadata.text(Field::AccessRight).unwrap_or("open") == "open";
        let message = if is_open.unwrap_or(is_declared_open) {
            let doi = verified.doi.as_ref().map(Doi::to_string);
            let name = doi.clone().unwrap_or_else(|| format!("record {}", verified.id));
            let page = format!("{}/records/{}", self.project.server.url, verified.id);
            self.begin_message(Event::Drift, &digest, &format!("Not as applied: {name}"))
                .fact("doi", "DOI", doi.as_deref().unwrap_or_default())
                .fact("drift", "What differs", &what)
                .link("Open the record", &page)
        } else {
            self.begin_message(Event::Drift, &digest, "A restricted record is not as applied")
        };
        Some(Due { message, is_last: false })
    }

    /// Sends a message that is due.
    pub(super) async fn send(&self, due: Option<Due>) {
        self.send_by(&make_sender(self.context), due).await;
    }

    /// Sends a message that is due, as one of several.
    pub(super) async fn send_by(&self, sender: &Sender, due: Option<Due>) {
        let Some(Due { message, is_last }) = due else { return };
        self.send_message(sender, &message).await;
        if is_last {
            self.notes.end();
        }
    }

    /// Returns the digest that stands for an apply: that of the run that began it.
    fn find_digest(&self, plan: &Plan) -> String {
        let begun = self.notes.begun().map(|begun| begun.digest);
        begun.unwrap_or_else(|| compute_digest(plan).to_string())
    }

    fn tell_published(
        &self,
        record: &Record,
        plan: &Plan,
        (digest, is_change): (&str, bool),
    ) -> Message {
        let what = if is_change { "Metadata changed" } else { "Published" };
        if !plan.is_open() {
            let words = if is_change {
                "The metadata of a restricted record were changed"
            } else {
                "A restricted record was published"
            };
            return self.begin_message(Event::Published, digest, words);
        }
        let text = |field| record.metadata.text(field).unwrap_or_default();
        let headline = format!("{what}: {} {}", text(Field::Title), text(Field::Version));
        let doi = record.doi.as_ref().map_or("", Doi::as_str);
        let concept = record.concept_doi.as_ref().map_or("", Doi::as_str);
        let page = format!("{}/records/{}", self.project.server.url, record.id);
        self.begin_message(Event::Published, digest, &headline)
            .data("title", text(Field::Title))
            .data("version", text(Field::Version))
            .fact("doi", "DOI", doi)
            .fact("concept_doi", "All versions", concept)
            .link("Open the record", &page)
    }

    fn tell_failure(&self, (event, what): (Event, &str), failure: &Failure, plan: &Plan) -> Due {
        let digest = compute_digest(plan).to_string();
        let code = failure.code.number().to_string();
        let message = if plan.is_open() {
            let text = |field| plan.target.metadata.text(field).unwrap_or_default();
            let headline = format!("{what}: {} {}", text(Field::Title), text(Field::Version));
            let why = std::iter::once(&failure.message).chain(&failure.causes);
            let why = why.map(String::as_str).collect::<Vec<_>>().join(": ");
            self.begin_message(event, &digest, &headline)
                .data("title", text(Field::Title))
                .data("version", text(Field::Version))
                .fact("error", "Error", &why)
        } else {
            self.begin_message(event, &digest, &format!("{what}: a restricted record"))
        };
        Due { message: message.fact("exit_code", "Exit code", &code), is_last: false }
    }

    /// Returns whether this run sends messages at all.
    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Begins a message about a digest.
    pub(super) fn begin_message(&self, event: Event, digest: &str, headline: &str) -> Message {
        let server = &self.project.server;
        // A record of the sandbox must not be taken for a real one.
        let name = if server.kind == ServerKind::Zenodo { "" } else { server.name.as_str() };
        let time = self.project.clock.now().to_string();
        Message::new(event, digest, &time, headline).fact("server", "Server", name)
    }

    /// Sends a message to each channel that takes it and did not get it yet.
    async fn send_message(&self, sender: &Sender, message: &Message) {
        let channels = match Channels::read() {
            Ok(channels) => channels,
            Err(failure) => return self.warn_failure(&failure),
        };
        let mut wanted = Vec::new();
        for name in &self.project.manifest.notify {
            match channels.find(name) {
                Ok(channel) if channel.takes(message.event) => wanted.push(channel),
                Ok(_) => {}
                Err(failure) => self.warn_failure(&failure),
            }
        }
        wanted.retain(|channel| !self.notes.has(&message.id, &channel.name));
        if wanted.is_empty() {
            return;
        }
        let send = async |channel: &Channel| {
            let sent = sender.send(channel, message).await;
            let noted =
                if sent.is_ok() { self.notes.note(&message.id, &channel.name) } else { Ok(()) };
            (sent, noted)
        };
        let all = join_all(wanted.iter().map(send));
        let results = tokio::select! {
            results = all => results,
            () = stop_signal() => {
                return self.warn("stopped before all messages were sent", None);
            }
        };
        for (channel, (sent, noted)) in wanted.iter().zip(results) {
            let about = describe_channel(channel);
            match sent {
                Ok(()) => self.context.terminal.inform(&format!("Sent a message to {about}.")),
                Err(error) => {
                    let hint = error.hint();
                    self.warn(&format!("can't send to {about}: {}", describe_error(&error)), hint);
                }
            }
            if let Err(error) = noted {
                self.warn(&format!("can't note that {about} got its message: {error}"), None);
            }
        }
    }

    fn warn_failure(&self, failure: &Failure) {
        let parts = std::iter::once(&failure.message).chain(&failure.causes);
        let text = parts.map(String::as_str).collect::<Vec<_>>().join(": ");
        self.warn(&text, failure.hints.first().map(String::as_str));
    }

    fn warn(&self, text: &str, hint: Option<&str>) {
        let terminal = &self.context.terminal;
        terminal.say(&format!("warning: {}", escape_text(text)));
        if let Some(hint) = hint {
            terminal.say(&format!("hint: {}", escape_text(hint)));
        }
    }
}

/// Makes what sends the messages of a run.
pub(super) fn make_sender(context: &Context) -> Sender {
    let (clock, deadline) = context.time().clone();
    let timeout = context.global.read_timeout.unwrap_or(READ_TIMEOUT);
    let deadline = clock.deadline_in(deadline.left().clamp(SHORTEST, LONGEST));
    let surroundings = Surroundings {
        variables: environment::list_usual_variables(),
        folder: environment::find_home().unwrap_or_else(environment::find_temporary_folder),
    };
    Sender { clock, deadline, timeout, surroundings }
}

/// Returns a channel in words: its name and its kind, never where it goes.
pub(super) fn describe_channel(channel: &Channel) -> String {
    format!("`{}` ({})", channel.name, channel.target.kind())
}

/// Returns an error and its causes in one line.
pub(super) fn describe_error(error: &SendError) -> String {
    let failure = Failure::of(ExitCode::Failed, error);
    std::iter::once(failure.message).chain(failure.causes).collect::<Vec<_>>().join(": ")
}

/// Returns whether messages are off because this is a run of CI for a pull request.
pub(super) fn is_off_here() -> bool {
    ci::is_pull_request()
}

/// Makes a message that tries a channel.
pub(super) fn make_test_message(context: &Context) -> Message {
    let time = context.time().0.now().to_string();
    let id = uuid::Uuid::new_v4().simple().to_string();
    let place = if environment::is_ci() { "CI" } else { "a terminal" };
    Message::new(Event::Test, &id, &time, "Test message from zrel")
        .fact("from", "Sent from", place)
        .fact("note", "Note", "This channel works.")
}
