//! What a person sees while members are filled or published: one bar over all bytes, and lines that
//! name the member. One member alone is shown step by step.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::cli::terminal_sink::{TerminalSink, write_event, write_notice};
use crate::engine::{Notice, Sink};
use crate::event::Event;
use crate::plan::Plan;
use crate::render::{count, escape_text, render_event};
use crate::terminal::{Bar, Terminal};

/// A phase of the run.
pub(super) struct Phase<'a> {
    terminal: &'a Arc<Terminal>,
    verb: &'static str,
    /// Whether each step is shown.
    is_of_one: bool,
    /// The bar over all bytes, while several members are sent.
    bar: Option<Bar>,
    /// How many files are on their way at once.
    pub(super) uploads: &'a Semaphore,
}

impl<'a> Phase<'a> {
    /// Begins a phase of so many members, which send so many bytes.
    pub(super) fn begin(
        terminal: &'a Arc<Terminal>,
        verb: &'static str,
        (n_members, n_bytes): (usize, u64),
        uploads: &'a Semaphore,
    ) -> Self {
        let is_of_one = n_members == 1;
        if n_members > 1 {
            terminal.inform(&format!("\n== {verb} {}", count(n_members, "member")));
        }
        let bar = (!is_of_one && n_bytes > 0).then(|| terminal.bar(n_bytes, "uploading"));
        Self { terminal, verb, is_of_one, bar, uploads }
    }

    /// Returns what shows the apply of a member.
    pub(super) fn follow(&self, key: &str) -> Box<dyn Sink + '_> {
        if self.is_of_one {
            self.terminal.inform(&format!("\n== {}: {}", escape_text(key), self.verb));
            return Box::new(TerminalSink::new(self.terminal));
        }
        Box::new(MemberSink { phase: self, key: escape_text(key).into_owned() })
    }

    /// Writes a line, above the bar if there is one.
    pub(super) fn write(&self, write: impl FnOnce(&Terminal)) {
        match &self.bar {
            Some(bar) => bar.write_above(|| write(self.terminal)),
            None => write(self.terminal),
        }
    }

    /// Removes the bar.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.done();
        }
    }
}

/// Shows the apply of one member of several.
struct MemberSink<'a> {
    phase: &'a Phase<'a>,
    key: String,
}

impl MemberSink<'_> {
    fn name(&self, line: &str) -> String {
        format!("{}: {}", self.key, line.trim_start())
    }
}

impl Sink for MemberSink<'_> {
    fn event(&self, event: &Event, plan: &Plan) {
        let name = |key: &str| format!("{}/{}", self.key, escape_text(key));
        if let Some(bar) = &self.phase.bar {
            match event {
                Event::FileStarted { key, size } => bar.begin_file(&name(key.as_str()), *size),
                Event::Sent { key, bytes } => bar.advance_file(&name(key.as_str()), *bytes),
                Event::FileDone { key } => bar.end_file(&name(key.as_str())),
                Event::StepStarted { .. }
                | Event::DraftOpen { .. }
                | Event::Looking { .. }
                | Event::Published { .. }
                | Event::CommunityAsked { .. }
                | Event::CommunityLeft { .. }
                | Event::ReviewSubmitted { .. }
                | Event::Remark(_) => {}
            }
        }
        // The steps of many members would hide what matters.
        if matches!(event, Event::StepStarted { .. }) {
            return;
        }
        let Some(line) = render_event(event, plan) else { return };
        let line = self.name(&line);
        self.phase.write(|terminal| write_event(terminal, event, &line));
    }

    fn notice(&self, notice: &Notice) {
        let line = self.name(&notice.to_string());
        self.phase.write(|terminal| write_notice(terminal, notice, &line));
    }
}
