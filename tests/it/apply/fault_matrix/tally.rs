//! What came of all cells.

use super::cell::{Ended, Verdict};

/// What came of all cells.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Cells whose injected fault happened.
    pub(crate) injected: usize,
    /// Cells that ended as an undisturbed run does.
    pub(crate) converged: usize,
    /// Cells with a version or a record too many.
    pub(crate) duplicates: usize,
    /// Cells that ended with something else on the server, or with a wrong message.
    pub(crate) wrong: usize,
    /// Cells that did not end.
    pub(crate) stuck: usize,
    /// Cells in which another client wrote between read-back and publish, and was reported.
    pub(crate) raced: usize,
    failures: Vec<String>,
}

impl Tally {
    /// Counts a cell.
    pub(crate) fn count(&mut self, name: &str, ended: Ended) {
        let Ended::Fired { verdict, raced } = ended else { return };
        self.injected += 1;
        self.raced += usize::from(raced);
        let why = match verdict {
            Verdict::Converged => {
                self.converged += 1;
                return;
            }
            Verdict::Duplicate(why) => {
                self.duplicates += 1;
                format!("duplicate: {why}")
            }
            Verdict::Wrong(why) => {
                self.wrong += 1;
                format!("wrong: {why}")
            }
            Verdict::Stuck(why) => {
                self.stuck += 1;
                format!("stuck: {why}")
            }
        };
        self.failures.push(format!("=== {name}\n{why}"));
    }

    /// Adds what another thread counted.
    pub(crate) fn add(&mut self, other: Tally) {
        self.injected += other.injected;
        self.converged += other.converged;
        self.duplicates += other.duplicates;
        self.wrong += other.wrong;
        self.stuck += other.stuck;
        self.raced += other.raced;
        self.failures.extend(other.failures);
    }

    /// Returns whether any cell did not end well.
    pub(crate) fn is_red(&self) -> bool {
        self.converged != self.injected
    }

    /// Returns the line that sums it up.
    pub(crate) fn line(&self) -> String {
        let Tally { injected, converged, duplicates, wrong, stuck, raced, .. } = self;
        format!(
            "faults: {injected} injected, {converged} converged, {duplicates} duplicates, \
             {wrong} wrong, {stuck} stuck (raced: {raced})"
        )
    }

    /// Prints the line.
    pub(crate) fn print_line(&self) {
        super::print(&self.line());
    }

    /// Stops the test unless each cell converged, and there were some.
    #[track_caller]
    pub(crate) fn expect_converged(&self) {
        let shown = self.failures.join("\n\n");
        assert!(!self.is_red(), "{}\n\n{shown}", self.line());
        assert!(self.injected > 0, "no fault fired");
    }
}
