//! What every client of HTTP has in common.

use std::sync::Once;
use std::time::Duration;

use reqwest::ClientBuilder;
use reqwest::redirect::Policy;

use super::Origin;

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(15);

/// Starts a client for an origin, which follows no redirect by itself.
pub(super) fn start_builder(origin: &Origin) -> ClientBuilder {
    install_crypto();
    let mut builder = reqwest::Client::builder()
        // reqwest would follow to other hosts; `follow` stays on the credential's origin.
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .user_agent(concat!("zrel/", env!("CARGO_PKG_VERSION")))
        .http1_only();
    // A proxy can't reach this machine's loopback, and must not see the credential for it.
    if origin.is_loopback() {
        builder = builder.no_proxy();
    }
    if !origin.is_https() {
        // To read the system's certificates takes longer than most runs, and neither a proxy nor a
        // redirect leads from here to TLS.
        builder = builder.tls_certs_only([]);
    }
    builder
}

/// Installs the provider of TLS's algorithms, once.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only when another provider is installed already, and then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
