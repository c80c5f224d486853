//! Access as declared state beside faults: whatever goes wrong at one of the calls, the next applies end
//! with each grant and each secret link once, and with a lock that knows what is zrel's to remove.

use std::time::Duration;

use serde_json::Value as Json;
use zrel::local::{Fault, FaultKind, Matches};

use super::doctor_faults::is_whole;
use crate::support::world::{FILES, Ran, Request, World, manifest, publish_first};

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy)]
enum Harm {
    /// The server's fault, so often.
    Fault(FaultKind, usize),
    /// The program is killed when the call is made, or when it is done and not answered.
    Kill { after: bool },
}

const HARMS: [Harm; 10] = [
    Harm::Fault(FaultKind::Status { status: 500, after: false }, 40),
    Harm::Fault(FaultKind::Status { status: 500, after: true }, 40),
    Harm::Fault(FaultKind::Status { status: 503, after: false }, 40),
    Harm::Fault(FaultKind::Status { status: 504, after: true }, 1),
    Harm::Fault(FaultKind::ResetBefore, 40),
    Harm::Fault(FaultKind::ResetAfter, 1),
    Harm::Fault(FaultKind::ResetAfter, 40),
    Harm::Fault(FaultKind::Cut, 1),
    Harm::Kill { after: false },
    Harm::Kill { after: true },
];

/// The codes with which a disturbed apply may end.
const CODES: [i32; 6] = [0, 1, 10, 12, 69, 75];

/// Of how many cells one is run, unless all are. Each kind of harm is among them: it shares no factor
/// with their number.
const EVERY: usize = 3;

/// What is there before, and what is to be there.
struct Change {
    before: &'static str,
    after: &'static str,
    /// How many grants and links there are afterwards, and the row of who may ask.
    n_rows: usize,
}

const CHANGES: [Change; 3] = [
    Change {
        before: "[[access.grants]]\nuser = 2\npermission = \"view\"\n\
                 [[access.links]]\nname = \"old\"\npermission = \"view\"\n\
                 [[access.links]]\nname = \"late\"\npermission = \"view\"\nuntil = 2098-01-01\n\
                 [[access.links]]\nname = \"kept\"\npermission = \"view\"\n",
        after: "[[access.grants]]\nuser = 2\npermission = \"edit\"\n\
                [[access.links]]\nname = \"late\"\npermission = \"view\"\nuntil = 2099-01-01\n\
                [[access.links]]\nname = \"kept\"\npermission = \"preview\"\n\
                [[access.links]]\nname = \"new\"\npermission = \"preview\"\n\
                [access.requests]\nusers = true\nconditions = \"<p>Ask.</p>\"\n",
        n_rows: 5,
    },
    Change {
        before: "",
        after: "[[access.grants]]\nuser = 2\npermission = \"manage\"\n",
        n_rows: 2,
    },
    Change { before: "[[access.grants]]\nuser = 2\npermission = \"view\"\n", after: "", n_rows: 1 },
];

fn prepare(change: &Change) -> (World, u64) {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&manifest("1.0", &format!("{FILES}{}", change.before)));
    let ran = world.zrel(&list_args(&world));
    assert_eq!(ran.code, 0, "{ran}");
    world.manifest(&manifest("1.0", &format!("{FILES}{}", change.after)));
    (world, record)
}

/// Returns the command that applies exactly what a plan shows now.
fn list_args(world: &World) -> Vec<&'static str> {
    let plan = world.zrel(&["plan", "--format", "json"]).json();
    let digest = plan["digest"].as_str().unwrap().to_owned();
    vec!["apply", "--expect", digest.leak()]
}

/// Applies, kills it at the request that hangs.
fn kill_apply(world: &World, args: &[&str]) {
    let mut child = world.start(args);
    while world.faults().n_hung() == 0 {
        assert!(child.try_wait().unwrap().is_none(), "the call was not made");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Returns who has access, sorted, without ids and secrets.
fn list_access(world: &World, record: u64) -> Vec<String> {
    let hits = |what: &str| {
        let path = format!("/api/records/{record}/access/{what}");
        world.alice("GET", &path, &Json::Null)["hits"]["hits"].as_array().unwrap().clone()
    };
    let grants = hits("grants");
    let grants = grants.iter().map(|it| format!("{} {}", it["subject"]["id"], it["permission"]));
    let links = hits("links");
    let links = links
        .iter()
        .map(|it| format!("{} {} {}", it["description"], it["permission"], it["expires_at"]));
    let record = world.native("GET", &format!("/api/records/{record}"), &Json::Null);
    let settings = record["parent"]["access"]["settings"].to_string();
    let mut all: Vec<String> = grants.chain(links).chain([settings]).collect();
    all.sort();
    all
}

/// Runs a cell: the apply meets the harm at a call, and is run again.
fn run_cell(change: &Change, write: &Request, (harm, is_fresh): (Harm, bool), goal: &[String]) {
    let told = format!("{} {}, {harm:?}, fresh: {is_fresh}", write.method, write.path);
    let (world, record) = prepare(change);
    let args = list_args(&world);
    let on = Matches::parse(&format!("{} {}", write.method, find_stable_part(&write.path)));
    let on = on.unwrap();
    match harm {
        Harm::Fault(kind, times) => {
            world.faults().set(vec![Fault { on, nth: 1, times, kind }]);
            let ran = world.zrel(&args);
            assert!(CODES.contains(&ran.code), "{told}: {ran}");
            // An answer without a body can't be cut.
            let has_body = write.method != "DELETE" || kind != FaultKind::Cut;
            assert!(world.faults().fired() > 0 || !has_body, "{told}");
        }
        Harm::Kill { after } => {
            let kind = if after { FaultKind::HangAfter } else { FaultKind::HangBefore };
            world.faults().set(vec![Fault { on, nth: 1, times: 1, kind }]);
            kill_apply(&world, &args);
        }
    }
    world.faults().heal();
    if is_fresh {
        let _ = std::fs::remove_dir_all(world.project().join(".zrel"));
    }
    let runs: Vec<Ran> = (0..2).map(|_| world.zrel(&list_args(&world))).collect();
    assert_eq!(runs[1].code, 0, "{told}: {}\n{}", runs[0], runs[1]);
    world.expect_no_changes();
    assert_eq!(list_access(&world, record), goal, "{told}");
    // What zrel gave is known to be zrel's.
    world.manifest(&manifest("1.0", FILES));
    world.apply_then_expect_no_changes(&[]);
    let settings = goal.iter().find(|line| line.starts_with('{')).unwrap();
    assert_eq!(list_access(&world, record), [settings.as_str()], "{told}");
}

/// Returns the path up to the id of a link, which is another one in each world.
fn find_stable_part(path: &str) -> String {
    match path.split_once("/access/links/") {
        Some((record, _)) => format!("{record}/access/links/*"),
        None => path.to_owned(),
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_fault_while_access_is_given_is_made_up_for_by_the_next_apply() {
    let is_whole = is_whole();
    let mut n_cells = 0;
    for change in &CHANGES {
        let (world, record) = prepare(change);
        let args = list_args(&world);
        world.requests();
        let ran = world.zrel(&args);
        assert_eq!(ran.code, 0, "{ran}");
        let writes = world.writes();
        let goal = list_access(&world, record);
        let kinds: std::collections::BTreeSet<_> = writes
            .iter()
            .map(|write| (write.method.clone(), find_stable_part(&write.path)))
            .collect();
        for (at, kind) in kinds.iter().enumerate() {
            let is_it =
                |write: &&Request| (write.method.clone(), find_stable_part(&write.path)) == *kind;
            let write = writes.iter().find(is_it).unwrap();
            for (number, harm) in HARMS.into_iter().enumerate() {
                let is_fresh = (at + number).is_multiple_of(2);
                n_cells += 1;
                if is_whole || n_cells % EVERY == 0 {
                    run_cell(change, write, (harm, is_fresh), &goal);
                }
            }
        }
        assert_eq!(goal.len(), change.n_rows, "{goal:#?}");
    }
}
