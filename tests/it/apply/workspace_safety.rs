//! What keeps a workspace from publishing what nobody meant: copies, other roots, signals, changes
//! by other clients.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use crate::apply::safety::{Fate, Proxy};
use crate::support::world::{Ran, World, copy_folder};

use super::workspace::{
    ROOT, count_published, expect_no_changes, plan, refuse_publication, refuse_uploads, start,
    write_member, write_root,
};

#[test]
fn a_copied_member_is_no_new_version_of_the_other_record() {
    let world = World::served();
    start(&world);
    fs::remove_dir_all(world.project().join(".git")).unwrap();
    world.git(&["init", "-q", "-b", "main"]);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    copy_folder(&world.project().join("deposits/a"), &world.project().join("deposits/d"));
    write_member(&world, "d", "2.0", "");
    world.requests();
    let refused = world.zrel(&["apply", "--initial", "--auto-approve"]);
    let words = "deposits/d: it is bound to the record of `deposits/a`";
    assert!(refused.code == 11 && refused.stderr.contains(words), "{refused}");
    // Alone, or named, it is refused as well.
    for args in [["-C", "deposits/d", "apply"], ["apply", "-p", "deposits/d"]] {
        let refused = world.zrel(&[&args[..], &["--auto-approve"]].concat());
        let words = "is that of the member `deposits/a/zenodo.toml`";
        assert!(refused.code == 11 && refused.stdout.contains(words), "{refused}");
    }
    // One draft is not reserved for both.
    let ran = world.zrel(&["reserve", "--initial"]);
    assert!(ran.code == 11 && ran.stderr.contains("deposits/a/zenodo.toml"), "{ran}");
    assert_eq!(world.writes().len(), 0);
    world.remove("deposits/d/zenodo.lock");
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&world);
    assert_eq!(world.n_records(), 4);
}

#[test]
fn new_records_of_one_title_need_a_confirmation() {
    let world = World::served();
    start(&world);
    let path = "deposits/b/zenodo.toml";
    world.write(path, &world.read(path).replace("Tables b", "tables A"));
    let refused = world.zrel(&["apply", "--initial", "--auto-approve"]);
    assert!(refused.code == 13 && refused.stderr.contains("has the title of"), "{refused}");
    assert_eq!(world.own_depositions().len(), 0);
    let flags = ["--initial", "--same-title"];
    let digest = plan(&world, &flags)["digest"].as_str().unwrap().to_owned();
    world.expect(0, &[&["apply", "--expect", &digest][..], &flags].concat());
    expect_no_changes(&world);
}

#[test]
fn a_member_is_not_published_without_what_a_faulty_root_gives_it() {
    let world = World::served();
    start(&world);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let text = world.read("zenodo.toml");
    let file = |name: &str| format!("{name}\n{text}");
    for (root, words) in [
        (file("membrs = 1"), "membrs"),
        (file("[broken"), "zenodo.toml"),
        (text.replace("CC-BY-4.0", "no-such"), "error[ZR0107]"),
        (file("membrs = 1").replace("[workspace]", "[ workspace ]"), "membrs"),
        (file("[broken").replace("[workspace]", "[ workspace ]"), "zenodo.toml"),
    ] {
        world.write("zenodo.toml", &root);
        world.requests();
        let refused = world.zrel(&["-C", "deposits/a", "apply", "--auto-approve"]);
        assert!(refused.code == 65 && refused.stderr.contains(words), "{refused}");
        assert_eq!(world.requests().len(), 0);
    }
}

#[test]
fn a_member_of_another_root_is_refused_and_a_root_has_one_name() {
    let world = World::served();
    start(&world);
    world.write("other.toml", &world.read("zenodo.toml"));
    let refused = world.expect(64, &["-m", "other.toml", "plan"]);
    assert!(refused.stderr.contains("the root of a workspace is named zenodo.toml"), "{refused}");
    // A submodule or a clone.
    world.write("deposits/b/.git/HEAD", "ref: refs/heads/main\n");
    let refused = world.expect(65, &["plan", "--initial"]);
    assert!(refused.stderr.contains("inherits nothing of this workspace"), "{refused}");
    fs::remove_dir_all(world.project().join("deposits/b/.git")).unwrap();
    // Unpacked from an archive, without a repository.
    fs::remove_dir_all(world.project().join(".git")).unwrap();
    let all = plan(&world, &["--initial"]);
    assert_eq!(all["members"][0]["plan"]["target"]["metadata"]["license"], "cc-by-4.0");
    let alone = world.expect(0, &["-C", "deposits/b", "plan", "--initial", "--format", "json"]);
    assert_eq!(alone.json()["digest"], all["members"][1]["plan"]["digest"]);
}

#[test]
fn a_pattern_that_matches_the_root_or_a_link_means_the_others() {
    let world = World::served();
    start(&world);
    world.write("data.toml", &world.read("deposits/a/zenodo.toml").replace("*.csv", "data.toml"));
    write_root(&world, &ROOT.replace("[\"deposits/*\"]", "[\"*.toml\", \"deposits/*\"]"));
    #[cfg(unix)]
    std::os::unix::fs::symlink("/tmp", world.project().join("deposits/link")).unwrap();
    let all = plan(&world, &["--initial", "--same-title"]);
    let keys: Vec<&str> =
        all["members"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert_eq!(keys, [".:data", "deposits/a", "deposits/b", "deposits/c"]);
}

#[test]
fn an_approved_digest_holds_after_a_part_was_published() {
    let mut world = World::served();
    // The n-th publication is that of the n-th member.
    world.set_jobs(1);
    start(&world);
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    refuse_publication(&world, 2);
    assert_ne!(world.zrel(&["apply", "--initial", "--expect", &digest]).code, 0);
    assert_eq!(count_published(&world), 2);
    world.faults().heal();
    // What is left must still be what was approved.
    let path = "deposits/b/a.csv";
    let text = world.read(path);
    world.write(path, "other\n");
    world.expect(10, &["apply", "--initial", "--expect", &digest]);
    world.write(path, &text);
    let again = world.expect(0, &["apply", "--initial", "--expect", &digest]);
    assert!(again.stdout.contains("Published Tables b 1.0"), "{again}");
    expect_no_changes(&world);
    // A done workspace is approved by what was done.
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
}

/// A workspace of three members behind a proxy, and what somebody does in between.
struct Watched {
    world: World,
    meeting: Arc<Mutex<Option<Meeting>>>,
}

/// Before the n-th request that has this, something is done.
struct Meeting {
    part: &'static str,
    left: usize,
    reached: Sender<()>,
    may_go: Receiver<()>,
}

impl Watched {
    fn start() -> Self {
        let mut world = World::served();
        // One member after the other: the work happens at a known place.
        world.set_jobs(1);
        let meeting: Arc<Mutex<Option<Meeting>>> = Arc::default();
        let shared = Arc::clone(&meeting);
        let proxy = Proxy::before_port(world.port(), move |request| {
            let mut open = shared.lock().unwrap();
            if let Some(next) = open.as_mut().filter(|next| request.contains(next.part)) {
                next.left -= 1;
                if next.left == 0
                    && let Some(due) = open.take()
                {
                    due.reached.send(()).unwrap();
                    due.may_go.recv().unwrap();
                }
            }
            Fate::Pass
        });
        world.go_through(proxy.port);
        start(&world);
        let root = world.read("zenodo.toml");
        let (direct, through) = (world.port().to_string(), proxy.port.to_string());
        world.write("zenodo.toml", &root.replace(&direct, &through));
        Self { world, meeting }
    }

    /// Applies all, and does something right before the n-th request that has this.
    fn apply_with_work_before(
        &self,
        (part, left): (&'static str, usize),
        args: &[&str],
        work: impl FnOnce(&World, &Child),
    ) -> Ran {
        let (reached, at) = channel();
        let (go, may_go) = channel();
        *self.meeting.lock().unwrap() = Some(Meeting { part, left, reached, may_go });
        let args = [&["apply", "--initial", "--auto-approve"][..], args].concat();
        let mut command = self.world.command(&args);
        let log = self.world.path().join("stderr.txt");
        command.stdout(Stdio::piped()).stderr(fs::File::create(&log).unwrap());
        let child = command.spawn().unwrap();
        let came = at.recv_timeout(Duration::from_mins(1)).is_ok();
        assert!(came, "the request never came: {}", fs::read_to_string(log).unwrap());
        work(&self.world, &child);
        go.send(()).unwrap();
        let ran: Ran = child.wait_with_output().unwrap().into();
        Ran { stderr: fs::read_to_string(log).unwrap(), ..ran }
    }
}

fn find_draft(world: &World, title: &str) -> u64 {
    let all = world.own_depositions();
    all.into_iter().find(|one| one["title"] == title).unwrap()["id"].as_u64().unwrap()
}

#[test]
fn a_draft_that_another_client_changed_after_it_was_filled_is_not_written_over() {
    let watched = Watched::start();
    let ran = watched.apply_with_work_before(("/api/files/", 3), &[], |world, _| {
        world.put_metadata(find_draft(world, "Tables a"), |metadata| {
            metadata["title"] = json!("Changed by a person");
        });
    });
    assert_eq!(ran.code, 10, "{ran}");
    assert!(ran.stderr.contains("nothing of the workspace is published"), "{ran}");
    assert_eq!(count_published(&watched.world), 0);
    assert_eq!(
        watched.world.deposition(find_draft(&watched.world, "Changed by a person"))["submitted"],
        false
    );
    watched.world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&watched.world);
}

#[cfg(unix)]
#[test]
fn after_a_request_to_stop_no_other_member_is_published() {
    let watched = Watched::start();
    let ran = watched.apply_with_work_before(("/actions/publish", 1), &[], |world, child| {
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        // The request goes on once the program has heard of it.
        let log = world.path().join("stderr.txt");
        while !fs::read_to_string(&log).unwrap().contains("stopping as soon as it is safe") {
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    assert_eq!(ran.code, 130, "{ran}");
    assert!(ran.stderr.contains("not begun: deposits/b, deposits/c"), "{ran}");
    assert!(count_published(&watched.world) <= 1);
    watched.world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&watched.world);
    assert_eq!(watched.world.own_depositions().len(), 3);
}

#[test]
fn after_the_time_of_the_run_no_other_member_is_published() {
    let watched = Watched::start();
    let limit = ["--time-limit", "10s"];
    let ran = watched.apply_with_work_before(("/actions/publish", 1), &limit, |_, _| {
        std::thread::sleep(Duration::from_secs(11));
    });
    assert!([12, 14].contains(&ran.code), "{ran}");
    assert!(ran.stderr.contains("not begun: deposits/b, deposits/c"), "{ran}");
    assert!(count_published(&watched.world) <= 1);
    watched.world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&watched.world);
}

#[test]
fn a_fill_that_fails_goes_on_at_the_root() {
    let world = World::served();
    start(&world);
    refuse_uploads(&world);
    let ran = world.zrel(&["apply", "--initial", "--auto-approve"]);
    assert!(ran.stderr.contains("run `zrel apply` again at the root of the workspace"), "{ran}");
    assert!(!ran.stderr.contains("zrel -C"), "{ran}");
    world.faults().heal();
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&world);
}

#[test]
fn a_member_that_is_done_has_it_in_its_lock() {
    let world = World::served();
    start(&world);
    world.expect(0, &["apply", "--initial", "--no-publish", "--auto-approve"]);
    let filled = world.read("deposits/a/zenodo.lock");
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let published = world.read("deposits/a/zenodo.lock");
    // As if the run had ended before it wrote the lock.
    world.write("deposits/a/zenodo.lock", &filled);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    assert_eq!(world.read("deposits/a/zenodo.lock"), published);
    expect_no_changes(&world);
}

/// Makes a workspace whose members have the same description: the workspace's.
fn start_described(world: &World) {
    start(world);
    fs::remove_dir_all(world.project().join(".git")).unwrap();
    world.git(&["init", "-q", "-b", "main"]);
    let described = format!("{ROOT}description = \"<p>Tables of a project.</p>\"\n");
    write_root(world, &described);
    for name in ["a", "b", "c"] {
        let path = format!("deposits/{name}/zenodo.toml");
        let text = world.read(&path);
        let own = format!("description = \"<p>About {name}.</p>\"\n");
        world.write(&path, &text.replace(&own, ""));
    }
}

#[test]
fn the_draft_of_one_member_is_no_draft_of_another() {
    let world = World::served();
    start_described(&world);
    world.expect(0, &["apply", "--initial", "-p", "deposits/a", "--until", "prepare"]);
    let draft = find_draft(&world, "Tables a").to_string();
    for verb in ["apply", "reserve"] {
        let mut args = vec!["-C", "deposits/b", verb, "--adopt-draft", &draft];
        args.extend((verb == "apply").then_some("--auto-approve"));
        let ran = world.expect(11, &args);
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains("ZR0317"), "{ran}");
    }
    assert_eq!(count_published(&world), 0);
    // No other member is taken for it either.
    refuse_uploads(&world);
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    world.zrel(&["apply", "--initial", "--expect", &digest]);
    world.faults().heal();
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
    expect_no_changes(&world);
    assert_eq!((count_published(&world), world.own_depositions().len()), (3, 3));
}

#[test]
fn members_are_told_by_their_keys() {
    let world = World::served();
    start(&world);
    let root = ROOT.replace("\"deposits/*\"", "\"deposits/*\", \"deposits/d/data.toml\"");
    write_root(&world, &root);
    let text = world.read("deposits/a/zenodo.toml");
    world.write("deposits/d:data/zenodo.toml", &text);
    world.write("deposits/d/data.toml", &text);
    let ran = world.expect(65, &["plan", "--initial"]);
    assert!(ran.stderr.contains("have the same key"), "{ran}");
    let adopted = world.expect(65, &["plan", "--initial", "--adopt-draft", "7"]);
    assert!(adopted.stderr.contains("have the same key"), "{adopted}");
    fs::remove_dir_all(world.project().join("deposits/d:data")).unwrap();
    let adopted = world.expect(64, &["plan", "--initial", "--adopt-draft", "7"]);
    assert!(adopted.stderr.contains("--adopt-draft is for one record"), "{adopted}");
}

#[test]
fn a_run_that_is_refused_leaves_the_note_of_what_was_approved() {
    let mut world = World::served();
    world.set_jobs(1);
    start(&world);
    let digest = plan(&world, &["--initial"])["digest"].as_str().unwrap().to_owned();
    refuse_publication(&world, 2);
    world.zrel(&["apply", "--initial", "--expect", &digest]);
    world.faults().heal();
    assert_eq!(count_published(&world), 2);
    let text = world.read("deposits/b/zenodo.toml");
    world.write("deposits/b/zenodo.toml", &text.replace("About b", "Another"));
    // Nobody can be asked.
    world.expect(13, &["apply", "--initial"]);
    world.write("deposits/b/zenodo.toml", &text);
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
    expect_no_changes(&world);
    world.expect(64, &["apply", "--accept-rewrite", "nonsense"]);
}
