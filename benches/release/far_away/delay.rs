//! A proxy that holds each answer back.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Passes on what clients of `[::1]` and the server of `127.0.0.1` send on the same port, and holds
/// each answer back for so long. The server knows itself by either name.
pub(super) fn delay_answers(port: u16, delay: Duration) {
    let listener = TcpListener::bind(("::1", port)).unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                // A client that ends early is none of the proxy's business.
                let _ = pass_on(&client, port, delay);
            });
        }
    });
}

fn pass_on(client: &TcpStream, port: u16, delay: Duration) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let is_asked = Arc::new(AtomicBool::new(false));
    let (mut asking, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let asks = Arc::clone(&is_asked);
    std::thread::spawn(move || {
        let mut block = vec![0; 256 * 1024];
        while let Ok(n @ 1..) = asking.read(&mut block) {
            asks.store(true, Ordering::Relaxed);
            if to_server.write_all(&block[..n]).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut answering, mut to_client) = (server, client.try_clone()?);
    let mut block = vec![0; 64 * 1024];
    loop {
        let n = answering.read(&mut block)?;
        if n == 0 {
            return to_client.shutdown(Shutdown::Write);
        }
        // Only the beginning of an answer is late.
        if is_asked.swap(false, Ordering::Relaxed) {
            std::thread::sleep(delay);
        }
        to_client.write_all(&block[..n])?;
    }
}
