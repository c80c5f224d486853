//! The fault matrix: every fault at every request of every scenario, then `apply` again.
//!
//! Each cell applies in a copy of a prepared world, with one injected fault on the way; loses
//! what a runner may lose; applies again, at most three times, doing what the messages say; and
//! compares what the server holds in the end with what an undisturbed run leaves there. The real
//! program runs where it is killed and where the server stays away, else the engine in this process:
//! `mirror` holds that both end and speak alike.
//!
//! `cargo test` runs a bounded part. The whole takes some minutes:
//! `ZREL_MATRIX=whole cargo test --test it fault_matrix`. One cell, by its name in the list of
//! failures: `ZREL_MATRIX='next version/504-after/7/kept'`.
//!
//! Where to start reading: `cell`. Deliberately absent: any rule of what zrel should do, except
//! that it ends well.

mod advice;
mod cell;
mod end_state;
mod injected;
mod log;
mod mirror;
mod runner;
mod scenario;
mod seeded_fault;
mod tally;
mod two_at_once;
mod walk;

use walk::{Choice, walk};

#[test]
fn fault_matrix() {
    let tally = walk(&Choice::of_environment());
    tally.print_line();
    tally.expect_converged();
}

/// Writes a line past the capture of tests: what is measured is to be seen.
fn print(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
