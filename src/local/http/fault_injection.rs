//! Carries faults out: before a request's work, after it, or instead of it.
//!
//! Deliberately absent: which request meets which fault, see `faults`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::BodyExt;

use super::app::AppState;
use super::fault_effects::{Answered, CutOff, Damage};
use super::{concurrent_client, write_out};
use crate::local::blobs::Blobs;
use crate::local::body::{HttpBody, make_body, stream_body};
use crate::local::faults::{ConcurrentAction, FaultKind, Met};
use crate::local::new_id::new_id;
use crate::local::receive;
use crate::local::state::State;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::Content;

impl AppState {
    /// Answers a request that meets a fault.
    pub(super) async fn inject(
        self: Arc<Self>,
        met: Met,
        parts: Parts,
        body: HttpBody,
    ) -> Answered {
        match met.kind {
            FaultKind::Refuse { millis } => {
                // Before the client sees a reset, so that its next connection is refused.
                self.faults.listener_gate().close(Some(Duration::from_millis(millis))).await;
                self.unanswered(&parts)
            }
            FaultKind::ResetBefore => self.unanswered(&parts),
            FaultKind::HangBefore => {
                // Only after the body is read does the connection show that the client has left.
                receive::drain_body(body).await;
                let cut = self.unanswered(&parts);
                self.faults.hang(met.replaced).await;
                cut
            }
            FaultKind::Status { status, after: false } => {
                Ok(self.instead(&parts, body, build_error(status)).await)
            }
            FaultKind::TooMany { retry_after } => {
                Ok(self.instead(&parts, body, self.too_many(retry_after)).await)
            }
            FaultKind::WrongChecksum => self.serve(parts, body, Damage::Checksum).await,
            FaultKind::FileLost => self.serve(parts, body, Damage::Lost).await,
            FaultKind::KeywordsDropped => {
                let body = self.drop_keywords(body).await;
                self.serve(parts, body, Damage::None).await
            }
            FaultKind::ListingLag { reads } => {
                self.freeze_listings(reads);
                self.serve(parts, body, Damage::None).await
            }
            FaultKind::Other(other) => self.serve_after_another(other, parts, body).await,
            FaultKind::VisibleLate { reads, answered } => {
                self.show_before(&parts, body, reads, answered).await
            }
            FaultKind::MixedUp(how) => self.mix_up(how, &parts, body).await,
            FaultKind::Stale { writes, reads } => {
                self.show_past(writes, reads, &parts);
                self.serve(parts, body, Damage::None).await
            }
            FaultKind::Unreadable(what) => self.add_unreadable(what, &parts, body).await,
            FaultKind::Cut => {
                cut_in_half(&self, &parts, self.serve_parts(&parts, body).await).await
            }
            // The work is done, its answer dropped: a client that just repeats it does it twice.
            FaultKind::Status { status, after: true } => {
                self.serve_parts(&parts, body).await;
                self.faults.fire();
                Ok(build_error(status))
            }
            FaultKind::ResetAfter => {
                self.serve_parts(&parts, body).await;
                self.faults.fire();
                Err(CutOff)
            }
            FaultKind::HangAfter => {
                self.serve_parts(&parts, body).await;
                self.faults.fire();
                self.faults.hang(met.replaced).await;
                Err(CutOff)
            }
        }
    }

    /// Returns the body of a write without the keywords, by the name that either API has for them.
    async fn drop_keywords(&self, body: HttpBody) -> HttpBody {
        let Ok(collected) = body.collect().await else { return make_body("") };
        let sent = collected.to_bytes();
        let Ok(mut json) = serde_json::from_slice::<serde_json::Value>(&sent) else {
            return make_body(sent);
        };
        let metadata = json.get_mut("metadata").and_then(serde_json::Value::as_object_mut);
        let dropped = metadata
            .map(|metadata| ["keywords", "subjects"].map(|name| metadata.remove(name).is_some()));
        // Without keywords the fault took no effect and is not counted.
        if dropped.is_some_and(|dropped| dropped.contains(&true)) {
            self.faults.fire();
        }
        make_body(json.to_string())
    }

    /// Lets another client act first, then serves the request.
    async fn serve_after_another(
        self: Arc<Self>,
        other: ConcurrentAction,
        parts: Parts,
        body: HttpBody,
    ) -> Answered {
        // Without anything to act on, the fault took no effect and is not counted.
        if self.let_another_client_act(other, &parts).await {
            self.faults.fire();
        }
        self.serve(parts, body, Damage::None).await
    }

    /// Does the work of a request as usual and returns the answer.
    async fn serve_parts(self: &Arc<Self>, parts: &Parts, body: HttpBody) -> Response<HttpBody> {
        let done = self.work(parts, body, Damage::None).await;
        self.write(parts, done).await
    }

    /// Does a write, and lets the next reads show the state before it.
    async fn show_before(
        self: &Arc<Self>,
        parts: &Parts,
        body: HttpBody,
        reads: usize,
        answered: bool,
    ) -> Answered {
        // A read or a refused write changes nothing, so nothing can be late.
        let before = self.present().filter(|_| !parts.method.is_safe());
        let done = self.work(parts, body, Damage::None).await;
        let before = before.filter(|_| done.answer.is_ok());
        let answer = self.write(parts, done).await;
        let Some(before) = before else { return Ok(answer) };
        self.faults.show_late(before, reads, false);
        self.faults.fire();
        Ok(if answered { answer } else { build_error(504) })
    }

    /// Lets this read, and those after it, show the state before the last `writes` writes.
    fn show_past(&self, writes: usize, reads: usize, parts: &Parts) {
        // A write that meets the fault is served as usual: only reads can be stale.
        if let Some(past) = self.faults.past(writes).filter(|_| parts.method.is_safe()) {
            self.faults.show_late(past, reads, false);
            self.faults.fire();
        }
    }

    /// Lets the next listings show the present state.
    fn freeze_listings(&self, reads: usize) {
        if let Some(present) = self.present() {
            self.faults.show_late(present, reads, true);
            self.faults.fire();
        }
    }

    /// Returns the present state; `None` while the server stops.
    fn present(&self) -> Option<State> {
        self.with_store(|store| store.state().clone()).ok()
    }

    fn unanswered(&self, parts: &Parts) -> Answered {
        self.faults.fire();
        self.log(parts, 0, 0);
        Err(CutOff)
    }

    /// Answers without doing the work.
    async fn instead(
        &self,
        parts: &Parts,
        body: HttpBody,
        answer: Response<HttpBody>,
    ) -> Response<HttpBody> {
        // A client that is still sending its body may miss an answer.
        receive::drain_body(body).await;
        self.faults.fire();
        self.log(parts, answer.status().as_u16(), 0);
        answer
    }

    fn too_many(&self, retry_after: u64) -> Response<HttpBody> {
        let body = serde_json::json!({"message": "133 per 1 minute", "status": 429}).to_string();
        let mut answer = build_answer(429, "application/json", body);
        write_out::refuse_rate(answer.headers_mut(), retry_after, self.clock.now());
        answer
    }

    /// Lets the other client act; returns whether there was something to act on.
    async fn let_another_client_act(
        self: &Arc<Self>,
        other: ConcurrentAction,
        parts: &Parts,
    ) -> bool {
        let Some(user) = self.user(parts, &[]) else { return false };
        let acted = self.blocking(move |app, store| {
            // Written also for an act that needs no file: the state machine does no I/O.
            let content = write_other_content(store.blobs()).map_err(|_| Refusal::internal())?;
            let (now, id) = (app.clock.now(), content.id.clone());
            let acted =
                store.transact(|state| concurrent_client::act(other, state, user, now, content));
            if !store.state().uses(&id) {
                store.blobs().remove(&id);
            }
            acted
        });
        acted.await.is_ok()
    }
}

pub(super) fn write_other_content(blobs: &Blobs) -> std::io::Result<Content> {
    let mut writer = blobs.writer(new_id(), new_id())?;
    writer.write(&Bytes::from_static(b"by another client\n"))?;
    writer.finish()
}

/// Builds an error as the server (500) or a proxy before it sends it.
fn build_error(status: u16) -> Response<HttpBody> {
    let (kind, body) = if status == 500 {
        let text = "The server encountered an internal error and was unable to complete your \
                    request.";
        ("application/json", serde_json::json!({"status": 500, "message": text}).to_string())
    } else {
        let name = match status {
            502 => "502 Bad Gateway",
            503 => "503 Service Temporarily Unavailable",
            _ => "504 Gateway Time-out",
        };
        let title = format!("<head><title>{name}</title></head>");
        let page = format!("<html>\r\n{title}\r\n<body><center><h1>{name}</h1></center></body>");
        ("text/html", format!("{page}\r\n</html>\r\n"))
    };
    build_answer(status, kind, body)
}

fn build_answer(status: u16, kind: &'static str, body: String) -> Response<HttpBody> {
    let mut answer = Response::new(make_body(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// Lets the connection end halfway through an answer.
async fn cut_in_half(app: &AppState, parts: &Parts, answer: Response<HttpBody>) -> Answered {
    let (mut head, body) = answer.into_parts();
    let Ok(body) = body.collect().await else { return Err(CutOff) };
    let body = body.to_bytes();
    // Without a body there is no middle, so the answer arrives and the fault does not count.
    if body.is_empty() || parts.method == Method::HEAD {
        return Ok(Response::from_parts(head, make_body(body)));
    }
    app.faults.fire();
    // The length of the whole is announced, so the client can see that half of it is missing.
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = stream::iter([Ok(body.slice(..body.len() / 2))]);
    let end = stream::once(async {
        // The half is sent while this waits; an error at once would discard it.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    Ok(Response::from_parts(head, stream_body(half.chain(end))))
}
