//! Connections: taken one by one, answered over HTTP/1.1, and cut off where a fault wants it.
//!
//! Deliberately absent: what is answered, see `http::front`; which fault is met, see `faults`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::time::{Duration, sleep};

use super::faults::{Door, Faults};
use super::http::front::Front;

/// How long to wait before listening is tried again.
const TICK: Duration = Duration::from_millis(20);

/// A connection ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection is cut off by a fault")]
pub(crate) struct CutOff;

/// Takes connections until it is told to stop, then lets those that are open end.
pub(crate) async fn serve(
    listener: TcpListener,
    front: Arc<Front>,
    faults: Faults,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let port = listener.local_addr()?.port();
    let graceful = GracefulShutdown::new();
    let mut door = faults.door();
    let mut listener = Some(listener);
    loop {
        let is_open = *door.borrow_and_update() == Door::Open;
        let Some(taking) = listener.as_ref().filter(|_| is_open) else {
            drop(listener.take());
            tokio::select! {
                () = closed(&mut door, &faults) => {}
                _ = &mut stopped => break,
            }
            listener = listen_again(port).await;
            continue;
        };
        tokio::select! {
            taken = taking.accept() => match taken {
                Ok((stream, _)) => answer(stream, Arc::clone(&front), graceful.watcher()),
                // Too many open files, say: the next one may do.
                Err(_) => sleep(TICK).await,
            },
            _ = door.changed() => {}
            // A sender that is dropped means the same as one that sends.
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

/// Waits while the door is closed.
async fn closed(door: &mut watch::Receiver<Door>, faults: &Faults) {
    let Door::Closed(time) = *door.borrow_and_update() else { return };
    tokio::select! {
        () = sleep(time) => faults.open_door(),
        _ = door.changed() => {}
    }
}

/// Listens on a port that was listened on before.
async fn listen_again(port: u16) -> Option<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.ok();
    if listener.is_none() {
        sleep(TICK).await;
    }
    listener
}

fn answer(stream: TcpStream, front: Arc<Front>, watcher: Watcher) {
    let reset = Arc::new(AtomicBool::new(false));
    let wire = Wire { stream, reset: Arc::clone(&reset) };
    let service = service_fn(move |request: Request<Incoming>| {
        let (front, reset) = (Arc::clone(&front), Arc::clone(&reset));
        async move {
            let answered: Result<Response<Body>, CutOff> =
                front.handle(request.map(Body::new)).await;
            if answered.is_err() {
                reset.store(true, Ordering::SeqCst);
            }
            answered
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(wire), service);
    // A connection that breaks off concerns nobody but the client.
    tokio::spawn(async move { drop(watcher.watch(connection).await) });
}

/// A connection that can end by a reset instead of an orderly close.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::SeqCst) {
            // Without it the connection is closed in order, and no answer came all the same.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
