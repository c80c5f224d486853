//! Progress on stderr: a bar over all bytes, and a line for each file on its way, none wider than
//! a terminal of 60 columns.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use indicatif::{
    HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
    WeakProgressBar,
};

use crate::render::{format_size, shorten_middle};

/// The bar over all bytes. Its own width is what the numbers leave.
const TOTAL: &str = "{prefix} [{wide_bar}] {done} of {all}{pace}";

/// How many columns the numbers of a file's line take at most, with the blanks around them.
const NUMBERS: usize = 24;

/// The line of one file: the name is cut to what the numbers leave.
const FILE: &str = "  {wide_msg} {done} of {all}";

/// The line that only names a file.
const NAME: &str = "  {wide_msg}";

/// A progress bar over bytes, with the files on their way above it.
#[derive(Debug, Clone)]
pub struct Bar {
    lines: MultiProgress,
    total: ProgressBar,
    /// How many columns a name may have: its end, which tells one file from the next, must stay.
    room: usize,
    files: Arc<Mutex<BTreeMap<String, ProgressBar>>>,
    /// The line that names the one file that is worked on.
    name: Arc<OnceLock<ProgressBar>>,
}

impl Bar {
    /// Starts a bar over so many bytes, on a target with so many columns.
    pub(super) fn start(
        total_bytes: u64,
        what: &str,
        target: ProgressDrawTarget,
        columns: Option<usize>,
    ) -> Self {
        let lines = MultiProgress::with_draw_target(target);
        let total = lines.add(ProgressBar::new(total_bytes));
        total.set_style(make_style(TOTAL));
        total.set_prefix(what.to_owned());
        let room = columns.unwrap_or(usize::MAX).saturating_sub(NUMBERS);
        Self { lines, total, room, files: Arc::default(), name: Arc::default() }
    }

    pub(super) fn downgrade(&self) -> WeakProgressBar {
        self.total.downgrade()
    }

    /// Adds the line of a file. A file that has one begins again.
    pub fn begin_file(&self, name: &str, bytes: u64) {
        let mut files = self.files();
        if let Some(line) = files.get(name) {
            self.total.dec(line.position());
            line.set_position(0);
            return;
        }
        let line = self.add_line(FILE, ProgressBar::new(bytes));
        line.set_message(shorten_middle(name, self.room));
        files.insert(name.to_owned(), line);
    }

    /// Names the one file that is worked on, in a line of its own.
    pub fn name(&self, name: &str) {
        let line = self.name.get_or_init(|| self.add_line(NAME, ProgressBar::no_length()));
        line.set_message(shorten_middle(name, self.room));
    }

    /// Adds a line above the total.
    fn add_line(&self, template: &str, line: ProgressBar) -> ProgressBar {
        let line = self.lines.insert_before(&self.total, line);
        line.set_style(make_style(template));
        line
    }

    /// Moves the bar.
    pub fn advance(&self, bytes: u64) {
        self.total.inc(bytes);
    }

    /// Moves the bar, and the line of the file.
    pub fn advance_file(&self, name: &str, bytes: u64) {
        self.advance(bytes);
        if let Some(line) = self.files().get(name) {
            line.inc(bytes);
        }
    }

    /// Removes the line of a file.
    pub fn end_file(&self, name: &str) {
        if let Some(line) = self.files().remove(name) {
            self.remove_line(&line);
        }
    }

    fn remove_line(&self, line: &ProgressBar) {
        line.finish_and_clear();
        self.lines.remove(line);
    }

    /// Returns whether a person sees it.
    pub fn is_drawn(&self) -> bool {
        !self.total.is_hidden()
    }

    /// Writes a line above the bar; without a terminal, only the line.
    pub fn write_above(&self, write: impl FnOnce()) {
        if self.total.is_hidden() {
            write();
        } else {
            // Without the pause the drawn bar and the line would be mixed up.
            self.total.suspend(write);
        }
    }

    /// Removes the bar and all lines.
    pub fn done(&self) {
        for line in std::mem::take(&mut *self.files()).values().chain(self.name.get()) {
            self.remove_line(line);
        }
        self.total.finish_and_clear();
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, ProgressBar>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a style whose sizes are in the units of plans: `4.1 GB`.
fn make_style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let write = |out: &mut dyn fmt::Write, text: &str| {
        let _ = out.write_str(text);
    };
    style
        .progress_chars("=> ")
        .with_key("done", move |state: &ProgressState, out: &mut dyn fmt::Write| {
            write(out, &format_size(state.pos()));
        })
        .with_key("all", move |state: &ProgressState, out: &mut dyn fmt::Write| {
            write(out, &format_size(state.len().unwrap_or_default()));
        })
        .with_key("pace", move |state: &ProgressState, out: &mut dyn fmt::Write| {
            // A rate is no negative number, and far below 2^64 bytes a second.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above")]
            let rate = state.per_sec() as u64;
            // Before the first bytes nothing is known, and no time is left to say.
            if rate > 0 {
                let left = HumanDuration(state.eta());
                write(out, &format!(", {}/s, {left:#} left", format_size(rate)));
            }
        })
}
