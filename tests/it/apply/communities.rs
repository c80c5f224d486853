//! Communities as declared state: asked, required, left, and reviews before publication.

use serde_json::{Value as Json, json};

use crate::support::world::{ALICE, BOB, FILES, World, manifest, publish_first};

/// A community whose curator is the other user.
pub(super) const COMMUNITY: &str = "user2-community";

/// One of the other user's that reviews each version.
const REVIEWS_VERSIONS: &str = "user2-reviews-versions";

/// Returns a manifest with files and one community with these keys.
pub(super) fn naming(label: &str, community: &str, keys: &str) -> String {
    manifest(label, &format!("{FILES}[[communities]]\nid = \"{community}\"\n{keys}"))
}

/// Returns the newest request about a record or a draft.
pub(super) fn find_request(world: &World, record: u64) -> Json {
    let listed = world.alice("GET", &format!("/api/records/{record}/requests"), &Json::Null);
    listed["hits"]["hits"][0].clone()
}

/// Decides the newest request about a record or a draft, as its community's curator.
#[track_caller]
pub(super) fn decide(world: &World, record: u64, action: &str) {
    let request = find_request(world, record);
    let id = request["id"].as_str().unwrap();
    let path = format!("/api/requests/{id}/actions/{action}");
    let (status, answer) = world.ask(BOB, "POST", &path, &json!({}));
    assert_eq!(status, 200, "{answer:#}");
}

/// Returns what the creator of a request wrote.
fn read_comment(world: &World, request: &Json) -> String {
    let path = format!("/api/requests/{}/timeline", request["id"].as_str().unwrap());
    let timeline = world.alice("GET", &path, &Json::Null);
    timeline["hits"]["hits"][0]["payload"]["content"].as_str().unwrap_or_default().to_owned()
}

/// Returns the slugs of the communities that have a record.
pub(super) fn list_joined(world: &World, record: u64) -> Vec<String> {
    let listed = world.alice("GET", &format!("/api/records/{record}/communities"), &Json::Null);
    let hits = listed["hits"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["slug"].as_str().unwrap().to_owned()).collect()
}

/// Submits a first version for review, and returns its draft.
pub(super) fn submit(world: &World) -> u64 {
    world.write("a.csv", "one,two\n");
    world.manifest(&naming("1.0", COMMUNITY, "review = \"before-publish\"\n"));
    world.expect(15, &["apply", "--auto-approve", "--initial"]);
    world.status()["draft"].as_u64().unwrap()
}

#[test]
fn a_request_has_its_message_and_shows_since_when_it_waits() {
    let world = World::served();
    let record = publish_first(&world);
    let message = "message = \"\"\"\nYearly <release>.\n\nThank you.\"\"\"\n";
    world.manifest(&naming("1.0", COMMUNITY, message));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("is asked; its curators decide; message: "), "{ran}");
    world.apply(&[]);
    let request = find_request(&world, record);
    assert_eq!(read_comment(&world, &request), "<p>Yearly &lt;release&gt;.</p>\n<p>Thank you.</p>");
    let day = request["created"].as_str().unwrap()[..10].to_owned();
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains(&format!("was asked on {day} and has not answered")), "{ran}");
    let ran = world.expect(0, &["status"]);
    assert!(ran.stdout.contains(&format!("was asked on {day} and has not answered")), "{ran}");
    world.expect_no_changes();
}

#[test]
fn a_required_community_is_waited_for_and_its_decline_blocks() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&naming("1.0", COMMUNITY, "required = true\n"));
    let ran = world.expect(15, &["apply", "--auto-approve"]);
    assert!(ran.stderr.contains("Waiting for community `user2-community`"), "{ran}");
    world.requests();
    world.expect(15, &["apply", "--auto-approve"]);
    assert_eq!(world.writes(), []);
    world.expect_no_changes();

    decide(&world, record, "decline");
    let ran = world.expect(11, &["plan"]);
    assert!(ran.stdout.contains("ZR0331"), "{ran}");
    assert!(ran.stdout.contains("--ask-again user2-community"), "{ran}");
    world.requests();
    world.expect(11, &["apply", "--auto-approve"]);
    assert_eq!(world.writes(), []);

    world.expect(15, &["apply", "--auto-approve", "--ask-again", COMMUNITY]);
    decide(&world, record, "accept");
    world.expect(0, &["apply", "--auto-approve"]);
    assert_eq!(list_joined(&world, record), [COMMUNITY]);
    world.expect_no_changes();
}

#[test]
fn a_cancelled_request_is_made_again() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&naming("1.0", COMMUNITY, ""));
    world.apply_then_expect_no_changes(&[]);
    let request = find_request(&world, record)["id"].as_str().unwrap().to_owned();
    world.alice("POST", &format!("/api/requests/{request}/actions/cancel"), &json!({}));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("is asked again: the request before was cancelled"), "{ran}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn leaving_a_community_wants_a_word_and_is_done_once() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&naming("1.0", COMMUNITY, ""));
    world.apply_then_expect_no_changes(&[]);
    decide(&world, record, "accept");
    world.expect_no_changes();
    assert_eq!(list_joined(&world, record), [COMMUNITY]);

    world.manifest(&manifest("1.0", FILES));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("- user2-community"), "{ran}");
    assert!(ran.stdout.contains("take the record out of community"), "{ran}");
    world.requests();
    let ran = world.expect(13, &["apply", "--auto-approve"]);
    assert!(ran.stderr.contains("--leave user2-community"), "{ran}");
    assert_eq!(world.writes(), []);
    world.apply_then_expect_no_changes(&["--leave", COMMUNITY]);
    assert!(list_joined(&world, record).is_empty());
    assert!(!world.read("zenodo.lock").contains(COMMUNITY));
}

#[test]
fn an_approved_plan_leaves_a_community() {
    for how in ["saved", "expected"] {
        let world = World::served();
        let record = publish_first(&world);
        world.manifest(&naming("1.0", COMMUNITY, ""));
        world.apply(&[]);
        decide(&world, record, "accept");
        world.manifest(&manifest("1.0", FILES));
        let ran = world.expect(0, &["plan", "--out", "a.plan"]);
        if how == "saved" {
            world.expect(0, &["apply", "a.plan"]);
        } else {
            let digest = world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
            assert!(!ran.stdout.is_empty());
            world.expect(0, &["apply", "--expect", &digest]);
        }
        assert!(list_joined(&world, record).is_empty(), "{how}");
        world.expect_no_changes();
    }
}

#[test]
fn a_community_that_was_added_elsewhere_is_a_note_and_stays() {
    let world = World::served();
    let record = publish_first(&world);
    let sum = world.plan_json(&[])["digest"].clone();
    let body = json!({"communities": [{"id": COMMUNITY}]});
    world.alice("POST", &format!("/api/records/{record}/communities"), &body);
    decide(&world, record, "accept");
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("No changes."), "{ran}");
    let plan = world.plan_json(&[]);
    assert_eq!(plan["communities"][0]["origin"], "elsewhere", "{plan:#}");
    assert_eq!(plan["digest"], sum);
    let ran = world.expect(0, &["status"]);
    assert!(ran.stdout.contains("it was added elsewhere, and stays"), "{ran}");
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.writes(), []);
    assert_eq!(list_joined(&world, record), [COMMUNITY]);
}

#[test]
fn a_request_that_the_manifest_drops_stays_open_and_is_shown() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&naming("1.0", COMMUNITY, ""));
    world.apply(&[]);
    world.manifest(&manifest("1.0", FILES));
    let ran = world.expect(0, &["status"]);
    assert!(ran.stdout.contains("the request stays open"), "{ran}");
    world.expect_no_changes();
    decide(&world, record, "decline");
    world.apply_then_expect_no_changes(&[]);
    assert!(!world.read("zenodo.lock").contains(COMMUNITY));
}

#[test]
fn a_first_version_is_reviewed_before_it_is_published() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let keys = "review = \"before-publish\"\nmessage = \"Please look.\"\n";
    let more = format!("{keys}[[communities]]\nid = \"c1\"\n");
    world.manifest(&naming("1.0", COMMUNITY, &more));
    let plan = world.plan_json(&["--initial"]);
    let actions: Vec<&str> =
        plan["steps"].as_array().unwrap().iter().map(|s| s["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        ["create_draft", "replace_metadata", "upload_file", "read_back", "submit_review"]
    );
    assert_eq!(plan["steps"][4]["irreversible"], true);

    let ran = world.expect(15, &["apply", "--auto-approve", "--initial"]);
    assert!(ran.stdout.contains("submitted for review. Nothing is published yet."), "{ran}");
    let draft = world.status()["draft"].as_u64().unwrap();
    let ran = world.zrel(&["status"]);
    assert!(!ran.stdout.contains("unfinished"), "{ran}");
    let request = find_request(&world, draft);
    assert_eq!(request["status"], "submitted");
    assert_eq!(read_comment(&world, &request), "<p>Please look.</p>");
    world.requests();
    let ran = world.expect(15, &["apply", "--auto-approve"]);
    let said = format!("draft {draft} is under review by community `{COMMUNITY}` since ");
    assert!(ran.to_string().contains(&said), "{ran}");
    assert_eq!(world.writes(), []);

    decide(&world, draft, "accept");
    // The other community can be asked only now.
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(list_joined(&world, draft), [COMMUNITY]);
    assert_eq!(find_request(&world, draft)["status"], "submitted");
    let receipt = world.read(&format!(".zrel/receipts/test-{draft}.json"));
    assert!(receipt.contains("\"plan_digest\": \"sha256:"), "{receipt}");
    // A later version of a record in the community is published at once.
    world.write("a.csv", "one,two,three\n");
    world.manifest(&naming("1.1", COMMUNITY, &more));
    world.apply_then_expect_no_changes(&[]);
    let concept = world.concept();
    assert_eq!(world.n_versions(concept), 2);
}

#[test]
fn a_saved_plan_that_was_submitted_waits_and_is_applied_after_the_acceptance() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&naming("1.0", COMMUNITY, "review = \"before-publish\"\n"));
    world.expect(0, &["plan", "--initial", "--out", "a.plan"]);
    let digest = world.plan_json(&["--initial"])["digest"].as_str().unwrap().to_owned();
    world.expect(15, &["apply", "a.plan"]);
    world.requests();
    world.expect(15, &["apply", "a.plan"]);
    world.expect(15, &["apply", "--initial", "--expect", &digest]);
    assert_eq!(world.writes(), []);
    let draft = world.status()["draft"].as_u64().unwrap();
    decide(&world, draft, "accept");
    let ran = world.expect(0, &["apply", "a.plan"]);
    assert!(ran.stdout.contains("This plan was applied already"), "{ran}");
    world.expect_no_changes();
}

#[test]
fn a_declined_draft_is_published_only_without_review_and_with_a_word() {
    let world = World::served();
    let draft = submit(&world);
    decide(&world, draft, "decline");
    world.requests();
    for args in
        [&["apply", "--auto-approve"][..], &["apply", "--auto-approve", "--ask-again", COMMUNITY]]
    {
        let ran = world.expect(11, args);
        assert!(ran.to_string().contains("ZR0328"), "{ran}");
        assert!(ran.to_string().contains(&format!("zrel discard {draft}")), "{ran}");
    }
    let flag = draft.to_string();
    world.expect(11, &["apply", "--auto-approve", "--publish-declined", &flag]);
    // Without `review`, a person decides.
    world.manifest(&manifest("1.0", FILES));
    let ran = world.expect(13, &["apply", "--auto-approve"]);
    assert!(ran.stderr.contains(&format!("--publish-declined {draft}")), "{ran}");
    world.expect(13, &["apply", "--auto-approve", "--publish-declined", "1"]);
    assert_eq!(world.writes(), []);
    world.apply_then_expect_no_changes(&["--publish-declined", &flag]);
    assert!(list_joined(&world, draft).is_empty());
}

#[test]
fn a_declined_draft_can_be_discarded_and_submitted_anew() {
    let world = World::served();
    let draft = submit(&world);
    decide(&world, draft, "decline");
    let ran = world.expect(11, &["doctor"]);
    let said = format!("draft {draft}: community {COMMUNITY} declined it on ");
    assert!(ran.stdout.contains(&said), "{ran}");
    assert!(ran.stdout.contains("1 thing stands in the way"), "{ran}");
    world.expect(0, &["discard", &draft.to_string(), "--auto-approve"]);
    world.expect(15, &["apply", "--auto-approve", "--initial"]);
    let again = world.status()["draft"].as_u64().unwrap();
    assert_ne!(again, draft);
    decide(&world, again, "accept");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_draft_under_review_is_not_discarded_and_the_refusal_says_what_to_do() {
    let world = World::served();
    let draft = submit(&world);
    let ran = world.expect(1, &["discard", &draft.to_string(), "--auto-approve"]);
    assert!(ran.stderr.contains("You cannot delete a draft with an open review"), "{ran}");
    let hint = format!("hint: community {COMMUNITY} reviews it since ");
    assert!(ran.stderr.contains(&hint), "{ran}");
    assert_eq!(world.status()["draft"], draft);
    decide(&world, draft, "accept");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_reservation_says_what_the_next_apply_does_with_the_draft() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&naming("1.0", COMMUNITY, "review = \"before-publish\"\n"));
    let ran = world.expect(0, &["reserve", "--initial"]);
    let said = format!("submits the draft to community {COMMUNITY}, whose acceptance publishes");
    assert!(ran.stdout.contains(&said), "{ran}");
    world.expect(15, &["apply", "--auto-approve"]);
    let draft = world.status()["draft"].as_u64().unwrap();
    decide(&world, draft, "decline");
    let ran = world.expect(0, &["reserve"]);
    let said = format!("Nothing is published; community {COMMUNITY} declined it on ");
    assert!(ran.stdout.contains(&said) && !ran.stdout.contains("apply"), "{ran}");
    assert!(ran.stderr.contains("zrel plan"), "{ran}");
    world.manifest(&manifest("1.0", FILES));
    world.apply_then_expect_no_changes(&["--publish-declined", &draft.to_string()]);
}

#[test]
fn a_review_that_is_cancelled_is_submitted_again() {
    let world = World::served();
    let draft = submit(&world);
    let request = find_request(&world, draft)["id"].as_str().unwrap().to_owned();
    world.alice("POST", &format!("/api/requests/{request}/actions/cancel"), &json!({}));
    world.expect(15, &["apply", "--auto-approve"]);
    decide(&world, draft, "accept");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_review_that_changes_between_plan_and_publication_stops_the_apply() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.apply(&["--initial", "--no-publish"]);
    let draft = world.status()["draft"].as_u64().unwrap();
    world.expect(0, &["plan", "--out", "a.plan"]);
    choose_review(&world, draft);
    let ran = world.expect(10, &["apply", "a.plan"]);
    assert!(ran.stderr.contains("stale"), "{ran}");
    let ran = world.expect(11, &["plan"]);
    assert!(ran.stdout.contains("ZR0329"), "{ran}");
    let path = format!("/api/records/{draft}/draft/review");
    assert_eq!(world.ask(ALICE, "DELETE", &path, &Json::Null).0, 204);
    world.apply_then_expect_no_changes(&[]);
}

/// Chooses a community to review a draft, as the draft's page does.
fn choose_review(world: &World, draft: u64) {
    let community = world.alice("GET", &format!("/api/communities/{COMMUNITY}"), &Json::Null);
    let choice =
        json!({"receiver": {"community": community["id"]}, "type": "community-submission"});
    world.alice("PUT", &format!("/api/records/{draft}/draft/review"), &choice);
}

#[test]
fn a_community_that_reviews_every_version_is_submitted_each() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&naming("1.0", REVIEWS_VERSIONS, ""));
    world.apply(&[]);
    decide(&world, record, "accept");
    world.write("a.csv", "one,two,three\n");
    world.manifest(&naming("1.1", REVIEWS_VERSIONS, ""));
    // Which drafts it reviews only the server says, when it opens one.
    let ran = world.expect(10, &["apply", "--auto-approve"]);
    assert!(ran.stderr.contains("has to be reviewed by a community"), "{ran}");
    let ran = world.expect(11, &["plan"]);
    assert!(ran.stdout.contains("ZR0329"), "{ran}");

    world.manifest(&naming("1.1", REVIEWS_VERSIONS, "review = \"before-publish\"\n"));
    world.expect(15, &["apply", "--auto-approve"]);
    let draft = world.status()["draft"].as_u64().unwrap();
    assert_eq!(find_request(&world, draft)["status"], "submitted");
    decide(&world, draft, "accept");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(list_joined(&world, draft), [REVIEWS_VERSIONS]);
    assert_eq!(world.n_versions(world.concept()), 2);
}

#[test]
fn a_digest_says_whether_a_version_is_submitted_or_published() {
    let world = World::served();
    let record = publish_first(&world);
    let keys = "review = \"before-publish\"\n";
    world.manifest(&naming("1.0", REVIEWS_VERSIONS, keys));
    world.apply(&[]);
    decide(&world, record, "accept");
    world.write("a.csv", "one,two,three\n");
    world.manifest(&naming("1.1", REVIEWS_VERSIONS, keys));
    // Whether it is reviewed shows once the draft is open.
    world.expect(0, &["plan", "--out", "publish.plan"]);
    world.expect(10, &["apply", "publish.plan"]);
    world.expect(0, &["plan", "--out", "submit.plan"]);
    let read = |name: &str| -> Json { serde_json::from_str(&world.read(name)).unwrap() };
    assert_ne!(read("publish.plan")["digest"], read("submit.plan")["digest"]);
    world.requests();
    world.expect(10, &["apply", "publish.plan"]);
    assert_eq!(world.writes(), []);
    let draft = world.open_drafts()[0];
    let path = format!("/api/records/{draft}/draft/review");
    assert_eq!(world.ask(ALICE, "DELETE", &path, &Json::Null).0, 204);
    world.requests();
    world.expect(10, &["apply", "submit.plan"]);
    let digest = read("submit.plan")["digest"].as_str().unwrap().to_owned();
    world.expect(10, &["apply", "--expect", &digest]);
    assert_eq!(world.writes(), []);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn no_approval_without_the_flag_publishes_what_was_declined() {
    let world = World::served();
    let draft = submit(&world);
    decide(&world, draft, "decline");
    world.manifest(&naming("1.0", COMMUNITY, ""));
    world.expect(0, &["plan", "--out", "a.plan"]);
    let plan: Json = serde_json::from_str(&world.read("a.plan")).unwrap();
    let digest = plan["digest"].as_str().unwrap().to_owned();
    world.requests();
    world.expect(13, &["apply", "a.plan"]);
    world.expect(13, &["apply", "--expect", &digest]);
    // A plan that was changed by hand does not hide it.
    let mut hidden = plan.clone();
    hidden["settled"] = plan["obstacles"].clone();
    hidden["obstacles"] = json!([]);
    hidden["verdict"] = json!("ready");
    hidden["findings"] = json!([]);
    for standing in ["declined", "joined"] {
        hidden["communities"][0]["standing"] = json!(standing);
        world.write("b.plan", &hidden.to_string());
        world.expect(65, &["show", "b.plan"]);
        world.expect(65, &["apply", "b.plan"]);
    }
    assert_eq!(world.writes(), []);
    let flag = draft.to_string();
    let ran = world.expect(0, &["plan", "--publish-declined", &flag, "--out", "c.plan"]);
    assert!(ran.stdout.contains("ZR0416"), "{ran}");
    world.expect(0, &["apply", "c.plan"]);
    world.expect_no_changes();
}

#[test]
fn a_community_that_the_record_left_is_asked_again_only_when_told() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&naming("1.0", COMMUNITY, "required = true\n"));
    world.expect(15, &["apply", "--auto-approve"]);
    decide(&world, record, "accept");
    world.apply_then_expect_no_changes(&[]);
    // Its curators take the record out.
    let community = world.alice("GET", &format!("/api/communities/{COMMUNITY}"), &Json::Null);
    let body = json!({"communities": [{"id": community["id"]}]});
    let path = format!("/api/records/{record}/communities");
    assert_eq!(world.ask(ALICE, "DELETE", &path, &body).0, 200);
    let ran = world.expect(11, &["plan"]);
    assert!(ran.stdout.contains("had the record, and has it no more"), "{ran}");
    world.expect(15, &["apply", "--auto-approve", "--ask-again", COMMUNITY]);
    decide(&world, record, "accept");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(list_joined(&world, record), [COMMUNITY]);
}

#[test]
fn an_approved_plan_asks_again_once() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&naming("1.0", COMMUNITY, ""));
    world.apply(&[]);
    decide(&world, record, "decline");
    world.expect(0, &["plan", "--ask-again", COMMUNITY, "--out", "a.plan"]);
    let plan: Json = serde_json::from_str(&world.read("a.plan")).unwrap();
    world.expect(0, &["apply", "a.plan"]);
    decide(&world, record, "decline");
    world.requests();
    world.expect(0, &["apply", "a.plan"]);
    let digest = plan["digest"].as_str().unwrap();
    world.expect(10, &["apply", "--ask-again", COMMUNITY, "--expect", digest]);
    assert_eq!(world.writes(), []);
    world.expect_no_changes();
}
