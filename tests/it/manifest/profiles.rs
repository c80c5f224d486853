//! The profiles of communities (`profile` in `[[communities]]`), as files beside a manifest.

use std::path::Path;

use crate::apply::workspace::{write_member, write_root};
use crate::support::world::{FILES, Ran, World, manifest};

/// Returns an example of the documentation.
fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/profiles").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Makes a project with this profile; `metadata` comes before the files.
fn start(profile: &str, metadata: &str) -> World {
    let world = World::local();
    world.write("a.csv", "one\n");
    world.write("profiles/own.json", profile);
    write_manifest(&world, metadata, "profiles/own.json");
    world
}

fn write_manifest(world: &World, metadata: &str, profile: &str) {
    let more =
        format!("{metadata}\n{FILES}\n[[communities]]\nid = \"polar\"\nprofile = \"{profile}\"\n");
    world.manifest(&manifest("1.0", &more));
}

/// Returns code, line and summary of each finding of `zrel validate`.
fn list_faults(ran: &Ran) -> Vec<(String, u64, String)> {
    let document = ran.json();
    let findings = document["error"]["findings"].as_array().unwrap().iter();
    let text = |json: &serde_json::Value| json.as_str().unwrap().to_owned();
    findings
        .map(|one| {
            let line = one["place"]["start"]["line"].as_u64().unwrap();
            (text(&one["code"]), line, text(&one["summary"]))
        })
        .collect()
}

#[track_caller]
fn expect_fault(world: &World, code: &str, line: &str, words: &str) {
    let faults = list_faults(&world.expect(65, &["validate", "--format", "json"]));
    let manifest = world.read("zenodo.toml");
    let at = manifest.lines().position(|it| it.starts_with(line)).unwrap() as u64 + 1;
    let is_such = |(found, place, summary): &(String, u64, String)| {
        found == code && *place == at && summary.contains(words)
    };
    assert!(faults.iter().any(is_such), "{code} at {at} «{words}» in {faults:#?}");
}

#[test]
fn the_example_of_a_polar_community_asks_for_a_grant_a_keyword_and_an_open_licence() {
    let good = "grants = [\"10.13039/501100000780::101027500\"]\nkeywords = [\"sea ice\"]";
    let world = start(&example("polar.json"), good);
    let ran = world.expect(0, &["validate"]);
    assert!(ran.stdout.contains("is valid"), "{ran}");
    world.apply(&[]);
    world.expect_no_changes();
    write_manifest(&world, "", "profiles/own.json");
    expect_fault(&world, "ZR0171", "profile = ", "\"grants\" is a required property");
    expect_fault(&world, "ZR0171", "profile = ", "\"subjects\" is a required property, or \"key");
    let closed = manifest("1.0", &format!("{good}\n{FILES}")).replace("cc-by-4.0", "mit");
    let communities = "[[communities]]\nid = \"polar\"\nprofile = \"profiles/own.json\"\n";
    world.manifest(&format!("{closed}{communities}"));
    expect_fault(&world, "ZR0171", "license = ", "at `license`: \"mit\" is not one of");
}

#[test]
fn what_the_community_gives_itself_counts() {
    let world = start(&example("polar.json"), "");
    let text = world.read("zenodo.toml").replace(
        "profile = \"profiles/own.json\"\n",
        "profile = \"profiles/own.json\"\n[communities.metadata]\nkeywords = [\"sea ice\"]\n\
         grants = [\"10.13039/501100000780::101027500\"]\n",
    );
    world.write("zenodo.toml", &text);
    world.expect(0, &["validate"]);
}

#[test]
fn the_example_for_software_asks_for_version_repository_and_licence() {
    let related = |relation: &str| {
        format!(
            "related_identifiers = [{{ identifier = \"https://git.example.org/tables\", relation = \"{relation}\" }}]"
        )
    };
    let world = start(&example("research-software.json"), &related("isSupplementTo"));
    let software =
        |text: String| text.replace("\"dataset\"", "\"software\"").replace("cc-by-4.0", "MIT");
    world.write("zenodo.toml", &software(world.read("zenodo.toml")));
    world.expect(0, &["validate"]);
    write_manifest(&world, &related("isDerivedFrom"), "profiles/own.json");
    expect_fault(&world, "ZR0171", "upload_type = ", "at `upload_type`: \"software\" was expected");
    expect_fault(&world, "ZR0171", "license = ", "at `license`: \"cc-by-4.0\" is not one of");
    expect_fault(&world, "ZR0171", "related_identifiers = ", "at `related_identifiers`: None of");
    let unversioned = world.read("zenodo.toml").replace("version = \"1.0\"\n", "");
    world.write("zenodo.toml", &software(unversioned));
    expect_fault(&world, "ZR0171", "profile = ", "\"version\" is a required property");
}

#[test]
fn a_fault_blocks_plan_and_apply_and_is_shown_at_its_line() {
    let world = start(r#"{"properties": {"title": {"maxLength": 10}}}"#, "");
    for args in [&["plan"][..], &["apply", "--auto-approve"], &["validate"]] {
        let ran = world.expect(65, args);
        assert!(ran.stderr.contains("error[ZR0171]"), "{ran}");
        let place = "zenodo.toml:4:9";
        assert!(ran.stderr.contains(place), "{ran}");
        assert!(ran.stderr.contains("asked for by `polar`"), "{ran}");
        assert!(ran.stderr.contains("`profiles/own.json` asks for it at `#/properties/"), "{ran}");
    }
}

#[test]
fn texts_from_files_are_evaluated() {
    let profile = r#"{"properties": {"notes": {"pattern": "^<p>ice"}}}"#;
    let world = start(profile, "notes = { file = \"notes.md\" }");
    world.write("notes.md", "ice and snow\n");
    world.expect(0, &["validate"]);
    world.write("notes.md", "snow and ice\n");
    expect_fault(
        &world,
        "ZR0171",
        "notes = ",
        "at `notes`: \"<p>snow and ice</p>\" does not match",
    );
}

#[test]
fn a_profile_that_can_not_be_read_is_a_fault_at_its_line() {
    let world = start("{}", "");
    world.expect(0, &["validate"]);
    let large = format!("{{\"title\": \"{}\"}}", "a".repeat(1024 * 1024));
    world.write("profiles/large.json", &large);
    world.write("profiles/text.json", "Ask us.\n");
    world.write("profiles/remote.json", "{\"$ref\": \"https://127.0.0.1:1/a.json\"}\n");
    for (path, words) in [
        ("profiles/none.json", "there is no file `profiles/none.json`"),
        ("profiles", "`profiles` is a folder, not a file"),
        ("profiles/large.json", "`profiles/large.json` is larger than 1 MiB"),
        ("profiles/text.json", "it is not JSON"),
        ("profiles/remote.json", "remote references are not followed"),
    ] {
        write_manifest(&world, "", path);
        expect_fault(&world, "ZR0172", "profile = ", words);
    }
    write_manifest(&world, "", "../own.json");
    expect_fault(&world, "ZR0133", "profile = ", "it leaves the manifest's folder");
}

#[cfg(unix)]
#[test]
fn a_profile_behind_a_link_is_not_read() {
    let world = start("{}", "");
    world.remove("profiles/own.json");
    std::os::unix::fs::symlink("/dev/zero", world.project().join("profiles/own.json")).unwrap();
    expect_fault(&world, "ZR0172", "profile = ", "is a symbolic link");
}

#[test]
fn members_of_a_workspace_have_profiles_of_their_own_and_of_the_root() {
    let world = World::served();
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    let root = "[workspace]\nmembers = [\"deposits/*\"]\nserver = \"test\"\n[workspace.metadata]\n\
        upload_type = \"dataset\"\nlicense = \"CC-BY-4.0\"\ncreators = [{ name = \"Weiss, Tobias\" }]\n\
        [[workspace.communities]]\nid = \"polar\"\nprofile = \"profiles/polar.json\"\n";
    write_root(&world, root);
    world.write("profiles/polar.json", r#"{"required": ["keywords"]}"#);
    write_member(&world, "a", "1.0", "keywords = [\"ice\"]");
    write_member(&world, "b", "1.0", "");
    let ran = world.expect(65, &["validate"]);
    let words = "the profile of community `polar` is not met: \"keywords\" is a required property";
    assert_eq!(ran.to_string().matches(words).count(), 1, "{ran}");
    assert!(ran.to_string().contains("deposits/b/zenodo.toml:1:1"), "{ran}");
    let own = "[[communities]]\nid = \"own\"\nprofile = \"own.json\"\n";
    write_member(&world, "b", "1.0", &format!("[[files]]\npath = \"*.txt\"\n{own}"));
    world.write("deposits/b/b.txt", "b\n");
    world.write("deposits/b/own.json", r#"{"required": ["notes"]}"#);
    let ran = world.expect(65, &["-C", "deposits/b", "validate"]);
    assert!(ran.stderr.contains("the profile of community `own` is not met"), "{ran}");
    assert!(!ran.stderr.contains("`polar`"), "{ran}");
}
