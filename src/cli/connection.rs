//! Connects to a project's server as the user whose credential there is for it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::{ConnectOptions, EngineError, Listing, Project, Session, parse_host};
use crate::http::Credential;
use crate::model::{Server, ServerKind};
use crate::observed::{Observed, RecordState, View};

use super::connections::ConnectionKey;
use super::context::Context;
use super::credential;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// Connects to the project's server as its user; starts the local server if it is that.
///
/// # Errors
/// A [`Failure`] when there is no token, or the local server can't start.
pub(in crate::cli) async fn connect(
    context: &Context,
    project: &Project,
) -> Result<Session, Failure> {
    let credential = match project.server.kind {
        // The local server makes its own token.
        ServerKind::Local => None,
        ServerKind::Sandbox | ServerKind::Zenodo | ServerKind::Other => {
            let host = parse_host(&project.server)?;
            let found = credential::require_credential(context, &host, &project.server.url)?;
            Some(context.use_credential(found))
        }
    };
    open(context, project, (View::Owner, credential)).await
}

/// Connects to the project's server anonymously: no token is searched for.
///
/// # Errors
/// A [`Failure`] when the address can't be used, or the local server can't start.
pub(in crate::cli) async fn connect_anonymously(
    context: &Context,
    project: &Project,
) -> Result<Session, Failure> {
    open(context, project, (View::Public, None)).await
}

/// Connects to the project's server to read: as its user if there is a token, else anonymously.
///
/// # Errors
/// Those of [`connect`], but for the missing token.
pub(in crate::cli) async fn connect_to_read(
    context: &Context,
    project: &Project,
) -> Result<(Session, View), Failure> {
    if project.server.kind == ServerKind::Local {
        return Ok((open(context, project, (View::Owner, None)).await?, View::Owner));
    }
    // Published records can be read without a token, so a missing one is not an error yet.
    let found = credential::find_credential(context, &parse_host(&project.server)?)?;
    let credential = found.map(|found| context.use_credential(found));
    let view = if credential.is_some() { View::Owner } else { View::Public };
    Ok((open(context, project, (view, credential)).await?, view))
}

/// Connects to a server with a credential that is only tried, or to get one.
///
/// # Errors
/// A [`Failure`] for an address or a credential that can't be used.
pub(in crate::cli) fn connect_with(
    context: &Context,
    server: &Server,
    credential: Option<Credential>,
) -> Result<Session, Failure> {
    let options = context.project_options();
    let options = ConnectOptions {
        clock: options.clock,
        read_timeout: options.read_timeout,
        n_clients: options.n_clients,
        deadline: options.deadline,
    };
    Ok(Session::remote(server, credential, &options)?)
}

/// Connects to a server to read: as its user if there is a token, else anonymously. `data` is the
/// folder with the data of the local server.
///
/// # Errors
/// A [`Failure`] when the token can't be used, or the local server can't start.
pub(in crate::cli) async fn connect_to_server(
    context: &Context,
    server: &Server,
    (data, options): (PathBuf, &ConnectOptions),
) -> Result<(Session, View), Failure> {
    if server.kind == ServerKind::Local {
        return Ok((Session::local(data, Vec::new(), options).await?, View::Owner));
    }
    let found = credential::find_credential(context, &parse_host(server)?)?;
    let credential = found.map(|found| context.use_credential(found));
    let view = if credential.is_some() { View::Owner } else { View::Public };
    Ok((Session::remote(server, credential, options)?, view))
}

/// Opens a connection, or takes that of an earlier member.
async fn open(
    context: &Context,
    project: &Project,
    (view, credential): (View, Option<Credential>),
) -> Result<Session, Failure> {
    let Some(shared) = &context.connections else {
        return Ok(start(project, view, credential).await?);
    };
    let key = ConnectionKey::of(project, view)?;
    let _turn = shared.take_turn().await;
    if let Some(session) = shared.find(&key) {
        return Ok(session);
    }
    let session = start(project, view, credential).await?;
    shared.keep(key, session.clone());
    Ok(session)
}

/// Returns the listing of the user's records on the project's server; none for one record.
///
/// # Errors
/// A [`Failure`] when the folder of the local server can't be created.
pub(in crate::cli) fn find_listing(
    context: &Context,
    project: &Project,
) -> Result<Option<Arc<Listing>>, Failure> {
    let Some(shared) = &context.connections else { return Ok(None) };
    Ok(shared.find_listing(&ConnectionKey::of(project, View::Owner)?))
}

async fn start(
    project: &Project,
    view: View,
    credential: Option<Credential>,
) -> Result<Session, EngineError> {
    match view {
        View::Owner => Session::connect_as(project, credential).await,
        View::Public => Session::anonymous(project).await,
    }
}

/// Returns a published record that was read without a token, and notes what only its owner sees.
///
/// # Errors
/// A [`Failure`] when no published record was found: reading more needs a token.
pub(in crate::cli) fn require_record_or_token(
    context: &Context,
    server: &Server,
    observed: Option<Observed>,
) -> Result<Observed, Failure> {
    let observed = observed.filter(|it| matches!(it.record, RecordState::Published(_)));
    match observed {
        Some(observed) => {
            context.terminal.say(
                "note: read without a token: drafts, open edits, requests to communities, and \
                 restricted files are not seen",
            );
            Ok(observed)
        }
        // Only a draft can be left, and only its owner can read it: the missing token is the error.
        None => match credential::require_credential(context, &parse_host(server)?, &server.url) {
            Err(missing) => Err(missing),
            Ok(_) => Err(Failure::new(
                ExitCode::Credentials,
                "the token was missing when the command began",
            )),
        },
    }
}
