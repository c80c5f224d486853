//! A listener that can be closed for a while and keeps its port.
//!
//! While it is closed, a socket that is bound and does not listen holds the port: connections are
//! refused, and nobody else gets it. Deliberately absent: connections, see `accept`.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

/// How many connections may wait to be taken.
const BACKLOG: i32 = 1024;

/// How long to wait until a port is tried again, and how often.
const PAUSE: Duration = Duration::from_millis(20);
const TRIES: usize = 500;

/// The door that all connections come through.
#[derive(Debug, Default)]
pub(crate) struct ListenerGate {
    at: Mutex<At>,
    /// Moves on with each change.
    changed: watch::Sender<()>,
}

/// How the door stands.
#[derive(Debug, Default)]
enum At {
    /// Connections are taken.
    #[default]
    Open,
    /// A request wants it closed; after so long it opens again.
    Closing(Option<Duration>),
    /// Nobody listens, and the port is kept.
    Closed(Socket),
    /// The kernel takes connections again; the accepting side still has to take the listener.
    Reopened(Socket),
}

impl ListenerGate {
    /// Says whether nobody is let in, not even by a connection from before.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(*self.at(), At::Closing(_) | At::Closed(_))
    }

    /// Closes the door; returns when connections are refused.
    pub(crate) async fn close(&self, duration: Option<Duration>) {
        let mut changed = self.changed.subscribe();
        while !self.want_closed(duration) && changed.changed().await.is_ok() {}
        self.changed.send_replace(());
        while matches!(*self.at(), At::Closing(_)) && changed.changed().await.is_ok() {}
    }

    /// Notes that the door is to be closed, unless its last opening is not over yet.
    fn want_closed(&self, duration: Option<Duration>) -> bool {
        let mut at = self.at();
        if matches!(*at, At::Open) {
            *at = At::Closing(duration);
        }
        !matches!(*at, At::Reopened(_))
    }

    /// Opens the door; when this returns, connections are taken.
    pub(crate) fn open(&self) {
        {
            let mut at = self.at();
            *at = match std::mem::take(&mut *at) {
                At::Open | At::Closing(_) => At::Open,
                // A socket that cannot listen is replaced by the accepting side.
                At::Closed(socket) => match socket.listen(BACKLOG) {
                    Ok(()) | Err(_) => At::Reopened(socket),
                },
                At::Reopened(socket) => At::Reopened(socket),
            };
        }
        self.changed.send_replace(());
    }

    /// Waits until somebody wants the door closed.
    pub(crate) async fn closing(&self) {
        let mut changed = self.changed.subscribe();
        while !matches!(*self.at(), At::Closing(_)) && changed.changed().await.is_ok() {}
    }

    /// Closes the listener, waits until the door opens, and returns the next one.
    ///
    /// # Errors
    /// Where the port cannot be kept.
    pub(crate) async fn stay_closed(&self, listener: TcpListener) -> io::Result<TcpListener> {
        let address = listener.local_addr()?;
        let duration = {
            let at = self.at();
            let At::Closing(duration) = *at else { return Ok(listener) };
            duration
        };
        drop(listener);
        let held = keep(address).await?;
        {
            let mut at = self.at();
            if !matches!(*at, At::Closing(_)) {
                return listening(held);
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
            // Either way it is to be open now.
            Some(duration) => drop(tokio::time::timeout(duration, opened).await),
        }
        self.open();
        let was = std::mem::take(&mut *self.at());
        let socket = match was {
            At::Reopened(socket) => socket,
            At::Open | At::Closing(_) | At::Closed(_) => keep(address).await?,
        };
        self.changed.send_replace(());
        listening(socket)
    }

    /// Forgets how the door stands, when the server stops.
    pub(crate) fn forget(&self) {
        *self.at() = At::Open;
        self.changed.send_replace(());
    }

    fn at(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens at a port that is held.
fn listening(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Binds a port without listening. In the moment in which nobody had it, the system may have given
/// it to an outgoing connection: that is waited for.
async fn keep(address: SocketAddr) -> io::Result<Socket> {
    for _ in 0..TRIES {
        match bind(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => sleep(PAUSE).await,
            bound => return bound,
        }
    }
    bind(address)
}

fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // On Windows the same option would let others in.
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
    async fn a_port_that_somebody_else_has_for_a_moment_is_waited_for() {
        let somebody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = somebody.local_addr().unwrap();
        let leaves = async {
            tokio::task::yield_now().await;
            drop(somebody);
        };
        let (held, ()) = tokio::join!(keep(address), leaves);
        assert_eq!(held.unwrap().local_addr().unwrap().as_socket(), Some(address));
    }
}
