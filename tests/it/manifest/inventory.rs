//! The inventory as a whole, with real folders, links, and repositories made by the `git` program.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

use zrel::inventory::{
    Inventory, Options, Progress, prepare_zrel_dir, search_inventory, take_inventory,
};
use zrel::manifest::{
    EntrySource, FileEntry, Located, Manifest, ManifestMetadata, Record, TextSource, VersionSource,
};
use zrel::model::{Field, FileSource, Sensitive, Severity, Span};

/// A folder with a manifest under construction.
struct Bench {
    dir: tempfile::TempDir,
    manifest: Manifest,
    max_files: usize,
    max_bytes: u64,
    /// Whether the files were last changed long ago.
    is_old: std::cell::Cell<bool>,
}

impl Bench {
    fn new() -> Self {
        let manifest = Manifest {
            notify: Vec::new(),
            writes: Vec::new(),
            workspace: None,
            server: None,
            record: Record { publish: true, concept: std::collections::BTreeMap::default() },
            metadata: ManifestMetadata::default(),
            files: Vec::new(),
            communities: Vec::new(),
            sharing: zrel::manifest::ManifestSharing::default(),
            api: std::collections::BTreeMap::default(),
            servers: std::collections::BTreeMap::default(),
        };
        let dir = tempfile::tempdir().unwrap();
        Self { dir, manifest, max_files: 100, max_bytes: 1 << 30, is_old: false.into() }
    }

    fn root(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Sets a file's time to long ago, and the time to long after, so that its digest can be
    /// cached: the inode's own time can't be set.
    fn age(&self, name: &str) {
        let file = File::options().write(true).open(self.root().join(name)).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
        self.is_old.set(true);
    }

    fn located(&self, text: &str) -> Located<String> {
        let start = self.manifest.files.len() * 10;
        Located { value: text.to_owned(), span: Span { start, end: start + 5 } }
    }

    fn entry(&mut self, source: EntrySource, as_name: Option<&str>) -> &mut Self {
        let span = self.located("").span;
        let as_name = as_name.map(|name| self.located(name));
        self.manifest.files.push(FileEntry { span, source, as_name, allow: Vec::new() });
        self
    }

    fn path(&mut self, pattern: &str) -> &mut Self {
        let pattern = self.located(pattern);
        self.entry(EntrySource::Paths { pattern, exclude: Vec::new() }, None)
    }

    fn path_as(&mut self, pattern: &str, name: &str) -> &mut Self {
        let pattern = self.located(pattern);
        self.entry(EntrySource::Paths { pattern, exclude: Vec::new() }, Some(name))
    }

    fn archive(&mut self, folder: &str, exclude: &[&str]) -> &mut Self {
        let folder = self.located(folder);
        let exclude = exclude.iter().map(|text| self.located(text)).collect();
        self.entry(EntrySource::Archive { folder, exclude }, None)
    }

    /// Makes the last entry allow these kinds.
    fn allow(&mut self, kinds: &[Sensitive]) {
        let entry = self.manifest.files.last_mut().unwrap();
        let start = entry.span.start + 1;
        let span = Span { start, end: start + 1 };
        entry.allow = kinds.iter().map(|kind| Located { value: *kind, span }).collect();
    }

    fn version_from_tag(&mut self) {
        let value = VersionSource::GitTag { strip: "v".to_owned() };
        self.manifest.metadata.version = Some(Located { value, span: Span { start: 1, end: 2 } });
    }

    fn take(&self) -> Inventory {
        self.take_counting().0
    }

    /// Takes the inventory, and returns it with how many files and bytes were read for it.
    fn take_counting(&self) -> (Inventory, usize, u64) {
        let zrel_dir = prepare_zrel_dir(self.root()).unwrap();
        let mut options = Options::new(self.root().to_owned(), zrel_dir);
        options.max_files = self.max_files;
        options.max_bytes = self.max_bytes;
        options.now = self.is_old.get().then(|| UNIX_EPOCH + Duration::from_hours(2_500_000));
        let seen = Mutex::new((0, 0));
        let inventory = take_inventory(&self.manifest, &options, &|progress| match progress {
            Progress::File { .. } => seen.lock().unwrap().0 += 1,
            Progress::Advance { bytes } => seen.lock().unwrap().1 += bytes,
            Progress::Start { .. } | Progress::Done => (),
        });
        self.expect_same_of_a_search(&options, &inventory);
        let (n_files, bytes) = *seen.lock().unwrap();
        (inventory, n_files, bytes)
    }

    /// A search without digests finds the same faults and as many files, and packs nothing.
    fn expect_same_of_a_search(&self, options: &Options, taken: &Inventory) {
        let own = tempfile::tempdir().unwrap();
        let options = Options { zrel_dir: own.path().to_owned(), ..options.clone() };
        let (to_read, read) = (Mutex::new(0), Mutex::new(0));
        let searched = search_inventory(&self.manifest, &options, &|progress| match progress {
            Progress::Start { bytes, .. } => *to_read.lock().unwrap() += bytes,
            Progress::Advance { bytes } => *read.lock().unwrap() += bytes,
            Progress::File { .. } | Progress::Done => (),
        });
        assert_eq!(searched.findings, taken.findings);
        assert_eq!(searched.texts, taken.texts);
        assert_eq!(searched.n_files, taken.n_files);
        assert_eq!(taken.n_files, taken.files.len());
        assert_eq!(searched.files, []);
        assert!(!own.path().join("archives").exists(), "a search packed a folder");
        if taken.findings.iter().all(|finding| finding.severity != Severity::Error) {
            assert_eq!(*read.lock().unwrap(), *to_read.lock().unwrap());
        }
    }

    fn git(&self, args: &[&str]) {
        let status = Command::new("git")
            .args(args)
            .current_dir(self.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.org")])
            .envs([("GIT_COMMITTER_NAME", "A"), ("GIT_COMMITTER_EMAIL", "a@example.org")])
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
            .status()
            .unwrap();
        assert!(status.success(), "git {args:?}");
    }

    fn committed(&self) {
        self.git(&["init", "-q", "-b", "main"]);
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "-m", "first"]);
    }
}

fn names(inventory: &Inventory) -> Vec<&str> {
    inventory.files.iter().map(|file| file.key.as_str()).collect()
}

/// Returns the code and the start of the span of each finding.
fn codes(inventory: &Inventory) -> Vec<(&str, usize)> {
    let start = |label: &Option<zrel::model::Label>| label.as_ref().map_or(999, |l| l.span.start);
    inventory.findings.iter().map(|finding| (finding.code, start(&finding.label))).collect()
}

#[test]
fn files_come_sorted_with_digests_and_their_name_in_the_record() {
    let mut bench = Bench::new();
    bench.write("data/b.csv", "b");
    bench.write("data/a.csv", "abc");
    bench.write("build/main.pdf", "p");
    bench.path("data/*.csv").path_as("build/main.pdf", "a paper.pdf");
    let inventory = bench.take();
    assert_eq!(inventory.findings, []);
    assert_eq!(names(&inventory), ["a paper.pdf", "a.csv", "b.csv"]);
    let file = &inventory.files[1];
    assert_eq!((file.shown.as_str(), file.size), ("data/a.csv", 3));
    assert_eq!(file.md5.to_string(), "900150983cd24fb0d6963f7d28e17f72");
    assert!(inventory.git.is_none());
}

#[test]
fn all_faults_are_reported_at_once_each_at_its_entry() {
    let mut bench = Bench::new();
    bench.write("a/x.txt", "1");
    bench.write("b/x.txt", "2");
    bench.write("empty", "");
    bench.write("good", "3");
    bench.write("A.csv", "4");
    bench.write("k.pem", "-----BEGIN PRIVATE KEY-----");
    bench.write(".env", "5");
    bench.path("a/x.txt").path("b/x.txt").path("empty").path("../up").path("/etc/hosts");
    bench.path("*.nothing").path("a").path(".env").path("k.pem").path_as("good", "bad//name");
    bench.path("good").path("A.csv").path_as("a/x.txt", "a.CSV").path("[");
    let inventory = bench.take();
    assert_eq!(
        codes(&inventory),
        [
            ("ZR0205", 20),
            ("ZR0204", 30),
            ("ZR0204", 40),
            ("ZR0209", 50),
            ("ZR0210", 60),
            ("ZR0212", 70),
            ("ZR0212", 80),
            ("ZR0206", 90),
            ("ZR0215", 130),
            ("ZR0201", 10),
            ("ZR0202", 120),
        ]
    );
    assert_eq!(names(&inventory), ["A.csv", "a.CSV", "good"]);
}

#[test]
fn names_that_differ_in_unicode_form_are_a_warning() {
    let mut bench = Bench::new();
    bench.write("x", "1");
    bench.path_as("x", "\u{e9}.csv").path_as("x", "e\u{301}.csv");
    let inventory = bench.take();
    assert_eq!(codes(&inventory), [("ZR0202", 10)]);
    assert_eq!(inventory.findings[0].severity, Severity::Warning);
}

#[test]
fn limits_point_at_the_entry_that_goes_over_and_name_the_way_out() {
    let mut bench = Bench::new();
    for name in ["a", "b", "c"] {
        bench.write(name, "12345");
        bench.path(name);
    }
    bench.max_files = 2;
    bench.max_bytes = 9;
    let inventory = bench.take();
    assert_eq!(codes(&inventory), [("ZR0207", 20), ("ZR0208", 10)]);
    assert!(inventory.findings[0].hints.iter().any(|hint| hint.contains("--max-files")));
    assert!(inventory.findings[1].hints.iter().any(|hint| hint.contains("--max-bytes")));
    bench.max_files = 3;
    bench.max_bytes = 15;
    assert_eq!(bench.take().findings, []);
}

#[cfg(unix)]
#[test]
fn links_and_fifos_are_refused() {
    let mut bench = Bench::new();
    bench.write("data/a.csv", "1");
    std::os::unix::fs::symlink("data", bench.root().join("link")).unwrap();
    std::os::unix::fs::symlink("data/a.csv", bench.root().join("a.csv")).unwrap();
    let status = Command::new("mkfifo").arg(bench.root().join("pipe")).status().unwrap();
    assert!(status.success());
    bench
        .path("link/a.csv")
        .path("a.csv")
        .path("pipe")
        .path("pip*")
        .path("*.csv")
        .archive("link", &[]);
    let inventory = bench.take();
    assert_eq!(
        codes(&inventory),
        [
            ("ZR0203", 0),
            ("ZR0203", 10),
            ("ZR0210", 20),
            ("ZR0210", 30),
            ("ZR0203", 40),
            ("ZR0203", 50)
        ]
    );
    assert_eq!(names(&inventory), [""; 0]);
}

#[test]
fn what_is_cached_is_not_read_again_until_it_changes() {
    let mut bench = Bench::new();
    for n in 0..100 {
        let name = format!("data/{n:03}.csv");
        bench.write(&name, &format!("row {n}"));
        bench.age(&name);
    }
    bench.path("data/*.csv");
    let (first, n_files, _) = bench.take_counting();
    assert_eq!((first.files.len(), n_files), (100, 100));
    let (second, n_files, bytes) = bench.take_counting();
    assert_eq!((n_files, bytes), (0, 0));
    assert_eq!(first.files, second.files);

    bench.write("data/007.csv", "row x");
    bench.age("data/007.csv");
    let (third, n_files, _) = bench.take_counting();
    assert_eq!(n_files, 1);
    assert_ne!(third.files[7].md5, second.files[7].md5);

    fs::write(bench.root().join(".zrel/cache/digests"), "zrel digests 99\n").unwrap();
    let (fourth, n_files, _) = bench.take_counting();
    assert_eq!(n_files, 100);
    assert_eq!(third.files, fourth.files);
}

#[test]
fn a_file_that_changes_before_it_is_read_is_refused_hashed_or_not() {
    let mut bench = Bench::new();
    bench.path("a").archive("folder", &[]);
    for take in [take_inventory, search_inventory] {
        bench.write("a", "1");
        bench.write("folder/b", "1");
        let zrel_dir = prepare_zrel_dir(bench.root()).unwrap();
        let options = Options::new(bench.root().to_owned(), zrel_dir);
        let root = bench.root();
        let inventory = take(&bench.manifest, &options, &|progress| {
            if let Progress::File { name } = progress {
                fs::write(root.join(name), "22").unwrap();
            }
        });
        assert_eq!(codes(&inventory), [("ZR0214", 0), ("ZR0214", 10)]);
        assert_eq!(inventory.n_files, 0);
    }
}

#[test]
fn a_file_of_the_same_size_written_at_once_is_read_again() {
    let mut bench = Bench::new();
    bench.write("a", "1");
    bench.path("a");
    let first = bench.take();
    bench.write("a", "2");
    assert_ne!(first.files[0].md5, bench.take().files[0].md5);
}

#[test]
fn an_archive_is_the_same_bytes_again_and_is_made_once() {
    let mut bench = Bench::new();
    bench.write("notebooks/a.ipynb", "{}");
    bench.write("notebooks/sub/b.ipynb", "[]");
    bench.write("notebooks/scratch/c", "c");
    bench.age("notebooks/a.ipynb");
    bench.age("notebooks/sub/b.ipynb");
    bench.archive("notebooks", &["notebooks/scratch"]);
    let first = bench.take();
    assert_eq!(first.findings, []);
    let file = &first.files[0];
    assert_eq!((file.key.as_str(), file.shown.as_str()), ("notebooks.zip", "notebooks"));
    assert!(
        matches!(&file.source, FileSource::Archive { n_files: 2, content_bytes: 4, .. }),
        "{:?}",
        file.source
    );
    assert_eq!(fs::metadata(&file.path).unwrap().len(), file.size);
    let (second, n_files, _) = bench.take_counting();
    assert_eq!((&second.files, n_files), (&first.files, 0));

    // An archive that differs from the one that was made is made again.
    fs::write(&file.path, "forged").unwrap();
    assert_eq!(bench.take().files, first.files);
    assert_ne!(fs::read(&file.path).unwrap(), b"forged");
    // Touching a file changes no byte of the archive.
    bench.write("notebooks/a.ipynb", "{}");
    assert_eq!(bench.take().files, first.files);
    bench.write("notebooks/a.ipynb", "{ }");
    assert_ne!(bench.take().files[0].source, first.files[0].source);
    assert_eq!(fs::read_dir(bench.root().join(".zrel/archives")).unwrap().count(), 1);
}

#[test]
fn git_is_read_for_a_tag_and_says_what_git_says() {
    let mut bench = Bench::new();
    bench.write("paper/a.tex", "a");
    bench.write("b.sh", "b");
    bench.committed();
    bench.git(&["tag", "v1"]);
    bench.git(&["tag", "-a", "-m", "two", "annotated"]);
    bench.path("b.sh");
    assert!(bench.take().git.is_none());

    bench.version_from_tag();
    let facts = bench.take().git.unwrap();
    assert_eq!(facts.tags, ["annotated", "v1"]);
    assert_eq!(facts.commit.as_deref().map(str::len), Some(40));
    assert!(!facts.dirty);

    // Untracked files do not count, and a file that is only touched is not changed.
    bench.write("new", "n");
    bench.age("b.sh");
    assert!(!bench.take().git.unwrap().dirty);
    // The same size within the grain of the clock.
    bench.write("paper/a.tex", "x");
    assert!(bench.take().git.unwrap().dirty);
    bench.write("paper/a.tex", "a");
    assert!(!bench.take().git.unwrap().dirty);
    bench.git(&["add", "new"]);
    assert!(bench.take().git.unwrap().dirty);
    bench.git(&["commit", "-q", "-m", "second"]);
    let facts = bench.take().git.unwrap();
    assert_eq!((facts.tags.len(), facts.dirty), (0, false));
    fs::remove_file(bench.root().join("b.sh")).unwrap();
    assert!(bench.take().git.unwrap().dirty);
}

#[test]
fn changes_of_the_lock_leave_the_tag_valid() {
    let mut bench = Bench::new();
    bench.write("zenodo.lock", "before");
    bench.write("data/zenodo.lock", "before");
    bench.committed();
    bench.version_from_tag();
    bench.write("zenodo.lock", "what an apply wrote");
    assert!(!bench.take().git.unwrap().dirty);
    bench.write("data/zenodo.lock", "another file of that name");
    assert!(bench.take().git.unwrap().dirty);
}

#[test]
fn a_repository_without_a_commit_and_a_folder_without_a_repository() {
    let mut bench = Bench::new();
    bench.version_from_tag();
    assert!(bench.take().git.is_none());
    bench.git(&["init", "-q"]);
    let facts = bench.take().git.unwrap();
    assert_eq!((facts.commit, facts.tags.len(), facts.dirty), (None, 0, false));
}

#[test]
fn a_broken_repository_is_a_finding() {
    let mut bench = Bench::new();
    bench.write("a", "a");
    bench.committed();
    fs::write(bench.root().join(".git/index"), "garbage").unwrap();
    bench.version_from_tag();
    assert_eq!(codes(&bench.take()), [("ZR0219", 1)]);
}

#[test]
fn a_manifest_below_the_repositorys_top_sees_its_own_files() {
    let mut bench = Bench::new();
    let sub = bench.root().join("sub");
    bench.write("sub/data/run", "r");
    bench.write("other", "o");
    bench.write(".gitignore", "*.tmp\n");
    bench.write("sub/data/x.tmp", "x");
    bench.committed();
    bench.git(&["update-index", "--chmod=+x", "sub/data/run"]);
    bench.git(&["commit", "-q", "-m", "mode"]);
    bench.git(&["config", "core.fileMode", "false"]);
    bench.archive("data", &[]);
    let zrel_dir = prepare_zrel_dir(&sub).unwrap();
    let options = Options::new(sub, zrel_dir);
    let inventory = take_inventory(&bench.manifest, &options, &|_| ());
    assert_eq!(inventory.findings, []);
    assert!(!inventory.git.unwrap().dirty);
    let file = File::open(&inventory.files[0].path).unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    assert_eq!(zip.len(), 1);
    // The mode is the index's, whatever the file system says.
    assert_eq!(zip.by_index(0).unwrap().unix_mode().unwrap() & 0o777, 0o755);

    bench.write("other", "changed");
    assert_eq!(take_inventory(&bench.manifest, &options, &|_| ()).findings, []);
    bench.write("sub/data/run", "changed");
    let inventory = take_inventory(&bench.manifest, &options, &|_| ());
    assert_eq!(codes(&inventory), [("ZR0218", 0)]);
    assert_eq!(inventory.findings[0].severity, Severity::Warning);
    assert_eq!(inventory.files.len(), 1);
}

#[test]
fn rules_above_a_repository_do_not_count_in_its_archives() {
    let mut bench = Bench::new();
    bench.git(&["init", "-q", "repo"]);
    // The last line is no pattern, so a reader that obeys the file would fail at it.
    bench.write(".gitignore", "*.csv\n[z-a]\n");
    bench.write("repo/.gitignore", "*.tmp\n*.log\n");
    bench.write("repo/sub/.gitignore", "!kept.tmp\n");
    bench.write("repo/sub/data/.gitignore", "!a.log\n");
    for name in ["a.csv", "a.tmp", "kept.tmp", "a.log", "b.log"] {
        bench.write(&format!("repo/sub/data/{name}"), "1");
    }
    bench.archive("sub/data", &[]);
    let root = bench.root().join("repo");
    let zrel_dir = prepare_zrel_dir(&root).unwrap();
    let take = |root: &Path| {
        let options = Options::new(root.to_owned(), zrel_dir.clone());
        take_inventory(&bench.manifest, &options, &|_| ())
    };
    let inventory = take(&root);
    assert_eq!(inventory.findings, []);
    let file = File::open(&inventory.files[0].path).unwrap();
    let zip = zip::ZipArchive::new(file).unwrap();
    let names: Vec<_> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, [".gitignore", "a.csv", "a.log", "kept.tmp"]);

    // Those between the top and the folder must be understood.
    bench.write("repo/.gitignore", "[z-a]\n");
    assert_eq!(codes(&take(&root)), [("ZR0211", 0)]);
}

#[cfg(unix)]
#[test]
fn no_program_that_a_repository_configures_runs() {
    let mut bench = Bench::new();
    bench.write("a", "a");
    bench.write(".gitattributes", "a filter=evil\n");
    bench.committed();
    let mark = bench.root().join("ran");
    let command = format!("touch {}", mark.display());
    for key in ["core.fsmonitor", "filter.evil.clean", "filter.evil.process", "core.pager"] {
        bench.git(&["config", key, &command]);
    }
    bench.write("a", "b");
    bench.version_from_tag();
    assert!(bench.take().git.unwrap().dirty);
    assert!(!mark.exists());
}

#[test]
fn a_linked_work_tree_has_its_own_commit() {
    let mut bench = Bench::new();
    bench.write("a", "a");
    bench.committed();
    bench.git(&["tag", "v1"]);
    bench.git(&["worktree", "add", "-q", "-b", "side", "side"]);
    let side = bench.root().join("side");
    fs::write(side.join("a"), "changed").unwrap();
    bench.version_from_tag();
    let options = Options::new(side.clone(), prepare_zrel_dir(&side).unwrap());
    let facts = take_inventory(&bench.manifest, &options, &|_| ()).git.unwrap();
    assert_eq!((facts.tags, facts.dirty), (vec!["v1".to_owned()], true));
    assert!(!bench.take().git.unwrap().dirty);
}

/// A token that no service gave out.
fn token() -> String {
    format!("gh{}_{}", "p", "q7ZkT2mWx9RbYc4LsVf8HdNj3GpKa6EuQ1Xt")
}

fn private_key() -> String {
    format!("-----BEGIN {} KEY-----\n{}\n", "PRIVATE", token().repeat(2).replace('_', "+"))
}

const LFS: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";

#[test]
fn secrets_in_files_archives_and_texts_are_errors_that_never_show_them() {
    let mut bench = Bench::new();
    bench.write("a.txt", &format!("one\ntwo {}\n", token()));
    bench.write("data/b.csv", LFS);
    bench.write("data/c.csv", "x,y\n");
    bench.write("notes/deep/key", &private_key());
    bench.write("ABSTRACT.md", &token());
    bench.path("a.txt").path("data/*.csv").archive("notes", &[]);
    let file = Located { value: "ABSTRACT.md".to_owned(), span: Span { start: 3, end: 4 } };
    let text = Located { value: TextSource::File(file), span: Span { start: 3, end: 4 } };
    bench.manifest.metadata.texts.insert(Field::Description.into(), text);
    let inventory = bench.take();
    assert_eq!(codes(&inventory), [("ZR0222", 3), ("ZR0222", 0), ("ZR0223", 10), ("ZR0221", 20)]);
    assert!(inventory.files.is_empty(), "{:?}", inventory.files);
    assert_eq!(
        inventory.findings[1].summary,
        "`a.txt` holds what looks like a GitHub token (line 2)"
    );
    assert!(!format!("{:?}", inventory.findings).contains(&token()[4..]));
    assert!(!bench.root().join(".zrel/archives").exists(), "a secret was packed");
}

#[test]
fn a_cached_hit_is_reported_again() {
    let mut bench = Bench::new();
    bench.write("a.txt", &token());
    bench.age("a.txt");
    bench.path("a.txt");
    assert_eq!(codes(&bench.take()), [("ZR0222", 0)]);
    let (inventory, n_files, _) = bench.take_counting();
    assert_eq!((codes(&inventory), n_files), (vec![("ZR0222", 0)], 0));
}

#[test]
fn an_entry_s_allow_is_applied_and_noted_for_its_own_files_only() {
    let mut bench = Bench::new();
    bench.write("a.txt", &token());
    bench.write("b.txt", &token());
    bench.write("config/.env.example", "A=1\n");
    bench.write("test.pem", &private_key());
    bench.write("data/c.csv", LFS);
    bench.path("a.txt").allow(&[Sensitive::Token]);
    bench.path("b.txt");
    bench.path("config/.env.example").allow(&[Sensitive::Dotenv]);
    bench.path("test.pem").allow(&[Sensitive::PrivateKey]);
    bench.path("data/*").allow(&[Sensitive::LfsPointer, Sensitive::Dotenv]);
    let inventory = bench.take();
    assert_eq!(
        codes(&inventory),
        [
            ("ZR0226", 1),
            ("ZR0222", 10),
            ("ZR0226", 21),
            ("ZR0226", 31),
            ("ZR0226", 41),
            ("ZR0227", 41)
        ]
    );
    let names: Vec<_> = inventory.files.iter().map(|file| file.key.as_str()).collect();
    assert_eq!(names, [".env.example", "a.txt", "c.csv", "test.pem"]);
    let severities: Vec<_> = inventory.findings.iter().map(|f| f.severity).collect();
    assert_eq!(severities[0], Severity::Note);
    assert_eq!(severities[5], Severity::Warning);
}

#[test]
fn backups_are_a_warning_where_a_pattern_or_folder_brings_them() {
    let mut bench = Bench::new();
    for name in ["d/a~", "d/b.bak", "d/c.csv", "f/.DS_Store", "f/x", "spelled.bak"] {
        bench.write(name, "x");
    }
    bench.path("d/*").archive("f", &[]).path("spelled.bak");
    let inventory = bench.take();
    assert_eq!(codes(&inventory), [("ZR0224", 0), ("ZR0224", 10)]);
    assert!(inventory.findings[0].summary.ends_with("`d/a~`, `d/b.bak`"));
    assert_eq!(inventory.files.len(), 5);
    bench.manifest.files[0].allow =
        vec![Located { value: Sensitive::Backup, span: Span { start: 1, end: 2 } }];
    assert_eq!(codes(&bench.take()), [("ZR0226", 1), ("ZR0224", 10)]);
}

#[test]
fn a_note_names_what_a_pattern_or_folder_leaves_out() {
    let mut bench = Bench::new();
    for name in
        ["d/a.pem", "d/b.key", "d/id_rsa", "d/x.p12", "d/c.csv", "f/.env", "f/.git/c", "f/x"]
    {
        bench.write(name, "x");
    }
    bench.path("d/*").archive("f", &[]);
    let inventory = bench.take();
    assert_eq!(codes(&inventory), [("ZR0225", 0), ("ZR0225", 10)]);
    assert_eq!(
        inventory.findings[0].summary,
        "`d/*` leaves out `d/a.pem`, `d/b.key`, `d/id_rsa` and 1 more"
    );
    assert_eq!(inventory.findings[1].summary, "`f` leaves out `f/.env`");
    assert_eq!(inventory.files.len(), 2);
}
