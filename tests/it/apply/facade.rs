//! The library as a program uses it: load, plan, apply what was reviewed.

use std::time::Duration;

use zrel::engine::{EngineError, Project, Release, Session};
use zrel::local::{Fault, FaultKind, Matches};
use zrel::plan::{Operation, PlanFlags};

use crate::support::world::{FILES, World, manifest, publish_first};

/// Runs a program on the world's project and server.
fn run<T>(world: &World, program: impl AsyncFnOnce(&Project, &Session) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let project = Project::load(world.project_options()).unwrap();
    runtime.block_on(async {
        let session = Session::connect(&project, Some(world.token())).await.unwrap();
        program(&project, &session).await
    })
}

fn initial() -> PlanFlags {
    PlanFlags { initial: true, ..PlanFlags::default() }
}

/// The program is dropped while the server makes the draft, and the first readings after that do
/// not show it.
#[test]
fn a_plan_looks_again_for_the_draft_of_an_unanswered_create_call() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    let never_met = Fault::at(usize::MAX, FaultKind::Stale { writes: 1, reads: 3 });
    let on = Matches::parse("POST /api/deposit/depositions").unwrap();
    let hang = Fault { on, ..Fault::at(1, FaultKind::HangAfter) };
    world.faults().set(vec![hang, never_met]);
    run(&world, async |project, session| {
        let planned = project.plan(session, initial()).await.unwrap();
        let create_call_waits = async {
            while world.faults().n_hung() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            applied = Release::new(project, session).apply_planned(planned) => {
                panic!("the create call was answered: {applied:?}");
            }
            () = create_call_waits => {}
        }
    });
    world.faults().set(vec![Fault::at(1, FaultKind::Stale { writes: 1, reads: 3 })]);
    run(&world, async |project, session| {
        let planned = project.plan(session, initial()).await.unwrap();
        let operation = &planned.plan().operation;
        assert!(matches!(operation, Operation::NewRecord { draft: Some(_) }), "{operation:?}");
        let release = Release::new(project, session);
        assert!(release.apply_planned(planned).await.unwrap().record.is_some());
        assert!(project.plan(session, initial()).await.unwrap().plan().is_empty());
    });
    assert_eq!((world.n_records(), world.open_drafts().len()), (1, 0));
}

/// What the lock lost is recorded again, as `zrel apply` does.
#[test]
fn an_empty_plan_records_what_is_on_the_server() {
    let world = World::served();
    publish_first(&world);
    let record = format!("\n[record.concept]\ntest = {}\n", world.concept());
    world.manifest(&manifest("1.0", &format!("{FILES}{record}")));
    world.remove("zenodo.lock");
    let record = run(&world, async |project, session| {
        let planned = project.plan(session, PlanFlags::default()).await.unwrap();
        assert!(planned.plan().is_empty());
        Release::new(project, session).apply_planned(planned).await.unwrap().record
    });
    let lock = world.read("zenodo.lock");
    assert!(lock.contains(&format!("last = {}", record.unwrap().id)), "{lock}");
    world.expect_no_changes();
}

/// Another run applied between plan and apply: nothing is sent, or nothing is left to do.
#[test]
fn an_apply_sends_nothing_but_the_reviewed_plan() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("2.0", FILES));
    run(&world, async |project, session| {
        let [reviewed, same] = [(); 2].map(|()| project.plan(session, PlanFlags::default()));
        let (reviewed, same) = (reviewed.await.unwrap(), same.await.unwrap());
        let release = Release::new(project, session);
        let record = release.apply_planned(same).await.unwrap().record.unwrap();
        assert!(!world.writes().is_empty());
        let applied = release.apply_planned(reviewed).await.unwrap();
        assert!(applied.record.is_some(), "nothing is left to do");
        assert_eq!(world.writes(), []);

        world.manifest(&manifest("3.0", FILES));
        let project = &Project::load(world.project_options()).unwrap();
        let reviewed = project.plan(session, PlanFlags::default()).await.unwrap();
        world.edit_by_hand(record.id.to_string().parse().unwrap(), |metadata| {
            metadata["title"] = "By hand".into();
        });
        assert!(!world.writes().is_empty());
        let refused = Release::new(project, session).apply_planned(reviewed).await;
        assert!(matches!(refused, Err(EngineError::Changed)), "{refused:?}");
        assert_eq!(world.writes(), []);
    });
}
