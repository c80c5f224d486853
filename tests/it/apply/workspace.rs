//! Many records in one repository: found, planned together, and published when each is right.

use serde_json::Value as Json;
use zrel::local::{Fault, FaultKind, Matches};

use crate::support::world::World;

pub(crate) const ROOT: &str = "[workspace]\nmembers = [\"deposits/*\"]\nserver = \"test\"\n\n\
    [workspace.metadata]\nupload_type = \"dataset\"\nlicense = \"CC-BY-4.0\"\n\
    creators = [{ name = \"Weiss, Tobias\" }]\n";

pub(crate) fn write_root(world: &World, text: &str) {
    let servers = format!(
        "\n[servers.test]\nurl = \"http://127.0.0.1:{}\"\ndoi_prefix = \"10.5072\"\n",
        world.port()
    );
    world.write("zenodo.toml", &format!("{text}{servers}"));
}

pub(crate) fn write_member(world: &World, name: &str, label: &str, more: &str) {
    let text = format!(
        "[metadata]\ntitle = \"Tables {name}\"\ndescription = \"<p>About {name}.</p>\"\n\
         version = \"{label}\"\n{more}\n[[files]]\npath = \"*.csv\"\n"
    );
    world.write(&format!("deposits/{name}/zenodo.toml"), &text);
    world.write(&format!("deposits/{name}/a.csv"), &format!("{name},{label}\n"));
}

/// The same in a real repository of git.
pub(crate) fn start_in_git(world: &World) {
    start(world);
    use_real_git(world);
}

/// Makes the folder a real repository of git.
pub(crate) fn use_real_git(world: &World) {
    std::fs::remove_dir_all(world.project().join(".git")).unwrap();
    world.git(&["init", "-q", "-b", "main"]);
}

/// Makes a workspace of three members, one of which has a licence of its own.
pub(crate) fn start(world: &World) {
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    write_root(world, ROOT);
    write_member(world, "a", "1.0", "");
    write_member(world, "b", "1.0", "license = \"CC0-1.0\"");
    write_member(world, "c", "1.0", "");
}

pub(crate) fn plan(world: &World, args: &[&str]) -> Json {
    let mut all = vec!["plan", "--format", "json"];
    all.extend(args);
    world.zrel(&all).json()
}

fn digests(plan: &Json) -> Vec<String> {
    let members = plan["members"].as_array().unwrap();
    members.iter().map(|member| member["plan"]["digest"].as_str().unwrap().to_owned()).collect()
}

/// Makes the server refuse the n-th publication.
pub(super) fn refuse_publication(world: &World, n: usize) {
    let refuse = Fault {
        on: Matches::parse("POST /api/deposit/depositions/*/actions/publish").unwrap(),
        ..Fault::at(n, FaultKind::Status { status: 403, after: false })
    };
    world.faults().set(vec![refuse]);
}

/// Makes the server fail at each upload from the second on.
pub(super) fn refuse_uploads(world: &World) {
    let lose = Fault {
        on: Matches::parse("PUT /api/files/*").unwrap(),
        times: 100,
        ..Fault::at(2, FaultKind::Status { status: 500, after: false })
    };
    world.faults().set(vec![lose]);
}

/// Returns how many of the owner's records are published.
pub(crate) fn count_published(world: &World) -> usize {
    world.own_depositions().iter().filter(|one| one["submitted"] == true).count()
}

pub(crate) fn expect_no_changes(world: &World) {
    let ran = world.expect(0, &["plan", "--detailed-exitcode"]);
    assert!(ran.stdout.contains("0 with changes"), "{ran}");
}

#[test]
fn members_inherit_defaults_and_are_the_same_alone() {
    let world = World::served();
    start(&world);
    let all = plan(&world, &["--initial"]);
    let keys: Vec<&str> =
        all["members"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["deposits/a", "deposits/b", "deposits/c"]);
    let metadata = |at: usize| &all["members"][at]["plan"]["target"]["metadata"];
    assert_eq!(metadata(0)["license"], "cc-by-4.0");
    assert_eq!(metadata(1)["license"], "cc0-1.0");
    assert_eq!(metadata(1)["creators"][0]["name"], "Weiss, Tobias");
    let alone = world.expect(0, &["-C", "deposits/b", "plan", "--initial", "--format", "json"]);
    assert_eq!(alone.json()["digest"], all["members"][1]["plan"]["digest"]);
    let shown = world.expect(0, &["-C", "deposits/b", "plan", "--initial"]);
    let words = "note[ZR0167]: `server`, `upload_type`, `creators` come from the workspace";
    assert!(shown.stdout.contains(words), "{shown}");

    // A default that is removed changes the members that used it, and no other.
    write_root(&world, &ROOT.replace("license = \"CC-BY-4.0\"\n", ""));
    let now = plan(&world, &["--initial"]);
    let (before, after) = (digests(&all), digests(&now));
    assert_eq!(before[1], after[1]);
    assert!(before[0] != after[0] && before[2] != after[2]);
    // A member that is added changes no other.
    write_member(&world, "aa", "1.0", "license = \"MIT\"");
    let more = digests(&plan(&world, &["--initial"]));
    assert_eq!((&more[0], &more[2..]), (&after[0], &after[1..]));
}

#[test]
fn nothing_is_published_before_every_draft_is_right() {
    let world = World::served();
    start(&world);
    let refused = world.expect(13, &["apply", "--auto-approve"]);
    assert!(refused.stderr.contains("deposits/a: "), "{refused}");
    assert_eq!(world.writes().len(), 0);
    world.requests();
    let applied = world.expect(0, &["apply", "--initial", "--auto-approve"]);
    for words in ["Workspace zenodo.toml: 3 members, 3 with changes", "Published Tables a 1.0"] {
        assert!(applied.stdout.contains(words), "«{words}» in {applied}");
    }
    let paths: Vec<String> = world.writes().into_iter().map(|write| write.path).collect();
    let first = paths.iter().position(|path| path.ends_with("/actions/publish")).unwrap();
    assert!(paths[first..].iter().all(|path| path.ends_with("/actions/publish")), "{paths:?}");
    assert_eq!(paths[first..].len(), 3);
    expect_no_changes(&world);

    write_member(&world, "a", "1.1", "");
    write_member(&world, "c", "1.1", "");
    let now = plan(&world, &[]);
    let digest = now["digest"].as_str().unwrap();
    let other = format!("sha256:{}", "0".repeat(64));
    let refused = world.expect(10, &["apply", "--expect", &other]);
    assert!(refused.stderr.contains("the plans are not the expected ones"), "{refused}");
    let applied = world.expect(0, &["apply", "--expect", digest, "--format", "json"]).json();
    let members = applied["members"].as_array().unwrap();
    assert_eq!(members.len(), 2, "{applied}");
    assert_eq!(members[0]["result"]["record"]["version"], "1.1");
    expect_no_changes(&world);
    world.expect(0, &["apply", "--expect", digest]);
    assert_eq!(world.n_records(), 3);
}

#[test]
fn of_three_one_that_is_refused_leaves_two_published_and_comes_next() {
    let mut world = World::served();
    // The n-th publication is that of the n-th member.
    world.set_jobs(1);
    start(&world);
    refuse_publication(&world, 2);
    let ran = world.zrel(&["apply", "--initial", "--auto-approve"]);
    assert_ne!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("deposits/b: "), "{ran}");
    world.faults().heal();
    assert_eq!(count_published(&world), 2);
    world.requests();
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    let publishes = world.writes().into_iter().filter(|it| it.path.ends_with("/publish"));
    assert_eq!(publishes.count(), 1);
    expect_no_changes(&world);
    assert_eq!(world.own_depositions().len(), 3);
}

#[test]
fn a_fault_while_drafts_are_filled_publishes_none() {
    let world = World::served();
    start(&world);
    refuse_uploads(&world);
    let ran = world.zrel(&["apply", "--initial", "--auto-approve"]);
    assert_ne!(ran.code, 0, "{ran}");
    assert_eq!(count_published(&world), 0, "{ran}");
    world.faults().heal();
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&world);
    assert_eq!(world.own_depositions().len(), 3);
}

#[test]
fn one_member_is_named_by_its_key() {
    let world = World::served();
    start(&world);
    let one = plan(&world, &["-p", "deposits/b", "--initial"]);
    assert_eq!(one["members"].as_array().unwrap().len(), 1);
    world.expect(0, &["apply", "-p", "deposits/b", "--initial", "--auto-approve"]);
    let ran = world.expect(0, &["status", "-p", "deposits/b", "-p", "deposits/a"]);
    assert!(
        ran.stdout.contains("== deposits/a\n") && ran.stdout.contains("never published"),
        "{ran}"
    );
    assert!(ran.stdout.contains("No changes."), "{ran}");
    let ran = world.expect(0, &["validate"]);
    assert_eq!(ran.stdout.matches(" is valid: 1 file for test").count(), 3, "{ran}");
    let ran = world.expect(64, &["plan", "-p", "deposits/x"]);
    assert!(ran.stderr.contains("has no member `deposits/x`"), "{ran}");
    let ran = world.expect(64, &["-C", "deposits/a", "plan", "--workspace"]);
    assert!(ran.stderr.contains("is not the root of a workspace"), "{ran}");
    let markdown = world.expect(0, &["plan", "--initial", "--format", "markdown"]).stdout;
    assert!(markdown.contains("| `deposits/a` | publishes: new record `1.0`"), "{markdown}");
}

#[test]
fn members_that_changed_since_a_revision_are_named_by_git() {
    let world = World::served();
    start_in_git(&world);
    let commit = || {
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", "work"]);
    };
    let keys = |since: &str| -> Vec<String> {
        let plan = plan(&world, &["--initial", "--changed-since", since]);
        let members = plan["members"].as_array().unwrap();
        members.iter().map(|one| one["key"].as_str().unwrap().to_owned()).collect()
    };
    commit();
    assert_eq!(keys("HEAD"), [""; 0]);
    world.write("deposits/b/a.csv", "changed\n");
    assert_eq!(keys("HEAD"), ["deposits/b"]);
    commit();
    assert_eq!((keys("HEAD"), keys("HEAD~1")), (vec![], vec!["deposits/b".to_owned()]));
    write_root(&world, &ROOT.replace("CC-BY-4.0", "MIT"));
    assert_eq!(keys("HEAD").len(), 3);
    let refused = world.expect(64, &["plan", "--changed-since", "no-such"]);
    assert!(refused.stderr.contains("can't compare with `no-such`"), "{refused}");
}

#[test]
fn locks_of_other_members_make_no_tag_dirty() {
    let world = World::served();
    start_in_git(&world);
    for name in ["a", "b", "c"] {
        let path = format!("deposits/{name}/zenodo.toml");
        let text = world.read(&path).replace("\"1.0\"", "{ from = \"git-tag\" }");
        world.write(&path, &text);
    }
    world.git(&["add", "-A"]);
    world.git(&["commit", "-qm", "work"]);
    world.git(&["tag", "1.0"]);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    expect_no_changes(&world);
    world.git(&["add", "-A"]);
    world.git(&["commit", "-qm", "locks"]);
    for name in ["a", "b", "c"] {
        world.write(&format!("deposits/{name}/a.csv"), "more\n");
    }
    world.git(&["commit", "-qam", "more"]);
    world.git(&["tag", "1.1"]);
    world.expect(0, &["apply", "--auto-approve"]);
    expect_no_changes(&world);
}

#[test]
fn the_dois_of_all_members_are_reserved_and_written_at_the_root() {
    let world = World::served();
    start(&world);
    for name in ["a", "b", "c"] {
        let write = "[[write]]\npath = \"a.md\"\n";
        let path = format!("deposits/{name}/zenodo.toml");
        world.write(&path, &format!("{}\n{write}", world.read(&path)));
        let text = "<!-- zrel:doi --><!-- /zrel:doi -->\n";
        world.write(&format!("deposits/{name}/a.md"), text);
    }
    std::fs::remove_dir_all(world.project().join(".git")).unwrap();
    world.git(&["init", "-q", "-b", "main"]);
    world.git(&["add", "-A"]);
    let before = plan(&world, &["--initial"]);
    let refused = world.expect(11, &["apply", "--initial", "--auto-approve"]);
    assert!(refused.stderr.contains("deposits/a: the DOI of this version"), "{refused}");
    assert_eq!(world.writes().len(), 0);
    let reserved = world.expect(0, &["reserve", "--initial"]);
    assert_eq!(reserved.stdout.matches("\nReserved ").count(), 3, "{reserved}");
    world.expect(2, &["write", "--check"]);
    world.expect(0, &["write"]);
    world.expect(0, &["write", "--check"]);
    let after = plan(&world, &["--initial"]);
    assert_eq!(after["digest"], before["digest"]);
    let digest = before["digest"].as_str().unwrap();
    world.expect(0, &["apply", "--initial", "--expect", digest]);
    expect_no_changes(&world);
}

#[test]
fn a_member_with_faults_is_told_beside_the_plans_of_the_others() {
    let world = World::served();
    start(&world);
    world.write("deposits/b/zenodo.toml", "[metadata]\ntitle = 3\n");
    let ran = world.expect(65, &["plan", "--initial"]);
    assert!(ran.stdout.contains("3 members, 2 with changes, 1 invalid"), "{ran}");
    assert!(ran.stderr.contains("deposits/b/zenodo.toml:2:"), "{ran}");
    let ran = world.expect(65, &["apply", "--initial", "--auto-approve"]);
    assert!(ran.stderr.contains("deposits/b can't be planned; nothing was sent"), "{ran}");
    assert_eq!(world.writes().len(), 0);
}

#[test]
fn a_rehearsal_has_one_server_for_all_members() {
    let world = World::local();
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    world.write("zenodo.toml", &ROOT.replace("server = \"test\"\n", ""));
    write_member(&world, "a", "1.0", "");
    write_member(&world, "b", "1.0", "");
    world.expect(0, &["apply", "--auto-approve"]);
    expect_no_changes(&world);
    let status = |name: &str| world.expect(0, &["-C", name, "status", "--format", "json"]).json();
    assert_ne!(status("deposits/a")["latest"], status("deposits/b")["latest"]);
    assert!(world.project().join(".zrel/local").exists());
    assert!(!world.project().join("deposits/a/.zrel/local").exists());
}

#[test]
fn a_root_that_can_not_be_followed_is_one_message_and_asks_nothing() {
    let world = World::served();
    start(&world);
    world.write("deposits/b/data.toml", "[metadata]\n");
    for (members, words) in [
        (
            "[\"deposits/*\", \"deposits/a\"]",
            "error[ZR0165]: `deposits/a/zenodo.toml` is a member twice",
        ),
        ("[\"../other\"]", "error[ZR0133]"),
        ("[\"deposits/x\"]", "there is no file `deposits/x/zenodo.toml`"),
        ("[\"nothing/*\"]", "matches no file"),
        ("[]", "error[ZR0165]: the workspace names no member"),
        ("7", "error[ZR0103]"),
    ] {
        write_root(&world, &ROOT.replace("[\"deposits/*\"]", members));
        world.requests();
        let ran = world.expect(65, &["plan"]);
        assert!(ran.stderr.contains(words), "«{words}» in {ran}");
        assert!(ran.stderr.contains("zenodo.toml:"), "{ran}");
        assert_eq!(world.requests().len(), 0);
    }
    for (defaults, words) in [
        ("doi = \"10.1234/a\"\n", "error[ZR0166]: `doi` belongs to one record"),
        ("notes = { file = \"NOTES.md\" }\n", "error[ZR0166]: `notes` from a file is no default"),
        ("keyword = [\"a\"]\n", "did you mean `keywords`?"),
        ("license = \"no-such\"\n", "error[ZR0107]"),
    ] {
        let text = ROOT.replace("license = \"CC-BY-4.0\"\n", defaults);
        write_root(&world, &text);
        let ran = world.expect(65, &["plan"]);
        assert!(ran.stderr.contains(words), "«{words}» in {ran}");
    }
    write_root(
        &world,
        &ROOT.replace("[workspace.metadata]", "exclude = [\"deposits/b\"]\n\n[workspace.metadata]"),
    );
    let kept = plan(&world, &["--initial"]);
    assert_eq!(kept["members"].as_array().unwrap().len(), 2, "{kept}");
    // Two manifests in one folder are a workspace as well.
    write_root(
        &world,
        &ROOT.replace("[\"deposits/*\"]", "[\"deposits/*\", \"deposits/b/*.toml\"]").replace(
            "[workspace.metadata]",
            "exclude = [\"deposits/b/zenodo.toml\"]\n\n[workspace.metadata]",
        ),
    );
    let text = world.read("deposits/a/zenodo.toml").replace("Tables a", "Tables of data");
    world.write("deposits/b/data.toml", &text);
    let two = plan(&world, &["--initial"]);
    assert_eq!(two["members"][1]["key"], "deposits/b:data", "{two}");
}

#[test]
fn each_command_has_one_document_for_all_members() {
    let world = World::served();
    start(&world);
    world.expect(0, &["apply", "--initial", "--auto-approve", "-p", "deposits/a"]);
    for (args, found) in [
        (vec!["validate"], "valid"),
        (vec!["status"], "latest"),
        (vec!["history"], "versions"),
        (vec!["write"], "files"),
        (vec!["reserve", "-p", "deposits/a", "-p", "deposits/b", "--initial"], "doi"),
    ] {
        let ran = world.zrel(&[&args[..], &["--format", "json"]].concat());
        let document = ran.json();
        assert_eq!(document["workspace"], "zenodo.toml", "{ran}");
        let members = document["members"].as_array().unwrap();
        assert!(members.iter().all(|one| one["key"].is_string() && one["exit_code"].is_u64()));
        let result = &members[0]["result"];
        assert!(result.is_null() || !result[found].is_null(), "{found} in {ran}");
    }
    // One that fails has its error, and keeps no other from its turn.
    world.write("deposits/b/zenodo.toml", "[metadata]\ntitle = 5\n");
    let ran = world.expect(65, &["validate", "--format", "json"]);
    let members = ran.json()["members"].as_array().unwrap().clone();
    let codes: Vec<&Json> = members.iter().map(|one| &one["exit_code"]).collect();
    assert_eq!(codes, [0, 65, 0], "{ran}");
    assert!(members[1]["result"].is_null() && members[1]["error"]["message"].is_string());
    assert!(members[2]["error"].is_null(), "{ran}");
}

#[test]
fn a_command_for_one_record_says_that_a_root_is_none() {
    let world = World::served();
    start(&world);
    for verb in ["cite", "badge", "discard"] {
        let ran = world.expect(65, &[verb]);
        for words in
            ["is the root of a workspace, and no record itself", "name the folder of a member"]
        {
            assert!(ran.stderr.contains(words), "«{words}» in {ran}");
        }
        assert!(!ran.stderr.contains("`title`"), "{ran}");
    }
}
