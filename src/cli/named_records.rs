//! Published records that a command line names, each with its server and what is known of it here.

use std::path::PathBuf;
use std::time::Duration;

use crate::engine::verify::{KnownRecord, Verifier};
use crate::engine::{ConnectOptions, EngineError, Project, ProjectPaths, Session};
use crate::http::READ_TIMEOUT;
use crate::interop::from_record::{ServerHint, choose_server, parse_record_name};
use crate::model::{Recid, RecordId, Server, ServerKind};

use super::args::{Global, NamedRecords};
use super::connection::{connect_to_read, connect_to_server};
use super::context::Context;
use super::error_mapping::map_name_fault;
use super::failure::Failure;

/// The records that a command is for, with the connections to their servers.
pub(in crate::cli) struct Records {
    /// The manifest, if there is one.
    project: Option<Project>,
    /// What is known of its record.
    known: Option<KnownRecord>,
    /// The servers of the records, each with its connection.
    servers: Vec<(Server, Session)>,
    /// The records, in the order in which they were named.
    pub(in crate::cli) all: Vec<NamedRecord>,
}

/// A record that a command is for.
pub(in crate::cli) struct NamedRecord {
    /// As it was named; for the one that was applied last, its DOI or its number.
    pub(in crate::cli) name: String,
    /// The number of a version or a concept.
    pub(in crate::cli) id: RecordId,
    /// Its server's place among the servers.
    server: usize,
}

impl Records {
    /// Finds the records that are named, or else the version that was applied last, and connects to
    /// their servers. Without a published version there is none.
    ///
    /// # Errors
    /// A [`Failure`] for a name that leads nowhere, and for a manifest, a lock or a token that can't
    /// be used.
    pub(in crate::cli) async fn find(
        context: &Context,
        named: &NamedRecords,
    ) -> Result<Self, Failure> {
        let loaded = Project::load(context.project_options());
        if named.records.is_empty() {
            return Self::of_lock(context, loaded?).await;
        }
        let (project, fault) = match loaded {
            Ok(project) => (Some(project), None),
            Err(error) => (None, Some(error)),
        };
        let known = project.as_ref().map(Project::known_record).transpose()?.flatten();
        let find = |name: &String| find_server(name, named.server.as_deref(), project.as_ref());
        let found: Vec<_> = named.records.iter().map(find).collect::<Result<_, _>>()?;
        // A number means the server of a manifest, and one that is broken does not say which.
        if let Some(EngineError::Invalid(faults)) = fault
            && named.server.is_none()
            && named.records.iter().any(|name| Recid::parse(name).is_some())
        {
            return Err(EngineError::Invalid(faults).into());
        }
        let mut records = Self { project, known, servers: Vec::new(), all: Vec::new() };
        for (name, (server, id)) in named.records.iter().cloned().zip(found) {
            let server = records.connect(context, server).await?;
            records.all.push(NamedRecord { name, id, server });
        }
        Ok(records)
    }

    async fn of_lock(context: &Context, project: Project) -> Result<Self, Failure> {
        let known = project.known_record()?;
        let is_unpublished = known.as_ref().is_none_or(|known| {
            // A draft has a concept, and nothing that is published.
            known.last.is_none() && known.record.draft.is_some()
        });
        let id = known.as_ref().map(|it| it.last.unwrap_or(RecordId(it.concept.0)));
        let server = project.server.clone();
        let mut records =
            Self { project: Some(project), known, servers: Vec::new(), all: Vec::new() };
        if let Some(id) = id.filter(|_| !is_unpublished) {
            let name = server.mint_doi(id.0).map_or_else(|| id.to_string(), |doi| doi.to_string());
            let server = records.connect(context, server).await?;
            records.all.push(NamedRecord { name, id, server });
        }
        Ok(records)
    }

    /// Returns the place of a server, connected.
    async fn connect(&mut self, context: &Context, server: Server) -> Result<usize, Failure> {
        let is_it = |(known, _): &(Server, Session)| known.url == server.url;
        if let Some(at) = self.servers.iter().position(is_it) {
            return Ok(at);
        }
        let own = self.project.as_ref().filter(|project| project.server == server);
        let (session, _) = if let Some(project) = own {
            connect_to_read(context, project).await?
        } else {
            let options = make_connect_options(context);
            let Global { directory, manifest, .. } = &context.global;
            let paths = ProjectPaths::of(&directory.clone().unwrap_or_default(), manifest)?;
            // Only the local server has data here.
            let is_local = server.kind == ServerKind::Local;
            let data = if is_local { paths.zrel_dir()?.join("local") } else { PathBuf::new() };
            connect_to_server(context, &server, (data, &options)).await?
        };
        self.servers.push((server, session));
        Ok(self.servers.len() - 1)
    }

    /// Returns the manifest's project, if there is one.
    pub(in crate::cli) fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// Returns the server of a record.
    pub(in crate::cli) fn server_of(&self, record: &NamedRecord) -> &Server {
        &self.servers[record.server].0
    }

    /// Returns what looks at a record.
    pub(in crate::cli) fn verifier_of(&self, record: &NamedRecord) -> Verifier<'_> {
        let (server, session) = &self.servers[record.server];
        let is_own = self.project.as_ref().is_some_and(|project| project.server == *server);
        Verifier { session, server, known: self.known.as_ref().filter(|_| is_own) }
    }

    /// Ends the connections.
    pub(in crate::cli) async fn close(self) {
        for (_, session) in self.servers {
            session.close().await;
        }
    }
}

/// Returns the limits of a connection that no manifest names.
pub(in crate::cli) fn make_connect_options(context: &Context) -> ConnectOptions {
    let (clock, deadline) = context.time().clone();
    let read_timeout: Duration = context.global.read_timeout.unwrap_or(READ_TIMEOUT);
    ConnectOptions { clock, read_timeout, n_clients: context.global.rate_share, deadline }
}

/// Finds server and number of a record by its name. The manifest's server goes before a built-in one
/// with the same prefix: the local server mints under that of the sandbox.
fn find_server(
    name: &str,
    flag: Option<&str>,
    project: Option<&Project>,
) -> Result<(Server, RecordId), Failure> {
    let found = parse_record_name(name).map_err(|fault| map_name_fault(&fault))?;
    let id = RecordId(found.id);
    let own = project.map(|project| &project.server).filter(|server| {
        flag.is_none()
            && match &found.place {
                ServerHint::Unsaid => true,
                ServerHint::Prefix(prefix) => server.doi_prefix.as_ref() == Some(prefix),
                ServerHint::Address(address) => server.url == *address,
            }
    });
    if let Some(server) = own {
        return Ok((server.clone(), id));
    }
    let known = |name: &str| project?.manifest.server_named(name).ok();
    let server = choose_server(&found, flag, known).map_err(|fault| map_name_fault(&fault))?;
    Ok((server, id))
}
