//! How fast and how lean: `cargo bench`. Prints each figure beside its bar, and exits non-zero
//! when one is missed.
//!
//! The program under test is the release build of `zrel`, the server is `zrel serve` in a process
//! of its own, and the peers are `curl` and `md5sum`. Memory is the peak that Linux reports (`VmHWM`).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::unused_self,
    reason = "a benchmark stops at the first surprise, and prints"
)]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const MIB: u64 = 1024 * 1024;
const ZREL: &str = env!("CARGO_BIN_EXE_zrel");

fn main() -> ExitCode {
    // `cargo test` runs benches too, with `--test`: there is nothing to measure then.
    if std::env::args().any(|arg| arg == "--test") {
        return ExitCode::SUCCESS;
    }
    let mut bars = Bars::default();
    let all: [(&str, Measure); 7] = [
        ("second", second_version),
        ("large", large_file),
        ("parallel", new_files_far_away),
        ("replaced", replaced_files_far_away),
        ("nothing", nothing_changed),
        ("hashing", hashing),
        ("hostile", hostile_texts),
    ];
    // `cargo bench -- large` runs one of them.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (name, measure) in all {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            measure(&mut bars);
        }
    }
    if bars.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One measurement, which reports to the bars.
type Measure = fn(&mut Bars);

#[derive(Default)]
struct Bars {
    missed: usize,
}

impl Bars {
    fn at_most(&mut self, what: &str, value: f64, bar: f64, unit: &str) {
        self.report(what, value, &format!("at most {bar} {unit}"), unit, value <= bar);
    }

    fn at_least(&mut self, what: &str, value: f64, bar: f64, unit: &str) {
        self.report(what, value, &format!("at least {bar} {unit}"), unit, value >= bar);
    }

    fn report(&mut self, what: &str, value: f64, bar: &str, unit: &str, holds: bool) {
        let verdict = if holds { "ok" } else { "MISSED" };
        println!("  {what:<34} {value:>9.2} {unit:<9} bar: {bar:<22} {verdict}");
        self.missed += usize::from(!holds);
    }
}

/// A second version of 20 files of 5 MiB, of which one changed.
fn second_version(bars: &mut Bars) {
    println!("second version, 20 files of 5 MiB, one changed");
    let server = Server::start();
    let project = Project::new(&server);
    for n in 0..20 {
        write_file(&project.path(&format!("data-{n:02}.bin")), 5 * MIB, n);
    }
    project.manifest("1.0", "data-*.bin");
    project.run(&["apply", "--auto-approve", "--initial"]);
    write_file(&project.path("data-07.bin"), 5 * MIB, 99);
    project.manifest("1.1", "data-*.bin");
    let before = server.requests().len();
    let run = project.run(&["apply", "--auto-approve"]);
    let requests = server.requests().split_off(before);
    let sent: u64 =
        requests.iter().filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
    let curl = server.version_by_curl(&project.path("data-07.bin"));
    bars.at_most("requests", requests.len() as f64, 7.0, "requests");
    bars.at_most("bytes in request bodies", sent as f64 / MIB as f64, 5.02, "MiB");
    bars.at_most("peak memory", run.peak_mib, 40.0, "MiB");
    println!("  {:<34} {:>9.2} s", "wall time", run.wall.as_secs_f64());
    println!(
        "  {:<34} {:>9.2} s  (the four writes, no check)",
        "wall time of curl",
        curl.as_secs_f64()
    );
}

/// One file of 2 GiB, its digest cached, against `curl -T`. A machine writes the first gigabytes
/// faster than those after them, so the two take turns, each on a server of its own, and the first
/// turn does not count.
fn large_file(bars: &mut Bars) {
    println!("one file of 2 GiB, the best of five turns");
    let size = 2048 * MIB;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.bin");
    write_file(&file, size, 1);
    let turns: Vec<_> = (0..5).map(|_| (large_by_curl(&file), large_by_zrel(&file))).collect();
    // The server's wait for fresh pages makes one and the same upload take up to twice as long.
    // It only ever adds, so that the best turn of each says most about the client.
    let best = |walls: &dyn Fn(usize) -> Duration| (0..turns.len()).map(walls).min().unwrap();
    let curl = best(&|turn| turns[turn].0);
    let upload = best(&|turn| turns[turn].1.0);
    let apply = best(&|turn| turns[turn].1.1.wall);
    let rate = |wall: Duration| size as f64 / 1e6 / wall.as_secs_f64();
    println!("  {:<34} {:>9.0} MB/s", "curl -T", rate(curl));
    println!("  {:<34} {:>9.0} MB/s", "zrel, the upload", rate(upload));
    println!("  {:<34} {:>9.0} MB/s", "zrel, the whole apply", rate(apply));
    let ratio = curl.as_secs_f64() / upload.as_secs_f64();
    bars.at_least("rate, as a ratio to curl -T", ratio, 0.9, "");
    let peak = turns.iter().map(|turn| turn.1.1.peak_mib).fold(0.0, f64::max);
    bars.at_most("peak memory", peak, 40.0, "MiB");
}

fn large_by_curl(file: &Path) -> Duration {
    let server = Server::start();
    settle();
    server.upload_by_curl(file)
}

/// Returns how long the upload took, and the whole run.
fn large_by_zrel(file: &Path) -> (Duration, Run) {
    let server = Server::start();
    let project = Project::new(&server);
    fs::hard_link(file, project.path("large.bin")).unwrap();
    project.manifest("1.0", "large.bin");
    // A digest of a file that was written a moment ago is not trusted: let the clock move on.
    std::thread::sleep(Duration::from_secs(3));
    project.run(&["plan"]);
    settle();
    let run = project.run(&["apply", "--auto-approve", "--initial"]);
    (server.last_upload(), run)
}

/// First releases through a proxy that delays each answer, against `curl -Z` with as many uploads
/// at once through the same proxy in the same run.
fn new_files_far_away(bars: &mut Bars) {
    let millis = Duration::from_millis;
    first_release_far_away(bars, (100, 5 * MIB), millis(100), 4);
    first_release_far_away(bars, (100, 5 * MIB), millis(100), 8);
    first_release_far_away(bars, (50, MIB / 4), millis(150), 4);
}

fn first_release_far_away(bars: &mut Bars, files: (u64, u64), delay: Duration, jobs: usize) {
    let (n, size) = files;
    println!("{n} new files of {} KiB, {} ms, {jobs} at once", size / 1024, delay.as_millis());
    let server = Server::start_behind(delay);
    let project = Project::new(&server);
    let paths: Vec<PathBuf> = (0..n).map(|n| project.path(&format!("part-{n:03}.bin"))).collect();
    for (seed, path) in paths.iter().enumerate() {
        write_file(path, size, seed as u64);
    }
    project.manifest("1.0", "part-*.bin");
    std::thread::sleep(Duration::from_secs(3));
    project.run(&["plan"]);
    settle();
    let curl = server.upload_all_by_curl(&paths, jobs);
    settle();
    let jobs = jobs.to_string();
    let run = project.run(&["apply", "--auto-approve", "--initial", "--jobs", &jobs]);
    let uploads = server.all_uploads(paths.len());
    println!("  {:<34} {:>9.2} s", "curl -Z", curl.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel, the uploads", uploads.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel, the whole apply", run.wall.as_secs_f64());
    let ratio = |wall: Duration| wall.as_secs_f64() / curl.as_secs_f64();
    bars.at_most("uploads, as a ratio to curl -Z", ratio(uploads), 1.15, "");
    bars.at_most("whole apply, as a ratio to curl -Z", ratio(run.wall), 1.3, "");
    bars.at_most("peak memory", run.peak_mib, 48.0, "MiB");
}

/// A new version through a proxy that delays each answer, half of whose files have new bytes: zrel
/// deletes these and uploads them again, several at once. Against a curl that does the same.
fn replaced_files_far_away(bars: &mut Bars) {
    let (n, n_replaced, size, jobs) = (60, 30, MIB, 4);
    println!("{n_replaced} of {n} files of 1 MiB replaced, 100 ms, {jobs} at once");
    let server = Server::start_behind(Duration::from_millis(100));
    let project = Project::new(&server);
    let paths: Vec<PathBuf> = (0..n).map(|n| project.path(&format!("part-{n:03}.bin"))).collect();
    for (seed, path) in paths.iter().enumerate() {
        write_file(path, size, seed as u64);
    }
    project.manifest("1.0", "part-*.bin");
    project.run(&["apply", "--auto-approve", "--initial"]);
    for (seed, path) in paths.iter().enumerate().take(n_replaced) {
        write_file(path, size, 1000 + seed as u64);
    }
    project.manifest("1.1", "part-*.bin");
    std::thread::sleep(Duration::from_secs(3));
    project.run(&["plan"]);
    settle();
    let curl = server.replace_by_curl(&paths[..n_replaced], jobs);
    settle();
    let run = project.run(&["apply", "--auto-approve"]);
    println!("  {:<34} {:>9.2} s", "curl, deletes and uploads", curl.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel, the whole apply", run.wall.as_secs_f64());
    let ratio = run.wall.as_secs_f64() / curl.as_secs_f64();
    bars.at_most("whole apply, as a ratio to curl", ratio, 1.3, "");
    bars.at_most("peak memory", run.peak_mib, 48.0, "MiB");
}

/// A plan with nothing changed over 100 files of 20 MiB, digests cached.
fn nothing_changed(bars: &mut Bars) {
    println!("plan, nothing changed, 100 files of 20 MiB");
    let server = Server::start();
    let project = Project::new(&server);
    for n in 0..100 {
        write_file(&project.path(&format!("part-{n:03}.bin")), 20 * MIB, n);
    }
    project.manifest("1.0", "part-*.bin");
    project.run(&["apply", "--auto-approve", "--initial"]);
    std::thread::sleep(Duration::from_secs(3));
    project.run(&["plan"]);
    let before = server.requests().len();
    let runs: Vec<Run> = (0..5).map(|_| project.run(&["plan"])).collect();
    let requests = server.requests().len() - before;
    let mut walls: Vec<Duration> = runs.iter().map(|run| run.wall).collect();
    walls.sort();
    bars.at_most("wall time (median of 5)", walls[2].as_secs_f64() * 1000.0, 100.0, "ms");
    bars.at_most("requests", requests as f64 / 5.0, 2.0, "requests");
}

/// A first plan, which hashes all files and searches them for secrets, against `md5sum` of the same
/// files. A text is searched to its end, other files only in their first MiB.
fn hashing(bars: &mut Bars) {
    let (one, many) = ((1, 2_000_000_000), (60, 50_000_000));
    hash_beside_md5sum(bars, "one file of 2 GB, not a text", one, write_file, 1.1);
    hash_beside_md5sum(bars, "one text of 2 GB", one, write_text, 1.1);
    hash_beside_md5sum(bars, "60 files of 50 MB, not texts", many, write_file, 0.6);
    hash_beside_md5sum(bars, "60 texts of 50 MB", many, write_text, 0.6);
}

/// Measures the whole of `zrel plan` without its digest cache, from the page cache: the best of
/// three turns of each, since other programs only ever add.
fn hash_beside_md5sum(
    bars: &mut Bars,
    what: &str,
    (n, size): (u64, u64),
    write: fn(&Path, u64, u64),
    bar: f64,
) {
    println!("{what}, digests not cached, the best of three turns");
    let server = Server::start();
    let project = Project::new(&server);
    let paths: Vec<PathBuf> = (0..n).map(|n| project.path(&format!("part-{n:03}.dat"))).collect();
    for (seed, path) in paths.iter().enumerate() {
        write(path, size, seed as u64);
    }
    project.manifest("1.0", "part-*.dat");
    settle();
    let turns: Vec<(Duration, Run)> = (0..3)
        .map(|_| {
            let md5sum = run_md5sum(&paths);
            // The first turn has no cache yet.
            let _ = fs::remove_dir_all(project.path(".zrel/cache"));
            (md5sum, project.run(&["plan"]))
        })
        .collect();
    let md5sum = turns.iter().map(|turn| turn.0).min().unwrap();
    let plan = turns.iter().map(|turn| turn.1.wall).min().unwrap();
    println!("  {:<34} {:>9.2} s", "md5sum", md5sum.as_secs_f64());
    println!("  {:<34} {:>9.2} s", "zrel plan", plan.as_secs_f64());
    let ratio = plan.as_secs_f64() / md5sum.as_secs_f64();
    bars.at_most("wall time, as a ratio to md5sum", ratio, bar, "");
    let peak = turns.iter().map(|turn| turn.1.peak_mib).fold(0.0, f64::max);
    bars.at_most("peak memory", peak, 40.0, "MiB");
}

fn run_md5sum(paths: &[PathBuf]) -> Duration {
    let start = Instant::now();
    let status = Command::new("md5sum").args(paths).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    start.elapsed()
}

/// Makes a text of about this many pieces.
type Make = Box<dyn Fn(usize) -> String>;

/// Texts that are made to take long: twice the text takes about twice the time, each against
/// itself in the same run.
fn hostile_texts(bars: &mut Bars) {
    println!("hostile texts, each against one of half its length");
    let times = |piece: &'static str| move |n: usize| piece.repeat(n) + "x";
    let texts: [(&str, &str, Make); 7] = [
        ("nested div", "a.html", Box::new(times("<div>"))),
        ("formatting left open", "a.html", Box::new(reopened)),
        (
            "attributes",
            "a.html",
            Box::new(|n| {
                format!("<p{}>", (0..n).map(|n| format!(" a{n}")).collect::<Vec<_>>().concat())
            }),
        ),
        ("nested references", "a.html", Box::new(|n| format!("&{}", "amp;".repeat(n)))),
        ("> of Markdown", "a.md", Box::new(times(">"))),
        (
            "> and lines of Markdown",
            "a.md",
            Box::new(|n| format!("{}{}", ">".repeat(n), "y\n".repeat(n))),
        ),
        (
            "lists of Markdown",
            "a.md",
            Box::new(|n| format!("{}{}", "- ".repeat(n), "y\n".repeat(n))),
        ),
    ];
    for (what, file, make) in &texts {
        linear(bars, &format!("{what}, client"), make, |text| validate(file, text));
    }
    for (what, _, make) in texts.iter().take(4) {
        linear(bars, &format!("{what}, server"), make, |text| {
            zrel::local::sanitize::clean_html(text);
        });
    }
    linear(bars, "comments, server", &times("<!-- x -->"), |text| {
        zrel::local::sanitize::clean_html(text);
    });
    linear(bars, "nested div, compared", &times("<div>"), |text| {
        let other = text.to_owned() + "y";
        assert!(!zrel::compare::is_equivalent_text(zrel::model::Field::Notes, text, &other, None));
    });
    let keywords =
        |n: usize| (0..n / 20).map(|n| format!("\"a{n}\",")).collect::<Vec<_>>().concat();
    linear(bars, "keywords", &keywords, |text| {
        manifest_with(&format!("keywords = [{text}]"), "a.html");
    });
    // As many as a manifest of 1 MiB holds; a longer one is not read.
    linear(bars, "too many keywords", &|n| keywords(n * 10), |text| {
        manifest_with(&format!("keywords = [{text}]"), "a.html");
    });
}

/// Formatting that is never closed, and that each paragraph opens again.
fn reopened(n: usize) -> String {
    let open = (0..200).map(|n| format!("<b class=a{n}>")).collect::<Vec<_>>().concat();
    format!("<p>{open}</p>{}", "<p>x</p>".repeat(n))
}

/// Reports how much longer the work on a text takes than on one of half the length.
fn linear(bars: &mut Bars, what: &str, make: &dyn Fn(usize) -> String, work: impl Fn(&str)) {
    let median = |n: usize| {
        let text = make(n);
        let mut walls: Vec<Duration> = (0..5)
            .map(|_| {
                let start = Instant::now();
                work(&text);
                start.elapsed()
            })
            .collect();
        walls.sort();
        walls[2].as_secs_f64()
    };
    let (half, whole) = (median(100_000), median(200_000));
    bars.at_most(what, whole / half.max(1e-4), 3.0, "times");
}

/// Reads a manifest whose description is in this file, as `zrel validate` does.
fn validate(file: &str, text: &str) {
    let manifest = manifest_with("", file);
    let texts = [(zrel::model::Field::Description, text.to_owned())].into();
    let inputs = zrel::desired::Inputs { texts, ..Default::default() };
    let manifest = manifest.unwrap();
    let server = manifest.server().unwrap();
    // A finding is as good as a text.
    let _ = zrel::desired::build_desired(&manifest, server, inputs);
}

fn manifest_with(field: &str, file: &str) -> Option<zrel::manifest::Manifest> {
    let text = format!(
        "[metadata]\ntitle = \"A benchmark\"\nupload_type = \"dataset\"\n{field}\n\
         description = {{ file = \"{file}\" }}\ncreators = [{{ name = \"Example, Ada\" }}]\n\
         [[files]]\npath = \"a.csv\"\n"
    );
    zrel::manifest::parse(&text, jiff::civil::date(2026, 11, 28)).manifest
}

/// Lets the disk finish what the run before left to write, so that it is not counted again.
fn settle() {
    let _ = Command::new("sync").status();
}

/// Writes a file of pseudo-random bytes.
fn write_file(path: &Path, size: u64, seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut block = vec![0u8; MIB as usize];
    for chunk in block.chunks_exact_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes());
    }
    let mut file = File::create(path).unwrap();
    for n in 0..size.div_ceil(MIB) {
        block[..8].copy_from_slice(&n.to_le_bytes());
        let bytes = (size - n * MIB).min(MIB) as usize;
        file.write_all(&block[..bytes]).unwrap();
    }
}

/// Writes a table of numbers, as a text.
fn write_text(path: &Path, size: u64, seed: u64) {
    let mut file = io::BufWriter::new(File::create(path).unwrap());
    let (mut state, mut left) = (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, size as usize);
    while left > 0 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (day, n) = (state % 28 + 1, state >> 40);
        let line = format!("{n},{:.6},control,2026-11-{day:02}\n", state as f64 / 1e16);
        let length = line.len().min(left);
        file.write_all(&line.as_bytes()[..length]).unwrap();
        left -= length;
    }
}

/// Passes on what clients of `[::1]` and the server of `127.0.0.1` send on the same port, and holds
/// each answer back for so long. The server knows itself by either name.
fn delay_answers(port: u16, delay: Duration) {
    let listener = TcpListener::bind(("::1", port)).unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                // A client that ends early is none of the proxy's business.
                let _ = pass_on(&client, port, delay);
            });
        }
    });
}

fn pass_on(client: &TcpStream, port: u16, delay: Duration) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let is_asked = Arc::new(AtomicBool::new(false));
    let (mut asking, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let asks = Arc::clone(&is_asked);
    std::thread::spawn(move || {
        let mut block = vec![0; 256 * 1024];
        while let Ok(n @ 1..) = asking.read(&mut block) {
            asks.store(true, Ordering::Relaxed);
            if to_server.write_all(&block[..n]).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut answering, mut to_client) = (server, client.try_clone()?);
    let mut block = vec![0; 64 * 1024];
    loop {
        let n = answering.read(&mut block)?;
        if n == 0 {
            return to_client.shutdown(Shutdown::Write);
        }
        // Only the beginning of an answer is late.
        if is_asked.swap(false, Ordering::Relaxed) {
            std::thread::sleep(delay);
        }
        to_client.write_all(&block[..n])?;
    }
}

/// `zrel serve` in a process of its own.
struct Server {
    child: Child,
    url: String,
    lines: Arc<Mutex<Vec<(Instant, String)>>>,
    _data: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/seed.toml");
        let mut child = Command::new(ZREL)
            .args(["serve", "--log-requests", "--data"])
            .arg(data.path().join("data"))
            .arg("--seed")
            .arg(seed)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = first.split_whitespace().last().unwrap().to_owned();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (written, stderr) = (lines.clone(), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if line.contains(" /api/") {
                    written.lock().unwrap().push((Instant::now(), line));
                }
            }
        });
        Self { child, url, lines, _data: data }
    }

    /// Starts a server whose answers are late.
    fn start_behind(delay: Duration) -> Self {
        let mut server = Self::start();
        let port = server.url.rsplit_once(':').unwrap().1.parse().unwrap();
        delay_answers(port, delay);
        server.url = format!("http://[::1]:{port}");
        server
    }

    /// Returns the lines that the server wrote, one a request.
    fn requests(&self) -> Vec<String> {
        self.answered().into_iter().map(|(_, line)| line).collect()
    }

    /// Returns the lines with the time at which each request was answered.
    fn answered(&self) -> Vec<(Instant, String)> {
        // The line of the last request may still be on its way.
        std::thread::sleep(Duration::from_millis(100));
        self.lines.lock().unwrap().clone()
    }

    /// Returns how long the last upload took, from the answer before it to its own.
    fn last_upload(&self) -> Duration {
        let lines = self.answered();
        let at = lines.iter().rposition(|(_, line)| line.starts_with("PUT /api/files/")).unwrap();
        lines[at].0 - lines[at - 1].0
    }

    /// Returns how long the last uploads took, from the answer before them to the last of their own.
    fn all_uploads(&self, n: usize) -> Duration {
        let lines = self.answered();
        let uploads = lines.iter().enumerate();
        let uploads = uploads.filter(|(_, (_, line))| line.starts_with("PUT /api/files/"));
        let at: Vec<usize> = uploads.map(|(at, _)| at).collect();
        lines[at[at.len() - 1]].0 - lines[at[at.len() - n] - 1].0
    }

    /// Uploads files into a new draft, several at once.
    fn upload_all_by_curl(&self, files: &[PathBuf], jobs: usize) -> Duration {
        let draft = self.post("/api/deposit/depositions", "{}");
        self.upload_to_by_curl(draft["links"]["bucket"].as_str().unwrap(), files, jobs)
    }

    fn upload_to_by_curl(&self, bucket: &str, files: &[PathBuf], jobs: usize) -> Duration {
        let mut orders = String::new();
        for file in files {
            let name = file.file_name().unwrap().to_str().unwrap();
            let path = file.to_str().unwrap();
            let _ = writeln!(orders, "upload-file = \"{path}\"\nurl = \"{bucket}/{name}\"");
            orders.push_str("output = /dev/null\n");
        }
        let list = tempfile::NamedTempFile::new().unwrap();
        fs::write(list.path(), orders).unwrap();
        let start = Instant::now();
        self.curl(&[
            "-Z",
            "--parallel-max",
            &jobs.to_string(),
            "-H",
            "Content-Type: application/octet-stream",
            "-K",
            list.path().to_str().unwrap(),
        ]);
        start.elapsed()
    }

    fn host_variable(&self) -> String {
        let host =
            self.url.trim_start_matches("http://").replace(['[', ']'], "").replace(['.', ':'], "_");
        format!("ZREL_TOKEN_{host}")
    }

    fn curl(&self, args: &[&str]) -> String {
        let output = Command::new("curl")
            .args(["-g", "-sS", "--fail-with-body", "-H", "Authorization: Bearer alice-token"])
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn post(&self, path: &str, body: &str) -> serde_json::Value {
        let url = format!("{}{path}", self.url);
        let json = "Content-Type: application/json";
        serde_json::from_str(&self.curl(&["-X", "POST", "-H", json, "-d", body, &url])).unwrap()
    }

    /// The upload alone: the draft is there already.
    fn upload_by_curl(&self, file: &Path) -> Duration {
        let draft = self.post("/api/deposit/depositions", "{}");
        let target = format!("{}/large.bin", draft["links"]["bucket"].as_str().unwrap());
        let start = Instant::now();
        self.curl(&[
            "-H",
            "Content-Type: application/octet-stream",
            "-T",
            file.to_str().unwrap(),
            &target,
        ]);
        start.elapsed()
    }

    /// Deletes these files from a draft that has them, one by one, and uploads them again, several
    /// at once: in a draft of another record, so that the one to be released is left alone.
    fn replace_by_curl(&self, files: &[PathBuf], jobs: usize) -> Duration {
        let draft = self.post("/api/deposit/depositions", "{}");
        let bucket = draft["links"]["bucket"].as_str().unwrap().to_owned();
        self.upload_to_by_curl(&bucket, files, jobs);
        let own = draft["links"]["self"].as_str().unwrap();
        let full: serde_json::Value = serde_json::from_str(&self.curl(&[own])).unwrap();
        let ids = full["files"].as_array().unwrap().iter().map(|file| file["id"].as_str().unwrap());
        let targets: Vec<String> = ids.map(|id| format!("{own}/files/{id}")).collect();
        let mut deletes = vec!["-X", "DELETE"];
        deletes.extend(targets.iter().map(String::as_str));
        let start = Instant::now();
        self.curl(&deletes);
        self.upload_to_by_curl(&bucket, files, jobs);
        start.elapsed()
    }

    /// The four writes of a new version, by hand.
    fn version_by_curl(&self, file: &Path) -> Duration {
        let listed = self.curl(&[&format!("{}/api/deposit/depositions", self.url)]);
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let mut metadata = listed[0]["metadata"].clone();
        metadata.as_object_mut().unwrap().remove("doi");
        metadata["version"] = "1.2".into();
        let body = serde_json::json!({"metadata": metadata}).to_string();
        let id = listed[0]["id"].as_u64().unwrap();
        let start = Instant::now();
        let draft = self.post(&format!("/api/deposit/depositions/{id}/actions/newversion"), "{}");
        let links = &draft["links"];
        let json = "Content-Type: application/json";
        self.curl(&["-X", "PUT", "-H", json, "-d", &body, links["self"].as_str().unwrap()]);
        let target = format!("{}/data-07.bin", links["bucket"].as_str().unwrap());
        self.curl(&[
            "-H",
            "Content-Type: application/octet-stream",
            "-T",
            file.to_str().unwrap(),
            &target,
        ]);
        self.curl(&["-X", "POST", "-H", json, "-d", "{}", links["publish"].as_str().unwrap()]);
        start.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with a manifest.
struct Project<'a> {
    server: &'a Server,
    folder: tempfile::TempDir,
}

/// One run of `zrel`.
struct Run {
    wall: Duration,
    peak_mib: f64,
}

impl<'a> Project<'a> {
    fn new(server: &'a Server) -> Self {
        Self { server, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn manifest(&self, version: &str, pattern: &str) {
        let text = format!(
            "server = \"bench\"\n\n[metadata]\ntitle = \"A benchmark\"\nupload_type = \"dataset\"\n\
             description = \"<p>Bytes.</p>\"\nversion = \"{version}\"\nlicense = \"CC0-1.0\"\n\
             creators = [{{ name = \"Example, Ada\" }}]\n\n[[files]]\npath = \"{pattern}\"\n\n\
             [servers.bench]\nurl = \"{}\"\ndoi_prefix = \"10.5072\"\n",
            self.server.url
        );
        fs::write(self.path("zenodo.toml"), text).unwrap();
    }

    /// Runs `zrel` and watches its memory.
    fn run(&self, args: &[&str]) -> Run {
        let start = Instant::now();
        let mut child = Command::new(ZREL)
            .arg("-C")
            .arg(self.folder.path())
            .args(args)
            .env(self.server.host_variable(), "alice-token")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut peak_kib = 0;
        let status = loop {
            peak_kib = peak_kib.max(peak_memory(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let wall = start.elapsed();
        assert!(status.success(), "zrel {args:?} ended with {status}");
        Run { wall, peak_mib: peak_kib as f64 / 1024.0 }
    }
}

/// Returns the peak of resident memory in KiB; 0 where the system does not say.
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
