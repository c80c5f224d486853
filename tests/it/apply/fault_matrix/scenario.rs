//! What is applied: from which state, to which, with which flags.

use std::path::PathBuf;

use serde_json::json;
use zrel::model::Community;
use zrel::plan::PlanFlags;

use crate::support::world::{BOB, FILES, World, manifest, publish_first};

use super::advice;
use super::end_state::{End, end_state};
use super::runner::Runner;

/// Something to be applied.
pub(crate) struct Scenario {
    /// Its name.
    pub(crate) name: &'static str,
    /// Makes what is there before.
    before: fn(&World),
    /// Makes what is to be applied.
    change: fn(&World),
    /// Whether every apply is given `--initial`.
    is_initial: bool,
    /// The community that every apply lets the record leave.
    leave: Option<&'static str>,
    /// The API that the manifests ask for, if it is not zrel's choice.
    api: Option<&'static str>,
}

impl Scenario {
    /// Returns the flags of every apply.
    pub(crate) fn flags(&self) -> PlanFlags {
        let leave = self.leave.map(|slug| Community(slug.to_owned()));
        PlanFlags {
            initial: self.is_initial,
            leave: leave.into_iter().collect(),
            ..PlanFlags::default()
        }
    }
}

/// All scenarios.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "first publication",
        before: |_| {},
        change: |world| write_two(world, &manifest("1.0", FILES)),
        is_initial: true,
        leave: None,
        api: None,
    },
    Scenario {
        name: "many new files",
        before: |_| {},
        change: |world| {
            world.manifest(&manifest("1.0", FILES));
            write_many(world, "new");
        },
        is_initial: true,
        leave: None,
        api: None,
    },
    Scenario {
        name: "many replaced files",
        before: |world| {
            world.manifest(&manifest("1.0", FILES));
            write_many(world, "first");
            world.apply_then_expect_no_changes(&["--initial"]);
        },
        change: |world| {
            world.manifest(&manifest("1.1", FILES));
            write_many(world, "second");
            world.write("f.csv", "new\n");
        },
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "next version",
        before: |world| {
            publish_first(world);
        },
        change: next_version,
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "edit in place",
        before: |world| {
            publish_first(world);
        },
        change: |world| {
            world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
        },
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "first publication by the records API",
        before: |_| {},
        change: |world| write_two(world, &rich_manifest("1.0", "A subtitle")),
        is_initial: true,
        leave: None,
        api: None,
    },
    Scenario {
        name: "next version by the records API",
        before: publish_rich,
        change: |world| {
            next_version(world);
            world.manifest(&rich_manifest("1.1", "A subtitle"));
        },
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "edit in place by the records API",
        before: publish_rich,
        change: |world| world.manifest(&rich_manifest("1.0", "Another subtitle")),
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "first publication by the records API alone",
        before: |_| {},
        change: |world| write_two(world, &manifest("1.0", &format!("{PUBLISHER}{FILES}"))),
        is_initial: true,
        leave: None,
        api: Some("records"),
    },
    Scenario {
        name: "many new files by the records API alone",
        before: |_| {},
        change: |world| {
            world.manifest(&manifest("1.0", &format!("{PUBLISHER}{FILES}")));
            write_many(world, "new");
        },
        is_initial: true,
        leave: None,
        api: Some("records"),
    },
    Scenario {
        name: "next version by the records API alone",
        before: publish_rich,
        change: |world| {
            next_version(world);
            world.manifest(&rich_manifest("1.1", "A subtitle"));
        },
        is_initial: false,
        leave: None,
        api: Some("records"),
    },
    Scenario {
        name: "edit in place by the records API alone",
        before: publish_rich,
        change: |world| world.manifest(&rich_manifest("1.0", "Another subtitle")),
        is_initial: false,
        leave: None,
        api: Some("records"),
    },
    Scenario {
        name: "own draft left over",
        before: |world| {
            publish_first(world);
            world.manifest(&manifest("1.1", FILES));
            world.write("x.csv", "left over\n");
            world.apply(&["--no-publish"]);
            world.remove("x.csv");
        },
        change: next_version,
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "unknown draft adopted",
        before: |world| {
            let record = publish_first(world);
            let draft = world.new_version_by_hand(record);
            world.put_file(&draft, "other.csv", "by hand\n");
        },
        change: next_version,
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "file in a folder",
        before: |world| {
            in_folder(world, "1.0", "first\n");
            world.apply_then_expect_no_changes(&["--initial"]);
        },
        change: |world| in_folder(world, "1.1", "second\n"),
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "draft that blocks itself",
        before: |world| {
            publish_first(world);
            world.manifest(&manifest("1.1", FILES));
            world.apply(&["--no-publish"]);
            let path = format!("/api/records/{}/draft", world.open_drafts()[0]);
            world.native("POST", &format!("{path}/files"), &json!([{"key": "half.csv"}]));
            let mut draft = world.native("GET", &path, &json!(null));
            draft["pids"] = json!({"doi": {"identifier": "", "provider": "external"}});
            world.native("PUT", &path, &draft);
        },
        change: next_version,
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "communities",
        before: |world| {
            publish_first(world);
        },
        change: |world| {
            next_version(world);
            let asked = "[[communities]]\nid = \"c1\"\n[[communities]]\nid = \"user2-community\"\n";
            world.manifest(&manifest("1.1", &format!("{FILES}{asked}")));
        },
        is_initial: false,
        leave: None,
        api: None,
    },
    Scenario {
        name: "leaving a community",
        before: |world| {
            let record = publish_first(world);
            let asked = "[[communities]]\nid = \"user2-community\"\n";
            world.manifest(&manifest("1.0", &format!("{FILES}{asked}")));
            world.apply(&[]);
            accept_request(world, record);
            world.expect_no_changes();
        },
        change: |world| {
            next_version(world);
            let asked = "[[communities]]\nid = \"user2-open-review\"\n";
            world.manifest(&manifest("1.1", &format!("{FILES}{asked}")));
        },
        is_initial: false,
        leave: Some("user2-community"),
        api: None,
    },
];

/// Accepts the newest request about a record, as the community's curator.
fn accept_request(world: &World, record: u64) {
    let listed = world.alice("GET", &format!("/api/records/{record}/requests"), &json!(null));
    let request = listed["hits"]["hits"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/requests/{request}/actions/accept");
    assert_eq!(world.ask(BOB, "POST", &path, &json!({})).0, 200);
}

/// A manifest and two files.
fn write_two(world: &World, manifest: &str) {
    world.manifest(manifest);
    world.write("a.csv", "one\n");
    world.write("b.csv", "two\n");
}

/// Files of several sizes, so that some are on their way longer than others.
fn write_many(world: &World, text: &str) {
    for (number, name) in ["a", "b", "c", "d", "e"].iter().enumerate() {
        world.write(&format!("{name}.csv"), &format!("{text},").repeat(1 + 2000 * number));
    }
}

/// A file whose name has a slash, beside another.
fn in_folder(world: &World, label: &str, content: &str) {
    let files = "[[files]]\npath = \"repo.csv\"\nas = \"owner/repo.csv\"\n";
    world.manifest(&manifest(label, &format!("{files}[[files]]\npath = \"a.csv\"\n")));
    world.write("a.csv", "one\n");
    world.write("repo.csv", content);
}

/// Zenodo has one of its own, and another server none.
const PUBLISHER: &str = "publisher = \"Institute of Forms\"\n";

/// A manifest that only the records API can write.
fn rich_manifest(label: &str, subtitle: &str) -> String {
    let fields = format!(
        "titles = [{{ title = \"{subtitle}\", kind = \"subtitle\" }}]\n\
         contributors = [{{ name = \"CERN\", kind = \"organization\", type = \"Sponsor\" }}]\n\
         copyright = \"© 2026\"\n\
         {PUBLISHER}\
         [metadata.custom]\n\"code:programmingLanguage\" = [\"rust\"]\n"
    );
    manifest(label, &format!("{fields}{FILES}"))
}

/// Publishes what only the records API can write.
fn publish_rich(world: &World) {
    for name in ["a", "b", "c"] {
        world.write(&format!("{name}.csv"), &format!("{name}\n"));
    }
    world.manifest(&rich_manifest("1.0", "A subtitle"));
    world.apply_then_expect_no_changes(&["--initial"]);
}

/// A file changed, one deleted, one added, one renamed.
fn next_version(world: &World) {
    world.write("a.csv", "one,two,three\n");
    world.remove("b.csv");
    world.write("d.csv", "new\n");
    world.remove("c.csv");
    world.write("e.csv", "six\n");
    world.manifest(&manifest("1.1", FILES));
}

/// A scenario made ready, to be copied for each cell.
pub(crate) struct Stage {
    /// Which.
    pub(crate) scenario: &'static Scenario,
    world: World,
    /// The lock as it is committed: as it was before the change.
    pub(crate) committed_lock: Option<String>,
    /// The state before.
    pub(crate) before: End,
    /// What an undisturbed run leaves.
    pub(crate) goal: End,
    /// How many requests an undisturbed run makes.
    pub(crate) n_requests: usize,
    /// Which of them write, from 1.
    pub(crate) writes: Vec<usize>,
}

impl Stage {
    /// Prepares a scenario, and runs it once undisturbed.
    pub(crate) fn prepare(scenario: &'static Scenario) -> Self {
        let mut world = World::served_apart();
        world.set_api(scenario.api);
        world.set_now(&zrel::clock::Clock::Real.now().to_string());
        (scenario.before)(&world);
        let before = end_state(&world);
        let committed_lock = std::fs::read_to_string(lock_path(&world)).ok();
        (scenario.change)(&world);
        world.stop();
        let mut stage = Self {
            scenario,
            world,
            committed_lock,
            goal: before.clone(),
            before,
            n_requests: 0,
            writes: Vec::new(),
        };
        stage.run_undisturbed();
        stage
    }

    fn run_undisturbed(&mut self) {
        let world = self.world();
        let ran = advice::apply(Runner::Program, &world, self.scenario.flags(), 2);
        assert_eq!(ran.last().unwrap().code, 0, "{}: {}", self.scenario.name, ran.last().unwrap());
        let requests: Vec<_> = world.all_requests();
        let written = requests.iter().enumerate().filter(|(_, request)| request.is_write());
        self.writes = written.map(|(at, _)| at + 1).collect();
        self.n_requests = requests.len();
        world.expect_no_changes();
        self.goal = end_state(&world);
    }

    /// Returns whether a record is created.
    pub(crate) fn creates(&self) -> bool {
        self.before.n_concepts < self.goal.n_concepts
    }

    /// Returns a copy of the prepared world, its server running and its log empty.
    pub(crate) fn world(&self) -> World {
        self.world.copy()
    }
}

/// Returns the path of a world's lock.
pub(crate) fn lock_path(world: &World) -> PathBuf {
    world.project().join("zenodo.lock")
}
