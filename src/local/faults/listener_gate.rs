//! A listener that can be closed for a while and keeps its port.
//!
//! While it is closed, a socket that is bound but does not listen holds the port: connections are
//! refused, and no other process gets the port. Deliberately absent: connections, see `accept`.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;

/// How long to wait before a port is tried again, and how often.
const PAUSE: Duration = Duration::from_millis(20);
const TRIES: usize = 500;

/// The gate that all connections come through.
#[derive(Debug, Default)]
pub(crate) struct ListenerGate {
    at: Mutex<At>,
    /// Notified of each change.
    changed: watch::Sender<()>,
}

/// The state of the gate.
#[derive(Debug, Default)]
enum At {
    /// Connections are accepted.
    #[default]
    Open,
    /// A request asked to close it; it opens again after this time.
    Closing(Option<Duration>),
    /// Nothing listens, and the port is held.
    Closed(Socket),
    /// The kernel accepts connections again; the accepting side still has to take the listener.
    Reopened(Socket),
}

impl ListenerGate {
    /// Returns whether requests are refused, also those on a connection from before.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(*self.at(), At::Closing(_) | At::Closed(_))
    }

    /// Closes the gate; returns once connections are refused.
    pub(crate) async fn close(&self, duration: Option<Duration>) {
        let mut changed = self.changed.subscribe();
        // The accepting side has to take a reopened listener before the gate can close again.
        while !self.want_closed(duration) && changed.changed().await.is_ok() {}
        self.changed.send_replace(());
        while matches!(*self.at(), At::Closing(_)) && changed.changed().await.is_ok() {}
    }

    /// Asks to close the gate, unless its last opening is not over yet.
    fn want_closed(&self, duration: Option<Duration>) -> bool {
        let mut at = self.at();
        if matches!(*at, At::Open) {
            *at = At::Closing(duration);
        }
        !matches!(*at, At::Reopened(_))
    }

    /// Opens the gate; when this returns, connections are accepted.
    pub(crate) fn open(&self) {
        {
            let mut at = self.at();
            *at = match std::mem::take(&mut *at) {
                At::Open | At::Closing(_) => At::Open,
                // The kernel queues connections from here on, before the accepting side takes over,
                // so that no client is refused after this returns. If the socket can't listen, the
                // accepting side reports it.
                At::Closed(socket) => match socket.listen(BACKLOG) {
                    Ok(()) | Err(_) => At::Reopened(socket),
                },
                At::Reopened(socket) => At::Reopened(socket),
            };
        }
        self.changed.send_replace(());
    }

    /// Waits until a request asks to close the gate.
    pub(crate) async fn closing(&self) {
        let mut changed = self.changed.subscribe();
        while !matches!(*self.at(), At::Closing(_)) && changed.changed().await.is_ok() {}
    }

    /// Closes the listener, waits until the gate opens, and returns the next listener.
    ///
    /// # Errors
    /// When the port cannot be held.
    pub(crate) async fn stay_closed(&self, listener: TcpListener) -> io::Result<TcpListener> {
        let address = listener.local_addr()?;
        let duration = {
            let at = self.at();
            let At::Closing(duration) = *at else { return Ok(listener) };
            duration
        };
        drop(listener);
        let held = hold_port(address).await?;
        {
            let mut at = self.at();
            // The gate was opened again while the port was bound, so nothing has to stay closed.
            if !matches!(*at, At::Closing(_)) {
                return start_listening(held);
            }
            *at = At::Closed(held);
        }
        let mut changed = self.changed.subscribe();
        self.changed.send_replace(());
        let opened = async {
            while matches!(*self.at(), At::Closed(_)) && changed.changed().await.is_ok() {}
        };
        match duration {
            None => opened.await,
            // The gate opens now, whether the time is over or the faults were replaced.
            Some(duration) => drop(tokio::time::timeout(duration, opened).await),
        }
        self.open();
        let was = std::mem::take(&mut *self.at());
        let socket = match was {
            At::Reopened(socket) => socket,
            // `forget` may have dropped the held socket, so the port has to be bound again.
            At::Open | At::Closing(_) | At::Closed(_) => hold_port(address).await?,
        };
        self.changed.send_replace(());
        start_listening(socket)
    }

    /// Resets the gate when the server stops.
    pub(crate) fn forget(&self) {
        *self.at() = At::Open;
        self.changed.send_replace(());
    }

    fn at(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts to listen on a port that is held.
fn start_listening(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Binds a port without listening.
async fn hold_port(address: SocketAddr) -> io::Result<Socket> {
    for _ in 0..TRIES {
        match bind(address) {
            // While the port was free, the system may have given it to an outgoing connection,
            // which ends soon.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => sleep(PAUSE).await,
            bound => return bound,
        }
    }
    bind(address)
}

fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // On Windows the same option would let another process take the port.
    if cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_for_a_moment_is_waited_for() {
        let somebody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = somebody.local_addr().unwrap();
        let leaves = async {
            tokio::task::yield_now().await;
            drop(somebody);
        };
        let (held, ()) = tokio::join!(hold_port(address), leaves);
        assert_eq!(held.unwrap().local_addr().unwrap().as_socket(), Some(address));
    }
}
