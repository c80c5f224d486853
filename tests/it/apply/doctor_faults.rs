//! `zrel doctor --fix` beside faults: whatever goes wrong at one of its calls, another one and an apply
//! end in the published record, and nothing is there twice.

use std::time::Duration;

use serde_json::{Value as Json, json};
use zrel::local::{ConcurrentAction, Fault, FaultKind, Matches, MixUp};

use crate::command::doctor::leave_foreign_draft;
use crate::support::terminal::type_into;
use crate::support::world::{FILES, Ran, Request, World, leave_draft, manifest, publish_first};

/// A broken draft, and what must be there in the end.
struct State {
    name: &'static str,
    prepare: fn() -> World,
    /// Whether only a person at a terminal may have it mended.
    is_asked: bool,
    /// How many versions there are in the end.
    n_versions: usize,
}

const STATES: [State; 7] = [
    State { name: "uncommitted files", prepare: uncommitted, is_asked: false, n_versions: 1 },
    State { name: "empty DOI", prepare: empty_doi, is_asked: false, n_versions: 1 },
    State { name: "lost DOI", prepare: lost_doi, is_asked: false, n_versions: 1 },
    State { name: "lost DOI, not known", prepare: unknown_doi, is_asked: false, n_versions: 1 },
    State { name: "poisoned DOI", prepare: poisoned, is_asked: false, n_versions: 1 },
    State { name: "expired files", prepare: expired, is_asked: false, n_versions: 1 },
    State { name: "foreign draft", prepare: foreign, is_asked: true, n_versions: 2 },
];

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy)]
enum Harm {
    /// The server's fault, for as long as zrel tries again by itself, and then some.
    Fault(FaultKind),
    /// The program is killed when the call is made, or when it is done and not answered.
    Kill { after: bool },
}

const HARMS: [Harm; 10] = [
    Harm::Fault(FaultKind::Status { status: 500, after: false }),
    Harm::Fault(FaultKind::Status { status: 500, after: true }),
    Harm::Fault(FaultKind::Status { status: 503, after: false }),
    Harm::Fault(FaultKind::Status { status: 504, after: true }),
    Harm::Fault(FaultKind::ResetBefore),
    Harm::Fault(FaultKind::ResetAfter),
    Harm::Fault(FaultKind::Cut),
    Harm::Fault(FaultKind::MixedUp(MixUp::Other)),
    Harm::Kill { after: false },
    Harm::Kill { after: true },
];

/// Of how many cells one is run, unless all are. Each kind of harm is among them: it shares no factor
/// with their number.
const EVERY: usize = 7;

fn uncommitted() -> World {
    let world = World::served();
    let id = publish_first(&world);
    world.native("POST", &format!("/api/records/{id}/draft"), &json!({}));
    let files = json!([{"key": "half.csv"}, {"key": "other.csv"}]);
    world.native("POST", &format!("/api/records/{id}/draft/files"), &files);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    world
}

fn set_pids(world: &World, id: u64, pids: &Json) {
    let path = format!("/api/records/{id}/draft");
    let mut draft = world.native("GET", &path, &json!(null));
    draft["pids"] = pids.clone();
    world.native("PUT", &path, &draft);
}

fn empty_doi() -> World {
    let world = World::served();
    let id = leave_draft(&world);
    set_pids(&world, id, &json!({"doi": {"identifier": "", "provider": "external"}}));
    world
}

/// The server holds the DOI, and zrel knows it.
fn lost_doi() -> World {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("zenodo.toml", &(world.read("zenodo.toml") + "doi_prefix = \"10.5072\"\n"));
    world.write("a.csv", "one,two\n");
    world.expect(0, &["reserve", "--initial"]);
    let id = world.open_drafts()[0];
    world.native("POST", &format!("/api/records/{id}/draft/pids/doi"), &json!({}));
    world.faults().set(vec![Fault::at(1, FaultKind::Other(ConcurrentAction::LosesDoi))]);
    world.deposition(id);
    world.faults().heal();
    world
}

/// The DOI is gone, and zrel does not know which it was.
fn unknown_doi() -> World {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    world.expect(0, &["reserve", "--initial"]);
    set_pids(&world, world.open_drafts()[0], &json!({}));
    world
}

fn poisoned() -> World {
    let world = World::served();
    let id = publish_first(&world);
    world.action(id, "edit");
    world.put_metadata(id, |metadata| metadata["doi"] = json!(format!("10.5072/zenodo.{id}")));
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    world
}

fn expired() -> World {
    let port = World::served_apart().port();
    let mut world = World::served_at(port, "2026-10-01T12:00:00Z");
    let id = publish_first(&world);
    world.native("POST", &format!("/api/records/{id}/file-modification"), &json!({}));
    world.put_file(&world.deposition(id), "theirs.csv", "theirs\n");
    world.travel_to("2026-11-20T12:00:00Z");
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    world
}

fn foreign() -> World {
    let world = World::served();
    leave_foreign_draft(&world);
    world
}

/// Runs the fix to its end.
fn fix(world: &World, state: &State) -> Ran {
    if state.is_asked {
        return type_into(world, "doctor --fix", "yes\n");
    }
    world.zrel(&["doctor", "--fix", "--auto-approve"])
}

/// Runs the fix, kills it at the request that hangs, and returns whether there was one.
fn kill_fix(world: &World) -> bool {
    let mut child = world.start(&["doctor", "--fix", "--auto-approve"]);
    while world.faults().n_hung() == 0 {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

/// Runs a cell: the fix meets the harm at a call, is run again, and then applied.
fn run_cell(state: &State, write: &Request, harm: Harm) {
    let told = format!("{}, {} {}, {harm:?}", state.name, write.method, write.path);
    let world = (state.prepare)();
    // The numbers of records and files are the same each time.
    let on = Matches::parse(&format!("{} {}", write.method, write.path)).unwrap();
    let set = |kind, times| world.faults().set(vec![Fault { on, nth: 1, times, kind }]);
    match harm {
        Harm::Fault(kind) => {
            set(kind, 40);
            fix(&world, state);
            // A call without an answer has none to be cut or mixed up.
            let has_answer = !matches!(kind, FaultKind::Cut | FaultKind::MixedUp(_));
            assert!(world.faults().fired() > 0 || !has_answer, "{told}");
        }
        Harm::Kill { after } => {
            set(if after { FaultKind::HangAfter } else { FaultKind::HangBefore }, 1);
            assert!(kill_fix(&world), "{told}");
        }
    }
    world.faults().heal();
    let n_records = world.n_records();
    let again = fix(&world, state);
    assert_eq!(again.code, 0, "{told}: {again}");
    let ran = world.zrel(&["apply", "--auto-approve", "--initial"]);
    assert_eq!(ran.code, 0, "{told}: {ran}");
    world.expect_no_changes();
    // Drafts are counted with them.
    assert_eq!(world.n_versions(world.concept()), state.n_versions, "{told}");
    assert_eq!(world.n_records(), n_records, "{told}");
}

/// Returns whether all cells are run, as in the fault matrix.
#[expect(clippy::disallowed_methods, reason = "the whole matrix is asked for by the environment")]
pub(super) fn is_whole() -> bool {
    std::env::var("ZREL_MATRIX").is_ok_and(|which| which == "whole")
}

#[test]
#[cfg(target_os = "linux")]
fn a_fault_at_any_call_of_a_fix_is_made_up_for_by_the_next() {
    let is_whole = is_whole();
    let mut n_cells = 0_usize;
    for state in &STATES {
        let world = (state.prepare)();
        world.requests();
        let ran = fix(&world, state);
        assert_eq!(ran.code, 0, "{}: {ran}", state.name);
        let writes = world.writes();
        assert!(!writes.is_empty(), "{}: {ran}", state.name);
        for write in &writes {
            for harm in HARMS {
                // A run at a terminal of its own is not killed by its number.
                let is_possible = !state.is_asked || matches!(harm, Harm::Fault(_));
                n_cells += 1;
                if is_possible && (is_whole || n_cells.is_multiple_of(EVERY)) {
                    run_cell(state, write, harm);
                }
            }
        }
    }
}
