//! One large file, beside `curl -T`, in the clear and over TLS.

mod tls;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::MIB;
use crate::bars::Bars;
use crate::files::{settle, write_file};
use crate::project::{Project, Run};
use crate::server::Server;

/// A machine writes the first gigabytes faster than those after them, so the two take turns, each on
/// a server of its own.
const TURNS: usize = 5;

/// Over TLS, client, front and server share two cores, and one turn says less: there are more of
/// them, with a smaller file.
const TLS_TURNS: usize = 12;

/// One file of 2 GiB, its digest cached, against `curl -T`.
pub(crate) fn large_file(bars: &mut Bars) {
    println!("one file of 2 GiB, the best of {TURNS} turns");
    upload_in_turns(bars, (TURNS, 2048 * MIB), &Server::start);
}

/// One file of 512 MiB over TLS, which both clients trust by `SSL_CERT_FILE`.
pub(crate) fn large_file_over_tls(bars: &mut Bars) {
    println!("one file of 512 MiB over TLS, the best of {TLS_TURNS} turns");
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("trusted.pem");
    tls::write_certificate(&certificate);
    upload_in_turns(bars, (TLS_TURNS, 512 * MIB), &|| start_with_tls(certificate.clone()));
}

fn start_with_tls(certificate: PathBuf) -> Server {
    let mut server = Server::start();
    server.url = format!("https://127.0.0.1:{}", tls::listen_before(server.port()));
    server.certificate = Some(certificate);
    server
}

fn upload_in_turns(bars: &mut Bars, (n, size): (usize, u64), start: &dyn Fn() -> Server) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.bin");
    write_file(&file, size, 1);
    let turns: Vec<_> =
        (0..n).map(|_| (upload_by_curl(&start(), &file), upload(&start(), &file))).collect();
    // The server's wait for fresh pages makes one and the same upload take up to twice as long.
    // It only ever adds, so that the best turn of each says most about the client.
    let best = |walls: &dyn Fn(usize) -> Duration| (0..turns.len()).map(walls).min().unwrap();
    let curl = best(&|turn| turns[turn].0);
    let zrel = best(&|turn| turns[turn].1.0);
    let apply = best(&|turn| turns[turn].1.1.wall);
    let rate = |wall: Duration| size as f64 / 1e6 / wall.as_secs_f64();
    println!("  {:<34} {:>9.0} MB/s", "curl -T", rate(curl));
    println!("  {:<34} {:>9.0} MB/s", "zrel, the upload", rate(zrel));
    println!("  {:<34} {:>9.0} MB/s", "zrel, the whole apply", rate(apply));
    let ratio = curl.as_secs_f64() / zrel.as_secs_f64();
    bars.at_least("rate, as a ratio to curl -T", ratio, 0.9, "");
    let peak = turns.iter().map(|turn| turn.1.1.peak_mib).fold(0.0, f64::max);
    bars.at_most("peak memory", peak, 40.0, "MiB");
}

fn upload_by_curl(server: &Server, file: &Path) -> Duration {
    settle();
    server.upload_by_curl(file)
}

/// Returns how long the upload took, and the whole run.
fn upload(server: &Server, file: &Path) -> (Duration, Run) {
    let project = Project::new(server);
    fs::hard_link(file, project.path("large.bin")).unwrap();
    project.manifest("1.0", "large.bin");
    // A digest of a file that was written a moment ago is not trusted: let the clock move on.
    std::thread::sleep(Duration::from_secs(3));
    project.run(&["plan"]);
    settle();
    let run = project.run(&["apply", "--auto-approve", "--initial"]);
    (server.last_upload(), run)
}
