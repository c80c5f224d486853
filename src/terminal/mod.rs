//! The only writer of stdout and stderr: colour, questions, progress.
//!
//! stdout is the product; stderr has progress, questions and errors.

use std::borrow::Cow;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::Mutex;

use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressDrawTarget, WeakProgressBar};
use secrecy::SecretString;
use terminal_size::{Width, terminal_size_of};

use crate::render::escape_workflow_commands;

mod bars;
mod echo;
mod wrap;

pub use bars::Bar;
use wrap::{Excerpts, wrap_text};

/// The terminal, or the files and pipes in its place.
#[derive(Debug)]
pub struct Terminal {
    out: Mutex<AutoStream<io::Stdout>>,
    err: Mutex<AutoStream<io::Stderr>>,
    /// The columns of stdout and of stderr, where they are terminals.
    columns: [Option<usize>; 2],
    can_ask: bool,
    is_quiet: bool,
    lost: Mutex<Option<io::Error>>,
    is_read_by_runner: bool,
    last_bar: Mutex<LastBar>,
}

/// The bar that was started last, if it is still there.
#[derive(Default)]
struct LastBar(WeakProgressBar);

impl std::fmt::Debug for LastBar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LastBar").finish_non_exhaustive()
    }
}

impl Terminal {
    /// Makes the writer. `color` is for both streams; `asking` is whether a person may be asked if
    /// stdin is a terminal.
    pub fn new(color: ColorChoice, asking: Asking) -> Self {
        Self {
            out: Mutex::new(AutoStream::new(
                io::stdout(),
                resolve_color(color, io::stdout().is_terminal()),
            )),
            err: Mutex::new(AutoStream::new(
                io::stderr(),
                resolve_color(color, io::stderr().is_terminal()),
            )),
            columns: [
                terminal_size_of(io::stdout()).and_then(read_columns),
                terminal_size_of(io::stderr()).and_then(read_columns),
            ],
            can_ask: asking == Asking::Allowed && io::stdin().is_terminal(),
            is_quiet: false,
            lost: Mutex::new(None),
            is_read_by_runner: false,
            last_bar: Mutex::default(),
        }
    }

    /// Sets whether a runner of workflows reads the output. It obeys some lines as commands, and
    /// then only [`Terminal::command`] writes such lines.
    #[must_use]
    pub fn read_by_runner(self, is_read_by_runner: bool) -> Self {
        Self { is_read_by_runner, ..self }
    }

    /// Sets whether progress and next steps are left out.
    #[must_use]
    pub fn quiet(self, is_quiet: bool) -> Self {
        Self { is_quiet, ..self }
    }

    /// Writes text for a person to stdout; on a terminal its long lines break between words.
    pub fn print_text(&self, text: &str) {
        self.print_wrapped(text, Excerpts::Absent);
    }

    /// Writes findings to stdout as [`Terminal::print_text`] does; excerpts of a file stay as they
    /// are.
    pub fn print_findings(&self, text: &str) {
        self.print_wrapped(text, Excerpts::Kept);
    }

    fn print_wrapped(&self, text: &str, excerpts: Excerpts) {
        match self.columns[0] {
            Some(columns) => self.print(&wrap_text(text, columns, excerpts)),
            None => self.print(text),
        }
    }

    /// Writes to stdout.
    pub fn print(&self, text: &str) {
        let text = self.harmless(text);
        let Ok(mut out) = self.out.lock() else { return };
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        // A closed pipe is no error: the reader, such as `head`, has read enough.
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
            && let Ok(mut lost) = self.lost.lock()
        {
            *lost = Some(error);
        }
    }

    /// Returns why something for stdout was lost, if it was.
    pub fn lost(&self) -> Option<io::Error> {
        self.lost.lock().ok().and_then(|mut lost| lost.take())
    }

    /// Writes a line to stderr; on a terminal a long one breaks between words.
    pub fn say(&self, line: &str) {
        self.say_wrapped(line, Excerpts::Absent);
    }

    /// Writes an error to stderr, as [`Terminal::say`] does; excerpts of a file stay as they are.
    pub fn say_error(&self, text: &str) {
        self.say_wrapped(text, Excerpts::Kept);
    }

    fn say_wrapped(&self, text: &str, excerpts: Excerpts) {
        let text = self.harmless(text);
        match self.columns[1] {
            Some(columns) => self.command(&wrap_text(&text, columns, excerpts)),
            None => self.command(&text),
        }
    }

    /// Writes what is being done, was done, or may be done next to stderr: a quiet run leaves it
    /// out.
    pub fn inform(&self, line: &str) {
        if !self.is_quiet {
            self.say(line);
        }
    }

    /// Writes a line to stderr, above the bar if there is one.
    pub fn say_beside_bar(&self, line: &str) {
        let bar = self.last_bar.lock().ok().and_then(|bar| bar.0.upgrade());
        match bar {
            Some(bar) => bar.suspend(|| self.say(line)),
            None => self.say(line),
        }
    }

    fn harmless<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.is_read_by_runner { escape_workflow_commands(text) } else { Cow::Borrowed(text) }
    }

    /// Writes a line to stderr as it is: a command to a runner of workflows.
    pub fn command(&self, line: &str) {
        if let Ok(mut err) = self.err.lock() {
            let _ = writeln!(err, "{line}");
        }
    }

    /// Returns whether stdout is a terminal, so that no log keeps what is printed.
    pub fn is_for_people(&self) -> bool {
        io::stdout().is_terminal() && !self.is_read_by_runner
    }

    /// Returns whether a person can be asked.
    pub fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Asks, and returns the trimmed answer; none when nobody can answer.
    pub fn ask(&self, question: &str) -> Option<String> {
        if !self.can_ask {
            return None;
        }
        if let Ok(mut err) = self.err.lock() {
            let columns = self.columns[1].unwrap_or(usize::MAX);
            let _ = write!(err, "{} ", wrap_text(question, columns, Excerpts::Absent));
            let _ = err.flush();
        }
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).unwrap_or(0);
        // No byte at all is the end of stdin, and not an empty answer: the line of the question
        // has no end yet.
        if read == 0 {
            self.command("");
            return None;
        }
        Some(line.trim().to_owned())
    }

    /// Asks for a secret, which is not shown while it is typed; none when nobody can answer.
    pub fn ask_secret(&self, question: &str) -> Option<SecretString> {
        if !self.can_ask {
            return None;
        }
        let hidden = echo::Hidden::start();
        if let Ok(mut err) = self.err.lock() {
            let _ = write!(err, "{question} ");
            let _ = err.flush();
        }
        let typed = rpassword::read_password().ok();
        drop(hidden);
        // The line feed was not shown either.
        self.command("");
        typed.map(SecretString::from)
    }

    /// Shows again what is typed, where a question for a secret is cut short.
    pub fn show_input(&self) {
        echo::restore();
        self.command("");
    }

    /// Starts a bar on stderr; hidden if stderr is not a terminal, and in a quiet run.
    pub fn bar(&self, total_bytes: u64, what: &str) -> Bar {
        let target =
            if self.is_quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = Bar::start(total_bytes, what, target, self.columns[1]);
        if let Ok(mut last) = self.last_bar.lock() {
            last.0 = bar.downgrade();
        }
        bar
    }
}

/// Whether a person may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Where stdin is a terminal.
    Allowed,
    /// Never.
    Forbidden,
}

/// Returns the columns of a terminal; none for one that does not know them.
fn read_columns((Width(columns), _): (Width, terminal_size::Height)) -> Option<usize> {
    (columns > 0).then_some(usize::from(columns))
}

fn resolve_color(color: ColorChoice, is_terminal: bool) -> ColorChoice {
    match color {
        // Decided here for each stream: only one of them may be a terminal.
        ColorChoice::Auto if is_terminal => ColorChoice::Always,
        ColorChoice::Auto => ColorChoice::Never,
        ColorChoice::Always | ColorChoice::AlwaysAnsi | ColorChoice::Never => color,
    }
}
