//! Matrix, by a real homeserver: Synapse on this machine, with `SQLite`. It limits messages, and takes
//! a transaction once.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use zrel::local::{Fault, FaultKind, Matches};

use crate::support::world::{FILES, Ran, World, manifest};

use super::installed::{Running, find_program};

/// The configuration, without what is different each time. A message in two seconds is allowed.
const CONFIG: &str = r#"
server_name: "zrel.test"
database: { name: sqlite3, args: { database: "FOLDER/homeserver.db" } }
listeners:
  - { port: PORT, type: http, bind_addresses: ["127.0.0.1"], resources: [{ names: [client] }] }
pid_file: "FOLDER/pid"
media_store_path: "FOLDER/media"
signing_key_path: "FOLDER/signing.key"
registration_shared_secret: "registration"
macaroon_secret_key: "macaroon"
form_secret: "form"
report_stats: false
trusted_key_servers: []
rc_message: { per_second: 0.5, burst_count: 1 }
"#;

/// A homeserver with a user, and a room in which the user is.
struct Homeserver {
    origin: String,
    token: String,
    room: String,
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    _running: Running,
    _folder: tempfile::TempDir,
}

impl Homeserver {
    /// Starts it, where it is installed.
    fn start() -> Option<Self> {
        let (program, register) =
            (find_program("synapse_homeserver")?, find_program("register_new_matrix_user")?);
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = CONFIG.replace("FOLDER", &folder.path().display().to_string());
        let file = folder.path().join("homeserver.yaml");
        std::fs::write(&file, config.replace("PORT", &port.to_string())).unwrap();
        // A key of the tests, which signs nothing that leaves this machine.
        let key = format!("ed25519 a_test {}\n", "A".repeat(43));
        std::fs::write(folder.path().join("signing.key"), key).unwrap();
        let mut command = Command::new(program);
        command.arg("-c").arg(&file).current_dir(folder.path());
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        command.stdout(Stdio::null()).stderr(log);
        let running = Running(command.spawn().unwrap());
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let mut server = Self {
            origin: format!("http://127.0.0.1:{port}"),
            token: String::new(),
            room: String::new(),
            runtime: tokio::runtime::Runtime::new().unwrap(),
            client,
            _running: running,
            _folder: folder,
        };
        server.wait();
        let user = ["-u", "bot", "-p", "password", "--no-admin", "-c"];
        let registered = Command::new(register).args(user).arg(&file).arg(&server.origin).output();
        assert!(registered.unwrap().status.success());
        let login = json!({
            "type": "m.login.password",
            "identifier": { "type": "m.id.user", "user": "bot" },
            "password": "password",
        });
        server.token = text(&server.ask("POST", "login", Some(login))["access_token"]);
        server.room = text(&server.ask("POST", "createRoom", Some(json!({})))["room_id"]);
        Some(server)
    }

    fn wait(&self) {
        let begun = Instant::now();
        let url = format!("{}/_matrix/client/versions", self.origin);
        while self.runtime.block_on(self.client.get(&url).send()).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(2), "the homeserver does not start");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn ask(&self, method: &str, path: &str, body: Option<Json>) -> Json {
        let url = format!("{}/_matrix/client/v3/{path}", self.origin);
        let request = self.client.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        self.runtime.block_on(async { request.send().await.unwrap().json().await.unwrap() })
    }

    /// Returns the notices in the room, the oldest first.
    fn notices(&self) -> Vec<Json> {
        let path = format!("rooms/{}/messages?dir=f&limit=100", self.room);
        let events = self.ask("GET", &path, None);
        let events = events["chunk"].as_array().unwrap().clone();
        let contents = events.into_iter().map(|event| event["content"].clone());
        contents.filter(|content| content["msgtype"] == "m.notice").collect()
    }

    /// Runs zrel with a channel to a room, by the real time, in which the homeserver counts.
    fn run(&self, world: &World, room: &str, args: &[&str]) -> Ran {
        let mut command = world.command(args);
        command.env_remove("ZREL_NOW").env("ZREL_LOG", "notify=debug").envs([
            ("ZREL_NOTIFY_LAB_KIND", "matrix"),
            ("ZREL_NOTIFY_LAB_URL", self.origin.as_str()),
            ("ZREL_NOTIFY_LAB_ROOM", room),
            ("ZREL_NOTIFY_LAB_TOKEN", self.token.as_str()),
            ("ZREL_NOTIFY_LAB_ALLOW_PRIVATE", "true"),
        ]);
        let ran = Ran::from(command.output().unwrap());
        assert!(!ran.to_string().contains(&self.token), "{ran}");
        ran
    }
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_else(|| panic!("{json}")).to_owned()
}

const APPLY: [&str; 3] = ["apply", "--initial", "--auto-approve"];

/// One test, since the homeserver takes seconds to start.
#[test]
fn a_homeserver_takes_each_message_once_and_at_its_own_pace() {
    let Some(server) = Homeserver::start() else { return };
    let world = World::served();
    world.manifest(&format!("notify = [\"lab\"]\n{}", manifest("1.0", FILES)));
    world.write("a.csv", "one\n");
    // The same message again, as after a kill between the sending and the note.
    let on = Matches::parse("POST /api/deposit/depositions/*/actions/publish").unwrap();
    let kind = FaultKind::Status { status: 403, after: false };
    world.faults().set(vec![Fault { on, nth: 1, times: usize::MAX, kind }]);
    for _ in 0..3 {
        let ran = server.run(&world, &server.room, &APPLY);
        assert_ne!(ran.code, 0, "{ran}");
        assert!(ran.stderr.contains("Sent a message to `lab` (matrix)."), "{ran}");
        for entry in std::fs::read_dir(world.project().join(".zrel")).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains("notified") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
    // A plan that continues a draft has the digest of the one that made it.
    assert_eq!(server.notices().len(), 1, "{:#?}", server.notices());
    world.faults().heal();
    let ran = server.run(&world, &server.room, &APPLY);
    assert_eq!(ran.code, 0, "{ran}");
    world.expect_no_changes();
    let notices = server.notices();
    assert_eq!(notices.len(), 2);
    assert!(text(&notices[1]["body"]).starts_with("Published: Tables of small forms 1.0\n"));
    assert!(text(&notices[1]["formatted_body"]).starts_with("<strong>Published: "));
    // Two at once are more than it allows: the second waits as long as it is asked to.
    let runs = [0, 1].map(|_| server.run(&world, &server.room, &["notify", "test"]));
    for ran in &runs {
        assert_eq!(ran.code, 0, "{ran}");
    }
    assert!(runs.iter().any(|ran| ran.stderr.contains("again after")), "{}", runs[1]);
    assert!(runs[1].stderr.contains("429"), "{}", runs[1]);
    assert_eq!(server.notices().len(), 4);
    let ran = server.run(&world, "!another:zrel.test", &["notify", "test"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("answered 403: ") && ran.stderr.contains("hint: "), "{ran}");
}
