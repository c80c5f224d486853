//! Which process runs the server of a data folder: the one that holds its lock. Others join.
//!
//! The owner holds `owner.lock` as long as it lives (the system frees it on a kill); the processes
//! that joined share `users.lock`. `server.json` says where the owner listens; it is trusted only
//! while the lock is held and the listener proves that it has read the file.
//! Deliberately absent: the server itself.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

use super::error::LocalError;
use super::http::app::compute_proof;
use super::new_id::new_id;

/// How long a listener may take to answer a process that joins.
const RETRY_BUDGET: Duration = Duration::from_secs(2);

/// The contents of `server.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ServerFile {
    /// Where the owner listens.
    pub(crate) port: u16,
    /// The token of its first user.
    pub(crate) token: String,
    /// A secret that only readers of this file know.
    pub(crate) instance: String,
}

/// A data folder.
#[derive(Debug, Clone)]
pub(crate) struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// Opens the folder for this user alone, and creates it if needed.
    ///
    /// # Errors
    /// When it cannot be created.
    pub(crate) fn open(path: &Path) -> Result<Self, LocalError> {
        let folder = Self { path: path.to_owned() };
        fs::create_dir_all(path).map_err(|source| folder.failure("create", path, source))?;
        restrict_folder(path).map_err(|source| folder.failure("protect", path, source))?;
        Ok(folder)
    }

    /// Returns the folder's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn failure(&self, action: &'static str, path: &Path, source: io::Error) -> LocalError {
        let _ = self;
        LocalError::Folder { action, path: path.to_owned(), source }
    }

    fn lock_file(&self, name: &str) -> Result<File, LocalError> {
        let path = self.path.join(name);
        // Opening a FIFO would wait for a reader.
        if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_file()) {
            return Err(self.failure("open", &path, io::Error::other("it is not a file")));
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        file.map_err(|source| self.failure("open", &path, source))
    }

    /// Becomes the owner, unless there is one.
    ///
    /// # Errors
    /// When locks do not work.
    pub(crate) fn try_own(&self) -> Result<Option<File>, LocalError> {
        let file = self.lock_file("owner.lock")?;
        self.locked(file.try_lock(), "owner.lock").map(|is_locked| is_locked.then_some(file))
    }

    /// Joins, unless the owner is about to stop.
    ///
    /// # Errors
    /// When locks do not work.
    pub(crate) fn try_use(&self) -> Result<Option<File>, LocalError> {
        let file = self.lock_file("users.lock")?;
        self.locked(file.try_lock_shared(), "users.lock").map(|is_locked| is_locked.then_some(file))
    }

    /// Keeps other processes from joining, unless one has joined and not left yet.
    ///
    /// # Errors
    /// When locks do not work.
    pub(crate) fn try_close(&self) -> Result<Option<File>, LocalError> {
        let file = self.lock_file("users.lock")?;
        self.locked(file.try_lock(), "users.lock").map(|is_locked| is_locked.then_some(file))
    }

    fn locked(&self, result: Result<(), TryLockError>, name: &str) -> Result<bool, LocalError> {
        match result {
            Ok(()) => Ok(true),
            // Another process has the lock: an answer, not a failure. Only the rest is an error,
            // such as a file system without locks.
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => {
                Err(self.failure("lock", &self.path.join(name), source))
            }
        }
    }

    /// Returns the last port of this folder's server.
    pub(crate) fn last_port(&self) -> Option<u16> {
        read_small(&self.path.join("port"))?.trim().parse().ok()
    }

    /// Forgets where a former owner listened; the new owner calls this first.
    pub(crate) fn forget_server(&self) {
        // A missing file means that there is nothing to forget.
        let _ = fs::remove_file(self.path.join("server.json"));
    }

    /// Writes down where this process listens.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn announce(&self, server: &ServerFile) -> Result<(), LocalError> {
        let path = self.path.join("server.json");
        let text = serde_json::to_string(server).unwrap_or_default();
        let written = write_private(&path, &text)
            .and_then(|()| write_private(&self.path.join("port"), &server.port.to_string()));
        written.map_err(|source| self.failure("write", &path, source))
    }

    /// Returns where the owner listens, once it does and has proved it.
    pub(crate) async fn live_server(&self) -> Option<ServerFile> {
        let text = read_small(&self.path.join("server.json"))?;
        let server: ServerFile = serde_json::from_str(&text).ok()?;
        // After a kill another program may listen on the port: a new nonce makes the proof one that
        // it can't have seen before, and the token is not sent until the proof is there.
        let nonce = new_id();
        let path = format!("/zrel/instance?nonce={nonce}");
        let asked = ask(server.port, "GET", &path, None, "");
        let (status, body) = timeout(RETRY_BUDGET, asked).await.ok()?.ok()?;
        let body: Value = serde_json::from_str(&body).ok()?;
        let expected = compute_proof(&server.instance, &nonce);
        (status == 200 && body["proof"] == expected.as_str()).then_some(server)
    }
}

/// Sends a request to a server on this machine without a library, on a connection of its own.
///
/// # Errors
/// When nothing listens, or the connection breaks.
pub(crate) async fn ask(
    port: u16,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let authorization =
        token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         {authorization}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("the answer is not HTTP"))?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    Ok((status, body.unwrap_or_default()))
}

/// Reads a small file; `None` if it is missing, a FIFO, a link, or too large.
fn read_small(path: &Path) -> Option<String> {
    let there = fs::symlink_metadata(path).ok()?;
    // Reading a FIFO would wait for a writer, and a huge file would fill the memory.
    let is_small = there.is_file() && there.len() < 65_536;
    is_small.then(|| fs::read_to_string(path).ok())?
}

/// Writes a file that only this user can read, in one step.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let aside = path.with_extension("new");
    // A file left by a kill may have other permissions.
    let _ = fs::remove_file(&aside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Permissions that are set later would leave a moment in which others can read the token.
    restrict(&mut options);
    let mut file = options.open(&aside)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

#[cfg(unix)]
fn restrict(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

/// On other systems a user's folder is private already.
#[cfg(not(unix))]
fn restrict(_: &mut OpenOptions) {}

#[cfg(unix)]
fn restrict_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// On other systems a user's folder is private already.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn restrict_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
