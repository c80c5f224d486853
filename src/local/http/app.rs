//! The one place through which every request passes, before and after its work.
//!
//! Guards, reading bodies, uploads on their way to the disk, the transaction, and the headers of
//! every answer. Deliberately absent: what answers say, see `dispatch` and `uploads`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, Method, Request, Response, header};
use http_body_util::{BodyExt, Limited};
use serde_json::json;

use super::answer::Answer;
use super::call::{Call, Work};
use super::dispatch::dispatch;
use super::fault_effects::{CutOff, Damage};
use super::file_writes::{FileWrite, FileWrites};
use super::rate::{Rate, RateCounter};
use super::sessions::{Sessions, hash_sha256};
use super::uploads::{Target, find_draft_of_delete};
use super::{guard, log_in_page, multipart, write_out};
use crate::clock::Clock;
use crate::local::apis::Apis;
use crate::local::blobs::Blobs;
use crate::local::body::HttpBody;
use crate::local::faults::Faults;
use crate::local::new_id::new_id;
use crate::local::receive::{self, Outcome};
use crate::local::state::quota::Quota;
use crate::local::state::refusal::{Refusal, RefusalSource};
use crate::local::state::types::{Content, UserId};
use crate::local::state::{Moment, State};
use crate::local::store::Store;

/// Gets one line a request: method, path, status, bytes of the body. The status is that of its
/// work, also when a fault withholds the answer, and 0 when a fault prevents both.
pub type Log = Box<dyn Fn(&str) + Send + Sync>;

/// What all requests share.
pub(crate) struct AppState {
    /// The store; taken out when the server stops.
    pub(crate) store: Mutex<Option<Store>>,
    /// Its blobs.
    pub(crate) blobs: Blobs,
    /// Users by token; they never change while the server runs.
    pub(crate) tokens: BTreeMap<String, UserId>,
    /// Who is logged in.
    pub(crate) sessions: Sessions,
    /// The port.
    pub(crate) port: u16,
    /// The time.
    pub(crate) clock: Clock,
    /// What a record may hold.
    pub(crate) quota: Quota,
    /// Which APIs it has.
    pub(crate) apis: Apis,
    /// The largest body of JSON, in bytes.
    pub(crate) max_json_bytes: usize,
    /// The uploads and deletions of files on their way.
    pub(crate) file_writes: FileWrites,
    /// What goes wrong on purpose.
    pub(crate) faults: Faults,
    /// How many requests are answered; all of them without a limit.
    pub(crate) rate: Option<RateCounter>,
    /// Where requests are logged.
    pub(crate) log: Option<Log>,
    /// A secret of this process and of the readers of its data folder.
    pub(crate) instance: String,
}

/// Returns what a limit counts a request by. Zenodo counts by address and `User-Agent`
/// (zenodo-notes.md, 2026-11-23), and here all clients have one address.
fn name_client(parts: &Parts) -> &str {
    parts.headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default()
}

/// How long deleting a file takes at least: two that a client sends at once meet.
const DELETE_TIME: Duration = Duration::from_millis(2);

/// The answer to a request, and how much it sent.
pub(super) struct Outcomes {
    pub(super) answer: Result<Answer, Refusal>,
    received_bytes: u64,
}

impl AppState {
    /// Answers one request.
    ///
    /// # Errors
    /// [`CutOff`] when a fault leaves it without an answer.
    pub(crate) async fn handle(
        self: Arc<Self>,
        request: Request<HttpBody>,
    ) -> Result<Response<HttpBody>, CutOff> {
        let (parts, body) = request.into_parts();
        // Connections from before stay open while new ones are refused: a client that reuses one
        // must find the server down too.
        if self.faults.listener_gate().is_closed() {
            self.log(&parts, 0, 0);
            return Err(CutOff);
        }
        if let Some(rate) = self.count_request(&parts)
            && rate.is_over
        {
            let refusal = self.refuse_too_many(rate);
            self.log(&parts, 429, 0);
            // A client that is still sending its body may miss an answer.
            receive::drain_body(body).await;
            return Ok(refusal);
        }
        match self.faults.met_by(parts.method.as_str(), parts.uri.path()) {
            None => self.serve(parts, body, Damage::None).await,
            Some(met) => self.inject(met, parts, body).await,
        }
    }

    /// Counts a request to the API against the limit.
    fn count_request(&self, parts: &Parts) -> Option<Rate> {
        let is_counted = parts.uri.path().starts_with("/api/");
        let counter = self.rate.as_ref().filter(|_| is_counted)?;
        Some(counter.count(name_client(parts), self.clock.now()))
    }

    fn refuse_too_many(&self, rate: Rate) -> Response<HttpBody> {
        let words = self.rate.as_ref().map_or_else(String::new, RateCounter::describe);
        let refusal = Refusal::framework(429, &words);
        let mut response = write_out::write_refusal(&refusal);
        write_out::put_rate(response.headers_mut(), rate, self.clock.now());
        response
    }

    /// Does the work of a request and answers.
    pub(super) async fn serve(
        self: &Arc<Self>,
        parts: Parts,
        body: HttpBody,
        damage: Damage,
    ) -> Result<Response<HttpBody>, CutOff> {
        let done = self.work(&parts, body, damage).await;
        Ok(self.write(&parts, done).await)
    }

    /// Writes the answer to a request, and logs it.
    pub(super) async fn write(&self, parts: &Parts, done: Outcomes) -> Response<HttpBody> {
        let source = match &done.answer {
            Ok(_) => RefusalSource::Handler,
            Err(refusal) => refusal.source,
        };
        let mut response = match done.answer {
            Ok(answer) => write_out::write_answer(answer, |content| self.blobs.path(content)).await,
            Err(refusal) => write_out::write_refusal(&refusal),
        };
        let now = self.clock.now();
        write_out::put_date(response.headers_mut(), now);
        match &self.rate {
            Some(_) if source == RefusalSource::Routing => {}
            Some(counter) => {
                let rate = counter.look(name_client(parts), now);
                write_out::put_rate(response.headers_mut(), rate, now);
            }
            None => write_out::announce_rate(response.headers_mut(), source, now),
        }
        self.hand_out_csrf_token(parts, &mut response);
        self.log(parts, response.status().as_u16(), done.received_bytes);
        response
    }

    /// Logs a request with the status of its work, or 0 when there was neither work nor answer.
    pub(super) fn log(&self, parts: &Parts, status: u16, received_bytes: u64) {
        if let Some(log) = &self.log {
            log(&format!("{} {} {status} {received_bytes}", parts.method, parts.uri.path()));
        }
    }

    /// Sets the token with every answer to a write whose request had none.
    fn hand_out_csrf_token(&self, parts: &Parts, response: &mut Response<HttpBody>) {
        // Requests with a bearer token get one too, as on the real server (2026-11-23).
        let has_one = guard::find_cookie(&parts.headers, "csrftoken").is_some();
        let is_set = response.headers().contains_key(header::SET_COOKIE);
        if !parts.method.is_safe() && !has_one && !is_set {
            let token = self.sessions.csrf_token(&new_id());
            write_out::add_cookie(response.headers_mut(), "csrftoken", &token);
        }
    }

    /// Does the work of a request, if it is allowed to.
    pub(super) async fn work(
        self: &Arc<Self>,
        parts: &Parts,
        body: HttpBody,
        damage: Damage,
    ) -> Outcomes {
        let call = match self.admit(parts) {
            Ok(call) => call,
            Err(refusal) => return Outcomes { answer: Err(refusal), received_bytes: 0 },
        };
        // Uploads go to the disk as they come: a file of 50 GB must not be in memory whole.
        if let Some(target) = Target::of(&call) {
            let announced = read_announced_bytes(parts);
            return self.upload(call, target, body, (announced, damage)).await;
        }
        match collect(body, self.max_json_bytes).await {
            Ok(body) => {
                let received_bytes = body.len() as u64;
                let answer = self.answer(Call { body, ..call }).await;
                Outcomes { answer, received_bytes }
            }
            Err(refusal) => Outcomes { answer: Err(refusal), received_bytes: 0 },
        }
    }

    /// Checks whether a request may come in, and parses all of it except the body.
    pub(super) fn admit(&self, parts: &Parts) -> Result<Call, Refusal> {
        let base = guard::parse_base(&parts.headers, self.port)?;
        guard::check_origin(&parts.method, &parts.headers, &base)?;
        // A page can make a browser send cookies, but not a bearer token that it does not know. The
        // real server skips the check for a token too.
        // The log-in page has a token of its own, in its form.
        let is_form = parts.uri.path() == "/login/";
        if self.bearer(parts).is_none() && !is_form {
            guard::check_csrf(&parts.method, &parts.headers, |token| {
                self.sessions.is_genuine(token)
            })?;
        }
        let header = |name: HeaderName| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let method = if parts.method == Method::HEAD { Method::GET } else { parts.method.clone() };
        let user = self.user(parts, &query);
        let path = split_path(parts.uri.path())?;
        if self.apis.lacks(&path) {
            return Err(Refusal::no_route());
        }
        Ok(Call {
            method,
            path,
            query,
            user,
            session: guard::find_cookie(&parts.headers, "session"),
            accept: header(header::ACCEPT).unwrap_or_default(),
            content_type: header(header::CONTENT_TYPE),
            if_match: header(header::IF_MATCH),
            base,
            body: Bytes::new(),
            quota: self.quota,
            apis: self.apis,
        })
    }

    /// Returns the user of a request: of a known token, or else of a session.
    pub(super) fn user(&self, parts: &Parts, query: &[(String, String)]) -> Option<UserId> {
        let parameter = || {
            let (_, token) = query.iter().find(|(name, _)| name == "access_token")?;
            self.tokens.get(token).copied()
        };
        let session = || self.sessions.user(&guard::find_cookie(&parts.headers, "session")?);
        // A wrong token does not shut out a session, as on the real server (2026-11-23).
        self.bearer(parts).or_else(parameter).or_else(session)
    }

    /// Returns the user of the token in the header `Authorization`.
    fn bearer(&self, parts: &Parts) -> Option<UserId> {
        let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        self.tokens.get(value.strip_prefix("Bearer ")?).copied()
    }

    pub(super) fn with_store<T>(&self, work: impl FnOnce(&mut Store) -> T) -> Result<T, Refusal> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let stopping = || Refusal::framework(503, "The server is stopping.");
        store.as_mut().map(work).ok_or_else(stopping)
    }

    /// Runs a function on the store, on a thread that may block.
    pub(super) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self, &mut Store) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let app = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || app.with_store(|store| work(&app, store)));
        task.await.unwrap_or_else(|_| Ok(Err(Refusal::internal())))?
    }

    async fn answer(self: &Arc<Self>, call: Call) -> Result<Answer, Refusal> {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        match (path.as_slice(), &call.method) {
            (["zrel", "instance"], &Method::GET) => Ok(self.proof(&call)),
            (["zrel", "links"], &Method::POST) => self.sessions.link(&call, new_id()),
            (["zrel", "sign-in"], &Method::GET) => self.sessions.follow(&call, new_id()),
            (["api", "login"], &Method::POST) => {
                self.blocking(move |app, store| {
                    app.sessions.log_in(store.state(), &call, app.clock.now(), new_id)
                })
                .await
            }
            (["login"], &Method::GET) => Ok(log_in_page::show_form(&self.sessions, &call, new_id)),
            (["login"], &Method::POST) => {
                self.blocking(move |app, store| {
                    let who = (&app.sessions, store.state());
                    Ok(log_in_page::submit_form(who, &call, app.clock.now(), new_id))
                })
                .await
            }
            // The real server answers 200. No header allows another origin, so the preflight of
            // another site's page still fails.
            (_, &Method::OPTIONS) => Ok(Answer::with(200, super::answer::Body::Empty)),
            _ if call.method == Method::DELETE => self.delete(call).await,
            _ => {
                self.blocking(move |app, store| {
                    // Outside of a transaction: nothing of an old state may be stored.
                    if let Some(mut late) = app.late_state(&call) {
                        return app.with_work(&call, &mut late, dispatch);
                    }
                    app.transact(store, &call, dispatch)
                })
                .await
            }
        }
    }

    /// Deletes; a file only while no other file of the draft is written.
    async fn delete(self: &Arc<Self>, call: Call) -> Result<Answer, Refusal> {
        let about = call.clone();
        let find =
            move |_: &Self, store: &mut Store| Ok(find_draft_of_delete(&about, store.state()));
        let write = self.blocking(find).await?.map(|draft| self.file_writes.begin(draft));
        if write.is_some() {
            tokio::time::sleep(DELETE_TIME).await;
        }
        self.blocking(move |app, store| {
            if write.is_some_and(|write| write.is_beside_another()) {
                return Err(Refusal::internal());
            }
            app.transact(store, &call, dispatch)
        })
        .await
    }

    /// Returns the state that a read is answered from when a fault makes it late.
    fn late_state(&self, call: &Call) -> Option<State> {
        // A write acts on the present state: in an old one it would be lost.
        if call.method != Method::GET {
            return None;
        }
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let is_listing = matches!(
            path.as_slice(),
            ["api", "deposit", "depositions"] | ["api", "user", "records"] | ["api", "records"]
        );
        self.faults.late_state(is_listing)
    }

    /// Proves that this process has read the data folder, without revealing what it has read.
    fn proof(&self, call: &Call) -> Answer {
        let nonce = call.parameter("nonce").unwrap_or_default();
        Answer::json(200, json!({"proof": compute_proof(&self.instance, nonce)}))
    }

    pub(super) fn with_work<T>(
        &self,
        call: &Call,
        state: &mut State,
        work: impl FnOnce(&mut Work<'_, '_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut moment = Moment { now: self.clock.now(), new_id: &mut new_id };
        work(&mut Work { call, state, moment: &mut moment })
    }

    /// Does the work of a request on the state, all of it or nothing.
    fn transact<T>(
        &self,
        store: &mut Store,
        call: &Call,
        work: impl FnOnce(&mut Work<'_, '_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let is_remembered = !call.method.is_safe() && self.faults.remembers();
        // Remembered only after the write succeeded: stale reads count writes, and a refused one is
        // none.
        let before = is_remembered.then(|| store.state().clone());
        let done = store.transact(|state| self.with_work(call, state, work))?;
        if let Some(before) = before {
            self.faults.remember(before);
        }
        Ok(done)
    }

    /// Handles an upload: refuses it before it is read if possible, stores it, then attaches it.
    async fn upload(
        self: &Arc<Self>,
        call: Call,
        target: Target,
        body: HttpBody,
        (announced, damage): (Option<u64>, Damage),
    ) -> Outcomes {
        let (checked, about) = (target.clone(), call.clone());
        let allowed = self.blocking(move |_, store| {
            checked.check(&about, store.state(), announced)?;
            let id = checked.find_draft(&about, store.state())?;
            let draft = store.state().drafts.get(&id).ok_or_else(Refusal::no_such_id)?;
            Ok((id, store.state().find_quota(draft, about.quota).size_bytes))
        });
        let (write, limit) = match allowed.await {
            Ok((draft, limit)) => (self.file_writes.begin(draft), limit),
            Err(refusal) => {
                // A client that is still sending would see a reset instead of the refusal.
                let received_bytes = receive::drain_body(body).await;
                return Outcomes { answer: Err(refusal), received_bytes };
            }
        };
        let received = match &target {
            Target::Form { .. } => {
                let kind = call.content_type.as_deref();
                multipart::store_file_of_form(&self.blobs, kind, body).await
            }
            Target::Bucket { key, .. } | Target::Content { key, .. } => {
                let outcome = receive::store_body(&self.blobs, body, limit, new_id).await;
                outcome.map(|outcome| (key.clone(), outcome))
            }
        };
        let (named, outcome) = match received {
            Ok(received) => received,
            Err(refusal) => return refuse_upload(refusal),
        };
        let content = match outcome {
            // An empty content of the records API is refused by its commit.
            Outcome::Whole(content)
                if content.size_bytes == 0 && !matches!(target, Target::Content { .. }) =>
            {
                self.blobs.remove(&content.id);
                return refuse_upload(Refusal::empty_file());
            }
            Outcome::Whole(content) => content,
            Outcome::TooLarge => {
                return refuse_upload(Refusal::new(400, "Maximum file size exceeded."));
            }
            Outcome::Short => return refuse_upload(Refusal::cut_short()),
        };
        let received_bytes = content.size_bytes;
        let content = match damage {
            // Reversed, it is still 32 hexadecimal digits: wrong, but not malformed.
            Damage::Checksum => Content { md5: content.md5.chars().rev().collect(), ..content },
            Damage::None | Damage::Lost => content,
        };
        let answer = self.attach((call, write), target, (named, damage), content).await;
        // An upload that was refused anyway is not damaged, so the fault did not take effect.
        if damage != Damage::None && answer.is_ok() {
            self.faults.fire();
        }
        Outcomes { answer, received_bytes }
    }

    async fn attach(
        self: &Arc<Self>,
        (call, write): (Call, FileWrite),
        target: Target,
        (named, damage): (String, Damage),
        content: Content,
    ) -> Result<Answer, Refusal> {
        self.blocking(move |app, store| {
            let id = content.id.clone();
            let answer = app.transact(store, &call, |work| {
                target.check_replacement(work, &write)?;
                let answer = target.attach(work, &named, content)?;
                if damage == Damage::Lost {
                    target.lose(work, &named)?;
                }
                Ok(answer)
            });
            // The draft may have been deleted or published while the bytes came in.
            if !store.state().uses(&id) {
                store.blobs().remove(&id);
            }
            answer
        })
        .await
    }
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").field("port", &self.port).finish_non_exhaustive()
    }
}

/// Returns the proof of knowing the instance, for a nonce of the other side.
pub(crate) fn compute_proof(instance: &str, nonce: &str) -> String {
    hash_sha256(&format!("{instance}{nonce}"))
}

fn refuse_upload(refusal: Refusal) -> Outcomes {
    Outcomes { answer: Err(refusal), received_bytes: 0 }
}

fn read_announced_bytes(parts: &Parts) -> Option<u64> {
    parts.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Splits a path after decoding, as the real server does: an escaped slash is a slash.
fn split_path(path: &str) -> Result<Vec<String>, Refusal> {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8();
    let decoded = decoded.map_err(|_| Refusal::no_route())?;
    let trimmed = decoded.strip_prefix('/').unwrap_or(&decoded);
    // Of the API, the server itself links to this path with a slash at its end, and to no other.
    let trimmed = match trimmed {
        "api/requests/" => "api/requests",
        "login/" => "login",
        other => other,
    };
    if trimmed.is_empty() {
        return Ok(Vec::new());
    }
    let parts: Vec<String> = trimmed.split('/').map(str::to_owned).collect();
    // A slash at the end is a 404 on the real server (2026-11-23).
    // The address behind `subjects` has two in its middle.
    let is_subject = trimmed.starts_with("api/subjects/") && !trimmed.ends_with('/');
    if parts.iter().any(String::is_empty) && !is_subject {
        return Err(Refusal::no_route());
    }
    Ok(parts)
}

async fn collect(body: HttpBody, max_bytes: usize) -> Result<Bytes, Refusal> {
    match Limited::new(body, max_bytes).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Refusal::too_large()),
        Err(_) => Err(Refusal::cut_short()),
    }
}
