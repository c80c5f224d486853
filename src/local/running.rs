//! Starts, joins and stops the server of a data folder.
//!
//! Deliberately absent: locks and their files, see `instance_lock`; requests, see `http`.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, sleep, timeout};

use super::accept;
use super::apis::Apis;
use super::error::LocalError;
use super::faults::Faults;
use super::http::Sessions;
use super::http::app::{AppState, Log};
use super::http::file_writes::FileWrites;
use super::http::rate::{RateCounter, RateLimit};
use super::instance_lock::{DataFolder, ServerFile, ask};
use super::new_id::new_id;
use super::seed::Seed;
use super::setup::{self, Begun};
use super::state::quota::Quota;
use super::store::Store;
use crate::clock::Clock;

/// How long to wait for another process that is starting or stopping.
const JOIN_TIME: Duration = Duration::from_secs(20);
/// How long to wait for joined processes before stopping anyway.
const LEAVE_TIME: Duration = Duration::from_secs(10);
/// How long running requests get to end.
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// How long to wait between two tries.
const TICK: Duration = Duration::from_millis(25);

/// The options of a server.
pub struct ServeOptions {
    /// The data folder: state, files, locks.
    pub data: PathBuf,
    /// The port; `None` takes the last port of the folder's server, or any free one.
    pub port: Option<u16>,
    /// Users and communities to start with.
    pub seed: Option<Seed>,
    /// Slugs of communities to create where they are missing, owned by the local user.
    pub communities: Vec<String>,
    /// The source of the time.
    pub clock: Clock,
    /// How many files a record may hold (100 on Zenodo, 2026-11-23).
    pub max_files: usize,
    /// How many bytes the files of a record may have together (50 GB on Zenodo, 2026-11-23).
    pub max_record_bytes: u64,
    /// How many bytes of JSON a request may have.
    pub max_json_bytes: usize,
    /// Called with a line for each request: `PUT /api/files/… 201 5242880`.
    pub log: Option<Log>,
    /// The faults to inject.
    pub faults: Faults,
    /// How many requests are answered; all of them without a limit.
    pub rate: Option<RateLimit>,
    /// Which APIs it has.
    pub apis: Apis,
    /// Whether a PUT by the records API without the DOI of a draft loses it, as older servers are
    /// reported to do: the draft can then neither reserve a DOI nor be published.
    pub loses_dois: bool,
    /// Whether a draft without a DOI is published without one, as on servers where DOIs are an option.
    pub has_optional_dois: bool,
}

impl ServeOptions {
    /// Returns the usual options for a data folder.
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            port: None,
            seed: None,
            communities: Vec::new(),
            clock: Clock::Real,
            max_files: 100,
            max_record_bytes: 50_000_000_000,
            max_json_bytes: 2 * 1024 * 1024,
            log: None,
            faults: Faults::none(),
            rate: None,
            apis: Apis::Zenodo,
            loses_dois: false,
            has_optional_dois: false,
        }
    }
}

impl std::fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServeOptions")
            .field("data", &self.data)
            .field("port", &self.port)
            .field("communities", &self.communities)
            .finish_non_exhaustive()
    }
}

/// A running server, in this process or in another one that this process has joined.
#[derive(Debug)]
pub struct Running {
    base_url: String,
    token: String,
    folder: DataFolder,
    role: Role,
}

#[derive(Debug)]
enum Role {
    Owner(Owner),
    Joined {
        /// Shared; released when dropped.
        _users: File,
    },
}

#[derive(Debug)]
struct Owner {
    app: Arc<AppState>,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
    /// Released last.
    lock: File,
}

/// Starts the server of a data folder on 127.0.0.1, or joins the process that runs it.
///
/// # Errors
/// [`LocalError`] if the folder cannot be used, the port is taken, or the other process does not
/// answer.
pub async fn start(options: ServeOptions) -> Result<Running, LocalError> {
    let folder = DataFolder::open(&options.data)?;
    let until = Instant::now() + JOIN_TIME;
    loop {
        // Each round tries to own first: the other process may stop, or be killed, while this one
        // waits.
        if let Some(lock) = folder.try_own()? {
            return run_as_owner(folder, lock, options).await;
        }
        if let Some(running) = join_owner(&folder, &options.communities).await? {
            return Ok(running);
        }
        if Instant::now() > until {
            return Err(LocalError::Unanswered { path: options.data });
        }
        sleep(TICK).await;
    }
}

async fn run_as_owner(
    folder: DataFolder,
    lock: File,
    options: ServeOptions,
) -> Result<Running, LocalError> {
    // A former owner that was killed has left its address, which would mislead those who join.
    folder.forget_server();
    let mut store = Store::open(folder.path())?;
    let seed = options.seed.as_ref();
    let ServeOptions { apis, loses_dois, has_optional_dois, .. } = options;
    let begun = Begun { seed, slugs: &options.communities, apis, loses_dois, has_optional_dois };
    let token = setup::set_up(&mut store, begun, &options.clock)?;
    let (listener, port) = bind_listener(&folder, options.port).await?;
    let app = Arc::new(AppState {
        blobs: store.blobs().clone(),
        tokens: store.state().tokens(),
        store: Mutex::new(Some(store)),
        sessions: Sessions::new(new_id()),
        port,
        clock: options.clock,
        quota: Quota { n_files: options.max_files, size_bytes: options.max_record_bytes },
        max_json_bytes: options.max_json_bytes,
        log: options.log,
        faults: options.faults,
        rate: options.rate.map(RateCounter::new),
        apis: options.apis,
        file_writes: FileWrites::default(),
        instance: new_id(),
    });
    let (shutdown, stopped) = oneshot::channel();
    let serving = accept::serve(listener, Arc::clone(&app), stopped);
    let task = tokio::spawn(serving);
    let instance = app.instance.clone();
    // Other processes join from here on, so the listener must already run.
    folder.announce(&ServerFile { port, token: token.clone(), instance })?;
    let role = Role::Owner(Owner { app, shutdown: Some(shutdown), task, lock });
    Ok(Running { base_url: format!("http://127.0.0.1:{port}"), token, folder, role })
}

async fn bind_listener(
    folder: &DataFolder,
    wanted: Option<u16>,
) -> Result<(TcpListener, u16), LocalError> {
    let bind = async |port: u16| {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let bound = listener.and_then(|listener| {
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        });
        bound.map_err(|source| LocalError::Port { port, source })
    };
    if let Some(port) = wanted {
        return bind(port).await;
    }
    // The same port keeps addresses from an earlier run valid, and is not worth a failure if taken.
    if let Some(port) = folder.last_port()
        && let Ok(bound) = bind(port).await
    {
        return Ok(bound);
    }
    bind(0).await
}

async fn join_owner(
    folder: &DataFolder,
    communities: &[String],
) -> Result<Option<Running>, LocalError> {
    // The lock comes before the proof: an owner that has begun to stop admits no other process.
    let Some(users) = folder.try_use()? else { return Ok(None) };
    let Some(server) = folder.live_server().await else { return Ok(None) };
    for slug in communities {
        let body = serde_json::json!({"slug": slug, "metadata": {"title": slug}}).to_string();
        // The server refuses a community that exists, and the community is then as wanted.
        let _ = ask(server.port, "POST", "/api/communities", Some(&server.token), &body).await;
    }
    Ok(Some(Running {
        base_url: format!("http://127.0.0.1:{}", server.port),
        token: server.token,
        folder: folder.clone(),
        role: Role::Joined { _users: users },
    }))
}

impl Running {
    /// Returns the server's address: `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the token of the local user, or of the first user of the seed.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns a link to a page (`/uploads/12345678`) that signs in the first browser that follows
    /// it; `None` if the server does not answer.
    ///
    /// Only their owner sees drafts. The link works once.
    pub async fn sign_in_link(&self, page: &str) -> Option<String> {
        let port = self.base_url.rsplit(':').next()?.parse().ok()?;
        let body = serde_json::json!({"to": page}).to_string();
        let answer = ask(port, "POST", "/zrel/links", Some(&self.token), &body).await.ok()?;
        let answer: serde_json::Value = serde_json::from_str(&answer.1).ok()?;
        answer.get("link")?.as_str().map(str::to_owned)
    }

    /// Returns whether another process runs the server.
    pub fn is_joined(&self) -> bool {
        matches!(self.role, Role::Joined { .. })
    }

    /// Waits until the server ends: for `zrel serve`, which a signal ends.
    pub async fn wait(self) {
        match self.role {
            Role::Owner(owner) => {
                // After an error of the listener or a panic, too, there is nothing to wait for.
                let _ = owner.task.await;
                drop(owner.shutdown);
            }
            Role::Joined { .. } => {
                while self.folder.live_server().await.is_some() {
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Leaves the server; the owner waits a bounded time for joined processes to leave, and stops.
    pub async fn stop(self) {
        let Role::Owner(mut owner) = self.role else { return };
        let until = Instant::now() + LEAVE_TIME;
        // The gate stays locked to the end, so that no process joins a server that is stopping.
        let listener_gate = loop {
            match self.folder.try_close() {
                Ok(Some(listener_gate)) => break Some(listener_gate),
                Ok(None) if Instant::now() < until => sleep(TICK).await,
                // A process that stays too long loses the server: it must not keep this one from
                // ending.
                Ok(None) | Err(_) => break None,
            }
        };
        drop(owner.shutdown.take());
        if timeout(DRAIN_TIME, &mut owner.task).await.is_err() {
            owner.task.abort();
            // The port is free only after the task has ended.
            let _ = (&mut owner.task).await;
        }
        // The store closes before the lock is released; connections may outlive both.
        let store = owner.app.store.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(store);
        self.folder.forget_server();
        drop(owner.lock);
        drop(listener_gate);
    }
}
