//! `zrel auth browser`: its user logs in with a browser, and zrel keeps the session.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::keep::{fail_trial, keep_found, prepare, say_taken};
use super::server::Chosen;
use crate::cli::args::auth::BrowserLogin;
use crate::cli::connection::connect_with;
use crate::cli::context::Context;
use crate::cli::credential::{Found, make_session};
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::interruption;
use crate::clock::Clock;
use crate::credential::Kind;
use crate::credential::browser::{Browser, BrowserError};
use crate::credential::cookies::{HostCookies, choose_for_host};
use crate::http::{Call, Client, ClientOptions, Idempotency, Method};
use crate::render::escape_text;

/// How often the browser is asked for its cookies.
const PAUSE: Duration = Duration::from_secs(1);

/// How often the server is asked about the same cookies: some keep them when a user logs in.
const AGAIN: Duration = Duration::from_secs(15);

/// How long a log-in may take, unless `--time-limit` is shorter. By real time.
const LOG_IN: Duration = Duration::from_mins(10);

pub(super) fn run(context: &Context, args: &BrowserLogin) -> Result<ExitCode, Failure> {
    let destination = prepare(context, &args.target, "browser")?;
    let chosen = &destination.chosen;
    let page = format!("{}/login/", chosen.server.url);
    let found = context.runtime.block_on(async {
        tokio::select! {
            found = log_in(context, args, (chosen, &page)) => found,
            // What is dropped here ends the browser and removes its profile.
            () = interruption::end_signal() => {
                Err(Failure::new(ExitCode::Interrupted, "interrupted; nothing was kept"))
            }
        }
    })?;
    keep_found(context, &destination, &found)?;
    Ok(ExitCode::Done)
}

/// Has a person log in with a browser, and returns the session.
async fn log_in(
    context: &Context,
    args: &BrowserLogin,
    (chosen, page): (&Chosen, &str),
) -> Result<Found, Failure> {
    let mut browser = match args.connect {
        Some(port) => join_browser(context, port).await?,
        None => start_browser(context, args, page).await?,
    };
    context.terminal.say(&format!("Log in on this page:\n  {}", escape_text(page)));
    let found = wait_for_log_in(context, chosen, &mut browser).await;
    browser.end().await;
    found
}

/// Starts the browser that is named, or the first one that is installed.
async fn start_browser(
    context: &Context,
    args: &BrowserLogin,
    page: &str,
) -> Result<Browser, Failure> {
    let program = match &args.browser {
        Some(program) => program.clone(),
        None => environment::find_browser().ok_or_else(|| {
            Failure::new(ExitCode::Failed, "no browser was found")
                .hint("name one: --browser PATH, a Chromium or a Firefox")
                .hint("or export its cookies, and import them: see docs/credentials.md")
        })?,
    };
    context.terminal.inform(&format!("Starting {} with a profile of its own.", show(&program)));
    let secrets = environment::list_secret_names();
    Browser::start(&program, page, &secrets).await.map_err(|error| map_browser_error(&error))
}

fn show(program: &std::path::Path) -> String {
    escape_text(&program.display().to_string()).into_owned()
}

/// Joins a browser that its user started with a DevTools port.
async fn join_browser(context: &Context, port: u16) -> Result<Browser, Failure> {
    let clock = Clock::Real;
    let options = ClientOptions::new(&format!("http://127.0.0.1:{port}"), None, clock);
    let options = ClientOptions { follows: false, ..options };
    let refuse = |cause: String| {
        let message = format!("no browser answers on port {port} of this machine");
        let mut failure = Failure::new(ExitCode::Unavailable, message);
        failure.causes.push(cause);
        failure.hint(
            "start a Chromium with --remote-debugging-port=PORT and a --user-data-dir of its own",
        )
    };
    let client = Client::new(options).map_err(|error| refuse(error.to_string()))?;
    let call = Call {
        method: Method::Get,
        path: "/json/version",
        accept: "application/json",
        json: None,
        if_match: None,
        idempotency: Idempotency::Idempotent,
    };
    let answer = client.send(&call).await;
    let answer = answer.map_err(|error| refuse(error.to_string()))?;
    let version: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let address = version.as_ref().and_then(|it| it["webSocketDebuggerUrl"].as_str());
    let address =
        address.ok_or_else(|| refuse("its answer is not that of a browser".to_owned()))?;
    let joined = Browser::join(address).await.map_err(|error| map_browser_error(&error))?;
    context.terminal.inform("Joined the browser; it goes on when zrel has ended.");
    Ok(joined)
}

/// Waits until the browser has cookies with which the server knows its user.
async fn wait_for_log_in(
    context: &Context,
    chosen: &Chosen,
    browser: &mut Browser,
) -> Result<Found, Failure> {
    let limit = LOG_IN.min(context.global.time_limit.unwrap_or(LOG_IN));
    let end = Clock::Real.deadline_in(limit);
    let mut last: Option<(Vec<(String, SecretString)>, crate::clock::Deadline)> = None;
    loop {
        let cookies = browser.read_cookies().await.map_err(|error| map_browser_error(&error))?;
        let now = context.time().0.now();
        if let Ok(session) = choose_for_host(cookies, &chosen.host, now) {
            let is_known = last
                .as_ref()
                .is_some_and(|(tried, again)| is_same(tried, &session.cookies) && !again.is_over());
            if !is_known {
                last = Some((session.cookies.clone(), Clock::Real.deadline_in(AGAIN)));
                if let Some(found) = try_session(context, chosen, session).await? {
                    return Ok(found);
                }
            }
        }
        if end.is_over() {
            let message =
                format!("nobody logged in within {} seconds; nothing was kept", limit.as_secs());
            return Err(Failure::new(ExitCode::Credentials, message)
                .hint("give it more time, with --time-limit"));
        }
        tokio::time::sleep(PAUSE.min(limit)).await;
    }
}

fn is_same(a: &[(String, SecretString)], b: &[(String, SecretString)]) -> bool {
    let pairs = |list: &[(String, SecretString)]| {
        let mut pairs: Vec<(String, String)> =
            list.iter().map(|(name, it)| (name.clone(), it.expose_secret().to_owned())).collect();
        pairs.sort();
        pairs
    };
    pairs(a) == pairs(b)
}

/// Returns the session as a credential, if the server knows its user.
async fn try_session(
    context: &Context,
    chosen: &Chosen,
    session: HostCookies,
) -> Result<Option<Found>, Failure> {
    let credential = make_session(session.cookies);
    let connected = connect_with(context, &chosen.server, Some(credential.clone()))?;
    match connected.read().check_credentials().await {
        Ok(user) => {
            say_taken(context, chosen, (Kind::Cookies, user));
            let source = "the browser".to_owned();
            Ok(Some(Found { credential, source, until: session.until }))
        }
        // Before the log-in a page has cookies too.
        Err(error) if error.is_forbidden() => Ok(None),
        Err(error) => Err(fail_trial(&error, Kind::Cookies)),
    }
}

fn map_browser_error(error: &BrowserError) -> Failure {
    let failure = Failure::of(ExitCode::Failed, error);
    match error {
        BrowserError::Start { .. } => failure.hint("name another one with --browser PATH"),
        BrowserError::Ended(Some(_)) => failure.hint(
            "a browser needs a display, and another user than root for its sandbox; where it can't \
                 run, import its cookies: `zrel auth import-cookies`",
        ),
        BrowserError::Ended(None) => {
            failure.hint("it was closed before a log-in; nothing was kept")
        }
        BrowserError::Port { .. } | BrowserError::Silence(_) | BrowserError::Refused { .. } => {
            failure.hint("nothing was kept")
        }
    }
}
