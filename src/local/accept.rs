//! Taking connections, and ending them as faults want it.
//!
//! Deliberately absent: requests, see `http::app`.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};

use super::http::app::AppState;

/// How long to wait where the system gives no connection, of files for instance.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes connections until told to stop, and returns when the last one has ended.
///
/// # Errors
/// Where the port cannot be listened to again.
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
        // A sender that is dropped means the same as one that sends.
        _ = stopped => Ok(()),
    };
    app.faults.let_go();
    stopping.send_replace(true);
    while connections.join_next().await.is_some() {}
    accepted
}

/// Takes connections; returns only with an error.
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
                    let served = connection(stream, Arc::clone(app), stopping.subscribe());
                    connections.spawn(served);
                }
                Err(_) => sleep(PAUSE).await,
            },
            () = listener_gate.closing() => listener = listener_gate.stay_closed(listener).await?,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// Serves one connection until it ends, or the server does and its last answer is given.
async fn connection(stream: TcpStream, app: Arc<AppState>, mut stopping: watch::Receiver<bool>) {
    let is_reset = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&is_reset);
    let service = service_fn(move |request: Request<Incoming>| {
        let (app, noted) = (Arc::clone(&app), Arc::clone(&noted));
        async move {
            let answer = app.handle(request.map(Body::new)).await;
            noted.store(answer.is_err(), Ordering::Relaxed);
            answer
        }
    });
    let mut served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut stop = pin!(async { drop(stopping.wait_for(|is_stopping| *is_stopping).await) });
    // How a connection ends is the client's matter.
    let is_over = tokio::select! {
        _ = &mut served => true,
        () = &mut stop => false,
    };
    if !is_over {
        Pin::new(&mut served).graceful_shutdown();
        let _ = (&mut served).await;
    }
    if is_reset.load(Ordering::Relaxed) {
        // Closed without lingering, a connection is reset; where that fails it ends all the same.
        let _ = served.into_parts().io.into_inner().set_zero_linger();
    }
}
