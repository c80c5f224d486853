//! Shows what an apply does: a bar over all bytes on a terminal, lines otherwise.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::engine::{Notice, Sink};
use crate::event::Event;
use crate::plan::Plan;
use crate::render::{count, escape_text, render_event};
use crate::terminal::{Bar, Terminal};

/// Shows what an apply does.
pub(in crate::cli) struct TerminalSink {
    terminal: Arc<Terminal>,
    /// The bar of this round, once a byte was sent.
    bar: Mutex<Option<Arc<Bar>>>,
    /// How many files arrived under the bar, which has a line for each.
    n_arrived: AtomicUsize,
}

impl TerminalSink {
    /// Makes a sink.
    pub(in crate::cli) fn new(terminal: &Arc<Terminal>) -> Self {
        Self {
            terminal: Arc::clone(terminal),
            bar: Mutex::default(),
            n_arrived: AtomicUsize::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Bar>>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how many files arrived while the bar had their lines.
    fn say_arrived(&self) {
        let n_files = self.n_arrived.swap(0, Ordering::Relaxed);
        if n_files > 0 {
            let files = count(n_files, "file");
            self.terminal.inform(&format!("      {files} arrived, MD5 as planned"));
        }
    }

    /// Returns the bar, and makes it if there is none.
    fn bar(&self, plan: &Plan) -> Arc<Bar> {
        let mut bar = self.lock();
        let made = || Arc::new(self.terminal.bar(plan.upload_bytes(), "uploading"));
        Arc::clone(bar.get_or_insert_with(made))
    }
}

/// Writes the line of an event.
pub(in crate::cli) fn write_event(terminal: &Terminal, event: &Event, line: &str) {
    // A remark is about the record, and not about how far the apply is.
    if matches!(event, Event::Remark(_)) {
        terminal.say(line);
    } else {
        terminal.inform(line);
    }
}

/// Writes the line of a notice.
pub(in crate::cli) fn write_notice(terminal: &Terminal, notice: &Notice, line: &str) {
    match notice {
        // A draft that is left over stays until a person discards it.
        Notice::UnusedDraft(_) | Notice::NoReceipt { .. } => terminal.say(line),
        Notice::CreateUnanswered
        | Notice::DraftNotShown(_)
        | Notice::OpenDraftNotShown
        | Notice::AnswerLost => terminal.inform(line),
    }
}

/// Returns whether a step from this number on uploads.
fn uploads_from(plan: &Plan, number: usize) -> bool {
    plan.steps.iter().any(|step| step.number >= number && step.action.upload_size().is_some())
}

impl Sink for TerminalSink {
    fn begin(&self, _plan: &Plan) {
        // A new round sends other bytes, so it gets a new bar.
        *self.lock() = None;
    }

    fn event(&self, event: &Event, plan: &Plan) {
        match event {
            Event::FileStarted { key, size } => {
                return self.bar(plan).begin_file(&escape_text(key.as_str()), *size);
            }
            Event::Sent { key, bytes } => {
                return self.bar(plan).advance_file(&escape_text(key.as_str()), *bytes);
            }
            Event::FileDone { key } => {
                let bar = self.bar(plan);
                bar.end_file(&escape_text(key.as_str()));
                // A line for each of many files would push the plan off the screen.
                if bar.is_drawn() {
                    self.n_arrived.fetch_add(1, Ordering::Relaxed);
                    return;
                }
            }
            Event::StepStarted { .. }
            | Event::DraftOpen { .. }
            | Event::Looking { .. }
            | Event::Published { .. }
            | Event::CommunityAsked { .. }
            | Event::CommunityLeft { .. }
            | Event::ReviewSubmitted { .. }
            | Event::Remark(_) => {}
        }
        let bar = self.lock().clone();
        // After the last upload the full bar would stay below every later line.
        if let (Event::StepStarted { step, .. }, Some(bar)) = (event, &bar)
            && !uploads_from(plan, step.number)
        {
            bar.done();
            self.say_arrived();
        }
        let Some(line) = render_event(event, plan) else { return };
        match bar {
            Some(bar) => bar.write_above(|| write_event(&self.terminal, event, &line)),
            None => write_event(&self.terminal, event, &line),
        }
    }

    fn end(&self) {
        if let Some(bar) = self.lock().as_ref() {
            bar.done();
        }
        self.say_arrived();
    }

    fn notice(&self, notice: &Notice) {
        write_notice(&self.terminal, notice, &format!("      {notice}"));
    }
}
