//! Histories of records, one after the other on one port, so that addresses, digests and checksums
//! are the same each time.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::lock_text::as_format_1;
use crate::support::world::{FILES, World, manifest, publish_first};

use super::manifests::EXAMPLE_FILES;
use super::transcript::Transcript;
use super::{NOW, expect_kept, from_then};

/// How long other runs of these tests may have a port.
const TURN: Duration = Duration::from_mins(5);

/// A name, and what happens.
type Scenario = (&'static str, fn(&mut Transcript));

/// What succeeds.
const RELEASES: &[Scenario] = &[
    ("first-release", first_release),
    ("new-version", new_version),
    ("edit-in-place", edit_in_place),
    ("communities", communities),
    ("archive", archive),
    ("keep", keep),
    ("draft-first", draft_first),
    ("slash-key", slash_key),
    ("two-manifests", two_manifests),
    ("imported", imported),
    ("git-tag", git_tag),
    ("restricted", restricted),
    ("many-fields", many_fields),
];

/// What is saved and read again, and what blocks.
const OTHERS: &[Scenario] = &[
    ("saved-plans", saved_plans),
    ("older-locks", older_locks),
    ("lock-rebuilt", lock_rebuilt),
    ("blocked", blocked),
    ("draft-of-a-person", draft_of_a_person),
    ("stale-plan", stale_plan),
    ("expected-digest", expected_digest),
    ("edited-by-a-person", edited_by_a_person),
    ("public-plan", public_plan),
    ("same-title", same_title),
    ("refused-token", refused_token),
];

#[test]
fn releases_take_the_same_course() {
    run(19_317, RELEASES);
}

#[test]
fn plans_locks_and_blockers_take_the_same_course() {
    run(super::PORT_OF_LOCKS, OTHERS);
}

/// Runs scenarios on a port, which is below those that systems give by chance.
fn run(port: u16, scenarios: &[Scenario]) {
    let _turn = take_turn(port);
    for (name, scenario) in scenarios {
        let mut transcript = Transcript::of(World::served_at(port, NOW));
        scenario(&mut transcript);
        expect_kept(&format!("scenarios/{name}.txt"), &transcript.end());
    }
}

/// Waits until no other run of these tests uses the port: a UDP port of the same number says so.
fn take_turn(port: u16) -> UdpSocket {
    let until = Instant::now() + TURN;
    loop {
        if let Ok(claim) = UdpSocket::bind(("127.0.0.1", port)) {
            return claim;
        }
        assert!(Instant::now() < until, "port {port} is taken");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Publishes version 1.0 with three files, without a note.
fn published(t: &mut Transcript) -> u64 {
    let id = publish_first(&t.world);
    t.note_files();
    id
}

fn replace_a_file(t: &Transcript, label: &str) {
    t.world.write("a.csv", "one,two,three\n");
    t.world.manifest(&manifest(label, FILES));
}

/// Runs all commands that only read.
fn read_all(t: &mut Transcript) {
    for verb in ["status", "history", "show", "lock"] {
        t.zrel(&[verb, "--format", "json"]);
    }
}

fn first_release(t: &mut Transcript) {
    t.world.manifest(&manifest("1.0", FILES));
    t.zrel(&["validate", "--format", "json"]);
    t.world.write("a.csv", "one\n");
    t.world.write("b.csv", "two\n");
    t.zrel(&["validate", "--format", "json"]);
    t.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
    t.zrel(&["apply", "--auto-approve"]);
    t.zrel(&["apply", "--initial", "--no-input"]);
    t.plan_and_apply(&["--initial"]);
    read_all(t);
}

fn new_version(t: &mut Transcript) {
    published(t);
    t.world.write("a.csv", "one,two,three\n");
    t.world.remove("b.csv");
    t.world.write("d.csv", "new\n");
    t.world.remove("c.csv");
    t.world.write("e.csv", "six\n");
    t.world.manifest(&manifest("1.1", FILES));
    t.plan_and_apply(&[]);
    read_all(t);
}

fn edit_in_place(t: &mut Transcript) {
    published(t);
    t.world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    t.plan_and_apply(&[]);
    t.world.manifest(&manifest("1.0", FILES).replace("Some tables.", "Better <b>tables</b>"));
    t.plan_and_apply(&[]);
}

fn communities(t: &mut Transcript) {
    let of = |label: &str, slugs: &[&str]| {
        let asked = slugs.iter().map(|slug| format!("[[communities]]\nid = \"{slug}\"\n"));
        manifest(label, &format!("{FILES}{}", asked.collect::<String>()))
    };
    t.world.write("a.csv", "one\n");
    t.world.manifest(&of("1.0", &["c1", "user2-community"]));
    t.plan_and_apply(&["--initial"]);
    t.world.write("a.csv", "two\n");
    t.world.manifest(&of("1.1", &["c1", "user2-community", "user2-open-review"]));
    t.plan_and_apply(&[]);
    t.world.manifest(&of("1.1", &["c1", "user2-members-only", "nobody-s"]));
    t.plan_and_apply(&[]);
}

fn archive(t: &mut Transcript) {
    let files = "[[files]]\narchive = \"data\"\nexclude = [\"data/scratch\"]\n";
    t.world.write("data/a.csv", "one\n");
    t.world.write("data/in/b.csv", "two\n");
    t.world.write("data/scratch", "no\n");
    t.world.manifest(&manifest("1.0", files));
    t.plan_and_apply(&["--initial"]);
    t.world.write("data/in/b.csv", "three\n");
    t.world.manifest(&manifest("1.1", files));
    t.plan_and_apply(&[]);
}

fn keep(t: &mut Transcript) {
    published(t);
    for name in ["a.csv", "b.csv", "c.csv"] {
        t.world.remove(name);
    }
    let keep = "[[files]]\nkeep = \"*\"\n";
    t.world.manifest(&manifest("1.0", keep).replace("Some tables.", "Some better tables."));
    t.plan_and_apply(&[]);
    t.world.write("a.csv", "one,two,three\n");
    t.world.manifest(&manifest("2.0", &format!("{keep}[[files]]\npath = \"a.csv\"\n")));
    t.plan_and_apply(&[]);
    t.world.manifest(&manifest("3.0", "[[files]]\nkeep = \"d.csv\"\n"));
    t.plan_and_apply(&[]);
}

fn draft_first(t: &mut Transcript) {
    t.world.manifest(&manifest("1.0", FILES));
    t.world.write("a.csv", "one\n");
    t.plan_and_apply(&["--initial", "--no-publish"]);
    read_all(t);
    t.plan_and_apply(&[]);
    replace_a_file(t, "1.1");
    t.plan_and_apply(&["--no-publish"]);
    t.world.write("b.csv", "more\n");
    t.plan_and_apply(&["--no-publish"]);
    read_all(t);
    t.plan_and_apply(&[]);
}

fn slash_key(t: &mut Transcript) {
    let files = "[[files]]\npath = \"a.csv\"\n[[files]]\npath = \"repo.zip\"\n\
                 as = \"owner/repo-v1.0.zip\"\n";
    t.world.write("a.csv", "one\n");
    t.world.write("repo.zip", "first");
    t.world.manifest(&manifest("1.0", files));
    t.plan_and_apply(&["--initial"]);
    t.world.write("repo.zip", "second");
    t.world.manifest(&manifest("2.0", files));
    t.plan_and_apply(&[]);
    t.world.manifest(&manifest("3.0", &files.replace("owner/", "other/in/")));
    t.plan_and_apply(&[]);
}

fn blocked(t: &mut Transcript) {
    published(t);
    replace_a_file(t, "1.0");
    t.plan_and_apply(&[]);
    t.zrel(&["plan", "--out", "blocked.plan"]);
    keep_plan(t, "blocked.plan", "blocked");
    t.zrel(&["show", "--format", "json", "blocked.plan"]);
    t.zrel(&["apply", "blocked.plan", "--format", "json"]);
    t.zrel(&["status", "--format", "json"]);
}

fn draft_of_a_person(t: &mut Transcript) {
    let record = published(t);
    let draft = t.world.new_version_by_hand(record);
    let id = draft["id"].as_u64().unwrap();
    t.world.put_file(&draft, "other.csv", "by hand\n");
    t.world.put_metadata(id, |metadata| metadata["keywords"] = json!(["by hand"]));
    replace_a_file(t, "1.1");
    t.plan_and_apply(&[]);
    let adopted = ["--adopt-draft", &id.to_string()];
    t.zrel(&["plan", adopted[0], adopted[1], "--out", "adopting.plan"]);
    keep_plan(t, "adopting.plan", "adopting");
    t.zrel(&["show", "--format", "json", "adopting.plan"]);
    t.plan_and_apply(&adopted);
    t.zrel(&["show", "--format", "json", "adopting.plan"]);
}

fn stale_plan(t: &mut Transcript) {
    let record = published(t);
    replace_a_file(t, "1.1");
    t.zrel(&["plan", "--out", "release.plan"]);
    t.world.write("b.csv", "other\n");
    t.zrel(&["apply", "release.plan", "--format", "json"]);
    t.zrel(&["show", "release.plan", "--format", "json"]);
    t.world.write("b.csv", "three,four,five\n");
    t.world.manifest(&manifest("1.2", FILES));
    t.zrel(&["apply", "release.plan", "--format", "json"]);
    t.world.manifest(&manifest("1.1", FILES));
    t.world.edit_by_hand(record, |metadata| metadata["keywords"] = json!(["by hand"]));
    t.zrel(&["apply", "release.plan", "--format", "json"]);
}

/// Puts the plan that an earlier program wrote in the place of the one that was written just now.
fn keep_plan(t: &Transcript, name: &str, kept: &str) {
    let now = t.world.read(name);
    t.world.write(name, &from_then(&format!("plans/{kept}.json"), || now));
}

/// Plans of an earlier program are shown and applied, once.
fn saved_plans(t: &mut Transcript) {
    let release = |t: &mut Transcript, name: &str, flags: &[&str]| {
        t.zrel(&[&["plan", "--out", "release.plan"], flags].concat());
        keep_plan(t, "release.plan", name);
        for verb in ["show", "apply", "apply", "show"] {
            t.zrel(&[verb, "--format", "json", "release.plan"]);
        }
        t.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
    };
    let asked = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    t.world.manifest(&manifest("1.0", FILES));
    t.world.write("a.csv", "one\n");
    t.world.write("data/in.csv", "two\n");
    release(t, "first-release", &["--initial"]);
    t.world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    release(t, "edit", &[]);
    t.world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{asked}")));
    release(t, "communities", &[]);
    t.world.write("b.csv", "two\n");
    t.world.manifest(&manifest("1.1", &format!("{asked}[[files]]\narchive = \"data\"\n")));
    release(t, "new-version", &[]);
    t.world.manifest(&manifest("1.2", "[[files]]\nkeep = \"*\"\n"));
    release(t, "draft", &["--no-publish"]);
    release(t, "draft-published", &[]);
    release(t, "nothing", &[]);
}

fn expected_digest(t: &mut Transcript) {
    published(t);
    replace_a_file(t, "1.1");
    let digest = t.world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
    let other = format!("sha256:{}", "0".repeat(64));
    t.zrel(&["apply", "--format", "json", "--expect", &other]);
    t.zrel(&["apply", "--format", "json", "--expect", "sha256:12"]);
    t.zrel(&["apply", "--format", "json", "--expect", &digest]);
    t.zrel(&["apply", "--format", "json", "--expect", &digest]);
}

fn two_manifests(t: &mut Transcript) {
    let of = |title: &str, name: &str, label: &str| {
        let text = manifest(label, &format!("[[files]]\npath = \"{name}.csv\"\n"));
        text.replace("Tables of small forms", title).replace("Some tables", title)
    };
    t.world.manifest_as("paper.toml", &of("On small forms", "paper", "1.0"));
    t.world.manifest_as("data.toml", &of("Rings of tea", "data", "1.0"));
    t.world.write("paper.csv", "a paper\n");
    t.world.write("data.csv", "a table\n");
    for name in ["paper.toml", "data.toml"] {
        t.zrel(&["-m", name, "plan", "--initial", "--format", "json"]);
        t.zrel(&["-m", name, "apply", "--initial", "--auto-approve"]);
    }
    t.world.manifest_as("data.toml", &of("Rings of tea", "data", "1.1"));
    t.world.write("data.csv", "another table\n");
    t.zrel(&["-m", "data.toml", "apply", "--auto-approve", "--format", "json"]);
    std::fs::rename(t.world.project().join("data.toml"), t.world.project().join("tea.toml"))
        .unwrap();
    t.zrel(&["-m", "tea.toml", "plan", "--format", "json"]);
    t.zrel(&["lock", "mv", "data.toml", "tea.toml"]);
    for name in ["paper.toml", "tea.toml"] {
        t.zrel(&["-m", name, "plan", "--detailed-exitcode", "--format", "json"]);
    }
    t.zrel(&["lock", "rm", "paper.toml"]);
}

fn lock_rebuilt(t: &mut Transcript) {
    published(t);
    replace_a_file(t, "1.1");
    t.plan_and_apply(&[]);
    let concept = t.world.concept().to_string();
    let lock = t.world.read("zenodo.lock");
    for damaged in [
        lock.replace("concept = 1", "concept = 2"),
        lock.replace("last = 1", "last = 2"),
        lock[..lock.len() / 2].to_owned(),
    ] {
        t.world.write("zenodo.lock", &damaged);
        t.zrel(&["plan", "--format", "json"]);
        t.zrel(&["lock", "--format", "json"]);
        t.zrel(&["lock", "--rebuild"]);
        t.zrel(&["lock", "--rebuild", "--concept", &concept, "--format", "json"]);
        t.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
    }
    t.world.remove("zenodo.lock");
    t.zrel(&["plan", "--format", "json"]);
    t.zrel(&["lock", "--rebuild", "--concept", &concept, "--format", "json"]);
    t.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
}

/// Locks of an earlier program, of both formats, are read, continued and rewritten.
fn older_locks(t: &mut Transcript) {
    published(t);
    t.world.manifest(&manifest("1.0", &format!("{FILES}[[communities]]\nid = \"c1\"\n")));
    t.zrel(&["apply", "--auto-approve"]);
    let now = t.world.read("zenodo.lock");
    for (name, text) in [("format-2", now.clone()), ("format-1", as_format_1(&now, "zenodo.toml"))]
    {
        t.world.write("zenodo.lock", &from_then(&format!("locks/{name}.lock"), || text));
        t.zrel(&["lock", "--format", "json"]);
        t.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
        t.zrel(&["apply", "--auto-approve"]);
    }
    t.world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    t.zrel(&["apply", "--no-publish", "--auto-approve"]);
    let now = t.world.read("zenodo.lock");
    for (name, text) in
        [("edit-format-2", now.clone()), ("edit-format-1", as_format_1(&now, "zenodo.toml"))]
    {
        t.world.write("zenodo.lock", &from_then(&format!("locks/{name}.lock"), || text));
        t.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
    }
    t.plan_and_apply(&[]);
}

fn imported(t: &mut Transcript) {
    let metadata = json!({
        "title": "Tables of rings", "upload_type": "publication", "publication_type": "book",
        "description": "<p>Some &amp; more.</p>", "publication_date": "2020/2021",
        "creators": [{"name": "Weiss, Tobias", "orcid": "0000-0002-1825-0097"}, {"name": "CERN"}],
        "license": "apache-2.0", "keywords": ["forms", "“traces”"], "version": "1.0 \"rc\"",
        "related_identifiers": [{"identifier": "10.1234/foo", "relation": "isSupplementTo"}],
        "grants": [{"id": "10.13039/501100000780::101054344"}],
    });
    let draft = t.world.alice("POST", "/api/deposit/depositions", &json!({"metadata": metadata}));
    t.world.put_file(&draft, "a.csv", "one,two\n");
    let id = t.world.action(draft["id"].as_u64().unwrap(), "publish")["id"].clone();
    let address = format!("http://127.0.0.1:{}/records/{id}", t.world.port());
    t.zrel(&["import", &address]);
    t.zrel(&["import", &address, "--download", "--format", "json"]);
    t.world.remove("zenodo.lock");
    t.world.remove("zenodo.toml");
    t.zrel(&["import", &address, "--download", "--format", "json"]);
    let manifest = t.world.read("zenodo.toml");
    t.say(&manifest);
    t.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
    for format in ["zenodo-json", "cff", "codemeta", "bibtex"] {
        t.zrel(&["export", format]);
    }
}

fn git_tag(t: &mut Transcript) {
    t.world.write("a.csv", "one\n");
    t.world.write(".gitignore", ".zrel\n");
    let tagged = "version = { from = \"git-tag\", strip = \"v\" }";
    t.world.manifest(&manifest("1.0", FILES).replace("version = \"1.0\"", tagged));
    t.world.git(&["init", "-q", "-b", "main"]);
    t.zrel(&["plan", "--initial", "--format", "json"]);
    for (tag, content) in [("v1.0", "one\n"), ("v1.1", "two\n")] {
        t.world.write("a.csv", content);
        t.zrel(&["plan", "--initial", "--format", "json"]);
        t.world.git(&["add", "-A"]);
        t.world.git(&["commit", "-q", "-m", tag]);
        t.world.git(&["tag", tag]);
        t.plan_and_apply(&["--initial"]);
    }
}

fn edited_by_a_person(t: &mut Transcript) {
    let record = published(t);
    t.world.edit_by_hand(record, |metadata| metadata["keywords"] = json!(["by hand"]));
    t.plan_and_apply(&[]);
    let draft = t.world.new_version_by_hand(record);
    let id = draft["id"].as_u64().unwrap();
    t.world.put_file(&draft, "z.csv", "by hand\n");
    t.world.put_metadata(id, |metadata| {
        metadata["publication_date"] = json!("2026-11-01");
        metadata["version"] = json!("1.0.1");
    });
    t.world.action(id, "publish");
    replace_a_file(t, "1.1");
    t.plan_and_apply(&[]);
    t.plan_and_apply(&["--over", &id.to_string()]);
}

fn restricted(t: &mut Transcript) {
    let closed = |label: &str| {
        let text = manifest(label, FILES);
        text.replace("license = \"cc-by-4.0\"", "access_right = \"restricted\"")
    };
    t.world.write("a.csv", "one\n");
    t.world.manifest(&closed("1.0"));
    t.plan_and_apply(&["--initial"]);
    t.world.manifest(&manifest("1.1", FILES));
    t.plan_and_apply(&[]);
    t.world.manifest(
        &closed("1.2").replace("restricted\"", "embargoed\"\nembargo_date = \"2099-01-01\""),
    );
    t.plan_and_apply(&[]);
}

/// All that the example shows.
fn many_fields(t: &mut Transcript) {
    let example = include_str!("../../../../zenodo.toml.example");
    let tagged = "version = { from = \"git-tag\", strip = \"v\" }";
    let example = example.replace("server = \"local\"\n", "").replace(tagged, "version = \"1.0\"");
    // A release waits for the files that carry its DOI; that has tests of its own.
    let (before, rest) = example.split_once("# Files of the project that get the DOI").unwrap();
    let (_, after) = rest.split_once("# Communities to ask").unwrap();
    let example = format!("{before}# Communities to ask{after}");
    for (name, content) in EXAMPLE_FILES {
        t.world.write(name, content);
    }
    t.world.manifest(&example);
    t.zrel(&["validate", "--format", "json"]);
    t.plan_and_apply(&["--initial"]);
    t.world.manifest(&example.replace("eng", "deu").replace("\"mathematics\"", "\"c1\""));
    t.plan_and_apply(&["--initial"]);
    t.world.write("data/b.csv", "two\n");
    t.world.manifest(&example.replace("\"1.0\"", "\"1.1\"").replace("\"mathematics\"", "\"c1\""));
    t.plan_and_apply(&[]);
}

fn public_plan(t: &mut Transcript) {
    published(t);
    replace_a_file(t, "1.1");
    let host = format!("127.0.0.1:{}", t.world.port());
    let public = ["plan", "--public", "--allow-server", &host];
    t.zrel(&[&public[..], &["--format", "json"]].concat());
    t.zrel(&[&public[..], &["--out", "public.plan"]].concat());
    keep_plan(t, "public.plan", "public");
    t.zrel(&["show", "--format", "json", "public.plan"]);
    t.zrel(&["plan", "--public", "--format", "json"]);
    t.zrel(&["apply", "--format", "json", "public.plan"]);
    t.zrel(&["plan", "--detailed-exitcode", "--format", "json"]);
}

fn same_title(t: &mut Transcript) {
    published(t);
    t.world.remove("zenodo.lock");
    t.plan_and_apply(&["--initial"]);
    t.plan_and_apply(&["--initial", "--same-title"]);
}

fn refused_token(t: &mut Transcript) {
    published(t);
    replace_a_file(t, "1.1");
    t.world.set_token("nobody-s-token");
    t.zrel(&["plan", "--format", "json"]);
    t.zrel(&["apply", "--auto-approve", "--format", "json"]);
    t.world.set_token(crate::support::world::BOB);
    t.zrel(&["plan", "--format", "json"]);
    t.zrel(&["apply", "--auto-approve", "--format", "json"]);
    let gone = json!({"reason": "test-record"});
    t.world.set_token(crate::support::world::ALICE);
    let id = t.world.status()["latest"].as_u64().unwrap();
    t.world.alice("POST", &format!("/api/records/{id}/request-deletion"), &gone);
    t.zrel(&["plan", "--format", "json"]);
}
