//! `zrel import`: a record that one project published is imported into an empty folder, and
//! nothing is left to do there.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value as Json, json};
use zrel::vocab;

use crate::support::lock_text::as_format_1;
use crate::support::world::{Ran, World};

/// A folder beside the project, into which a record is imported.
struct Taken<'a> {
    world: &'a World,
    folder: PathBuf,
}

impl<'a> Taken<'a> {
    fn new(world: &'a World, name: &str) -> Self {
        let folder = world.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self { world, folder }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut all = vec!["-C", self.folder.to_str().unwrap()];
        all.extend(args);
        self.world.command(&all)
    }

    #[track_caller]
    fn expect(&self, code: i32, args: &[&str]) -> Ran {
        let ran: Ran = self.command(args).output().unwrap().into();
        assert_eq!(ran.code, code, "zrel {}\n{ran}", args.join(" "));
        ran
    }

    /// Runs without the server's token.
    #[track_caller]
    fn expect_without_token(&self, code: i32, args: &[&str]) -> Ran {
        let mut command = self.command(args);
        command.env_remove(format!("ZREL_TOKEN_127_0_0_1_{}", self.world.port()));
        let ran: Ran = command.output().unwrap().into();
        assert_eq!(ran.code, code, "zrel {}\n{ran}", args.join(" "));
        ran
    }

    #[track_caller]
    fn expect_no_changes(&self) {
        let plan = self.expect(0, &["plan", "--detailed-exitcode"]);
        assert!(plan.stdout.contains("No changes."), "{plan}\n{}", self.read("zenodo.toml"));
    }

    /// Plans without a token, with a refused one in the environment: nothing is left to do either.
    #[track_caller]
    fn expect_no_public_changes(&self) {
        let host = format!("127.0.0.1:{}", self.world.port());
        let args = ["plan", "--public", "--allow-server", &host, "--detailed-exitcode"];
        let plan = self.expect_without_token(0, &args);
        assert!(plan.stdout.contains("No changes."), "{plan}\n{}", self.read("zenodo.toml"));
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }
}

fn address(world: &World, id: u64) -> String {
    format!("http://127.0.0.1:{}/records/{id}", world.port())
}

/// Publishes a record with this metadata behind zrel's back, and returns its number.
#[track_caller]
fn publish(world: &World, metadata: &Json) -> u64 {
    let draft = world.alice("POST", "/api/deposit/depositions", &json!({"metadata": metadata}));
    world.put_file(&draft, "a.csv", "one,two\n");
    world.action(draft["id"].as_u64().unwrap(), "publish")["id"].as_u64().unwrap()
}

fn plain() -> Json {
    json!({
        "title": "Tables of small forms", "upload_type": "dataset",
        "description": "<p>Some tables.</p>", "creators": [{"name": "Weiss, Tobias"}],
        "publication_date": "2026-06-01", "license": "cc-by-4.0",
    })
}

fn with(more: &Json) -> Json {
    let mut metadata = plain();
    for (key, value) in more.as_object().unwrap() {
        metadata[key] = value.clone();
    }
    metadata
}

/// Every type, and every field, in as few records as the types allow.
fn all_kinds() -> Vec<Json> {
    let publications = vocab::list_publication_types()
        .into_iter()
        .map(|kind| json!({"upload_type": "publication", "publication_type": kind}));
    let images = vocab::list_image_types()
        .into_iter()
        .map(|kind| json!({"upload_type": "image", "image_type": kind}));
    let others = vocab::list_upload_types()
        .into_iter()
        .filter(|kind| !matches!(*kind, "publication" | "image"));
    let others = others.map(|kind| json!({"upload_type": kind}));
    publications.chain(images).chain(others).map(|more| with(&more)).collect()
}

fn all_fields() -> Json {
    with(&json!({
        "upload_type": "publication", "publication_type": "book",
        "version": "1.0 \"rc\"", "publication_date": "2020/2021",
        "creators": [
            {"name": "Weiss, Tobias", "affiliation": "A \\ \"B\"", "orcid": "0000-0002-1825-0097"},
            {"name": "CERN", "gnd": "118540238"},
        ],
        "contributors": [{"name": "Roe, R.", "type": "DataCurator"}],
        "description": "<p>It's \"quoted\" &amp; long</p>\n<ul><li>\\LaTeX</li></ul>",
        "license": "apache-2.0", "keywords": ["forms", "“traces”", "# no comment"],
        "notes": "Some <b>notes</b>", "method": "<h2>How</h2>By hand.",
        "related_identifiers": [
            {"identifier": "10.1234/foo", "relation": "isSupplementTo", "resource_type": "publication-article"},
            {"identifier": "https://example.org/alt", "relation": "isAlternateIdentifier"},
            {"identifier": "arXiv:2101.00001", "relation": "cites"},
        ],
        "references": ["Doe J (2014). Title."],
        "grants": [{"id": "10.13039/501100000780::101054344"}],
        "subjects": [{"term": "Astronomy", "identifier": "http://id.loc.gov/authorities/subjects/sh85009003", "scheme": "url"}],
        "language": "en",
        "locations": [{"place": "Geneva", "lat": 46.2044, "lon": 6.0, "description": "there"}, {"place": "Bonn"}],
        "dates": [{"start": "2025-03-21", "end": "2025-03-25", "type": "Collected", "description": "field"}],
        "journal_title": "J", "journal_volume": "12", "journal_issue": "3", "journal_pages": "45-67",
        "conference_title": "C", "conference_acronym": "C'26", "conference_dates": "1-3 May",
        "conference_place": "Geneva", "conference_url": "https://example.org/c",
        "conference_session": "VI", "conference_session_part": "1",
        "imprint_publisher": "P", "imprint_isbn": "978-3-16-148410-0", "imprint_place": "Berlin",
        "partof_title": "H", "partof_pages": "1-2",
        "thesis_university": "U",
        "thesis_supervisors": [{"name": "Poe, Edgar", "orcid": "0000-0001-5109-3700"}],
    }))
}

/// Imports a record, with its files, and asserts that nothing would change.
#[track_caller]
fn take_over<'a>(world: &'a World, id: u64, name: &str) -> Taken<'a> {
    let taken = Taken::new(world, name);
    taken.expect(0, &["import", &address(world, id), "--server", "test", "--download"]);
    taken.expect_no_changes();
    taken
}

#[test]
fn a_record_of_every_type_is_imported_without_a_change() {
    let world = World::served();
    for (at, metadata) in all_kinds().into_iter().enumerate() {
        let id = publish(&world, &metadata);
        take_over(&world, id, &format!("taken-{at}")).expect_no_public_changes();
    }
}

#[test]
fn a_record_with_every_field_is_imported_unchanged_by_owner_and_public() {
    let world = World::served();
    let id = publish(&world, &all_fields());
    let own = take_over(&world, id, "own");
    let public = Taken::new(&world, "public");
    let args =
        ["import", &address(&world, id), "--server", "test", "--download", "--format", "json"];
    let told = public.expect_without_token(0, &args).json();
    assert_eq!(told["losses"], json!([]), "{told:#}");
    assert_eq!(told["files"][0]["arrival"], "fetched");
    assert_eq!(public.read("zenodo.toml"), own.read("zenodo.toml"));
    assert_eq!(public.read("zenodo.lock"), own.read("zenodo.lock"));
    public.expect_no_changes();
    public.expect_no_public_changes();
}

#[test]
fn a_licence_that_comes_back_under_the_id_of_another_is_written_by_its_own() {
    let world = World::served();
    for (at, license) in ["apache-1.0", "apache-2.0", "mit", "gpl-3.0-or-later"].iter().enumerate()
    {
        let id = publish(&world, &with(&json!({"license": license})));
        let taken = take_over(&world, id, &format!("taken-{at}"));
        assert!(taken.read("zenodo.toml").contains(&format!("license = \"{license}\"")));
        taken.expect_no_public_changes();
    }
}

#[test]
fn a_draft_that_was_never_published_is_imported_as_a_draft() {
    let world = World::served();
    let draft = world.alice("POST", "/api/deposit/depositions", &json!({"metadata": plain()}));
    world.put_file(&draft, "a.csv", "one,two\n");
    let (id, concept) = (draft["id"].as_u64().unwrap(), draft["conceptrecid"].as_str().unwrap());
    let taken = take_over(&world, id, "by-draft");
    assert!(taken.read("zenodo.toml").contains("publish = false"));
    take_over(&world, concept.parse().unwrap(), "by-concept");
    let other = Taken::new(&world, "other");
    let args = ["import", &address(&world, id), "--server", "test"];
    let ran = other.expect_without_token(1, &args);
    assert!(ran.stderr.contains("read with its owner's token only"), "{ran}");
    assert!(!other.folder.join("zenodo.toml").exists());
}

#[test]
fn a_draft_of_a_new_version_and_an_edit_are_imported_and_continued() {
    let world = World::served();
    let id = publish(&world, &with(&json!({"version": "1.0"})));
    let draft = world.new_version_by_hand(id);
    let new = draft["id"].as_u64().unwrap();
    world.put_metadata(new, |metadata| metadata["version"] = "2.0".into());
    let taken = take_over(&world, new, "draft");
    assert!(taken.read("zenodo.toml").contains("version = \"2.0\""));
    // The same manifest, told to publish, publishes that draft and no other.
    let manifest = taken.read("zenodo.toml").replace("publish = false", "publish = true");
    fs::write(taken.folder.join("zenodo.toml"), manifest).unwrap();
    taken.expect(0, &["apply", "--auto-approve"]);
    taken.expect_no_changes();
    assert_eq!(world.open_drafts(), [0; 0]);
    world.action(new, "edit");
    world.put_metadata(new, |metadata| metadata["title"] = "Tables of other forms".into());
    let taken = take_over(&world, new, "edit");
    assert!(taken.read("zenodo.toml").contains("Tables of other forms"));
}

#[test]
fn an_older_version_and_a_concept_lead_to_the_latest() {
    let world = World::served();
    let first = publish(&world, &with(&json!({"version": "1.0"})));
    let draft = world.new_version_by_hand(first);
    let second = draft["id"].as_u64().unwrap();
    world.put_metadata(second, |metadata| metadata["version"] = "2.0".into());
    world.action(second, "publish");
    let concept = draft["conceptrecid"].as_str().unwrap().parse().unwrap();
    for (id, name) in [(first, "first"), (second, "second"), (concept, "concept")] {
        let taken = take_over(&world, id, name);
        assert!(taken.read("zenodo.toml").contains("version = \"2.0\""));
        let lock = taken.read("zenodo.lock");
        assert!(lock.contains(&first.to_string()) && lock.contains("2.0"), "{lock}");
    }
    // An open draft of a third version is reported, and left alone.
    world.new_version_by_hand(second);
    let taken = Taken::new(&world, "third");
    let args = ["import", &address(&world, second), "--server", "test", "--download"];
    let ran = taken.expect(0, &args);
    assert!(ran.stderr.contains("a draft of a new version is open"), "{ran}");
    taken.expect_no_changes();
}

#[test]
fn access_embargo_and_a_doi_made_elsewhere_come_along() {
    let mut world = World::served();
    world.set_now("2026-11-23T12:00:00Z");
    for (at, more) in [
        json!({"access_right": "restricted"}),
        json!({"access_right": "restricted", "license": "mit"}),
        json!({"access_right": "embargoed", "embargo_date": "2026-12-31"}),
        json!({"doi": "10.1234/made-elsewhere"}),
    ]
    .iter()
    .enumerate()
    {
        let mut metadata = with(more);
        if at == 0 {
            metadata.as_object_mut().unwrap().remove("license");
        }
        let id = publish(&world, &metadata);
        take_over(&world, id, &format!("taken-{at}"));
    }
}

#[test]
fn files_that_only_the_owner_sees_need_the_owner_s_token() {
    let mut world = World::served();
    let id = publish(&world, &with(&json!({"access_right": "restricted"})));
    let taken = Taken::new(&world, "taken");
    let args = ["import", &address(&world, id), "--server", "test", "--download"];
    let ran = taken.expect_without_token(77, &args);
    assert!(ran.stderr.contains("files of record") && ran.stderr.contains("owner"), "{ran}");
    world.set_token(crate::support::world::BOB);
    Taken::new(&world, "taken").expect(77, &args);
    assert!(!world.path().join("taken/zenodo.toml").exists());
}

#[test]
fn another_user_s_record_is_read_in_public_and_zrel_says_so() {
    let mut world = World::served();
    let id = publish(&world, &plain());
    world.set_token(crate::support::world::BOB);
    let taken = Taken::new(&world, "taken");
    let ran = taken.expect(0, &["import", &address(&world, id), "--server", "test", "--download"]);
    assert!(ran.stderr.contains("the record is not yours"), "{ran}");
    let plan = taken.expect(11, &["plan"]);
    assert!(plan.stdout.contains("belongs to another account"), "{plan}");
}

#[test]
fn nothing_is_overwritten_without_force() {
    let world = World::served();
    let id = publish(&world, &plain());
    let address = address(&world, id);
    let args = ["import", &address, "--server", "test", "--download"];
    for name in ["zenodo.toml", "zenodo.lock", "a.csv"] {
        let taken = Taken::new(&world, name);
        fs::write(taken.folder.join(name), "mine").unwrap();
        let ran = taken.expect(13, &args);
        assert!(ran.stderr.contains("--force"), "{ran}");
        assert_eq!(taken.read(name), "mine");
        let n_files = fs::read_dir(&taken.folder).unwrap().count();
        assert_eq!(n_files, 2, "{name} and .zrel");
    }
    let taken = Taken::new(&world, "zenodo.toml");
    let mut forced = args.to_vec();
    forced.push("--force");
    taken.expect(0, &forced);
    taken.expect_no_changes();
    // A second time, nothing is fetched.
    let ran = taken.expect(0, &forced);
    assert!(ran.stdout.contains("a.csv, 8 bytes: is there already"), "{ran}");
    // The server in the manifest is known by its name.
    let id = id.to_string();
    taken.expect(0, &["import", &id, "--server", "test", "--force"]);
    taken.expect_no_changes();
    // The entries of other servers stay in the lock.
    let lock = taken.read("zenodo.lock");
    let other = as_format_1(&lock, "zenodo.toml").replace("[test]", "[institute]");
    fs::write(taken.folder.join("zenodo.lock"), other).unwrap();
    taken.expect(0, &["import", &id, "--server", "test", "--force"]);
    let lock = taken.read("zenodo.lock");
    assert!(lock.contains(".institute]") && lock.contains(".test]"), "{lock}");
}

#[test]
fn without_download_the_files_stay_on_the_server() {
    let world = World::served();
    let id = publish(&world, &plain());
    let taken = Taken::new(&world, "taken");
    let ran = taken.expect(0, &["import", &address(&world, id), "--server", "test"]);
    assert!(ran.stdout.contains("a.csv, 8 bytes: stays on the server"), "{ran}");
    assert!(ran.stderr.contains("none of them is needed here"), "{ran}");
    assert!(taken.read("zenodo.toml").contains("keep = \"*\""));
    taken.expect_no_changes();
    taken.expect_no_public_changes();
    // The abstract is changed, and no file travels.
    let text = taken.read("zenodo.toml").replace("title = \"", "title = \"New: ");
    fs::write(taken.folder.join("zenodo.toml"), text).unwrap();
    world.requests();
    taken.expect(0, &["apply", "--auto-approve"]);
    let written = world.writes();
    assert!(written.iter().all(|write| !write.path.contains("/files")), "{written:?}");
    taken.expect_no_changes();
    // A draft has nothing that is published and could be kept.
    let draft = world.alice("POST", "/api/deposit/depositions", &json!({"metadata": plain()}));
    world.put_file(&draft, "b.csv", "three\n");
    let id = draft["id"].as_u64().unwrap();
    let drafted = Taken::new(&world, "drafted");
    let ran = drafted.expect(0, &["import", &address(&world, id), "--server", "test"]);
    assert!(ran.stderr.contains("The files must be in the folder before a plan"), "{ran}");
    fs::write(drafted.folder.join("b.csv"), "three\n").unwrap();
    drafted.expect_no_changes();
}

#[test]
fn the_local_server_is_the_one_of_the_folder() {
    let world = World::local();
    world.manifest(&crate::support::world::manifest("1.0", crate::support::world::FILES));
    world.write("a.csv", "one,two\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap().to_string();
    world.remove("zenodo.toml");
    world.expect(13, &["import", &id]);
    let ran = world.expect(0, &["import", &id, "--force", "--download", "--format", "json"]);
    assert_eq!(ran.json()["files"][0]["arrival"], "is there already");
    world.expect_no_changes();
    let ran = world.expect(1, &["import", "424242", "--force"]);
    assert!(ran.stderr.contains("--server NAME"), "{ran}");
}

#[test]
fn communities_that_have_the_record_are_named_and_not_asked_again() {
    let world = World::served();
    let more = format!("{}[[communities]]\nid = \"c1\"\n", crate::support::world::FILES);
    world.manifest(&crate::support::world::manifest("1.0", &more));
    world.write("a.csv", "one,two\n");
    world.apply(&["--initial"]);
    let id = world.status()["latest"].as_u64().unwrap();
    let requests = world.alice("GET", &format!("/api/records/{id}/requests"), &Json::Null);
    let request = requests["hits"]["hits"][0]["id"].as_str().unwrap();
    let accept = format!("/api/requests/{request}/actions/accept");
    world.alice("POST", &accept, &json!({}));
    let taken = take_over(&world, id, "taken");
    assert!(taken.read("zenodo.toml").contains("[[communities]]\nid = \"c1\""));
}

#[test]
fn a_draft_that_names_a_community_keeps_it() {
    let world = World::served();
    let metadata = with(&json!({"communities": [{"identifier": "c1"}]}));
    let draft = world.alice("POST", "/api/deposit/depositions", &json!({"metadata": metadata}));
    world.put_file(&draft, "a.csv", "one,two\n");
    let taken = take_over(&world, draft["id"].as_u64().unwrap(), "taken");
    assert!(taken.read("zenodo.toml").contains("id = \"c1\""));
}

/// Values that a draft of the records API can have and the deposit API can't; the last one no manifest
/// says.
fn unsupported() -> Json {
    json!({
        "access": {"record": "public", "files": "public"}, "files": {"enabled": true},
        "metadata": {
            "resource_type": {"id": "publication-preprint"}, "title": "Native draft",
            "publication_date": "2026-06-01", "publisher": "Zenodo",
            "creators": [{
                "person_or_org": {"type": "organizational", "name": "CERN"},
                "affiliations": [{"name": "One"}, {"name": "Two"}], "role": {"id": "editor"},
            }],
            "rights": [{"id": "cc-by-4.0"}, {"id": "mit"}],
            "additional_titles": [{"title": "Subtitle", "type": {"id": "subtitle"}}],
            "description": "<p>Some.</p>",
            "references": [{"reference": "Foo", "identifier": "10.1234/foo", "scheme": "doi"}],
        },
    })
}

#[test]
fn what_a_manifest_can_not_say_is_listed_place_by_place() {
    let world = World::served();
    let draft = world.alice("POST", "/api/records", &unsupported());
    let id = draft["id"].as_u64().unwrap();
    world.put_file(&world.deposition(id), "a.csv", "one,two\n");
    world.action(id, "publish");
    let taken = Taken::new(&world, "taken");
    let address = address(&world, id);
    let args = ["import", &address, "--server", "test", "--download", "--format", "json"];
    let told = taken.expect(0, &args).json();
    let paths: Vec<&str> = told["losses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|loss| loss["place"].as_str().unwrap())
        .collect();
    let expected = ["references[0].identifier", "references[0].scheme"];
    assert_eq!(paths, expected, "{told:#}");
    taken.expect_no_changes();
    let manifest = taken.read("zenodo.toml");
    for said in [
        "kind = \"organization\"",
        "affiliations = [\"One\", \"Two\"]",
        "role = \"Editor\"",
        "licenses = [\n    \"cc-by-4.0\",\n    \"mit\",\n]",
        "titles = [\n    { title = \"Subtitle\", kind = \"subtitle\" },\n]",
    ] {
        assert!(manifest.contains(said), "{said}\n{manifest}");
    }
    let args = ["import", &address, "--server", "test", "--force"];
    let ran = taken.expect(0, &args);
    assert!(ran.stdout.contains("references[0].identifier: `10.1234/foo`"), "{ran}");
}

#[test]
fn a_manifest_with_a_fault_is_written_and_the_fault_shown() {
    let mut world = World::served();
    world.set_now("2026-11-23T12:00:00Z");
    let more = json!({"access_right": "embargoed", "embargo_date": "2099-12-31"});
    let id = publish(&world, &with(&more));
    world.set_now("2100-01-02T12:00:00Z");
    let taken = Taken::new(&world, "taken");
    let args = ["import", &address(&world, id), "--server", "test", "--download"];
    // The server's clock differs: zrel writes the manifest, and shows its fault.
    let ran = taken.expect(65, &args);
    assert!(ran.stdout.contains("embargo"), "{ran}");
    assert!(taken.read("zenodo.toml").contains("embargo_date"));
}

#[test]
fn what_names_no_record_is_a_wrong_command_line() {
    let world = World::local();
    for args in [
        &["import", "forms"] as &[&str],
        &["import", "10.1234/forms.7"],
        &["import", "https://zenodo.org/records/7", "--server", "sandbox"],
        &["import", "7", "--server", "nowhere"],
    ] {
        let ran = world.expect(64, args);
        assert!(ran.stderr.contains("hint: "), "{ran}");
        let mut document = args.to_vec();
        document.extend(["--format", "json"]);
        assert_eq!(world.expect(64, &document).json()["error"]["exit_code"], 64);
    }
}

#[test]
fn a_new_version_draft_without_file_changes_continues_and_is_not_an_edit() {
    let world = World::served();
    let id = publish(&world, &plain());
    let new = world.new_version_by_hand(id)["id"].as_u64().unwrap();
    world.put_metadata(new, |metadata| metadata["title"] = "Tables of other forms".into());
    let taken = take_over(&world, new, "draft");
    let manifest = taken.read("zenodo.toml").replace("publish = false", "publish = true");
    fs::write(taken.folder.join("zenodo.toml"), manifest).unwrap();
    let before = world.deposition(id);
    taken.expect(0, &["apply", "--auto-approve"]);
    taken.expect_no_changes();
    assert_eq!(world.open_drafts(), [0; 0]);
    assert_eq!(world.deposition(id), before, "the published version stays as it is");
    assert_eq!(world.deposition(new)["metadata"]["title"], "Tables of other forms");
}
