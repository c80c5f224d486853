//! Accepting connections, and ending them as faults demand.
//!
//! Deliberately absent: requests, see `http::app`.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};

use super::body::receive_body;
use super::http::app::AppState;

/// How long to wait when the system gives no connection, for lack of file descriptors for instance.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until it is stopped, and returns when the last one has ended.
///
/// # Errors
/// When the port cannot be listened on again.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Arc<AppState>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let (stopping, _) = watch::channel(false);
    let mut connections = JoinSet::new();
    let accepting = accept(listener, &app, &stopping, &mut connections);
    let accepted = tokio::select! {
        ended = accepting => ended,
        // A dropped sender means the same as a sent message.
        _ = stopped => Ok(()),
    };
    // A request that hangs by a fault would keep its connection, and so the server, forever.
    app.faults.let_go();
    stopping.send_replace(true);
    while connections.join_next().await.is_some() {}
    accepted
}

/// Accepts connections; returns only with an error.
async fn accept(
    mut listener: TcpListener,
    app: &Arc<AppState>,
    stopping: &watch::Sender<bool>,
    connections: &mut JoinSet<()>,
) -> io::Result<()> {
    let listener_gate = app.faults.listener_gate();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let served = serve_one_connection(stream, Arc::clone(app), stopping.subscribe());
                    connections.spawn(served);
                }
                // Without a pause this loop would keep a core busy until the system has room again.
                Err(_) => sleep(PAUSE).await,
            },
            () = listener_gate.closing() => listener = listener_gate.stay_closed(listener).await?,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// Serves one connection until it ends, or until the server stops and its last answer is sent.
async fn serve_one_connection(
    stream: TcpStream,
    app: Arc<AppState>,
    mut stopping: watch::Receiver<bool>,
) {
    let is_reset = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&is_reset);
    let service = service_fn(move |request: Request<Incoming>| {
        let (app, noted) = (Arc::clone(&app), Arc::clone(&noted));
        async move {
            let answer = app.handle(request.map(receive_body)).await;
            noted.store(answer.is_err(), Ordering::Relaxed);
            answer
        }
    });
    let mut served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut stop = pin!(async { drop(stopping.wait_for(|is_stopping| *is_stopping).await) });
    // How a connection ends is not reported: the client sees it.
    let is_over = tokio::select! {
        _ = &mut served => true,
        () = &mut stop => false,
    };
    if !is_over {
        Pin::new(&mut served).graceful_shutdown();
        let _ = (&mut served).await;
    }
    if is_reset.load(Ordering::Relaxed) {
        // Closing without lingering resets the connection; if that fails, it still ends.
        let _ = served.into_parts().io.into_inner().set_zero_linger();
    }
}
