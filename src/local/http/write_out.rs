//! Turns answers into bytes: the headers of every answer, JSON, pages, files.
//!
//! Deliberately absent: what an answer says.

use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::answer::{Answer, Body};
use super::rate::Rate;
use crate::local::body::{HttpBody, make_body, make_empty_body, stream_body};
use crate::local::pages::{Forms, make_content_security_policy};
use crate::local::serializers::links;
use crate::local::state::refusal::{Refusal, RefusalSource};

/// How many bytes of a file are read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Requests a minute that the headers announce; they are neither counted nor refused, since one
/// person on one machine needs no limit.
const RATE_LIMIT: u64 = 100_000;
/// How long the announced window is, in seconds.
const RATE_WINDOW_SECS: u64 = 60;

/// Writes an answer.
pub(crate) async fn write_answer(
    answer: Answer,
    blob: impl Fn(&str) -> std::path::PathBuf,
) -> Response<HttpBody> {
    let mut headers = HeaderMap::new();
    if let Some(revision) = answer.revision {
        put(&mut headers, header::ETAG, &format!("\"{revision}\""));
    }
    if let Some(location) = &answer.location {
        put(&mut headers, header::LOCATION, location);
    }
    for (name, value) in &answer.cookies {
        add_cookie(&mut headers, name, value);
    }
    let body = match answer.body {
        Body::Json(value, form) => {
            put(&mut headers, header::CONTENT_TYPE, form.media_type());
            make_body(value.to_string())
        }
        Body::Empty => {
            put(&mut headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
            make_empty_body()
        }
        Body::Page(text) => write_page(&mut headers, text, Forms::Absent),
        Body::Form(text) => write_page(&mut headers, text, Forms::Own),
        Body::Picture(svg) => {
            put(&mut headers, header::CONTENT_TYPE, "image/svg+xml");
            put(&mut headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
            make_body(svg.into_bytes())
        }
        Body::File { content, key, media_type } => {
            put(&mut headers, header::CONTENT_TYPE, media_type);
            put(&mut headers, header::CONTENT_LENGTH, &content.size_bytes.to_string());
            // An uploaded HTML file must not act as a page of this server, with its session.
            put(&mut headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
            let name = links::escape_file_name(&key);
            let as_file = format!("attachment; filename*=UTF-8''{name}");
            put(&mut headers, header::CONTENT_DISPOSITION, &as_file);
            match stream_file(&blob(&content.id)).await {
                Ok(body) => body,
                // Without the blob, the length above must not be announced.
                Err(_) => return write_refusal(&Refusal::internal()),
            }
        }
    };
    respond(answer.status, headers, body)
}

fn write_page(headers: &mut HeaderMap, text: String, forms: Forms) -> HttpBody {
    put(headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
    let policy = make_content_security_policy(forms);
    put(headers, header::CONTENT_SECURITY_POLICY, &policy);
    make_body(text)
}

/// Writes a refusal.
pub(crate) fn write_refusal(refusal: &Refusal) -> Response<HttpBody> {
    let mut headers = HeaderMap::new();
    put(&mut headers, header::CONTENT_TYPE, "application/json");
    respond(refusal.status, headers, make_body(refusal.body.to_string()))
}

/// Adds the headers of a 429; the limit is that of Zenodo's own settings (zenodo-rdm, 2026-11-23).
pub(super) fn refuse_rate(headers: &mut HeaderMap, retry_after: u64, now: Timestamp) {
    let window = i64::try_from(retry_after).unwrap_or(i64::MAX);
    let name = HeaderName::from_static;
    put(headers, name("x-ratelimit-limit"), "133");
    put(headers, name("x-ratelimit-remaining"), "0");
    put(headers, name("x-ratelimit-reset"), &now.as_second().saturating_add(window).to_string());
    put(headers, header::RETRY_AFTER, &retry_after.to_string());
}

/// Adds the time of the server's clock, which a test may hold.
pub(super) fn put_date(headers: &mut HeaderMap, now: Timestamp) {
    let date = now.to_zoned(TimeZone::UTC);
    put(headers, header::DATE, &date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
}

/// Adds the headers of a limit that counts.
pub(super) fn put_rate(headers: &mut HeaderMap, rate: Rate, now: Timestamp) {
    let name = HeaderName::from_static;
    // In whole seconds: a client that waits until then must not come too early.
    let reset = rate.reset.as_second().saturating_add(1);
    put(headers, name("x-ratelimit-limit"), &rate.limit.to_string());
    put(headers, name("x-ratelimit-remaining"), &rate.remaining.to_string());
    put(headers, name("x-ratelimit-reset"), &reset.to_string());
    let wait = reset.saturating_sub(now.as_second()).max(1);
    put(headers, header::RETRY_AFTER, &wait.to_string());
}

/// Adds the rate-limit headers, which every answer has except a 404 or 405 without a route.
pub(crate) fn announce_rate(headers: &mut HeaderMap, source: RefusalSource, now: Timestamp) {
    if source == RefusalSource::Routing {
        return;
    }
    let window = i64::try_from(RATE_WINDOW_SECS).unwrap_or(i64::MAX);
    let reset = now.as_second().saturating_add(window);
    let name = HeaderName::from_static;
    put(headers, name("x-ratelimit-limit"), &RATE_LIMIT.to_string());
    put(headers, name("x-ratelimit-remaining"), &(RATE_LIMIT - 1).to_string());
    put(headers, name("x-ratelimit-reset"), &reset.to_string());
    // On a 200 too, as on the real server: a client must obey it on a 429 or 503 only.
    put(headers, header::RETRY_AFTER, &RATE_WINDOW_SECS.to_string());
}

/// Adds a cookie as the real server does: for a week, for all paths.
pub(crate) fn add_cookie(headers: &mut HeaderMap, name: &str, value: &str) {
    // Scripts have to read the CSRF token in order to send it back, and must not read the session.
    let rest = if name == "session" { "; HttpOnly" } else { "; Max-Age=604800" };
    let line = format!("{name}={value}{rest}; Path=/; SameSite=Lax");
    if let Ok(line) = HeaderValue::from_str(&line) {
        headers.append(header::SET_COOKIE, line);
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn respond(status: u16, mut headers: HeaderMap, body: HttpBody) -> Response<HttpBody> {
    // A download that is declared as text stays text, also when a browser would take it for HTML.
    put(&mut headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}

/// Streams a file, read by blocking threads in large pieces.
async fn stream_file(path: &Path) -> std::io::Result<HttpBody> {
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || std::fs::File::open(path)).await;
    let file = opened.map_err(std::io::Error::other)??;
    let pieces = stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; CHUNK_BYTES];
            let n_read = file.read(&mut piece)?;
            piece.truncate(n_read);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    });
    Ok(stream_body(pieces))
}
