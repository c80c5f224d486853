//! Connects to a project's server with the token that the environment has for it.

use crate::engine::{Project, Session, parse_host};
use crate::model::{Server, ServerKind};
use crate::observed::{Observed, RecordState, View};

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
    let token = match project.server.kind {
        // The local server makes its own token.
        ServerKind::Local => None,
        ServerKind::Sandbox | ServerKind::Zenodo | ServerKind::Other => {
            let host = parse_host(&project.server)?;
            Some(context.use_token(credential::require_token(&host, &project.server.url)?))
        }
    };
    Ok(Session::connect(project, token).await?)
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
        return Ok((Session::connect(project, None).await?, View::Owner));
    }
    // Published records can be read without a token, so a missing one is not an error yet.
    let token = credential::find_token(&parse_host(&project.server)?)?;
    let token = token.map(|token| context.use_token(token));
    let view = if token.is_some() { View::Owner } else { View::Public };
    Ok((Session::connect(project, token).await?, view))
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
        None => match credential::require_token(&parse_host(server)?, &server.url) {
            Err(missing) => Err(missing),
            Ok(_) => Err(Failure::new(
                ExitCode::Credentials,
                "the token was missing when the command began",
            )),
        },
    }
}
