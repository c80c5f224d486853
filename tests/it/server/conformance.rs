//! The conformance suite on the local server, and what makes the suite complete: it has a check for
//! each call of the client, and it fails for a server that answers otherwise.

#[path = "../../conformance/mod.rs"]
mod checks;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use zrel::api::Backend;
use zrel::clock::Clock;
use zrel::local::{ConcurrentAction, Fault, FaultKind, Matches, MixUp};
use zrel::model::Community;

use crate::command::command_line::all_files;
use crate::support::world::{BOB, Request, World};
use checks::{CHECKS, Check, Ended, Options, Suite, run_checks};

/// A clock on which nobody waits for an index.
fn set_clock() -> Clock {
    Clock::set(Clock::Real.now())
}

fn make_options(world: &World) -> Options {
    Options {
        server: format!("http://127.0.0.1:{}", world.port()),
        token: world.token(),
        publish: true,
        community: Some(Community("user2-community".to_owned())),
        clock: set_clock(),
        backend: Backend::Deposit,
    }
}

/// Runs all checks; returns the name of each with how it ended, and its line.
fn run_suite(options: Options) -> Vec<(&'static str, Ended, String)> {
    run_wanted(options, &|_| true)
}

fn run_wanted(
    options: Options,
    is_wanted: &dyn Fn(&Check) -> bool,
) -> Vec<(&'static str, Ended, String)> {
    let suite = Suite::connect(options).unwrap();
    let mut all = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run_checks(&suite, is_wanted, &mut |check, ended| {
        all.push((check.name, ended.clone(), check.write_line(ended)));
    }));
    all
}

#[test]
fn the_local_server_passes_every_check() {
    let world = World::served();
    let ended = run_suite(make_options(&world));
    assert_eq!(ended.len(), CHECKS.len());
    let failed: Vec<&str> = ended
        .iter()
        .filter(|(_, ended, _)| *ended != Ended::Ok)
        .map(|(.., line)| line.as_str())
        .collect();
    assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
    assert_eq!(world.open_drafts(), Vec::<u64>::new());
    assert_eq!((world.n_records(), world.own_depositions().len()), (1, 2));
}

#[test]
fn each_server_passes_every_check_of_the_records_api_alone() {
    for world in [World::served(), World::served_by_records()] {
        let ended = run_suite(Options { backend: Backend::Records, ..make_options(&world) });
        assert_eq!(ended.len(), CHECKS.len());
        let is_failed = |it: &&(&str, Ended, String)| matches!(it.1, Ended::Failed(_));
        let failed: Vec<&str> = ended.iter().filter(is_failed).map(|it| it.2.as_str()).collect();
        assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
        let n_skipped = ended.iter().filter(|it| matches!(it.1, Ended::Skipped(_))).count();
        assert!(n_skipped < CHECKS.len() / 4, "{n_skipped}");
        let requests = world.requests();
        let of_deposit = |it: &&Request| {
            it.path.starts_with("/api/deposit") || it.path.starts_with("/api/files")
        };
        assert_eq!(requests.iter().filter(of_deposit).count(), 0, "{requests:#?}");
    }
}

#[test]
fn nothing_is_published_unless_it_is_allowed() {
    let world = World::served();
    let ended = run_suite(Options { publish: false, community: None, ..make_options(&world) });
    let failed: Vec<_> = ended.iter().filter(|it| matches!(it.1, Ended::Failed(_))).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let mut skipped = ended.iter().filter(|it| matches!(it.1, Ended::Skipped(_)));
    assert!(skipped.clone().count() > 10);
    let (.., line) = skipped.next_back().unwrap();
    assert!(line.ends_with(": skipped: needs --publish"), "{line}");
    let requests = world.requests();
    assert!(!requests.iter().any(|it| it.path.ends_with("/actions/publish")));
    assert!(requests.iter().any(Request::is_write));
    assert_eq!(world.own_depositions(), Vec::<serde_json::Value>::new());
}

#[test]
fn a_server_with_a_fault_fails_the_check_that_is_about_it() {
    use FaultKind::{FileLost, ListingLag, MixedUp, Other, Status, WrongChecksum};
    // Begins with the first listing, and ends with none.
    let late = ListingLag { reads: usize::MAX };
    let error = Status { status: 500, after: true };
    let version = Other(ConcurrentAction::OpensVersion);
    for (on, kind, failing) in [
        ("PUT /api/files/*", WrongChecksum, "check_an_upload_gives_the_md5"),
        ("PUT /api/files/*", FileLost, "check_an_upload_replaces_the_file"),
        ("PUT /api/records/*", WrongChecksum, "check_a_file_in_a_folder"),
        ("GET /api/user/records*", late, "check_a_draft_is_found_by_its_texts"),
        ("POST /api/deposit/depositions", error, "check_no_draft_is_left"),
        ("GET /api/deposit/*", MixedUp(MixUp::Concept), "check_a_created_draft_is_read_again"),
        ("POST /*newversion", version, "check_a_new_version_has_the_files"),
    ] {
        let world = World::served();
        let on = Matches::parse(on).unwrap();
        let times = if kind == late { 1 } else { usize::MAX };
        world.faults().set(vec![Fault { on, nth: 1, times, kind }]);
        // The first is the first listing, the second makes a draft: most faults need one of them.
        let wanted =
            ["check_credentials_are_accepted", "check_a_created_draft_is_read_again", failing];
        let ended = run_wanted(make_options(&world), &|check| wanted.contains(&check.name));
        let is_failed = |it: &&(&str, Ended, String)| matches!(it.1, Ended::Failed(_));
        let failed: Vec<&str> = ended.iter().filter(is_failed).map(|(name, ..)| *name).collect();
        assert!(failed.contains(&failing), "{kind:?} fails only {failed:?}");
        assert!(!failed.contains(&wanted[0]), "{kind:?}: {failed:?}");
    }
}

#[test]
fn a_token_of_another_user_is_as_good() {
    let mut world = World::served();
    world.set_token(BOB);
    let own = Some(Community("user2-open-review".to_owned()));
    let ended = run_suite(Options { community: own, ..make_options(&world) });
    assert!(ended.iter().all(|it| it.1 == Ended::Ok), "{ended:#?}");
}

#[test]
fn a_draft_that_could_not_be_removed_fails_its_check() {
    let world = World::served();
    let on = Matches::parse("POST /*discard").unwrap();
    let kind = FaultKind::Status { status: 503, after: false };
    world.faults().set(vec![Fault { on, nth: 1, times: usize::MAX, kind }]);
    let is_wanted = |check: &Check| check.name == "check_an_upload_gives_the_md5";
    let ended = run_wanted(make_options(&world), &is_wanted);
    let [(_, ended, _)] = ended.as_slice() else { panic!("{ended:?}") };
    assert!(matches!(ended, Ended::Failed(why) if why.contains(" is left: ")), "{ended:?}");
}

#[test]
fn the_suite_does_not_publish_where_it_would_stay_for_good() {
    let world = World::served();
    for (server, is_refused) in [
        ("https://zenodo.org", true),
        ("https://ZENODO.org./", true),
        ("https://www.zenodo.org", true),
        ("https://sandbox.zenodo.org", false),
        ("https://zenodo.example.org", false),
    ] {
        // Only the address is looked at: connecting makes no request.
        let connect = |publish| {
            let server = server.to_owned();
            Suite::connect(Options { server, publish, ..make_options(&world) }).err()
        };
        let refused = connect(true);
        assert_eq!(refused.is_some(), is_refused, "{server}: {refused:?}");
        let has_reason = |why: &String| why.contains("a publication cannot be undone");
        assert!(refused.is_none_or(|why| has_reason(&why)), "{server}");
        assert_eq!(connect(false), None, "{server}");
    }
}

/// Methods that make no call.
const NO_CALLS: [&str; 4] = ["new", "read", "with_backend", "known_backend"];

#[test]
fn each_call_of_the_client_has_a_check() {
    let methods = list_methods();
    assert!(methods.len() > 30, "{methods:?}");
    let checked: BTreeSet<String> =
        CHECKS.iter().flat_map(|check| check.calls.iter().map(|call| (*call).to_owned())).collect();
    let unchecked: Vec<_> = methods.difference(&checked).collect();
    assert!(unchecked.is_empty(), "tests/conformance has no check for {unchecked:?}");
    let unknown: Vec<_> = checked.difference(&methods).collect();
    assert!(unknown.is_empty(), "the client has no {unknown:?}");
}

#[test]
fn each_check_calls_what_it_names() {
    let mut text = String::new();
    for (path, bytes) in all_files(&find_root().join("tests/conformance")) {
        assert!(path.extension().is_some_and(|kind| kind == "rs"), "{}", path.display());
        text += &String::from_utf8(bytes).unwrap();
    }
    let n_functions = text.matches("async fn check_").count();
    assert_eq!(n_functions, CHECKS.len(), "a check is in no row of CHECKS");
    for check in CHECKS {
        let start = text.find(&format!("async fn {}(", check.name)).unwrap();
        let body = &text[start..];
        let body = &body[..body.find("\n}\n").unwrap()];
        for call in check.calls {
            assert!(body.contains(&format!(".{call}(")), "{} does not call {call}", check.name);
        }
    }
}

fn find_root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the names of the public methods of both clients that make a call.
fn list_methods() -> BTreeSet<String> {
    let mut methods = BTreeSet::new();
    for (path, bytes) in all_files(&find_root().join("src/api")) {
        let text = String::from_utf8(bytes).unwrap();
        add_methods(&path, &text, &mut methods);
    }
    for name in NO_CALLS {
        assert!(methods.remove(name), "the client has no `{name}`");
    }
    methods
}

/// Adds the public methods of each `impl ReadApi` and `impl WriteApi` of a file.
fn add_methods(path: &Path, text: &str, methods: &mut BTreeSet<String>) {
    for part in text.split("\nimpl ").skip(1) {
        if !part.starts_with("ReadApi {") && !part.starts_with("WriteApi {") {
            continue;
        }
        let body = &part[..part.find("\n}\n").unwrap()];
        for line in body.lines().filter_map(|line| line.strip_prefix("    pub ")) {
            let line = line.strip_prefix("async ").unwrap_or(line);
            let name = line.strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next());
            let name = name.unwrap_or_else(|| panic!("{}: `{line}`", path.display()));
            methods.insert(name.to_owned());
        }
    }
}
