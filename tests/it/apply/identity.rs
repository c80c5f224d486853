//! Which record a manifest is for: manifest and server identify it. Two manifests in one folder
//! never touch each other's record, a renamed one keeps its own, and a binding that points at
//! another work needs a person's confirmation.

use serde_json::Value as Json;

use crate::support::lock_text::{as_format_1, copy_entry};
use crate::support::relay::{Fate, Relay};
use crate::support::world::World;

/// A manifest of a separate work: its title, its creators, its file.
fn work(title: &str, creator: &str, file: &str, label: &str) -> String {
    format!(
        r#"
[metadata]
title = "{title}"
upload_type = "dataset"
description = "<p>All about {title}.</p>"
creators = [{{ name = "{creator}" }}]
license = "cc-by-4.0"
version = "{label}"

[[files]]
path = "{file}"
"#
    )
}

fn paper(label: &str) -> String {
    work("On small forms", "Weiss, Tobias", "paper.csv", label)
}

fn data(label: &str) -> String {
    work("Tables of rings", "Okafor, Ada", "data.csv", label)
}

/// Writes both manifests and their files.
fn write_both(world: &World) {
    world.manifest_as("paper.toml", &paper("1.0"));
    world.manifest_as("data.toml", &data("1.0"));
    world.write("paper.csv", "a paper\n");
    world.write("data.csv", "a table\n");
}

#[track_caller]
fn apply_of(world: &World, manifest: &str) {
    world.expect(0, &["-m", manifest, "apply", "--auto-approve", "--initial"]);
    expect_no_changes_of(world, manifest);
}

#[track_caller]
fn expect_no_changes_of(world: &World, manifest: &str) {
    let plan = world.expect(0, &["-m", manifest, "plan", "--detailed-exitcode"]);
    assert!(plan.stdout.contains("No changes."), "{plan}");
}

#[track_caller]
fn status_of(world: &World, manifest: &str) -> Json {
    world.expect(0, &["-m", manifest, "status", "--format", "json"]).json()
}

#[track_caller]
fn concept_of(world: &World, manifest: &str) -> u64 {
    status_of(world, manifest)["concept"].as_u64().unwrap()
}

#[test]
fn two_manifests_in_one_folder_have_a_record_each() {
    let world = World::served();
    write_both(&world);
    apply_of(&world, "paper.toml");
    apply_of(&world, "data.toml");
    expect_no_changes_of(&world, "paper.toml");
    assert_ne!(concept_of(&world, "paper.toml"), concept_of(&world, "data.toml"));
    assert_eq!(world.n_records(), 2);
    // A second version of one leaves the other as it is.
    world.write("data.csv", "a longer table\n");
    world.manifest_as("data.toml", &data("1.1"));
    apply_of(&world, "data.toml");
    expect_no_changes_of(&world, "paper.toml");
    assert_eq!(world.n_versions(concept_of(&world, "data.toml")), 2);
    assert_eq!(world.n_versions(concept_of(&world, "paper.toml")), 1);
    let paper = world.expect(0, &["-m", "paper.toml", "history"]);
    assert!(paper.stdout.contains("1.0") && !paper.stdout.contains("1.1"), "{paper}");
    let page = world.expect(0, &["-m", "paper.toml", "open", "--print"]);
    let latest = status_of(&world, "paper.toml")["latest"].to_string();
    assert!(page.stdout.contains(&latest), "{page}");
}

#[test]
fn two_manifests_have_a_rehearsal_each() {
    let world = World::local();
    write_both(&world);
    apply_of(&world, "paper.toml");
    apply_of(&world, "data.toml");
    expect_no_changes_of(&world, "paper.toml");
    assert_ne!(concept_of(&world, "paper.toml"), concept_of(&world, "data.toml"));
    let shown = world.expect(0, &["-m", "data.toml", "show"]);
    assert!(shown.stdout.contains("Tables of rings"), "{shown}");
    let shown = world.expect(0, &["-m", "paper.toml", "show"]);
    assert!(shown.stdout.contains("On small forms"), "{shown}");
}

#[test]
fn a_killed_apply_is_continued_only_by_its_own_manifest() {
    for at in [1, 3, 4] {
        let mut world = World::served();
        let relay = Relay::before(&world, Fate::HangAtWrite(at));
        world.go_through(relay.port());
        write_both(&world);
        let mut child = world.start(&["-m", "paper.toml", "apply", "--auto-approve", "--initial"]);
        relay.wait_until_hung();
        // While one hangs, the other is applied: neither waits for the other.
        apply_of(&world, "data.toml");
        child.kill().unwrap();
        child.wait().unwrap();
        relay.set(Fate::Pass);
        expect_no_changes_of(&world, "data.toml");
        assert_eq!(status_of(&world, "data.toml")["unfinished_apply"], false);
        assert_eq!(status_of(&world, "paper.toml")["unfinished_apply"], true);
        apply_of(&world, "paper.toml");
        expect_no_changes_of(&world, "data.toml");
        assert_eq!(world.n_records(), 2, "killed at write {at}");
        assert_eq!(world.open_drafts(), [0; 0], "killed at write {at}");
    }
}

#[test]
fn a_journal_of_an_older_zrel_is_the_usual_manifests() {
    let mut world = World::served();
    let relay = Relay::before(&world, Fate::HangAtWrite(1));
    world.go_through(relay.port());
    world.manifest(&paper("1.0"));
    world.write("paper.csv", "a paper\n");
    let mut child = world.start(&["apply", "--auto-approve", "--initial"]);
    relay.wait_until_hung();
    child.kill().unwrap();
    child.wait().unwrap();
    relay.set(Fate::Pass);
    let names = world.project().join(".zrel").read_dir().unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let journals: Vec<String> = names.filter(|name| name.starts_with("journal-")).collect();
    // Named by the server alone, as it always was.
    let digits = journals[0].strip_prefix("journal-").unwrap();
    assert!(journals.len() == 1 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{journals:?}");
    apply_of(&world, "zenodo.toml");
    assert_eq!(world.n_records(), 1);
}

#[test]
fn a_manifest_that_was_renamed_keeps_its_record() {
    let world = World::served();
    write_both(&world);
    apply_of(&world, "paper.toml");
    apply_of(&world, "data.toml");
    let (concept, other) = (concept_of(&world, "data.toml"), concept_of(&world, "paper.toml"));
    let project = world.project();
    std::fs::rename(project.join("data.toml"), project.join("rings.toml")).unwrap();
    world.requests();
    for args in [&["plan"] as &[&str], &["apply", "--auto-approve", "--initial", "--same-title"]] {
        let ran = world.zrel(&[&["-m", "rings.toml"], args].concat());
        assert!(ran.stdout.contains("ZR0318"), "{ran}");
        assert!(ran.stdout.contains("zrel lock mv data.toml rings.toml"), "{ran}");
        assert!(ran.stdout.contains("zrel lock rm data.toml"), "{ran}");
        assert!(!ran.stdout.contains("paper.toml"), "{ran}");
        assert_eq!(ran.code, 11, "{ran}");
    }
    assert_eq!(world.writes(), []);
    expect_no_changes_of(&world, "paper.toml");
    world.expect(0, &["lock", "mv", "data.toml", "rings.toml"]);
    assert_eq!(world.requests().iter().filter(|r| r.is_write()).count(), 0);
    expect_no_changes_of(&world, "rings.toml");
    expect_no_changes_of(&world, "paper.toml");
    assert_eq!(concept_of(&world, "rings.toml"), concept);
    assert_eq!(concept_of(&world, "paper.toml"), other);
    let again = world.expect(64, &["lock", "mv", "data.toml", "rings.toml"]);
    assert!(again.stderr.contains("no entry for `data.toml`"), "{again}");
}

#[test]
fn what_lock_mv_can_not_mean_is_refused() {
    let world = World::served();
    write_both(&world);
    apply_of(&world, "paper.toml");
    apply_of(&world, "data.toml");
    let before = world.read("zenodo.lock");
    std::fs::create_dir(world.project().join("sub")).unwrap();
    world.manifest_as("sub/data.toml", &data("1.0"));
    for (old, new, phrase) in [
        ("data.toml", "paper.toml", "`data.toml` still exists"),
        ("data.toml", "data.toml", "the same file"),
        ("data.toml", "nowhere.toml", "there is no `nowhere.toml`"),
        ("data.toml", "sub/data.toml", "different folders"),
        ("gone.toml", "data.toml", "no entry for `gone.toml`"),
    ] {
        let ran = world.expect(64, &["lock", "mv", old, new]);
        assert!(ran.stderr.contains(phrase), "{ran}");
    }
    world.remove("data.toml");
    let ran = world.expect(11, &["lock", "mv", "data.toml", "paper.toml"]);
    assert!(ran.stderr.contains("has an entry for `test` already"), "{ran}");
    assert_eq!(world.read("zenodo.lock"), before);
}

#[test]
fn a_killed_apply_follows_its_renamed_manifest() {
    let mut world = World::served();
    let relay = Relay::before(&world, Fate::HangAtWrite(3));
    world.go_through(relay.port());
    write_both(&world);
    let mut child = world.start(&["-m", "data.toml", "apply", "--auto-approve", "--initial"]);
    relay.wait_until_hung();
    child.kill().unwrap();
    child.wait().unwrap();
    relay.set(Fate::Pass);
    let project = world.project();
    std::fs::rename(project.join("data.toml"), project.join("zenodo.toml")).unwrap();
    world.expect(0, &["lock", "mv", "data.toml", "zenodo.toml"]);
    assert_eq!(status_of(&world, "zenodo.toml")["unfinished_apply"], true);
    apply_of(&world, "zenodo.toml");
    assert_eq!(world.n_records(), 1);
    assert_eq!(world.open_drafts(), [0; 0]);
}

#[test]
fn another_work_is_reported_as_such() {
    let world = World::local();
    write_both(&world);
    apply_of(&world, "data.toml");
    let concept = concept_of(&world, "data.toml");
    world.remove("data.toml");
    world.expect(11, &["-m", "paper.toml", "apply", "--auto-approve", "--initial"]);
    let said = world.expect(0, &["lock", "rm", "data.toml"]);
    assert!(said.stderr.contains(&format!("concept {concept}")), "{said}");
    apply_of(&world, "paper.toml");
    assert_ne!(concept_of(&world, "paper.toml"), concept);
}

#[test]
fn a_lock_of_an_older_zrel_is_the_usual_manifests_and_is_brought_up_to_date() {
    let world = World::served();
    world.manifest(&paper("1.0"));
    world.write("paper.csv", "a paper\n");
    apply_of(&world, "zenodo.toml");
    let new = world.read("zenodo.lock");
    let old = as_format_1(&new, "zenodo.toml");
    assert!(old.contains("format = 1\n\n[test]\n") && !old.contains(" # "), "{old}");
    world.write("zenodo.lock", &old);
    expect_no_changes_of(&world, "zenodo.toml");
    assert_eq!(world.read("zenodo.lock"), old, "a plan writes no lock");
    // An apply with nothing to do records the current state.
    apply_of(&world, "zenodo.toml");
    assert_eq!(world.read("zenodo.lock"), new);
    // Another manifest does not claim it.
    world.write("zenodo.lock", &old);
    world.manifest_as("data.toml", &data("1.0"));
    world.write("data.csv", "a table\n");
    apply_of(&world, "data.toml");
    expect_no_changes_of(&world, "zenodo.toml");
    assert_eq!(world.n_records(), 2);
}

#[test]
fn one_record_is_one_manifests() {
    let world = World::served();
    write_both(&world);
    apply_of(&world, "paper.toml");
    let concept = concept_of(&world, "paper.toml");
    let bound = format!("{}\n[record.concept]\ntest = {concept}\n", data("1.1"));
    world.manifest_as("data.toml", &bound);
    world.requests();
    let ran = world.expect(11, &["-m", "data.toml", "apply", "--auto-approve"]);
    assert!(ran.stdout.contains("ZR0317") && ran.stdout.contains("`paper.toml`"), "{ran}");
    assert_eq!(world.writes(), []);
    let ran = world.expect(11, &["-m", "data.toml", "lock", "--rebuild"]);
    assert!(ran.stderr.contains("`paper.toml`"), "{ran}");
    let id = status_of(&world, "paper.toml")["latest"].to_string();
    let import = ["-m", "data.toml", "import", &id, "--server", "test", "--force"];
    let ran = world.expect(11, &import);
    assert!(ran.stderr.contains("belongs to `paper.toml`"), "{ran}");
    assert!(!world.read("zenodo.lock").contains("data.toml"));
    assert_eq!(world.read("data.toml").matches("Tables of rings").count(), 2);
    // Also where two branches brought both into one lock: each names the other.
    let both = as_format_1(&world.read("zenodo.lock"), "paper.toml");
    world.write("zenodo.lock", &both);
    world.manifest(&paper("1.0"));
    world.expect(0, &["-m", "zenodo.toml", "apply", "--auto-approve"]);
    let own = world.read("zenodo.lock");
    let both = copy_entry((&own, "zenodo.toml", "test"), (&own, "twin.toml", "test"));
    world.write("zenodo.lock", &both);
    for (manifest, other) in [("zenodo.toml", "twin.toml"), ("twin.toml", "zenodo.toml")] {
        world.manifest_as("twin.toml", &paper("1.0"));
        let ran = world.expect(11, &["-m", manifest, "apply", "--auto-approve"]);
        assert!(ran.stdout.contains("ZR0317") && ran.stdout.contains(other), "{ran}");
        assert!(ran.stdout.contains(&format!("zrel lock rm {other}")), "{ran}");
    }
    world.expect(0, &["lock", "rm", "twin.toml"]);
    expect_no_changes_of(&world, "zenodo.toml");
}

#[test]
fn a_line_that_was_changed_by_hand_is_named() {
    let world = World::served();
    world.manifest(&paper("1.0"));
    world.write("paper.csv", "a paper\n");
    apply_of(&world, "zenodo.toml");
    let good = world.read("zenodo.lock");
    let concept = concept_of(&world, "zenodo.toml").to_string();
    for key in ["concept", "last", "url", "versions", "files"] {
        let at = good.lines().position(|line| line.starts_with(key)).unwrap();
        let changed: Vec<String> = good
            .lines()
            .enumerate()
            .map(|(n, line)| if n == at { line.replacen(['1', '0'], "2", 1) } else { line.into() })
            .collect();
        world.write("zenodo.lock", &format!("{}\n", changed.join("\n")));
        world.requests();
        let ran = world.expect(65, &["apply", "--auto-approve"]);
        assert!(ran.stderr.contains(&format!("line {} was changed", at + 1)), "{key}: {ran}");
        assert!(ran.stderr.contains("zrel lock --rebuild"), "{ran}");
        assert_eq!(world.requests(), []);
        match key {
            // The line of the concept is intact: it names the record.
            "last" | "versions" | "files" => world.expect(0, &["lock", "--rebuild"]),
            _ => {
                world.expect(64, &["lock", "--rebuild"]);
                world.expect(0, &["lock", "--rebuild", "--concept", &concept])
            }
        };
        assert_eq!(world.read("zenodo.lock"), good, "{key}");
        expect_no_changes_of(&world, "zenodo.toml");
    }
}

#[test]
fn the_way_out_of_a_damaged_lock_names_the_manifest() {
    let world = World::served();
    write_both(&world);
    apply_of(&world, "paper.toml");
    apply_of(&world, "data.toml");
    let good = world.read("zenodo.lock");
    let concept = concept_of(&world, "data.toml").to_string();
    world.write("zenodo.lock", &good.replacen(&concept, "7", 1));
    let ran = world.expect(65, &["-m", "data.toml", "plan"]);
    assert!(ran.stderr.contains("zrel -m data.toml lock --rebuild"), "{ran}");
    // Rebuilt for the other one, it says whose entry is lost.
    let ran = world.expect(0, &["-m", "paper.toml", "lock", "--rebuild"]);
    assert!(ran.stderr.contains("zrel -m data.toml lock --rebuild\n"), "{ran}");
    expect_no_changes_of(&world, "paper.toml");
    world.expect(0, &["-m", "data.toml", "lock", "--rebuild", "--concept", &concept]);
    assert_eq!(world.read("zenodo.lock"), good);
    expect_no_changes_of(&world, "data.toml");
    // Where the record is readable, the command names it.
    let last = good.lines().find(|line| line.starts_with("last = ")).unwrap();
    world.write("zenodo.lock", &good.replacen(last, "last = 1 # 12345678", 1));
    let ran = world.expect(0, &["-m", "paper.toml", "lock", "--rebuild"]);
    let command = format!("zrel -m data.toml lock --rebuild --concept {concept}\n");
    assert!(ran.stderr.contains(&command), "{ran}");
}

#[test]
fn two_first_runs_at_once_have_to_wait() {
    for _ in 0..20 {
        let world = World::served();
        write_both(&world);
        let args = ["-m", "paper.toml", "apply", "--auto-approve", "--initial"];
        let children: Vec<_> = (0..4).map(|_| world.start(&args)).collect();
        let codes: Vec<Option<i32>> =
            children.into_iter().map(|mut child| child.wait().unwrap().code()).collect();
        let is_known = |code: &Option<i32>| matches!(code, Some(0 | 75));
        assert!(codes.iter().all(is_known), "{codes:?}");
        expect_no_changes_of(&world, "paper.toml");
        assert_eq!(world.n_records(), 1);
    }
}

#[test]
fn a_record_is_imported_beside_another_manifest() {
    let world = World::served();
    write_both(&world);
    apply_of(&world, "data.toml");
    let id = status_of(&world, "data.toml")["latest"].to_string();
    world.expect(0, &["lock", "rm", "data.toml"]);
    apply_of(&world, "paper.toml");
    let paper = world.read("paper.toml");
    // The lock exists, and has no entry that would be overwritten.
    let tail = paper.split("[servers.test]").nth(1).unwrap();
    let url = tail.split('"').nth(1).unwrap();
    world.remove("data.toml");
    let address = format!("{url}/records/{id}");
    world.expect(0, &["-m", "data.toml", "import", &address, "--server", "test"]);
    expect_no_changes_of(&world, "data.toml");
    expect_no_changes_of(&world, "paper.toml");
    let shown = world.expect(0, &["-m", "paper.toml", "lock"]).stdout;
    assert!(shown.contains("manifest  data.toml\n") && shown.contains("manifest  paper.toml\n"));
    let document = world.expect(0, &["-m", "data.toml", "lock", "--format", "json"]).json();
    assert_eq!(document["manifest"], "data.toml");
    assert_eq!(document["servers"]["test"]["last"].to_string(), id);
    assert!(document["manifests"]["paper.toml"]["test"]["concept"].is_u64(), "{document}");
    assert_ne!(document["manifests"]["paper.toml"]["test"], document["servers"]["test"]);
}

/// A folder whose usual manifest is the paper, and the concept and version of another work.
fn paper_beside_data(world: &World) -> (u64, u64) {
    world.manifest(&paper("1.0"));
    write_both(world);
    apply_of(world, "data.toml");
    let data = status_of(world, "data.toml");
    world.expect(0, &["lock", "rm", "data.toml"]);
    world.remove("data.toml");
    apply_of(world, "zenodo.toml");
    world.write("paper.csv", "a longer paper\n");
    world.manifest(&paper("1.1"));
    (data["concept"].as_u64().unwrap(), data["latest"].as_u64().unwrap())
}

#[test]
fn a_concept_of_another_work_needs_confirmation_in_every_format() {
    let world = World::served();
    let (concept, version) = paper_beside_data(&world);
    world.remove("zenodo.lock");
    let own_bound = format!("{}\n[record.concept]\ntest = {concept}\n", paper("1.1"));
    world.manifest(&own_bound);
    let host = format!("127.0.0.1:{}", world.port());
    let danger = format!("DANGER: record {version} has nothing in common with the manifest");
    for format in ["text", "markdown", "html", "json"] {
        let plan = world.expect(0, &["plan", "--format", format]);
        assert!(plan.stdout.contains(&danger), "{format}: {plan}");
        assert!(plan.stdout.contains("Tables of rings"), "{format}: {plan}");
        let public = ["plan", "--public", "--allow-server", &host, "--format", format];
        let plan = world.expect(0, &public);
        assert!(plan.stdout.contains(&danger), "{format}: {plan}");
    }
    world.expect(0, &["plan", "--out", "a.plan"]);
    let shown = world.expect(0, &["show", "a.plan"]);
    assert!(shown.stdout.contains(&danger), "{shown}");
    world.requests();
    let ran = world.expect(13, &["apply", "--auto-approve"]);
    assert!(ran.stderr.contains(&format!("--over {version}")), "{ran}");
    world.expect(13, &["apply", "--auto-approve", "--over", &(version + 7).to_string()]);
    assert_eq!(world.writes(), []);
    // A reviewed digest and a reviewed plan are a person's confirmation, and so is the flag.
    let digest = world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
    world.expect(13, &["apply", "--no-publish", "--auto-approve"]);
    world.expect(0, &["plan", "--no-publish", "--out", "b.plan"]);
    world.expect(0, &["apply", "b.plan"]);
    world.expect(0, &["apply", "--expect", &digest]);
    world.expect_no_changes();
    // From here on the lock proves that this is the manifest's record.
    world.manifest(&own_bound.replace("small forms", "large forms").replace("1.1", "1.2"));
    world.write("paper.csv", "another paper\n");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn files_that_are_kept_on_the_server_do_not_speak_for_it() {
    let world = World::served();
    let (concept, version) = paper_beside_data(&world);
    world.remove("zenodo.lock");
    let kept = paper("1.0").replace("path = \"paper.csv\"", "keep = \"*.csv\"");
    world.manifest(&format!("{kept}\n[record.concept]\ntest = {concept}\n"));
    world.requests();
    let ran = world.expect(13, &["apply", "--auto-approve"]);
    assert!(ran.stdout.contains("write over its metadata"), "{ran}");
    assert_eq!(world.writes(), []);
    world.apply_then_expect_no_changes(&["--over", &version.to_string()]);
    assert_eq!(world.n_versions(concept), 1);
}

#[test]
fn the_flag_allows_overwriting_another_work() {
    let world = World::served();
    let (concept, version) = paper_beside_data(&world);
    world.remove("zenodo.lock");
    world.manifest(&format!("{}\n[record.concept]\ntest = {concept}\n", paper("1.1")));
    world.apply_then_expect_no_changes(&["--over", &version.to_string()]);
    assert_eq!(world.n_versions(concept), 2);
}

#[test]
fn an_apply_that_was_confirmed_and_killed_is_continued() {
    for at in [1, 2, 4] {
        let mut world = World::served();
        let relay = Relay::before(&world, Fate::Pass);
        world.go_through(relay.port());
        let (concept, version) = paper_beside_data(&world);
        world.remove("zenodo.lock");
        world.manifest(&format!("{}\n[record.concept]\ntest = {concept}\n", paper("1.1")));
        relay.set(Fate::HangAtWrite(at));
        let mut child = world.start(&["apply", "--auto-approve", "--over", &version.to_string()]);
        relay.wait_until_hung();
        child.kill().unwrap();
        child.wait().unwrap();
        relay.set(Fate::Pass);
        world.apply_then_expect_no_changes(&[]);
        assert_eq!(world.n_versions(concept), 2, "killed at write {at}");
    }
}

#[test]
fn concept_and_version_changed_together_in_the_lock_prove_nothing() {
    let world = World::served();
    let (concept, version) = paper_beside_data(&world);
    let own = status_of(&world, "zenodo.toml");
    let old = as_format_1(&world.read("zenodo.lock"), "zenodo.toml");
    let changed = old
        .replace(&own["concept"].to_string(), &concept.to_string())
        .replace(&own["latest"].to_string(), &version.to_string());
    world.write("zenodo.lock", &changed);
    world.requests();
    let ran = world.expect(13, &["apply", "--auto-approve"]);
    assert!(ran.stdout.contains("ZR0319"), "{ran}");
    assert_eq!(world.writes(), []);
    // `lock --rebuild` records what the server says, and names the record.
    let ran = world.expect(0, &["lock", "--rebuild"]);
    assert!(ran.stderr.contains(&format!("Record {version} is `Tables of rings`")), "{ran}");
}

#[test]
fn a_version_of_another_record_in_the_lock_is_reported() {
    let world = World::served();
    let (_, version) = paper_beside_data(&world);
    let own = status_of(&world, "zenodo.toml");
    let good = world.read("zenodo.lock");
    let old = as_format_1(&good, "zenodo.toml");
    let last = format!("last = {}\n", own["latest"]);
    let changed = old.replace(&last, &format!("last = {version}\n"));
    assert_ne!(changed, old);
    // A label that would block the plan's label.
    let labelled = format!("{old}versions.{version} = \"1.1\"\n");
    for lock in [changed, labelled] {
        world.write("zenodo.lock", &lock);
        world.requests();
        let ran = world.expect(11, &["apply", "--auto-approve"]);
        let wanted = format!("{version} is a version of record {}", own["concept"]);
        assert!(ran.stdout.contains("ZR0322") && ran.stdout.contains(&wanted), "{ran}");
        assert!(ran.stdout.contains("zrel -m zenodo.toml lock --rebuild"), "{ran}");
        assert_eq!(world.writes(), []);
        world.expect(0, &["lock", "--rebuild"]);
        assert_eq!(world.read("zenodo.lock"), good);
    }
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn an_ordinary_new_version_is_not_asked_about() {
    let world = World::served();
    world.manifest(&paper("1.0"));
    world.write("paper.csv", "a paper\n");
    apply_of(&world, "zenodo.toml");
    let concept = concept_of(&world, "zenodo.toml");
    let bound = |manifest: String| format!("{manifest}\n[record.concept]\ntest = {concept}\n");
    // With the lock: all of it at once.
    world.manifest(&bound(work("On large forms", "Okafor, Ada", "paper.csv", "1.1")));
    world.write("paper.csv", "a second paper\n");
    world.apply_then_expect_no_changes(&[]);
    // Without it: another title and other files, or other creators and other files, or both of those.
    let creators = ["Okafor, A.", "Ada Okafor", "Weiss, Tobias"];
    for (n, title, creator) in [
        (2, "On all forms", creators[0]),
        (3, "On no forms", creators[1]),
        (4, "On no forms", creators[2]),
    ] {
        world.remove("zenodo.lock");
        world.manifest(&bound(work(title, creator, "paper.csv", &format!("1.{n}"))));
        world.write("paper.csv", &format!("paper {n}\n"));
        world.apply_then_expect_no_changes(&[]);
    }
    world.remove("zenodo.lock");
    world.write("new.csv", "new\n");
    let both = bound(work("On new forms", "Somebody, Else", "*.csv", "1.5"));
    world.manifest(&both);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.n_versions(concept), 6);
}
