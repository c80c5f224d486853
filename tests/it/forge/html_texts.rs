//! The recorded rewrites of HTML, from the manifest to the server and back.

use serde_json::Value as Json;
use zrel::model::Field;
use zrel::plan::Blocker;

use crate::support::rehearsal::Rehearsal;
use crate::support::world::{FILES, World};

/// Returns each text that was sent, with what the real server made of it.
fn recorded() -> Vec<(String, Option<String>)> {
    let recording: Json =
        serde_json::from_str(include_str!("../../contract/html-cleaning.json")).unwrap();
    let steps = recording["steps"].as_array().unwrap().iter();
    steps
        .filter_map(|step| {
            let sent = step["json"]["metadata"]["description"].as_str()?;
            let returned = step["response"]["body"]["metadata"]["description"].as_str();
            Some((sent.to_owned(), returned.map(str::to_owned)))
        })
        .collect()
}

/// Writes a text as a string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn metadata(description: &str) -> String {
    format!(
        "title = \"Forms\"\nupload_type = \"dataset\"\nlicense = \"cc0-1.0\"\n\
         creators = [{{ name = \"Weiss, Tobias\" }}]\nnotes = {0}\nmethod = {0}\ndescription = {0}",
        quoted(description)
    )
}

fn is_long_enough(text: &str) -> bool {
    text.trim().chars().count() >= 3
}

#[test]
fn each_recorded_text_is_published_and_has_an_empty_second_plan() {
    let texts = recorded();
    assert_eq!(texts.len(), 45);
    let rehearsal = Rehearsal::new();
    let (mut n_published, mut n_blocked) = (0, 0);
    for (sent, returned) in texts {
        if !is_long_enough(&sent) {
            continue;
        }
        let project = rehearsal.project(&metadata(&sent));
        if returned.as_deref().is_some_and(is_long_enough) {
            rehearsal.apply(&project);
            n_published += 1;
        } else {
            let blockers = rehearsal.plan(&project).blockers;
            let fields = [Field::Description, Field::Notes, Field::Method];
            assert_eq!(blockers, fields.map(Blocker::TextLost), "{sent}");
            n_blocked += 1;
        }
    }
    assert!(n_published >= 35 && n_blocked >= 1, "{n_published} and {n_blocked}");
}

#[test]
fn a_text_that_the_server_would_drop_blocks_before_anything_is_sent() {
    let world = World::served();
    let text = |description: &str| format!("[metadata]\n{}\n{FILES}", metadata(description));
    world.manifest(&text("<hr/><hr/>"));
    world.write("a.csv", "one\n");
    let ran = world.expect(11, &["apply", "--auto-approve", "--initial"]);
    assert!(ran.stdout.contains("`description` would be dropped"), "{ran}");
    assert_eq!(world.writes(), []);
    world.manifest(&text("<p>A better text</p>"));
    world.apply_then_expect_no_changes(&["--initial"]);
    let plan = world.plan_json(&["--no-publish"]);
    assert_eq!(plan["losses"], serde_json::json!([]), "{plan:#}");
    world.manifest(&text("<img src=\"x\">"));
    world.requests();
    world.expect(11, &["apply", "--auto-approve"]);
    assert_eq!(world.writes(), []);
}
