//! The engine in this process ends and speaks as the program does: cells that run one tell what
//! cells that run the other would.

use zrel::local::FaultKind;

use super::injected::Injected;
use super::runner::Runner;
use super::scenario::{SCENARIOS, Stage};

/// Faults that last; each has its turn at a write and at a read.
const OUTAGES: [FaultKind; 4] = [
    FaultKind::ResetAfter,
    FaultKind::Status { status: 503, after: false },
    FaultKind::Status { status: 504, after: true },
    FaultKind::TooMany { retry_after: 3 },
];

#[test]
fn the_engine_ends_and_speaks_as_the_program_does() {
    for (number, scenario) in SCENARIOS.iter().enumerate() {
        let stage = Stage::prepare(scenario);
        let n_writes = stage.writes.len();
        for (turn, at) in [stage.writes[n_writes / 2], stage.n_requests / 3].into_iter().enumerate()
        {
            let kind = OUTAGES[(number + 2 * turn) % OUTAGES.len()];
            compare(&stage, &Injected::Outage(kind), at);
        }
    }
}

/// Applies with an outage, applies without one, and plans, by either. The program alone says where
/// an apply that ended well is found, after what both print, and what can be done with a plan.
fn compare(stage: &Stage, injected: &Injected, at: usize) {
    let [program, engine] = [Runner::Program, Runner::Engine].map(|runner| {
        let mut world = stage.world();
        // With several on their way, a fault meets another file each time.
        world.set_jobs(1);
        let flags = stage.scenario.flags();
        world.faults().set(injected.faults(at));
        let disturbed = runner.apply(&world, flags.clone());
        world.faults().heal();
        [disturbed, runner.apply(&world, flags), runner.plan(&world)]
    });
    for (number, (program, engine)) in program.iter().zip(&engine).enumerate() {
        let name = format!("{}/{injected:?}/{at}\n{program}\n{engine}", stage.scenario.name);
        assert_eq!(program.code, engine.code, "{name}");
        let is_apply = number < 2;
        assert!(!is_apply || program.stderr == engine.stderr, "{name}");
        let result = program.stdout.strip_prefix(&engine.stdout);
        assert!(result.is_some_and(|rest| rest.is_empty() || program.code == 0), "{name}");
    }
}
