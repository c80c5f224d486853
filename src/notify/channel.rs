//! A channel of the user's: what kind it is, where it goes, and which events it takes.

use std::path::Path;

use lettre::message::Mailbox;
use secrecy::SecretString;
use url::Url;

use super::event::Event;
use super::mail::{MailServer, Security};
use super::settings::Settings;
use super::signature::decode_secret;

/// A channel.
#[derive(Debug)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Which events it takes.
    pub events: Vec<Event>,
    /// Whether it may be in a private network, or on this machine.
    pub allow_private: bool,
    /// Where it goes.
    pub target: Target,
}

/// Where a channel goes.
#[derive(Debug)]
pub enum Target {
    /// A web hook of Slack.
    Slack(HookUrl),
    /// A web hook of Mattermost.
    Mattermost(HookUrl),
    /// A web hook of Discord.
    Discord(HookUrl),
    /// A workflow of Microsoft Teams.
    Teams(HookUrl),
    /// A topic of ntfy.
    Ntfy {
        /// The server's address and the topic behind it.
        url: HookUrl,
        /// The token.
        token: Option<SecretString>,
    },
    /// A web hook of Standard Webhooks.
    Webhook {
        /// Its address.
        url: HookUrl,
        /// The secrets that sign.
        keys: Keys,
    },
    /// A room of Matrix.
    Matrix {
        /// The homeserver.
        url: HookUrl,
        /// The room's id.
        room: String,
        /// The access token.
        token: SecretString,
    },
    /// Mail.
    Email(Box<MailServer>),
    /// A program of the user's own.
    Program(CommandLine),
}

/// A program with its arguments.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// Its path, or a name that `PATH` has.
    pub program: String,
    /// Its arguments; one of them may be a secret.
    pub arguments: Vec<String>,
}

impl std::fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommandLine").finish_non_exhaustive()
    }
}

/// An address that may be a secret.
#[derive(Clone)]
pub struct HookUrl(pub(super) Url);

impl std::fmt::Debug for HookUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("HookUrl").field(&self.0.host_str()).finish()
    }
}

/// The secrets of a web hook.
pub struct Keys(pub(super) Vec<Vec<u8>>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

/// Why a channel can't be used. No value is shown: it may be a secret in the wrong place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Nothing configures it.
    #[error("it is not configured")]
    Unconfigured,
    /// A key is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A key has a value that can't be used.
    #[error("`{key}` is not {wanted}")]
    Unusable {
        /// The key.
        key: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// A key that the kind does not have.
    #[error("`{key}` means nothing for a channel of the kind {kind}")]
    Unneeded {
        /// The key.
        key: &'static str,
        /// The kind.
        kind: &'static str,
    },
}

/// The kinds, with the keys that each takes beside those of all channels.
const KINDS: &[(&str, &[&str])] = &[
    ("slack", &["url"]),
    ("mattermost", &["url"]),
    ("discord", &["url"]),
    ("teams", &["url"]),
    ("ntfy", &["url", "token"]),
    ("webhook", &["url", "secret"]),
    ("matrix", &["url", "room", "token"]),
    ("email", &["server", "tls", "user", "password", "from", "to"]),
    ("program", &["command"]),
];

/// The keys of all channels.
const COMMON: [&str; 3] = ["kind", "events", "allow_private"];

impl Channel {
    /// Makes a channel of its settings.
    ///
    /// # Errors
    /// A [`ChannelError`] that names the key at fault.
    pub fn from_settings(name: &str, settings: &Settings) -> Result<Self, ChannelError> {
        if settings.is_empty() {
            return Err(ChannelError::Unconfigured);
        }
        let word = settings.get("kind").ok_or(ChannelError::Missing("kind"))?;
        let kind = KINDS.iter().find(|(kind, _)| *kind == word);
        let (kind, keys) = *kind.ok_or(ChannelError::Unusable { key: "kind", wanted: LIST })?;
        let known: Vec<&str> = COMMON.iter().chain(keys).copied().collect();
        if let Some(key) = settings.others(&known).into_iter().next() {
            return Err(ChannelError::Unneeded { key, kind });
        }
        let target = read_target(kind, settings)?;
        let allow_private = read_flag(settings, "allow_private")?;
        Ok(Self { name: name.to_owned(), events: read_events(settings)?, allow_private, target })
    }

    /// Returns whether it takes an event.
    pub fn takes(&self, event: Event) -> bool {
        event == Event::Test || self.events.contains(&event)
    }
}

/// What `kind` may be.
const LIST: &str = "slack, mattermost, discord, teams, ntfy, webhook, matrix, email or program";

impl Target {
    /// Returns its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Slack(_) => "slack",
            Self::Mattermost(_) => "mattermost",
            Self::Discord(_) => "discord",
            Self::Teams(_) => "teams",
            Self::Ntfy { .. } => "ntfy",
            Self::Webhook { .. } => "webhook",
            Self::Matrix { .. } => "matrix",
            Self::Email(_) => "email",
            Self::Program(_) => "program",
        }
    }
}

fn read_target(kind: &'static str, settings: &Settings) -> Result<Target, ChannelError> {
    let token = || settings.get("token").map(SecretString::from);
    Ok(match kind {
        "slack" => Target::Slack(read_url(settings)?),
        "mattermost" => Target::Mattermost(read_url(settings)?),
        "discord" => Target::Discord(read_url(settings)?),
        "teams" => Target::Teams(read_url(settings)?),
        "ntfy" => {
            let url = read_url(settings)?;
            if find_topic(&url.0).is_none() {
                return Err(ChannelError::Unusable { key: "url", wanted: NTFY });
            }
            Target::Ntfy { url, token: token() }
        }
        "webhook" => Target::Webhook { url: read_url(settings)?, keys: read_keys(settings)? },
        "email" => Target::Email(Box::new(read_mail_server(settings)?)),
        "program" => Target::Program(read_command(settings)?),
        _ => {
            let room = settings.get("room").ok_or(ChannelError::Missing("room"))?;
            // An alias would need a look-up; ids of newer rooms have no server's name.
            if !room.starts_with('!') {
                return Err(ChannelError::Unusable { key: "room", wanted: ROOM });
            }
            let token = token().ok_or(ChannelError::Missing("token"))?;
            Target::Matrix { url: read_url(settings)?, room: room.to_owned(), token }
        }
    })
}

/// What an address of ntfy is.
const NTFY: &str = "the address of a topic, such as https://ntfy.sh/TOPIC";

/// What a room is.
const ROOM: &str = "the id of a room, which begins with `!`";

/// Returns the topic of an address of ntfy, and the address of the server.
pub(super) fn find_topic(url: &Url) -> Option<(String, Url)> {
    let mut parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let topic = parts.pop()?.to_owned();
    let mut server = url.clone();
    server.set_path(&parts.join("/"));
    Some((topic, server))
}

fn read_url(settings: &Settings) -> Result<HookUrl, ChannelError> {
    let text = settings.get("url").ok_or(ChannelError::Missing("url"))?;
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty()
    });
    let url = url.filter(|url| url.password().is_none());
    url.map(HookUrl).ok_or(ChannelError::Unusable { key: "url", wanted: "an address with https" })
}

/// Reads a program: one word, or a list as JSON.
fn read_command(settings: &Settings) -> Result<CommandLine, ChannelError> {
    let text = settings.get("command").ok_or(ChannelError::Missing("command"))?;
    let unusable = ChannelError::Unusable {
        key: "command",
        wanted: "an absolute path or a name in PATH, or a list of it and its arguments",
    };
    let words: Option<Vec<String>> = match text.strip_prefix('[') {
        Some(_) => serde_json::from_str(text).ok(),
        None => Some(vec![text.to_owned()]),
    };
    let mut words = words.into_iter().flatten();
    // A relative path would mean a file of the folder in which zrel runs.
    let is_usable = |program: &String| {
        Path::new(program).is_absolute() || !program.is_empty() && !program.contains(['/', '\\'])
    };
    let program = words.next().filter(is_usable).ok_or(unusable)?;
    Ok(CommandLine { program, arguments: words.collect() })
}

fn read_mail_server(settings: &Settings) -> Result<MailServer, ChannelError> {
    let require = |key: &'static str| settings.get(key).ok_or(ChannelError::Missing(key));
    let security = match settings.get("tls") {
        None | Some("starttls") => Security::StartTls,
        Some("tls") => Security::Tls,
        Some("none") => Security::Plain,
        Some(_) => {
            return Err(ChannelError::Unusable { key: "tls", wanted: "starttls, tls or none" });
        }
    };
    let usual = if security == Security::Tls { 465 } else { 587 };
    let server = require("server")?;
    let is_host = |host: &str| {
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
    };
    let (host, port) = match server.split_once(':') {
        None => (server, Some(usual)),
        Some((host, port)) => (host, port.parse().ok()),
    };
    let port = port.filter(|_| is_host(host));
    let port = port.ok_or(ChannelError::Unusable { key: "server", wanted: "HOST or HOST:PORT" })?;
    let login = match settings.get("user") {
        Some(user) => Some((user.to_owned(), SecretString::from(require("password")?))),
        None if settings.get("password").is_some() => return Err(ChannelError::Missing("user")),
        None => None,
    };
    let read = |key: &'static str, text: &str| {
        text.trim().parse().map_err(|_| ChannelError::Unusable { key, wanted: "a mail address" })
    };
    let from = read("from", require("from")?)?;
    let to = require("to")?.split(',').map(|one| read("to", one));
    let to = to.collect::<Result<Vec<Mailbox>, _>>()?;
    Ok(MailServer { host: host.to_owned(), port, security, login, from, to })
}

fn read_keys(settings: &Settings) -> Result<Keys, ChannelError> {
    let text = settings.get("secret").ok_or(ChannelError::Missing("secret"))?;
    let keys = split_list(text).map(decode_secret).collect::<Option<Vec<_>>>();
    keys.filter(|keys| !keys.is_empty()).map(Keys).ok_or(ChannelError::Unusable {
        key: "secret",
        wanted: "`whsec_` and 24 to 64 bytes in base64, or two of them",
    })
}

fn read_events(settings: &Settings) -> Result<Vec<Event>, ChannelError> {
    let Some(text) = settings.get("events") else { return Ok(Event::CHOSEN.to_vec()) };
    let events = split_list(text).map(Event::from_word).collect::<Option<Vec<_>>>();
    events.ok_or(ChannelError::Unusable {
        key: "events",
        wanted: "a list of published, failed, waiting, review, drift",
    })
}

fn read_flag(settings: &Settings, key: &'static str) -> Result<bool, ChannelError> {
    match settings.get(key) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ChannelError::Unusable { key, wanted: "true or false" }),
    }
}

/// Splits a list at commas and blanks.
fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::settings::KEYS;
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Channel, ChannelError> {
        let mut settings = Settings::default();
        for (name, value) in pairs {
            let key = KEYS.iter().find(|key| key.name == *name).unwrap();
            settings.set(*key, SecretString::from(*value));
        }
        Channel::from_settings("lab", &settings)
    }

    #[test]
    fn a_channel_is_made_of_its_settings() {
        let url = ("url", "https://hooks.example.org/services/T0/B0/abc");
        let channel = read(&[("kind", "slack"), url]).unwrap();
        assert_eq!((channel.events.len(), channel.allow_private), (Event::CHOSEN.len(), false));
        let channel = read(&[("kind", "slack"), url, ("events", "failed, drift")]).unwrap();
        assert!(channel.takes(Event::Drift) && channel.takes(Event::Test));
        assert!(!channel.takes(Event::Published));
        let shown = format!("{channel:?}");
        assert!(shown.contains("hooks.example.org") && !shown.contains("T0"), "{shown}");
    }

    #[test]
    fn a_fault_names_its_key_and_no_value() {
        let url = ("url", "https://example.org/secret");
        for (pairs, said) in [
            (&[] as &[_], "it is not configured"),
            (&[url], "`kind` is missing"),
            (&[("kind", "fax"), url], "`kind` is not slack"),
            (&[("kind", "slack")], "`url` is missing"),
            (&[("kind", "slack"), ("url", "secret")], "`url` is not an address"),
            (&[("kind", "slack"), ("url", "https://u:secret@x.y/")], "`url` is not an address"),
            (&[("kind", "slack"), url, ("token", "secret")], "`token` means nothing"),
            (&[("kind", "webhook"), url, ("secret", "secret")], "`secret` is not `whsec_`"),
            (
                &[("kind", "ntfy"), ("url", "https://ntfy.sh/")],
                "`url` is not the address of a topic",
            ),
            (&[("kind", "matrix"), url, ("token", "secret")], "`room` is missing"),
            (&[("kind", "matrix"), url, ("token", "t"), ("room", "#a:b")], "`room` is not the id"),
            (&[("kind", "email"), ("from", "a@b.c")], "`server` is missing"),
            (&[("kind", "email"), ("server", "a b")], "`server` is not HOST"),
            (&[("kind", "email"), ("server", "a.b"), ("tls", "opportunistic")], "`tls` is not"),
            (&[("kind", "email"), ("server", "a.b"), ("password", "x")], "`user` is missing"),
            (&[("kind", "email"), ("server", "a.b"), ("from", "a")], "`from` is not a mail"),
            (&[("kind", "program")], "`command` is missing"),
            (&[("kind", "program"), ("command", "./secret")], "`command` is not an absolute path"),
            (
                &[("kind", "program"), ("command", "[1, \"secret\"]")],
                "`command` is not an absolute",
            ),
            (&[("kind", "slack"), url, ("events", "secret")], "`events` is not a list"),
            (&[("kind", "slack"), url, ("allow_private", "secret")], "`allow_private` is not true"),
        ] {
            let error = read(pairs).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
            assert!(!error.contains("/secret") && !error.contains(":secret"), "{error}");
        }
    }

    #[test]
    fn the_topic_of_ntfy_is_the_last_part_of_its_address() {
        let find = |url: &str| find_topic(&Url::parse(url).unwrap());
        let (topic, server) = find("https://ntfy.sh/releases").unwrap();
        assert_eq!((topic.as_str(), server.as_str()), ("releases", "https://ntfy.sh/"));
        let (_, server) = find("https://x.y/push/releases/").unwrap();
        assert_eq!(server.as_str(), "https://x.y/push");
    }
}
