//! `zrel auth browser` with a real Chromium, and a log-in with a password: both against the log-in of
//! the embedded server.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::auth::miss;
use crate::support::world::{ALICE, Ran, World, serve_without_token};

const CHROMIUM: &str = "/usr/bin/chromium";
const PASSWORD: &str = "alice-password";

/// How long a browser may take for anything. By real time.
const PATIENCE: Duration = Duration::from_mins(1);

/// Writes a program that runs a browser without a display, and notes its arguments and variables.
fn write_browser(world: &World, name: &str, command: &str) -> PathBuf {
    let path = world.path().join(name);
    let noted = path.display();
    let text = format!(
        "#!/bin/sh\nenv > {noted}.env\nprintf '%s\\n' \"$@\" > {noted}.part\n\
         mv {noted}.part {noted}.args\n{command}\n"
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

const HEADLESS: &str = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
     --no-proxy-server --disable-background-networking --disable-component-update --disable-sync";

/// Waits until there is something.
#[track_caller]
fn wait<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "no {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The page of a Chromium, driven as its user would.
struct Driven {
    runtime: tokio::runtime::Runtime,
    socket: WebSocketStream<TcpStream>,
    session: Option<String>,
    n_sent: u64,
}

impl Driven {
    /// Joins the browser with this profile, and its page.
    fn join(profile: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (port, path) = wait("DevTools port", || {
            let text = std::fs::read_to_string(profile.join("DevToolsActivePort")).ok()?;
            let (port, path) = text.trim().split_once('\n')?;
            Some((port.parse::<u16>().ok()?, path.to_owned()))
        });
        let socket = runtime.block_on(async {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let address = format!("ws://127.0.0.1:{port}{path}");
            tokio_tungstenite::client_async(address, stream).await.unwrap().0
        });
        let mut driven = Self { runtime, socket, session: None, n_sent: 0 };
        let page = wait("page", || {
            let targets = driven.call("Target.getTargets", &json!({}));
            let targets = targets["targetInfos"].as_array()?.clone();
            let page = targets.into_iter().find(|it| it["type"] == "page")?;
            Some(page["targetId"].as_str()?.to_owned())
        });
        let attach = json!({"targetId": page, "flatten": true});
        let attached = driven.call("Target.attachToTarget", &attach);
        driven.session = attached["sessionId"].as_str().map(str::to_owned);
        driven
    }

    fn call(&mut self, method: &str, params: &Json) -> Json {
        self.try_call(method, params).unwrap_or_else(|| panic!("the browser ended in {method}"))
    }

    /// Makes a call; none where the browser ends before it answers.
    fn try_call(&mut self, method: &str, params: &Json) -> Option<Json> {
        self.n_sent += 1;
        let id = self.n_sent;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let socket = &mut self.socket;
        let exchange = async {
            socket.send(Message::text(message.to_string())).await.ok()?;
            loop {
                let text = socket.next().await?.ok()?.into_text().unwrap();
                let answer: Json = serde_json::from_str(&text).unwrap_or_default();
                if answer["id"] == id {
                    return Some(answer["result"].clone());
                }
            }
        };
        let limited = async { tokio::time::timeout(PATIENCE, exchange).await };
        self.runtime.block_on(limited).unwrap_or_else(|_| panic!("no answer to {method}"))
    }

    /// Runs a script in the page, and returns its value.
    fn run(&mut self, script: &str) -> Json {
        let params = json!({"expression": script, "returnByValue": true});
        self.call("Runtime.evaluate", &params)["result"]["value"].clone()
    }

    /// Fills the log-in form and sends it.
    fn log_in(&mut self, password: &str) {
        wait("form", || {
            self.run("!!document.querySelector('[name=password]')").as_bool().filter(|it| *it)
        });
        let script = format!(
            "document.querySelector('[name=email]').value = 'alice@example.org';\
             document.querySelector('[name=password]').value = '{password}';\
             document.querySelector('form').submit(); 1"
        );
        // zrel may see the log-in, and end the browser, before this is answered.
        self.try_call("Runtime.evaluate", &json!({"expression": script}));
    }

    /// Waits until the page says this.
    #[track_caller]
    fn wait_for(&mut self, phrase: &str) {
        wait(phrase, || {
            let text = self.run("document.body && document.body.innerText");
            text.as_str().is_some_and(|text| text.contains(phrase)).then_some(())
        });
    }
}

/// Returns the profile that a browser was started with.
fn read_profile(browser: &Path) -> PathBuf {
    let path = PathBuf::from(format!("{}.args", browser.display()));
    wait("arguments", || {
        let text = std::fs::read_to_string(&path).ok()?;
        text.lines().find_map(|line| line.strip_prefix("--user-data-dir=")).map(PathBuf::from)
    })
}

#[track_caller]
fn ends(child: Child, code: i32, phrases: &[&str]) -> Ran {
    let ran: Ran = child.wait_with_output().unwrap().into();
    check(&ran, code, phrases);
    ran
}

#[track_caller]
fn check(ran: &Ran, code: i32, phrases: &[&str]) {
    assert_eq!(ran.code, code, "{ran}");
    let all = format!("{}{}", ran.stdout, ran.stderr);
    for phrase in phrases {
        assert!(all.contains(phrase), "lacks «{phrase}»:\n{all}");
    }
    assert!(!all.contains(PASSWORD), "shows the password:\n{all}");
    assert!(!all.contains("session="), "shows a cookie:\n{all}");
}

/// Returns the session cookie that is kept.
fn read_kept(world: &World) -> String {
    let path = world.path().join("home/.config/zrel/credentials.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let kept = table[&format!("127.0.0.1:{}", world.port())].as_table().unwrap();
    let cookies: Vec<(String, String)> =
        serde_json::from_str(kept["secret"].as_str().unwrap()).unwrap();
    cookies.into_iter().find(|(name, _)| name == "session").unwrap().1
}

#[test]
fn a_chromium_logs_in_and_its_session_publishes() {
    if !Path::new(CHROMIUM).exists() {
        return miss(CHROMIUM);
    }
    let world = serve_without_token();
    // zrel talks over its pipes; the port is for the test, which plays the user.
    let command = format!("exec {CHROMIUM} {HEADLESS} --remote-debugging-port=0 \"$@\"");
    let browser = write_browser(&world, "browser", &command);
    let mut command = world.command(&["auth", "browser", &world.address(), "--file", "--browser"]);
    command.arg(&browser).env("ZREL_TOKEN_other_org", ALICE).env("PATH", "/usr/bin:/bin");
    let child = command.spawn().unwrap();
    let profile = read_profile(&browser);
    let mode = std::fs::metadata(&profile).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
    let mut driven = Driven::join(&profile);
    driven.log_in("wrong");
    driven.wait_for("Invalid e-mail or password.");
    driven.log_in(PASSWORD);
    driven.wait_for("Records");
    drop(driven);
    let phrases = ["Log in on this page", "/login/", "takes the session", "Kept the session"];
    let ran = ends(child, 0, &phrases);
    assert!(ran.stdout.contains("good until the server ends it"), "{ran}");
    assert!(!profile.exists(), "the profile is left");
    let variables = std::fs::read_to_string(world.path().join("browser.env")).unwrap();
    assert!(!variables.contains(ALICE), "{variables}");

    check(&world.zrel(&["apply", "--initial", "--auto-approve"]), 0, &["published"]);
    check(&world.zrel(&["plan"]), 0, &["No changes."]);
    let session = read_kept(&world);
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(session.len() > 8 && !all.contains(&session), "{all}");
}

#[test]
fn a_chromium_that_runs_is_joined_and_goes_on() {
    if !Path::new(CHROMIUM).exists() {
        return miss(CHROMIUM);
    }
    let world = serve_without_token();
    let profile = world.path().join("profile");
    let mut command = Command::new(CHROMIUM);
    command.args(HEADLESS.split_whitespace()).arg("--remote-debugging-port=0");
    command.arg(format!("--user-data-dir={}", profile.display()));
    command.arg(format!("{}/login/", world.address()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut chromium = command.spawn().unwrap();
    let mut driven = Driven::join(&profile);
    driven.log_in(PASSWORD);
    driven.wait_for("Records");
    let port = std::fs::read_to_string(profile.join("DevToolsActivePort")).unwrap();
    let port = port.lines().next().unwrap();
    let args = ["auth", "browser", &world.address(), "--connect", port, "--file"];
    check(&world.zrel(&args), 0, &["Joined the browser", "takes the session", "Kept the session"]);
    assert!(chromium.try_wait().unwrap().is_none(), "it was ended");
    driven.wait_for("Records");
    chromium.kill().unwrap();
    chromium.wait().unwrap();
    check(&world.zrel(&["plan", "--initial"]), 0, &["1 file added"]);
    // The port is closed now.
    check(&world.zrel(&args), 69, &["no browser answers on port", "--remote-debugging-port"]);
}

#[test]
fn a_browser_that_ends_or_shows_nobody_keeps_nothing() {
    let world = serve_without_token();
    let run = |name: &str, command: &str, more: &[&str]| -> Ran {
        let browser = write_browser(&world, name, command);
        let url = world.address();
        let args = ["auth", "browser", &url, "--file", "--browser", browser.to_str().unwrap()];
        world.zrel(&[&args[..], more].concat())
    };
    let ended = run("ends", "echo 'Missing X server or $DISPLAY' >&2; exit 1", &[]);
    check(&ended, 1, &["the browser ended: Missing X server", "import-cookies"]);
    if Path::new(CHROMIUM).exists() {
        let command = format!("exec {CHROMIUM} {HEADLESS} \"$@\"");
        let waited = run("waits", &command, &["--time-limit", "3s"]);
        check(
            &waited,
            77,
            &["nobody logged in within 3 seconds; nothing was kept", "--time-limit"],
        );
        assert!(!read_profile(&world.path().join("waits")).exists(), "the profile is left");
    }
    // A server that only the manifest names is not opened.
    let ran = world.zrel(&["auth", "browser", "--file"]);
    check(&ran, 13, &["zrel opened nothing there.", "only the manifest names"]);
    assert!(!world.path().join("home/.config/zrel/credentials.toml").exists());
}

#[test]
fn a_firefox_gives_its_cookies_where_there_is_one() {
    let Some(firefox) =
        ["/usr/bin/firefox-esr", "/usr/bin/firefox"].into_iter().find(|it| Path::new(it).exists())
    else {
        return;
    };
    let world = serve_without_token();
    // Its protocol has one session, which zrel has: a link signs it in.
    let link = world.alice("POST", "/zrel/links", &json!({"to": "/"}))["link"].clone();
    let link = link.as_str().unwrap();
    let command = format!(
        "args=; for it in \"$@\"; do case $it in http*) ;; *) args=\"$args $it\";; esac; done\n\
         exec {firefox} --headless $args '{link}'"
    );
    let browser = write_browser(&world, "firefox", &command);
    let url = world.address();
    let args = ["auth", "browser", &url, "--file", "--browser", browser.to_str().unwrap()];
    let mut zrel = world.command(&args);
    let ran: Ran = zrel.env("PATH", "/usr/bin:/bin").output().unwrap().into();
    check(&ran, 0, &["takes the session", "Kept the session"]);
    check(&world.zrel(&["plan", "--initial"]), 0, &["1 file added"]);
}

/// Runs a log-in with this password from the environment.
fn with_password(world: &World, password: &str) -> Ran {
    let (url, port) = (world.address(), world.port());
    let mut command = world.command(&["auth", "login", &url, "--with-password", "--file", "-vv"]);
    command.env(format!("ZREL_EMAIL_127_0_0_1_{port}"), "alice@example.org");
    command.env(format!("ZREL_PASSWORD_127_0_0_1_{port}"), password);
    command.output().unwrap().into()
}

#[test]
fn a_password_logs_in_when_it_is_asked_for_by_name() {
    let mut world = serve_without_token();
    world.set_now("2026-11-30T12:00:00Z");
    let url = world.address();
    let missing = world.zrel(&["auth", "login", &url, "--with-password", "--file"]);
    check(&missing, 77, &["no e-mail and password", "ZREL_EMAIL_127_0_0_1_", "ZREL_PASSWORD_"]);
    // Without the flag the variables are of no use.
    let mut command = world.command(&["plan", "--initial"]);
    command.env(format!("ZREL_EMAIL_127_0_0_1_{}", world.port()), "alice@example.org");
    command.env(format!("ZREL_PASSWORD_127_0_0_1_{}", world.port()), PASSWORD);
    check(&command.output().unwrap().into(), 77, &["there is no token"]);
    world.requests();

    let refused = with_password(&world, "wrong-password");
    let phrases = ["a token is better", "Invalid credentials.", "tried once"];
    check(&refused, 77, &phrases);
    assert!(!format!("{refused}").contains("wrong-password"));
    let n_tries = world.requests().iter().filter(|it| it.path == "/api/login").count();
    assert_eq!(n_tries, 1);

    check(&with_password(&world, PASSWORD), 0, &["takes the session", "Kept the session"]);
    check(&world.zrel(&["apply", "--initial", "--auto-approve"]), 0, &["published"]);
    check(&world.zrel(&["plan"]), 0, &["No changes."]);

    for _ in 0..3 {
        with_password(&world, "wrong-password");
    }
    world.requests();
    let sixth = with_password(&world, PASSWORD);
    check(&sixth, 75, &["five log-ins were tried within a minute", "wait 61 seconds"]);
    assert!(world.requests().is_empty());
}

#[test]
fn the_log_in_page_refuses_a_sixth_try_and_a_form_of_another_session() {
    let world = serve_without_token();
    let send = |session: &str, token: &str, password: &str| -> (u16, String) {
        let form =
            format!("email=alice%40example.org&password={password}&next=%2F&csrf_token={token}");
        post(&world, session, &form)
    };
    let (session, token) = open_form(&world);
    assert!(send(&session, "other", PASSWORD).1.contains("CSRF token is missing"));
    assert!(send("other", &token, PASSWORD).1.contains("CSRF token is missing"));
    for _ in 0..4 {
        let (status, page) = send(&session, &token, "wrong");
        assert!(status == 200 && page.contains("Invalid e-mail or password."), "{page}");
    }
    assert_eq!(send(&session, &token, PASSWORD).0, 302);
    let (status, page) = send(&session, &token, PASSWORD);
    assert!(status == 429 && page.contains("Too many tries"), "{page}");
}

/// Opens the form; returns its session and its token.
fn open_form(world: &World) -> (String, String) {
    let answer = exchange(world, "GET /login/ HTTP/1.1\r\n", "");
    let between = |from: &str, to: &str| {
        let rest = answer.split(from).nth(1).unwrap();
        rest.split(to).next().unwrap().to_owned()
    };
    (between("session=", ";"), between("name=\"csrf_token\" value=\"", "\""))
}

fn post(world: &World, session: &str, form: &str) -> (u16, String) {
    let head = format!(
        "POST /login/ HTTP/1.1\r\nCookie: session={session}\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n",
        form.len()
    );
    let answer = exchange(world, &head, form);
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

fn exchange(world: &World, head: &str, body: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", world.port())).unwrap();
    let port = world.port();
    write!(stream, "{head}Host: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
