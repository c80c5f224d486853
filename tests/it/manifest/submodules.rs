//! Submodules that are not checked out: zrel reports what would lack their files before it sends,
//! with the command that gets them.

use std::fs;
use std::process::Command;

use crate::support::world::{Ran, World, manifest};

const ARCHIVE: &str = "[[files]]\narchive = \".\"\nas = \"all.zip\"\nexclude = [\"zenodo.*\"]\n";

/// Runs git in some folder; submodules may come from the disk.
#[track_caller]
fn git(folder: &std::path::Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Test", "-c", "user.email=test@example.org"]);
    command.args(["-c", "protocol.file.allow=always"]).args(args).current_dir(folder);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes a project whose repository has the submodule `vendor/lib`, which has `inner` in it.
fn project() -> World {
    let world = World::local();
    for (name, inner) in [("inner", None), ("lib", Some("inner"))] {
        let folder = world.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        git(&folder, &["init", "--quiet"]);
        fs::write(folder.join(format!("{name}.csv")), "1,2\n").unwrap();
        if let Some(inner) = inner {
            let from = world.path().join(inner);
            git(&folder, &["submodule", "--quiet", "add", from.to_str().unwrap(), inner]);
        }
        git(&folder, &["add", "."]);
        git(&folder, &["commit", "--quiet", "-m", "first"]);
    }
    world.manifest(&manifest("1.0", ARCHIVE));
    world.write("own.csv", "3\n");
    world.write(".gitignore", ".zrel\n");
    let lib = world.path().join("lib");
    let root = world.project();
    git(&root, &["init", "--quiet"]);
    git(&root, &["submodule", "--quiet", "add", lib.to_str().unwrap(), "vendor/lib"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "-m", "first"]);
    git(&root, &["submodule", "--quiet", "deinit", "-f", "vendor/lib"]);
    world
}

/// Plans, expects the report that a submodule's files are missing, and returns the command.
#[track_caller]
fn told(world: &World, submodule: &str) -> String {
    let ran: Ran = world.zrel(&["validate"]);
    assert_eq!(ran.code, 65, "{ran}");
    let said = ran.to_string();
    assert!(said.contains("error[ZR0228]") && said.contains(submodule), "{said}");
    world.expect(65, &["apply", "--auto-approve"]);
    let command = said.lines().find_map(|line| line.split_once("check out: git ")).unwrap().1;
    command.trim().to_owned()
}

#[track_caller]
fn not_told(world: &World) {
    let ran = world.expect(0, &["validate"]);
    assert!(!ran.to_string().contains("ZR0228"), "{ran}");
}

/// Runs the reported command.
#[track_caller]
fn obey(world: &World, command: &str) {
    git(&world.project(), &command.split(' ').collect::<Vec<_>>());
}

fn packed(world: &World) -> Vec<String> {
    let archives = fs::read_dir(world.project().join(".zrel/archives")).unwrap();
    let path = archives.map(|entry| entry.unwrap().path()).next().unwrap();
    let zip = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let names = zip.file_names().map(|name| name.unwrap().into_owned());
    names.filter(|name| name.contains(".csv")).collect()
}

#[test]
fn an_archive_is_not_made_without_a_submodule_and_the_command_fixes_it() {
    let world = project();
    let command = told(&world, "vendor/lib");
    assert_eq!(command, "submodule update --init vendor/lib");
    obey(&world, &command);
    // The submodule's file is one more.
    let command = told(&world, "vendor/lib/inner");
    assert_eq!(command, "submodule update --init --recursive vendor/lib");
    obey(&world, &command);
    not_told(&world);
    world.apply_then_expect_no_changes(&[]);
    let all = ["own.csv", "vendor/lib/inner/inner.csv", "vendor/lib/lib.csv"];
    assert_eq!(packed(&world), all);
}

#[test]
fn an_emptied_submodule_is_reported_and_an_excluded_one_is_not() {
    let world = project();
    obey(&world, "submodule update --init --recursive vendor/lib");
    not_told(&world);
    let lib = world.project().join("vendor/lib");
    for entry in fs::read_dir(&lib).unwrap().flatten() {
        match entry.file_name().to_str().unwrap() {
            ".git" => {}
            _ if entry.path().is_dir() => fs::remove_dir_all(entry.path()).unwrap(),
            _ => fs::remove_file(entry.path()).unwrap(),
        }
    }
    let command = told(&world, "vendor/lib");
    assert_eq!(command, "submodule update --init --force vendor/lib");
    obey(&world, &command);
    assert!(lib.join("lib.csv").is_file());
    // The folder may be missing too.
    fs::remove_dir_all(&lib).unwrap();
    told(&world, "vendor/lib");
    world.manifest(&manifest("1.0", &ARCHIVE.replace("\"zenodo.*\"", "\"zenodo.*\", \"vendor\"")));
    not_told(&world);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(packed(&world), ["own.csv"]);
}

#[test]
fn a_pattern_or_path_that_would_reach_into_a_submodule_is_reported() {
    let world = project();
    for path in ["vendor/lib/*.csv", "vendor/lib/lib.csv", "vendor/*/*.csv", "**/*.csv"] {
        world.manifest(&manifest("1.0", &format!("[[files]]\npath = \"{path}\"\n")));
        told(&world, "vendor/lib");
    }
    for entry in ["archive = \"vendor\"", "archive = \"vendor/lib\"", "archive = \"vendor/lib/x\""]
    {
        world.manifest(&manifest("1.0", &format!("[[files]]\n{entry}\n")));
        told(&world, "vendor/lib");
    }
    for path in ["*.csv", "own.csv", "vendor/*.md\"\n[[files]]\npath = \"own.csv"] {
        let more = format!("[[files]]\npath = \"{path}\"\n");
        world.manifest(&manifest("1.0", &more));
        let said = world.zrel(&["validate"]).to_string();
        assert!(!said.contains("ZR0228"), "{path}: {said}");
    }
    world
        .manifest(&manifest("1.0", "[[files]]\npath = \"**/*.csv\"\nexclude = [\"vendor/lib\"]\n"));
    not_told(&world);
}

#[test]
fn other_files_in_the_place_of_a_submodule_are_a_warning() {
    let world = project();
    world.write("vendor/lib/copied.csv", "4\n");
    let ran = world.expect(0, &["validate"]);
    assert!(ran.to_string().contains("warning[ZR0228]"), "{ran}");
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(packed(&world), ["own.csv", "vendor/lib/copied.csv"]);
}

#[test]
fn a_manifest_in_a_folder_of_the_repository_sees_the_submodules_below_it() {
    let world = project();
    let text = world.read("zenodo.toml");
    for (folder, is_told) in [("vendor", true), ("paper", false)] {
        world.write(&format!("{folder}/zenodo.toml"), &text);
        world.write(&format!("{folder}/own.csv"), "5\n");
        let ran = world.zrel(&["-C", folder, "validate"]);
        let said = ran.to_string();
        assert_eq!(said.contains("error[ZR0228]"), is_told, "{said}");
        assert_eq!(said.contains("submodule update --init lib\n"), is_told, "{said}");
    }
}
