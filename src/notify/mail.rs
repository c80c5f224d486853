//! E-mail by SMTP: over TLS or STARTTLS, never without; only on this machine it may be plain, where
//! the user says so.

use std::net::SocketAddr;
use std::time::Duration;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};
use secrecy::{ExposeSecret, SecretString};

use crate::http::{DeliveryError, check_addresses};

use super::channels::render_mail;
use super::message::Message;

/// A server for mail, and who writes to whom.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: Security,
    /// The user, and the password.
    pub login: Option<(String, SecretString)>,
    /// Who writes.
    pub from: Mailbox,
    /// Who reads.
    pub to: Vec<Mailbox>,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// From its begin.
    Tls,
    /// By STARTTLS, which must succeed.
    StartTls,
    /// Not at all: on this machine only.
    Plain,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The mail can't be written.
    #[error("the mail can't be written")]
    Unusable,
    /// The address of its server can't be used.
    #[error(transparent)]
    Address(#[from] DeliveryError),
    /// The server can't be reached.
    #[error("can't reach {0}")]
    Unreached(String),
    /// The server refused it for now.
    #[error("{host} is busy: {said}")]
    Busy {
        /// The host.
        host: String,
        /// What it said, with the user's secrets.
        said: String,
    },
    /// The server refused it, or broke off.
    #[error("{host}: {said}")]
    Refused {
        /// The host.
        host: String,
        /// What it said, with the user's secrets.
        said: String,
    },
}

/// Sends a mail once.
///
/// # Errors
/// A [`MailError`] when it was not taken.
pub(super) async fn send_mail(
    server: &MailServer,
    message: &Message,
    (allow_private, timeout): (bool, Duration),
) -> Result<(), MailError> {
    let addresses = check_addresses(&server.host, server.port, allow_private).await?;
    let is_here = |address: &SocketAddr| address.ip().is_loopback();
    if server.security == Security::Plain && !addresses.iter().all(is_here) {
        return Err(DeliveryError::Insecure.into());
    }
    let address = find_reachable(&addresses, timeout).await;
    let address = address.ok_or_else(|| MailError::Unreached(server.host.clone()))?;
    let mail = write_mail(server, message).ok_or(MailError::Unusable)?;
    let transport = make_transport(server, address, timeout).ok_or(MailError::Unusable)?;
    let sent = tokio::task::spawn_blocking(move || transport.send(&mail)).await;
    let host = server.host.clone();
    match sent {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.is_transient() => {
            Err(MailError::Busy { host, said: describe(&error) })
        }
        Ok(Err(error)) => Err(MailError::Refused { host, said: describe(&error) }),
        Err(_) => Err(MailError::Unusable),
    }
}

async fn find_reachable(addresses: &[SocketAddr], timeout: Duration) -> Option<SocketAddr> {
    for address in addresses {
        let connected = tokio::time::timeout(timeout, tokio::net::TcpStream::connect(address));
        if let Ok(Ok(_)) = connected.await {
            return Some(*address);
        }
    }
    None
}

/// Makes a transport to the checked address, whose certificate must be that of the host.
fn make_transport(
    server: &MailServer,
    address: SocketAddr,
    timeout: Duration,
) -> Option<SmtpTransport> {
    let parameters = || TlsParameters::new(server.host.clone()).ok();
    let tls = match server.security {
        Security::Tls => Tls::Wrapper(parameters()?),
        Security::StartTls => Tls::Required(parameters()?),
        Security::Plain => Tls::None,
    };
    let mut builder = SmtpTransport::builder_dangerous(address.ip().to_string())
        .port(server.port)
        .tls(tls)
        .timeout(Some(timeout));
    if let Some((user, password)) = &server.login {
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        builder = builder.credentials(credentials);
    }
    Some(builder.build())
}

fn write_mail(server: &MailServer, message: &Message) -> Option<lettre::Message> {
    let text = render_mail(message);
    let domain = server.from.email.domain();
    let mut builder = lettre::Message::builder()
        .from(server.from.clone())
        .subject(text.subject)
        // The same each time, so that a reader's program can drop a second one.
        .message_id(Some(format!("<{}@{domain}>", message.id)))
        .header(AutoSubmitted)
        .header(SuppressAnswers);
    for reader in &server.to {
        builder = builder.to(reader.clone());
    }
    builder.multipart(MultiPart::alternative_plain_html(text.plain, text.html)).ok()
}

/// Says that nobody wrote the mail (RFC 3834), so that no vacation notice answers it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The same for Exchange.
#[derive(Clone)]
struct SuppressAnswers;

impl Header for SuppressAnswers {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Auto-Response-Suppress")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "All".to_owned())
    }
}

/// Returns an error with its causes.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        // Some layers repeat what is below them.
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = cause.source();
    }
    text
}
