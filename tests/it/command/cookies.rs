//! A session's cookies in place of a token: from a file, and kept.

use std::fs::Permissions;
use std::io::{Read, Seek, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;
use zrel::api::WriteApi;
use zrel::clock::Clock;
use zrel::http::{Client, ClientOptions, Credential, SessionCookie, Upload};
use zrel::model::Metadata;

use crate::command::command_line::{FakeServer, respond_with};
use crate::support::world::{Ran, World, serve_without_token};

/// Far in the future. Seconds since 1970.
const LATER: u64 = 4_000_000_000;

/// Logs in as the recordings' first user, and returns the session's cookie.
fn log_in(world: &World) -> String {
    let form = "email=alice%40example.org&password=alice-password";
    let mut stream = TcpStream::connect(("127.0.0.1", world.port())).unwrap();
    let port = world.port();
    write!(
        stream,
        "POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let cookie = answer.lines().find_map(|line| line.split_once("session=")).unwrap().1;
    cookie.split(';').next().unwrap().to_owned()
}

/// A world with a user's session, and without a token.
fn world() -> (World, String) {
    let world = serve_without_token();
    let session = log_in(&world);
    (world, session)
}

/// Writes a file that only its owner can read.
fn write_private(world: &World, name: &str, text: &str) {
    world.write(name, text);
    let path = world.project().join(name);
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn netscape(domain: &str, expires: u64, session: &str) -> String {
    format!(
        "# Netscape HTTP Cookie File\n#HttpOnly_{domain}\tFALSE\t/\tFALSE\t{expires}\tsession\t{session}\n"
    )
}

#[track_caller]
fn ends(ran: &Ran, code: i32, phrases: &[&str], secret: &str) {
    assert_eq!(ran.code, code, "{ran}");
    let all = format!("{}{}", ran.stdout, ran.stderr);
    for phrase in phrases {
        assert!(all.contains(phrase), "lacks «{phrase}»:\n{all}");
    }
    assert!(!all.contains(secret), "shows the cookie:\n{all}");
}

#[test]
fn a_file_of_cookies_publishes_and_its_token_for_writes_is_fetched() {
    let (world, session) = world();
    // A session that has written nothing yet has no CSRF token.
    write_private(&world, "cookies.txt", &netscape("127.0.0.1", 0, &session));
    let apply = ["apply", "--initial", "--auto-approve", "--cookies", "cookies.txt", "-vv"];
    ends(&world.zrel(&apply), 0, &["published"], &session);
    let plan = ["plan", "--cookies", "cookies.txt"];
    ends(&world.zrel(&plan), 0, &["No changes."], &session);
    // Kept for a later run, they are read and never written.
    assert_eq!(world.read("cookies.txt"), netscape("127.0.0.1", 0, &session));

    let variable = format!("ZREL_COOKIES_127_0_0_1_{}", world.port());
    let mut command = world.command(&["plan"]);
    command.env(&variable, world.project().join("cookies.txt"));
    ends(&command.output().unwrap().into(), 0, &["No changes."], &session);
}

#[test]
fn files_that_are_of_no_use_are_refused_with_the_reason_and_the_mend() {
    let (world, session) = world();
    world.requests();
    let own = |expires| netscape("127.0.0.1", expires, &session);
    for (text, phrases) in [
        (own(1_700_000_000), ["expired, the last one on 2023-11-14T22:13:20Z", "log in again"]),
        (netscape("example.org", 0, &session), ["no cookie for 127.0.0.1", "only for example.org"]),
        (own(0).replace('\t', "    "), ["line 2: blanks stand between the fields", "Netscape's"]),
        (
            own(0).replace("127.0.0.1", "0.0.1"),
            ["only for 0.0.1", "export the cookies of 127.0.0.1"],
        ),
        ("{\"a\": 1}".to_owned(), ["no list `cookies`", "Playwright's"]),
    ] {
        write_private(&world, "cookies.txt", &text);
        for verb in ["plan", "apply"] {
            let ran = world.zrel(&[verb, "--cookies", "cookies.txt"]);
            ends(&ran, 77, &phrases, &session);
        }
    }
    write_private(&world, "cookies.txt", &own(LATER));
    let path = world.project().join("cookies.txt");
    for mode in [0o640, 0o604] {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let ran = world.zrel(&["plan", "--cookies", "cookies.txt"]);
        ends(&ran, 77, &["others can read it", "chmod 600 'cookies.txt'"], &session);
    }
    ends(
        &world.zrel(&["plan", "--cookies", "none.txt"]),
        77,
        &["none.txt", "check the path"],
        &session,
    );
    assert!(world.requests().is_empty());
    // One that the server no longer knows is found by the plan.
    write_private(&world, "cookies.txt", &netscape("127.0.0.1", LATER, "forgotten-session"));
    let ran = world.zrel(&["plan", "--initial", "--cookies", "cookies.txt"]);
    let phrases = ["Permission denied.", "the session came from `cookies.txt`"];
    ends(&ran, 77, &phrases, "forgotten-session");
}

#[test]
fn a_session_is_kept_like_a_token_until_it_expires() {
    let (mut world, session) = world();
    let playwright = format!(
        r#"{{"cookies": [{{"name": "session", "value": "{session}", "domain": "127.0.0.1",
        "path": "/", "expires": {LATER}.5, "httpOnly": true, "secure": false,
        "sameSite": "Lax"}}], "origins": []}}"#
    );
    let editor = format!(
        r#"[{{"domain": "127.0.0.1", "expirationDate": {LATER}.5, "hostOnly": true,
        "name": "session", "value": "{session}", "sameSite": "unspecified", "session": false}}]"#
    );
    let url = world.address();
    for text in [netscape("127.0.0.1", LATER, &session), playwright, editor] {
        write_private(&world, "export", &text);
        let ran = world.zrel(&["auth", "import-cookies", "export", "--file"]);
        ends(&ran, 13, &["only the manifest names"], &session);
        let ran = world.zrel(&["auth", "import-cookies", "export", &url, "--file"]);
        let phrases =
            ["takes the session", "Kept the session", "good until 2096-10-02", "Remove `"];
        ends(&ran, 0, &phrases, &session);
        world.remove("export");
        ends(&world.zrel(&["plan", "--initial"]), 0, &["1 file added"], &session);
        let status = world.zrel(&["auth", "status"]);
        ends(&status, 0, &["session from `", "until       2096-10-02", "takes it"], &session);
        ends(&world.zrel(&["auth", "logout", &url]), 0, &["Forgot"], &session);
        ends(&world.zrel(&["plan", "--initial"]), 77, &["there is no token"], &session);
    }
    write_private(&world, "export", &netscape("127.0.0.1", LATER, &session));
    world.zrel(&["auth", "import-cookies", "export", &url, "--file"]);
    world.set_now("2097-01-01T00:00:00Z");
    let ran = world.zrel(&["plan", "--initial"]);
    ends(&ran, 77, &["expired on 2096-10-02", "log in again"], &session);
    ends(&world.zrel(&["auth", "status"]), 77, &["of no use: the session"], &session);
}

/// Returns a header of a request, as it was sent.
fn header<'a>(headers: &'a str, name: &str) -> Option<&'a str> {
    headers.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

#[tokio::test]
async fn the_csrf_token_follows_the_server_and_no_other_credential_is_sent() {
    // Refuses the first token, and sets another one with each answer.
    let server = FakeServer::start(|_, number, stream| {
        let (status, body) = if number == 1 {
            ("400 BAD REQUEST", r#"{"message": "CSRF token missing or incorrect.", "status": 400}"#)
        } else {
            ("201 CREATED", r#"{"id": 1}"#)
        };
        let headers = format!(
            "Content-Type: application/json\r\nSet-Cookie: csrftoken=new.{number}; Path=/\r\n\
             Set-Cookie: balancer=b; Path=/\r\n"
        );
        respond_with(stream, status, &headers, body)
    });
    let cookie = |name: &str, value: &str| SessionCookie {
        name: name.to_owned(),
        value: SecretString::from(value.to_owned()),
    };
    let cookies = vec![cookie("session", "one"), cookie("csrftoken", "old.0")];
    let credential = Some(Credential::Cookies(cookies));
    let options = ClientOptions::new(&server.url, None, Clock::set(Clock::Real.now()));
    let api = WriteApi::new(Client::new(ClientOptions { credential, ..options }).unwrap());
    for _ in 0..2 {
        let _ = api.create(&Metadata::default()).await;
    }
    let requests = server.requests();
    let sent: Vec<_> = requests.iter().map(|it| header(&it.headers, "x-csrftoken")).collect();
    assert_eq!(sent, [Some("old.0"), Some("new.0"), Some("new.1")]);
    for request in &requests {
        let cookies = header(&request.headers, "cookie").unwrap();
        let csrf = header(&request.headers, "x-csrftoken").unwrap();
        assert_eq!(cookies, format!("session=one; csrftoken={csrf}"));
        assert_eq!(header(&request.headers, "referer"), Some(&*format!("{}/", server.url)));
        assert_eq!(header(&request.headers, "authorization"), None);
    }
}

#[tokio::test]
async fn an_upload_that_is_refused_for_its_csrf_token_is_sent_again_whole() {
    let server = FakeServer::start(|request, number, stream| {
        let is_first = number == 0;
        let (status, body) = if is_first {
            ("400 BAD REQUEST", r#"{"message": "CSRF cookie not set.", "status": 400}"#)
        } else {
            ("201 CREATED", "{}")
        };
        assert_eq!(request.body, b"some bytes");
        let headers = "Content-Type: application/json\r\nSet-Cookie: csrftoken=new.0; Path=/\r\n";
        respond_with(stream, status, headers, body)
    });
    let value = SecretString::from("one".to_owned());
    let credential = Credential::Cookies(vec![SessionCookie { name: "session".to_owned(), value }]);
    let options = ClientOptions::new(&server.url, None, Clock::set(Clock::Real.now()));
    let options = ClientOptions { credential: Some(credential), ..options };
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"some bytes").unwrap();
    file.rewind().unwrap();
    let upload = Upload { file, size: 10, progress: &|_| {} };
    let sent = Client::new(options).unwrap().upload("/api/files/b/k", upload).await.unwrap();
    assert_eq!((sent.answer.status, sent.is_whole), (201, true));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_token_and_cookies_are_never_sent_together() {
    let (world, session) = world();
    write_private(&world, "cookies.txt", &netscape("127.0.0.1", 0, &session));
    let token = format!("ZREL_TOKEN_127_0_0_1_{}", world.port());
    // A wrong token would be refused, and a wrong session too: which one is sent shows.
    let run = |variables: &[(&str, &Path)], args: &[&str]| -> Ran {
        let mut command = world.command(args);
        command.env(&token, "wrong-token").envs(variables.iter().copied());
        command.output().unwrap().into()
    };
    let plan = ["plan", "--initial"];
    ends(&run(&[], &[&plan[..], &["--cookies", "cookies.txt"]].concat()), 0, &[], &session);
    let variable = format!("ZREL_COOKIES_127_0_0_1_{}", world.port());
    let path = world.project().join("cookies.txt");
    ends(&run(&[(&variable, &path)], &plan), 77, &["the token came from ZREL_TOKEN_"], &session);
}
