//! `zrel init`: repositories of all kinds get a manifest that validates and plans as it is, except
//! for missing values. `ZREL_BLESS=1` renews the manifests beside the samples.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::support::world::{Ran, World};

/// A repository of `tests/it/samples/init`, what git says of it, and its missing values.
struct Sample {
    name: &'static str,
    remote: Option<&'static str>,
    tags: &'static [&'static str],
    missing: &'static [&'static str],
}

const SAMPLES: &[Sample] = &[
    Sample {
        name: "rust",
        remote: Some("git@github.com:ada/icefloe-fork.git"),
        tags: &["v1.2.0"],
        missing: &[],
    },
    Sample {
        name: "zenodo-json",
        remote: Some("https://ada:ghp_0123456789@github.com/altstadt/traces.git"),
        tags: &[],
        missing: &[],
    },
    Sample { name: "python", remote: Some("git@intranet:stemma"), tags: &[], missing: &[] },
    Sample { name: "r-package", remote: None, tags: &[], missing: &[] },
    Sample { name: "data-package", remote: None, tags: &[], missing: &[] },
    Sample { name: "ro-crate", remote: None, tags: &[], missing: &[] },
    Sample {
        name: "npm",
        remote: Some("https://github.com/example/glyphs"),
        tags: &[],
        missing: &[],
    },
    Sample {
        name: "poetry",
        remote: Some("https://gitlab.com/example/quakes.git"),
        tags: &["0.1.0", "0.1.0-docs"],
        missing: &[],
    },
    Sample {
        name: "bare",
        remote: None,
        tags: &[],
        missing: &["title", "upload_type", "creators", "description", "license", "files"],
    },
];

/// Samples that are not a git repository.
const WITHOUT_GIT: &[&str] = &["data-package", "ro-crate", "bare"];

fn folder_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/samples/init").join(name)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match name.as_str() {
            "expected.toml" => {}
            // It would count for the sample's own files.
            "gitignore" => drop(fs::copy(entry.path(), to.join(".gitignore")).unwrap()),
            name if entry.path().is_dir() => copy(&entry.path(), &to.join(name)),
            name => drop(fs::copy(entry.path(), to.join(name)).unwrap()),
        }
    }
}

impl Sample {
    fn world(&self) -> World {
        let world = World::local();
        copy(&folder_of(self.name), &world.project());
        if WITHOUT_GIT.contains(&self.name) {
            return world;
        }
        world.git(&["init", "--quiet"]);
        world.git(&["add", "."]);
        world.git(&["commit", "--quiet", "-m", "first"]);
        for tag in self.tags {
            world.git(&["tag", tag]);
        }
        if let Some(remote) = self.remote {
            world.git(&["remote", "add", "origin", remote]);
        }
        world
    }
}

/// Fills what no source has, as a person would.
fn fill(world: &World, missing: &[&str]) {
    let mut text = world.read("zenodo.toml");
    for key in missing {
        let value = match *key {
            "title" => "\"Notes\"",
            "upload_type" => "\"other\"",
            "creators" => "[{ name = \"Weiss, Tobias\" }]",
            "description" => "{ file = \"README.md\" }",
            "license" => "\"mit\"",
            "files" => {
                text = text.replace(
                    "# [[files]]\n# path = \"data/*.csv\"",
                    "[[files]]\npath = \"README.md\"",
                );
                continue;
            }
            other => panic!("{other}"),
        };
        let open = text.lines().find(|line| line.starts_with(&format!("# {key} = "))).unwrap();
        text = text.replace(open, &format!("{key} = {value}"));
    }
    world.write("zenodo.toml", &text);
}

fn names(list: &Json, key: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item[key].as_str().unwrap().to_owned()).collect()
}

/// Returns the value of a key of the manifest, as `init` prints it.
fn told<'a>(document: &'a Json, key: &str) -> &'a Json {
    document["values"].as_array().unwrap().iter().find(|value| value["key"] == key).unwrap()
}

#[test]
fn every_sample_is_initialised_validated_planned_and_applied() {
    for sample in SAMPLES {
        let world = sample.world();
        let init = world.expect(0, &["init", "--format", "json"]);
        let document = init.json();
        assert_eq!(names(&document["missing"], "key"), sample.missing, "{}", sample.name);
        assert_eq!(document["findings"], json!([]), "{}", sample.name);
        let written = world.read("zenodo.toml");
        compare(&folder_of(sample.name).join("expected.toml"), &written);
        assert!(!init.to_string().contains("ghp_"), "a credential: {init}");
        fill(&world, sample.missing);
        world.expect(0, &["validate"]);
        let plan = world.expect(0, &["plan"]);
        assert!(plan.stdout.contains("1 new record") || plan.stdout.contains("create"), "{plan}");
        world.apply_then_expect_no_changes(&["--initial"]);
        // The lock that the apply wrote, and a change of the manifest, leave the files alone.
        let text = world.read("zenodo.toml");
        world.write("zenodo.toml", &format!("{text}# A remark.\n"));
        world.expect_no_changes();
    }
}

/// As the README has it.
#[test]
fn a_plan_that_is_saved_beside_the_manifest_is_applied() {
    let sample = SAMPLES.iter().find(|sample| sample.name == "rust").unwrap();
    let world = sample.world();
    world.expect(0, &["init"]);
    assert!(world.read("zenodo.toml").contains("archive = \".\""));
    world.expect(0, &["plan", "--out", "release.plan"]);
    world.expect(0, &["apply", "release.plan"]);
    world.expect_no_changes();
    world.remove("release.plan");
    world.expect_no_changes();
}

/// Only the errors that say again what is listed as missing are left out.
#[test]
fn a_missing_value_hides_no_other_error() {
    let world = World::local();
    let keywords: Vec<String> = (0..20_001).map(|n| format!("k{n}")).collect();
    let source = json!({"upload_type": "publication", "keywords": keywords});
    world.write(".zenodo.json", &source.to_string());
    let document = world.expect(65, &["init", "--format", "json"]).json();
    let missing = ["title", "publication_type", "creators", "description", "license", "files"];
    assert_eq!(names(&document["missing"], "key"), missing);
    assert_eq!(names(&document["findings"], "code"), ["ZR0161"], "{}", document["findings"]);
    let text = world.expect(65, &["init", "--force"]);
    assert!(text.stdout.contains("`metadata.keywords` has 20001 entries"), "{text}");
    assert!(text.stderr.ends_with("Next: zrel validate\n"), "{text}");
    world.write(".zenodo.json", &json!({"upload_type": "publication"}).to_string());
    let document = world.expect(0, &["init", "--force", "--format", "json"]).json();
    assert_eq!(names(&document["missing"], "key"), missing);
    assert_eq!(document["findings"], json!([]));
}

#[test]
fn the_name_of_a_manifest_is_no_pattern() {
    let world = World::local();
    world.write("a.csv", "one\n");
    world.git(&["init", "--quiet"]);
    let options = ["-m", "a[b.toml", "init", "--format", "json"];
    let document = world.expect(0, &options).json();
    assert_eq!(document["findings"], json!([]));
    let written = world.read("a[b.toml");
    assert!(written.contains(r#"exclude = ["a[[]b.toml","#), "{written}");
}

#[track_caller]
fn compare(path: &Path, written: &str) {
    if std::env::var_os("ZREL_BLESS").is_some() {
        fs::write(path, written).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, expected, "{}: if that is right, ZREL_BLESS=1 renews it", path.display());
}

#[test]
fn each_value_has_its_source_and_what_the_others_say() {
    let sample = SAMPLES.iter().find(|sample| sample.name == "rust").unwrap();
    let world = sample.world();
    let document = world.expect(0, &["init", "--format", "json"]).json();
    let place = |file: &str, key: &str| json!({"file": file, "key": key});
    assert_eq!(told(&document, "license")["from"], json!([place("CITATION.cff", "license")]));
    let two = json!([{
        "value": "mit; apache-2.0", "file": "Cargo.toml", "key": "workspace.package.license",
    }]);
    assert_eq!(told(&document, "license")["others"], two);
    let version = told(&document, "version");
    assert_eq!(version["from"], json!([place("git", "tags")]));
    // Cargo.toml says what the tag says, so it is not another value.
    let expected = json!([{"value": "1.1.0", "file": "CITATION.cff", "key": "version"}]);
    assert_eq!(version["others"], expected);
    let title = &told(&document, "title")["others"];
    let expected = json!([{"value": "icefloe", "file": "Cargo.toml", "key": "package.name"}]);
    assert_eq!(*title, expected);
    let records = &document["records"];
    assert_eq!(records[0]["doi"], "10.5281/zenodo.10000001");
    assert!(!world.read("zenodo.toml").contains("[record.concept]"));
    let lost = names(&document["not_carried"], "key");
    for key in ["preferred-citation", "references[1]", "identifiers[1].value"] {
        assert!(lost.iter().any(|it| it == key), "{key}: {lost:?}");
    }
    let text = world.expect(0, &["init", "--force"]);
    assert!(text.stdout.contains("    not 1.1.0  [CITATION.cff (version)]"), "{text}");
    assert!(text.stderr.contains("zrel import 10.5281/zenodo.10000001"), "{text}");
    assert!(text.stderr.ends_with("Next: zrel plan\n"), "{text}");
}

#[test]
fn what_one_source_leaves_open_of_a_person_comes_from_another() {
    let sample = SAMPLES.iter().find(|sample| sample.name == "zenodo-json").unwrap();
    let world = sample.world();
    let document = world.expect(0, &["init", "--format", "json"]).json();
    let creators = told(&document, "creators");
    assert_eq!(creators["from"].as_array().unwrap().len(), 2, "{creators:#}");
    assert_eq!(creators["others"], json!([]));
    assert!(world.read("zenodo.toml").contains("orcid = \"0000-0002-1825-0097\""));
    let license = &told(&document, "license")["others"][0];
    assert_eq!(license["file"], "CITATION.cff");
}

/// Which may be chosen, and so all are named.
#[test]
fn several_licences_are_named_in_a_list_and_published() {
    let world = World::local();
    let cff = "cff-version: 1.2.0\nmessage: m\ntitle: Ice floes\ntype: software\n\
               authors:\n  - family-names: Weiss\n    given-names: Tobias\n\
               license:\n  - Apache-2.0\n  - MIT\n";
    world.write("CITATION.cff", cff);
    world.write(
        "Cargo.toml",
        "[package]\nname = \"ice\"\nlicense = \"MIT\"\ndescription = \"Ice.\"\n",
    );
    let document = world.expect(0, &["init", "--format", "json"]).json();
    assert_eq!(names(&document["missing"], "key"), ["files"]);
    assert_eq!(told(&document, "licenses")["others"][0]["value"], "mit");
    assert!(!world.read("zenodo.toml").contains("license ="));
    let files = "\n[[files]]\npath = \"CITATION.cff\"\n";
    world.write("zenodo.toml", &(world.read("zenodo.toml") + files));
    assert!(!world.expect(0, &["validate"]).to_string().contains("licen"));
    let exported = world.expect(0, &["export", "cff"]).stdout;
    assert!(exported.contains("\nlicense:\n  - \"Apache-2.0\"\n  - \"MIT\"\n"), "{exported}");
    world.apply_then_expect_no_changes(&["--initial"]);
    let codemeta = world.expect(0, &["export", "codemeta"]);
    world.write("codemeta.json", &codemeta.stdout);
    world.remove("CITATION.cff");
    let again = world.expect(0, &["init", "--force", "--format", "json"]).json();
    assert_eq!(told(&again, "licenses")["value"], told(&document, "licenses")["value"]);
}

/// A manifest has one of `license` and `licenses`, of `grants` and `funding`.
#[test]
fn of_two_keys_that_say_the_same_the_first_source_has_its_own() {
    let world = World::local();
    let own = json!({"license": "mit", "grants": [{"id": "10.13039/501100000780::246686"}]});
    world.write(".zenodo.json", &own.to_string());
    let funder = json!({"@type": "Organization", "name": "A Fund"});
    let codemeta = json!({
        "@context": "https://doi.org/10.5063/schema/codemeta-2.0", "@type": "SoftwareSourceCode",
        "funder": funder, "license": ["https://spdx.org/licenses/MIT", "https://spdx.org/licenses/ISC"],
    });
    world.write("codemeta.json", &codemeta.to_string());
    let document = world.expect(0, &["init", "--format", "json"]).json();
    for (key, other) in [("license", "mit; isc"), ("grants", "A Fund")] {
        let others = &told(&document, key)["others"];
        assert_eq!(others[0]["file"], "codemeta.json", "{key}: {document:#}");
        assert_eq!(others[0]["value"], other, "{key}");
    }
    let written = world.read("zenodo.toml");
    assert!(!written.contains("licenses =") && !written.contains("funding"), "{written}");
}

/// Zenodo drops characters that nobody sees, and then a title of one letter.
#[test]
fn a_title_of_hidden_characters_is_left_open() {
    let world = World::local();
    let hidden = "\u{feff}\u{202e}\u{0}\u{1b}";
    let source = json!({"title": format!("{hidden}J"), "description": format!("{hidden}J")});
    world.write(".zenodo.json", &source.to_string());
    let document = world.expect(0, &["init", "--format", "json"]).json();
    assert_eq!(names(&document["missing"], "key")[0], "title");
    assert_eq!(document["findings"], json!([]));
}

/// What files say of organisations by their ROR ids.
#[test]
fn a_home_and_a_funder_are_known_by_their_ror_ids() {
    let world = World::local();
    let cff = "cff-version: 1.2.0\nmessage: m\ntitle: Ice floes\n\
               authors:\n  - family-names: Weiss\n    given-names: Tobias\n    \
               affiliation: https://ror.org/02feahw73\n";
    world.write("CITATION.cff", cff);
    let crate_ = json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [
        {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}},
        {"@id": "./", "@type": "Dataset", "funder": [{"@id": "https://ror.org/00k4n6c32"}, {"@id": "#us"}]},
        {"@id": "https://ror.org/00k4n6c32", "@type": "Organization", "name": "European Commission"},
        {"@id": "#us", "@type": "Organization", "name": "A Fund"},
    ]});
    world.write("ro-crate-metadata.json", &crate_.to_string());
    let document = world.expect(0, &["init", "--format", "json"]).json();
    assert_eq!(document["findings"], json!([]));
    assert_eq!(document["not_carried"], json!([]));
    let written = world.read("zenodo.toml");
    for part in ["{ ror = \"02feahw73\" }", "ror = \"00k4n6c32\"", "\"A Fund\""] {
        assert!(written.contains(part), "{part}: {written}");
    }
}

#[test]
fn an_existing_manifest_is_overwritten_with_force_only() {
    let world = World::local();
    world.write("zenodo.toml", "mine\n");
    let ran = world.expect(13, &["init"]);
    assert!(ran.stderr.contains("hint: to overwrite it: zrel init --force"), "{ran}");
    let error = world.expect(13, &["init", "--format", "json"]).json();
    assert_eq!(error["error"]["exit_code"], 13);
    assert_eq!(world.read("zenodo.toml"), "mine\n");
    world.expect(0, &["init", "--force"]);
    assert!(world.read("zenodo.toml").contains("# title ="));
    let left: Vec<_> = fs::read_dir(world.project()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let ran = world.expect(65, &["-C", "nowhere", "init"]);
    assert!(ran.stderr.contains("there is no folder `nowhere`"), "{ran}");
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_folder_is_read_or_written() {
    let world = World::local();
    let outside = world.path().join("outside");
    fs::write(&outside, "cff-version: 1.2.0\ntitle: Secret plans\n").unwrap();
    std::os::unix::fs::symlink(&outside, world.project().join("CITATION.cff")).unwrap();
    let document = world.expect(0, &["init", "--format", "json"]).json();
    assert!(!document.to_string().contains("Secret plans"));
    let unread = &document["unread"][0];
    assert_eq!(unread["why"], "it is a symbolic link, not a file");
    world.remove("zenodo.toml");
    std::os::unix::fs::symlink(&outside, world.project().join("zenodo.toml")).unwrap();
    for args in [&["init"][..], &["init", "--force"]] {
        world.expect(65, args);
    }
    assert!(fs::read_to_string(&outside).unwrap().contains("Secret plans"));
    world.remove("zenodo.toml");
    world.write(
        "datapackage.json",
        r#"{"resources": [{"path": "../outside"}, {"path": "/etc/passwd"}, {"path": "link/outside"},
            {"path": ".env"}, {"path": "CITATION.cff"}]}"#,
    );
    world.write(".env", "A=1\n");
    std::os::unix::fs::symlink(world.path(), world.project().join("link")).unwrap();
    let document = world.expect(0, &["init", "--format", "json"]).json();
    let lost: Vec<String> = names(&document["not_carried"], "key");
    assert_eq!(lost.len(), 5, "{document:#}");
    let manifest = world.read("zenodo.toml");
    assert!(!manifest.contains("\n[[files]]"), "{manifest}");
}

#[test]
fn hostile_files_are_reported_and_stop_nothing() {
    let world = World::local();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..30 {
        let list = vec![format!("*a{}", at - 1); 9].join(", ");
        let _ = writeln!(bomb, "a{at}: &a{at} [{list}]");
    }
    world.write("CITATION.cff", &bomb);
    let deep = |lead: &str| format!("{lead}{}", "[".repeat(200_000));
    world.write("codemeta.json", &deep("{\"a\": "));
    world.write("pyproject.toml", &deep("a = "));
    world.write("package.json", &" ".repeat((1 << 20) + 1));
    world.write("DESCRIPTION", "no field at all\n");
    fs::write(world.project().join(".zenodo.json"), b"{\"title\": \"\xff\"}").unwrap();
    fs::create_dir(world.project().join("datapackage.json")).unwrap();
    world.write(
        "Cargo.toml",
        "[package]\nname = \"a\\u001b[2J\\u202Eb\\n[evil]\"\nversion = \"1\\u0007\"\n\
         license = \"\\u001b]0;x\\u0007\"\nauthors = [\"A \\u202E B <x@y>\"]\n",
    );
    let document = world.expect(0, &["init", "--format", "json"]).json();
    let unread = names(&document["unread"], "file");
    for file in [
        ".zenodo.json",
        "CITATION.cff",
        "codemeta.json",
        "datapackage.json",
        "pyproject.toml",
        "package.json",
        "DESCRIPTION",
    ] {
        assert!(unread.iter().any(|it| it == file), "{file}: {document:#}");
    }
    let ran: Ran = world.expect(0, &["init", "--force"]);
    let is_hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!ran.stdout.chars().chain(ran.stderr.chars()).any(is_hidden), "{ran}");
    let manifest = world.read("zenodo.toml");
    assert!(!manifest.chars().any(is_hidden), "{manifest}");
    assert!(!manifest.lines().any(|line| line.starts_with("[evil]")), "{manifest}");
}

/// `ZREL_BLESS=1` puts the output into the page.
#[test]
fn the_page_shows_what_init_says() {
    let sample = SAMPLES.iter().find(|sample| sample.name == "rust").unwrap();
    let world = sample.world();
    let ran = world.expect(0, &["init"]);
    let said = format!("```console\n$ zrel init\n{}{}```\n", ran.stdout, ran.stderr);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/adopt.md");
    let mut text = fs::read_to_string(&page).unwrap();
    if std::env::var_os("ZREL_BLESS").is_some() {
        let start = text.find("```console\n$ zrel init\n").unwrap();
        let end = start + text[start..].find("\n```\n").unwrap() + "\n```\n".len();
        text.replace_range(start..end, &said);
        fs::write(&page, &text).unwrap();
    }
    assert!(text.contains(&said), "if that is right, ZREL_BLESS=1 renews it: {said}");
}
