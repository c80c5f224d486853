//! One call: sent to the origin that the token is for, repeated when that is safe, with a limit on
//! the size and the time of its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, IF_MATCH, LINK, LOCATION, RETRY_AFTER,
};
use url::Url;

use crate::clock::{Clock, Deadline};

use super::answer::{Answer, has_next, read_date, read_revision};
use super::budget::Budget;
use super::builder::start_builder;
use super::call::{Call, Idempotency, Method};
use super::call_log::{self, Attempt};
use super::call_time::CallTime;
use super::credential::Access;
use super::error::describe_failure;
use super::options::ClientOptions;
use super::pace::{Floor, Pace};
use super::pacer::{Turn, Turns};
use super::redactor::Redactor;
use super::{Credential, HttpError, Origin, retry};

/// The largest answer that is accepted. Bytes.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// How much memory an answer gets before it comes, at most. Bytes.
const MAX_RESERVED: usize = 4 * 1024 * 1024;

/// How many redirects are followed.
pub(super) const MAX_REDIRECTS: usize = 5;

/// A client of one origin. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    origin: Origin,
    access: Option<Access>,
    redactor: Option<Redactor>,
    clock: Clock,
    read_timeout: Duration,
    call_timeout: Duration,
    floor: Floor,
    deadline: Deadline,
    follows: bool,
    turns: Turns,
    requests: AtomicU64,
    body_bytes: AtomicU64,
}

/// What a client has sent so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Requests, repeated ones too.
    pub requests: u64,
    /// Bytes in their bodies.
    pub body_bytes: u64,
}

impl Client {
    /// Makes a client.
    ///
    /// # Errors
    /// [`HttpError::Insecure`] for an address that no token may be sent to, and
    /// [`HttpError::Token`] for a token that can't be sent.
    pub fn new(options: ClientOptions) -> Result<Self, HttpError> {
        let ClientOptions {
            base,
            credential,
            clock,
            read_timeout,
            call_timeout,
            floor,
            deadline,
            follows,
            n_clients,
        } = options;
        let origin = Origin::parse(&base)?;
        let http = start_builder(&origin).build().map_err(HttpError::Setup)?;
        let secrets = credential.as_ref().map(Credential::secrets);
        let redactor = secrets.as_deref().map(Redactor::new).transpose()?;
        let access = credential.map(|it| Access::new(it, &base)).transpose()?;
        let inner = Inner {
            http,
            origin,
            access,
            redactor,
            clock,
            read_timeout,
            call_timeout,
            floor,
            deadline,
            follows,
            turns: Turns::new(n_clients),
            requests: AtomicU64::new(0),
            body_bytes: AtomicU64::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns whether it shows a credential.
    pub fn has_credential(&self) -> bool {
        self.inner.access.is_some()
    }

    /// Returns the server's address.
    pub fn base(&self) -> &str {
        self.inner.origin.base()
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
        let mut csrf = Some(self.csrf());
        loop {
            number += 1;
            let result = match (self.once(url, call, time, number).await, last) {
                // The result of an earlier try says more than that there was no time for another.
                (Err(HttpError::NotBegun(_)), Some(last)) => return last,
                (result, _) => result,
            };
            // Once: a server that always sets another one must not keep the run for ever.
            if let Some(sent) = csrf.take()
                && result.as_ref().is_ok_and(|answer| self.has_new_csrf(answer, sent.as_deref()))
            {
                last = Some(result);
                continue;
            }
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

    /// Returns the CSRF token that the next write carries.
    pub(super) fn csrf(&self) -> Option<String> {
        self.inner.access.as_ref().and_then(Access::csrf)
    }

    /// Returns whether a write was refused for the CSRF token that it had, and the server has set
    /// another one: it refuses before anything is done, so that the write can be sent again.
    pub(super) fn has_new_csrf(&self, answer: &Answer, sent: Option<&str>) -> bool {
        answer.status == 400
            && answer.is_about_csrf()
            && self.csrf().is_some_and(|now| Some(now.as_str()) != sent)
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
        let response =
            sent.map_err(|_| HttpError::Silence(read_timeout))?.map_err(describe_failure)?;
        self.read_answer(response).await
    }

    /// Returns what takes the token out of a text; none without a token.
    pub(super) fn redactor(&self) -> Option<&Redactor> {
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
        let taken = self.inner.turns.take(&self.inner.clock);
        let (turn, wait) = time.wait_for(taken).await?;
        call_log::log_pause(wait);
        time.wait(wait).await?;
        Ok(turn)
    }

    /// Stores and returns how many requests the server still accepts; none when it does not say.
    pub(super) fn note_budget(&self, headers: &HeaderMap) -> Option<Budget> {
        let [deadline, remaining, reset] =
            ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
                .map(|name| headers.get(name)?.to_str().ok());
        let budget = Budget::read(deadline, remaining, reset)?;
        self.inner.turns.note(budget);
        Some(budget)
    }

    pub(super) async fn read_answer(
        &self,
        mut response: reqwest::Response,
    ) -> Result<Answer, HttpError> {
        let status = response.status().as_u16();
        let headers = response.headers();
        let budget = self.note_budget(headers);
        if let Some(access) = &self.inner.access {
            access.note(headers);
        }
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let content_type = text(CONTENT_TYPE).unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default().trim().to_owned();
        let retry_after = text(RETRY_AFTER).and_then(|text| retry::asked(text, &self.inner.clock));
        let location = text(LOCATION).map(str::to_owned);
        let date = text(DATE).and_then(read_date);
        let has_next = text(LINK).is_some_and(has_next);
        let revision = read_revision(headers);
        let time =
            CallTime::start(&self.inner.clock, self.inner.call_timeout, &self.inner.deadline);
        let body = time.bound(self.read_body(&mut response)).await?;
        let answer = Answer {
            status,
            content_type,
            revision,
            body,
            retry_after,
            has_next,
            location,
            date,
            budget,
        };
        Ok(self.redact(answer))
    }

    async fn read_body(&self, response: &mut reqwest::Response) -> Result<Vec<u8>, HttpError> {
        let mut pace = self.pace();
        // The announced length may be missing or wrong.
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = Vec::with_capacity(announced.unwrap_or_default().min(MAX_RESERVED));
        while let Some(chunk) = self.next_chunk(response, &mut pace).await? {
            // Counted as it comes.
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
                    let chunk = chunk.map_err(describe_failure)?;
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
        let verb = method;
        let method = match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
            Method::Head => reqwest::Method::HEAD,
        };
        let request = self.inner.http.request(method, url.clone());
        match &self.inner.access {
            Some(access) => access.add_to(request, verb),
            None => request,
        }
    }

    pub(super) fn count_bytes(&self, bytes: u64) {
        self.inner.body_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
