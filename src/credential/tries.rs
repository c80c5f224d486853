//! How often a log-in was tried lately: a server closes an account to more than a few tries.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::disk;

/// How many tries a minute has: `ACCOUNTS_LOGIN_RATELIMIT` of zenodo-rdm (research/browser.md section
/// 4, 2026-11-28).
const MOST: usize = 5;

/// The minute.
const WINDOW: Duration = Duration::from_mins(1);

/// The most that is read of the file. Bytes.
const MAX_FILE: u64 = 64 * 1024;

/// Notes a try to log in to a host. Returns how long to wait, when it would be one too many; then it
/// is not noted.
///
/// # Errors
/// Those of the file system: a try that can't be noted must not be made.
pub fn note_try(
    folder: &Path,
    host: &str,
    clock: impl FnOnce() -> Timestamp,
) -> std::io::Result<Option<Duration>> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join("login-tries");
    // Another run may try at the same moment.
    let _turn = disk::lock_briefly(&folder.join("login-tries.lock"))?;
    // Only now: a run that had its turn earlier must not have noted a later time.
    let now = clock();
    let text = match disk::read_text(&path, MAX_FILE) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let mut tries: Vec<(&str, Timestamp)> = text.lines().filter_map(read_try).collect();
    // One of the future counts too: the clock of this machine was set back.
    tries.retain(|(_, at)| *at + WINDOW > now);
    let own: Vec<Timestamp> =
        tries.iter().filter(|(known, _)| *known == host).map(|(_, at)| *at).collect();
    if own.len() >= MOST {
        let wait = own.iter().min().map(|first| first.duration_until(now));
        let passed = wait.and_then(|passed| Duration::try_from(passed).ok()).unwrap_or_default();
        return Ok(Some(WINDOW.saturating_sub(passed)));
    }
    tries.push((host, now));
    let lines: Vec<String> = tries.iter().map(|(host, at)| format!("{host} {at}")).collect();
    disk::write_private(&path, lines.join("\n").as_bytes())?;
    Ok(None)
}

fn read_try(line: &str) -> Option<(&str, Timestamp)> {
    let (host, at) = line.split_once(' ')?;
    Some((host, at.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sixth_try_in_a_minute_has_to_wait_and_another_host_has_not() {
        let folder = tempfile::tempdir().unwrap();
        let start: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let note = |host: &str, seconds| note_try(folder.path(), host, || at(seconds)).unwrap();
        for second in 0..5 {
            assert_eq!(note("a.org", second), None);
        }
        assert_eq!(note("a.org", 5), Some(Duration::from_secs(55)));
        assert_eq!(note("b.org", 5), None);
        assert_eq!(note("a.org", 60), None);
        assert_eq!(note("a.org", 60), Some(Duration::from_secs(1)));
        std::fs::write(folder.path().join("login-tries"), "nonsense\n\u{0}").unwrap();
        assert_eq!(note("a.org", 61), None);
    }
}
