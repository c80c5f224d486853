//! `zrel export`: what it prints, writes and reports, and what it never overwrites.

use serde_json::{Value as Json, json};

use crate::support::world::{FILES, World, manifest};

#[test]
fn each_format_goes_to_stdout_and_what_is_lost_to_stderr() {
    let world = World::local();
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    // The files need not be there.
    let ran = world.expect(0, &["export", "zenodo-json"]);
    assert_eq!(ran.json()["license"], "cc-by-4.0");
    assert!(ran.json()["publication_date"].is_null());
    assert!(
        ran.stderr.contains("publication_date (it is the day of the release, not known yet)"),
        "{ran}"
    );
    let ran = world.expect(0, &["export", "cff"]);
    assert!(ran.stdout.starts_with("cff-version: 1.2.0\n"), "{ran}");
    assert!(
        ran.stderr.contains("not carried over: access_right (the format has no place for it)\n"),
        "{ran}"
    );
    assert_eq!(world.expect(0, &["export", "codemeta"]).json()["@type"], "Dataset");
    let ran = world.expect(0, &["export", "bibtex"]);
    assert!(ran.stdout.starts_with("@dataset{weiss_tables,\n"), "{ran}");
    assert!(ran.stderr.contains("license"), "{ran}");
    let ran = world.expect(0, &["export", "apa"]);
    assert!(ran.stdout.starts_with("Weiss, T. (n.d.). Tables"), "{ran}");
}

#[test]
fn a_file_with_other_content_stays_without_force() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    let args = ["export", "cff", "--out", "CITATION.cff"];
    world.expect(0, &args);
    let written = world.read("CITATION.cff");
    world.expect(0, &args);
    world.write("CITATION.cff", "mine\n");
    let ran = world.expect(13, &args);
    assert!(ran.stderr.contains("--force"), "{ran}");
    assert_eq!(world.read("CITATION.cff"), "mine\n");
    world.expect(0, &["export", "cff", "--out", "CITATION.cff", "--force"]);
    assert_eq!(world.read("CITATION.cff"), written);
}

#[test]
fn the_doi_is_that_of_the_version_and_else_of_all_versions() {
    let world = World::served();
    let metadata = json!({
        "title": "Tables", "upload_type": "dataset", "creators": [{"name": "Weiss, Tobias"}],
        "description": "<p>Some.</p>", "publication_date": "2026-06-01", "version": "1.0",
    });
    let draft = world.alice("POST", "/api/deposit/depositions", &json!({"metadata": metadata}));
    world.put_file(&draft, "a.csv", "one\n");
    let record = world.action(draft["id"].as_u64().unwrap(), "publish");
    let address = format!("http://127.0.0.1:{}/records/{}", world.port(), record["id"]);
    world.expect(0, &["import", &address, "--server", "test", "--download"]);
    world.expect_no_changes();
    let (doi, concept) = (record["doi"].as_str().unwrap(), record["conceptdoi"].as_str().unwrap());
    let ran = world.expect(0, &["export", "cff"]);
    assert!(ran.stdout.contains(&format!("doi: \"{doi}\"\n")), "{ran}");
    assert!(ran.stdout.contains(&format!("value: \"{concept}\"\n")), "{ran}");
    let next = world.read("zenodo.toml").replace("version = \"1.0\"", "version = \"2.0\"");
    world.write("zenodo.toml", &next);
    let ran = world.expect(0, &["export", "cff"]);
    assert!(ran.stdout.contains(&format!("doi: \"{concept}\"\n")), "{ran}");
    assert!(ran.stderr.contains("the manifest's own is not published"), "{ran}");
}

#[test]
fn what_is_exported_publishes_the_same_record() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    let mut metadata: Json = world.expect(0, &["export", "zenodo-json"]).json();
    metadata["publication_date"] = "2026-06-01".into();
    let draft = world.alice("POST", "/api/deposit/depositions", &json!({"metadata": metadata}));
    for (name, value) in metadata.as_object().unwrap() {
        let held = &draft["metadata"][name];
        if name != "creators" {
            assert_eq!(held, value, "{name}");
        }
    }
}

#[test]
fn a_rehearsal_gives_no_doi() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    let ran = world.expect(0, &["export", "bibtex"]);
    assert!(!ran.stdout.contains("doi"), "{ran}");
    assert!(ran.stderr.contains("is a rehearsal"), "{ran}");
}

#[test]
fn what_init_reads_of_a_citation_file_is_in_the_one_that_is_exported() {
    let world = World::local();
    let addresses = [
        "repository-code: \"https://github.com/example/icefloe\"",
        "repository-artifact: \"https://example.org/icefloe.tar.gz\"",
        "url: \"https://example.org/icefloe\"",
    ];
    for kind in ["software", "dataset"] {
        let lines = addresses.join("\n");
        world.write(
            "CITATION.cff",
            &format!(
                "cff-version: 1.2.0\ntype: {kind}\ntitle: Icefloe\nauthors:\n  - name: Polar Lab\n\
                 license: MIT\nabstract: Ice.\n{lines}\n"
            ),
        );
        world.expect(0, &["init", "--force"]);
        let made = world.read("zenodo.toml");
        world.write("zenodo.toml", &format!("{made}\n[[files]]\npath = \"a.csv\"\n"));
        let ran = world.expect(0, &["export", "cff"]);
        for line in addresses {
            assert!(ran.stdout.lines().any(|it| it == line), "{line}: {ran}");
        }
    }
}
