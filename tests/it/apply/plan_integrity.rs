//! A plan that was changed by hand is refused: everything that it shows a reader follows from what
//! an apply would do.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use zrel::check::{Checked, check};
use zrel::desired::DesiredVersion;
use zrel::model::{Binding, Community, Field, LocalFile, OpenDraft, Server, Severity, Value};
use zrel::observed::{
    Candidate, CommunityStatus, DraftKind, Observed, RecordState, UnsupportedValue, View,
};
use zrel::plan::{
    Noted, NotedPlace, Operation, Plan, PlanFlags, Policy, Position, compute_digest, decode_plan,
    encode_plan,
};
use zrel::render::{About, encode_plan_document, read_plan_json};

use crate::support::universe::{CONCEPT, DRAFT, LATEST, Universe, draft, local, remote, universe};
use crate::support::world::{BOB, FILES, World, manifest, publish_first};

/// What is on the server besides the published version.
#[derive(Debug, Clone, Copy, PartialEq)]
enum There {
    Record,
    Nothing,
    SameTitle,
    FirstDraft,
    VersionDraft,
    Edit,
}

/// A world in which a plan is made.
fn worlds() -> impl Strategy<Value = Universe> {
    let there = select(vec![
        There::Record,
        There::Record,
        There::Nothing,
        There::SameTitle,
        There::FirstDraft,
        There::VersionDraft,
        There::Edit,
    ]);
    let version = select(vec![
        DesiredVersion::None,
        DesiredVersion::Label("1.0".to_owned()),
        DesiredVersion::Label("1.1".to_owned()),
        DesiredVersion::Tag("1.1".to_owned()),
        DesiredVersion::KnownAtTag,
    ]);
    let files = || vec((select(vec!["a.csv", "b.csv", "c.csv"]), 1_u8..4), 0..4);
    let status = option::of(select(vec![
        CommunityStatus::Joined,
        CommunityStatus::Pending,
        CommunityStatus::Declined,
        CommunityStatus::Withdrawn,
    ]));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let more = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (there, version, files(), files(), vec(status, 0..3), flags, more).prop_map(
        |(there, version, wanted, open, standings, flags, more)| {
            let mut universe = universe();
            set_desired(&mut universe, version, &wanted, more.0);
            set_observed(&mut universe, there, &open);
            for (number, status) in standings.into_iter().enumerate() {
                let community = Community(format!("c{number}"));
                universe.desired.communities.push(community.clone().into());
                if let Some(status) = status {
                    universe.observed.communities.insert(community, status.into());
                }
            }
            set_policy(&mut universe, flags);
            if more.1
                && let Some(record) = &mut universe.binding.record
            {
                record.last = Some(DRAFT);
            }
            if more.2
                && let RecordState::Published(record) = &mut universe.observed.record
            {
                let loss =
                    UnsupportedValue { place: "copyright".to_owned(), what: "© Ada".to_owned() };
                record.unsupported.push(loss);
            }
            if more.3 {
                make_public(&mut universe);
            }
            universe
        },
    )
}

fn set_desired(
    universe: &mut Universe,
    version: DesiredVersion,
    wanted: &[(&'static str, u8)],
    has_keywords: bool,
) {
    let mut files: Vec<LocalFile> = wanted.iter().map(|(key, byte)| local(key, *byte)).collect();
    files.sort_by(|a, b| a.key.cmp(&b.key));
    files.dedup_by(|a, b| a.key == b.key);
    universe.desired.files = files;
    universe.desired.metadata.remove(Field::Version);
    universe.desired.version = version;
    if has_keywords {
        let keywords = Value::List(vec!["tea".to_owned()]);
        universe.desired.metadata.set(Field::Keywords, keywords);
    }
}

fn set_observed(universe: &mut Universe, there: There, open: &[(&'static str, u8)]) {
    let mut files: Vec<_> = open.iter().map(|(key, byte)| remote(key, *byte)).collect();
    files.sort_by(|a, b| a.key.cmp(&b.key));
    files.dedup_by(|a, b| a.key == b.key);
    match there {
        There::Record => {}
        There::Nothing => universe.unbound(),
        There::SameTitle => {
            universe.unbound();
            universe.observed.possible_duplicates.push(Candidate {
                id: DRAFT,
                concept: CONCEPT,
                title: "Rings of tea".to_owned(),
                description: String::new(),
                doi: None,
                is_published: false,
                created: "2026-11-01".to_owned(),
            });
        }
        There::FirstDraft => {
            let metadata = universe.desired.metadata.clone();
            universe.observed = Observed {
                record: RecordState::Unpublished,
                draft: Some(draft(DraftKind::NewRecord, DRAFT, metadata, files)),
                ..Observed::default()
            };
            universe.binding.record = None;
        }
        There::VersionDraft => {
            universe.open_version();
            universe.observed.draft.as_mut().unwrap().files = files;
        }
        There::Edit => {
            let metadata = universe.record().metadata.clone();
            let files = universe.record().files.clone();
            universe.observed.draft = Some(draft(DraftKind::Edit, LATEST, metadata, files));
        }
    }
}

fn set_policy(universe: &mut Universe, flags: (bool, bool, bool, bool, bool)) {
    let all = universe.desired.list_communities().into_iter().collect();
    let flags = PlanFlags {
        no_publish: flags.0,
        initial: flags.1,
        same_title: flags.2,
        adopt_draft: flags.3.then_some(DRAFT),
        over: flags.4.then_some(LATEST),
        ask_again: if flags.4 { all } else { BTreeSet::new() },
        ..PlanFlags::default()
    };
    universe.policy = Policy { flags: flags.clone(), allowed: flags, ..Policy::on("2026-11-23") };
}

/// Removes what only the owner sees.
fn make_public(universe: &mut Universe) {
    universe.observed.view = View::Public;
    universe.observed.possible_duplicates.clear();
    universe.observed.draft = None;
    universe.policy.allowed.adopt_draft = None;
    universe.policy.flags.adopt_draft = None;
    if universe.observed.record == RecordState::Unpublished {
        universe.observed.record = RecordState::Unbound;
        universe.binding = Binding::default();
    }
    if let RecordState::Published(record) = &mut universe.observed.record {
        record.revision = None;
        record.has_newer_draft = false;
    }
}

/// Plans, with a note on the manifest.
fn planned(universe: &Universe) -> Checked {
    let position = |byte| Position { line: 1, column: byte + 1, byte };
    let noted = Noted {
        severity: Severity::Warning,
        code: "ZR0103".to_owned(),
        summary: "`keywords` names `tea` twice".to_owned(),
        place: Some(NotedPlace {
            file: "zenodo.toml".to_owned(),
            start: position(3),
            end: position(6),
            text: "again".to_owned(),
        }),
        why: Some("the server keeps one".to_owned()),
        hints: vec!["take one away".to_owned()],
    };
    check(Plan { noted: vec![noted], ..universe.plan() })
}

fn about() -> About {
    About { manifest: "zenodo.toml".to_owned(), commit: Some("0a1b".repeat(10)) }
}

/// Lists every place of a document, as JSON pointers.
fn paths(json: &Json, at: &str, out: &mut Vec<String>) {
    let children: Vec<(String, &Json)> = match json {
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Json::Array(list) => {
            list.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
    };
    for (key, value) in children {
        let place = format!("{at}/{key}");
        paths(value, &place, out);
        out.push(place);
    }
}

/// Changes one place of a document: removes it, repeats it, or replaces it.
fn change(document: &mut Json, place: &str, how: u8) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    if how == 0 || how == 1 {
        match document.pointer_mut(parent).unwrap() {
            Json::Object(map) => {
                map.shift_remove(key);
            }
            Json::Array(list) => {
                let at: usize = key.parse().unwrap();
                if how == 0 {
                    list.remove(at);
                } else {
                    let again = list[at].clone();
                    list.insert(at, again);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => unreachable!(),
        }
        return;
    }
    let value = document.pointer_mut(place).unwrap();
    *value = match &*value {
        Json::Null => json!(1),
        Json::Bool(yes) => json!(!yes),
        Json::Number(number) => json!(number.as_u64().unwrap_or(7) + 1),
        Json::String(text) => json!(format!("{text}x")),
        Json::Array(_) => json!([]),
        Json::Object(_) => Json::Null,
    };
}

/// Returns whether a plan's digest does not cover a place, and nothing in the plan is
/// checked against it: the plan's origin, and how far the record and its draft have moved on.
/// `zrel apply PLAN` compares those with the server's.
fn is_left_open(document: &Json, place: &str) -> bool {
    let open =
        ["/basis/revision", "/basis/contents", "/basis/fingerprint", "/basis/draft/revision"];
    // Of a first draft the plan knows the id, by its step; its concept is the server's to say.
    let of_draft = ["/basis/concept", "/basis/draft"];
    // What else is in an open draft, and is removed.
    let is_foreign_file = document["steps"][0]["action"] == "resume"
        && place.strip_suffix("/file").and_then(|step| document.pointer(step)).is_some_and(
            |step| ["delete_file", "drop_file"].iter().any(|it| step["action"] == *it),
        );
    place.starts_with("/about")
        || open.contains(&place)
        || of_draft.contains(&place)
        || is_foreign_file
}

proptest! {
    #![proptest_config(crate::apply::properties::cases(400))]

    #[test]
    fn every_plan_that_zrel_makes_is_read_as_it_was_written(universe in worlds()) {
        let checked = planned(&universe);
        let document = encode_plan_document(&checked, &about());
        let read = read_plan_json(&serde_json::from_str(&document.to_string()).unwrap());
        let read = read.map_err(|error| TestCaseError::fail(format!("{error}: {document:#}")))?;
        prop_assert_eq!(read.plan(), checked.plan());
        prop_assert_eq!(encode_plan_document(&read, &about()), document);
    }

    #[test]
    fn every_change_that_a_reader_could_see_is_refused(
        universe in worlds(),
        changes in vec((any::<Index>(), 0_u8..3), 1..12),
    ) {
        let document = encode_plan_document(&planned(&universe), &about());
        let mut all = Vec::new();
        paths(&document, "", &mut all);
        for (which, how) in changes {
            let place = which.get(&all);
            let mut lie = document.clone();
            change(&mut lie, place, how);
            let is_read = read_plan_json(&lie).is_ok();
            prop_assert!(
                !is_read || lie == document || is_left_open(&document, place),
                "{place}, changed by {how}, is read: {lie:#}"
            );
        }
    }

    #[test]
    fn continuing_has_the_digest_of_opening(universe in worlds(), open in any::<bool>()) {
        let mut universe = universe;
        let opened = universe.plan();
        let goes_on = matches!(opened.operation, Operation::NewVersion { draft: None, .. });
        if !goes_on || !opened.blockers.is_empty() {
            return Ok(());
        }
        universe.observed.view = View::Owner;
        universe.policy.allowed.adopt_draft = None;
        universe.open_version();
        if open {
            let files = universe.desired.files.iter();
            let sent = files.map(|file| remote(file.key.as_str(), file.md5.0[0])).collect();
            universe.observed.draft.as_mut().unwrap().files = sent;
        }
        universe.binding.record.as_mut().unwrap().draft = Some(OpenDraft::Version(DRAFT));
        let continued = universe.plan();
        // A ready draft that is not to be published leaves nothing to do or to settle.
        if continued.is_empty() {
            return Ok(());
        }
        prop_assert_eq!(compute_digest(&continued), compute_digest(&opened), "{:#?}", continued);
    }
}

/// Changes a saved plan and its checksum, as anyone with the file can.
pub(super) fn forge(world: &World, name: &str, change: impl FnOnce(&mut Json)) {
    use sha2::Digest as _;
    let mut document: Json = serde_json::from_str(&world.read(name)).unwrap();
    document.as_object_mut().unwrap().shift_remove("checksum");
    change(&mut document);
    let sum = sha2::Sha256::digest(document.to_string().as_bytes());
    document["checksum"] = format!("sha256:{}", zrel::model::Sha256(sum.into())).into();
    world.write(name, &document.to_string());
}

/// A record, and a plan for its second version in `release.plan`.
fn saved(args: &[&str]) -> World {
    let world = World::served();
    publish_first(&world);
    world.write("a.csv", "one,two,three\n");
    world.remove("b.csv");
    world.manifest(&manifest("1.1", &format!("keywords = [\"forms\"]\n{FILES}")));
    world.expect(0, &[&["plan", "--out", "release.plan"], args].concat());
    world
}

#[test]
fn a_plan_that_shows_less_than_it_does_is_neither_shown_nor_applied() {
    let lies: [fn(&mut Json); 6] = [
        |plan| plan["files"] = json!([]),
        |plan| plan["metadata"] = json!([]),
        |plan| plan["basis"]["title"] = json!("Another title"),
        |plan| {
            let steps = plan["steps"].as_array_mut().unwrap();
            steps.retain(|step| step["action"] != "delete_file");
            for (number, step) in steps.iter_mut().enumerate() {
                step["number"] = json!(number + 1);
            }
        },
        |plan| plan["findings"] = json!([]),
        |plan| plan["verdict"] = json!("at_tag"),
    ];
    let world = saved(&[]);
    let honest = world.read("release.plan");
    for lie in lies {
        world.write("release.plan", &honest);
        forge(&world, "release.plan", lie);
        world.requests();
        for command in ["show", "apply"] {
            let ran = world.expect(65, &[command, "release.plan"]);
            assert!(ran.stderr.contains("changed by hand"), "{ran}");
        }
        assert_eq!(world.writes(), []);
    }
    world.write("release.plan", &honest);
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
}

#[test]
fn a_plan_without_changes_can_not_claim_another_version_as_the_last() {
    let world = saved(&[]);
    world.apply_then_expect_no_changes(&[]);
    world.expect(0, &["plan", "--out", "empty.plan"]);
    assert!(world.plan_json(&[])["basis"]["last_applied"].is_null());
    forge(&world, "empty.plan", |plan| plan["basis"]["last_applied"] = json!(7));
    let shown = world.zrel(&["show", "empty.plan"]);
    assert_eq!(shown.code, 65, "{shown}");
}

#[test]
fn a_built_in_name_with_another_address_is_no_plan() {
    let mut universe = universe();
    universe.desired.server = Server::built_in("zenodo").unwrap();
    let honest = encode_plan(&universe.plan());
    assert!(decode_plan(&honest).is_ok());
    universe.desired.server.url = "https://zenodo.example".to_owned();
    let error = decode_plan(&encode_plan(&universe.plan())).unwrap_err();
    assert!(error.to_string().contains("`server`"), "{error}");
}

#[test]
fn a_plan_names_a_commit_or_none_and_no_key_twice() {
    let world = saved(&[]);
    let honest = world.read("release.plan");
    for bad in [json!("main, reviewed by Ada"), json!(""), json!(1), json!("A".repeat(40))] {
        world.write("release.plan", &honest);
        forge(&world, "release.plan", |plan| plan["about"]["commit"] = bad.clone());
        for command in ["show", "apply"] {
            let ran = world.expect(65, &[command, "release.plan"]);
            assert!(ran.stderr.contains("`about.commit` is missing or not understood"), "{ran}");
        }
    }
    let twice = honest.replacen('{', "{\n  \"verdict\": \"blocked\",", 1);
    world.write("release.plan", &twice);
    for command in ["show", "apply"] {
        let ran = world.expect(65, &[command, "release.plan"]);
        assert!(ran.stderr.contains("the key `verdict` appears twice"), "{ran}");
    }
    world.write("release.plan", &honest);
    forge(&world, "release.plan", |plan| plan["about"]["commit"] = json!("0a".repeat(20)));
    world.expect(0, &["apply", "release.plan"]);
}

#[test]
fn the_flags_of_a_saved_plan_can_not_be_changed() {
    let world = World::served();
    publish_first(&world);
    world.remove("zenodo.lock");
    world.write("c.csv", "three\n");
    // Blocked: a record of the same title exists.
    world.expect(11, &["plan", "--initial", "--out", "release.plan"]);
    forge(&world, "release.plan", |plan| {
        plan["decisions"]["same_title"] = json!(true);
        plan["obstacles"] = json!([]);
        plan["findings"] = json!([]);
        plan["verdict"] = json!("ready");
    });
    world.requests();
    let ran = world.expect(65, &["apply", "release.plan"]);
    assert!(ran.stderr.contains("changed by hand"), "{ran}");
    assert_eq!(world.writes(), []);
}

#[test]
fn a_digest_needs_128_bits() {
    let world = saved(&[]);
    let sum = world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
    world.requests();
    let short = &sum["sha256:".len()..][..31];
    let ran = world.expect(64, &["apply", "--expect", short]);
    assert!(ran.stderr.contains("at least 32 digits"), "{ran}");
    world.expect(64, &["apply", "--expect", &"x".repeat(64)]);
    assert_eq!(world.writes(), []);
    world.expect(0, &["apply", "--expect", &sum["sha256:".len()..][..32]]);
    world.expect_no_changes();
}

/// A record that a community was asked to take, and the request.
fn asked() -> (World, String) {
    let world = World::served();
    let record = publish_first(&world);
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    world.manifest(&manifest("1.0", &more));
    world.apply_then_expect_no_changes(&[]);
    let listed = world.alice("GET", &format!("/api/records/{record}/requests"), &json!(null));
    let request = listed["hits"]["hits"][0]["id"].as_str().unwrap().to_owned();
    (world, request)
}

#[test]
fn a_digest_says_whether_a_community_is_asked_again() {
    let (world, request) = asked();
    let decline = format!("/api/requests/{request}/actions/decline");
    assert_eq!(world.ask(BOB, "POST", &decline, &json!({})).0, 200);
    world.write("a.csv", "one,two,three\n");
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    world.manifest(&manifest("1.1", &more));
    let sum = world.plan_json(&[])["digest"].as_str().unwrap().to_owned();
    world.requests();
    world.expect(10, &["apply", "--ask-again", "user2-community", "--expect", &sum]);
    assert_eq!(world.writes(), []);
    world.expect(0, &["apply", "--expect", &sum]);
    world.expect_no_changes();
}

#[test]
fn a_community_that_answers_meanwhile_makes_no_plan_stale() {
    let (world, request) = asked();
    world.write("a.csv", "one,two,three\n");
    let more = format!("{FILES}[[communities]]\nid = \"user2-community\"\n");
    world.manifest(&manifest("1.1", &more));
    world.expect(0, &["plan", "--out", "release.plan"]);
    let accept = format!("/api/requests/{request}/actions/accept");
    assert_eq!(world.ask(BOB, "POST", &accept, &json!({})).0, 200);
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
}

#[test]
fn the_local_server_needs_no_flag_in_the_digest() {
    let mut universe = universe();
    universe.unbound();
    universe.desired.server = Server::built_in("local").unwrap();
    let without = compute_digest(&universe.plan());
    universe.policy.flags.initial = true;
    assert_eq!(compute_digest(&universe.plan()), without);
    universe.desired.server = Server::built_in("zenodo").unwrap();
    let with = compute_digest(&universe.plan());
    universe.policy.flags.initial = false;
    assert_ne!(compute_digest(&universe.plan()), with);
}
