//! Errors of a call, the same for every endpoint.

use std::error::Error;
use std::time::Duration;

/// An error of one call.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is invalid, or a token may not be sent to it.
    #[error("`{0}` is not an address that zrel uses: it must be https, or http on this machine")]
    Insecure(String),
    /// An answer leads to another origin than the token's.
    #[error("the server names another host, `{0}`, and no token goes there")]
    OtherOrigin(String),
    /// The token can't be sent: it has characters that no token has.
    #[error("the token holds a blank, a line feed or another character that no token has")]
    Token,
    /// A cookie can't be sent: it has characters that no cookie has.
    #[error("a cookie holds a blank, a line feed or another character that no cookie has")]
    Cookie,
    /// The client can't be set up.
    #[error("can't set up the connection")]
    Setup(#[source] reqwest::Error),
    /// Nothing was sent: no connection.
    #[error("can't connect to {host}: {}", find_root(error))]
    Unsent {
        /// The host, with its port if the address has one.
        host: String,
        /// Why. Its own causes are the layers of the connection, and only the last one says more.
        error: reqwest::Error,
    },
    /// Nothing was sent: the server's certificate is not trusted.
    #[error("the server's certificate is not trusted")]
    Certificate(#[source] rustls::Error),
    /// The call was sent, at least in part, and no complete answer came back.
    #[error("the answer was lost: {}", find_root(.0))]
    Lost(reqwest::Error),
    /// No byte came or went for too long.
    #[error("no byte went either way for {} seconds", .0.as_secs_f64())]
    Silence(Duration),
    /// The run's time was over before it was sent.
    #[error("it was not sent: there is no time left of {} seconds", .0.as_secs_f64())]
    NotBegun(Duration),
    /// The run's time ended while it was made.
    #[error("it was ended: the {} seconds of the run are over", .0.as_secs_f64())]
    OutOfTime(Duration),
    /// The answer came too slowly.
    #[error("only {bytes} bytes of the answer came within {} seconds", .per.as_secs_f64())]
    Dripping {
        /// How many bytes came.
        bytes: u64,
        /// Within this time.
        per: Duration,
    },
    /// The answer took too long, though bytes came.
    #[error("no whole answer came within {} seconds", .0.as_secs_f64())]
    TooSlow(Duration),
    /// The answer is larger than the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// A redirect leads to another, and so on.
    #[error("the server redirects without end")]
    Redirects,
    /// The local file can't be read.
    #[error("can't read the file")]
    File(#[source] std::io::Error),
    /// The bytes that came can't be stored.
    #[error("can't store the bytes that came")]
    Kept(#[source] std::io::Error),
}

impl HttpError {
    /// Returns whether the server can't have done the call: it saw no request, or a file that ends
    /// too early.
    pub fn is_not_done(&self) -> bool {
        match self {
            // `File`: the server keeps nothing of a file that ends too early (zenodo-notes.md,
            // 2026-11-23).
            HttpError::Insecure(_)
            | HttpError::OtherOrigin(_)
            | HttpError::Token
            | HttpError::Cookie
            | HttpError::Setup(_)
            | HttpError::Unsent { .. }
            | HttpError::Certificate(_)
            | HttpError::NotBegun(_)
            | HttpError::File(_) => true,
            // A request may have arrived before any of these.
            HttpError::Lost(_)
            | HttpError::Silence(_)
            | HttpError::Dripping { .. }
            | HttpError::OutOfTime(_)
            | HttpError::TooSlow(_)
            | HttpError::TooLarge(_)
            | HttpError::Redirects
            | HttpError::Kept(_) => false,
        }
    }

    /// Returns whether trying again may help.
    pub fn is_passing(&self) -> bool {
        match self {
            HttpError::Unsent { .. }
            | HttpError::Lost(_)
            | HttpError::Silence(_)
            | HttpError::Dripping { .. }
            | HttpError::TooSlow(_) => true,
            HttpError::Insecure(_)
            | HttpError::OtherOrigin(_)
            | HttpError::Token
            | HttpError::Cookie
            | HttpError::Setup(_)
            | HttpError::Certificate(_)
            | HttpError::NotBegun(_)
            | HttpError::OutOfTime(_)
            | HttpError::TooLarge(_)
            | HttpError::Redirects
            | HttpError::File(_)
            | HttpError::Kept(_) => false,
        }
    }

    /// Returns whether the time of the run is over.
    pub fn is_time_over(&self) -> bool {
        matches!(self, HttpError::NotBegun(_) | HttpError::OutOfTime(_))
    }
}

/// Returns the innermost cause of an error.
fn find_root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root
}

/// Says why a request failed, without its address: that may have a secret.
pub(super) fn describe_failure(error: reqwest::Error) -> HttpError {
    let host = error.url().map_or_else(String::new, |url| url.authority().to_owned());
    let error = error.without_url();
    match certificate_fault(&error) {
        Some(fault) => HttpError::Certificate(fault),
        // Without a connection nothing was sent: the caller need not look for an effect.
        None if error.is_connect() => HttpError::Unsent { host, error },
        None => HttpError::Lost(error),
    }
}

/// Finds the reason why TLS rejects the server's certificate among an error's causes.
fn certificate_fault(error: &(dyn std::error::Error + 'static)) -> Option<rustls::Error> {
    if let Some(fault @ rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
        return Some(fault.clone());
    }
    // An I/O error does not name what it wraps as its cause.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match wrapped {
        Some(wrapped) => certificate_fault(wrapped),
        None => certificate_fault(error.source()?),
    }
}
