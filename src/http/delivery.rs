//! One message to an address of the user's own, such as a web hook: sent once, to addresses that
//! were checked, and no redirect is followed.
//!
//! The address itself may be the secret, so no error names more of it than the host.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue, RETRY_AFTER};
use url::{Host, Url};

use super::builder::start_builder;
use super::error::describe_failure;
use super::public_address::is_public;
use super::{HttpError, Origin};

/// How much of an answer is read. Bytes.
const MOST_READ: usize = 16 * 1024;

/// What is sent.
pub struct Delivery {
    /// Whether it is a PUT; otherwise it is a POST.
    pub is_put: bool,
    /// Where to.
    pub url: Url,
    /// The headers, beside the type of the content.
    pub headers: Vec<(&'static str, String)>,
    /// The body: JSON.
    pub body: Vec<u8>,
    /// Whether the address may be in a private network, or on this machine.
    pub allow_private: bool,
    /// How long it may take in all.
    pub timeout: Duration,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`, where it has a number of seconds.
    pub retry_after: Option<Duration>,
    /// The begin of the body.
    pub body: Vec<u8>,
}

/// Returns where a host leads to; one that is an address leads nowhere else.
fn describe_lead(host: &str, address: IpAddr) -> String {
    let own = address.to_string();
    if host.trim_matches(['[', ']']) == own {
        format!("{own} is")
    } else {
        format!("{host} leads to {own},")
    }
}

/// Why a message has no answer.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The address is neither https nor this machine.
    #[error("its address is not https")]
    Insecure,
    /// The host is in a private network.
    #[error("{} a private address", describe_lead(host, *address))]
    Private {
        /// The host.
        host: String,
        /// The address that its name leads to.
        address: IpAddr,
    },
    /// The request can't be made.
    #[error("the request can't be made")]
    Unusable,
    /// No connection came about, so nothing was sent.
    #[error("can't reach {host}")]
    Unsent {
        /// The host.
        host: String,
        /// Why.
        source: HttpError,
    },
    /// It was sent, perhaps in part, and no answer came.
    #[error("no answer came from {host}")]
    Unanswered {
        /// The host.
        host: String,
        /// Why.
        source: HttpError,
    },
}

/// Sends a message once.
///
/// # Errors
/// A [`DeliveryError`] when no answer came; any status is an answer.
pub async fn deliver(delivery: Delivery) -> Result<Delivered, DeliveryError> {
    let host = delivery.url.host_str().unwrap_or_default().to_owned();
    let client = make_client(&delivery).await?;
    let method = if delivery.is_put { reqwest::Method::PUT } else { reqwest::Method::POST };
    let mut request = client.request(method, delivery.url).body(delivery.body);
    request = request.header(reqwest::header::CONTENT_TYPE, "application/json");
    for (name, value) in &delivery.headers {
        let mut value = HeaderValue::from_str(value).map_err(|_| DeliveryError::Unusable)?;
        value.set_sensitive(true);
        request = request.header(HeaderName::from_static(name), value);
    }
    let lost = |error: reqwest::Error| {
        let (host, source) = (host.clone(), describe_failure(error));
        // Without a connection nothing was sent.
        if matches!(source, HttpError::Unsent { .. } | HttpError::Certificate(_)) {
            DeliveryError::Unsent { host, source }
        } else {
            DeliveryError::Unanswered { host, source }
        }
    };
    let mut response = request.send().await.map_err(&lost)?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let mut body = Vec::new();
    // The status is the answer: a body that breaks off changes nothing.
    while let Ok(Some(part)) = response.chunk().await {
        body.extend_from_slice(&part);
        if body.len() >= MOST_READ {
            body.truncate(MOST_READ);
            break;
        }
    }
    Ok(Delivered { status, retry_after: retry_after.map(Duration::from_secs), body })
}

/// Makes a client that connects to the checked addresses only.
async fn make_client(delivery: &Delivery) -> Result<reqwest::Client, DeliveryError> {
    let origin = Origin::parse(delivery.url.as_str()).map_err(|_| DeliveryError::Insecure)?;
    let mut builder = start_builder(&origin).timeout(delivery.timeout);
    let host = delivery.url.host_str().unwrap_or_default();
    let port = delivery.url.port_or_known_default().unwrap_or(443);
    let addresses = check_addresses(host, port, delivery.allow_private).await?;
    if let Some(Host::Domain(name)) = delivery.url.host() {
        // Without any address only a proxy can connect: a second look might find another one.
        builder = builder.resolve_to_addrs(name, &addresses);
    }
    builder.build().map_err(|_| DeliveryError::Unusable)
}

/// Returns the addresses of a host; none where its name leads nowhere.
///
/// # Errors
/// [`DeliveryError::Private`] when one of them is private, and that is not allowed.
pub async fn check_addresses(
    host: &str,
    port: u16,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, DeliveryError> {
    // Of an IPv6 address, an URL has brackets around it.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = if let Ok(address) = bare.parse() {
        vec![SocketAddr::new(address, port)]
    } else {
        let found = tokio::net::lookup_host((host, port)).await;
        found.map(Iterator::collect).unwrap_or_default()
    };
    let private = addresses.iter().map(SocketAddr::ip).find(|address| !is_public(*address));
    match private.filter(|_| !allow_private) {
        Some(address) => Err(DeliveryError::Private { host: host.to_owned(), address }),
        None => Ok(addresses),
    }
}
