//! Drafts that a community reviews before their publication.

use serde_json::{Value as Json, json};

use crate::support::world::{BOB, FILES, World, manifest};

/// The community of the recordings whose curator is the other user.
const COMMUNITY: &str = "user2-community";

/// Leaves a draft open, and submits it for review; returns it and the request.
fn submit(world: &World) -> (u64, String) {
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    world.apply(&["--initial", "--no-publish"]);
    let draft = world.status()["draft"].as_u64().unwrap();
    let community = world.alice("GET", &format!("/api/communities/{COMMUNITY}"), &Json::Null);
    let choice =
        json!({"receiver": {"community": community["id"]}, "type": "community-submission"});
    world.alice("PUT", &format!("/api/records/{draft}/draft/review"), &choice);
    let path = format!("/api/records/{draft}/draft/actions/submit-review");
    let request = world.alice("POST", &path, &json!({}));
    (draft, request["id"].as_str().unwrap().to_owned())
}

#[test]
fn a_draft_under_review_is_waited_for_and_its_publication_is_taken_over() {
    let world = World::served();
    let (draft, request) = submit(&world);
    world.requests();
    let plan = world.expect(11, &["plan"]);
    assert!(plan.stdout.contains(&format!("draft {draft}")), "{plan}");
    let ran = world.expect(15, &["apply", "--auto-approve"]);
    assert!(ran.to_string().contains("review"), "{ran}");
    assert!(world.writes().is_empty());

    let accept = format!("/api/requests/{request}/actions/accept");
    let (status, answer) = world.ask(BOB, "POST", &accept, &json!({}));
    assert_eq!(status, 200, "{answer:#}");
    world.requests();
    let ran = world.expect(0, &["apply", "--auto-approve"]);
    assert!(ran.stdout.contains("No changes."), "{ran}");
    assert!(world.writes().is_empty());
    assert!(world.read("zenodo.lock").contains(&draft.to_string()));
    world.expect_no_changes();
}

#[test]
fn the_embedded_server_says_where_a_review_stands() {
    let world = World::served();
    let (draft, request) = submit(&world);
    let status = || {
        let read = world.native("GET", &format!("/api/records/{draft}/draft"), &Json::Null);
        read["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(), "in_review");
    let decline = format!("/api/requests/{request}/actions/decline");
    world.ask(BOB, "POST", &decline, &json!({}));
    assert_eq!(status(), "declined");
}
