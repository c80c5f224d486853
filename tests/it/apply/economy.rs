//! How many requests a command makes, and which need no token.

use serde_json::json;

use crate::support::world::{FILES, World, manifest};

/// Returns the requests since the last call, without numbers of records: `GET /api/records/N`.
fn requests(world: &World) -> Vec<String> {
    let bare = |path: &str| {
        let path = path.split('?').next().unwrap();
        let parts = path.split('/').map(|part| match part {
            "" => "",
            _ if part.bytes().all(|byte| byte.is_ascii_digit()) => "N",
            _ if part.len() == 36 && part.matches('-').count() == 4 => "UUID",
            _ => part,
        });
        parts.collect::<Vec<_>>().join("/")
    };
    let all = world.requests().into_iter();
    all.map(|request| format!("{} {}", request.method, bare(&request.path))).collect()
}

#[test]
fn a_first_release_searches_once_and_reads_no_listing() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.requests();
    world.apply(&["--initial"]);
    // The create call has all of the metadata, so that what the server refuses leaves no draft; the
    // PUT takes the mark of the create call out of the title.
    assert_eq!(
        requests(&world),
        [
            "GET /api/user/records",
            "POST /api/deposit/depositions",
            "PUT /api/deposit/depositions/N",
            "PUT /api/files/UUID/a.csv",
            "GET /api/records/N/draft",
            "POST /api/deposit/depositions/N/actions/publish",
        ]
    );
    world.expect(0, &["plan"]);
    assert_eq!(requests(&world), ["GET /api/records/N"]);
}

#[test]
fn a_second_version_with_a_changed_file_takes_six_requests() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.apply(&["--initial"]);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&manifest("1.1", FILES));
    world.requests();
    world.apply(&[]);
    assert_eq!(
        requests(&world),
        [
            "GET /api/records/N",
            "POST /api/deposit/depositions/N/actions/newversion",
            "PUT /api/deposit/depositions/N",
            "PUT /api/files/UUID/a.csv",
            "GET /api/records/N/draft",
            "POST /api/deposit/depositions/N/actions/publish",
        ]
    );
    world.expect_no_changes();
}

#[test]
fn a_second_version_by_the_records_api_takes_nine_requests() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let rich = |label| manifest(label, &format!("copyright = \"© 2026 CERN\"\n{FILES}"));
    world.manifest(&rich("1.0"));
    world.apply(&["--initial"]);
    world.requests();
    world.expect(0, &["plan"]);
    assert_eq!(requests(&world), ["GET /api/records/N"]);
    world.write("a.csv", "one,two,three\n");
    world.manifest(&rich("1.1"));
    world.apply(&[]);
    assert_eq!(
        requests(&world),
        [
            "GET /api/records/N",
            "POST /api/deposit/depositions/N/actions/newversion",
            // What the draft carries, and then its DOI, which is sent back.
            "GET /api/records/N/draft",
            "GET /api/records/N/draft",
            "PUT /api/records/N/draft",
            "PUT /api/files/UUID/a.csv",
            "GET /api/records/N/draft",
            "POST /api/deposit/depositions/N/actions/publish",
            // The deposit API's answer does not show all of it.
            "GET /api/records/N",
        ]
    );
    world.expect_no_changes();
}

#[test]
fn an_edit_looks_once_more_right_before_it_opens_the_record() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.apply(&["--initial"]);
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    world.requests();
    world.apply(&[]);
    // The second GET of the deposition sees an edit that another client began after the plan:
    // opening the record would return it as if it were new.
    assert_eq!(
        requests(&world),
        [
            "GET /api/records/N",
            "GET /api/deposit/depositions/N",
            "GET /api/deposit/depositions/N",
            "POST /api/deposit/depositions/N/actions/edit",
            "PUT /api/deposit/depositions/N",
            "GET /api/records/N/draft",
            "POST /api/deposit/depositions/N/actions/publish",
        ]
    );
}

#[test]
fn the_lock_says_which_version_a_community_was_asked_about() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    for label in ["1.0", "1.1", "1.2", "1.3"] {
        world.write("a.csv", &format!("{label}\n"));
        world.manifest(&manifest(label, &more));
        world.apply_then_expect_no_changes(if label == "1.0" { &["--initial"] } else { &[] });
    }
    world.requests();
    world.expect_no_changes();
    // The first version has a request that is open, and no other needs a look.
    let wanted = [
        "GET /api/records/N",
        "GET /api/communities/user2-community",
        "GET /api/records/N/requests",
    ];
    assert_eq!(requests(&world), wanted);
    // Without that line zrel reads every version, and the next apply writes it again.
    let lock = world.read("zenodo.lock");
    let without: Vec<&str> = lock.lines().filter(|line| !line.starts_with("asked.")).collect();
    world.write("zenodo.lock", &without.join("\n"));
    world.expect_no_changes();
    assert_eq!(requests(&world).len(), 7);
    world.apply(&[]);
    world.requests();
    world.expect_no_changes();
    assert_eq!(requests(&world), wanted);
}

/// Runs a command that has no token.
fn without_token(world: &World, args: &[&str]) -> crate::support::world::Ran {
    let mut command = world.command(args);
    command.env_remove(format!("ZREL_TOKEN_127_0_0_1_{}", world.port()));
    command.output().unwrap().into()
}

#[test]
fn a_public_record_is_shown_without_a_token() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    world.manifest(&manifest("1.0", FILES));
    world.apply(&["--initial"]);
    for (verb, wanted) in
        [("show", "a.csv"), ("history", "1.0"), ("status", "No changes. 10.5072/zenodo.")]
    {
        let ran = without_token(&world, &[verb]);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stdout.contains(wanted), "{ran}");
        assert!(ran.stderr.contains("note: read without a token: drafts"), "{ran}");
    }
    // What only its owner sees still needs one.
    let id = world.status()["latest"].as_u64().unwrap();
    let path = format!("/api/records/{id}/request-deletion");
    world.alice("POST", &path, &json!({"reason": "test-record"}));
    for verb in ["show", "history", "status"] {
        let ran = without_token(&world, &[verb]);
        assert_eq!(ran.code, 77, "{ran}");
        assert!(ran.stderr.contains("there is no token for 127.0.0.1"), "{ran}");
    }
}

#[test]
fn a_public_plan_does_not_claim_to_have_read_hidden_checksums() {
    let world = World::served();
    world.write("a.csv", "one,two\n");
    let closed = "access_right = \"restricted\"\naccess_conditions = \"Ask.\"\n";
    world.manifest(
        &manifest("1.0", &format!("{closed}{FILES}")).replace("license = \"cc-by-4.0\"\n", ""),
    );
    world.apply_then_expect_no_changes(&["--initial"]);
    let host = format!("127.0.0.1:{}", world.port());
    let plan = world.expect(0, &["plan", "--public", "--allow-server", &host]);
    assert!(plan.stdout.contains("1 file by what the lock says was applied"), "{plan}");
    assert!(!plan.stdout.contains("by checksum"), "{plan}");
}
