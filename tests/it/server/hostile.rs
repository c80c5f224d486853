//! A manifest from a pull request: no program runs for it, nothing outside its folder is read, and
//! huge input ends in an error or quickly. With the real binary.
//!
//! `inventory` tests each refused name and link, `bad_input` damaged manifests,
//! and `credentials` tokens.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::world::{FILES, Ran, World, manifest, publish_first};

/// A token that no service gave out.
fn token() -> String {
    format!("gh{}_{}", "p", "q7ZkT2mWx9RbYc4LsVf8HdNj3GpKa6EuQ1Xt")
}

/// The content of every file that must not be read.
const CANARY: &str = "canary-4711-outside";

#[test]
fn a_secret_stops_plan_and_apply_until_the_manifest_allows_it() {
    let world = World::served();
    publish_first(&world);
    let concept = world.concept();
    world.write("b.csv", &format!("user,token\nme,{}\n", token()));
    world.manifest(&manifest("1.1", FILES));
    for args in [&["validate"] as &[&str], &["plan"], &["apply", "--auto-approve"]] {
        let ran = world.expect(65, args);
        assert!(ran.stderr.contains("error[ZR0222]"), "{ran}");
        assert!(ran.stderr.contains("`b.csv` holds what looks like a GitHub token (line 2)"));
        assert!(ran.stderr.contains("allow = [\"token\"]"), "{ran}");
        assert!(!ran.to_string().contains(&token()[4..]), "{ran}");
    }
    assert_eq!(world.n_versions(concept), 1);

    world.manifest(&manifest("1.1", &format!("{FILES}allow = [\"token\"]\n")));
    let note = "`token` is allowed: `b.csv` (line 2)";
    let ran = world.expect(0, &["plan", "--out", "a.plan"]);
    assert!(ran.stdout.contains("note[ZR0226]") && ran.stdout.contains(note), "{ran}");
    assert!(world.read("a.plan").contains(note));
    assert!(!world.read("a.plan").contains(&token()[4..]));
    let findings = world.plan_json(&[])["findings"].clone();
    assert!(findings.to_string().contains("ZR0226"), "{findings}");
    let shown = world.expect(0, &["show", "a.plan"]);
    assert!(shown.stdout.contains(note), "{shown}");
    world.apply_then_expect_no_changes(&["a.plan"]);
}

#[test]
fn a_secret_in_the_manifest_itself_stops_plan_and_apply() {
    let world = World::served();
    world.write("a.csv", "one\n");
    for text in ["keywords = [\"a\", \"SECRET\"]", "notes = \"<p>use SECRET</p>\""] {
        let text = text.replace("SECRET", &token());
        world.manifest(&manifest("1.0", &format!("{text}\n{FILES}")));
        for args in [&["validate"] as &[&str], &["plan"], &["apply", "--auto-approve"]] {
            let ran = world.expect(65, args);
            assert!(ran.stderr.contains("error[ZR0222]"), "{ran}");
            assert!(ran.stderr.contains("zenodo.toml` holds what looks like a GitHub token"));
            assert!(!ran.to_string().contains(&token()[4..]), "{ran}");
        }
    }
    assert_eq!(world.n_records(), 0);
}

/// A script that leaves a mark when it runs.
fn trap(path: &Path, mark: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\necho \"$0 $@\" >> '{}'\ncat\n", mark.display())).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Every setting of git that runs a program, with this one.
fn git_settings(program: &str) -> String {
    format!(
        "[core]\n\tfsmonitor = {program}\n\thooksPath = {program}-hooks\n\tpager = {program}\n\
         \teditor = {program}\n\tsshCommand = {program}\n\taskPass = {program}\n\
         \talternateRefsCommand = {program}\n\tgitProxy = {program}\n\
         [filter \"evil\"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n\
         \trequired = true\n[diff]\n\texternal = {program}\n\
         [diff \"evil\"]\n\ttextconv = {program}\n\tcommand = {program}\n\
         [merge \"evil\"]\n\tdriver = {program}\n[credential]\n\thelper = !{program}\n\
         [gpg]\n\tprogram = {program}\n[uploadpack]\n\tpackObjectsHook = {program}\n\
         [alias]\n\tstatus = !{program}\n"
    )
}

#[test]
fn no_program_runs_for_a_hostile_repository() {
    let world = World::local();
    let mark = world.path().join("mark");
    let bin = world.path().join("bin");
    for name in ["git", "sh", "bash", "less", "ssh", "gpg", "xdg-open", "vi", "zip", "git-lfs"] {
        trap(&bin.join(name), &mark);
    }
    let program = world.path().join("program");
    trap(&program, &mark);
    let more = "[[files]]\narchive = \"data\"\n[[files]]\npath = \"*.csv\"\n";
    let text = manifest("1.0", more).replace("\"1.0\"", "{ from = \"git-tag\", strip = \"v\" }");
    world.manifest(&text.replace("\"<p>Some tables.</p>\"", "{ file = \"ABSTRACT.md\" }"));
    world.write("ABSTRACT.md", "An abstract `$(touch mark)`.\n");
    world.write(".gitignore", ".zrel\n");
    world.write("a.csv", "one\n");
    world.write("data/b.csv", "two\n");
    world.git(&["init", "-q", "-b", "main"]);
    world.git(&["add", "."]);
    world.git(&["commit", "-q", "-m", "first"]);
    world.git(&["tag", "v1.0"]);
    world.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    world.write(".git/info/attributes", "* filter=evil diff=evil merge=evil\n");
    // Written again, so that its stat data is stale and its content has to be compared.
    world.write("a.csv", "one\n");
    let config = world.read(".git/config") + &git_settings(&program.display().to_string());
    world.write(".git/config", &config);
    for hook in ["post-checkout", "post-index-change", "pre-commit", "reference-transaction"] {
        trap(&world.project().join(".git/hooks").join(hook), &mark);
        trap(&world.path().join("program-hooks").join(hook), &mark);
    }
    for args in [
        &["validate"] as &[&str],
        &["plan"],
        &["plan", "--format", "json"],
        &["status"],
        &["plan", "--out", "a.plan"],
        &["show", "a.plan"],
    ] {
        let mut command = world.command(args);
        command.env("PATH", &bin).env("PAGER", &program).env("EDITOR", &program);
        command.env("BROWSER", &program).env("GIT_EXTERNAL_DIFF", &program);
        let ran = Ran::from(command.output().unwrap());
        assert_eq!(ran.code, 0, "{args:?}\n{ran}");
    }
    assert!(!mark.exists(), "{}", fs::read_to_string(&mark).unwrap_or_default());
}

#[test]
fn nothing_outside_the_folder_and_nothing_private_is_read() {
    let world = World::local();
    let project = world.project();
    let outside = world.path().join("outside");
    fs::create_dir_all(outside.join("deep")).unwrap();
    for name in ["secret.md", "secret.csv", "deep/secret.md"] {
        fs::write(outside.join(name), CANARY).unwrap();
    }
    for name in [".git/x.md", ".zrel/x.md", ".env.md", ".ssh/x.md", "real/x.md", ".env", "id_rsa"] {
        world.write(name, CANARY);
    }
    world.write("a.csv", "one\n");
    world.write("links/a.csv", "one\n");
    symlink(outside.join("secret.md"), project.join("link.md")).unwrap();
    symlink(outside.join("secret.csv"), project.join("links/l.csv")).unwrap();
    symlink(&outside, project.join("folder")).unwrap();
    symlink("/dev/zero", project.join("zero.md")).unwrap();
    assert!(Command::new("mkfifo").arg(project.join("fifo.md")).status().unwrap().success());
    let absolute = outside.join("secret.md").display().to_string();
    let paths = [
        "../outside/secret.md",
        "real/../../outside/secret.md",
        absolute.as_str(),
        "~/secret.md",
        "link.md",
        "folder/secret.md",
        "folder/deep/secret.md",
        "zero.md",
        "fifo.md",
        "/dev/stdin",
        "/proc/self/environ.md",
        ".git/x.md",
        ".GIT/x.md",
        ".zrel/x.md",
        ".env.md",
        ".ssh/x.md",
        "real",
    ];
    let text_field = |path: &str| {
        manifest("1.0", FILES).replace("\"<p>Some tables.</p>\"", &format!("{{ file = '{path}' }}"))
    };
    let entry = |key: &str, path: &str| {
        manifest("1.0", &format!("[[files]]\n{key} = '{path}'\nallow = [\"token\"]\n"))
    };
    let mut texts: Vec<String> = paths.iter().map(|path| text_field(path)).collect();
    texts.extend(paths.iter().map(|path| entry("path", path)));
    texts.extend(
        [".env", "id_rsa", "../outside/*", "folder/*", ".git/*", ".zrel/**", ".[e]nv"]
            .map(|path| entry("path", path)),
    );
    texts.extend(
        ["..", "../outside", "folder", "folder/deep", "links", ".git", ".zrel", ".ssh"]
            .map(|path| entry("archive", path)),
    );
    for text in texts {
        world.manifest(&text);
        for args in [&["validate"] as &[&str], &["plan", "--format", "json"]] {
            let ran = world.expect(65, args);
            assert!(!ran.to_string().contains(CANARY), "{text}\n{ran}");
        }
    }
    let kept = crate::command::command_line::all_files(&project.join(".zrel"));
    let mut kept = kept.iter().filter(|(path, _)| !path.ends_with("x.md"));
    let holds = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes());
    assert!(!kept.any(|(_, bytes)| holds(bytes)), "a canary was copied");
}

/// Runs with at most 60 seconds of the processor and 2 GB of addresses.
fn bounded(world: &World, args: &[&str]) -> Ran {
    let zrel = PathBuf::from(env!("CARGO_BIN_EXE_zrel"));
    let ran = Command::new("/bin/sh")
        .args(["-c", "ulimit -t 60; ulimit -v 2000000; exec \"$0\" \"$@\""])
        .arg(zrel)
        .args(args)
        .current_dir(world.project())
        .env_clear()
        .env("HOME", world.path().join("home"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran::from(ran)
}

#[test]
fn what_is_huge_ends_in_an_error_or_quickly() {
    let world = World::local();
    let deep = "d/".repeat(300);
    world.write(&format!("{deep}x.csv"), "one\n");
    for at in 0..300 {
        world.write(&format!("{}f{at}.txt", "d/".repeat(at % 50)), "x\n");
    }
    let glob = |pattern: &str| format!("[[files]]\npath = '{pattern}'\n");
    let entries = |line: &dyn Fn(usize) -> String| {
        (0..10_000)
            .map(|at| format!("[[files]]\npath = '{}'\n", line(at)))
            .collect::<Vec<_>>()
            .concat()
    };
    let excluding: Vec<String> = (0..10_000).map(|at| format!("'**/a{at}/**/*b'")).collect();
    let excluding = excluding.join(",");
    let cases = [
        ("stars that match", glob("**/**/**/**/**/**/**/**/*.csv"), 0),
        ("stars that match nothing", glob(&format!("{}zz", "**/*/".repeat(200))), 65),
        ("stars in a name", glob(&format!("d/{}z", "*a".repeat(2000))), 65),
        ("braces", glob(&"{a,b}".repeat(5000)), 65),
        ("braces with stars", glob(&"{*a,*b}".repeat(500)), 65),
        ("braces in braces", glob(&format!("{}{}", "{a,".repeat(3000), "b}".repeat(3000))), 65),
        ("a class without end", glob(&"[a-".repeat(50_000)), 65),
        ("10,000 entries", entries(&|at| format!("missing-{at}.txt")), 65),
        ("10,000 times the same", entries(&|_| "d/f1.txt".to_owned()), 65),
        ("10,000 globs", entries(&|at| format!("missing-{at}-*.txt")), 65),
        ("10,000 excludes", format!("{}exclude = [{excluding}]\n", glob("**/*.csv")), 65),
    ];
    for (what, files, code) in cases {
        world.manifest(&manifest("1.0", &files));
        let ran = bounded(&world, &["plan"]);
        let said = ran.to_string();
        assert_eq!(ran.code, code, "{what}: {}", said.chars().take(3000).collect::<String>());
        assert!(said.len() < 50_000, "{what}: {} bytes of output", said.len());
    }
    world.manifest(&(manifest("1.0", FILES) + &"# \n".repeat(4_000_000)));
    let ran = bounded(&world, &["plan"]);
    assert!(ran.code == 65 && ran.stderr.contains("larger than 1048576 bytes"), "{ran}");
}

#[test]
fn a_built_in_server_keeps_its_address() {
    let world = World::local();
    world.write("a.csv", "one\n");
    for name in ["zenodo", "sandbox", "local"] {
        let text = manifest("1.0", FILES);
        let tail = format!("[servers.{name}]\nurl = \"https://evil.example.org\"\n");
        world.write("zenodo.toml", &format!("server = \"{name}\"\n{text}{tail}"));
        let mut command = world.command(&["plan"]);
        command.env("ZENODO_TOKEN", token()).env("ZENODO_SANDBOX_TOKEN", token());
        let ran = Ran::from(command.output().unwrap());
        assert!(ran.code == 65 && ran.stderr.contains("error[ZR0129]"), "{ran}");
    }
}

/// Text that a terminal would obey, or that would mislead a reader.
const STEERING: &[char] = &['\u{1b}', '\r', '\u{7}', '\u{8}', '\u{9b}', '\u{202e}', '\u{2066}'];

#[test]
fn what_a_record_holds_can_not_steer_the_terminal() {
    let world = World::served();
    let record = publish_first(&world);
    let steering =
        "A \u{1b}]8;;https://evil.example.org\u{7}link\u{9b}2J \u{202e}backwards\u{2066}\r";
    let hostile = format!("{steering} of words");
    world.edit_by_hand(record, |metadata| {
        metadata["title"] = hostile.clone().into();
        metadata["notes"] = format!("<a href=\"javascript:alert(1)\">{hostile}</a>").into();
        metadata["version"] = hostile.clone().into();
        metadata["keywords"] = serde_json::json!([hostile]);
        metadata["creators"][0]["affiliation"] = hostile.clone().into();
        metadata["references"] = serde_json::json!(["javascript:alert(1)", hostile]);
    });
    let draft = world.new_version_by_hand(record);
    world.put_file(&draft, "\u{202e}fdp.exe", "x");
    for (code, args) in
        [(11, &["plan"] as &[&str]), (0, &["show"]), (11, &["status"]), (0, &["history"])]
    {
        let ran = world.expect(code, args);
        assert!(!ran.to_string().contains(STEERING), "{args:?} {:?}", ran.to_string());
        let json = world.expect(code, &[args, &["--format", "json"]].concat());
        json.json();
        let controls = |c: char| c.is_ascii_control() && c != '\n';
        assert!(!json.stdout.contains(controls), "{args:?} {:?}", json.stdout);
    }
    let ran = world.zrel(&["apply", "--auto-approve"]);
    assert!(!ran.to_string().contains(STEERING), "{:?}", ran.to_string());
}

#[test]
fn a_server_at_another_address_is_a_warning() {
    let world = World::served();
    publish_first(&world);
    let concept = format!("[record.concept]\ntest = {}\n", world.concept());
    world.manifest(&manifest("1.0", &format!("{concept}{FILES}")));
    let text = world.read("zenodo.toml").replace("//127.0.0.1:", "//localhost:");
    world.write("zenodo.toml", &text);
    let unknown = world.expect(77, &["plan"]);
    assert!(unknown.stderr.contains("there is no token for localhost:"), "{unknown}");
    for format in ["text", "json"] {
        let mut command = world.command(&["plan", "--format", format]);
        command.env(format!("ZREL_TOKEN_localhost_{}", world.port()), crate::support::world::ALICE);
        let ran = Ran::from(command.output().unwrap());
        let told =
            format!("`test` was http://127.0.0.1:{0} when it was last applied to", world.port());
        assert!(ran.code == 0 && ran.stdout.contains("ZR0406"), "{ran}");
        assert!(ran.stdout.contains(&told), "{ran}");
    }
}
