//! The DOI, the version and the date in the project's files: written before the release, and seen
//! to be there.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value as Json;

use crate::support::world::{World, manifest, publish_first};

const CITATION: &str = "# how to cite\ncff-version: 1.2.0\ntitle: Rings\nversion: 1.0  # raised by hand\n\
    authors:\n  - name: The Ring Group\n";

const README: &str = "# Rings\n\n<!-- zrel:badge -->\n<!-- /zrel:badge -->\n\nCite it.\n";

const WRITES: &str = "[[files]]\narchive = \"src\"\nas = \"src.zip\"\n\n[[files]]\npath = \"CITATION.cff\"\n\n\
    [[write]]\npath = \"CITATION.cff\"\n\n[[write]]\npath = \"src/README.md\"\n";

/// Makes a project whose release carries its DOI, in a file and in an archive.
fn make_project(world: &World, label: &str) {
    world.manifest(&manifest(label, WRITES));
    world.write("zenodo.toml", &(world.read("zenodo.toml") + "doi_prefix = \"10.5072\"\n"));
}

/// Commits what there is, if that is anything.
fn commit(world: &World) {
    if !world.project().join(".git").exists() {
        world.git(&["init", "-q"]);
    }
    world.git(&["add", "-A"]);
    world.git(&["commit", "-qm", "work", "--allow-empty"]);
}

fn start(world: &World) {
    make_project(world, "1.0");
    world.write("CITATION.cff", CITATION);
    world.write("src/README.md", README);
    world.write("src/rings.py", "print(7)\n");
    commit(world);
}

/// Reserves, and returns the DOI and the concept's.
fn reserve(world: &World, args: &[&str]) -> (String, String) {
    let mut all = vec!["reserve", "--format", "json"];
    all.extend(args);
    let document = world.expect(0, &all).json();
    let text = |key: &str| document[key].as_str().unwrap().to_owned();
    (text("doi"), text("concept_doi"))
}

/// Reserves, writes and publishes, and returns the DOI and the concept's.
fn release(world: &World, args: &[&str]) -> (String, String) {
    let reserved = reserve(world, args);
    world.expect(0, &["write"]);
    world.apply_then_expect_no_changes(&[]);
    reserved
}

fn digest(plan: &Json) -> &str {
    plan["digest"].as_str().unwrap()
}

/// Returns a file of the published record.
fn download(world: &World, name: &str) -> String {
    let id = &world.status()["latest"];
    let mut server = TcpStream::connect(("127.0.0.1", world.port())).unwrap();
    let head = format!(
        "GET /api/records/{id}/files/{name}/content HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\
         Connection: close\r\n\r\n",
        world.port()
    );
    server.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    body.to_owned()
}

#[test]
fn a_release_carries_its_own_doi_in_files_and_archives() {
    let mut world = World::served();
    world.set_now("2026-11-20T12:00:00Z");
    start(&world);
    // Before the reservation: the usual state of a repository, and no error.
    let before = world.plan_json(&["--initial"]);
    assert_eq!(before["verdict"], "unreserved");
    let ran = world.expect(0, &["plan", "--initial"]);
    for words in [
        "Once its DOI is in the files. Plan: new record",
        "note[ZR0326]: the DOI of this version is to be written into `CITATION.cff`, `src/README.md`",
        "To do it: zrel reserve, then zrel write, commit the files, then zrel apply --initial",
    ] {
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(words), "«{words}» in {ran}");
    }
    let refused = world.expect(11, &["apply", "--auto-approve", "--initial"]);
    assert!(refused.stderr.contains("run `zrel reserve`, then `zrel write`"), "{refused}");
    let refused = world.expect(11, &["write"]);
    assert!(refused.stderr.contains("no DOI is reserved for this version"), "{refused}");
    world.expect(0, &["write", "--check"]);
    assert_eq!(world.writes().len(), 0);

    let (doi, concept) = reserve(&world, &["--initial"]);
    let unwritten = world.expect(11, &["plan"]);
    let words = format!(
        "error[ZR0326]: `CITATION.cff`, `src/README.md` lack {doi}, its version or its date"
    );
    assert!(unwritten.stdout.contains(&words), "{unwritten}");
    let checked = world.expect(2, &["write", "--check"]);
    assert!(checked.stdout.contains(&format!("+doi: \"{doi}\"")), "{checked}");
    assert_eq!(world.read("CITATION.cff"), CITATION);

    world.expect(0, &["write"]);
    let citation = world.read("CITATION.cff");
    let lines = [
        "# how to cite\n",
        "version: \"1.0\"  # raised by hand\n",
        &format!("doi: \"{doi}\"\n"),
        "date-released: \"2026-11-20\"\n",
        &format!("    value: \"{concept}\"\n"),
    ];
    for line in lines {
        assert!(citation.contains(line), "«{line}» in {citation}");
    }
    let link = format!(
        "-->\n[![DOI](http://127.0.0.1:{}/badge/DOI/{doi}.svg)](https://doi.org/{doi})\n<!-- /zrel",
        world.port()
    );
    assert!(world.read("src/README.md").contains(&link));
    let again = world.expect(0, &["write"]);
    assert!(again.stdout.starts_with("No changes: 2 files have"), "{again}");
    world.expect(0, &["write", "--check"]);
    commit(&world);

    // What was reviewed before the reservation holds after it, on another day too.
    world.set_now("2026-11-25T12:00:00Z");
    let after = world.plan_json(&["--initial"]);
    assert_eq!((digest(&after), &after["verdict"]), (digest(&before), &Json::from("ready")));
    world.expect(0, &["apply", "--expect", digest(&before), "--initial"]);
    world.expect_no_changes();
    assert_eq!(world.status()["doi"], doi.as_str());
    assert_eq!(download(&world, "CITATION.cff"), citation);
    assert!(download(&world, "src.zip").contains(&doi));
    world.expect(0, &["write", "--check"]);
}

#[test]
fn the_doi_of_the_version_before_never_gets_into_the_next() {
    let world = World::served();
    start(&world);
    let (first, concept) = release(&world, &["--initial"]);

    make_project(&world, "1.1");
    let before = world.plan_json(&[]);
    assert_eq!(before["verdict"], "unreserved");
    world.expect(11, &["apply", "--auto-approve"]);
    let (second, same) = reserve(&world, &[]);
    assert_eq!(same, concept);
    let unwritten = world.expect(11, &["apply", "--auto-approve"]);
    assert!(unwritten.stdout.contains(&second), "{unwritten}");
    // By hand is as good as by `zrel write`, but every place counts.
    let citation =
        world.read("CITATION.cff").replace(&first, &second).replace("\"1.0\"", "\"1.1\"");
    world.write("CITATION.cff", &citation);
    let unwritten = world.expect(11, &["plan"]);
    assert!(unwritten.stdout.contains("`src/README.md` lacks"), "{unwritten}");
    world.expect(0, &["write"]);
    assert_eq!(digest(&world.plan_json(&[])), digest(&before));
    world.apply_then_expect_no_changes(&["--expect", digest(&before)]);
    assert_eq!(world.status()["doi"], second.as_str());
    let published = download(&world, "src.zip");
    assert!(published.contains(&second) && !published.contains(&first));
}

#[test]
fn a_digest_covers_all_but_the_written_values() {
    let world = World::served();
    start(&world);
    let before = world.plan_json(&["--initial"]);
    let with = |citation: &str, readme: &str| {
        world.write("CITATION.cff", citation);
        world.write("src/README.md", readme);
        commit(&world);
        digest(&world.plan_json(&["--initial"])).to_owned()
    };
    let faked = README.replace("-->\n<!--", "-->\nnot a DOI yet\n<!--");
    assert_eq!(with(CITATION, &faked), digest(&before));
    let other_version = CITATION.replace("1.0 ", "0.0.0-fake ");
    assert_eq!(with(&other_version, README), digest(&before));
    for (citation, readme) in [
        (CITATION.replace("Rings", "Others"), README.to_owned()),
        (CITATION.to_owned(), README.replace("Cite it.", "Cite them.")),
        (CITATION.replace("raised by hand", "no"), README.to_owned()),
    ] {
        assert_ne!(with(&citation, &readme), digest(&before), "{citation}{readme}");
    }
    assert_eq!(with(CITATION, README), digest(&before));
    world.write("src/more.py", "print(8)\n");
    commit(&world);
    assert_ne!(digest(&world.plan_json(&["--initial"])), digest(&before));
}

#[test]
fn a_rehearsal_on_this_machine_writes_copies_and_publishes_them() {
    let world = World::local();
    world.write("zenodo.toml", &format!("server = \"local\"\n{}", manifest("1.0", WRITES)));
    world.write("CITATION.cff", CITATION);
    world.write("src/README.md", README);
    commit(&world);
    let (doi, _) = reserve(&world, &[]);
    let wrote = world.expect(0, &["write"]);
    assert!(wrote.stdout.contains("your own files stay as they are"), "{wrote}");
    assert_eq!(world.read("CITATION.cff"), CITATION);
    assert_eq!(world.read("src/README.md"), README);
    let copy = world.read(".zrel/written/zenodo.toml/CITATION.cff");
    assert!(copy.contains(&doi), "{copy}");
    world.apply_then_expect_no_changes(&[]);
    world.expect(0, &["write", "--check"]);
    // A copy of another text is not taken for the file.
    world.write("CITATION.cff", &CITATION.replace("Rings", "Others"));
    let plan = world.plan_json(&[]);
    assert_ne!(plan["operation"]["kind"], "nothing", "{plan}");
}

#[test]
fn a_lost_lock_is_found_again_by_the_doi_in_a_file() {
    let world = World::served();
    start(&world);
    let (doi, _) = reserve(&world, &["--initial"]);
    world.expect(0, &["write"]);
    world.remove("zenodo.lock");
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    // Neither the title nor the description leads to it any more.
    let id: u64 = doi.rsplit('.').next().unwrap().parse().unwrap();
    world.put_metadata(id, |metadata| {
        metadata["title"] = "Another title".into();
        metadata["description"] = "Another text.".into();
    });
    world.requests();
    let refused = world.expect(11, &["reserve", "--initial"]);
    let adopt = format!("zrel reserve --adopt-draft {id}");
    assert!(refused.stderr.contains("error[ZR0310]"), "{refused}");
    assert!(
        refused.stderr.contains(&adopt) && !refused.stderr.contains("--same-title"),
        "{refused}"
    );
    assert_eq!(world.writes().len(), 0);
    assert_eq!(reserve(&world, &["--adopt-draft", &id.to_string()]).0, doi);
    world.expect(0, &["write"]);
    world.apply_then_expect_no_changes(&[]);
    assert_eq!(world.own_depositions().len(), 1);
}

#[test]
fn what_can_not_be_written_is_said_at_once_and_nothing_is_changed() {
    let world = World::served();
    start(&world);
    reserve(&world, &["--initial"]);
    world.write(
        "README.md",
        "<!-- zrel:doi --><!-- /zrel:doi --><!-- zrel:doi --><!-- /zrel:doi -->",
    );
    world.write("none.md", "nothing\n");
    world.write("data.cff", "title: no citation\n");
    world.write("a.txt", "doi = \"\"\n");
    world.write(".github/workflows/a.md", README);
    world.write("new.md", README);
    std::os::unix::fs::symlink("README.md", world.project().join("link.md")).unwrap();
    let base = world.read("zenodo.toml");
    let cases = [
        ("path = \"README.md\"", 65, "error[ZR0231]: `README.md`, line 1"),
        ("path = \"none.md\"", 65, "error[ZR0230]: `none.md`"),
        ("path = \"data.cff\"", 65, "error[ZR0229]: `data.cff`"),
        ("path = \"missing.md\"", 65, "there is no file `missing.md`"),
        ("path = \"link.md\"", 65, "symbolic link"),
        ("path = \"../a.md\"", 65, "error[ZR0133]"),
        ("path = \"*.md\"", 65, "error[ZR0164]: `*.md` can't be written: it is a pattern"),
        ("path = \"a.txt\"", 65, "error[ZR0164]: how to write `a.txt` is not said"),
        ("path = \"a.txt\"\nplaceholder = \"{doi}\"", 65, "error[ZR0164]"),
        ("path = \"a.txt\"\nplaceholder = \"concept = {doi}\"", 65, "error[ZR0230]"),
        ("path = \"a.md\"\nformat = \"markdwon\"", 65, "did you mean `markdown`?"),
        ("path = \"zenodo.toml\"\nplaceholder = \"a = {doi}\"", 65, "it is a manifest"),
        ("path = \"zenodo.lock\"\nplaceholder = \"a = {doi}\"", 65, "it is a lock"),
        ("path = \".github/workflows/a.md\"", 65, "says what CI or a hook runs"),
        ("path = \"CITATION.cff\"", 65, "error[ZR0124]: `CITATION.cff` is written twice"),
        ("path = \"new.md\"", 65, "git does not track it"),
    ];
    for (entry, code, words) in cases {
        world.write("zenodo.toml", &format!("{base}\n[[write]]\n{entry}\n"));
        world.requests();
        let ran = world.expect(code, &["write"]);
        assert!(ran.stderr.contains(words), "«{words}» in {ran}");
        assert!(ran.stderr.contains("zenodo.toml:"), "{ran}");
        assert_eq!(world.read("CITATION.cff"), CITATION, "{entry}");
        assert_eq!(world.requests().len(), 0, "{entry}");
    }
    let entry = "path = \"a.txt\"\nplaceholder = 'doi = \"{version}\"'";
    let spaced = base.replace("\"1.0\"", "\"1.0 beta\"");
    commit(&world);
    world.write("zenodo.toml", &format!("{spaced}\n[[write]]\n{entry}\n"));
    let refused = world.expect(11, &["write"]);
    assert!(refused.stderr.contains("the DOI was reserved for version 1.0"), "{refused}");
    // Found before the reservation is made anew, and nothing is asked of the server.
    world.requests();
    let refused = world.expect(65, &["reserve"]);
    assert!(refused.stderr.contains("error[ZR0232]: `a.txt`"), "{refused}");
    assert!(refused.stderr.contains("holds a blank"), "{refused}");
    assert_eq!(world.requests().len(), 0);
    assert_eq!(world.read("CITATION.cff"), CITATION);
}

#[test]
fn a_paper_that_is_made_of_a_written_file_waits_for_it_too() {
    let world = World::served();
    make_project(&world, "1.0");
    let tex = "[[files]]\npath = \"paper.pdf\"\n\n[[write]]\npath = \"paper.tex\"\n\
        placeholder = ['\\newcommand{\\codedoi}{{doi}}', '\\newcommand{\\codeversion}{{version}}']\n";
    world.write("zenodo.toml", &world.read("zenodo.toml").replace(WRITES, tex));
    world.write("paper.pdf", "made of the other\n");
    world.write("paper.tex", "\\newcommand{\\codedoi}{}\n\\newcommand{\\codeversion}{0}\n");
    assert_eq!(world.plan_json(&["--initial"])["verdict"], "unreserved");
    let (doi, _) = reserve(&world, &["--initial"]);
    let refused = world.expect(11, &["apply", "--auto-approve"]);
    assert!(refused.stdout.contains("`paper.tex` lacks"), "{refused}");
    world.expect(0, &["write"]);
    let written =
        format!("\\newcommand{{\\codedoi}}{{{doi}}}\n\\newcommand{{\\codeversion}}{{1.0}}\n");
    assert_eq!(world.read("paper.tex"), written);
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn an_apply_elsewhere_is_known_by_what_was_reserved() {
    let world = World::served();
    start(&world);
    release(&world, &["--initial"]);
    make_project(&world, "1.1");
    reserve(&world, &[]);
    world.expect(0, &["write"]);
    let committed = world.read("zenodo.lock");
    world.apply_then_expect_no_changes(&[]);
    // The lock of the apply never gets to another machine, on which work goes on.
    world.write("zenodo.lock", &committed);
    std::fs::remove_dir_all(world.project().join(".zrel")).unwrap();
    world.expect_no_changes();
    make_project(&world, "1.2");
    world.write("src/rings.py", "print(9)\n");
    let plan = world.plan_json(&[]);
    assert_eq!(plan["verdict"], "unreserved", "{plan}");
    release(&world, &[]);
    assert_eq!(world.n_versions(world.concept()), 3);
}

#[test]
fn a_doi_that_was_given_back_is_seen_in_the_files() {
    let world = World::served();
    start(&world);
    let (doi, _) = reserve(&world, &["--initial"]);
    world.expect(0, &["write"]);
    let discarded = world.expect(0, &["discard", "--auto-approve"]);
    let words = format!("`CITATION.cff`, `src/README.md` still name {doi}");
    assert!(discarded.stderr.contains(&words), "{discarded}");
    let refused = world.expect(2, &["write", "--check"]);
    assert!(refused.stderr.contains("have a DOI of no version"), "{refused}");
    release(&world, &["--initial"]);
}

#[test]
fn two_manifests_of_a_folder_reserve_beside_each_other() {
    let world = World::served();
    start(&world);
    reserve(&world, &["--initial"]);
    let text = world.read("zenodo.toml");
    world.write("data.toml", &text.replace("Tables of small forms", "Other tables"));
    let ran = world.expect(0, &["-m", "data.toml", "reserve", "--initial"]);
    assert!(ran.stdout.starts_with("Reserved"), "{ran}");
    assert_eq!(world.own_depositions().len(), 2);
}

#[test]
fn a_digest_covers_where_values_are_written() {
    let world = World::served();
    start(&world);
    let base = world.read("zenodo.toml");
    let digest_with = |entry: &str, text: &str| {
        world.write(
            "zenodo.toml",
            &base.replacen(
                "path = \"CITATION.cff\"\n\n[[write]]",
                &format!(
                    "path = \"CITATION.cff\"\n\n[[files]]\npath = \"a.txt\"\n\n{entry}\n[[write]]"
                ),
                1,
            ),
        );
        world.write("a.txt", text);
        commit(&world);
        digest(&world.plan_json(&["--initial"])).to_owned()
    };
    let both = "[[write]]\npath = \"a.txt\"\nplaceholder = 'doi = \"{doi}\"'\n";
    let one = both.replace("'doi", "'x doi");
    let approved = digest_with(both, "x doi = \"\"\ny doi = \"\"\n");
    // What stands for a value in the digest, typed in place of one that is no longer written.
    for mask in ["10.5072/zenodo.version-mask-1", "10.5072/zenodo.version-mask-2"] {
        let typed = format!("x doi = \"\"\ny doi = \"{mask}\"\n");
        assert_ne!(digest_with(&one, &typed), approved);
        // It is written over where it is a value.
        assert_eq!(digest_with(both, &typed), approved);
    }
    let archived = README.replace("-->\n<!--", "-->\n10.5072/zenodo.version-mask-1\n<!--");
    world.write("src/README.md", &archived);
    let no_entry = base.replace("[[write]]\npath = \"src/README.md\"\n", "");
    world.write("zenodo.toml", &no_entry);
    commit(&world);
    let unwritten = digest(&world.plan_json(&["--initial"])).to_owned();
    world.write("zenodo.toml", &base);
    commit(&world);
    assert_ne!(digest(&world.plan_json(&["--initial"])), unwritten);
}

#[test]
fn a_public_plan_is_the_same_while_a_doi_is_reserved() {
    let world = World::served();
    start(&world);
    let host = format!("127.0.0.1:{}", world.port());
    let public = ["--public", "--allow-server", &host];
    let first = world.plan_json(&public);
    let (doi, _) = reserve(&world, &["--initial"]);
    let now = world.plan_json(&public);
    assert_eq!(digest(&now), digest(&first), "{now}");
    world.expect(0, &["write"]);
    commit(&world);
    world.expect(0, &["apply", "--expect", digest(&first)]);
    assert_eq!(world.status()["doi"], doi.as_str());

    make_project(&world, "1.1");
    world.write("src/rings.py", "print(8)\n");
    commit(&world);
    let before = world.plan_json(&public);
    assert_eq!(before["verdict"], "unreserved");
    reserve(&world, &[]);
    assert_eq!(digest(&world.plan_json(&public)), digest(&before));
    world.expect(0, &["write"]);
    commit(&world);
    let written = world.plan_json(&public);
    // The lock says which DOI the draft has that nobody else sees.
    assert_eq!((digest(&written), &written["verdict"]), (digest(&before), &Json::from("ready")));
    assert_eq!(digest(&world.plan_json(&[])), digest(&before));
    world.apply_then_expect_no_changes(&["--expect", digest(&before)]);
}

#[test]
fn a_file_that_is_kept_has_the_doi_of_its_own_version() {
    let world = World::served();
    start(&world);
    release(&world, &["--initial"]);
    make_project(&world, "1.1");
    let text = world.read("zenodo.toml");
    let kept =
        text.replace("[[files]]\npath = \"CITATION.cff\"", "[[files]]\nkeep = \"CITATION.cff\"");
    world.write("zenodo.toml", &kept);
    world.write("src/rings.py", "print(8)\n");
    reserve(&world, &[]);
    world.expect(0, &["write"]);
    let refused = world.expect(11, &["plan"]);
    assert!(refused.stdout.contains("`CITATION.cff` lacks"), "{refused}");
    assert!(
        refused.stdout.contains("`keep` leaves `CITATION.cff` as it is published"),
        "{refused}"
    );
    world.write("zenodo.toml", &text);
    world.apply_then_expect_no_changes(&[]);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_below_zrels_folder() {
    use std::os::unix::fs::symlink;
    let world = World::local();
    world.write("zenodo.toml", &format!("server = \"local\"\n{}", manifest("1.0", WRITES)));
    world.write("CITATION.cff", CITATION);
    world.write("src/README.md", README);
    world.expect(0, &["reserve"]);
    let home = world.path().join("home-of-a-user");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::write(home.join("CITATION.cff"), "mine\n").unwrap();
    let written = world.project().join(".zrel/written");
    for link in [written.clone(), written.join("zenodo.toml")] {
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(&home, &link).unwrap();
        let refused = world.expect(1, &["write"]);
        assert!(refused.stderr.contains("is no folder"), "{refused}");
        let names: Vec<_> = std::fs::read_dir(&home).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
        assert_eq!(std::fs::read_to_string(home.join("CITATION.cff")).unwrap(), "mine\n");
        std::fs::remove_file(&link).unwrap();
    }
    world.expect(0, &["write"]);
    world.apply_then_expect_no_changes(&[]);
}

#[cfg(unix)]
#[test]
fn a_written_file_keeps_its_rights_and_none_is_written_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::served();
    start(&world);
    reserve(&world, &["--initial"]);
    let path = world.project().join("CITATION.cff");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
    world.write("data.toml", &world.read("zenodo.toml"));
    let base = world.read("zenodo.toml");
    let entry = "[[write]]\npath = \"data.toml\"\nplaceholder = 'doi_prefix = \"{doi}\"'\n";
    world.write("zenodo.toml", &format!("{base}{entry}"));
    commit(&world);
    let refused = world.expect(65, &["write"]);
    assert!(refused.stderr.contains("`data.toml` can't be written: it is a manifest"), "{refused}");
    assert_eq!(world.read("CITATION.cff"), CITATION);
    world.write("zenodo.toml", &base);
    world.expect(0, &["write"]);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o664);
}

#[test]
fn a_prefix_that_the_server_does_not_have_reserves_nothing() {
    let world = World::served();
    publish_first(&world);
    let text = manifest("1.1", "[[files]]\npath = \"*.csv\"\n");
    world.manifest(&text);
    world.write("zenodo.toml", &(world.read("zenodo.toml") + "doi_prefix = \"10.9999\"\n"));
    world.requests();
    let refused = world.expect(65, &["reserve"]);
    assert!(refused.stderr.contains("gives DOIs of 10.5072, and not of 10.9999"), "{refused}");
    assert_eq!(world.writes().len(), 0);
}

#[test]
fn a_manifest_without_files_to_write_says_so() {
    let world = World::served();
    publish_first(&world);
    for args in [&["write"][..], &["write", "--check"]] {
        let ran = world.expect(0, args);
        assert!(ran.stderr.contains("Nothing to write: the manifest has no [[write]]"), "{ran}");
    }
}

#[test]
fn how_to_cite_is_printed_with_the_year_that_the_server_has() {
    let mut world = World::served();
    world.set_now("2026-11-20T12:00:00Z");
    start(&world);
    let early = world.expect(1, &["badge"]);
    assert!(early.stderr.contains("it is known after `zrel reserve`"), "{early}");
    let (doi, concept) = release(&world, &["--initial"]);
    let cite = world.expect(0, &["cite", "apa"]).stdout;
    assert!(
        cite.contains("(2026).") && cite.ends_with(&format!("https://doi.org/{doi}\n")),
        "{cite}"
    );
    assert!(world.expect(0, &["cite"]).stdout.contains(&format!("doi          = {{{doi}}},")));
    assert!(world.expect(0, &["cite", "cff"]).stdout.contains("date-released: \"2026-11-20\""));
    let badge = world.expect(0, &["badge"]).stdout;
    assert!(badge.ends_with(&format!("](https://doi.org/{concept})\n")), "{badge}");
    let badge = world.expect(0, &["badge", "--this-version", "html"]).stdout;
    assert!(badge.starts_with(&format!("<a href=\"https://doi.org/{doi}\">")), "{badge}");
}
