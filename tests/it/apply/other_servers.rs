//! Servers of InvenioRDM other than Zenodo: without the deposit API, and with ids that are texts.

use serde_json::{Value as Json, json};
use zrel::local::{ConcurrentAction, Fault, FaultKind, Matches};

use crate::support::world::{ALICE, BOB, FILES, Ran, Request, World, manifest};

/// What every manifest here says beside the usual.
const PUBLISHER: &str = "publisher = \"Institute of Forms\"\n";

fn served() -> World {
    let world = World::served_by_records();
    write_three(&world);
    world
}

fn write_three(world: &World) {
    for name in ["a", "b", "c"] {
        world.write(&format!("{name}.csv"), &format!("{name},1\n"));
    }
}

/// A manifest with this version label, and more metadata and tables.
fn institute(label: &str, more: &str) -> String {
    manifest(label, &format!("{PUBLISHER}{more}"))
}

fn publish_first(world: &World) -> String {
    world.manifest(&institute("1.0", FILES));
    world.apply_then_expect_no_changes(&["--initial"]);
    latest(world)
}

fn latest(world: &World) -> String {
    world.status()["latest"].as_str().unwrap().to_owned()
}

fn is_of_deposit(request: &Request) -> bool {
    request.path.starts_with("/api/deposit") || request.path.starts_with("/api/files")
}

/// Expects that the deposit API was asked for once at most, to find out whether it is there.
#[track_caller]
fn expect_records_alone(requests: &[Request]) {
    let of_deposit: Vec<_> = requests.iter().filter(|it| is_of_deposit(it)).collect();
    assert!(of_deposit.len() <= 1 && of_deposit.iter().all(|it| it.status == 404), "{requests:#?}");
}

fn codes(plan: &Json) -> Vec<&str> {
    let findings = plan["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[test]
fn a_record_has_its_whole_life_on_a_server_without_the_deposit_api() {
    let world = served();
    world.manifest(&institute("1.0", FILES));
    let plan = world.plan_json(&["--initial"]);
    assert_eq!(plan["metadata_api"], json!({"name": "records-alone", "is_chosen": false}));
    assert!(codes(&plan).contains(&"ZR0417"), "{plan:#}");
    world.requests();
    world.apply(&["--initial"]);
    expect_records_alone(&world.requests());
    world.expect_no_changes();
    let first = latest(&world);
    // An id in two groups, and the DOI that InvenioRDM makes of it.
    assert_eq!((first.len(), first.matches('-').count()), (11, 1), "{first}");
    let status = world.status();
    assert_eq!(status["doi"], json!(format!("10.5072/{first}")), "{status:#}");
    assert!(world.read("zenodo.lock").contains(&format!("last = \"{first}\"")));

    world.write("a.csv", "another\n");
    world.remove("b.csv");
    world.write("d.csv", "new\n");
    world.manifest(&institute("1.1", FILES));
    world.requests();
    world.apply(&[]);
    let requests = world.requests();
    expect_records_alone(&requests);
    let is_content = |request: &&Request| request.path.ends_with("/content");
    assert_eq!(requests.iter().filter(is_content).count(), 2, "only what changed\n{requests:#?}");
    world.expect_no_changes();
    let second = latest(&world);
    assert_ne!(first, second);

    world.manifest(&institute("1.1", &format!("keywords = [\"forms\"]\n{FILES}")));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(latest(&world), second, "edited in place");
    let history = world.expect(0, &["history"]).stdout;
    assert!(history.contains(&format!("10.5072/{first}")) && history.contains("1.1"), "{history}");
    world.expect(0, &["verify", "--download"]);
    world.expect(0, &["wait"]);
}

#[test]
fn a_second_version_by_the_records_api_alone_takes_twelve_requests() {
    let mut world = World::served();
    world.set_api(Some("records"));
    write_three(&world);
    world.manifest(&institute("1.0", FILES));
    world.apply(&["--initial"]);
    world.write("b.csv", "another\n");
    world.manifest(&institute("1.1", FILES));
    world.requests();
    world.apply(&[]);
    let requests = world.requests();
    assert_eq!(requests.iter().filter(|it| is_of_deposit(it)).count(), 0, "{requests:#?}");
    assert_eq!(requests.len(), 12, "{requests:#?}");
    world.expect_no_changes();
    assert_eq!(world.requests().len(), 1, "nothing to do");
}

#[test]
fn a_draft_waits_is_continued_and_given_back() {
    let world = served();
    world.manifest(&institute("1.0", FILES));
    world.expect(0, &["apply", "--initial", "--auto-approve", "--no-publish"]);
    let draft = world.status()["draft"].as_str().unwrap().to_owned();
    world.write("a.csv", "corrected\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(latest(&world), draft, "the same draft");

    world.manifest(&institute("1.1", FILES));
    let reserved = world.expect(0, &["reserve"]).stdout;
    let draft = world.status()["draft"].as_str().unwrap().to_owned();
    assert!(reserved.contains(&format!("10.5072/{draft}")), "{reserved}");
    let shown = world.native("GET", &format!("/api/records/{draft}/draft"), &Json::Null);
    assert_eq!(shown["pids"]["doi"]["identifier"], json!(format!("10.5072/{draft}")));
    world.expect(0, &["discard", &draft, "--auto-approve"]);
    let gone = world.ask(ALICE, "GET", &format!("/api/records/{draft}/draft"), &Json::Null);
    assert_eq!(gone.0, 404);
    world.apply_then_expect_no_changes(&[]);
    assert_ne!(latest(&world), draft);
}

#[test]
fn the_reserved_doi_is_in_the_files() {
    let world = served();
    world.git(&["init", "-q", "-b", "main"]);
    world.write(
        "CITATION.cff",
        "cff-version: 1.2.0\ntitle: Rings\nversion: 1.0\nauthors:\n  - name: The Ring Group\n",
    );
    let files = "[[files]]\npath = \"CITATION.cff\"\n[[write]]\npath = \"CITATION.cff\"\n";
    world.manifest(&institute("1.0", files));
    let text = format!("{}doi_prefix = \"10.5072\"\n", world.read("zenodo.toml"));
    world.write("zenodo.toml", &text);
    world.git(&["add", "-A"]);
    world.git(&["commit", "-qm", "all"]);
    world.expect(0, &["reserve", "--initial"]);
    world.expect(0, &["write"]);
    let draft = world.status()["draft"].as_str().unwrap().to_owned();
    assert!(world.read("CITATION.cff").contains(&format!("10.5072/{draft}")));
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(latest(&world), draft);
}

#[test]
fn what_only_the_records_api_says_is_written_and_read() {
    let world = served();
    let rich = |copyright: &str| {
        institute(
            "1.0",
            &format!(
                "copyright = \"{copyright}\"\n\
                 titles = [{{ title = \"Subtitle\", kind = \"subtitle\" }}]\n\
                 funding = [{{ funder = {{ ror = \"00k4n6c32\" }}, award = \"00k4n6c32::283595\" }}]\n\
                 {FILES}"
            ),
        )
    };
    world.manifest(&rich("© 2026"));
    world.apply_then_expect_no_changes(&["--initial"]);
    world.manifest(&rich("© 2027"));
    let plan = world.plan_json(&[]);
    let changed: Vec<&str> = plan["metadata"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["field"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["copyright"]);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn what_the_server_refuses_in_its_answer_is_shown_at_its_entry() {
    let world = served();
    let more = "locations = [{ place = \"A\" }, { place = \"B\" }]\n[metadata.custom]\n\
                \"lab:known\" = \"x\"\n\"lab:device\" = [\"one\", \"two\"]\n";
    world.manifest(&institute("1.0", &format!("{more}{FILES}")));
    let ran = world.expect(12, &["apply", "--initial", "--auto-approve"]);
    for word in ["\"x\"", "[\"one\""] {
        let place = world.find_in_manifest(word);
        assert!(ran.stderr.contains(&place), "{word} at {place}: {ran}");
    }
    assert!(ran.stderr.contains("custom_fields.lab:device: Unknown field."), "{ran}");
}

#[test]
fn a_licence_is_named_and_not_made_up() {
    let world = served();
    let text = institute("1.0", FILES).replace("license = \"cc-by-4.0\"\n", "");
    world.manifest(&text);
    // A word of a person does not settle it.
    for args in [&["plan"][..], &["apply", "--initial", "--auto-approve"]] {
        let ran = world.expect(11, args);
        assert!(ran.stdout.contains("error[ZR0334]: no licence is given"), "{ran}");
        assert!(!ran.stdout.contains("ZR0116"), "{ran}");
    }
    assert_eq!(world.writes(), []);
}

#[test]
fn the_deposit_api_is_not_asked_for_where_there_is_none() {
    let world = served();
    world.manifest(&institute("1.0", &format!("{FILES}[api]\ntest = \"deposit\"\n")));
    for args in [&["plan"][..], &["apply", "--initial", "--auto-approve"]] {
        let ran = world.expect(65, args);
        assert!(ran.stderr.contains("test has no deposit API"), "{ran}");
        assert!(ran.stderr.contains("remove the line of `test` under [api]"), "{ran}");
    }
}

#[test]
fn a_wrong_prefix_is_named_before_anything_carries_it() {
    let world = served();
    world.manifest(&institute("1.0", FILES));
    let text = world.read("zenodo.toml");
    world.write("zenodo.toml", &format!("{text}doi_prefix = \"10.12345\"\n"));
    for args in [&["apply", "--initial", "--auto-approve"][..], &["reserve", "--initial"]] {
        let ran = world.expect(11, args);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("correct `doi_prefix` under [servers.test]"), "{ran}");
    }
    world.write("zenodo.toml", &format!("{text}doi_prefix = \"10.5072\"\n"));
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_publisher_is_needed_and_nothing_is_sent_without_one() {
    let world = served();
    world.manifest(&manifest("1.0", FILES));
    let ran = world.expect(11, &["apply", "--initial", "--auto-approve"]);
    assert!(
        ran.stdout.contains("error[ZR0333]: test publishes nothing without a publisher"),
        "{ran}"
    );
    assert_eq!(world.writes(), []);
    // Zenodo has one, also where the manifest asks for the records API.
    let mut zenodo = World::rehearsed("2026-11-30T12:00:00Z");
    zenodo.set_api(None);
    zenodo.manifest(&manifest("1.0", &format!("{FILES}[api]\nlocal = \"records\"\n")));
    zenodo.write("a.csv", "one\n");
    zenodo.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn a_community_is_asked_and_reviews_before_the_publication() {
    let world = served();
    let asked = "[[communities]]\nid = \"c1\"\n";
    world.manifest(&institute("1.0", &format!("{FILES}{asked}")));
    world.apply_then_expect_no_changes(&["--initial"]);
    let record = latest(&world);
    let path = format!("/api/records/{record}/requests");
    let asked = world.alice("GET", &path, &Json::Null);
    assert_eq!(asked["hits"]["total"], 1, "{asked:#}");

    let world = served();
    let reviewed = "[[communities]]\nid = \"user2-community\"\nreview = \"before-publish\"\n";
    world.manifest(&institute("1.0", &format!("{FILES}{reviewed}")));
    world.expect(15, &["apply", "--initial", "--auto-approve"]);
    let draft = world.status()["draft"].as_str().unwrap().to_owned();
    let requests = world.ask(BOB, "GET", "/api/requests/", &Json::Null).1;
    let request = requests["hits"]["hits"][0]["id"].as_str().unwrap().to_owned();
    world.expect(15, &["apply", "--initial", "--auto-approve"]);
    let accept = format!("/api/requests/{request}/actions/accept");
    assert_eq!(world.ask(BOB, "POST", &accept, &json!({})).0, 200);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(latest(&world), draft);
}

#[test]
fn a_record_is_taken_over_by_its_address() {
    let world = served();
    let record = publish_first(&world);
    let address = format!("{}/records/{record}", world.address());
    std::fs::create_dir(world.project().join("taken")).unwrap();
    let ran =
        world.expect(0, &["-C", "taken", "import", &address, "--server", "test", "--download"]);
    let text = world.read("taken/zenodo.toml");
    assert!(text.contains("publisher = \"Institute of Forms\""), "{text}\n{ran}");
    let plan = world.expect(0, &["-C", "taken", "plan", "--detailed-exitcode"]);
    assert!(plan.stdout.contains("No changes."), "{plan}");
}

#[test]
fn a_public_plan_has_the_owner_s_digest() {
    let mut world = served();
    publish_first(&world);
    world.manifest(&institute("1.1", FILES));
    let owner = world.plan_json(&[]);
    let host = format!("127.0.0.1:{}", world.port());
    world.set_token("nobody-s-token");
    let ran = world.expect(0, &["plan", "--public", "--allow-server", &host, "--format", "json"]);
    world.set_token(ALICE);
    assert_eq!(ran.json()["digest"], owner["digest"]);
    let digest = owner["digest"].as_str().unwrap().to_owned();
    world.expect(0, &["apply", "--expect", &digest]);
    world.expect_no_changes();
}

#[test]
fn another_client_s_record_and_a_wrong_token_are_named() {
    let mut world = served();
    publish_first(&world);
    world.manifest(&institute("1.1", FILES));
    world.set_token(BOB);
    let ran: Ran = world.expect(11, &["plan"]);
    assert!(ran.stdout.contains("ZR0302"), "{ran}");
    world.set_token("nobody-s-token");
    world.expect(77, &["apply", "--auto-approve"]);
}

#[test]
fn a_server_with_neither_api_is_named() {
    let world = World::served();
    world.write("a.csv", "one\n");
    let text = institute("1.0", FILES);
    world.manifest(&text);
    let elsewhere = world.read("zenodo.toml").replace(
        &format!("http://127.0.0.1:{}", world.port()),
        &format!("http://127.0.0.1:{}/nowhere", world.port()),
    );
    world.write("zenodo.toml", &elsewhere);
    let ran = world.zrel(&["verify"]);
    assert_eq!(ran.code, 0, "nothing is published: {ran}");
    let ran = world.zrel(&["plan", "--initial"]);
    assert_ne!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("neither the deposit API nor the records API"), "{ran}");
    assert!(ran.stderr.contains("hint: "), "{ran}");
}

#[test]
fn a_file_that_never_came_whole_is_dropped_and_sent_again() {
    let world = served();
    world.manifest(&institute("1.0", FILES));
    world.expect(0, &["apply", "--initial", "--auto-approve", "--no-publish"]);
    let draft = world.status()["draft"].as_str().unwrap().to_owned();
    let path = format!("/api/records/{draft}/draft/files");
    world.native("POST", &path, &json!([{"key": "half.csv"}]));
    world.write("half.csv", "whole\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    let shown = world.expect(0, &["show", "--format", "json"]).json();
    assert_eq!(shown["record"]["files"].as_array().unwrap().len(), 4, "{shown:#}");
}

#[test]
fn another_api_goes_on_with_a_draft_and_drops_first_what_never_came_whole() {
    for (first, second) in [(Some("records"), None), (None, Some("records"))] {
        let mut world = World::served();
        world.set_api(first);
        write_three(&world);
        world.manifest(&institute("1.0", FILES));
        let content = if first.is_some() { "PUT /api/records/*" } else { "PUT /api/files/*/b.csv" };
        let on = Matches::parse(content).unwrap();
        let kind = FaultKind::Status { status: 503, after: false };
        // The metadata go by the same path, before the content of the files.
        let nth = if first.is_some() { 3 } else { 1 };
        world.faults().set(vec![Fault { on, nth, times: usize::MAX, kind }]);
        let ran = world.zrel(&["apply", "--initial", "--auto-approve", "--jobs", "1"]);
        assert_ne!(ran.code, 0, "{ran}");
        world.faults().heal();
        world.set_api(second);
        let plan = world.plan_json(&["--initial"]);
        let steps = plan["steps"].as_array().unwrap();
        assert_eq!(steps[0]["action"], "resume", "{plan:#}");
        let dropped = steps.iter().filter(|step| step["action"] == "drop_file").count();
        assert_eq!(dropped > 0, first.is_some(), "{plan:#}");
        world.apply_then_expect_no_changes(&["--initial"]);
        assert_eq!(world.n_records(), 1);
    }
}

#[test]
fn a_draft_that_the_records_api_wrote_is_continued_by_it() {
    let world = World::served();
    write_three(&world);
    let rich = "copyright = \"Institute of Forms\"\n";
    world.manifest(&institute("1.0", &format!("{rich}{FILES}")));
    let on = Matches::parse("PUT /api/files/*/b.csv").unwrap();
    let kind = FaultKind::Status { status: 503, after: false };
    world.faults().set(vec![Fault { on, nth: 1, times: usize::MAX, kind }]);
    let ran = world.zrel(&["apply", "--initial", "--auto-approve"]);
    assert_ne!(ran.code, 0, "{ran}");
    world.faults().heal();
    // The manifest says nothing any more that the deposit API would lose.
    world.manifest(&institute("1.0", FILES));
    let plan = world.plan_json(&["--initial"]);
    let api = json!({"name": "records", "fields": [], "places": []});
    assert_eq!(plan["metadata_api"], api, "{plan:#}");
    let shown = world.expect(0, &["plan", "--initial"]);
    assert!(shown.stdout.contains("an apply that did not end wrote the draft by it"), "{shown}");
    world.expect(0, &["plan", "--initial", "--out", "saved.plan"]);
    world.requests();
    world.expect(0, &["apply", "saved.plan"]);
    let requests = world.requests();
    let puts = |path: &str| {
        let is_put = |it: &&Request| it.method == "PUT" && it.path.starts_with(path);
        requests.iter().filter(is_put).count()
    };
    assert_eq!((puts("/api/deposit"), puts("/api/records")), (0, 1), "{requests:#?}");
    world.expect_no_changes();
}

#[test]
fn files_that_were_not_taken_over_are_with_the_next_apply() {
    let world = served();
    publish_first(&world);
    let keep = "[[files]]\nkeep = \"*\"\n[[files]]\npath = \"d.csv\"\n";
    for name in ["a", "b", "c"] {
        world.remove(&format!("{name}.csv"));
    }
    world.write("d.csv", "new\n");
    world.manifest(&institute("1.1", keep));
    let on = Matches::parse("POST /api/records/*/draft/actions/files-import").unwrap();
    let kind = FaultKind::Status { status: 503, after: false };
    world.faults().set(vec![Fault { on, nth: 1, times: usize::MAX, kind }]);
    let ran = world.zrel(&["apply", "--auto-approve"]);
    assert_ne!(ran.code, 0, "{ran}");
    world.faults().heal();
    let plan = world.plan_json(&[]);
    let steps: Vec<&str> =
        plan["steps"].as_array().unwrap().iter().map(|it| it["action"].as_str().unwrap()).collect();
    let taken = steps.iter().position(|step| *step == "import_files").unwrap();
    assert_eq!(
        (steps[0], &steps[taken + 1..taken + 3]),
        ("resume", &["replace_metadata", "upload_file"][..])
    );
    world.requests();
    world.apply_then_expect_no_changes(&[]);
    let sent = world.requests().iter().filter(|it| it.path.ends_with("/content")).count();
    assert_eq!(sent, 1);
    let shown = world.expect(0, &["show", "--format", "json"]).json();
    assert_eq!(shown["record"]["files"].as_array().unwrap().len(), 4, "{shown:#}");
}

#[test]
fn no_version_is_published_without_a_doi() {
    let world = served();
    publish_first(&world);
    world.manifest(&institute("1.1", FILES));
    let text = format!("{}doi_prefix = \"10.5072\"\n", world.read("zenodo.toml"));
    world.write("zenodo.toml", &text);
    // Another client takes the DOI out of the draft after it was reserved and written.
    let on = Matches::parse("PUT /api/records/*/draft").unwrap();
    let kind = FaultKind::Other(ConcurrentAction::LosesDoi);
    world.faults().set(vec![Fault { on, nth: 1, times: 1, kind }]);
    let ran = world.zrel(&["apply", "--auto-approve"]);
    assert!(world.faults().fired() > 0);
    if ran.code != 0 {
        assert!(!ran.stderr.contains("published: record"), "{ran}");
    }
    world.faults().heal();
    world.apply_then_expect_no_changes(&[]);
    assert!(world.status()["doi"].as_str().unwrap().starts_with("10.5072/"));
}

/// What a script does that knows the records API from its documentation: reserve the DOI, replace
/// the metadata, send the file, publish. Returns the draft and the answer to the publication.
fn run_script(world: &World, empties: bool) -> (String, (u16, Json)) {
    let create = world.native("POST", "/api/records", &json!({}));
    let id = create["id"].as_str().unwrap().to_owned();
    let path = format!("/api/records/{id}/draft");
    if !empties {
        world.native("POST", &format!("{path}/pids/doi"), &json!({}));
    }
    let person = json!({"type": "personal", "family_name": "Weiss", "given_name": "Tobias"});
    let mut body = json!({
        "files": {"enabled": true},
        "metadata": {
            "title": "Tables of small forms",
            "publication_date": "2026-11-30",
            "publisher": "Institute of Forms",
            "resource_type": {"id": "dataset"},
            "creators": [{"person_or_org": person}],
        },
    });
    // The form of a browser leaves the field for an own DOI empty.
    if empties {
        body["pids"] = json!({"doi": {"identifier": "", "provider": "external"}});
    }
    world.native("PUT", &path, &body);
    world.native("POST", &format!("{path}/files"), &json!([{"key": "a.csv"}]));
    world.put_content(&format!("{path}/files/a.csv/content"), "a,1\n");
    world.native("POST", &format!("{path}/files/a.csv/commit"), &json!({}));
    let published = world.ask(ALICE, "POST", &format!("{path}/actions/publish"), &json!({}));
    (id, published)
}

#[test]
fn a_script_that_sends_no_doi_back_gets_stuck_and_zrel_does_not() {
    for empties in [false, true] {
        for api in [None, Some("records")] {
            // Today's server loses no DOI, and keeps an empty one.
            let mut world = if empties { World::served() } else { World::served_losing_dois() };
            world.set_api(api);
            let (id, (status, answer)) = run_script(&world, empties);
            assert_eq!(status, 400, "{answer:#}");
            assert!(answer.to_string().contains("Missing DOI for required field."), "{answer:#}");
            if !empties {
                let reserve = format!("/api/records/{id}/draft/pids/doi");
                let (status, answer) = world.ask(ALICE, "POST", &reserve, &json!({}));
                assert_eq!(status, 400, "{answer:#}");
                assert!(answer.to_string().contains("A PID already exists"), "{answer:#}");
            }
            // zrel publishes on the same server, and with the draft that is stuck where it may.
            world.write("a.csv", "a,1\n");
            world.write("b.csv", "b,1\n");
            world.manifest(&institute("1.0", FILES));
            let text = format!("{}doi_prefix = \"10.5072\"\n", world.read("zenodo.toml"));
            world.write("zenodo.toml", &text);
            if empties || api.is_some() {
                world.apply_then_expect_no_changes(&["--adopt-draft", &id]);
                assert_eq!(world.status()["latest"].to_string().trim_matches('"'), id);
            } else {
                world.alice(
                    "POST",
                    &format!("/api/deposit/depositions/{id}/actions/discard"),
                    &json!({}),
                );
                world.apply_then_expect_no_changes(&["--initial"]);
            }
            world.write("a.csv", "another\n");
            let next = world.read("zenodo.toml").replace("\"1.0\"", "\"1.1\"");
            world.write("zenodo.toml", &next);
            world.apply_then_expect_no_changes(&[]);
        }
    }
}
