//! What another client does between the plan and the call that opens a draft or an edit: its work
//! is neither overwritten, published nor discarded.

use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::apply::safety::{Fate, Proxy};
use crate::support::world::{FILES, Ran, World, manifest, publish_first};

/// Where a request waits for another client: when it comes, and when it may go on.
type Meeting = (Sender<()>, Receiver<()>);

/// A record on a server behind a proxy, and what another client does in between.
struct Served {
    world: World,
    first: u64,
    /// The end of the path before which the other client works.
    meeting: Arc<Mutex<Option<(&'static str, Meeting)>>>,
}

impl Served {
    fn start() -> Self {
        let mut world = World::served();
        let meeting: Arc<Mutex<Option<(&'static str, Meeting)>>> = Arc::default();
        let shared = Arc::clone(&meeting);
        let proxy = Proxy::before_port(world.port(), move |request| {
            let mut open = shared.lock().unwrap();
            if open.as_ref().is_some_and(|(end, _)| request.ends_with(end))
                && let Some((_, (reached, may_go))) = open.take()
            {
                reached.send(()).unwrap();
                may_go.recv().unwrap();
            }
            Fate::Pass
        });
        world.go_through(proxy.port);
        let first = publish_first(&world);
        Self { world, first, meeting }
    }

    /// Applies, and does something right before the first request whose path ends with this.
    fn apply_with_work_before(&self, end: &'static str, work: impl FnOnce(&World, u64)) -> Ran {
        self.run_with_work_before(end, work, &mut self.world.command(&["apply", "--auto-approve"]))
    }

    fn run_with_work_before(
        &self,
        end: &'static str,
        work: impl FnOnce(&World, u64),
        command: &mut Command,
    ) -> Ran {
        let (reached, at) = channel();
        let (go, may_go) = channel();
        *self.meeting.lock().unwrap() = Some((end, (reached, may_go)));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let came = at.recv_timeout(Duration::from_mins(1));
        assert!(came.is_ok(), "the request never came");
        work(&self.world, self.first);
        go.send(()).unwrap();
        child.wait_with_output().unwrap().into()
    }
}

fn next_version(world: &World) {
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
}

/// Opens the next version as the web page does, without files, and describes it.
fn write_in_browser(world: &World, record: u64) -> u64 {
    let draft = world.native("POST", &format!("/api/records/{record}/versions"), &json!(null));
    let id: u64 = draft["id"].as_str().unwrap().parse().unwrap();
    world.put_metadata(id, |metadata| {
        metadata["title"] = json!("Second edition, by hand");
        metadata["keywords"] = json!(["hours of work"]);
    });
    id
}

fn title(world: &World, id: u64) -> Json {
    world.deposition(id)["metadata"]["title"].clone()
}

#[test]
fn a_draft_that_another_client_opened_is_left_alone() {
    let served = Served::start();
    let Served { world, .. } = &served;
    next_version(world);
    let mut draft = 0;
    let ran = served.apply_with_work_before("/newversion", |world, first| {
        draft = write_in_browser(world, first);
    });
    assert_eq!(ran.code, 10, "{ran}");
    let words = format!("draft {draft} is not a copy of what the plan is based on");
    assert!(ran.stderr.contains(&words) && ran.stderr.contains("keywords"), "{ran}");
    assert_eq!(title(world, draft), "Second edition, by hand");
    let blocked = world.expect(11, &["plan"]);
    assert!(blocked.stdout.contains("error[ZR0304]"), "{blocked}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &draft.to_string()]);
}

#[test]
fn what_is_in_another_client_s_draft_is_not_in_the_log_of_a_workflow() {
    let served = Served::start();
    next_version(&served.world);
    let mut command = served.world.command(&["apply", "--auto-approve"]);
    command.env("GITHUB_ACTIONS", "true");
    let write = |world: &World, first| {
        write_in_browser(world, first);
    };
    let ran = served.run_with_work_before("/newversion", write, &mut command);
    assert_eq!(ran.code, 10, "{ran}");
    assert!(ran.stderr.contains("is not a copy of what the plan is based on"), "{ran}");
    assert!(!ran.stderr.contains("hours of work"), "{ran}");
}

#[test]
fn a_draft_of_a_newer_version_is_not_discarded() {
    let served = Served::start();
    let Served { world, .. } = &served;
    next_version(world);
    let mut draft = 0;
    let ran = served.apply_with_work_before("/newversion", |world, first| {
        let second = world.new_version_by_hand(first)["id"].as_u64().unwrap();
        world.put_metadata(second, |metadata| metadata["version"] = json!("1.0.1"));
        world.action(second, "publish");
        draft = write_in_browser(world, second);
    });
    assert_eq!(ran.code, 10, "{ran}");
    assert_eq!(title(world, draft), "Second edition, by hand");
    assert_eq!(world.n_versions(world.concept()), 3, "{ran}");
}

#[test]
fn a_version_that_differs_only_in_its_label_is_seen_before_publishing() {
    let served = Served::start();
    let Served { world, .. } = &served;
    next_version(world);
    let ran = served.apply_with_work_before("/newversion", |world, first| {
        let second = world.new_version_by_hand(first)["id"].as_u64().unwrap();
        world.put_metadata(second, |metadata| metadata["version"] = json!("1.1"));
        world.action(second, "publish");
    });
    assert_eq!(ran.code, 10, "{ran}");
    assert_eq!(world.n_versions(world.concept()), 2, "{ran}");
    assert_eq!(world.open_drafts(), [0; 0], "{ran}");
    // The next plan says that the version is not zrel's, and that its label is taken.
    let blocked = world.expect(11, &["plan"]);
    assert!(blocked.stdout.contains("error[ZR0307]"), "{blocked}");
    assert!(blocked.stdout.contains("error[ZR0311]"), "{blocked}");
}

#[test]
fn a_correction_of_the_published_record_is_not_reverted() {
    let served = Served::start();
    let Served { world, first, .. } = &served;
    next_version(world);
    let ran = served.apply_with_work_before("/newversion", |world, first| {
        world.edit_by_hand(first, |metadata| metadata["title"] = json!("Corrected"));
    });
    assert_eq!(ran.code, 10, "{ran}");
    assert_eq!(title(world, *first), "Corrected");
    // What it opened holds only what is published, and the next plan shows the correction.
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("Corrected"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.n_versions(world.concept()), 2);
}

#[test]
fn an_edit_that_another_client_opened_is_left_alone() {
    let served = Served::start();
    let Served { world, first, .. } = &served;
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let ran = served.apply_with_work_before("/edit", |world, first| {
        world.action(first, "edit");
        world.put_metadata(first, |metadata| metadata["title"] = json!("By hand"));
    });
    assert_eq!(ran.code, 10, "{ran}");
    assert_eq!(title(world, *first), "By hand");
    let blocked = world.expect(11, &["plan"]);
    assert!(blocked.stdout.contains("error[ZR0304]"), "{blocked}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &first.to_string()]);
}
