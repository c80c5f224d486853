//! The plans of a workspace in every form that a reviewer reads, saved, commented, and applied.

use serde_json::Value as Json;

use crate::apply::workspace::{expect_no_changes, plan, start, write_member};
use crate::support::fake_forge::{FakeForge, Manner, NUMBER, Token};
use crate::support::world::World;

const TOKEN: &str = "a-token-of-the-bot";
const SAVED: &str = "../release.plan";

/// Makes a workspace whose members are published, and of which one changes.
fn start_changed() -> World {
    let world = World::served();
    start(&world);
    world.expect(0, &["apply", "--initial", "--auto-approve"]);
    write_member(&world, "a", "1.1", "");
    world
}

fn digest(plan: &Json) -> String {
    plan["digest"].as_str().unwrap().to_owned()
}

#[test]
fn every_form_shows_the_same_plans_new_or_saved() {
    let world = start_changed();
    let digest = digest(&plan(&world, &[]));
    let saved = world.expect(0, &["plan", "--out", SAVED]);
    assert!(saved.stderr.contains("To do exactly that: zrel apply ../release.plan"), "{saved}");
    for format in ["text", "markdown", "html", "json"] {
        let new = world.expect(0, &["plan", "--format", format]).stdout;
        let shown = world.expect(0, &["show", SAVED, "--format", format]).stdout;
        for page in [&new, &shown] {
            for words in [digest.as_str(), "deposits/a", "Tables a"] {
                assert!(page.contains(words), "«{words}» in {format}: {page}");
            }
            // A member that does not change has no plan to read, and the machine form has all.
            assert_eq!(page.contains("Tables b"), format == "json", "{format}: {page}");
        }
        if format != "text" && format != "json" {
            assert_eq!(new, shown);
        }
    }
    let page = world.expect(0, &["plan", "--format", "html"]).stdout;
    assert_eq!(page.matches("<html").count(), 1);
    let next = "<code>zrel apply --expect sha256:";
    assert_eq!(page.matches(next).count(), 1, "{page}");
    let text = world.expect(0, &["plan", "--format", "markdown"]).stdout;
    assert_eq!(text.matches("**Next:**").count(), 1, "{text}");
    assert_eq!(text.matches("<!--").count(), 1, "{text}");
}

#[test]
fn saved_plans_are_applied_as_they_are_or_not_at_all() {
    let world = start_changed();
    world.expect(0, &["plan", "--out", SAVED]);
    write_member(&world, "a", "1.1", "keywords = [\"late\"]");
    world.requests();
    let stale = world.expect(10, &["apply", SAVED]);
    assert!(stale.stderr.contains("deposits/a: its plan differs"), "{stale}");
    assert!(world.writes().is_empty());
    write_member(&world, "a", "1.1", "");
    let named = world.expect(64, &["apply", SAVED, "-p", "deposits/a"]);
    assert!(named.stderr.contains("names its members itself"), "{named}");
    world.expect(0, &["apply", SAVED]);
    expect_no_changes(&world);
    world.requests();
    // Applied already, and nothing is sent.
    world.expect(0, &["apply", SAVED]);
    assert!(world.writes().is_empty());
    world.remove("deposits/b/zenodo.toml");
    let gone = world.expect(10, &["apply", SAVED]);
    assert!(gone.stderr.contains("there is no member `deposits/b` now"), "{gone}");
}

#[test]
fn saved_plans_need_no_flags_and_leave_other_members_alone() {
    let world = World::served();
    start(&world);
    world.expect(0, &["plan", "-p", "deposits/a", "-p", "deposits/b", "--initial", "--out", SAVED]);
    world.expect(0, &["apply", SAVED]);
    assert_eq!(world.n_records(), 2);
    let rest = plan(&world, &["--initial"]);
    assert_eq!(rest["members"][2]["plan"]["operation"]["kind"], "new_record", "{rest}");
    // A plan of one record is not for the root, and the other way round.
    world.expect(0, &["-C", "deposits/c", "plan", "--initial", "--out", "c.plan"]);
    let one = world.expect(64, &["apply", "c.plan"]);
    assert!(one.stderr.contains("has the plan of one record"), "{one}");
    let set = world.expect(65, &["-C", "deposits/c", "apply", SAVED]);
    assert!(set.stderr.contains("it has the plans of a workspace"), "{set}");
}

#[test]
fn saved_plans_that_were_changed_are_refused() {
    let world = start_changed();
    world.expect(0, &["plan", "--out", SAVED]);
    let whole: Json = serde_json::from_str(&world.read(SAVED)).unwrap();
    let refuse = |change: &dyn Fn(&mut Json), words: &str| {
        let mut changed = whole.clone();
        change(&mut changed);
        world.write(SAVED, &changed.to_string());
        for verb in ["apply", "show"] {
            let ran = world.expect(65, &[verb, SAVED]);
            assert!(ran.stderr.contains(words), "«{words}» in {ran}");
        }
    };
    refuse(&|it| it["workspace"] = "other.toml".into(), "its checksum does not match");
    refuse(&|it| drop(it["members"].as_array_mut().unwrap().pop()), "its digest does not match");
    refuse(&|it| it["members"].as_array_mut().unwrap().reverse(), "does not follow");
    refuse(&|it| it["members"][0]["plan"]["files"] = Json::Array(Vec::new()), "its digest does");
    refuse(&|it| it["members"][0]["key"] = "deposits/aa".into(), "its digest does not match");
    refuse(&|it| it["members"][1]["plan"] = Json::Null, "`error` is missing");
}

#[test]
fn a_comment_has_the_plans_of_all_members_and_fits() {
    let world = World::served();
    start(&world);
    for n in 0..40 {
        write_member(&world, &format!("more-{n}"), "1.0", "");
    }
    let host = format!("127.0.0.1:{}", world.port());
    let public = ["--public", "--allow-server", &host, "--initial", "--out", SAVED];
    world.expect(0, &[&["plan"], public.as_slice()].concat());
    let refused = world.expect(64, &["apply", SAVED]);
    assert!(refused.stderr.contains("made without a token"), "{refused}");
    let forge = FakeForge::start(Manner::GitHub, TOKEN, Token::of("release-bot"));
    let comment = |more: &[&str]| {
        let number = NUMBER.to_string();
        let all = ["comment", "--plan", SAVED, "--number", &number, "--allow-server", &host];
        let mut command = world.command(&[&all, more].concat());
        command.envs(forge.variables(TOKEN));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let own = forge.comments().into_iter().filter(|it| it.author == "release-bot");
        own.map(|it| it.body).collect::<Vec<_>>()
    };
    let digest = digest(&serde_json::from_str(&world.read(SAVED)).unwrap());
    let bodies = comment(&[]);
    assert_eq!(bodies.len(), 1);
    for words in [
        "<!-- zrel:workspace 1 zenodo.toml -->",
        "43 members, 43 with changes",
        "`deposits/more-39`",
        &digest,
        "zrel apply --initial --expect",
    ] {
        assert!(bodies[0].contains(words), "«{words}» in {}", bodies[0]);
    }
    let bodies = comment(&["--budget", "8192"]);
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].len() <= 8192 && bodies[0].contains(&digest), "{}", bodies[0]);
    assert!(bodies[0].contains("more members**"), "{}", bodies[0]);
}

#[test]
fn a_member_that_is_invalid_is_in_the_comment_and_not_applied() {
    let world = start_changed();
    world.write("deposits/b/zenodo.toml", "[metadata]\ntitle = 5\n");
    world.zrel(&["plan", "--out", SAVED]);
    let shown = world.expect(0, &["show", SAVED, "--format", "markdown"]).stdout;
    for words in ["1 invalid", "`deposits/b` | invalid: ", "correct what is invalid"] {
        assert!(shown.contains(words), "«{words}» in {shown}");
    }
    let refused = world.expect(11, &["apply", SAVED]);
    assert!(refused.stderr.contains("has no plan for 1 member"), "{refused}");
}

#[test]
fn a_step_of_a_workflow_gets_the_plans_of_the_workspace() {
    let world = start_changed();
    let (outputs, summary) = (world.path().join("outputs"), world.path().join("summary"));
    let run = |args: &[&str]| {
        let mut command = world.command(args);
        command.env("GITHUB_ACTIONS", "true");
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
        command.env("GITHUB_WORKSPACE", world.project());
        assert!(command.output().unwrap().status.success());
    };
    run(&["plan"]);
    let written = std::fs::read_to_string(&outputs).unwrap();
    let digest = digest(&plan(&world, &[]));
    for (name, value) in [("changes", "true"), ("publish", "true"), ("plan-digest", &digest)] {
        let words = format!("{name}<<");
        let rest = written.split(&words).nth(1).unwrap();
        assert_eq!(rest.lines().nth(1), Some(value), "{written}");
    }
    assert!(std::fs::read_to_string(&summary).unwrap().contains(&digest));
    run(&["apply", "--auto-approve"]);
    let summary = std::fs::read_to_string(&summary).unwrap();
    assert!(summary.contains("Published as [10.5072/zenodo."), "{summary}");
    expect_no_changes(&world);
}

#[test]
fn what_comes_next_is_about_the_members_that_were_planned() {
    let world = World::served();
    start(&world);
    let ran = world.expect(0, &["plan", "-p", "deposits/a", "-p", "deposits/b", "--initial"]);
    let next = ran.stderr.lines().find_map(|line| line.split_once("workspace: zrel ")).unwrap().1;
    assert!(next.starts_with("apply -p deposits/a -p deposits/b --initial --expect"), "{next}");
    world.expect(0, &next.split(' ').collect::<Vec<_>>());
    assert_eq!(world.n_records(), 2);
}

#[test]
fn saved_plans_hold_after_a_part_of_them_was_applied() {
    let world = World::served();
    start(&world);
    // The DOI of `b` is not known when the plans are saved.
    let link = "related_identifiers = [{ member = \"deposits/b\", relation = \"references\" }]";
    write_member(&world, "a", "1.0", link);
    std::fs::remove_dir_all(world.project().join(".git")).unwrap();
    world.git(&["init", "-q", "-b", "main"]);
    world.expect(0, &["plan", "--initial", "--out", SAVED]);
    world.expect(0, &["apply", "--initial", "--auto-approve", "-p", "deposits/b"]);
    // As on another machine: the locks are there, and what zrel keeps beside them is not.
    for folder in [".", "deposits/a", "deposits/b", "deposits/c"] {
        let _ = std::fs::remove_dir_all(world.project().join(folder).join(".zrel"));
    }
    world.expect(0, &["apply", SAVED]);
    expect_no_changes(&world);
    assert_eq!(world.n_records(), 3);
}

#[test]
fn what_keeps_the_others_from_being_applied_comes_first() {
    let world = World::served();
    start(&world);
    for n in 0..40 {
        write_member(&world, &format!("more-{n}"), "1.0", "");
    }
    world.write("deposits/z/zenodo.toml", "[metadata]\ntitle = 5\n");
    let ran = world.zrel(&["plan", "--initial", "--format", "markdown", "--budget", "8192"]);
    assert!(ran.stdout.contains("| `deposits/z` | invalid: "), "{ran}");
    assert!(ran.stdout.len() <= 8192);
    assert!(ran.stdout.contains("<summary><code>deposits/a</code></summary>"), "{ran}");
}

#[test]
fn what_is_wrong_with_a_member_is_in_each_form() {
    let world = start_changed();
    let text = world.read("deposits/b/zenodo.toml");
    world.write("deposits/b/zenodo.toml", &text.replace("title", "titel"));
    world.zrel(&["plan", "--out", SAVED]);
    for format in ["text", "markdown", "html", "json"] {
        let new = world.expect(65, &["plan", "--format", format]).stdout;
        let shown = world.expect(0, &["show", SAVED, "--format", format]).stdout;
        for page in [new, shown] {
            assert!(page.contains("titel"), "{format}: {page}");
        }
    }
}

#[test]
fn no_plan_is_saved_where_a_member_would_publish_it() {
    let world = start_changed();
    let ran = world.expect(64, &["plan", "--out", "deposits/a/plan.csv"]);
    assert!(ran.stderr.contains("would be published with `*.csv`"), "{ran}");
    assert!(!world.project().join("deposits/a/plan.csv").exists());
}

#[test]
fn what_comes_next_names_what_has_to_be_reserved() {
    let world = World::served();
    start(&world);
    let link = "related_identifiers = [{ member = \"deposits/b\", relation = \"references\" }]";
    write_member(&world, "a", "1.0", link);
    let ran = world.expect(0, &["plan", "-p", "deposits/a", "--initial"]);
    assert!(ran.stderr.contains("name what they link to as well (-p deposits/b)"), "{ran}");
}
