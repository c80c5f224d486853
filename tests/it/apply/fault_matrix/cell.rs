//! One cell: a scenario, an injected fault at one place, a loss; and what came of it.

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use zrel::apply::SeededFault;

use crate::support::in_process::{self, Orders};
use crate::support::world::{Ran, Request, World};

use super::end_state::{End, end_state};
use super::injected::{Injected, LocalLoss, SEVERAL};
use super::runner::{Runner, apply_args};
use super::scenario::{Stage, lock_path};
use super::{advice, log};

/// How often `apply` is run again.
const MORE_RUNS: usize = 3;

/// How long nothing may be heard, where a server never answers.
const READ_TIMEOUT: Duration = Duration::from_millis(600);

/// The exit codes that a disturbed run may have. See docs/errors.md.
const CODES: [i32; 9] = [0, 10, 11, 12, 13, 14, 69, 75, 77];

/// A cell.
pub(crate) struct Cell<'a> {
    /// The scenario.
    pub(crate) stage: &'a Stage,
    /// What goes wrong.
    pub(crate) injected: &'a Injected,
    /// At which request or journal entry, from 1.
    pub(crate) at: usize,
    /// What is put into the client on purpose.
    pub(crate) seeded_fault: Option<&'static str>,
}

/// How a cell ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The injected fault never happened: there is nothing to count.
    DidNotFire,
    /// It happened.
    Fired {
        /// What came of it.
        verdict: Verdict,
        /// Whether another client wrote between read-back and publish, and was reported.
        raced: bool,
    },
}

/// What came of a cell.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// All is as an undisturbed run leaves it.
    Converged,
    /// A version or a record too many.
    Duplicate(String),
    /// Something else is on the server, or a message or a request was wrong.
    Wrong(String),
    /// It did not end in time.
    Stuck(String),
}

impl Verdict {
    fn because(self, told: &str) -> Self {
        match self {
            Verdict::Converged => Verdict::Converged,
            Verdict::Duplicate(why) => Verdict::Duplicate(format!("{why}\n{told}")),
            Verdict::Wrong(why) => Verdict::Wrong(format!("{why}\n{told}")),
            Verdict::Stuck(why) => Verdict::Stuck(format!("{why}\n{told}")),
        }
    }
}

impl Cell<'_> {
    /// Runs the cell; also returns whether the first run failed, so that a second was needed.
    pub(crate) fn run(&self, loss: LocalLoss) -> (Ended, bool) {
        let world = self.stage.world();
        let Some(first) = self.first_run(&world) else { return (Ended::DidNotFire, false) };
        let needs_more = first.code != 0;
        let raced = is_raced(&first);
        let mut requests = vec![world.all_requests()];
        if needs_more {
            self.lose(&world, loss);
        }
        let mut runs = vec![first];
        if needs_more {
            runs.extend(self.more_runs(&world, &runs[0]));
            requests.push(world.all_requests());
        }
        let verdict = self.judge(&world, &runs, &requests, loss);
        (Ended::Fired { verdict, raced }, needs_more)
    }

    /// Runs `apply` into the injected fault; none when it did not happen.
    fn first_run(&self, world: &World) -> Option<Ran> {
        world.faults().set(self.injected.faults(self.at));
        let marker = world.path().join("held");
        let has_fired = || world.faults().fired() > 0;
        let ran = match self.injected {
            Injected::Fault(_) | Injected::Twice(_) => {
                Some(self.run_engine(world)).filter(|_| has_fired())
            }
            Injected::Outage(_) => {
                let child = self.start_program(world, &marker);
                let ran = Ran::from(child.wait_with_output().unwrap());
                Some(ran).filter(|_| has_fired())
            }
            Injected::Kill { .. } | Injected::KillThenStale { .. } => {
                kill_when(self.start_program(world, &marker), || world.faults().n_hung() > 0)
            }
            Injected::KillAtSeveral => {
                // Where fewer are made at once, no more come.
                let hung = std::cell::Cell::new((0, Instant::now()));
                kill_when(self.start_program(world, &marker), || {
                    let (n, since) = hung.get();
                    let n_now = world.faults().n_hung();
                    if n_now > n {
                        hung.set((n_now, Instant::now()));
                    }
                    n_now >= SEVERAL || (n > 0 && since.elapsed() > Duration::from_millis(60))
                })
            }
            Injected::KillAtEntry => {
                kill_when(self.start_program(world, &marker), || marker.exists())
            }
        };
        world.faults().heal();
        ran
    }

    fn run_engine(&self, world: &World) -> Ran {
        let orders = Orders {
            flags: self.stage.scenario.flags(),
            read_timeout: self.injected.hangs().then_some(READ_TIMEOUT),
            seeded_fault: self.seeded_fault.and_then(SeededFault::of_name),
        };
        in_process::apply(world, &orders)
    }

    /// Starts the program, which may be held at a journal entry and tells so by the marker.
    fn start_program(&self, world: &World, marker: &Path) -> Child {
        let mut command = world.command(&[]);
        command.args(apply_args(&self.stage.scenario.flags()));
        if let Some(seeded_fault) = self.seeded_fault {
            command.env("ZREL_TEST_PLANT", seeded_fault);
        }
        if let Injected::KillAtEntry = self.injected {
            command.env("ZREL_TEST_HOLD", format!("{}:{}", self.at, marker.display()));
        }
        command.spawn().unwrap()
    }

    /// Returns what runs all commands of the cell.
    fn runner(&self) -> Runner {
        if self.injected.needs_program() { Runner::Program } else { Runner::Engine }
    }

    fn lose(&self, world: &World, loss: LocalLoss) {
        if loss.of_journal() {
            // It may not have come to making it.
            let _ = std::fs::remove_dir_all(world.project().join(".zrel"));
        }
        if loss.of_lock() {
            match &self.stage.committed_lock {
                Some(text) => std::fs::write(lock_path(world), text).unwrap(),
                // Nothing was committed, and nothing may have been written.
                None => drop(std::fs::remove_file(lock_path(world))),
            }
        }
    }

    /// Applies again until it succeeds, doing what the messages say.
    fn more_runs(&self, world: &World, first: &Ran) -> Vec<Ran> {
        let mut flags = self.stage.scenario.flags();
        advice::follow(world, first, &mut flags);
        world.faults().set(self.injected.faults_of_next_run());
        advice::apply(self.runner(), world, flags, MORE_RUNS)
    }

    fn judge(
        &self,
        world: &World,
        runs: &[Ran],
        requests: &[Vec<Request>],
        loss: LocalLoss,
    ) -> Verdict {
        let told = || runs.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        if let Some(odd) = runs.iter().find_map(Self::fault_in_words) {
            return Verdict::Wrong(format!("{odd}\n{}", told()));
        }
        if let Some(odd) = self.fault_in_requests(requests, loss) {
            return Verdict::Wrong(format!("{odd}\n{}", told()));
        }
        if runs.last().is_none_or(|ran| ran.code != 0) {
            return Verdict::Stuck(told());
        }
        let end = end_state(world);
        let verdict = if self.injected.is_somebody_else() {
            self.judge_among_others(&end)
        } else {
            self.judge_alone(&end)
        };
        if let Some(verdict) = verdict {
            return verdict.because(&told());
        }
        if let Some(touched) = end.touched() {
            return Verdict::Wrong(format!("{touched}\n{}", told()));
        }
        let plan = self.runner().plan(world);
        let is_empty = plan.code == 0 && plan.stdout.contains("No changes.");
        if !is_empty && !self.is_others_newer_version(&end, &plan) {
            return Verdict::Wrong(format!("the second plan is not empty\n{plan}\n{}", told()));
        }
        Verdict::Converged
    }

    /// All must be as an undisturbed run leaves it.
    fn judge_alone(&self, end: &End) -> Option<Verdict> {
        let goal = &self.stage.goal;
        let (n_concepts, n_versions) = (end.n_concepts, end.versions.len());
        if n_concepts > goal.n_concepts || n_versions > goal.versions.len() {
            let why = format!("{n_concepts} concepts, {n_versions} versions");
            return Some(Verdict::Duplicate(why));
        }
        end.difference(goal).map(Verdict::Wrong)
    }

    /// What is to be there is there once, beside what another client published.
    fn judge_among_others(&self, end: &End) -> Option<Verdict> {
        let wanted = self.stage.goal.versions.last()?;
        let n_wanted = end.versions.iter().filter(|version| version.is_like(wanted)).count();
        if end.n_concepts > self.stage.goal.n_concepts || n_wanted > 1 {
            return Some(Verdict::Duplicate(format!("{n_wanted} times: {end:#?}")));
        }
        let n_others_drafts = usize::from(self.injected.opens_a_draft());
        let is_lost = self.stage.before.versions.iter().any(|before| {
            // The version that is edited in place is as it was, or as it is to be.
            !end.versions.iter().any(|version| version == before || version.is_like(wanted))
        });
        if n_wanted == 0 || end.drafts.len() > n_others_drafts || is_lost {
            return Some(Verdict::Wrong(format!("{n_wanted} times: {end:#?}")));
        }
        None
    }

    /// Returns whether a plan says that another client published after the version that was applied.
    fn is_others_newer_version(&self, end: &End, plan: &Ran) -> bool {
        let wanted = self.stage.goal.versions.last();
        let is_others = end.versions.last().zip(wanted).is_some_and(|(last, to)| !last.is_like(to));
        self.injected.is_somebody_else() && is_others && plan.stdout.contains("ZR0311")
    }

    /// A message must have a known code, name what it is about, and say what to do.
    fn fault_in_words(ran: &Ran) -> Option<String> {
        let is_killed = ran.code == -1;
        if is_killed || ran.code == 0 {
            return None;
        }
        if !CODES.contains(&ran.code) {
            return Some(format!("exit code {}", ran.code));
        }
        let said = format!("{}\n{}", ran.stdout, ran.stderr);
        if !said.contains("hint: ") {
            return Some("nothing is said of what to do".to_owned());
        }
        let is_for_a_person = matches!(ran.code, 10 | 11 | 13 | 14);
        let names_a_record = said.split(|c: char| !c.is_ascii_digit()).any(|word| word.len() >= 6);
        let is_named = names_a_record || said.contains("changed after it was planned");
        (is_for_a_person && !is_named).then(|| "no record is named".to_owned())
    }

    fn fault_in_requests(&self, requests: &[Vec<Request>], loss: LocalLoss) -> Option<String> {
        if self.injected.is_unreadable() && log::published_unread(&requests[0], self.at) {
            return Some("published over what could not be read".to_owned());
        }
        let repeated = requests.iter().find_map(|requests| log::fault_in(requests));
        let may_send_again = self.injected.damages_files()
            || self.injected.hides_what_is_there()
            || self.injected.is_somebody_else()
            || loss != LocalLoss::Nothing;
        repeated.or_else(|| {
            let all: Vec<Request> = requests.iter().flatten().cloned().collect();
            let again = log::sent_again(&all).filter(|_| !may_send_again);
            again.or_else(|| log::lost_file(&all))
        })
    }
}

/// Returns whether a run reported that another client wrote between read-back and publish.
fn is_raced(ran: &Ran) -> bool {
    ran.stderr.contains("another client changed it meanwhile")
}

/// Kills a process once something has happened; none when it ends before.
fn kill_when(mut child: Child, happened: impl Fn() -> bool) -> Option<Ran> {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        if happened() {
            child.kill().unwrap();
            return Some(Ran::from(child.wait_with_output().unwrap()));
        }
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        assert!(Instant::now() < until, "zrel neither ended nor came there");
        std::thread::sleep(Duration::from_millis(2));
    }
}
