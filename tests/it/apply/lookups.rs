//! Ids of vocabularies that only the server has, looked up when a plan is made.

use zrel::local::{Fault, FaultKind, Matches, MixUp};

use crate::support::world::{FILES, World, manifest};

const CERN: &str = "01ggx4157";

/// Returns a manifest with an affiliation and funding by ids.
fn with_ids(award: &str) -> String {
    let contributor = format!(
        "contributors = [{{ name = \"Roe, Jo\", type = \"Editor\", affiliations = \
         [{{ ror = \"{CERN}\" }}] }}]\n"
    );
    let funding = format!(
        "funding = [{{ award = {{ id = \"{award}\" }} }}, {{ funder = {{ ror = \"{CERN}\" }}, \
         award = {{ number = \"12\", title = \"Forms\" }} }}]\n"
    );
    manifest("1.0", &format!("{contributor}{funding}{FILES}"))
}

fn count_lookups(world: &World) -> usize {
    let lists = ["/api/affiliations/", "/api/funders/", "/api/awards/", "/api/subjects/"];
    let is_lookup = |path: &String| lists.iter().any(|list| path.starts_with(list));
    world.requests().iter().filter(|request| is_lookup(&request.path)).count()
}

#[test]
fn whatever_the_server_does_not_know_is_shown_at_its_place() {
    let world = World::served();
    world.write("a.csv", "one\n");
    let more = "[[communities]]\nid = \"nowhere\"\n\n[[access.grants]]\nuser = \"404\"\n\
                permission = \"view\"\n";
    let funding = "funding = [{ funder = { ror = \"https://ror.org/0zz000017\" } }]\n";
    world.manifest(&format!("{}{more}", manifest("1.0", &format!("{funding}{FILES}"))));
    let ran = world.expect(11, &["plan", "--initial"]);
    for word in ["\"nowhere\"", "\"404\"", "\"https://ror.org/0zz000017\""] {
        let place = world.find_in_manifest(word);
        assert!(ran.stdout.contains(&place), "{word} at {place}: {ran}");
    }
}

#[test]
fn an_id_that_the_server_does_not_know_blocks_before_anything_is_sent() {
    let world = World::served();
    world.write("a.csv", "one\n");
    world.manifest(&with_ids("0zz000017::12"));
    let ran = world.expect(11, &["plan", "--initial"]);
    assert!(ran.stdout.contains("ZR0337"), "{ran}");
    assert!(ran.stdout.contains("knows no award `0zz000017::12`"), "{ran}");
    assert!(ran.stdout.contains(&world.find_in_manifest("\"0zz000017::12\"")), "{ran}");
    world.expect(11, &["apply", "--initial", "--auto-approve"]);
    assert_eq!(world.writes().len(), 0);
}

#[test]
fn what_is_published_is_not_looked_up_again() {
    let world = World::served();
    world.write("a.csv", "one\n");
    world.manifest(&with_ids("00k4n6c32::283595"));
    world.requests();
    world.expect(0, &["plan", "--initial"]);
    assert_eq!(count_lookups(&world), 3);
    world.apply(&["--initial"]);
    world.requests();
    world.expect_no_changes();
    assert_eq!(world.requests().len(), 1);
    let more = "subjects = [{ id = \"http://data.europa.eu/8mn/euroscivoc/1\" }]\n";
    let text = with_ids("00k4n6c32::283595").replace("funding =", &format!("{more}funding ="));
    world.manifest(&text);
    world.expect(0, &["plan"]);
    assert_eq!(count_lookups(&world), 1);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_vocabulary_that_is_down_is_said_and_keeps_nothing_from_being_published() {
    let world = World::served();
    world.write("a.csv", "one\n");
    world.manifest(&with_ids("00k4n6c32::283595"));
    let kind = FaultKind::Status { status: 503, after: false };
    let down = |path: &str| Fault {
        on: Matches::parse(&format!("GET {path}")).unwrap(),
        nth: 1,
        times: 1000,
        kind,
    };
    world.faults().set(vec![down("/api/affiliations/*"), down("/api/awards/*")]);
    let ran = world.expect(0, &["plan", "--initial"]);
    assert!(ran.stdout.contains("ZR0420"), "{ran}");
    assert!(ran.stdout.contains("2 ids of the server's vocabularies were not looked up"), "{ran}");
    assert!(ran.stdout.contains("01ggx4157") && ran.stdout.contains("283595"), "{ran}");
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn an_answer_about_something_else_says_nothing_of_an_id() {
    let world = World::served();
    world.write("a.csv", "one\n");
    world.manifest(&with_ids("00k4n6c32::283595"));
    let on = Matches::parse("GET /api/affiliations/*").unwrap();
    let kind = FaultKind::MixedUp(MixUp::Other);
    world.faults().set(vec![Fault { on, nth: 1, times: 1000, kind }]);
    let ran = world.expect(0, &["plan", "--initial"]);
    assert!(ran.stdout.contains("1 id of the server's vocabularies was not looked up"), "{ran}");
    world.faults().heal();
    world.apply_then_expect_no_changes(&["--initial"]);
}

#[test]
fn grants_that_can_not_be_looked_up_are_said_as_well() {
    let world = World::served();
    world.write("a.csv", "one\n");
    let grants = "grants = [\"10.13039/501100000780::283595\"]\n";
    world.manifest(&manifest("1.0", &format!("{grants}{FILES}")));
    let kind = FaultKind::Status { status: 500, after: false };
    let on = Matches::parse("GET /api/awards").unwrap();
    world.faults().set(vec![Fault { on, nth: 1, times: 1000, kind }]);
    let ran = world.expect(0, &["plan", "--initial"]);
    assert!(ran.stdout.contains("ZR0420"), "{ran}");
    world.apply_then_expect_no_changes(&["--initial"]);
}
