//! A server behind TLS: this process ends the encryption, and passes requests on.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The certificate that both clients are told to trust by `SSL_CERT_FILE`. It names 127.0.0.1.
const CERTIFICATE: &[u8] = include_bytes!("../../../tests/data/self-signed.cert.der");
const KEY: &[u8] = include_bytes!("../../../tests/data/self-signed.key.der");

type Stream = StreamOwned<ServerConnection, TcpStream>;

/// Listens with TLS before the server of a port, and returns its own port.
pub(super) fn listen_before(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = make_config();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let front = Front { server, port };
            std::thread::spawn(move || {
                // A client that ends its connection is no failure.
                let _ = front.serve(StreamOwned::new(session, client));
            });
        }
    });
    port
}

/// Writes the certificate in the form that `SSL_CERT_FILE` takes.
pub(super) fn write_certificate(path: &Path) {
    let text = STANDARD.encode(CERTIFICATE);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let lines = lines.join("\n");
    let pem = format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n");
    std::fs::write(path, pem).unwrap();
}

fn make_config() -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(CERTIFICATE)],
            PrivatePkcs8KeyDer::from(KEY).into(),
        );
    Arc::new(config.unwrap())
}

/// The ports of the server and of its front.
#[derive(Clone, Copy)]
struct Front {
    server: u16,
    port: u16,
}

impl Front {
    /// Passes on the requests of one connection, one after the other.
    fn serve(self, mut client: Stream) -> io::Result<()> {
        client.sock.set_nodelay(true)?;
        let mut server = TcpStream::connect(("127.0.0.1", self.server))?;
        server.set_nodelay(true)?;
        loop {
            let (head, begun) = read_head(&mut client)?;
            let is_head = head.starts_with("HEAD ");
            if head.to_ascii_lowercase().contains("expect: 100-continue") {
                client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                client.flush()?;
            }
            // The server knows itself by its own port only, and this process has answered already.
            let head = head
                .replace(&format!("127.0.0.1:{}", self.port), &format!("127.0.0.1:{}", self.server))
                .replace("Expect: 100-continue\r\n", "");
            server.write_all(head.as_bytes())?;
            server.write_all(&begun)?;
            let left = find_length(&head) - begun.len() as u64;
            copy(&mut client, &mut server, left)?;
            self.answer(&mut server, &mut client, is_head)?;
        }
    }

    /// Passes on an answer, with the links that a server behind TLS would give. One to HEAD has the
    /// length of a body and no body.
    fn answer(self, server: &mut TcpStream, client: &mut Stream, is_head: bool) -> io::Result<()> {
        let (head, mut body) = read_head(server)?;
        if is_head {
            client.write_all(head.as_bytes())?;
            return client.flush();
        }
        let length = find_length(&head);
        let left = length - body.len() as u64;
        Read::by_ref(server).take(left).read_to_end(&mut body)?;
        let body = String::from_utf8_lossy(&body).replace(
            &format!("http://127.0.0.1:{}", self.server),
            &format!("https://127.0.0.1:{}", self.port),
        );
        let head = head.replace(
            &format!("content-length: {length}\r\n"),
            &format!("content-length: {}\r\n", body.len()),
        );
        client.write_all(head.as_bytes())?;
        client.write_all(body.as_bytes())?;
        client.flush()
    }
}

/// Reads the head of a message, and what came of the body with it.
fn read_head(from: &mut impl Read) -> io::Result<(String, Vec<u8>)> {
    let (mut bytes, mut block) = (Vec::new(), vec![0; 16 * 1024]);
    loop {
        let n = from.read(&mut block)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&block[..n]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), body));
        }
    }
}

/// Returns the length of a message's body. The server sends none without its length.
fn find_length(head: &str) -> u64 {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().map_or(0, |(_, length)| length.parse().unwrap())
}

fn copy(from: &mut impl Read, to: &mut impl Write, mut left: u64) -> io::Result<()> {
    let mut block = vec![0; 256 * 1024];
    while left > 0 {
        let n = from.read(&mut block)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        to.write_all(&block[..n])?;
        left -= n as u64;
    }
    Ok(())
}
