//! A credential and where it was found.

use jiff::Timestamp;
use secrecy::SecretString;

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::credential::Kind;
use crate::http::{Credential, SessionCookie};

/// A credential, and where it was found.
pub(in crate::cli) struct Found {
    /// The credential.
    pub(in crate::cli) credential: Credential,
    /// The variable, or the file, in words.
    pub(in crate::cli) source: String,
    /// When it expires, where that is known.
    pub(in crate::cli) until: Option<Timestamp>,
}

impl Found {
    /// Returns what kind of credential it is.
    pub(in crate::cli) fn kind(&self) -> Kind {
        match self.credential {
            Credential::Token(_) => Kind::Token,
            Credential::Cookies(_) => Kind::Cookies,
        }
    }

    /// Returns what it is and where it was found, in words.
    pub(in crate::cli) fn describe(&self) -> String {
        format!("the {} came from {}", name_kind(self.kind()), self.source)
    }
}

/// Returns what messages call a credential.
pub(in crate::cli) fn name_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Token => "token",
        Kind::Cookies => "session",
    }
}

/// Makes a credential of the cookies of a host.
pub(in crate::cli) fn make_session(cookies: Vec<(String, SecretString)>) -> Credential {
    let cookies = cookies.into_iter().map(|(name, value)| SessionCookie { name, value });
    Credential::Cookies(cookies.collect())
}

/// Checks a token and trims the blanks around it. Its content is never shown.
///
/// # Errors
/// A [`Failure`] for what no token looks like.
pub(in crate::cli) fn validate_token(text: &str, source: String) -> Result<Found, Failure> {
    let text = text.trim();
    let fault = if text.is_empty() {
        "is empty"
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        "holds a blank, a line feed or another character that no token has"
    } else {
        let credential = Credential::Token(SecretString::from(text.to_owned()));
        return Ok(Found { credential, source, until: None });
    };
    Err(Failure::new(ExitCode::Credentials, format!("the token in {source} {fault}"))
        .hint("put the token there alone, on one line"))
}
