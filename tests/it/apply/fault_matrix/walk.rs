//! Walks the cells, on two threads, each with worlds of its own.

use super::cell::{Cell, Ended};
use super::injected::{Injected, LOSSES, LocalLoss, injections};
use super::scenario::{SCENARIOS, Scenario, Stage};
use super::tally::Tally;

/// How many threads walk.
const THREADS: usize = 2;

/// Which cells are walked.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    /// Those that have found most: for every run of the tests.
    Bounded,
    /// All.
    Whole,
    /// Those whose name begins so.
    Named(String),
}

impl Choice {
    /// Takes `ZREL_MATRIX`.
    #[expect(clippy::disallowed_methods, reason = "a test may be told what to walk")]
    pub(crate) fn of_environment() -> Self {
        match std::env::var("ZREL_MATRIX") {
            Err(_) => Choice::Bounded,
            Ok(text) if text == "whole" => Choice::Whole,
            Ok(name) => Choice::Named(name),
        }
    }

    fn has_scenario(&self, scenario: &Scenario) -> bool {
        match self {
            Choice::Bounded | Choice::Whole => true,
            Choice::Named(wanted) => {
                wanted.starts_with(scenario.name) || scenario.name.starts_with(wanted.as_str())
            }
        }
    }

    /// Returns whether an injected fault at this request of a scenario is to be tried.
    fn has(
        &self,
        stage: &Stage,
        (number, name): (usize, &str),
        injected: &Injected,
        at: usize,
    ) -> bool {
        let cell = format!("{}/{name}/{at}/", stage.scenario.name);
        match self {
            Choice::Whole => true,
            Choice::Named(wanted) => cell.starts_with(wanted) || wanted.starts_with(&cell),
            // After a write is where most can be lost; each other injected fault has its turn somewhere.
            Choice::Bounded => {
                let is_sharp =
                    matches!(name, "504-after" | "kill-after" | "reset-after" | "answer-of-other");
                // Where several files are on their way, most requests are uploads alike.
                let is_sharp = if stage.scenario.name.starts_with("many") {
                    matches!(name, "504-after" | "reset-after-twice" | "kill-at-several")
                } else {
                    is_sharp
                };
                let is_turn = at == 1 + (number * 3) % stage.n_requests;
                let is_entry = matches!(injected, Injected::KillAtEntry) && at.is_multiple_of(3);
                (is_sharp && stage.writes.contains(&at)) || is_turn || is_entry
            }
        }
    }

    fn has_loss(&self, cell: &str, loss: &str, at: usize) -> bool {
        match self {
            Choice::Whole => true,
            Choice::Named(wanted) => format!("{cell}{loss}").starts_with(wanted),
            Choice::Bounded => loss == "kept" || (loss == "fresh" && at.is_multiple_of(2)),
        }
    }
}

/// Cells to be walked.
pub(crate) struct Course {
    /// Which.
    pub(crate) choice: Choice,
    /// What is put into the client on purpose.
    pub(crate) seeded_fault: Option<&'static str>,
}

/// Walks all cells of a choice.
pub(crate) fn walk(choice: &Choice) -> Tally {
    let course = Course { choice: choice.clone(), seeded_fault: None };
    walk_all(&[course]).pop().unwrap()
}

/// Walks courses, and tells what came of each.
pub(crate) fn walk_all(courses: &[Course]) -> Vec<Tally> {
    std::thread::scope(|scope| {
        let walkers: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || walk_share(courses, thread))).collect();
        let mut tallies: Vec<Tally> = courses.iter().map(|_| Tally::default()).collect();
        for walker in walkers {
            for (tally, share) in tallies.iter_mut().zip(walker.join().unwrap()) {
                tally.add(share);
            }
        }
        tallies
    })
}

/// Walks a thread's share of each course; a scenario is prepared once for all of them.
fn walk_share(courses: &[Course], thread: usize) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = courses.iter().map(|_| Tally::default()).collect();
    for scenario in SCENARIOS {
        if !courses.iter().any(|course| course.choice.has_scenario(scenario)) {
            continue;
        }
        let stage = Stage::prepare(scenario);
        for (course, tally) in courses.iter().zip(&mut tallies) {
            if course.choice.has_scenario(scenario) {
                walk_stage(course, &stage, thread, tally);
            }
        }
    }
    tallies
}

/// Walks every other cell of a scenario.
fn walk_stage(course: &Course, stage: &Stage, thread: usize, tally: &mut Tally) {
    let Course { choice, seeded_fault } = course;
    let mut number = 0;
    for (kind, (name, injected)) in injections().iter().enumerate() {
        for at in 1..=last(stage, injected) {
            if !choice.has(stage, (kind, name), injected, at) {
                continue;
            }
            number += 1;
            if number % THREADS == thread {
                let cell = Cell { stage, injected, at, seeded_fault: *seeded_fault };
                try_losses(choice, &cell, name, tally);
            }
        }
    }
}

/// Returns the last place where an injected fault is tried. A journal has about three entries a write,
/// each with a place before and after it; those that are not there do not fire.
fn last(stage: &Stage, injected: &Injected) -> usize {
    match injected {
        Injected::KillAtEntry => 6 * stage.writes.len(),
        Injected::Fault(_)
        | Injected::Twice(_)
        | Injected::Outage(_)
        | Injected::Kill { .. }
        | Injected::KillAtSeveral
        | Injected::KillThenStale { .. } => stage.n_requests,
    }
}

/// Tries a cell with each loss; losing something matters only where the first run failed.
fn try_losses(choice: &Choice, cell: &Cell<'_>, name: &str, tally: &mut Tally) {
    let prefix = format!("{}/{name}/{}/", cell.stage.scenario.name, cell.at);
    for (named, loss) in LOSSES {
        let is_unanswered = cell.stage.writes.first().is_some_and(|create| cell.at <= *create);
        let is_hopeless =
            cell.stage.creates() && cell.injected.is_hopeless_with(loss, is_unanswered);
        if is_hopeless || !choice.has_loss(&prefix, named, cell.at) {
            continue;
        }
        let (ended, needed_more) = cell.run(loss);
        let fired = !matches!(ended, Ended::DidNotFire);
        if fired && (needed_more || loss == LocalLoss::Nothing) {
            tally.count(&format!("{prefix}{named}"), ended);
        }
        if !fired || !needed_more {
            return;
        }
    }
}
