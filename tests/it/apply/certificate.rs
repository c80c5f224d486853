//! A server with an untrusted certificate: refused at once, before a token is sent.
//!
//! The certificate under `tests/data/` names 127.0.0.1, is valid for a hundred years, and is
//! signed by its own key, which is not trusted.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};

use base64::Engine as _;

use crate::command::command_line::{Project, TOKEN, run, variable};

/// A listener that speaks TLS under that certificate, and counts who connects.
pub(crate) struct SelfSigned {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
    /// Bytes that came through an open session: requests.
    heard: Arc<AtomicUsize>,
}

impl SelfSigned {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let server = Self { url, connections: Arc::default(), heard: Arc::default() };
        let (config, connections, heard) =
            (config(), Arc::clone(&server.connections), Arc::clone(&server.heard));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let mut session = ServerConnection::new(Arc::clone(&config)).unwrap();
                // The client ends the handshake, as expected.
                if session.complete_io(&mut stream).is_ok() {
                    let read = std::io::Read::read(
                        &mut rustls::Stream::new(&mut session, &mut stream),
                        &mut [0; 1024],
                    );
                    heard.fetch_add(read.unwrap_or(0), Ordering::SeqCst);
                }
            }
        });
        server
    }

    /// Returns how many bytes of requests came.
    pub(crate) fn count_heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

fn config() -> Arc<ServerConfig> {
    let read = |name: &str| {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(read("self-signed.cert.der"))],
            PrivatePkcs8KeyDer::from(read("self-signed.key.der")).into(),
        );
    Arc::new(config.unwrap())
}

#[test]
fn an_untrusted_certificate_is_refused_at_once() {
    let server = SelfSigned::start();
    let project = Project::on(&server.url);
    let before = project.memory();
    for (tries, args) in
        [&["plan"] as &[&str], &["status"], &["apply", "--initial", "--auto-approve"]]
            .into_iter()
            .enumerate()
    {
        let ran = project.run_with_token(&server.url, args);
        ran.fails(76, &["the server's certificate is not trusted", "UnknownIssuer", "hint: "]);
        assert!(!ran.stderr.contains("down or busy"), "{}", ran.stderr);
        assert_eq!(server.connections.load(Ordering::SeqCst), tries + 1, "{}", ran.stderr);
    }
    assert_eq!(server.heard.load(Ordering::SeqCst), 0, "a token may have been sent");
    assert_eq!(project.memory(), before);
}

/// As curl and git do: an institution's certificate needs no place in the system's store.
#[test]
#[cfg(target_os = "linux")]
fn a_certificate_that_a_variable_names_is_trusted() {
    let server = SelfSigned::start();
    let project = Project::on(&server.url);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/self-signed.cert.der");
    let body = base64::engine::general_purpose::STANDARD.encode(std::fs::read(path).unwrap());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    project.write("trusted.pem", pem);
    let mut command = project.command(&["plan"]);
    command.env(variable(&server.url), TOKEN).env("SSL_CERT_FILE", project.at("trusted.pem"));
    // The listener reads the request, and says nothing.
    run(command).fails(69, &["the answer was lost"]);
    assert!(server.heard.load(Ordering::SeqCst) > 0, "no request was sent");
}
