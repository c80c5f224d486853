//! Signals that ask a run to stop, and what is known of an apply that is cut short.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::exit_code::ExitCode;
use crate::apply::{ApplyError, ApplyErrorKind, Stop, stop_channel};
use crate::engine::{EngineError, Sink};
use crate::event::Event;
use crate::model::RecordId;
use crate::plan::{Action, Plan};
use crate::terminal::Terminal;

/// How long a run that was asked twice has to report what to look at.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The line after the first signal.
const STOPPING: &str = "      stopping as soon as it is safe; a second one stops at once";

/// Ctrl-C, and the request to end that a runner or a system sends.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // Registered once for the whole run: a new registration would miss a signal in between.
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let came = self.0.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if came { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Waits for Ctrl-C or a request to end.
pub(super) async fn stop_signal() {
    Signals::new().next().await;
}

/// Waits for Ctrl-C, a request to end, or the end of the terminal: for what must not be left behind.
pub(super) async fn end_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut hangup) = signal(SignalKind::hangup()) {
            tokio::select! {
                () = stop_signal() => {}
                _ = hangup.recv() => {}
            }
            return;
        }
    }
    stop_signal().await;
}

/// Listens as long as it lives.
pub(super) struct Interruption {
    /// What an apply looks at.
    pub(super) stop: Stop,
    listener: tokio::task::JoinHandle<()>,
}

impl Interruption {
    /// Begins to listen. The first signal is answered with a line; after the second, a run that
    /// still goes on is ended.
    pub(super) fn listen(terminal: &Arc<Terminal>) -> Self {
        let (sender, stop) = stop_channel();
        let terminal = Arc::clone(terminal);
        let listener = tokio::spawn(async move {
            let mut signals = Signals::new();
            signals.next().await;
            // The apply decides where it is safe to stop: between two calls, not within one.
            terminal.say_beside_bar(STOPPING);
            sender.ask();
            signals.next().await;
            sender.ask();
            // The apply now reports how far it came; a run that hangs must end all the same.
            tokio::time::sleep(LAST_WORDS).await;
            std::process::exit(ExitCode::Interrupted.number().into());
        });
        Self { stop, listener }
    }
}

/// Runs until it is done, or until a person asks twice to stop.
///
/// # Errors
/// Those of the run; [`EngineError::Apply`] when it is cut short.
pub(super) async fn run_until_stopped<T>(
    terminal: &Arc<Terminal>,
    progress: &Progress,
    run: impl AsyncFnOnce(&Stop) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    let interruption = Interruption::listen(terminal);
    run_unless_stopped(&interruption.stop, progress, run).await
}

/// Runs until it is done, or until a person asks twice to stop, of whom another run may have heard.
///
/// # Errors
/// Those of the run; [`EngineError::Apply`] when it is cut short.
pub(super) async fn run_unless_stopped<T>(
    stop: &Stop,
    progress: &Progress,
    run: impl AsyncFnOnce(&Stop) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    tokio::select! {
        done = run(stop) => done,
        () = stop.asked_twice() => {
            // The run is dropped in the middle of a call, so only its events tell how far it came.
            let source = Box::new(progress.cut_short());
            Err(EngineError::Apply { source, sent: Box::default() })
        }
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// How far an apply came, according to its events.
#[derive(Debug, Default)]
pub(super) struct Progress {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    done: usize,
    of: usize,
    is_publishing: bool,
    draft: Option<RecordId>,
    published: Option<RecordId>,
}

impl Sink for Progress {
    fn event(&self, event: &Event, _plan: &Plan) {
        let Ok(mut seen) = self.seen.lock() else { return };
        match event {
            Event::StepStarted { step, of } => {
                // A step that began is not done yet.
                (seen.done, seen.of) = (step.number.saturating_sub(1), *of);
                seen.is_publishing = step.action == Action::Publish;
            }
            Event::DraftOpen { draft } => seen.draft = Some(*draft),
            Event::Published { record, .. } => {
                (seen.published, seen.is_publishing) = (Some(*record), false);
            }
            Event::FileStarted { .. }
            | Event::Sent { .. }
            | Event::FileDone { .. }
            | Event::Looking { .. }
            | Event::CommunityAsked { .. }
            | Event::CommunityLeft { .. }
            | Event::ReviewSubmitted { .. }
            | Event::Remark(_) => {}
        }
    }
}

impl Progress {
    /// Returns the error of an apply that is cut short now.
    pub(super) fn cut_short(&self) -> ApplyError {
        let seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A publish call that is cut off may have been done, which code 14 says and 130 would hide.
        let kind = match seen.draft.filter(|_| seen.is_publishing) {
            Some(draft) => ApplyErrorKind::PublishUnknown(draft),
            None => ApplyErrorKind::Interrupted,
        };
        let Seen { done, of, draft, published, .. } = *seen;
        ApplyError { done, of, draft, published, kind }
    }
}
