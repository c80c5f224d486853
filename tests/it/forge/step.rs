//! What a step of a workflow writes: outputs, a summary, annotations.

use std::collections::BTreeMap;

use crate::support::world::{FILES, Ran, World, manifest, publish_first};

/// Runs zrel as a runner of workflows does; the runner's files are beside the project.
fn run(world: &World, args: &[&str]) -> Ran {
    let mut command = world.command(args);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_OUTPUT", world.path().join("outputs"))
        .env("GITHUB_STEP_SUMMARY", world.path().join("summary.md"))
        .env("GITHUB_WORKSPACE", world.project());
    command.output().unwrap().into()
}

#[track_caller]
fn expect(world: &World, code: i32, args: &[&str]) -> Ran {
    let ran = run(world, args);
    assert_eq!(ran.code, code, "{ran}");
    ran
}

/// Reads the outputs as a runner does, the last of a name, and empties the file.
fn outputs(world: &World) -> BTreeMap<String, String> {
    let path = world.path().join("outputs");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let mut lines = text.lines();
    let mut read = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        read.insert(name.to_owned(), value.join("\n"));
    }
    read
}

fn summary(world: &World) -> String {
    std::fs::read_to_string(world.path().join("summary.md")).unwrap()
}

#[test]
fn a_plan_and_an_apply_leave_their_outputs_and_a_summary() {
    let world = World::served();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    let plan = expect(&world, 0, &["plan", "--initial", "--format", "json"]).json();
    let read = outputs(&world);
    let names: Vec<&str> = read.keys().map(String::as_str).collect();
    let all = ["changes", "concept-doi", "doi", "plan-digest", "publish", "record-url", "version"];
    assert_eq!(names, all);
    assert_eq!((read["changes"].as_str(), read["publish"].as_str()), ("true", "true"));
    assert_eq!(read["plan-digest"], plan["digest"].as_str().unwrap());
    assert_eq!((read["version"].as_str(), read["doi"].as_str()), ("1.0", ""));
    assert!(summary(&world).contains("Tables of small forms"), "{}", summary(&world));

    let digest = read["plan-digest"].clone();
    let args = ["apply", "--initial", "--expect", &digest, "--format", "json"];
    let applied = expect(&world, 0, &args).json();
    let read = outputs(&world);
    assert_eq!(read["doi"], applied["record"]["doi"].as_str().unwrap());
    assert_eq!(read["concept-doi"], applied["record"]["concept_doi"].as_str().unwrap());
    assert_eq!(read["record-url"], applied["record"]["html"].as_str().unwrap());
    assert_eq!(read["plan-digest"], digest);
    assert!(summary(&world).contains(&format!("https://doi.org/{}", read["doi"])));

    expect(&world, 0, &["plan"]);
    let settled = outputs(&world);
    assert_eq!((settled["changes"].as_str(), settled["publish"].as_str()), ("false", "false"));
    assert_eq!(settled["doi"], read["doi"]);
    assert_eq!(settled["concept-doi"], read["concept-doi"]);
    world.expect_no_changes();
}

/// The log and the summary of a workflow in a public repository are public.
#[test]
fn private_content_is_in_no_log_and_no_summary() {
    let world = World::served();
    let first = publish_first(&world);
    world.action(first, "edit");
    world.put_metadata(first, |metadata| metadata["notes"] = "<p>not yet said</p>".into());
    world.manifest(&manifest("1.0", &format!("keywords = [\"forms\"]\n{FILES}")));
    for args in [&["plan"][..], &["plan", "--format", "json"], &["apply", "--auto-approve"]] {
        let ran = run(&world, args);
        assert!(ran.stdout.contains("ZR0304"), "{ran}");
        assert!(ran.stdout.contains("on your own machine"), "{ran}");
        for text in [&ran.stdout, &ran.stderr, &summary(&world)] {
            assert!(!text.contains("not yet said"), "{ran}");
        }
    }
    let local = world.expect(11, &["plan"]);
    assert!(local.stdout.contains("not yet said"), "{local}");
    world.apply_then_expect_no_changes(&["--adopt-draft", &first.to_string()]);
}

#[test]
fn a_summary_of_a_restricted_record_names_none_of_its_files() {
    let world = World::served();
    let fields = format!("access_right = \"restricted\"\n{FILES}");
    world.manifest(&manifest("1.0", &fields));
    world.write("interviews.csv", "one,two\n");
    world.apply_then_expect_no_changes(&["--initial"]);
    std::fs::rename(world.project().join("interviews.csv"), world.project().join("a.csv")).unwrap();
    world.manifest(&manifest("1.1", &fields));
    expect(&world, 0, &["plan"]);
    expect(&world, 0, &["apply", "--auto-approve"]);
    let told = summary(&world);
    assert!(told.contains("sha256:") && told.contains("https://doi.org/"), "{told}");
    assert!(!told.contains("interviews") && !told.contains("a.csv"), "{told}");
    world.expect_no_changes();
    // Public content may be shown.
    std::fs::remove_file(world.path().join("summary.md")).unwrap();
    let host = format!("127.0.0.1:{}", world.port());
    expect(&world, 0, &["plan", "--public", "--allow-server", &host]);
    assert!(summary(&world).contains("no changes"), "{}", summary(&world));
}

#[test]
fn a_finding_is_an_annotation_on_its_line_of_the_manifest() {
    let world = World::local();
    world.manifest(&manifest("1.0", "creator = 2"));
    let line = world.read("zenodo.toml").lines().position(|line| line == "creator = 2").unwrap();
    let place = format!("::error file=zenodo.toml,line={},col=1,endColumn=", line + 1);
    for verb in ["validate", "plan", "apply"] {
        for format in ["text", "json"] {
            let ran = expect(&world, 65, &[verb, "--format", format]);
            assert!(ran.stderr.lines().any(|line| line.starts_with(&place)), "{ran}");
            assert!(!ran.stdout.contains("::error"), "{ran}");
        }
    }
    let folder = world.project();
    let ran = expect(&world, 65, &["-C", folder.to_str().unwrap(), "validate"]);
    assert!(ran.stderr.contains(&place), "{ran}");
    let ran = world.expect(65, &["validate"]);
    assert!(!ran.stderr.contains("::error"), "only where a runner reads: {ran}");
}

#[test]
fn a_failure_without_a_finding_is_an_annotation_too() {
    let world = World::local();
    let ran = expect(&world, 65, &["plan"]);
    assert!(ran.stderr.lines().any(|line| line.starts_with("::error title=zrel::")), "{ran}");
}

#[test]
fn no_text_of_a_manifest_is_a_command_to_the_runner() {
    let world = World::local();
    let text = manifest("1.0\\nEND\\ndoi<<END", FILES);
    let text = text.replace("Tables of small forms", "::set-output name=doi::evil ##[add-mask]e");
    world.manifest(&text);
    world.write("a.csv", "one,two\n");
    world.write("::error::b.csv", "x\n");
    let ran = expect(&world, 0, &["plan"]);
    let own = |line: &&str| line.starts_with("::notice ") || line.starts_with("::warning ");
    for text in [&ran.stdout, &ran.stderr] {
        let commands = text.lines().filter(|line| line.trim_start().starts_with("::"));
        assert_eq!(commands.filter(|line| !own(line)).count(), 0, "{ran}");
        assert!(!text.contains("##["), "{ran}");
    }
    let read = outputs(&world);
    assert_eq!(read["doi"], "");
    assert_eq!(read.len(), 7, "{read:#?}");
    let json = expect(&world, 0, &["plan", "--format", "json"]);
    assert!(!json.stdout.contains("##["), "{json}");
    let title = &json.json()["target"]["metadata"]["title"];
    assert_eq!(title, "::set-output name=doi::evil ##[add-mask]e");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_summary_stays_below_a_mebibyte_with_what_is_there() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    let there = "x".repeat(1024 * 1024 - 300);
    std::fs::write(world.path().join("summary.md"), &there).unwrap();
    expect(&world, 0, &["plan"]);
    assert!(summary(&world).len() <= 1024 * 1024);
    assert!(summary(&world).starts_with(&there));
}

#[test]
fn a_runner_whose_files_can_not_be_written_changes_no_outcome() {
    let world = World::local();
    world.manifest(&manifest("1.0", FILES));
    world.write("a.csv", "one,two\n");
    std::fs::create_dir(world.path().join("outputs")).unwrap();
    let ran = expect(&world, 0, &["apply", "--auto-approve"]);
    assert!(ran.stderr.contains("warning: can't write"), "{ran}");
    world.expect_no_changes();
}
