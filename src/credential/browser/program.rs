//! The browser's program: started with a profile of its own, which ends with it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::error::BrowserError;
use super::protocol::{Family, START};
use super::wire::Socket;

/// How long a browser may take to end by itself. By real time.
const END: Duration = Duration::from_secs(5);

/// How often the removal of a profile is tried.
const CLEANINGS: usize = 30;

/// How often is looked whether it has started, or ended.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes a folder that only its user can read.
fn make_profile() -> std::io::Result<tempfile::TempDir> {
    let mut folder = tempfile::Builder::new();
    folder.prefix("zrel-browser-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        folder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    folder.tempdir()
}

/// A browser that was started here.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// Only its user can read it; it is removed when this is dropped.
    profile: tempfile::TempDir,
}

impl Running {
    /// Starts a program on a page without these variables, and ends it when this is dropped. Returns
    /// its pipes, if it is asked over those.
    ///
    /// # Errors
    /// [`BrowserError::Start`].
    pub(super) fn start(
        program: &Path,
        (family, page): (Family, &str),
        secret_names: &[String],
    ) -> Result<(Self, Option<Socket>), BrowserError> {
        let failed =
            |source| BrowserError::Start { program: program.display().to_string(), source };
        let profile = make_profile().map_err(failed)?;
        let log = std::fs::File::create(profile.path().join("zrel-log")).map_err(failed)?;
        let mut command = Command::new(program);
        command.args(family.name_profile(profile.path())).args(family.list_arguments(page));
        for name in secret_names {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        #[cfg(unix)]
        let socket = if family.uses_pipes() {
            Some(Socket::over(super::pipes::Pipes::give_to(&mut command).map_err(failed)?))
        } else {
            None
        };
        #[cfg(not(unix))]
        let socket = None;
        let child = command.spawn().map_err(failed)?;
        Ok((Self { child, profile }, socket))
    }

    /// Waits until the browser has written where it listens.
    ///
    /// # Errors
    /// [`BrowserError::Ended`] and [`BrowserError::Silence`].
    pub(super) async fn wait_for_address(
        &mut self,
        family: Family,
    ) -> Result<String, BrowserError> {
        let search = async {
            loop {
                if let Some(address) = family.find_address(self.profile.path()) {
                    return Ok(address);
                }
                if let Ok(Some(_)) = self.child.try_wait() {
                    return Err(BrowserError::Ended(self.read_last_words()));
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(START, search).await.unwrap_or(Err(BrowserError::Silence(START)))
    }

    /// Returns that the browser has ended, if it has, within a moment.
    pub(super) async fn find_end(&mut self) -> Option<BrowserError> {
        let ended = tokio::time::timeout(END, self.child.wait()).await;
        ended.is_ok().then_some(BrowserError::Ended(None))
    }

    /// Returns that the browser ended before it could be asked, with its last words.
    pub(super) async fn describe_end(&mut self) -> BrowserError {
        let _ = tokio::time::timeout(END, self.child.wait()).await;
        BrowserError::Ended(self.read_last_words())
    }

    /// Waits until it ends, or ends it, and removes its profile.
    pub(super) async fn end(mut self) {
        if tokio::time::timeout(END, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }

    /// Ends the browser and removes its profile, also where a signal cuts its use short. Its
    /// processes write into the profile until they have ended.
    fn clean_up(&mut self) {
        let _ = self.child.start_kill();
        for _ in 0..CLEANINGS {
            let has_ended = matches!(self.child.try_wait(), Ok(Some(_)));
            let _ = std::fs::remove_dir_all(self.profile.path());
            if has_ended && !self.profile.path().exists() {
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Returns the last line that the browser wrote on stderr.
    fn read_last_words(&self) -> Option<String> {
        let log = std::fs::read(self.profile.path().join("zrel-log")).ok()?;
        let text = String::from_utf8_lossy(&log).into_owned();
        text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.clean_up();
    }
}
