//! A connection to the manifest's server.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::api::{ApiError, Backend, BackendOf, ReadApi, WriteApi};
use crate::clock::{Clock, Deadline};
use crate::http::{Client, ClientOptions, Credential, SessionCookie};
use crate::local::{Running, ServeOptions};
use crate::model::{ApiChoice, RecordId, Server, ServerKind};

use super::EngineError;
use super::project::Project;

/// The time limits of a connection, and its clock.
#[derive(Debug)]
pub struct ConnectOptions {
    /// The time.
    pub clock: Clock,
    /// How long the server may be silent.
    pub read_timeout: Duration,
    /// How many clients share the server's limit of requests, with this one.
    pub n_clients: u32,
    /// The time limit of the run.
    pub deadline: Deadline,
}

/// A connection; it keeps the local server running. Clones are one connection: they share what the
/// server says of its limit of requests.
#[derive(Clone)]
pub struct Session {
    client: Client,
    backend: BackendOf,
    running: Option<Arc<Running>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("is_local", &self.running.is_some()).finish_non_exhaustive()
    }
}

impl Session {
    /// Connects to the project's server as the token's user, or anonymously without a token. Starts
    /// the local server if it is that, which needs no token.
    ///
    /// # Errors
    /// [`EngineError::Client`] for an address or a token that can't be used, and those of
    /// [`Self::local`].
    pub async fn connect(
        project: &Project,
        token: Option<SecretString>,
    ) -> Result<Self, EngineError> {
        Self::connect_as(project, token.map(Credential::Token)).await
    }

    /// Does the same with any credential.
    ///
    /// # Errors
    /// Those of [`Self::connect`].
    pub async fn connect_as(
        project: &Project,
        credential: Option<Credential>,
    ) -> Result<Self, EngineError> {
        if project.server.kind == ServerKind::Local {
            return Self::rehearsal(project).await;
        }
        let session = Self::remote(&project.server, credential, &make_connect_options(project))?;
        Ok(session.choose_backend(project))
    }

    /// Connects to the project's server anonymously: no token is searched for.
    ///
    /// # Errors
    /// Those of [`Self::connect`], except for the token.
    pub async fn anonymous(project: &Project) -> Result<Self, EngineError> {
        if project.server.kind != ServerKind::Local {
            let session = Self::remote(&project.server, None, &make_connect_options(project))?;
            return Ok(session.choose_backend(project));
        }
        // The session of the local server has its owner's token; a public plan must not see more.
        let Self { running, backend, .. } = Self::rehearsal(project).await?;
        let base = running.as_deref().map_or("", Running::base_url);
        let client = make_client(&make_connect_options(project), base, None)?;
        Ok(Self { client, backend, running })
    }

    /// Starts the local server of a project.
    async fn rehearsal(project: &Project) -> Result<Self, EngineError> {
        let communities = project.manifest.communities.iter();
        let communities = communities.map(|community| community.id.value.0.clone()).collect();
        let options = make_connect_options(project);
        let session = Self::local(project.local_data()?, communities, &options).await?;
        Ok(session.choose_backend(project))
    }

    /// Takes the API that the manifest asks for.
    fn choose_backend(self, project: &Project) -> Self {
        let choice = project.manifest.api.get(&project.server.name).copied().unwrap_or_default();
        let backend = match choice {
            // A server that has it not is named as such: see [`Session::note_backend`].
            ApiChoice::Auto | ApiChoice::Deposit => return self,
            ApiChoice::Records => Backend::Records,
        };
        Self { backend: backend.into(), ..self }
    }

    /// Starts the local server, with its data in this folder.
    ///
    /// # Errors
    /// An [`EngineError`] when it can't start.
    pub async fn local(
        data: PathBuf,
        communities: Vec<String>,
        connect: &ConnectOptions,
    ) -> Result<Self, EngineError> {
        let options =
            ServeOptions { communities, clock: connect.clock.clone(), ..ServeOptions::new(data) };
        let running = crate::local::start(options).await;
        let running = running.map_err(EngineError::Local)?;
        let token = SecretString::from(running.token().to_owned());
        let client = make_client(connect, running.base_url(), Some(Credential::Token(token)))?;
        // Another process may serve the folder without the deposit API.
        let is_joined = running.is_joined();
        let backend =
            if is_joined { BackendOf::default() } else { BackendOf::from(Backend::Deposit) };
        Ok(Self { client, backend, running: Some(Arc::new(running)) })
    }

    /// Connects to another server; without a credential, only public data can be read.
    ///
    /// # Errors
    /// An [`EngineError`] for an address that zrel sends nothing to.
    pub fn remote(
        server: &Server,
        credential: Option<Credential>,
        options: &ConnectOptions,
    ) -> Result<Self, EngineError> {
        let backend = match server.kind {
            ServerKind::Local | ServerKind::Sandbox | ServerKind::Zenodo => Backend::Deposit.into(),
            // The server is asked with the first call that needs to know.
            ServerKind::Other => BackendOf::default(),
        };
        let client = make_client(options, &server.url, credential)?;
        Ok(Self { client, backend, running: None })
    }

    /// Logs in with e-mail and password, with a single try. Returns the cookies of the session.
    ///
    /// # Errors
    /// [`ApiError`]: refused for a wrong password, rate-limited after too many tries.
    pub async fn log_in(
        &self,
        email: &str,
        password: &SecretString,
    ) -> Result<Vec<SessionCookie>, ApiError> {
        crate::api::log_in(&self.client, email, password).await
    }

    /// Returns the server's address, without a slash at the end.
    pub fn site(&self) -> String {
        self.client.base().trim_end_matches('/').to_owned()
    }

    /// Returns whether the server gets a credential.
    pub fn has_credential(&self) -> bool {
        self.client.has_credential()
    }

    /// Returns the part of the API that only reads.
    pub fn read(&self) -> ReadApi {
        ReadApi::with_backend(self.client.clone(), self.backend.clone())
    }

    /// Returns the part of the API that writes.
    pub fn write(&self) -> WriteApi {
        WriteApi::with_backend(self.client.clone(), self.backend.clone())
    }

    /// Returns a link to a draft's page on the local server, which signs a browser in once; none
    /// for other servers.
    pub async fn sign_in_link(&self, draft: RecordId) -> Option<String> {
        let running = self.running.as_ref()?;
        running.sign_in_link(&format!("/uploads/{draft}")).await
    }

    /// Ends the session, or this clone of it; the local server ends when no other one uses it.
    pub async fn close(self) {
        if let Some(running) = self.running.and_then(Arc::into_inner) {
            running.stop().await;
        }
    }
}

fn make_connect_options(project: &Project) -> ConnectOptions {
    ConnectOptions {
        clock: project.clock.clone(),
        read_timeout: project.read_timeout,
        n_clients: project.n_clients,
        deadline: project.deadline.clone(),
    }
}

fn make_client(
    connect: &ConnectOptions,
    base: &str,
    credential: Option<Credential>,
) -> Result<Client, EngineError> {
    let options = ClientOptions::new(base, None, connect.clock.clone());
    let options = ClientOptions {
        credential,
        read_timeout: connect.read_timeout,
        n_clients: connect.n_clients,
        deadline: connect.deadline.clone(),
        ..options
    };
    Client::new(options).map_err(EngineError::Client)
}

/// Returns the host of a server, with the port if the address has one.
///
/// # Errors
/// [`EngineError::Address`].
pub fn parse_host(server: &Server) -> Result<String, EngineError> {
    let invalid = || EngineError::Address(server.url.clone());
    let url = url::Url::parse(&server.url).map_err(|_| invalid())?;
    let host = url.host_str().ok_or_else(invalid)?;
    Ok(match url.port() {
        // Another port of a host is another server, and gets another token.
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}
