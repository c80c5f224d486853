//! `zrel import`: a record that one project published is taken over into an empty folder, and
//! nothing is left to do there.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value as Json, json};
use zrel::vocab;

use super::world::{Ran, World};

/// A folder beside the project, into which a record is taken over.
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
    let publications = vocab::publication_types()
        .into_iter()
        .map(|kind| json!({"upload_type": "publication", "publication_type": kind}));
    let images = vocab::image_types()
        .into_iter()
        .map(|kind| json!({"upload_type": "image", "image_type": kind}));
    let others =
        vocab::upload_types().into_iter().filter(|kind| !matches!(*kind, "publication" | "image"));
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

/// Takes a record over, with its files, and holds that nothing would change.
#[track_caller]
fn take_over<'a>(world: &'a World, id: u64, name: &str) -> Taken<'a> {
    let taken = Taken::new(world, name);
    taken.expect(0, &["import", &address(world, id), "--server", "test", "--download"]);
    taken.expect_no_changes();
    taken
}

#[test]
fn a_record_of_every_type_is_taken_over_without_a_change() {
    let world = World::served();
    for (at, metadata) in all_kinds().into_iter().enumerate() {
        let id = publish(&world, &metadata);
        take_over(&world, id, &format!("taken-{at}"));
    }
}

#[test]
fn a_record_with_every_field_is_taken_over_without_a_change_by_its_owner_and_in_public() {
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
}

#[test]
fn a_licence_that_comes_back_under_the_id_of_another_is_written_by_its_own() {
    let world = World::served();
    for (at, license) in ["apache-1.0", "apache-2.0", "mit", "gpl-3.0-or-later"].iter().enumerate()
    {
        let id = publish(&world, &with(&json!({"license": license})));
        let taken = take_over(&world, id, &format!("taken-{at}"));
        assert!(taken.read("zenodo.toml").contains(&format!("license = \"{license}\"")));
    }
}
