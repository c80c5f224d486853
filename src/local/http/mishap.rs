//! Carries faults out: before a request's work, after it, or instead of it.
//!
//! Deliberately absent: which request meets which fault, see `faults`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;

use super::front::{Front, new_id};
use super::somebody_else;
use crate::local::accept::CutOff;
use crate::local::blobs::Blobs;
use crate::local::faults::{FaultKind, Other};
use crate::local::state::State;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::Content;

/// What becomes of an upload that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Nothing.
    None,
    /// It is stored with another checksum.
    Checksum,
    /// It is not there afterwards.
    Lost,
}

type Answered = Result<Response<HttpBody>, CutOff>;

impl Front {
    /// Answers a request that meets a fault.
    pub(super) async fn handle_badly(
        self: Arc<Self>,
        kind: FaultKind,
        parts: Parts,
        body: HttpBody,
    ) -> Answered {
        match kind {
            FaultKind::Refuse { millis } => {
                self.faults.close_door(Duration::from_millis(millis));
                self.unanswered(&parts)
            }
            FaultKind::ResetBefore => self.unanswered(&parts),
            FaultKind::HangBefore => {
                let cut = self.unanswered(&parts);
                self.faults.hang().await;
                cut
            }
            FaultKind::Status { status, after: false } => Ok(self.instead(&parts, error(status))),
            FaultKind::TooMany { retry_after } => Ok(self.instead(&parts, too_many(retry_after))),
            FaultKind::WrongChecksum => self.serve(parts, body, Damage::Checksum).await,
            FaultKind::FileLost => self.serve(parts, body, Damage::Lost).await,
            FaultKind::ListingLag { reads } => {
                self.show_late(self.present(), reads, true);
                self.serve(parts, body, Damage::None).await
            }
            FaultKind::Other(other) => {
                if self.somebody_else_acts(other, &parts).await {
                    self.faults.fire();
                }
                self.serve(parts, body, Damage::None).await
            }
            FaultKind::VisibleLate { reads, answered } => {
                let before = self.present().filter(|_| !parts.method.is_safe());
                let answer = self.serve(parts, body, Damage::None).await?;
                let is_lost = before.is_some() && !answered;
                self.show_late(before, reads, false);
                Ok(if is_lost { error(504) } else { answer })
            }
            FaultKind::ResetAfter
            | FaultKind::HangAfter
            | FaultKind::Status { after: true, .. }
            | FaultKind::Cut => {
                let answer = self.serve(parts, body, Damage::None).await?;
                self.faults.fire();
                self.withhold(kind, answer).await
            }
        }
    }

    /// Keeps back the answer of a request whose work is done.
    async fn withhold(&self, kind: FaultKind, answer: Response<HttpBody>) -> Answered {
        match kind {
            FaultKind::Status { status, .. } => Ok(error(status)),
            FaultKind::Cut => halve(answer).await,
            FaultKind::HangAfter => {
                self.faults.hang().await;
                Err(CutOff)
            }
            FaultKind::ResetAfter
            | FaultKind::Refuse { .. }
            | FaultKind::ResetBefore
            | FaultKind::HangBefore
            | FaultKind::TooMany { .. }
            | FaultKind::WrongChecksum
            | FaultKind::FileLost
            | FaultKind::VisibleLate { .. }
            | FaultKind::ListingLag { .. }
            | FaultKind::Other(_) => Err(CutOff),
        }
    }

    /// Returns the state as it is now; none while the server stops.
    fn present(&self) -> Option<State> {
        self.with_store(|store| store.state().clone()).ok()
    }

    fn show_late(&self, state: Option<State>, reads: usize, listings_only: bool) {
        if let Some(state) = state {
            self.faults.show_late(state, reads, listings_only);
            self.faults.fire();
        }
    }

    fn unanswered(&self, parts: &Parts) -> Answered {
        self.faults.fire();
        self.log(parts, 0, 0);
        Err(CutOff)
    }

    fn instead(&self, parts: &Parts, answer: Response<HttpBody>) -> Response<HttpBody> {
        self.faults.fire();
        self.log(parts, answer.status().as_u16(), 0);
        answer
    }

    /// Lets somebody else write; tells whether there was something to write to.
    async fn somebody_else_acts(self: &Arc<Self>, other: Other, parts: &Parts) -> bool {
        let Some(user) = self.user(parts, &[]) else { return false };
        let acted = self.blocking(move |front, store| {
            let content = written(store.blobs()).map_err(|_| Refusal::internal())?;
            let now = front.clock.now();
            store.transact(|state| somebody_else::act(other, state, user, now, content))
        });
        acted.await.is_ok()
    }
}

fn written(blobs: &Blobs) -> std::io::Result<Content> {
    let mut writer = blobs.writer(new_id(), new_id())?;
    writer.write(&Bytes::from_static(b"by somebody else\n"))?;
    writer.finish()
}

/// An error as the server (500) or a proxy before it says it.
fn error(status: u16) -> Response<HttpBody> {
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
    answer(status, kind, body)
}

fn too_many(retry_after: u64) -> Response<HttpBody> {
    let body = serde_json::json!({"status": 429, "message": "133 per 1 minute"}).to_string();
    let mut answer = answer(429, "application/json", body);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    answer
}

fn answer(status: u16, kind: &'static str, body: String) -> Response<HttpBody> {
    let mut answer = Response::new(HttpBody::from(body));
    *answer.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// Lets the connection end in the middle of an answer; one without a body does not come at all.
async fn halve(answer: Response<HttpBody>) -> Answered {
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = body.collect().await else { return Err(CutOff) };
    let body = body.to_bytes();
    if body.is_empty() {
        return Err(CutOff);
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half: Result<Bytes, CutOff> = Ok(body.slice(..body.len() / 2));
    let pieces = stream::iter([half, Err(CutOff)]);
    Ok(Response::from_parts(parts, HttpBody::from_stream(pieces)))
}
