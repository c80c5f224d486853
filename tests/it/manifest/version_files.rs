//! The version label from a file of the project.

use crate::support::world::{FILES, World, manifest};

fn from(world: &World, source: &str) {
    world.manifest(&manifest("X", FILES).replace("\"X\"", source));
    world.write("a.csv", "one\n");
}

#[test]
fn the_label_comes_from_the_file_and_follows_it() {
    let world = World::served();
    world.write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.2.0\"\n");
    from(&world, "{ from = \"cargo\" }");
    world.apply_then_expect_no_changes(&["--initial"]);
    assert_eq!(world.status()["version"], "1.2.0");
    world.write("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.3.0\"\n");
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("~ version               1.2.0 -> 1.3.0"), "{plan}");
    world.write("sub/pyproject.toml", "[project]\nname = \"a\"\nversion = \"1.4.0\"\n");
    from(&world, "{ from = \"pyproject\", file = \"sub/pyproject.toml\" }");
    let plan = world.expect(0, &["plan"]);
    assert!(plan.stdout.contains("1.2.0 -> 1.4.0"), "{plan}");
}

#[test]
fn a_file_that_gives_no_label_is_a_fault_at_its_place() {
    let world = World::served();
    world.write("pyproject.toml", "[project]\ndynamic = [\"version\"]\n");
    for (source, words) in [
        (
            "{ from = \"pyproject\" }",
            &["error[ZR0163]", "it names no version", "zenodo.toml:9:"][..],
        ),
        ("{ from = \"cargo\" }", &["there is no file `Cargo.toml`", "zenodo.toml:9:"]),
        ("{ from = \"cargo\", file = \"../Cargo.toml\" }", &["error[ZR0133]"]),
        ("{ from = \"cargo\", strip = \"v\" }", &["unknown key `strip`"]),
        ("{ from = \"git-tag\", file = \"a\" }", &["unknown key `file`"]),
        ("{ from = \"crago\" }", &["error[ZR0106]", "did you mean `cargo`?"]),
    ] {
        from(&world, source);
        let ran = world.expect(65, &["validate"]);
        for words in words {
            assert!(ran.stderr.contains(words), "{source}: «{words}» in {ran}");
        }
    }
    assert_eq!(world.writes().len(), 0);
}
