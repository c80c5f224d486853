//! The connections of a command for several members of a workspace: members on one server share
//! one, and so what the server says of its limit of requests, and one listing of its records.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Runtime;

use crate::engine::{EngineError, Listing, Project, Session};
use crate::model::{ApiChoice, Server, ServerKind};
use crate::observed::View;

/// The open connections.
pub(in crate::cli) struct Connections {
    /// How many members the command is for.
    n_members: usize,
    open: Mutex<Vec<Open>>,
    /// Held while one is opened: members that begin together wait for it, and share it.
    opening: tokio::sync::Mutex<()>,
}

struct Open {
    key: ConnectionKey,
    session: Session,
    listing: Arc<Listing>,
}

/// What a connection is to: two members with the same key share it.
#[derive(PartialEq, Eq)]
pub(in crate::cli) struct ConnectionKey {
    server: Server,
    /// What the manifest says of the APIs.
    api: ApiChoice,
    view: View,
    /// The data of the local server, and the communities that it was started with.
    local: Option<(PathBuf, Vec<String>)>,
}

impl ConnectionKey {
    /// Returns what a project connects to.
    ///
    /// # Errors
    /// An [`EngineError`] when the folder of the local server can't be created.
    pub(in crate::cli) fn of(project: &Project, view: View) -> Result<Self, EngineError> {
        let server = project.server.clone();
        let api = project.manifest.api.get(&server.name).copied().unwrap_or_default();
        if server.kind != ServerKind::Local {
            return Ok(Self { server, api, view, local: None });
        }
        let communities = project.manifest.communities.iter();
        let communities = communities.map(|community| community.id.value.0.clone()).collect();
        Ok(Self { server, api, view, local: Some((project.local_data()?, communities)) })
    }
}

impl Connections {
    /// Makes the connections of a command for so many members; none is open yet.
    pub(in crate::cli) fn of(n_members: usize) -> Self {
        Self { n_members, open: Mutex::default(), opening: tokio::sync::Mutex::default() }
    }

    fn make_listing(&self) -> Arc<Listing> {
        Arc::new(Listing::expecting(self.n_members))
    }

    /// Waits until no other connection is being opened.
    pub(in crate::cli) async fn take_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.opening.lock().await
    }

    /// Returns the open connection to this.
    pub(in crate::cli) fn find(&self, key: &ConnectionKey) -> Option<Session> {
        self.lock().iter().find(|open| open.key == *key).map(|open| open.session.clone())
    }

    /// Keeps a connection open for the other members.
    pub(in crate::cli) fn keep(&self, key: ConnectionKey, session: Session) {
        let listing = self.make_listing();
        self.lock().push(Open { key, session, listing });
    }

    /// Returns the listing of a server's records.
    pub(in crate::cli) fn find_listing(&self, key: &ConnectionKey) -> Option<Arc<Listing>> {
        self.lock().iter().find(|open| open.key == *key).map(|open| Arc::clone(&open.listing))
    }

    /// Forgets what the listings showed: what is planned next reads them again.
    pub(in crate::cli) fn forget_listings(&self) {
        for open in self.lock().iter_mut() {
            open.listing = self.make_listing();
        }
    }

    /// Closes all connections: the local server must not outlive the command.
    pub(in crate::cli) fn close(&self, runtime: &Runtime) {
        // The first one may run the local server, which waits for those that joined it.
        while let Some(open) = { self.lock().pop() } {
            runtime.block_on(open.session.close());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
