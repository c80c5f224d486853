//! `zrel fmt`: one layout, and nothing lost.

use std::path::{Path, PathBuf};

use crate::support::world::{FILES, World, manifest};

/// The example, and what `zrel init` writes.
fn own() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("zenodo.toml.example")];
    for folder in ["docs/examples", "tests/it/samples/init"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let folder = entry.unwrap().path();
            let names = ["zenodo.toml", "expected.toml"].map(|name| folder.join(name));
            paths.extend(names.into_iter().filter(|path| path.is_file()));
        }
    }
    paths
}

#[test]
fn what_zrel_writes_and_shows_has_the_usual_layout() {
    let paths = own();
    assert!(paths.len() > 5, "{paths:?}");
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(zrel::manifest::format_manifest(&text), Some(text), "{}", path.display());
    }
}

#[test]
fn a_manifest_is_laid_out_and_plans_the_same() {
    let world = World::local();
    let text = manifest("1.0", FILES).replace(" = ", "=") + "\n\n\n# the end";
    world.manifest(&text);
    world.write("a.csv", "one,two\n");
    let digest =
        |world: &World| world.expect(0, &["plan", "--format", "json"]).json()["digest"].clone();
    let before = digest(&world);
    let written = world.read("zenodo.toml");
    let checked = world.expect(2, &["fmt", "--check"]);
    assert_eq!(checked.stdout, "`zenodo.toml` is not formatted: zrel fmt.\n");
    assert_eq!(world.read("zenodo.toml"), written);
    let document = world.expect(2, &["fmt", "--check", "--format", "json"]).json();
    assert_eq!((&document["changed"], &document["written"]), (&true.into(), &false.into()));
    world.expect(0, &["fmt"]);
    let format_manifest = world.read("zenodo.toml");
    assert!(
        format_manifest.contains("upload_type = \"dataset\"")
            && format_manifest.ends_with("\n# the end\n")
    );
    world.expect(0, &["fmt", "--check"]);
    let again = world.expect(0, &["fmt", "--format", "json"]).json();
    assert_eq!(again["changed"], false);
    assert_eq!(digest(&world), before);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn invalid_toml_stays_as_it_is() {
    let world = World::local();
    for text in ["[metadata\ntitle = 1\n", "a = 1\na = 2\n", "\u{0}"] {
        world.write("zenodo.toml", text);
        let ran = world.expect(65, &["fmt"]);
        assert!(ran.stdout.contains("error[ZR0101]") || ran.stderr.contains("ZR0101"), "{ran}");
        assert_eq!(world.read("zenodo.toml"), text);
    }
    world.write("zenodo.toml", "titel='x'\n");
    world.expect(0, &["fmt"]);
    assert_eq!(world.read("zenodo.toml"), "titel = 'x'\n", "a fault of another kind is ignored");
    world.remove("zenodo.toml");
    world.expect(65, &["fmt"]);
}
