//! `schema/plan.schema.json`: every document of a plan, or of why there is none, matches it.
//!
//! Readers ignore keys that they do not know; here none is ignored, so that a key which the
//! schema lacks is found.

use std::sync::LazyLock;

use serde_json::Value as Json;

use crate::support::world::{FILES, World, manifest, publish_first};

static CLOSED: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut schema: Json =
        serde_json::from_str(include_str!("../../../schema/plan.schema.json")).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    close(&mut schema);
    jsonschema::draft7::new(&schema).unwrap()
});

/// Forbids keys that an object's schema does not name.
fn close(schema: &mut Json) {
    match schema {
        Json::Object(object) => {
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), Json::Bool(false));
            }
            object.values_mut().for_each(close);
        }
        Json::Array(items) => items.iter_mut().for_each(close),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Returns why a document does not match the schema.
pub(crate) fn faults(document: &Json) -> Vec<String> {
    let faults = CLOSED.iter_errors(document);
    faults.map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

#[track_caller]
fn holds(document: &Json) {
    assert_eq!(faults(document), Vec::<String>::new(), "{document:#}");
}

#[test]
fn the_schema_refuses_what_is_not_a_plan() {
    let world = World::local();
    publish_first(&world);
    let good = world.plan_json(&[]);
    holds(&good);
    let lacks = |key: &str| {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().shift_remove(key);
        bad
    };
    for key in ["format_version", "digest", "steps", "verdict"] {
        assert_ne!(faults(&lacks(key)), Vec::<String>::new(), "without {key}");
    }
    let mut bad = good.clone();
    bad["more"] = Json::Null;
    assert_ne!(faults(&bad), Vec::<String>::new());
}

#[test]
fn what_the_program_prints_writes_and_saves_is_as_the_schema_says() {
    let world = World::served();
    publish_first(&world);
    world.manifest(&manifest("1.1", &format!("{FILES}[[communities]]\nid = \"nowhere\"\n")));
    world.write("a.csv", "one,two,three\n");
    world.remove("b.csv");
    world.write("d.csv", "new\n");
    let outcomes: [(i32, &[&str]); 5] = [
        (11, &["plan", "--format", "json"]),
        (11, &["plan", "--format", "json", "--out", "saved.plan", "--json-into", "beside.json"]),
        (11, &["apply", "--auto-approve", "--format", "json"]),
        (64, &["plan", "--format", "json", "--nonsense"]),
        (11, &["plan", "--public", "--format", "json"]),
    ];
    for (code, args) in outcomes {
        let ran = world.expect(code, args);
        holds(&ran.json());
    }
    for name in ["saved.plan", "beside.json"] {
        holds(&serde_json::from_str(&world.read(name)).unwrap());
    }
    world.write("zenodo.toml", "server = \"local\"\nnonsense = 1\n");
    let ran = world.expect(65, &["plan", "--format", "json"]).json();
    assert!(ran["error"]["findings"][0]["place"]["start"]["line"].is_number(), "{ran:#}");
    holds(&ran);
}

#[test]
fn the_program_includes_it() {
    let world = World::local();
    let shown = world.expect(0, &["schema", "--plan", "--stdout"]).stdout;
    assert_eq!(shown, include_str!("../../../schema/plan.schema.json"));
    world.expect(0, &["schema", "--plan"]);
    assert_eq!(world.read(".zrel/plan.schema.json"), shown);
}
