//! A review before publication beside faults: whatever goes wrong while a draft is submitted, the next
//! applies submit it once, and the acceptance publishes one version.

use std::time::Duration;

use serde_json::{Value as Json, json};
use zrel::local::{Fault, FaultKind, Matches};

use crate::support::world::{BOB, FILES, Request, World, manifest};

/// The community that reviews.
const COMMUNITY: &str = "user2-community";

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy)]
enum Harm {
    /// The server's fault, so often.
    Fault(FaultKind, usize),
    /// The program is killed when the call is made, or when it is done and not answered.
    Kill { after: bool },
}

const HARMS: [Harm; 11] = [
    Harm::Fault(FaultKind::Status { status: 500, after: false }, 40),
    Harm::Fault(FaultKind::Status { status: 500, after: true }, 40),
    Harm::Fault(FaultKind::Status { status: 503, after: false }, 40),
    Harm::Fault(FaultKind::Status { status: 504, after: true }, 1),
    Harm::Fault(FaultKind::Status { status: 504, after: true }, 40),
    Harm::Fault(FaultKind::ResetBefore, 1),
    Harm::Fault(FaultKind::ResetBefore, 40),
    Harm::Fault(FaultKind::ResetAfter, 1),
    Harm::Fault(FaultKind::Cut, 1),
    Harm::Kill { after: false },
    Harm::Kill { after: true },
];

/// The codes with which a disturbed apply may end.
const CODES: [i32; 6] = [1, 10, 12, 15, 69, 75];

fn prepare() -> World {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let asked = format!("[[communities]]\nid = \"{COMMUNITY}\"\nreview = \"before-publish\"\n");
    world.manifest(&manifest("1.0", &format!("{FILES}{asked}")));
    world
}

const APPLY: [&str; 3] = ["apply", "--auto-approve", "--initial"];

/// Applies, kills it at the request that hangs.
fn kill_apply(world: &World) {
    let mut child = world.start(&APPLY);
    while world.faults().n_hung() == 0 {
        assert!(child.try_wait().unwrap().is_none(), "the call was not made");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Returns the requests about a draft or a record.
fn list_requests(world: &World, id: u64) -> Vec<Json> {
    let listed = world.alice("GET", &format!("/api/records/{id}/requests"), &Json::Null);
    listed["hits"]["hits"].as_array().unwrap().clone()
}

/// Runs a cell: the apply meets the harm at a call, and is run again; then the community accepts.
fn run_cell(write: &Request, harm: Harm, is_fresh: bool) {
    let told = format!("{} {}, {harm:?}, fresh: {is_fresh}", write.method, write.path);
    let world = prepare();
    // The numbers of drafts are the same each time.
    let on = Matches::parse(&format!("{} {}", write.method, write.path)).unwrap();
    match harm {
        Harm::Fault(kind, times) => {
            world.faults().set(vec![Fault { on, nth: 1, times, kind }]);
            let ran = world.zrel(&APPLY);
            assert!(CODES.contains(&ran.code), "{told}: {ran}");
            assert!(world.faults().fired() > 0, "{told}");
        }
        Harm::Kill { after } => {
            let kind = if after { FaultKind::HangAfter } else { FaultKind::HangBefore };
            world.faults().set(vec![Fault { on, nth: 1, times: 1, kind }]);
            kill_apply(&world);
        }
    }
    world.faults().heal();
    if is_fresh {
        let _ = std::fs::remove_dir_all(world.project().join(".zrel"));
    }
    let last = (0..3).map(|_| world.zrel(&APPLY)).find(|ran| ran.code == 15);
    assert!(last.is_some(), "{told}: {}", world.zrel(&APPLY));
    let drafts = world.open_drafts();
    assert_eq!(drafts.len(), 1, "{told}");
    let requests = list_requests(&world, drafts[0]);
    let open: Vec<&Json> = requests.iter().filter(|one| one["status"] == "submitted").collect();
    assert_eq!((open.len(), requests.len()), (1, 1), "{told}: {requests:#?}");
    let accept = format!("/api/requests/{}/actions/accept", open[0]["id"].as_str().unwrap());
    assert_eq!(world.ask(BOB, "POST", &accept, &json!({})).0, 200, "{told}");
    let ran = world.zrel(&["apply", "--auto-approve"]);
    assert_eq!(ran.code, 0, "{told}: {ran}");
    world.expect_no_changes();
    assert_eq!(world.n_versions(world.concept()), 1, "{told}");
    assert_eq!(world.n_records(), 1, "{told}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_fault_while_a_draft_is_submitted_is_made_up_for_by_the_next_apply() {
    let world = prepare();
    world.requests();
    let ran = world.zrel(&APPLY);
    assert_eq!(ran.code, 15, "{ran}");
    let writes: Vec<Request> =
        world.writes().into_iter().filter(|write| write.path.contains("review")).collect();
    assert_eq!(writes.len(), 2, "{writes:?}");
    for (at, write) in writes.iter().enumerate() {
        for (number, harm) in HARMS.into_iter().enumerate() {
            run_cell(write, harm, (at + number).is_multiple_of(2));
        }
    }
}
