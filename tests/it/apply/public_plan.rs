//! `zrel plan --public`: only what is public, for pull requests.

use serde_json::{Value as Json, json};

use crate::support::world::{FILES, Ran, World, manifest, publish_first};

/// Plans without a token. The server refuses the token in the environment.
#[track_caller]
fn public(world: &mut World, code: i32, args: &[&str]) -> Ran {
    let ran = run_public(world, args);
    assert_eq!(ran.code, code, "{ran}");
    ran
}

fn run_public(world: &mut World, args: &[&str]) -> Ran {
    let host = format!("127.0.0.1:{}", world.port());
    world.set_token("nobody-s-token");
    let all = [&["plan", "--public", "--allow-server", &host], args].concat();
    let ran = world.zrel(&all);
    world.set_token(crate::support::world::ALICE);
    ran
}

#[track_caller]
fn public_json(world: &mut World) -> Json {
    let ran = run_public(world, &["--format", "json"]);
    let document = ran.json();
    assert_eq!(ran.code, if document["verdict"] == "blocked" { 11 } else { 0 }, "{ran}");
    document
}

fn codes(plan: &Json) -> Vec<&str> {
    let findings = plan["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

/// A change of the project, and the operation that it leads to.
type Change = (&'static str, &'static dyn Fn(&World));

#[test]
fn a_public_plan_has_the_owner_s_digest_and_is_applied_by_it() {
    let mut world = World::served();
    publish_first(&world);
    let ran = public(&mut world, 0, &["--detailed-exitcode"]);
    assert!(ran.stdout.contains("No changes.") && ran.stdout.contains("ZR0407"), "{ran}");
    let changes: [Change; 3] = [
        ("edit", &|world| {
            world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
        }),
        ("new_version", &|world| {
            world.write("a.csv", "one,two,three\n");
            world.manifest(&manifest("1.1", FILES));
        }),
        ("new_version", &|world| world.manifest(&manifest("1.2", FILES))),
    ];
    for (kind, change) in changes {
        change(&world);
        let (owner, public) = (world.plan_json(&[]), public_json(&mut world));
        assert_eq!(public["operation"]["kind"], kind, "{public:#}");
        assert_eq!(owner["digest"], public["digest"], "{owner:#}\n{public:#}");
        assert_eq!(
            (owner["view"].as_str(), public["view"].as_str()),
            (Some("owner"), Some("public"))
        );
        for part in ["files", "metadata", "steps", "target"] {
            assert_eq!(owner[part], public[part], "{kind}: {part}");
        }
        world.expect(0, &["apply", "--expect", public["digest"].as_str().unwrap()]);
        world.expect_no_changes();
        let after = public_json(&mut world);
        assert_eq!(after["changes"], false, "{after:#}");
    }
}

#[test]
fn an_edit_of_the_record_after_the_review_makes_the_digest_stale() {
    let mut world = World::served();
    let record = publish_first(&world);
    world.manifest(&manifest("1.1", FILES));
    let digest = public_json(&mut world)["digest"].as_str().unwrap().to_owned();
    world.edit_by_hand(record, |metadata| metadata["notes"] = json!("Somebody was here."));
    world.requests();
    world.expect(10, &["apply", "--expect", &digest]);
    assert_eq!(world.writes(), []);
    let again = public_json(&mut world)["digest"].as_str().unwrap().to_owned();
    world.expect(0, &["apply", "--expect", &again]);
    world.expect_no_changes();
}

#[test]
fn an_edit_of_the_record_after_the_review_of_an_edit_makes_its_digest_stale_too() {
    let mut world = World::served();
    let record = publish_first(&world);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    let digest = world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
    assert_eq!(public_json(&mut world)["digest"], digest.as_str());
    world.edit_by_hand(record, |metadata| metadata["notes"] = json!("Somebody was here."));
    world.requests();
    world.expect(10, &["apply", "--expect", &digest]);
    assert_eq!(world.writes(), []);
    // An open, unpublished edit leaves the digest: continuing has the digest of opening.
    let digest = world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
    world.apply(&["--no-publish"]);
    assert_ne!(world.open_drafts(), [0; 0]);
    world.expect(0, &["apply", "--expect", &digest]);
    world.expect_no_changes();
}

#[test]
fn a_first_publication_is_planned_without_a_look_and_says_so() {
    let mut world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    let plan = public_json(&mut world);
    assert_eq!(world.requests(), [], "nothing is bound, and nothing asked");
    assert_eq!(plan["operation"]["kind"], "new_record");
    assert_eq!(codes(&plan), ["ZR0309", "ZR0405", "ZR0407"], "{plan:#}");
    let without = plan["digest"].as_str().unwrap();
    let with = run_public(&mut world, &["--initial", "--format", "json"]).json();
    world.expect(10, &["apply", "--initial", "--expect", without]);
    world.expect(0, &["apply", "--initial", "--expect", with["digest"].as_str().unwrap()]);
    world.expect_no_changes();
}

#[test]
fn files_that_are_restricted_are_not_visible_and_never_added() {
    let mut world = World::served();
    let restricted =
        |label: &str| manifest(label, &format!("access_right = \"restricted\"\n{FILES}"));
    world.manifest(&restricted("1.0"));
    world.write("a.csv", "one,two\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(public_json(&mut world)["changes"], false, "the lock knows the files");
    world.manifest(&restricted("1.1"));
    let owner = world.plan_json(&[]);
    assert_eq!(public_json(&mut world)["digest"], owner["digest"]);
    world.write("b.csv", "three\n");
    let plan = public_json(&mut world);
    assert_eq!((codes(&plan)[0], plan["verdict"].as_str()), ("ZR0316", Some("blocked")));
    assert!(!public(&mut world, 11, &[]).stdout.contains("b.csv"));
    world.apply(&[]);
    world.remove("zenodo.lock");
    let line = format!("\n[record.concept]\ntest = \"{}\"\n", concept(&world));
    world.manifest(&format!("{}{line}", restricted("1.1")));
    assert_eq!(codes(&public_json(&mut world))[0], "ZR0316");
    world.expect_no_changes();
}

fn concept(world: &World) -> String {
    world.own_depositions()[0]["conceptrecid"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_not_public_blocks_and_says_why() {
    let mut world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", &format!("{FILES}\n[record]\npublish = false\n")));
    world.apply(&["--initial"]);
    let plan = public_json(&mut world);
    assert_eq!(codes(&plan), ["ZR0316"], "{plan:#}");
    assert!(plan["findings"][0].to_string().contains("never published"), "{plan:#}");
}

#[test]
fn a_server_that_is_not_allowed_is_sent_nothing() {
    let world = World::served();
    publish_first(&world);
    world.requests();
    let ran = world.expect(11, &["plan", "--public", "--format", "json"]);
    assert!(ran.stderr.contains("--allow-server 127.0.0.1:"), "{ran}");
    assert_eq!(ran.json()["error"]["exit_code"], 11);
    assert_eq!(world.requests(), []);
    let mut command = world.command(&["plan"]);
    command.env_remove(format!("ZREL_TOKEN_127_0_0_1_{}", world.port()));
    let ran: Ran = command.output().unwrap().into();
    assert_eq!(ran.code, 77, "{ran}");
    assert!(ran.stderr.contains("zrel plan --public"), "{ran}");
}

#[test]
fn a_public_plan_is_applied_by_its_digest_and_not_by_its_file() {
    let mut world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.1", FILES));
    let ran = public(&mut world, 0, &["--out", "review.plan"]);
    let digest = public_json(&mut world)["digest"].as_str().unwrap().to_owned();
    assert!(ran.stderr.contains(&format!("zrel apply --expect {digest}")), "{ran}");
    world.requests();
    let refused = world.expect(64, &["apply", "review.plan"]);
    assert!(refused.stderr.contains(&digest), "{refused}");
    assert_eq!(world.requests(), []);
    assert!(world.expect(0, &["show", "review.plan"]).stdout.contains("ZR0407"));
    world.expect(0, &["apply", "--expect", &digest]);
    world.expect_no_changes();
}

#[test]
fn the_local_server_is_also_read_without_a_token() {
    let world = World::local();
    publish_first(&world);
    let plan = world.expect(0, &["plan", "--public", "--detailed-exitcode"]);
    assert!(plan.stdout.contains("No changes."), "{plan}");
}

/// Requests to communities are not public, and curators take their time.
#[test]
fn a_public_plan_does_not_ask_a_community_again() {
    let mut world = World::served();
    world.write("a.csv", "one\n");
    world
        .manifest(&manifest("1.0", &format!("{FILES}[[communities]]\nid = \"user2-community\"\n")));
    let before = public_json(&mut world);
    assert_eq!(before["communities"][0]["ask"], true, "{before:#}");
    world.apply_then_expect_no_changes(&["--initial"]);
    let public = public(&mut world, 0, &[]);
    assert!(public.stdout.contains("No changes."), "{public}");
    world.requests();
    let plan = public_json(&mut world);
    assert_eq!(plan["communities"][0]["standing"], "pending", "{plan:#}");
    assert_eq!(plan["digest"], world.plan_json(&[])["digest"]);

    // A new lock records it too, after an apply without changes.
    world.remove("zenodo.lock");
    let bound = format!("[record.concept]\ntest = {}\n", plan["basis"]["concept"]);
    let text = world.read("zenodo.toml");
    world.write("zenodo.toml", &text.replace("[metadata]", &format!("{bound}[metadata]")));
    assert_eq!(public_json(&mut world)["communities"][0]["ask"], true);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(public_json(&mut world)["communities"][0]["ask"], false);
}
