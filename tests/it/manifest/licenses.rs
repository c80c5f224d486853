//! Licences: a name in `init` or a manifest means what it means to Zenodo, one that comes back
//! from a server is read as what it was returned for, and a plan shows which one it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use serde_json::{Value as Json, json};
use zrel::interop::init::{Surroundings, init};
use zrel::interop::manifest_writer::write_manifest;
use zrel::vocab;

use crate::support::world::{FILES, World, manifest};

/// Names of `.zenodo.json` under which a server returns another licence than the one it takes them
/// for, and what it takes them for.
///
/// Source: Zenodo's table of legacy ids and aliases, 2026-08-20.
const TAKEN_FOR: &[(&str, &str)] = &[
    ("apache", "apache-2.0"),
    ("cc-by", "cc-by-4.0"),
    ("cc-by-sa", "cc-by-sa-4.0"),
    ("eiffel", "efl-2.0"),
    ("openfont", "ofl-1.1"),
    ("pythonpl", "cnri-python"),
    ("pythonsoftfoundation", "python-2.0"),
    ("qtpl", "qpl-1.0"),
    ("zpl", "zpl-2.0"),
    // Kept as a text without a version.
    ("fal", "fal"),
    ("gfdl", "gfdl"),
];

/// Returns the licence of the manifest that `init` makes of a `.zenodo.json` with this one.
fn initiated(license: &str) -> Option<String> {
    let text = json!({"title": "Forms", "license": license}).to_string();
    let texts = BTreeMap::from([(".zenodo.json".to_owned(), text)]);
    let made = init(&texts, &Surroundings::default(), &|_| None, date(2026, 11, 28));
    let text = write_manifest(&made.manifest);
    let line = text.lines().find_map(|line| line.strip_prefix("license = \""));
    line.and_then(|line| line.split('"').next()).map(str::to_owned)
}

#[test]
fn init_takes_a_licence_for_what_zenodo_takes_it_for() {
    for (given, meant) in TAKEN_FOR {
        assert_eq!(initiated(given).as_deref(), Some(*meant), "{given}");
    }
}

/// Each id, alias and returned id of the vocabulary: what `init` writes is the licence that a server
/// gives a draft which is sent the same name.
#[test]
fn every_name_of_a_licence_is_read_by_init_as_by_a_server() {
    let world = World::served();
    let draft = world.alice("POST", "/api/deposit/depositions", &json!({}));
    let id = draft["id"].as_u64().unwrap();
    let mut names: BTreeSet<&str> = TAKEN_FOR.iter().map(|(given, _)| *given).collect();
    for license in vocab::list_licenses() {
        names.extend([license.id.as_str(), license.returned_as.as_str()]);
        names.extend(license.also_accepted.iter().map(String::as_str));
    }
    assert!(names.len() > 500, "{}", names.len());
    for name in names {
        let path = format!("/api/deposit/depositions/{id}");
        let metadata = json!({"title": "Forms", "upload_type": "other", "license": name});
        let (status, answer) =
            world.ask(crate::support::world::ALICE, "PUT", &path, &json!({"metadata": metadata}));
        assert_eq!(status, 200, "{name}: {answer:#}");
        // Each licence comes back under a unique id.
        let held = answer["metadata"]["license"].as_str().map(|returned| {
            vocab::list_licenses().iter().find(|license| license.returned_as == returned).unwrap()
        });
        let written = initiated(name);
        match held {
            Some(held) => assert_eq!(written.as_ref(), Some(&held.id), "{name}"),
            // A licence that the server keeps as a text has no id; init keeps its name.
            None => assert_eq!(written.as_deref(), Some(name)),
        }
    }
}

fn licensed(license: &str) -> String {
    manifest("1.0", FILES).replace("\"cc-by-4.0\"", &format!("\"{license}\""))
}

#[test]
fn a_plan_shows_which_licence_it_is() {
    let world = World::served();
    world.write("a.csv", "one\n");
    world.manifest(&licensed("CC-BY-1.0"));
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("license               cc-by-1.0\n"), "{plan}");
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    assert_eq!(world.deposition(id)["metadata"]["license"], "cc-by");
    let show = world.expect(0, &["show"]);
    assert!(show.stdout.contains("cc-by-1.0"), "{show}");
    // What a person means by `cc-by` is the version that Zenodo reads.
    world.manifest(&licensed("cc-by"));
    for format in ["text", "markdown", "json", "html"] {
        let plan = world.expect(0, &["plan", "--format", format]);
        for shown in ["cc-by-1.0", "cc-by-4.0"] {
            assert!(plan.stdout.contains(shown), "{format}: {plan}");
        }
    }
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.deposition(id)["metadata"]["license"], "cc-by-4.0");
}

#[test]
fn a_licence_that_zenodo_keeps_as_a_text_is_published_shown_and_changed() {
    for (name, title) in [("gfdl", "GNU Free Documentation License"), ("fal", "Free Art License")] {
        let world = World::served();
        world.write("a.csv", "one\n");
        world.manifest(&licensed(&name.to_uppercase()));
        world.expect(0, &["validate"]);
        world.apply_then_expect_no_changes(&["--initial"]);
        let id = world.status()["latest"].as_u64().unwrap();
        let record = world.alice("GET", &format!("/api/records/{id}"), &Json::Null);
        assert_eq!(record["metadata"]["license"], Json::Null);
        assert_eq!(world.deposition(id)["metadata"]["license"], Json::Null);
        // An import can't distinguish it from another text, and reports it.
        let again = world.path().join(name);
        std::fs::create_dir(&again).unwrap();
        let address = format!("http://127.0.0.1:{}/records/{id}", world.port());
        let ran = world.expect(0, &["-C", again.to_str().unwrap(), "import", &address]);
        assert!(ran.to_string().contains(title), "{ran}");
        // It is sent again, and so not lost.
        world.manifest(&licensed(name).replace("Some tables.", "Some more tables."));
        let plan = world.plan_json(&[]);
        assert_eq!(plan["losses"], json!([]));
        world.apply_then_expect_no_changes(&[]);
        world.manifest(&licensed("MIT"));
        let plan = world.expect(0, &["plan"]);
        assert!(plan.stdout.contains("license               mit"), "{plan}");
        world.apply_then_expect_no_changes(&[]);
        assert_eq!(world.deposition(id)["metadata"]["license"], "mit-license");
    }
}
