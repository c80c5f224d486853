//! Files whose name has a slash, as Zenodo's GitHub integration makes them: the deposit API lists
//! and deletes them, its bucket answers 404, and the records API accepts and returns them.

use serde_json::{Value as Json, json};

use crate::support::world::{World, manifest};

const NAME: &str = "owner/repo-v1.0.zip";

fn files(name: &str) -> String {
    format!("[[files]]\npath = \"a.csv\"\n[[files]]\npath = \"repo.zip\"\nas = \"{name}\"\n")
}

/// Returns the names and MD5s of a record's files.
fn held(world: &World, id: u64) -> Vec<(String, String)> {
    let record = world.native("GET", &format!("/api/records/{id}"), &Json::Null);
    let entries = record["files"]["entries"].as_object().unwrap();
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let mut held: Vec<_> =
        entries.values().map(|file| (text(&file["key"]), text(&file["checksum"]))).collect();
    held.sort();
    held
}

fn latest(world: &World) -> u64 {
    world.status()["latest"].as_u64().unwrap()
}

#[test]
fn a_file_in_a_folder_is_sent_kept_replaced_and_removed() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.write("repo.zip", "first");
    world.manifest(&manifest("1.0", &files(NAME)));
    world.apply_then_expect_no_changes(&["--initial"]);
    let first = held(&world, latest(&world));
    assert_eq!(first[1].0, NAME);

    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("2.0", &files(NAME)));
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    let sent: Vec<String> = world.writes().into_iter().map(|write| write.path).collect();
    assert!(!sent.iter().any(|path| path.contains("/draft/files")), "{sent:?}");
    assert_eq!(held(&world, latest(&world))[1], first[1]);

    world.write("repo.zip", "second");
    world.manifest(&manifest("3.0", &files(NAME)));
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("- delete owner/repo-v1.0.zip"), "{plan}");
    assert!(plan.stdout.contains("+ upload owner/repo-v1.0.zip"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
    assert_ne!(held(&world, latest(&world))[1], first[1]);

    world.manifest(&manifest("4.0", &files("other/folder/repo.zip")));
    world.apply_then_expect_no_changes(&[]);
    let names: Vec<String> = held(&world, latest(&world)).into_iter().map(|it| it.0).collect();
    assert_eq!(names, ["a.csv", "other/folder/repo.zip"]);
}

/// Publishes a record as the GitHub integration does.
fn publish_as_github(world: &World) -> u64 {
    let metadata = json!({
        "title": "owner/repo: v1.0", "resource_type": {"id": "software"}, "version": "v1.0",
        "publication_date": "2026-01-01", "publisher": "Zenodo", "description": "<p>Code.</p>",
        "creators": [{"person_or_org": {"type": "personal", "family_name": "Weiss"}}],
        "rights": [{"id": "mit"}],
    });
    let body = json!({"metadata": metadata, "files": {"enabled": true},
        "access": {"record": "public", "files": "public"}});
    let draft = world.native("POST", "/api/records", &body);
    let id = draft["id"].as_str().unwrap();
    let files = format!("/api/records/{id}/draft/files");
    world.native("POST", &files, &json!([{"key": NAME}]));
    world.put_content(&format!("{files}/{NAME}/content"), "zipped");
    world.native("POST", &format!("{files}/{NAME}/commit"), &Json::Null);
    world.native("POST", &format!("/api/records/{id}/draft/actions/publish"), &Json::Null);
    id.parse().unwrap()
}

fn import(world: &World, id: u64) -> Vec<String> {
    let address = format!("http://127.0.0.1:{}/records/{id}", world.port());
    vec!["import".to_owned(), address, "--download".to_owned()]
}

#[test]
fn a_record_of_the_github_integration_is_imported_shown_and_continued() {
    let world = World::served();
    let id = publish_as_github(&world);
    let args = import(&world, id);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = world.expect(0, &args);
    assert!(done.stdout.contains("owner/repo-v1.0.zip, 6 bytes: fetched"), "{done}");
    assert_eq!(world.read(NAME), "zipped");
    assert!(world.read("zenodo.toml").contains("as = \"owner/repo-v1.0.zip\""));
    world.expect_no_changes();
    let shown = world.expect(0, &["show"]);
    assert!(shown.stdout.contains(NAME), "{shown}");
    let text = world.read("zenodo.toml").replace("\"v1.0\"", "\"v1.1\"");
    world.write("zenodo.toml", &text);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(held(&world, latest(&world)), held(&world, id));
}

#[cfg(unix)]
#[test]
fn no_download_goes_through_a_link_in_place_of_a_folder() {
    let world = World::served();
    let id = publish_as_github(&world);
    let outside = world.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, world.project().join("owner")).unwrap();
    let args = import(&world, id);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let refused = world.expect(65, &args);
    assert!(refused.stderr.contains("owner` exists, and is not a folder"), "{refused}");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn the_bucket_knows_no_name_with_a_slash() {
    let world = World::served();
    let id = publish_as_github(&world);
    let deposition = world.deposition(id);
    assert_eq!(deposition["files"][0]["filename"], NAME);
    let bucket = deposition["links"]["bucket"].as_str().unwrap();
    let path = &bucket[bucket.find("/api/").unwrap()..];
    for name in [NAME, "owner%2Frepo-v1.0.zip"] {
        let (status, _) =
            world.ask(crate::support::world::ALICE, "GET", &format!("{path}/{name}"), &Json::Null);
        assert_eq!(status, 404, "{name}");
    }
}
