//! States of an account or a record that one of the server's two APIs can't show, leave, or make,
//! and from which zrel still finds a way, or reports beforehand that there is none.

use serde_json::json;
use zrel::local::{Fault, FaultKind, Matches};

use crate::apply::safety::{Fate, Proxy};
use crate::support::world::{FILES, World, leave_draft, manifest};

/// A draft with an identifier without a scheme makes the deposit API's listing answer 500, again
/// and again (contract/scenarios/native-identifier-without-scheme.json, 2026-11-28).
fn break_listing(world: &World) {
    world.faults().set(vec![Fault {
        on: Matches::parse("GET /api/deposit/depositions").unwrap(),
        nth: 1,
        times: usize::MAX,
        kind: FaultKind::Status { status: 500, after: false },
    }]);
}

#[test]
fn a_first_release_needs_no_listing_of_depositions() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    break_listing(&world);
    world.apply_then_expect_no_changes(&["--initial"]);
    // Without the lock zrel still finds the record.
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    let refused = world.expect(11, &["apply", "--auto-approve", "--initial"]);
    assert!(refused.stdout.contains("records of yours have the same title"), "{refused}");
    // Finding the open draft of a new version does not need it either.
    world.write("b.csv", "three\n");
    let concept =
        world.alice("GET", "/api/user/records", &json!(null))["hits"]["hits"][0]["conceptrecid"]
            .as_str()
            .unwrap()
            .to_owned();
    let bound = format!("{FILES}[record.concept]\ntest = \"10.5072/zenodo.{concept}\"\n");
    world.manifest(&manifest("2.0", &bound));
    world.apply(&["--no-publish"]);
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    world.apply_then_expect_no_changes(&[]);
    world.faults().heal();
    assert_eq!(world.n_versions(concept.parse().unwrap()), 2);
}

#[test]
fn a_record_of_the_same_title_or_description_is_found_whatever_is_in_it() {
    let title = r#"“Forms”: a \"new\" p-adic\\form, (draft) — μ & co?"#;
    let description =
        "<p>Tables &amp; traces of <em>Hecke</em> operators,\\nas [we] know them.</p>";
    let text = |title: &str, description: &str| {
        let start = manifest("1.0", FILES);
        start.replace("Tables of small forms", title).replace("<p>Some tables.</p>", description)
    };
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&text(title, description));
    world.apply_then_expect_no_changes(&["--initial"]);
    let again = |title: &str, description: &str| {
        world.manifest(&text(title, description));
        for gone in ["zenodo.lock", ".zrel"] {
            let path = world.project().join(gone);
            let _ = std::fs::remove_file(&path);
            let _ = std::fs::remove_dir_all(&path);
        }
        world.plan_json(&["--initial"])["findings"].to_string().contains("ZR0310")
    };
    assert!(again(title, "<p>Quite another text.</p>"), "the same title");
    assert!(again("Another title", description), "the same description");
    assert!(!again("Another title", "<p>Quite another text.</p>"), "neither");
}

#[test]
fn an_incomplete_file_is_removed() {
    let world = World::served();
    let id = leave_draft(&world);
    let path = format!("/api/records/{id}/draft/files");
    world.native("POST", &path, &json!([{"key": "half.csv"}, {"key": "in/half.csv"}]));
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("- delete half.csv, which never came whole"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.deposition(id)["files"].as_array().unwrap().len(), 1);
}

#[test]
fn an_incomplete_file_blocks_no_edit() {
    let world = World::served();
    leave_draft(&world);
    world.apply_then_expect_no_changes(&[]);
    let id = world.status()["latest"].as_u64().unwrap();
    world.native("POST", &format!("/api/records/{id}/draft"), &json!({}));
    let path = format!("/api/records/{id}/draft/files");
    world.native("POST", &path, &json!([{"key": "half.csv"}]));
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    // Another client may be sending it.
    let blocked = world.expect(11, &["plan"]);
    assert!(blocked.stdout.contains("file `half.csv`, which never came whole"), "{blocked}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &id.to_string()]);
}

#[test]
fn a_file_that_completed_after_the_plan_is_not_removed() {
    let world = World::served();
    let id = leave_draft(&world);
    let path = format!("/api/records/{id}/draft/files");
    world.native("POST", &path, &json!([{"key": "half.csv"}]));
    world.expect(0, &["plan", "--out", "a.plan"]);
    world.put_content(&format!("{path}/half.csv/content"), "whole\n");
    world.native("POST", &format!("{path}/half.csv/commit"), &json!(null));
    let stale = world.zrel(&["apply", "a.plan"]);
    assert_ne!(stale.code, 0, "{stale}");
    assert_eq!(world.deposition(id)["files"].as_array().unwrap().len(), 2);
}

/// A manifest that asks a community of members only, and then another.
fn asks_two() -> String {
    let asked = "[[communities]]\nid = \"user2-members-only\"\n[[communities]]\nid = \"user2-open-review\"\n";
    manifest("1.0", &format!("{FILES}{asked}"))
}

#[test]
fn a_members_only_community_blocks_before_anything_is_sent() {
    let mut world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&asks_two());
    world.requests();
    let blocked = world.expect(11, &["apply", "--auto-approve", "--initial"]);
    assert!(blocked.stdout.contains("error[ZR0325]"), "{blocked}");
    assert!(
        blocked.stdout.contains("`user2-members-only` takes records of its members"),
        "{blocked}"
    );
    assert_eq!(world.writes(), []);
    // Its owner is a member.
    world.set_token(crate::support::world::BOB);
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_community_that_closes_later_is_reported_and_blocks_no_record() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.apply_then_expect_no_changes(&["--initial"]);
    world.manifest(&asks_two().replace("[[communities]]\nid = \"user2-open-review\"\n", ""));
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("No changes."), "{plan}");
    assert!(plan.stdout.contains("warning[ZR0415]"), "{plan}");
    assert!(plan.stdout.contains("takes records of its members only"), "{plan}");
}

#[test]
fn what_one_community_refuses_keeps_no_other_from_being_asked() {
    let mut world = World::served();
    // A server that does not say whose member one is.
    let proxy = Proxy::before_port(world.port(), |request| {
        if request.starts_with("GET /api/user/communities") {
            return Fate::Refuse("404 NOT FOUND", r#"{"status": 404, "message": "Not found."}"#);
        }
        Fate::Pass
    });
    world.go_through(proxy.port);
    world.write("a.csv", "one,two\n");
    world.manifest(&asks_two());
    let refused = world.expect(12, &["apply", "--auto-approve", "--initial"]);
    assert!(refused.stderr.contains("only allowed to community members"), "{refused}");
    let id = world.own_depositions()[0]["id"].as_u64().unwrap();
    let requests = world.alice("GET", &format!("/api/records/{id}/requests"), &json!(null));
    assert_eq!(requests["hits"]["total"], 1, "the other is asked: {requests:#}");
    let again = world.expect(12, &["apply", "--auto-approve"]);
    assert!(!again.stdout.contains("ask community user2-open-review"), "{again}");
}

#[test]
fn an_award_in_words_is_not_a_grant() {
    let world = World::served();
    let metadata = json!({
        "title": "Tables of small forms", "resource_type": {"id": "dataset"}, "version": "1.0",
        "publication_date": "2026-01-01", "publisher": "Zenodo", "description": "<p>All.</p>",
        "creators": [{"person_or_org": {"type": "personal", "family_name": "Weiss"}}],
        "rights": [{"id": "cc-by-4.0"}],
        "funding": [{"funder": {"id": "00k4n6c32", "name": "European Commission"},
            "award": {"title": {"en": "Own award"}, "number": "1234"}}],
    });
    let body = json!({"metadata": metadata, "files": {"enabled": true}});
    let id = world.native("POST", "/api/records", &body)["id"].as_str().unwrap().to_owned();
    let deposition = world.deposition(id.parse().unwrap());
    assert_eq!(deposition["metadata"]["grants"][0]["id"], "10.13039/501100000780::1234");
    world.put_file(&deposition, "a.csv", "one,two\n");
    world.action(id.parse().unwrap(), "publish");
    let address = format!("http://127.0.0.1:{}/records/{id}", world.port());
    let done = world.expect(0, &["import", &address, "--download"]);
    let funding = "funding = [\n    { funder = { ror = \"00k4n6c32\", name = \"European Commission\" }, \
                   award = { number = \"1234\", title = \"Own award\" } },\n]";
    let taken = world.read("zenodo.toml");
    assert!(taken.contains(funding) && !taken.contains("grants"), "{done}\n{taken}");
    world.expect_no_changes();
    let host = format!("127.0.0.1:{}", world.port());
    let public = world.expect(0, &["plan", "--public", "--allow-server", &host]);
    assert!(public.stdout.contains("No changes."), "{public}");
    // A draft that was opened by hand still shows it, and is overwritten.
    world.new_version_by_hand(id.parse().unwrap());
    let text = world.read("zenodo.toml").replace("\"1.0\"", "\"1.1\"");
    world.write("zenodo.toml", &text);
    world.apply_then_expect_no_changes(&[]);
}
#[test]
fn a_doi_that_is_an_empty_text_is_replaced_by_the_servers_own() {
    let world = World::served();
    let id = leave_draft(&world);
    let path = format!("/api/records/{id}/draft");
    let mut draft = world.native("GET", &path, &json!(null));
    draft["pids"] = json!({"doi": {"identifier": "", "provider": "external"}});
    world.native("PUT", &path, &draft);
    let publish = format!("/api/deposit/depositions/{id}/actions/publish");
    assert_eq!(world.ask(crate::support::world::ALICE, "POST", &publish, &json!({})).0, 400);
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("~ reserve the DOI that the server mints"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
    let record = world.native("GET", &format!("/api/records/{id}"), &json!(null));
    assert_eq!(record["pids"]["doi"]["identifier"], format!("10.5072/zenodo.{id}"));
}
