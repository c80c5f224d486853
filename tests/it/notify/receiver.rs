//! One receiver for all web hooks, in this process: it checks limits, signatures and shape as the
//! real ones do, and misbehaves on demand.
//!
//! Limits and answers are those of the services, as they stood on 2026-11-28. Deliberately absent:
//! what a person sees.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value as Json, json};
use standardwebhooks::Webhook;

/// The secret of the web hook.
pub(crate) const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The token of Matrix and of ntfy.
pub(crate) const TOKEN: &str = "syt_secret_access_token";

/// The paths of the channels by kind, each with a secret in it.
pub(crate) const PATHS: [(&str, &str); 7] = [
    ("slack", "/services/T0SECRET/B0SECRET/slacksecret"),
    ("mattermost", "/hooks/mattermostsecret"),
    ("discord", "/api/webhooks/1234567890/discordsecret"),
    ("teams", "/workflows/1f/triggers/manual/paths/invoke?api-version=2016-06-01&sig=teamssecret"),
    ("ntfy", "/push/ntfysecrettopic"),
    ("webhook", "/in/webhooksecret"),
    ("matrix", "/homeserver"),
];

/// What no output may have.
pub(crate) const SECRETS: [&str; 10] = [
    "T0SECRET",
    "B0SECRET",
    "slacksecret",
    "mattermostsecret",
    "discordsecret",
    "teamssecret",
    "ntfysecrettopic",
    "webhooksecret",
    TOKEN,
    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
];

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This status, with a `Retry-After` if it is given, and this body.
    Answer(u16, Option<u64>, String),
    /// A redirect to another path of this receiver.
    Redirect,
    /// The message is taken, and the answer comes too late.
    Late(Duration),
    /// The message is taken, and the connection is closed without an answer.
    Closed,
    /// Everything that came is in the answer of 400.
    Echo,
}

/// A message that came.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Json,
}

#[derive(Debug, Default)]
struct State {
    /// Messages that were taken.
    taken: Vec<Message>,
    /// How many requests came, by kind.
    asked: BTreeMap<&'static str, usize>,
    faults: BTreeMap<&'static str, VecDeque<Fault>>,
    /// Requests that are no message of any channel, and why.
    wrong: Vec<String>,
}

/// The receiver; it ends with its runtime.
#[derive(Debug)]
pub(crate) struct Receiver {
    state: Arc<Mutex<State>>,
    pub(crate) origin: String,
    _runtime: tokio::runtime::Runtime,
}

impl Receiver {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let state: Arc<Mutex<State>> = Arc::default();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&state);
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let shared = Arc::clone(&shared);
                let service = service_fn(move |request| answer(Arc::clone(&shared), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { state, origin, _runtime: runtime }
    }

    /// Returns the variables that configure a channel of this kind.
    pub(crate) fn variables(&self, name: &str, kind: &str) -> Vec<(String, String)> {
        let (_, path) = PATHS.iter().find(|(known, _)| *known == kind).unwrap();
        let mut keys = vec![
            ("KIND", kind.to_owned()),
            ("URL", format!("{}{path}", self.origin)),
            ("ALLOW_PRIVATE", "true".to_owned()),
        ];
        match kind {
            "webhook" => keys.push(("SECRET", WHSEC.to_owned())),
            "ntfy" => keys.push(("TOKEN", TOKEN.to_owned())),
            "matrix" => {
                keys.push(("TOKEN", TOKEN.to_owned()));
                keys.push(("ROOM", "!room".to_owned()));
            }
            _ => {}
        }
        let name = name.to_uppercase().replace('-', "_");
        keys.into_iter().map(|(key, value)| (format!("ZREL_NOTIFY_{name}_{key}"), value)).collect()
    }

    /// Returns the variables of a channel of each kind, named by it.
    pub(crate) fn variables_of_all(&self) -> Vec<(String, String)> {
        PATHS.iter().flat_map(|(kind, _)| self.variables(kind, kind)).collect()
    }

    /// Lets the next requests of a kind go wrong.
    pub(crate) fn spoil(&self, kind: &'static str, faults: &[Fault]) {
        self.state.lock().unwrap().faults.entry(kind).or_default().extend(faults.iter().cloned());
    }

    /// Lets nothing go wrong from now on.
    pub(crate) fn forget_faults(&self) {
        self.state.lock().unwrap().faults.clear();
    }

    /// Returns the messages that were taken since the last call; no request was wrong.
    #[track_caller]
    pub(crate) fn take(&self) -> Vec<Message> {
        let mut state = self.state.lock().unwrap();
        assert!(state.wrong.is_empty(), "{:#?}", state.wrong);
        std::mem::take(&mut state.taken)
    }

    /// Returns how many requests of a kind came since the last call.
    pub(crate) fn count(&self, kind: &'static str) -> usize {
        self.state.lock().unwrap().asked.remove(kind).unwrap_or(0)
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let (head, body) = request.into_parts();
    let bytes =
        body.collect().await.map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
    let path = head.uri.to_string();
    let kind = find_kind(&path);
    let fault = {
        let mut state = state.lock().unwrap();
        *state.asked.entry(kind).or_default() += 1;
        state.faults.get_mut(kind).and_then(VecDeque::pop_front)
    };
    match fault {
        Some(Fault::Answer(status, pause, body)) => return Ok(respond(status, pause, body)),
        Some(Fault::Redirect) => {
            let response = Response::builder().status(302).header("Location", "/in/elsewhere");
            return Ok(response.body(Full::default()).unwrap());
        }
        Some(Fault::Echo) => {
            let said = format!("{path} {:?} {}", head.headers, String::from_utf8_lossy(&bytes));
            return Ok(respond(400, None, said));
        }
        Some(Fault::Late(_) | Fault::Closed) | None => {}
    }
    let checked = check(kind, (&path, head.method.as_str()), &head.headers, &bytes);
    let response = match checked {
        Ok((body, response)) => {
            let message = Message { kind, path, headers: head.headers, body };
            state.lock().unwrap().taken.push(message);
            response
        }
        Err(why) => {
            state.lock().unwrap().wrong.push(format!("{kind}: {why}"));
            respond(400, None, why)
        }
    };
    match fault {
        Some(Fault::Late(time)) => tokio::time::sleep(time).await,
        Some(Fault::Closed) => return Err(std::io::Error::other("closed")),
        Some(Fault::Answer(..) | Fault::Redirect | Fault::Echo) | None => {}
    }
    Ok(response)
}

fn respond(status: u16, pause: Option<u64>, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(status);
    if let Some(pause) = pause {
        response = response.header("Retry-After", pause.to_string());
    }
    response.body(Full::from(body)).unwrap()
}

fn find_kind(path: &str) -> &'static str {
    // ntfy's JSON goes to the server itself.
    if path.starts_with("/push") {
        return "ntfy";
    }
    let known = PATHS.iter().find(|(_, known)| path.starts_with(known.split('?').next().unwrap()));
    known.map_or("unknown", |(kind, _)| kind)
}

type Checked = Result<(Json, Response<Full<Bytes>>), String>;

fn check(kind: &str, (path, method): (&str, &str), headers: &HeaderMap, bytes: &[u8]) -> Checked {
    let is_json = headers.get("content-type").is_some_and(|it| it == "application/json");
    ensure(is_json, "the type of the content")?;
    ensure(method == if kind == "matrix" { "PUT" } else { "POST" }, method)?;
    let body: Json = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let ok = |status: u16, text: &str| respond(status, None, text.to_owned());
    let response = match kind {
        "slack" => check_slack(&body).map(|()| ok(200, "ok")),
        "mattermost" => check_mattermost(&body).map(|()| ok(200, "ok")),
        "discord" => {
            ensure(path.ends_with("?wait=true"), path)?;
            check_discord(&body).map(|()| ok(200, "{\"id\": \"1\"}"))
        }
        "teams" => {
            ensure(path.ends_with("&sig=teamssecret"), path)?;
            check_teams(&body, bytes.len()).map(|()| ok(202, ""))
        }
        "ntfy" => {
            check_bearer(headers)?;
            check_ntfy(&body).map(|()| ok(200, "{\"id\": \"a\"}"))
        }
        "webhook" => {
            let webhook = Webhook::new(WHSEC).unwrap();
            webhook.verify(bytes, headers).map_err(|error| error.to_string())?;
            ensure(bytes.len() < 20_000, "too large").map(|()| ok(204, ""))
        }
        "matrix" => {
            check_bearer(headers)?;
            ensure(path.contains("/_matrix/client/v3/rooms/!room/send/m.room.message/"), path)?;
            check_matrix(&body, bytes.len()).map(|()| ok(200, "{\"event_id\": \"$a\"}"))
        }
        _ => Err(format!("no such hook: {path}")),
    };
    Ok((body, response?))
}

fn ensure(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

fn check_bearer(headers: &HeaderMap) -> Result<(), String> {
    let bearer = format!("Bearer {TOKEN}");
    ensure(headers.get("authorization").is_some_and(|it| *it == *bearer), "the token")
}

fn length(json: &Json) -> usize {
    json.as_str().map_or(usize::MAX, |text| text.chars().count())
}

fn fits(json: &Json, most: usize, what: &str) -> Result<(), String> {
    ensure((1..=most).contains(&length(json)), &format!("invalid_blocks: {what}: {json}"))
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn check_slack(body: &Json) -> Result<(), String> {
    fits(&body["text"], 40_000, "no_text")?;
    let blocks = list(&body["blocks"]);
    ensure((1..=50).contains(&blocks.len()), "blocks")?;
    let mut n = 0;
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "header" => {
                ensure(block["text"]["type"] == "plain_text", "header")?;
                fits(&block["text"]["text"], 150, "header")?;
                n += length(&block["text"]["text"]);
            }
            "section" => {
                let fields = list(&block["fields"]);
                ensure((1..=10).contains(&fields.len()), "fields")?;
                for field in fields {
                    fits(&field["text"], 2000, "field")?;
                    n += length(&field["text"]);
                }
            }
            "actions" => {
                let buttons = list(&block["elements"]);
                ensure((1..=25).contains(&buttons.len()), "buttons")?;
                for button in buttons {
                    fits(&button["text"]["text"], 75, "button")?;
                    fits(&button["url"], 3000, "url")?;
                }
            }
            other => return Err(format!("invalid_blocks: {other}")),
        }
    }
    ensure(n <= 13_000, "msg_blocks_too_long")
}

fn check_mattermost(body: &Json) -> Result<(), String> {
    ensure(body.get("blocks").is_none(), "blocks")?;
    fits(&body["text"], 16_383, "text")
}

fn check_discord(body: &Json) -> Result<(), String> {
    ensure(body["allowed_mentions"] == json!({"parse": []}), "allowed_mentions")?;
    let embeds = list(&body["embeds"]);
    ensure((1..=10).contains(&embeds.len()), "embeds")?;
    let mut n = 0;
    for embed in embeds {
        fits(&embed["title"], 256, "title")?;
        n += length(&embed["title"]);
        ensure(list(&embed["fields"]).len() <= 25, "fields")?;
        for field in list(&embed["fields"]) {
            fits(&field["name"], 256, "name")?;
            fits(&field["value"], 1024, "value")?;
            n += length(&field["name"]) + length(&field["value"]);
        }
    }
    ensure(n <= 6000, "50035 BASE_TYPE_MAX_LENGTH")
}

fn check_teams(body: &Json, n_bytes: usize) -> Result<(), String> {
    ensure(body["type"] == "message" && n_bytes <= 28 * 1024, "message")?;
    let [attachment] = list(&body["attachments"]) else { return Err("attachments".into()) };
    ensure(attachment["contentType"] == "application/vnd.microsoft.card.adaptive", "contentType")?;
    let card = &attachment["content"];
    ensure(card["type"] == "AdaptiveCard" && card["version"] == "1.4", "card")?;
    ensure(list(&card["body"])[0]["wrap"] == true, "wrap")
}

fn check_ntfy(body: &Json) -> Result<(), String> {
    ensure(body["topic"] == "ntfysecrettopic", "topic")?;
    let message = body["message"].as_str().unwrap_or_default();
    ensure((1..=4096).contains(&message.len()), "message")?;
    ensure((1..=5).contains(&body["priority"].as_u64().unwrap_or(0)), "priority")
}

fn check_matrix(body: &Json, n_bytes: usize) -> Result<(), String> {
    ensure(n_bytes <= 65_536, "M_TOO_LARGE")?;
    ensure(body["msgtype"] == "m.notice" && body["body"].is_string(), "M_BAD_JSON")?;
    ensure(body["format"] == "org.matrix.custom.html", "format")?;
    ensure(body["formatted_body"].is_string() && body["m.mentions"] == json!({}), "M_BAD_JSON")
}

/// Returns what a real service would say against a body, if it would.
pub(crate) fn find_fault(kind: &str, body: &Json) -> Option<String> {
    let n_bytes = body.to_string().len();
    let checked = match kind {
        "slack" => check_slack(body),
        "mattermost" => check_mattermost(body),
        "discord" => check_discord(body),
        "teams" => check_teams(body, n_bytes),
        "matrix" => check_matrix(body, n_bytes),
        "ntfy" => ensure(body["message"].as_str().unwrap().len() <= 4096, "message"),
        "email" => fits(&body["subject"], 150, "subject"),
        _ => ensure(n_bytes < 20_000, "too large"),
    };
    checked.err()
}
