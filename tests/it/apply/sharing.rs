//! Access as declared state: grants, secret links, and who may ask.

use serde_json::{Value as Json, json};

use super::workspace::{ROOT, start, start_in_git, write_member, write_root};
use crate::command::command_line::all_files;
use crate::support::world::{BOB, FILES, Ran, World, manifest, publish_first};

/// The number of the other user.
const BOB_ID: &str = "2";

/// Returns a manifest with files and this access.
fn sharing(access: &str) -> String {
    manifest("1.0", &format!("{FILES}{access}"))
}

/// Applies exactly what a plan shows, which includes that others get access.
#[track_caller]
fn apply_expected(world: &World, args: &[&str]) -> Ran {
    let planned = world.zrel(&[&["plan", "--format", "json"], args].concat());
    let digest =
        planned.json()["digest"].as_str().unwrap_or_else(|| panic!("{planned}")).to_owned();
    world.expect(0, &[&["apply", "--expect", &digest], args].concat())
}

fn list(world: &World, record: u64, what: &str) -> Vec<Json> {
    let path = format!("/api/records/{record}/access/{what}");
    let listed = world.alice("GET", &path, &Json::Null);
    listed["hits"]["hits"].as_array().unwrap().clone()
}

/// Returns the grants of a record: to whom, and what.
fn list_grants(world: &World, record: u64) -> Vec<(String, String)> {
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let grants = list(world, record, "grants");
    grants.iter().map(|it| (text(&it["subject"]["id"]), text(&it["permission"]))).collect()
}

/// Returns the secret links of a record: name, what, and until when.
fn list_links(world: &World, record: u64) -> Vec<(String, String, String)> {
    let text = |json: &Json| json.as_str().unwrap_or_default().chars().take(10).collect::<String>();
    let links = list(world, record, "links");
    let of =
        |it: &Json| (text(&it["description"]), text(&it["permission"]), text(&it["expires_at"]));
    links.iter().map(of).collect()
}

fn settings(world: &World, record: u64) -> Json {
    let read = world.native("GET", &format!("/api/records/{record}"), &Json::Null);
    read["parent"]["access"]["settings"].clone()
}

fn grant(permission: &str) -> String {
    format!("[[access.grants]]\nuser = \"{BOB_ID}\"\npermission = \"{permission}\"\n")
}

fn link(name: &str, terms: &str) -> String {
    format!("[[access.links]]\nname = \"{name}\"\n{terms}\n")
}

fn give(world: &World, record: u64, permission: &str) {
    let path = format!("/api/records/{record}/access/grants");
    let subject = json!({"type": "user", "id": BOB_ID});
    let body = json!({"grants": [{"subject": subject, "permission": permission}]});
    world.alice("POST", &path, &body);
}

#[test]
fn a_grant_is_given_changed_and_taken_away() {
    let world = World::served();
    let record = publish_first(&world);
    let of_bob = |permission: &str| vec![(BOB_ID.to_owned(), permission.to_owned())];
    world.manifest(&sharing(&grant("preview")));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("access to record"), "{ran}");
    assert!(ran.stdout.contains("+ user 2  gets preview"), "{ran}");
    assert!(ran.stdout.contains("give user 2 preview"), "{ran}");
    // To see drafts changes nothing, so a script may give it; of the record nothing is written.
    world.writes();
    world.apply(&[]);
    let written: Vec<String> = world.writes().into_iter().map(|write| write.path).collect();
    assert_eq!(written, [format!("/api/records/{record}/access/grants")]);
    world.expect_no_changes();
    assert_eq!(list_grants(&world, record), of_bob("preview"));
    assert!(world.read("zenodo.lock").contains("granted.\"user 2\" = \"preview\""));
    world.manifest(&sharing(&grant("manage")));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("~ user 2  has preview, gets manage"), "{ran}");
    apply_expected(&world, &[]);
    world.expect_no_changes();
    assert_eq!(list_grants(&world, record), of_bob("manage"));
    world.manifest(&sharing(""));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("- user 2  has manage, loses it"), "{ran}");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(list_grants(&world, record), []);
    assert!(!world.read("zenodo.lock").contains("granted"));
}

#[test]
fn what_was_given_elsewhere_is_a_note_and_stays() {
    let world = World::served();
    let record = publish_first(&world);
    give(&world, record, "edit");
    world.manifest(&sharing(&link("reviewers", "permission = \"view\"")));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("= user 2  has edit; it was given elsewhere, and stays"), "{ran}");
    apply_expected(&world, &[]);
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("No changes."), "{ran}");
    assert!(ran.stdout.contains("it was given elsewhere, and stays"), "{ran}");
    // The manifest says how much it is, which does not make it zrel's to remove.
    world.manifest(&sharing(&grant("manage")));
    apply_expected(&world, &[]);
    world.expect_no_changes();
    world.manifest(&sharing(""));
    world.expect_no_changes();
    assert_eq!(list_grants(&world, record), [(BOB_ID.to_owned(), "manage".to_owned())]);
    assert_eq!(list_links(&world, record), []);
}

#[test]
fn a_plan_for_everybody_does_not_show_who_else_has_access() {
    let mut world = World::served();
    let record = publish_first(&world);
    give(&world, record, "edit");
    world.manifest(&sharing(&link("reviewers", "permission = \"view\"")));
    let ran = world.command(&["plan"]).env("GITHUB_ACTIONS", "true").output().unwrap();
    let ran = Ran::from(ran);
    assert!(ran.stdout.contains("link reviewers") && !ran.stdout.contains("user 2"), "{ran}");
    // Without a token, what the lock says is taken to be there.
    apply_expected(&world, &[]);
    world.set_token("");
    let host = format!("127.0.0.1:{}", world.port());
    let ran = world.expect(0, &["plan", "--public", "--allow-server", &host]);
    assert!(ran.stdout.contains("No changes."), "{ran}");
}

#[test]
fn a_link_is_made_changed_replaced_and_removed() {
    let world = World::served();
    let record = publish_first(&world);
    let one = |permission: &str, until: &str| {
        vec![("reviewers".to_owned(), permission.to_owned(), until.to_owned())]
    };
    let id = |world: &World| list(world, record, "links")[0]["id"].clone();
    let access = |terms: &str| sharing(&link("reviewers", terms));
    world.manifest(&access("permission = \"preview\"\nuntil = 2099-01-31"));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("+ link reviewers  is made: preview until 2099-01-31"), "{ran}");
    apply_expected(&world, &[]);
    world.expect_no_changes();
    assert_eq!(list_links(&world, record), one("preview", "2099-01-31"));
    let first = id(&world);
    // An end that comes sooner keeps the address.
    world.manifest(&access("permission = \"view\"\nuntil = 2098-12-31"));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("same address"), "{ran}");
    apply_expected(&world, &[]);
    world.expect_no_changes();
    assert_eq!(
        (list_links(&world, record), id(&world)),
        (one("view", "2098-12-31"), first.clone())
    );
    // It gives nobody more, so that it needs no person.
    world.manifest(&access("permission = \"view\"\nuntil = 2098-11-30"));
    world.apply_then_expect_no_changes(&[]);
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("metadata fields, access."), "{ran}");
    // A later one does not.
    world.manifest(&access("permission = \"view\""));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("another address"), "{ran}");
    apply_expected(&world, &[]);
    world.expect_no_changes();
    assert_eq!(list_links(&world, record), one("view", ""));
    assert_ne!(id(&world), first);
    world.manifest(&sharing(""));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(list_links(&world, record), []);
}

#[test]
fn access_that_only_a_person_gives_is_not_given_by_auto_approve() {
    let world = World::served();
    let record = publish_first(&world);
    for access in [grant("edit"), grant("manage"), link("a", "permission = \"view\"")] {
        world.manifest(&sharing(&access));
        let ran = world.expect(13, &["apply", "--auto-approve"]);
        assert!(ran.stderr.contains("needs a confirmation of its own"), "{ran}");
        assert!(ran.stderr.contains("--expect sha256:"), "{ran}");
        // A draft is no way around it.
        world.manifest(&manifest("1.1", &format!("{FILES}{access}")));
        world.expect(13, &["apply", "--auto-approve", "--no-publish"]);
    }
    assert_eq!((list_grants(&world, record), list_links(&world, record)), (vec![], vec![]));
    assert_eq!(world.open_drafts(), [0_u64; 0]);
}

#[test]
fn who_may_ask_is_declared_and_the_rest_stays() {
    let world = World::served();
    let record = publish_first(&world);
    let path = format!("/api/records/{record}/access");
    let by_hand = json!({"allow_guest_requests": true, "secret_link_expiration": 30});
    world.native("PUT", &path, &by_hand);
    let text = "conditions = \"<p>Ask <b>first</b>.</p><script>x</script>\"\n";
    world.manifest(&sharing(&format!("[access.requests]\nusers = true\n{text}")));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("users may ask: no -> yes"), "{ran}");
    assert!(ran.stdout.contains("conditions: none -> "), "{ran}");
    world.apply_then_expect_no_changes(&[]);
    let now = settings(&world, record);
    assert_eq!(now["allow_user_requests"], true);
    assert_eq!(now["allow_guest_requests"], true);
    assert_eq!(now["secret_link_expiration"], 30);
    assert_eq!(now["accept_conditions_text"], "<p>Ask <b>first</b>.</p>x");
    world.manifest(&sharing("[access.requests]\nconditions = \"\"\nlink_days = 0\n"));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(settings(&world, record)["accept_conditions_text"], Json::Null);
}

#[test]
fn a_new_record_and_a_draft_are_shared_too() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let access = grant("edit") + &link("reviewers", "permission = \"preview\"");
    world.manifest(&manifest("1.0", &format!("[[files]]\npath = \"a.csv\"\n{access}")));
    let applied = apply_expected(&world, &["--initial", "--no-publish"]);
    let draft = world.status()["draft"].as_u64().unwrap();
    assert_eq!(list_links(&world, draft).len(), 1);
    world.expect(0, &["plan", "--no-publish"]);
    let ran = world.expect(0, &["apply", "--no-publish", "--auto-approve"]);
    assert!(ran.stdout.contains("No changes."), "{ran}");
    // Whoever has the link sees the draft, and nobody else does.
    let token = list(&world, draft, "links")[0]["token"].as_str().unwrap().to_owned();
    assert!(!applied.stdout.contains(&token), "{applied}");
    let seen = |query: &str| {
        world.ask("", "GET", &format!("/api/records/{draft}/draft{query}"), &Json::Null).0
    };
    assert_eq!((seen(&format!("?token={token}")), seen("?token=x"), seen("")), (200, 403, 403));
    // A colleague with the grant `edit` may release it.
    let path = format!("/api/deposit/depositions/{draft}/actions/publish");
    assert_eq!(world.ask(BOB, "POST", &path, &json!({})).0, 202);
    world.expect_no_changes();
    assert_eq!(list_grants(&world, draft).len(), 1);
}

#[test]
fn a_version_shares_what_its_manifest_says_after_the_publication() {
    let world = World::served();
    let record = publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    let access = link("reviewers", "permission = \"view\"");
    world.manifest(&manifest("1.1", &format!("{FILES}{access}")));
    let plan = world.zrel(&["plan", "--format", "json"]).json();
    let steps = plan["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["action"], "create_link", "{plan:#}");
    assert_eq!(plan["access"]["links"][0]["work"], "create");
    apply_expected(&world, &[]);
    world.expect_no_changes();
    assert_eq!(list_links(&world, record).len(), 1);
}

#[test]
fn somebody_whom_the_server_does_not_know_blocks_the_plan() {
    let world = World::served();
    publish_first(&world);
    let access = "[[access.grants]]\nuser = 77\npermission = \"view\"\n";
    world.manifest(&sharing(access));
    let ran = world.expect(11, &["plan"]);
    assert!(ran.stdout.contains("ZR0336") && ran.stdout.contains("shows no user 77"), "{ran}");
    world.writes();
    world.expect(11, &["apply", "--auto-approve"]);
    assert_eq!(world.writes().len(), 0);
}

#[test]
fn a_token_without_the_right_leaves_access_as_it_is_and_says_so() {
    let mut world = World::served();
    let record = publish_first(&world);
    give(&world, record, "edit");
    world.manifest(&sharing(&link("reviewers", "permission = \"view\"")));
    world.set_token(BOB);
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("this token may not read who has it"), "{ran}");
    assert!(ran.stdout.contains("ZR0418"), "{ran}");
    // A colleague releases what the owner shares.
    world.write("a.csv", "one,two,three\n");
    let text = manifest("1.1", &format!("{FILES}{}", link("reviewers", "permission = \"view\"")));
    world.manifest(&text);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(list_links(&world, record), []);
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("; who has access was not compared."), "{ran}");
    let ran = world.expect(11, &["access"]);
    assert!(ran.stderr.contains("somebody with the grant `manage`"), "{ran}");
}

#[test]
fn a_link_that_has_ended_is_not_made() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&sharing(&link("old", "permission = \"view\"\nuntil = 2020-01-01")));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("No changes.") && ran.stdout.contains("ZR0419"), "{ran}");
    assert_eq!(list_links(&world, record), []);
}

#[test]
fn addresses_go_to_a_private_file_and_never_into_a_log() {
    let world = World::served();
    let record = publish_first(&world);
    let access = link("reviewers", "permission = \"preview\"") + &grant("view");
    world.manifest(&sharing(&access));
    let applied = apply_expected(&world, &["-vv"]);
    assert!(applied.stderr.contains("/access/links"), "{applied}");
    let token = list(&world, record, "links")[0]["token"].as_str().unwrap().to_owned();
    let ran = world.expect(0, &["access"]);
    assert!(ran.stdout.contains("link reviewers  preview without an end"), "{ran}");
    assert!(ran.stdout.contains("user 2"), "{ran}");
    let refused = world.expect(64, &["access", "--addresses"]);
    assert!(refused.stderr.contains("--addresses-to FILE"), "{refused}");
    let document = world.expect(0, &["access", "--format", "json"]);
    assert_eq!(document.json()["links"][0]["in_manifest"], true);
    world.expect(0, &["access", "--addresses-to", "links.txt"]);
    let address = format!("/records/{record}?preview=1&token={token}  reviewers\n");
    let written = world.read("links.txt");
    assert!(written.starts_with("http://127.0.0.1:") && written.ends_with(&address), "{written}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            std::fs::metadata(world.project().join("links.txt")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Not in what was printed, and not in any other file of the project.
    for text in [&applied.stdout, &applied.stderr, &ran.stdout, &document.stdout, &refused.stderr] {
        assert!(!text.contains(&token), "{text}");
    }
    let files = all_files(&world.project());
    assert!(files.len() > 5, "{:?}", files.keys());
    for (path, bytes) in files.iter().filter(|(path, _)| !path.ends_with("links.txt")) {
        assert!(!String::from_utf8_lossy(bytes).contains(&token), "{}", path.display());
    }
}

#[test]
fn a_user_is_found_by_name() {
    let world = World::served();
    publish_first(&world);
    let me = world.alice("GET", "/api/me", &Json::Null);
    let name = me["email"].as_str().unwrap().split('@').next().unwrap().to_owned();
    let ran = world.expect(0, &["access", "--find", &name]);
    assert!(ran.stdout.starts_with("1  "), "{ran}");
    world.expect(1, &["access", "--find", "nobody-at-all"]);
}

/// Makes a saved plan say that its grant is there already, and that nothing is done about it.
fn hide_grant(plan: &mut Json) {
    let grant = &mut plan["access"]["grants"][0];
    grant["now"] = grant["wanted"].clone();
    grant["work"] = json!("nothing");
    let steps = plan["steps"].as_array_mut().unwrap();
    let before = steps.len();
    steps.retain(|step| step["action"] != "add_grant");
    assert_eq!(steps.len(), before - 1);
}

#[test]
fn a_saved_plan_gives_access_once_and_a_changed_one_is_refused() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&sharing(&(grant("edit") + &link("reviewers", "permission = \"view\""))));
    world.expect(0, &["plan", "--out", "access.plan"]);
    let text = world.read("access.plan");
    for (from, to) in [
        ("\"permission\": \"edit\"", "\"permission\": \"view\""),
        ("\"wanted\": \"edit\"", "\"wanted\": \"view\""),
        ("\"work\": \"add\"", "\"work\": \"nothing\""),
        ("\"work\": \"create\"", "\"work\": \"nothing\""),
        ("\"now\": null", "\"now\": \"edit\""),
        ("\"id\": \"2\"", "\"id\": \"3\""),
        ("\"origin\": \"manifest\"", "\"origin\": \"elsewhere\""),
    ] {
        let (text, from, to) = (&text, from.replace(": ", ":"), to.replace(": ", ":"));
        let compact = serde_json::from_str::<Json>(text).unwrap().to_string();
        assert!(compact.contains(&from), "{from}: {compact}");
        world.write("changed.plan", &compact.replacen(&from, &to, 1));
        let ran = world.zrel(&["show", "changed.plan"]);
        assert_eq!(ran.code, 65, "{from}: {ran}");
    }
    // A step that is hidden together with all that speaks of it changes the digest.
    let mut hidden: Json = serde_json::from_str(&text).unwrap();
    hide_grant(&mut hidden);
    world.write("changed.plan", &hidden.to_string());
    let ran = world.expect(65, &["show", "changed.plan"]);
    assert!(ran.stderr.contains("digest"), "{ran}");
    world.expect(0, &["apply", "access.plan"]);
    world.expect_no_changes();
    let ran = world.expect(0, &["apply", "access.plan"]);
    assert!(ran.stdout.contains("applied already"), "{ran}");
    assert_eq!((list_grants(&world, record).len(), list_links(&world, record).len()), (1, 1));
}

#[test]
fn a_workspace_says_it_once_for_all_members() {
    let world = World::served();
    start(&world);
    let root =
        format!("{ROOT}\n[[workspace.access.grants]]\nuser = {BOB_ID}\npermission = \"edit\"\n");
    write_root(&world, &root);
    let own = "[[access.grants]]\nuser = 2\npermission = \"view\"\n";
    write_member(&world, "b", "1.0", own);
    let ran = world.expect(13, &["apply", "--auto-approve", "--initial"]);
    assert!(ran.stderr.contains("--auto-approve does not cover"), "{ran}");
    assert_eq!(world.n_records(), 0);
    let planned = world.expect(0, &["plan", "--initial", "--format", "json"]).json();
    let digest = planned["digest"].as_str().unwrap().to_owned();
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
    world.expect(0, &["plan", "--detailed-exitcode"]);
    let grants: Vec<_> = world
        .own_depositions()
        .iter()
        .map(|one| (one["title"].clone(), list_grants(&world, one["id"].as_u64().unwrap())))
        .collect();
    let of = |title: &str, permission: &str| {
        (json!(title), vec![(BOB_ID.to_owned(), permission.to_owned())])
    };
    let mut grants = grants;
    grants.sort_by_key(|(title, _)| title.to_string());
    assert_eq!(grants, [of("Tables a", "edit"), of("Tables b", "view"), of("Tables c", "edit")]);
    // Of all members, and of one.
    let ran = world.expect(0, &["access"]);
    assert_eq!(ran.stdout.matches("in the manifest").count(), 3, "{ran}");
    let ran = world.expect(0, &["access", "--member", "deposits/b"]);
    assert_eq!(ran.stdout.matches("in the manifest").count(), 1, "{ran}");
    let ran = world.expect(0, &["access", "--find", "bob"]);
    assert_eq!(ran.stdout, "2  bob\n");
    // Who loses access is no publication.
    write_member(&world, "b", "1.0", "");
    let ran = world.expect(13, &["apply"]);
    assert!(!ran.stderr.contains("be taken back"), "{ran}");
}

#[test]
fn the_addresses_of_a_workspace_are_one_list() {
    let mut world = World::served();
    start(&world);
    let link = "\n[[workspace.access.links]]\nname = \"readers\"\npermission = \"view\"\n";
    write_root(&world, &format!("{ROOT}{link}"));
    let planned = world.expect(0, &["plan", "--initial", "--format", "json"]).json();
    let digest = planned["digest"].as_str().unwrap().to_owned();
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
    let ran = world.expect(0, &["access", "--addresses-to", "links.txt"]);
    assert!(ran.stderr.contains("Wrote 3 addresses to links.txt."), "{ran}");
    let written = world.read("links.txt");
    assert_eq!(written.matches("/records/").count(), 3);
    // Nothing is written where a member fails, nor where another member would publish it.
    world.write("notes.txt", "mine\n");
    for path in ["notes.txt", "zenodo.toml", "deposits/a/zenodo.toml", "deposits/b/new.csv"] {
        world.expect(64, &["access", "--addresses-to", path]);
        world.expect(64, &["access", "--member", "deposits/a", "--addresses-to", path]);
    }
    world.expect(64, &["-C", "deposits/a", "access", "--addresses-to", "deposits/b/new.csv"]);
    assert!(!world.project().join("deposits/b/new.csv").exists());
    assert_eq!(world.read("notes.txt"), "mine\n");
    world.set_token("wrong");
    let ran = world.zrel(&["access", "--addresses-to", "links.txt"]);
    assert!(ran.code != 0 && ran.stderr.contains("links.txt is left as it is."), "{ran}");
    assert_eq!(world.read("links.txt"), written);
}

/// Returns the digest of a plan that somebody without a token makes.
fn public_digest(world: &World) -> String {
    let host = format!("127.0.0.1:{}", world.port());
    let args = ["plan", "--public", "--allow-server", &host, "--format", "json"];
    world.zrel(&args).json()["digest"].as_str().unwrap().to_owned()
}

#[test]
fn a_plan_without_a_token_has_the_digest_of_the_owners() {
    let mut world = World::served();
    let record = publish_first(&world);
    let two = link("a", "permission = \"view\"") + &link("b", "permission = \"preview\"");
    let asks = "[access.requests]\nusers = true\nconditions = \"<p>Ask.</p>\"\n";
    for access in
        [two.clone() + &grant("edit"), link("a", "permission = \"view\""), asks.to_owned()]
    {
        world.manifest(&sharing(&access));
        let digest = public_digest(&world);
        let planned = world.expect(0, &["plan", "--format", "json"]).json();
        assert_eq!(planned["digest"], digest.as_str(), "{access}\n{planned:#}");
        world.expect(0, &["apply", "--expect", &digest]);
        world.expect_no_changes();
    }
    // One who may change the record and not share does less.
    give(&world, record, "edit");
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", &format!("{FILES}{two}")));
    let digest = public_digest(&world);
    world.set_token(BOB);
    world.expect(10, &["apply", "--expect", &digest]);
    apply_expected(&world, &[]);
    world.expect_no_changes();
}

#[test]
fn an_approved_digest_gives_nothing_again_that_was_revoked() {
    let world = World::served();
    let record = publish_first(&world);
    let both = grant("edit") + &link("reviewers", "permission = \"view\"");
    world.manifest(&sharing(&both));
    let digest = world.expect(0, &["plan", "--format", "json"]).json()["digest"].clone();
    apply_expected(&world, &[]);
    world.expect_no_changes();
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", &format!("{FILES}{both}")));
    let planned = world.expect(0, &["plan", "--format", "json"]).json();
    let revoked = format!("/api/records/{record}/access/users/{BOB_ID}");
    world.alice("DELETE", &revoked, &json!(null));
    for digest in [&digest, &planned["digest"]] {
        world.expect(10, &["apply", "--expect", digest.as_str().unwrap()]);
        assert!(list_grants(&world, record).is_empty());
    }
    apply_expected(&world, &[]);
    world.expect_no_changes();
}

#[test]
fn of_several_links_with_one_name_only_zrels_is_changed() {
    let world = World::served();
    let record = publish_first(&world);
    let path = format!("/api/records/{record}/access/links");
    let by_hand = json!({"permission": "view", "description": "reviewers"});
    world.alice("POST", &path, &by_hand);
    world.manifest(&sharing(&link("reviewers", "permission = \"preview\"")));
    let ran = world.expect(0, &["plan"]);
    assert!(ran.stdout.contains("+ link reviewers  is made: preview"), "{ran}");
    apply_expected(&world, &[]);
    world.expect_no_changes();
    assert_eq!(list_links(&world, record).len(), 2);
    world.manifest(&sharing(&link("reviewers", "permission = \"preview\"\nuntil = 2099-01-01")));
    apply_expected(&world, &[]);
    world.expect_no_changes();
    world.manifest(&sharing(""));
    world.apply_then_expect_no_changes(&[]);
    let left = [("reviewers".to_owned(), "view".to_owned(), String::new())];
    assert_eq!(list_links(&world, record), left);
}

#[test]
fn a_saved_plan_gives_no_other_access_than_it_shows() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&sharing("[access.requests]\nusers = true\n"));
    world.expect(0, &["plan", "--out", "access.plan"]);
    world.manifest(&sharing("[access.requests]\nguests = true\n"));
    let ran = world.expect(10, &["apply", "access.plan"]);
    assert!(ran.stderr.contains("who has access, or is to have it"), "{ran}");
    world.manifest(&sharing(&grant("edit")));
    world.expect(0, &["plan", "--out", "access.plan"]);
    // Now it is another step than the one that was approved.
    give(&world, record, "view");
    world.expect(10, &["apply", "access.plan"]);
    assert_eq!(list_grants(&world, record), [(BOB_ID.to_owned(), "view".to_owned())]);
}

#[test]
fn what_was_changed_and_not_noted_is_still_zrels() {
    let world = World::served();
    let record = publish_first(&world);
    world.manifest(&sharing(&(grant("view") + &link("a", "permission = \"view\""))));
    apply_expected(&world, &[]);
    // As after a kill between the calls and the lock, and a manifest that drops both.
    let path = format!("/api/records/{record}/access/users/{BOB_ID}");
    world.alice("PATCH", &path, &json!({"permission": "edit"}));
    let id = list(&world, record, "links")[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/records/{record}/access/links/{id}");
    world.alice("PATCH", &path, &json!({"permission": "edit"}));
    world.manifest(&sharing(""));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!((list_grants(&world, record), list_links(&world, record)), (vec![], vec![]));
}

#[test]
fn a_lock_that_is_made_again_knows_what_zrel_gave() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&sharing(&link("a", "permission = \"preview\"")));
    apply_expected(&world, &["--initial", "--no-publish"]);
    world.expect(0, &["lock", "--rebuild"]);
    assert!(world.read("zenodo.lock").contains("shared_links.\"a\""));
    world.manifest(&sharing(""));
    world.apply(&["--no-publish"]);
    let draft = world.open_drafts()[0];
    assert_eq!(list_links(&world, draft), []);
}

#[test]
fn the_address_of_a_draft_is_that_of_its_preview() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&sharing(&link("a", "permission = \"preview\"")));
    apply_expected(&world, &["--initial", "--no-publish"]);
    world.expect(0, &["access", "--addresses-to", "links.txt"]);
    let draft = world.open_drafts()[0];
    let start = format!("{}/records/{draft}?preview=1&token=", world.address());
    assert!(world.read("links.txt").starts_with(&start), "{}", world.read("links.txt"));
    assert_eq!(open_addresses(&world), [200]);
    let page = format!("/records/{draft}?preview=1");
    assert_eq!(world.ask("", "GET", &page, &Json::Null).0, 404);
}

/// Opens the addresses of `links.txt` as somebody without an account, and returns the answers.
fn open_addresses(world: &World) -> Vec<u16> {
    let open = |line: &str| {
        let (address, _) = line.split_once("  ").unwrap();
        let path = address.strip_prefix(&world.address()).unwrap();
        world.ask("", "GET", path, &Json::Null).0
    };
    world.read("links.txt").lines().map(open).collect()
}

#[test]
fn a_link_has_the_address_of_an_open_draft_beside_that_of_the_record() {
    let world = World::served();
    let record = publish_first(&world);
    let links = link("a", "permission = \"preview\"") + &link("b", "permission = \"view\"");
    world.write("a.csv", "new\n");
    let links = links + &link("c", "permission = \"edit\"");
    world.manifest(&manifest("2.0", &format!("{FILES}{links}")));
    apply_expected(&world, &["--no-publish"]);
    let draft = world.open_drafts()[0];
    world.expect(0, &["access", "--addresses-to", "links.txt"]);
    let written = world.read("links.txt");
    let parts = |line: &str| {
        let (address, name) = line.split_once("  ").unwrap();
        let path = address.strip_prefix(&world.address()).unwrap();
        format!("{} {name}", path.split_once("token=").unwrap().0)
    };
    let mut written: Vec<String> = written.lines().map(parts).collect();
    written.sort();
    let expected = [
        format!("/records/{draft}?preview=1& a (draft {draft})"),
        format!("/records/{record}?preview=1& a"),
        format!("/records/{record}? b"),
        format!("/uploads/{draft}? c (draft {draft})"),
        format!("/uploads/{record}? c"),
    ];
    assert!(expected.iter().all(|line| written.contains(line)), "{written:#?}");
    assert_eq!(written.len(), expected.len());
}

#[test]
fn addresses_replace_nothing_and_are_found_where_they_would_be_published() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&sharing(&link("a", "permission = \"preview\"")));
    apply_expected(&world, &[]);
    world.write("notes.txt", "mine\n");
    world.write("empty.txt", "");
    let kept = [".zrel/run.lock", "../empty/zenodo.lock", "zenodo.toml", "zenodo.lock"];
    std::fs::create_dir(world.path().join("empty")).unwrap();
    for path in kept.into_iter().chain(["a.csv", "notes.txt", "empty.txt", "/dev/stdout", "-"]) {
        let refused = world.expect(64, &["access", "--addresses-to", path]);
        assert!(refused.stderr.contains(&format!("`{path}` ")), "{refused}");
    }
    assert_eq!(world.read("notes.txt"), "mine\n");
    for _ in 0..2 {
        world.expect(0, &["access", "--addresses-to", "links.txt"]);
    }
    std::fs::rename(world.project().join("links.txt"), world.project().join("a.csv")).unwrap();
    let blocked = world.expect(65, &["plan"]);
    assert!(blocked.stderr.contains("ZR0222"), "{blocked}");
    // Spelled out in the manifest, and not there yet.
    std::fs::remove_file(world.project().join("a.csv")).unwrap();
    world.manifest(&sharing("").replace("*.csv", "a.csv"));
    let refused = world.expect(64, &["access", "--addresses-to", "a.csv"]);
    assert!(refused.stderr.contains("the manifest names it"), "{refused}");
}

#[test]
fn a_workspace_gives_access_only_with_the_publication() {
    let world = World::served();
    start_in_git(&world);
    let root =
        format!("{ROOT}\n[[workspace.access.grants]]\nuser = {BOB_ID}\npermission = \"edit\"\n");
    write_root(&world, &root);
    // Neither opens a record to others, so that nobody is asked.
    for until in ["prepare", "fill"] {
        world.expect(0, &["apply", "--until", until, "--initial", "--auto-approve"]);
        for deposition in world.own_depositions() {
            assert_eq!(list_grants(&world, deposition["id"].as_u64().unwrap()), []);
        }
    }
    world.expect(13, &["apply", "--initial", "--auto-approve"]);
    let planned = world.expect(0, &["plan", "--initial", "--format", "json"]).json();
    let digest = planned["digest"].as_str().unwrap().to_owned();
    world.expect(0, &["apply", "--initial", "--expect", &digest]);
    world.expect(0, &["plan", "--detailed-exitcode"]);
    for deposition in world.own_depositions() {
        assert_eq!(list_grants(&world, deposition["id"].as_u64().unwrap()).len(), 1);
    }
}
