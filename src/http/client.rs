//! One call: sent to the origin that the token is for, repeated when that is safe, with a limit on
//! the size and the time of its answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, IF_MATCH, LINK,
    LOCATION, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::clock::{Clock, Deadline};

use super::budget::{Budget, Pacer};
use super::call_log::{self, Attempt};
use super::call_time::CallTime;
use super::pace::{FLOOR, Floor, Pace};
use super::redactor::TokenRedactor;
use super::upload::{self, Upload};
use super::{HttpError, Origin, retry};

/// The largest answer that is accepted. Bytes.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// How many redirects are followed.
pub(super) const MAX_REDIRECTS: usize = 5;

/// The default read timeout.
pub const READ_TIMEOUT: Duration = Duration::from_secs(90);

/// How long one call may take with its repeats, and how long the answer to an upload may take once
/// it has begun, by default.
const CALL_TIMEOUT: Duration = Duration::from_mins(5);

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(15);

/// What a client is made from.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The server's address.
    pub base: String,
    /// The token for it; without one, the client reads what is public.
    pub token: Option<SecretString>,
    /// The time.
    pub clock: Clock,
    /// How long the server may send nothing, by real time, until the call fails.
    pub read_timeout: Duration,
    /// How long one call may take with its repeats, even while bytes come. An upload may take as
    /// long as bytes move; only its answer has this limit.
    pub call_timeout: Duration,
    /// The lowest rate at which an answer's body may come.
    pub floor: Floor,
    /// After it no new request is sent, and a running one is ended.
    pub deadline: Deadline,
    /// Whether redirects of reads are followed, within the origin.
    pub follows: bool,
    /// How many clients share the server's limit of requests, with this one.
    pub n_clients: u32,
}

impl ClientOptions {
    /// Takes what every client needs.
    pub fn new(base: &str, token: Option<SecretString>, clock: Clock) -> Self {
        let deadline = clock.deadline_in(Duration::MAX);
        let (read_timeout, call_timeout, floor) = (READ_TIMEOUT, CALL_TIMEOUT, FLOOR);
        Self {
            base: base.to_owned(),
            token,
            clock,
            read_timeout,
            call_timeout,
            floor,
            deadline,
            follows: true,
            n_clients: 1,
        }
    }
}

/// A client of one origin. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    origin: Origin,
    authorization: Option<HeaderValue>,
    redactor: Option<TokenRedactor>,
    clock: Clock,
    read_timeout: Duration,
    call_timeout: Duration,
    floor: Floor,
    deadline: Deadline,
    follows: bool,
    pacer: Mutex<Pacer>,
    requests: AtomicU64,
    body_bytes: AtomicU64,
}

/// The turn of a request, until it is dropped.
pub(super) struct Turn<'a> {
    pacer: &'a Mutex<Pacer>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.pacer.lock().unwrap_or_else(PoisonError::into_inner).end_turn();
    }
}

/// What a client has sent so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Requests, repeated ones too.
    pub requests: u64,
    /// Bytes in their bodies.
    pub body_bytes: u64,
}

/// The methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Acts.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Returns its name in HTTP.
    pub(super) fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// Whether a call may be made again without looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Repeating it has no further effect.
    Idempotent,
    /// The caller must look first.
    NotIdempotent,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// The method.
    pub method: Method,
    /// A path, or an address of the same origin.
    pub path: &'a str,
    /// What is accepted.
    pub accept: &'static str,
    /// A JSON body.
    pub json: Option<&'a serde_json::Value>,
    /// The revision that the write is based on, a bare integer.
    pub if_match: Option<u64>,
    /// Whether it may be made again.
    pub idempotency: Idempotency,
}

/// A whole answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its media type, without parameters.
    pub content_type: String,
    /// The revision from its `ETag`.
    pub revision: Option<u64>,
    /// Its body.
    pub body: Vec<u8>,
    /// How long the server asks to wait; sent with any answer, and obeyed on 429 and 503 only.
    pub retry_after: Option<Duration>,
    /// Whether its `Link` names a next page. The address of that page is not used.
    pub has_next: bool,
    location: Option<String>,
}

/// The server's answer to an upload.
#[derive(Debug, Clone)]
pub struct UploadAnswer {
    /// What it says.
    pub answer: Answer,
    /// Whether the connection took the whole file: a server that refuses may answer before that.
    pub is_whole: bool,
}

impl Client {
    /// Makes a client.
    ///
    /// # Errors
    /// [`HttpError::Insecure`] for an address that no token may be sent to, and
    /// [`HttpError::Token`] for a token that can't be sent.
    pub fn new(options: ClientOptions) -> Result<Self, HttpError> {
        install_crypto();
        let ClientOptions {
            base,
            token,
            clock,
            read_timeout,
            call_timeout,
            floor,
            deadline,
            follows,
            n_clients,
        } = options;
        let origin = Origin::parse(&base)?;
        let mut builder = reqwest::Client::builder()
            // reqwest would follow to other hosts; `follow` stays on the token's origin.
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .user_agent(concat!("zrel/", env!("CARGO_PKG_VERSION")))
            .http1_only();
        // A proxy can't reach this machine's loopback, and must not see the token for it.
        if origin.is_loopback() {
            builder = builder.no_proxy();
        }
        if !origin.is_https() {
            // To read the system's certificates takes longer than most runs, and neither a proxy
            // nor a redirect leads from here to TLS.
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(HttpError::Setup)?;
        let authorization = token.as_ref().map(bearer).transpose()?;
        let redactor = token.as_ref().map(TokenRedactor::new).transpose()?;
        let inner = Inner {
            http,
            origin,
            authorization,
            redactor,
            clock,
            read_timeout,
            call_timeout,
            floor,
            deadline,
            follows,
            pacer: Mutex::new(Pacer::new(n_clients)),
            requests: AtomicU64::new(0),
            body_bytes: AtomicU64::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns what was sent so far.
    pub fn stats(&self) -> Stats {
        Stats {
            requests: self.inner.requests.load(Ordering::Relaxed),
            body_bytes: self.inner.body_bytes.load(Ordering::Relaxed),
        }
    }

    /// Makes a call; repeats it when that is safe, and waits when the server asks for time.
    /// Follows redirects of reads within the origin.
    ///
    /// # Errors
    /// [`HttpError`] when no whole answer came.
    pub async fn send(&self, call: &Call<'_>) -> Result<Answer, HttpError> {
        let time =
            CallTime::start(&self.inner.clock, self.inner.call_timeout, &self.inner.deadline);
        time.bound(self.follow(call, &time)).await
    }

    async fn follow(&self, call: &Call<'_>, time: &CallTime<'_>) -> Result<Answer, HttpError> {
        let mut url = self.inner.origin.resolve(call.path)?;
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.send_to(&url, call, time).await?;
            let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
            match &answer.location {
                // A write is never redirected: following it could send the body twice.
                Some(location)
                    if is_redirect && self.inner.follows && call.method == Method::Get =>
                {
                    url = self.inner.origin.follow(&url, location)?;
                }
                _ => return Ok(answer),
            }
        }
        Err(HttpError::Redirects)
    }

    async fn send_to(
        &self,
        url: &Url,
        call: &Call<'_>,
        time: &CallTime<'_>,
    ) -> Result<Answer, HttpError> {
        let mut waits = retry::waits();
        let mut patience = retry::RETRY_BUDGET;
        let mut last = None;
        let mut number = 0;
        loop {
            number += 1;
            let result = match (self.once(url, call, time, number).await, last) {
                // The result of an earlier try says more than that there was no time for another.
                (Err(HttpError::NotBegun(_)), Some(last)) => return last,
                (result, _) => result,
            };
            let may_repeat = match &result {
                // A 429 is refused before anything is done, so that any call may be repeated.
                Ok(answer) if answer.status == 429 => true,
                // A 502 to 504 also comes after the work is done: a second publish must not follow.
                Ok(answer) => {
                    call.idempotency == Idempotency::Idempotent && retry::is_passing(answer.status)
                }
                Err(error) => {
                    error.is_passing()
                        && (call.idempotency == Idempotency::Idempotent || error.is_not_done())
                }
            };
            let Some(wait) = waits.next().filter(|_| may_repeat) else { return result };
            let wait = match &result {
                Ok(answer) => retry::wait_for(answer.status, answer.retry_after, wait),
                Err(_) => wait,
            };
            // A server that asks for hours gets its answer reported instead.
            let Some(left) = patience.checked_sub(wait) else { return result };
            patience = left;
            let why = result.as_ref().map(|answer| answer.status);
            call_log::log_retry(call.method.name(), url.path(), self.redactor(), why, wait);
            if time.wait(wait).await.is_err() {
                return result;
            }
            last = Some(result);
        }
    }

    async fn once(
        &self,
        url: &Url,
        call: &Call<'_>,
        time: &CallTime<'_>,
        number: usize,
    ) -> Result<Answer, HttpError> {
        let _turn = self.take_turn(time).await?;
        let attempt = Attempt::start(call.method.name(), url, number);
        let result = self.exchange(url, call).await;
        let end = result.as_ref().map(|answer| (answer.status, answer.body.len() as u64));
        attempt.log_end(self.redactor(), end);
        result
    }

    /// Sends one request, and reads its answer.
    async fn exchange(&self, url: &Url, call: &Call<'_>) -> Result<Answer, HttpError> {
        let mut request = self.request(call.method, url).header(ACCEPT, call.accept);
        if let Some(json) = call.json {
            let body = json.to_string();
            self.count_bytes(body.len() as u64);
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        if let Some(revision) = call.if_match {
            request = request.header(IF_MATCH, revision);
        }
        let read_timeout = self.inner.read_timeout;
        let sent = tokio::time::timeout(read_timeout, request.send()).await;
        let response = sent.map_err(|_| HttpError::Silence(read_timeout))?.map_err(failed)?;
        self.read_answer(response).await
    }

    /// Sends a file with a known length, once: the caller looks before it repeats the call.
    ///
    /// # Errors
    /// [`HttpError`] when no whole answer came, or the file could not be read to its end.
    pub async fn upload(&self, path: &str, upload: Upload<'_>) -> Result<UploadAnswer, HttpError> {
        let url = self.inner.origin.resolve(path)?;
        let time = self.time_without_end();
        // To its answer: a proxy may pass a file on, and count it, only when it has all of it.
        let _turn = self.take_turn(&time).await?;
        let attempt = Attempt::start(Method::Put.name(), &url, 1);
        let size = upload.size;
        let result = time.bound(self.send_file(&url, upload)).await;
        let end = result.as_ref().map(|sent| (sent.answer.status, size));
        attempt.log_end(self.redactor(), end);
        result
    }

    async fn send_file(&self, url: &Url, upload: Upload<'_>) -> Result<UploadAnswer, HttpError> {
        let feed = upload::feed(upload.file, upload.size);
        let taken = feed.taken.clone();
        let (body, mut end) = feed.into_body();
        let request = self
            .request(Method::Put, url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, upload.size)
            .body(body);
        let reported = AtomicU64::new(0);
        let read_timeout = self.inner.read_timeout;
        // A large file may take hours: only a connection that stands still ends it.
        let response = tokio::select! {
            response = request.send() => response.map_err(failed),
            error = watch(&taken, &reported, upload.progress, read_timeout) => Err(error),
        };
        let bytes = taken.load(Ordering::Relaxed);
        self.count_bytes(bytes);
        (upload.progress)(bytes - reported.load(Ordering::Relaxed));
        let response = match (response, end.try_recv()) {
            // The connection broke because the file did: that is the cause to report.
            (Err(_), Ok(unread)) => return Err(HttpError::File(unread)),
            (response, _) => response?,
        };
        let answer = self.read_answer(response).await?;
        Ok(UploadAnswer { answer, is_whole: bytes == upload.size })
    }

    /// Returns what takes the token out of a text; none without a token.
    pub(super) fn redactor(&self) -> Option<&TokenRedactor> {
        self.inner.redactor.as_ref()
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// Starts to measure the pace of an answer's body.
    pub(super) fn pace(&self) -> Pace {
        Pace::start(&self.inner.clock, self.inner.floor)
    }

    pub(super) fn read_timeout(&self) -> Duration {
        self.inner.read_timeout
    }

    /// Starts a call that has no limit but the run's.
    pub(super) fn time_without_end(&self) -> CallTime<'_> {
        CallTime::start(&self.inner.clock, Duration::MAX, &self.inner.deadline)
    }

    /// Waits until the next request stays below the server's limit; it has its turn until what is
    /// returned is dropped.
    pub(super) async fn take_turn(&self, time: &CallTime<'_>) -> Result<Turn<'_>, HttpError> {
        let pacer = &self.inner.pacer;
        let wait = {
            let mut pacer = pacer.lock().unwrap_or_else(PoisonError::into_inner);
            pacer.take_turn(self.inner.clock.now())
        };
        call_log::log_pause(wait);
        let turn = Turn { pacer };
        time.wait(wait).await?;
        Ok(turn)
    }

    /// Stores how many requests the server still accepts.
    pub(super) fn note_budget(&self, headers: &HeaderMap) {
        let [deadline, remaining, reset] =
            ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
                .map(|name| headers.get(name)?.to_str().ok());
        if let Some(budget) = Budget::read(deadline, remaining, reset) {
            let mut pacer = self.inner.pacer.lock().unwrap_or_else(PoisonError::into_inner);
            pacer.note(budget);
        }
    }

    pub(super) async fn read_answer(
        &self,
        mut response: reqwest::Response,
    ) -> Result<Answer, HttpError> {
        let status = response.status().as_u16();
        let headers = response.headers();
        self.note_budget(headers);
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let content_type = text(CONTENT_TYPE).unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default().trim().to_owned();
        let retry_after = text(RETRY_AFTER).and_then(|text| retry::asked(text, &self.inner.clock));
        let location = text(LOCATION).map(str::to_owned);
        let has_next = text(LINK).is_some_and(has_next);
        let revision = revision(headers);
        let time =
            CallTime::start(&self.inner.clock, self.inner.call_timeout, &self.inner.deadline);
        let body = time.bound(self.read_body(&mut response)).await?;
        let answer =
            Answer { status, content_type, revision, body, retry_after, has_next, location };
        Ok(self.redact(answer))
    }

    async fn read_body(&self, response: &mut reqwest::Response) -> Result<Vec<u8>, HttpError> {
        let mut pace = self.pace();
        let mut body = Vec::new();
        while let Some(chunk) = self.next_chunk(response, &mut pace).await? {
            // Counted as it comes: the announced length may be missing or wrong.
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(HttpError::TooLarge(MAX_ANSWER));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Waits for the next bytes of a body; fails after a silence, or when too little came.
    pub(super) async fn next_chunk(
        &self,
        response: &mut reqwest::Response,
        pace: &mut Pace,
    ) -> Result<Option<Bytes>, HttpError> {
        let read_timeout = self.inner.read_timeout;
        // By real time, since a set clock does not make bytes come sooner.
        let quiet = Clock::Real.deadline_in(read_timeout);
        loop {
            let wait = quiet.left().min(pace.left());
            match tokio::time::timeout(wait, response.chunk()).await {
                Ok(chunk) => {
                    let chunk = chunk.map_err(failed)?;
                    pace.came(chunk.as_ref().map_or(0, Bytes::len)).or_else(|slow| {
                        // A complete answer is never too slow.
                        if chunk.is_none() { Ok(()) } else { Err(slow) }
                    })?;
                    return Ok(chunk);
                }
                Err(_) if quiet.is_over() => return Err(HttpError::Silence(read_timeout)),
                // Only the span of the pace is over, and some bytes may have come in it.
                Err(_) => pace.came(0)?,
            }
        }
    }

    /// Removes the token from an answer that repeats it: messages quote what a server says.
    fn redact(&self, answer: Answer) -> Answer {
        let Some(redactor) = self.redactor() else { return answer };
        Answer {
            body: redactor.redact(answer.body),
            content_type: redactor.redact_text(answer.content_type),
            location: answer.location.map(|text| redactor.redact_text(text)),
            ..answer
        }
    }

    pub(super) fn request(&self, method: Method, url: &Url) -> reqwest::RequestBuilder {
        self.inner.requests.fetch_add(1, Ordering::Relaxed);
        let method = match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let request = self.inner.http.request(method, url.clone());
        match &self.inner.authorization {
            Some(value) => request.header(AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    fn count_bytes(&self, bytes: u64) {
        self.inner.body_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, HttpError> {
    let token = token.expose_secret();
    // A line feed in a header value would begin another header.
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(HttpError::Token);
    }
    let mut value =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| HttpError::Token)?;
    // Keeps the token out of reqwest's debug output.
    value.set_sensitive(true);
    Ok(value)
}

/// Reports progress, and ends only after nothing has moved for too long.
async fn watch(
    taken: &AtomicU64,
    reported: &AtomicU64,
    progress: &(dyn Fn(u64) + Send + Sync),
    read_timeout: Duration,
) -> HttpError {
    let tick = Duration::from_millis(200).min(read_timeout);
    let mut still = Duration::ZERO;
    loop {
        tokio::time::sleep(tick).await;
        let now = taken.load(Ordering::Relaxed);
        let last = reported.swap(now, Ordering::Relaxed);
        if now > last {
            progress(now - last);
            still = Duration::ZERO;
        } else {
            still += tick;
        }
        if still >= read_timeout {
            return HttpError::Silence(read_timeout);
        }
    }
}

pub(super) fn failed(error: reqwest::Error) -> HttpError {
    let host = error.url().map_or_else(String::new, |url| url.authority().to_owned());
    let error = error.without_url();
    match certificate_fault(&error) {
        Some(fault) => HttpError::Certificate(fault),
        // Without a connection nothing was sent: the caller need not look for an effect.
        None if error.is_connect() => HttpError::Unsent { host, error },
        None => HttpError::Lost(error),
    }
}

/// Finds the reason why TLS rejects the server's certificate among an error's causes.
fn certificate_fault(error: &(dyn std::error::Error + 'static)) -> Option<rustls::Error> {
    if let Some(fault @ rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
        return Some(fault.clone());
    }
    // An I/O error does not name what it wraps as its cause.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match wrapped {
        Some(wrapped) => certificate_fault(wrapped),
        None => certificate_fault(error.source()?),
    }
}

/// Reads `ETag: "4"`.
fn revision(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(reqwest::header::ETAG)?.to_str().ok()?;
    text.trim_start_matches("W/").trim_matches('"').parse().ok()
}

/// Reads `Link: <…>; rel="next", <…>; rel="last"` (RFC 8288).
fn has_next(link: &str) -> bool {
    link.split(',').flat_map(|link| link.split(';').skip(1)).any(|parameter| {
        let value = parameter.trim().strip_prefix("rel=").unwrap_or_default();
        value.trim_matches('"').split(' ').any(|word| word == "next")
    })
}

fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only when another provider is installed already, and then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_that_there_is_a_next_page_and_not_where() {
        for link in [
            "<https://a.example/?page=2>; rel=\"next\", <https://a.example/?page=9>; rel=\"last\"",
            "</?page=1>; rel=first, </?page=3>; title=\"x\"; rel=next",
        ] {
            assert!(has_next(link), "{link}");
        }
        for link in ["", "</?page=1>; rel=\"prev\"", "<https://a.example/?rel=next>; rel=\"last\""]
        {
            assert!(!has_next(link), "{link}");
        }
    }
}
