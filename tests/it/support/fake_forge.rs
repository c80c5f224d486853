//! A small forge over real HTTP, in the manner of GitHub, Forgejo or GitLab.
//!
//! It checks what real forges check: whose token it is and what it may do, the length of a body,
//! how many comments a page has, too many requests. Deliberately absent: all but users, the
//! comments of pull requests, and which pull requests there are.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value as Json, json};

/// The only repository.
pub(crate) const REPOSITORY: &str = "ada/rings";

/// Its number at GitLab.
pub(crate) const PROJECT: u64 = 42;

/// The only pull request.
pub(crate) const NUMBER: u64 = 7;

/// In which manner it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    GitHub,
    Forgejo,
    GitLab,
}

impl Manner {
    pub(crate) const ALL: [Self; 3] = [Self::GitHub, Self::Forgejo, Self::GitLab];

    fn api(self) -> &'static str {
        match self {
            Manner::GitHub => "/api/v3",
            Manner::Forgejo => "/api/v1",
            Manner::GitLab => "/api/v4",
        }
    }

    /// How long a comment may be: characters (ux.md b.1; Forgejo documents no limit).
    fn longest(self) -> usize {
        match self {
            Manner::GitHub => 65_536,
            Manner::Forgejo => usize::MAX,
            Manner::GitLab => 1_000_000,
        }
    }

    /// How many comments a page has by default, and at most.
    fn page_sizes(self) -> (usize, usize) {
        match self {
            Manner::GitHub => (30, 100),
            // All comments of an issue come at once, whatever the query.
            Manner::Forgejo => (usize::MAX, usize::MAX),
            Manner::GitLab => (20, 100),
        }
    }
}

/// Whose a token is, and what it may do.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    login: String,
    may_write: bool,
    may_ask_whose: bool,
}

impl Token {
    /// A person's.
    pub(crate) fn of(login: &str) -> Self {
        Self { login: login.to_owned(), may_write: true, may_ask_whose: true }
    }

    /// The token of an app or a workflow: it may not read `/user`.
    pub(crate) fn of_app(login: &str) -> Self {
        Self { may_ask_whose: false, ..Self::of(login) }
    }

    /// One that only reads.
    pub(crate) fn reading(self) -> Self {
        Self { may_write: false, ..self }
    }
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) author: String,
    pub(crate) body: String,
}

/// What goes wrong once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InjectedFault {
    /// The answer to a write that was done is lost in a proxy.
    WriteUnanswered,
    /// Too many requests.
    RateLimited,
    /// The repository has another name now.
    Moved,
}

#[derive(Debug)]
struct State {
    manner: Manner,
    tokens: BTreeMap<String, Token>,
    comments: Vec<Comment>,
    heads: Vec<Json>,
    injected: Option<InjectedFault>,
    log: Vec<String>,
}

/// A forge in this process; it ends with its runtime.
#[derive(Debug)]
pub(crate) struct FakeForge {
    state: Arc<Mutex<State>>,
    origin: String,
    _runtime: tokio::runtime::Runtime,
}

impl FakeForge {
    /// Starts it with one token.
    pub(crate) fn start(manner: Manner, token: &str, whose: Token) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let state = Arc::new(Mutex::new(State {
            manner,
            tokens: BTreeMap::from([(token.to_owned(), whose)]),
            comments: Vec::new(),
            heads: Vec::new(),
            injected: None,
            log: Vec::new(),
        }));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (shared, here) = (Arc::clone(&state), origin.clone());
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (shared, here) = (Arc::clone(&shared), here.clone());
                let service =
                    service_fn(move |request| answer(Arc::clone(&shared), here.clone(), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { state, origin, _runtime: runtime }
    }

    /// Returns the variables that this forge's CI sets for a pull request's run.
    pub(crate) fn variables(&self, token: &str) -> Vec<(&'static str, String)> {
        let manner = self.state.lock().unwrap().manner;
        let api = format!("{}{}", self.origin, manner.api());
        let server = self.origin.clone();
        let token = token.to_owned();
        let github = vec![
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_API_URL", api.clone()),
            ("GITHUB_SERVER_URL", server.clone()),
            ("GITHUB_REPOSITORY", REPOSITORY.to_owned()),
        ];
        match manner {
            Manner::GitHub => [github, vec![("GITHUB_TOKEN", token)]].concat(),
            Manner::Forgejo => {
                let own = vec![("FORGEJO_ACTIONS", "true".to_owned()), ("FORGEJO_TOKEN", token)];
                [github, own].concat()
            }
            Manner::GitLab => vec![
                ("GITLAB_CI", "true".to_owned()),
                ("CI_API_V4_URL", api),
                ("CI_SERVER_URL", server),
                ("CI_PROJECT_ID", PROJECT.to_string()),
                ("CI_MERGE_REQUEST_IID", NUMBER.to_string()),
                ("CI_JOB_TOKEN", "a-job-token".to_owned()),
                ("GITLAB_TOKEN", token),
            ],
        }
    }

    /// Puts a comment there.
    pub(crate) fn put(&self, author: &str, body: &str) -> u64 {
        self.state.lock().unwrap().put(author, body)
    }

    /// Opens a pull request from this head.
    pub(crate) fn open(&self, number: u64, owner: &str, branch: &str, commit: &str) {
        let head = json!({"label": format!("{owner}:{branch}"), "sha": commit});
        self.state.lock().unwrap().heads.push(json!({"number": number, "head": head}));
    }

    /// Injects a fault at the next call that it can hit.
    pub(crate) fn next(&self, injected: InjectedFault) {
        self.state.lock().unwrap().injected = Some(injected);
    }

    /// Returns all comments.
    pub(crate) fn comments(&self) -> Vec<Comment> {
        self.state.lock().unwrap().comments.clone()
    }

    /// Returns the requests since the last call of this: method, path and query.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }
}

/// Answers one request.
async fn answer(
    state: Arc<Mutex<State>>,
    origin: String,
    request: Request<Incoming>,
) -> Result<Reply, Infallible> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, 8 * 1024 * 1024).collect().await.unwrap().to_bytes();
    let call = Call {
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        method: parts.method,
        headers: parts.headers,
        json: serde_json::from_slice(&body).ok(),
        origin,
    };
    Ok(state.lock().unwrap().answer(&call))
}

struct Call {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    json: Option<Json>,
    origin: String,
}

impl Call {
    fn parameter(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.parameter(name)?.parse().ok()
    }
}

type Reply = Response<Full<Bytes>>;

fn reply(status: u16, json: &Json) -> Reply {
    let builder = Response::builder().status(status);
    let builder = builder.header("content-type", "application/json; charset=utf-8");
    builder.body(Full::from(json.to_string())).unwrap()
}

fn refuse(status: u16, message: &str) -> Reply {
    reply(status, &json!({"message": message}))
}

impl State {
    fn put(&mut self, author: &str, body: &str) -> u64 {
        let id = 1000 + self.comments.len() as u64;
        self.comments.push(Comment { id, author: author.to_owned(), body: body.to_owned() });
        id
    }

    fn answer(&mut self, call: &Call) -> Reply {
        self.log.push(format!("{} {}?{}", call.method, call.path, call.query));
        if call.headers.get("user-agent").is_none() {
            return refuse(403, "Request forbidden by administrative rules.");
        }
        match self.injected.take() {
            Some(InjectedFault::RateLimited) => return self.rate_limited(),
            Some(InjectedFault::Moved) => {
                let builder = Response::builder().status(301);
                let builder = builder.header("location", format!("{}/elsewhere", call.origin));
                return builder.body(Full::from("{\"message\":\"Moved Permanently\"}")).unwrap();
            }
            Some(InjectedFault::WriteUnanswered) if call.method == Method::POST => {
                self.authenticated(call);
                return refuse(502, "Bad Gateway");
            }
            other => self.injected = other,
        }
        self.authenticated(call)
    }

    /// GitHub answers with 403, the others with 429 and the time to wait.
    fn rate_limited(&self) -> Reply {
        match self.manner {
            Manner::GitHub => refuse(403, "API rate limit exceeded for installation ID 1."),
            Manner::Forgejo | Manner::GitLab => {
                let mut reply = refuse(429, "Retry later");
                reply.headers_mut().insert("retry-after", "86400".parse().unwrap());
                reply
            }
        }
    }

    fn authenticated(&mut self, call: &Call) -> Reply {
        let header = call.headers.get("authorization").and_then(|value| value.to_str().ok());
        let token = header.and_then(|text| text.strip_prefix("Bearer "));
        let Some(token) = token.and_then(|token| self.tokens.get(token)).cloned() else {
            return refuse(401, "Bad credentials");
        };
        let is_write = call.method != Method::GET;
        let is_query = call.path.ends_with("/graphql");
        if is_write && call.headers.get("content-type").is_none_or(|v| v != "application/json") {
            return refuse(415, "Unsupported Media Type");
        }
        if is_write && !is_query && !token.may_write {
            return refuse(403, "Resource not accessible by integration");
        }
        self.routed(call, &token)
    }

    fn routed(&mut self, call: &Call, token: &Token) -> Reply {
        if self.manner == Manner::GitHub && call.path == "/api/graphql" {
            let is_viewer = call.json.as_ref().is_some_and(|json| json["query"].is_string());
            let login = json!({"data": {"viewer": {"login": token.login}}});
            return if is_viewer {
                reply(200, &login)
            } else {
                refuse(400, "Problems parsing JSON")
            };
        }
        let Some(path) = call.path.strip_prefix(self.manner.api()) else {
            return refuse(404, "Not Found");
        };
        if path == "/user" {
            return if token.may_ask_whose {
                reply(200, &self.user(&token.login))
            } else {
                refuse(403, "Resource not accessible by integration")
            };
        }
        let (list, one, pulls) = match self.manner {
            Manner::GitHub | Manner::Forgejo => {
                let repository = format!("/repos/{REPOSITORY}");
                let list = format!("{repository}/issues/{NUMBER}/comments");
                (list, format!("{repository}/issues/comments/"), format!("{repository}/pulls"))
            }
            Manner::GitLab => {
                let list = format!("/projects/{PROJECT}/merge_requests/{NUMBER}/notes");
                let one = format!("{list}/");
                (list, one, String::new())
            }
        };
        let id = path.strip_prefix(&one).and_then(|id| id.parse::<u64>().ok());
        match (call.method.as_str(), id) {
            ("GET", _) if path == list => self.list(call),
            ("POST", _) if path == list => self.create(call, token),
            ("PATCH", Some(id)) if self.manner != Manner::GitLab => self.change(call, id),
            ("PUT", Some(id)) if self.manner == Manner::GitLab => self.change(call, id),
            ("GET", _) if path == pulls && self.manner == Manner::GitHub => {
                let head = call.parameter("head");
                let is_it = |pull: &&Json| pull["head"]["label"].as_str() == head.as_deref();
                reply(200, &self.heads.iter().filter(is_it).cloned().collect())
            }
            _ => refuse(404, "Not Found"),
        }
    }

    /// Lists a page, and says in `Link` whether there is a next one.
    fn list(&self, call: &Call) -> Reply {
        let (usual, most) = self.manner.page_sizes();
        let size = call.number("per_page").unwrap_or(usual).clamp(1, most);
        let page = call.number("page").unwrap_or(1).max(1);
        let from = (page - 1).saturating_mul(size).min(self.comments.len());
        let to = from.saturating_add(size).min(self.comments.len());
        let listed = self.comments[from..to].iter().map(|comment| self.shown(comment)).collect();
        let mut answer = reply(200, &listed);
        let mut link = String::new();
        if page > 1 {
            let _ = write!(link, "<{}{}?page=1>; rel=\"first\", ", call.origin, call.path);
        }
        if to < self.comments.len() {
            // A proxy may have another idea of the address: no client needs to follow it.
            let next = page + 1;
            let _ = write!(link, "<https://elsewhere.example/?page={next}>; rel=\"next\"");
        }
        if !link.is_empty() {
            answer.headers_mut().insert("link", link.parse().unwrap());
        }
        answer
    }

    fn create(&mut self, call: &Call, token: &Token) -> Reply {
        let body = match self.body(call) {
            Ok(body) => body,
            Err(refusal) => return *refusal,
        };
        let id = self.put(&token.login, &body);
        let made = self.comments.iter().find(|comment| comment.id == id).unwrap();
        reply(201, &self.shown(made))
    }

    fn change(&mut self, call: &Call, id: u64) -> Reply {
        let body = match self.body(call) {
            Ok(body) => body,
            Err(refusal) => return *refusal,
        };
        let Some(comment) = self.comments.iter_mut().find(|comment| comment.id == id) else {
            return refuse(404, "Not Found");
        };
        comment.body = body;
        let comment = comment.clone();
        reply(200, &self.shown(&comment))
    }

    /// Takes the body of a comment, or refuses it with the forge's message.
    fn body(&self, call: &Call) -> Result<String, Box<Reply>> {
        let body = call.json.as_ref().and_then(|json| json["body"].as_str());
        let body = body.filter(|body| !body.is_empty());
        let (longest, n_chars) =
            (self.manner.longest(), body.map_or(0, |body| body.chars().count()));
        let refusal = match (self.manner, body) {
            (_, Some(body)) if n_chars <= longest => return Ok(body.to_owned()),
            (Manner::GitLab, Some(_)) => {
                let text = format!("is too long ({n_chars} characters). The maximum is {longest}");
                reply(400, &json!({"message": {"note": [text]}}))
            }
            (_, Some(_)) => reply(
                422,
                &json!({"message": "Validation Failed", "errors": [{
                    "resource": "IssueComment", "code": "unprocessable", "field": "data",
                    "message": format!("Body is too long (maximum is {longest} characters)"),
                }]}),
            ),
            (Manner::GitLab, None) => reply(400, &json!({"error": "body is missing"})),
            (_, None) => refuse(422, "Validation Failed"),
        };
        Err(Box::new(refusal))
    }

    fn user(&self, login: &str) -> Json {
        match self.manner {
            Manner::GitHub | Manner::Forgejo => json!({"login": login, "id": login.len()}),
            Manner::GitLab => json!({"username": login, "id": login.len()}),
        }
    }

    fn shown(&self, comment: &Comment) -> Json {
        let Comment { id, author, body } = comment;
        match self.manner {
            Manner::GitHub | Manner::Forgejo => json!({
                "id": id,
                "body": body,
                "user": self.user(author),
                "html_url": format!("https://forge.example/{REPOSITORY}/pull/{NUMBER}#{id}"),
            }),
            Manner::GitLab => {
                json!({"id": id, "body": body, "author": self.user(author), "system": false})
            }
        }
    }
}
