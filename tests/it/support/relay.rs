//! A relay between zrel and a server, that reads along and loses answers on demand.
//!
//! Both ports have five digits, so that addresses in heads and bodies can be exchanged without a
//! change of any length. Deliberately absent: TLS, and anything but HTTP/1.1 with known lengths.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::support::world::World;

/// What becomes of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// All arrive.
    Pass,
    /// The server does write number so-and-so, counted from now, and no answer ever comes.
    HangAtWrite(usize),
    /// The server does write number so-and-so, and the connection breaks.
    LoseAnswerOfWrite(usize),
}

#[derive(Debug)]
struct State {
    fate: Fate,
    n_writes: usize,
    is_hung: bool,
    bodies: Vec<String>,
}

/// A relay on a port of its own; its threads end with the test process.
pub(crate) struct Relay {
    port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Relay {
    /// Starts a relay before the world's server.
    pub(crate) fn before(world: &World, fate: Fate) -> Self {
        let server = world.port();
        let listener = listen();
        let port = listener.local_addr().unwrap().port();
        let state = State { fate, n_writes: 0, is_hung: false, bodies: Vec::new() };
        let state = Arc::new((Mutex::new(state), Condvar::new()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A connection that breaks off is what this is for.
                std::thread::spawn(move || drop(relay(&client, (port, server), &state)));
            }
        });
        Self { port, state }
    }

    /// Returns the port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Sets the fate of later answers, and releases what hangs.
    pub(crate) fn set(&self, fate: Fate) {
        let mut state = self.state.0.lock().unwrap();
        state.fate = fate;
        state.n_writes = 0;
        state.is_hung = false;
        self.state.1.notify_all();
    }

    /// Waits until an answer is held back.
    pub(crate) fn wait_until_hung(&self) {
        let state = self.state.0.lock().unwrap();
        let waited =
            self.state.1.wait_timeout_while(state, Duration::from_secs(30), |s| !s.is_hung);
        assert!(!waited.unwrap().1.timed_out(), "zrel never made that write");
    }

    /// Returns all bodies of JSON that were sent.
    pub(crate) fn sent_json(&self) -> Vec<String> {
        self.state.0.lock().unwrap().bodies.clone()
    }
}

/// Listens on a port of five digits.
fn listen() -> TcpListener {
    loop {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        if listener.local_addr().unwrap().port() >= 10_000 {
            return listener;
        }
    }
}

fn relay(client: &TcpStream, ports: (u16, u16), state: &(Mutex<State>, Condvar)) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", ports.1))?;
    let mut to_client = client;
    let mut from_client = BufReader::new(client.try_clone()?);
    let mut from_server = BufReader::new(server.try_clone()?);
    while let Some((head, body)) = message(&mut from_client)? {
        let (head, body) = (exchange(&head, ports.0, ports.1), exchange(&body, ports.0, ports.1));
        let is_write = !head.starts_with(b"GET ") && !head.starts_with(b"HEAD ");
        // In one piece: a second small one waits for the first to be acknowledged.
        (&server).write_all(&[head.as_slice(), &body].concat())?;
        // An answer to it has a length and no body.
        let is_head = head.starts_with(b"HEAD ");
        let answer = if is_head { bare_head(&mut from_server) } else { message(&mut from_server) };
        let Some((answer, content)) = answer? else { break };
        if is_write && !may_answer(&head, &body, state) {
            break;
        }
        to_client.write_all(&exchange(&[answer, content].concat(), ports.1, ports.0))?;
    }
    // The other side may have gone already.
    let _ = client.shutdown(Shutdown::Both);
    Ok(())
}

/// Counts a write, and returns whether its answer may arrive. Waits while it hangs.
fn may_answer(head: &[u8], body: &[u8], (state, changed): &(Mutex<State>, Condvar)) -> bool {
    let mut state = state.lock().unwrap();
    state.n_writes += 1;
    if head.windows(16).any(|part| part.eq_ignore_ascii_case(b"application/json")) {
        state.bodies.push(String::from_utf8_lossy(body).into_owned());
    }
    match state.fate {
        Fate::LoseAnswerOfWrite(at) => state.n_writes != at,
        Fate::HangAtWrite(at) if state.n_writes == at => {
            state.is_hung = true;
            changed.notify_all();
            let limit = Duration::from_mins(1);
            let _ended = changed.wait_timeout_while(state, limit, |state| state.is_hung);
            false
        }
        Fate::Pass | Fate::HangAtWrite(_) => true,
    }
}

/// Reads the head of a message that has no body, whatever its length says.
fn bare_head(from: &mut impl BufRead) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if from.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some((head, Vec::new())))
}

/// Reads head and body of one message; none at the end of the connection.
fn message(from: &mut impl BufRead) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let Some((head, _)) = bare_head(from)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    assert!(!text.contains("transfer-encoding: chunked"), "a length is missing: {text}");
    let length = text.split("\r\ncontent-length:").nth(1);
    let length =
        length.map_or(0, |rest| rest.split("\r\n").next().unwrap().trim().parse().unwrap());
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(Some((head, body)))
}

/// Writes another port in place of this one, everywhere.
fn exchange(bytes: &[u8], from: u16, to: u16) -> Vec<u8> {
    let (from, to) = (format!("127.0.0.1:{from}"), format!("127.0.0.1:{to}"));
    assert_eq!(from.len(), to.len());
    let mut out = bytes.to_vec();
    for at in 0..out.len().saturating_sub(from.len() - 1) {
        if out[at..].starts_with(from.as_bytes()) {
            out[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    out
}
