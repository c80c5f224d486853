//! The environment: the only place that reads it.
//!
//! Each token is read for one host, and never listed, printed or passed on.

use std::ffi::OsString;
use std::path::PathBuf;

use anstream::ColorChoice;
use secrecy::SecretString;

use crate::apply::{HAS_FAILPOINTS, SeededFault};
use crate::clock::Clock;
use crate::credential::Keyring;
use crate::forge::{CiNames, FORGES, Forge, NumberSource};

use crate::plan::Readers;

use super::args::Color;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// Reads one variable; an empty one counts as unset.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn read_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the token that the environment holds for a host, and the variable's name.
pub fn read_token_variable(host: &str) -> Option<(SecretString, String)> {
    // `my_host.org` would read the variable of `my.host.org`, and get the token of another host.
    if host.contains('_') {
        return None;
    }
    let own = make_token_variable(host);
    let known = match host {
        "zenodo.org" => Some("ZENODO_TOKEN"),
        "sandbox.zenodo.org" => Some("ZENODO_SANDBOX_TOKEN"),
        _ => None,
    };
    let names = own.into_iter().chain(known.map(str::to_owned));
    names.into_iter().find_map(|name| {
        let value = read_variable(&name)?;
        Some((SecretString::from(value), name))
    })
}

/// Returns the variable that holds the token for a host; none for a host with an underscore, which
/// would share that of another host.
pub(super) fn make_token_variable(host: &str) -> Option<String> {
    make_host_variable("ZREL_TOKEN_", host)
}

/// Returns the variable that begins so for a host; none for a host with an underscore.
fn make_host_variable(start: &str, host: &str) -> Option<String> {
    (!host.contains('_')).then(|| format!("{start}{}", encode_host(host)))
}

/// Returns the file of cookies that the environment names for a host, and the variable's name.
pub(super) fn read_cookies_variable(host: &str) -> Option<(String, String)> {
    read_host_variable("ZREL_COOKIES_", host)
}

/// An e-mail and a password for a host, from the environment.
pub(super) struct Account {
    /// The e-mail.
    pub(super) email: String,
    /// The password.
    pub(super) password: SecretString,
    /// The password's variable.
    pub(super) name: String,
}

/// Returns the account that the environment holds for a host.
///
/// # Errors
/// What to set, when one of its variables is missing.
pub(super) fn read_account(host: &str) -> Result<Account, String> {
    let email = read_host_variable("ZREL_EMAIL_", host);
    let password = read_host_variable("ZREL_PASSWORD_", host);
    match (email, password) {
        (Some((email, _)), Some((password, name))) => {
            Ok(Account { email, password: SecretString::from(password), name })
        }
        (None, _) | (_, None) if host.contains('_') => {
            Err("a host with `_` has no variables: they would be those of another host".to_owned())
        }
        (None, _) | (_, None) => {
            let host = encode_host(host);
            Err(format!("set ZREL_EMAIL_{host} and ZREL_PASSWORD_{host} in the environment"))
        }
    }
}

/// Reads the variable that begins so for a host, and returns its name, too.
fn read_host_variable(start: &str, host: &str) -> Option<(String, String)> {
    let name = make_host_variable(start, host)?;
    Some((read_variable(&name)?, name))
}

/// The variables that a command which builds a release gets: where programs, the user's folder and
/// temporary files are, and the language.
const BUILD_VARIABLES: [&str; 20] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_COLLATE",
    "LC_MESSAGES",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
];

/// Returns the variables of a command that builds a release: the usual ones, and those that are
/// named.
///
/// # Errors
/// A [`Failure`] for the name of one that may hold a token.
pub(super) fn list_build_variables(named: &[String]) -> Result<Vec<(String, OsString)>, Failure> {
    if let Some(secret) = named.iter().find(|name| is_secret_name(name)) {
        let message = format!("--env: `{secret}` is not passed to a build: it may hold a token");
        return Err(Failure::new(ExitCode::Usage, message));
    }
    let usual = BUILD_VARIABLES.iter().map(|name| (*name).to_owned());
    let all = usual.chain(named.iter().cloned());
    Ok(all.filter_map(|name| std::env::var_os(&name).map(|value| (name, value))).collect())
}

/// Returns the variables that a program gets which needs no more than any other.
pub(super) fn list_usual_variables() -> Vec<(String, OsString)> {
    let find = |name: &str| Some((name.to_owned(), std::env::var_os(name)?));
    BUILD_VARIABLES.iter().filter_map(|name| find(name)).collect()
}

/// Returns the folder for temporary files.
pub(super) fn find_temporary_folder() -> PathBuf {
    std::env::temp_dir()
}

/// Returns a host as part of a variable's name: dots and colons `_`, hyphens `__`.
fn encode_host(host: &str) -> String {
    host.chars()
        .map(|c| match c {
            '.' | ':' => "_".to_owned(),
            // Doubled, so that `my-host` and `my.host` have different variables.
            '-' => "__".to_owned(),
            // An IPv6 address has brackets, and the name of a variable can't.
            '[' | ']' => String::new(),
            c => c.to_string(),
        })
        .collect()
}

/// Returns the folder of the user's own configuration.
pub(super) fn find_config_folder() -> Option<PathBuf> {
    let base = if cfg!(windows) {
        PathBuf::from(read_variable("APPDATA")?)
    } else if let Some(folder) = read_variable("XDG_CONFIG_HOME") {
        PathBuf::from(folder)
    } else {
        PathBuf::from(read_variable("HOME")?).join(".config")
    };
    // A relative base would let the working folder, such as a cloned repository, name the token.
    base.is_absolute().then(|| base.join("zrel"))
}

/// Returns the keyring: that of the system. `ZREL_TEST_KEYRING` sets another one for tests: a folder,
/// or `silent`. A release build always uses the system's.
pub(super) fn choose_keyring() -> Keyring {
    match read_variable("ZREL_TEST_KEYRING").filter(|_| HAS_FAILPOINTS) {
        Some(word) if word == "silent" => Keyring::Silent,
        Some(folder) => Keyring::Folder(PathBuf::from(folder)),
        None => Keyring::System,
    }
}

/// The programs of browsers.
const BROWSERS: [&str; 10] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "brave-browser",
    "chrome.exe",
    "msedge.exe",
    "firefox",
    "firefox-esr",
];

/// Where browsers are that no `PATH` names.
const BROWSER_PLACES: [&str; 5] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
];

/// Returns the program of a browser that is installed.
pub(super) fn find_browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A relative one would be a folder of the project, which may come from anybody.
    let folders: Vec<PathBuf> =
        std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    let named = BROWSERS.iter().flat_map(|name| folders.iter().map(move |it| it.join(name)));
    let placed = BROWSER_PLACES.iter().map(PathBuf::from);
    named.chain(placed).find(|program| program.is_file())
}

/// Returns the user's home folder.
pub(super) fn find_home() -> Option<PathBuf> {
    let home = read_variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
    Some(PathBuf::from(home)).filter(|home| home.is_absolute())
}

/// Returns the levels of `ZREL_LOG`.
pub(super) fn read_log_levels() -> Option<String> {
    read_variable("ZREL_LOG")
}

/// Returns who reads plans: the log of a run in CI is often public.
pub(super) fn choose_readers() -> Readers {
    if is_ci() { Readers::Everybody } else { Readers::Owner }
}

/// Returns the clock: `ZREL_NOW` sets it, for tests and for screens in the documentation. A release
/// build always uses the real one.
pub(super) fn make_clock() -> Clock {
    let set = read_variable("ZREL_NOW").filter(|_| HAS_FAILPOINTS);
    match set.and_then(|text| text.parse().ok()) {
        Some(time) => Clock::set(time),
        None => Clock::Real,
    }
}

/// Returns the journal write at which to pause, and the marker file to write then, for tests that
/// kill the run there: `7:/path`. A release build never pauses.
pub(super) fn read_hold() -> Option<(usize, PathBuf)> {
    let text = read_variable("ZREL_TEST_HOLD").filter(|_| HAS_FAILPOINTS)?;
    let (at, path) = text.split_once(':')?;
    Some((at.parse().ok()?, PathBuf::from(path)))
}

/// Returns the fault to seed in an apply, which a test must find. A release build has none.
pub(super) fn read_seeded_fault() -> Option<SeededFault> {
    let name = read_variable("ZREL_TEST_PLANT").filter(|_| HAS_FAILPOINTS)?;
    SeededFault::of_name(&name)
}

/// Chooses whether to use colour: the flag, then `NO_COLOR`, then `CLICOLOR_FORCE`, then the
/// terminal.
pub(super) fn choose_color(flag: Color) -> ColorChoice {
    let is_dumb = read_variable("TERM").is_some_and(|term| term == "dumb");
    match flag {
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
        Color::Auto if read_variable("NO_COLOR").is_some() => ColorChoice::Never,
        // By convention the value 0 does not force colour.
        Color::Auto if read_variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => {
            ColorChoice::Always
        }
        // A dumb terminal prints escape sequences as text.
        Color::Auto if is_dumb => ColorChoice::Never,
        Color::Auto => ColorChoice::Auto,
    }
}

/// Returns whether the run is in CI, where nobody can answer, and everybody may read the log.
pub(super) fn is_ci() -> bool {
    let is_runner = read_variable("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    // Other systems set `CI`; with `false` or `0` a person says that it is not one.
    is_runner || read_variable("CI").is_some_and(|value| value != "false" && value != "0")
}

/// What CI's variables say about its forge.
#[derive(Debug, Default)]
pub(super) struct CiVariables {
    /// The address of the API.
    pub(super) api: Option<String>,
    /// The repository.
    pub(super) repository: Option<String>,
    /// The address of the forge itself.
    pub(super) server: Option<String>,
    /// The number of the pull request, if a variable has it.
    pub(super) number: Option<String>,
    /// `GITHUB_EVENT_PATH`.
    pub(super) event: Option<String>,
}

/// Returns the forge in whose CI this runs.
pub(super) fn find_forge() -> Option<&'static dyn Forge> {
    let is_true = |name: &&str| read_variable(name).is_some_and(|value| value == "true");
    let is_here = |forge: &&&dyn Forge| forge.ci().flags.iter().any(&is_true);
    // Forgejo and Gitea set GitHub's variable as well, so GitHub, the first row, is tried last.
    FORGES.iter().rev().find(is_here).copied()
}

/// Reads the variables of a forge's CI.
pub(super) fn read_ci(names: &CiNames) -> CiVariables {
    CiVariables {
        api: read_variable(names.api),
        repository: names.repository.iter().find_map(|name| read_variable(name)),
        server: read_variable(names.server),
        number: match names.number {
            NumberSource::Variable(name) => read_variable(name),
            NumberSource::Event => None,
        },
        event: read_variable("GITHUB_EVENT_PATH"),
    }
}

/// Where the runner of a workflow reads a step's results. Forgejo's runner claims to be GitHub's.
#[derive(Debug)]
pub(super) struct Runner {
    /// `GITHUB_OUTPUT`.
    pub(super) output: Option<PathBuf>,
    /// `GITHUB_STEP_SUMMARY`.
    pub(super) summary: Option<PathBuf>,
    /// `GITHUB_WORKSPACE`: the repository's folder.
    pub(super) root: Option<String>,
}

/// Reads where the runner of a workflow reads results; none outside of a workflow.
pub(super) fn read_runner() -> Option<Runner> {
    read_variable("GITHUB_ACTIONS").filter(|value| value == "true")?;
    Some(Runner {
        output: read_variable("GITHUB_OUTPUT").map(PathBuf::from),
        summary: read_variable("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        root: read_variable("GITHUB_WORKSPACE"),
    })
}

/// Returns the token for a forge.
pub(super) fn read_forge_token(forge: &dyn Forge) -> Option<SecretString> {
    forge.tokens().variables.iter().find_map(|name| read_variable(name)).map(SecretString::from)
}

/// Returns whether a command line that could not be parsed asks for a document.
pub(super) fn asks_for_json() -> bool {
    // clap returns no arguments with an error, so the words themselves are searched.
    has_option("--format", "json")
}

/// Returns when help and errors of usage are coloured: clap prints them before it returns
/// `--color`.
pub(super) fn choose_help_color() -> clap::ColorChoice {
    if has_option("--color", "never") {
        clap::ColorChoice::Never
    } else if has_option("--color", "always") {
        clap::ColorChoice::Always
    } else {
        clap::ColorChoice::Auto
    }
}

/// Returns whether the command line has an option with this value, in one word or in two.
fn has_option(name: &str, value: &str) -> bool {
    let words: Vec<_> = std::env::args_os().collect();
    let is_pair = |pair: &[std::ffi::OsString]| pair[0] == name && pair[1] == value;
    words.windows(2).any(is_pair) || words.iter().any(|word| *word == *format!("{name}={value}"))
}

/// What the names of variables begin with that configure a channel.
const CHANNEL: &str = "ZREL_NOTIFY_";

/// Returns the variable of a channel's key.
pub(super) fn make_channel_variable(channel: &str, key: &str) -> String {
    format!("{CHANNEL}{}_{}", channel.replace('-', "_"), key).to_ascii_uppercase()
}

/// Returns a channel's key, if the environment has it.
pub(super) fn read_channel_variable(channel: &str, key: &str) -> Option<SecretString> {
    read_variable(&make_channel_variable(channel, key)).map(SecretString::from)
}

/// Returns the channels of which the environment has the kind.
pub(super) fn list_channels() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let channel = |name: String| {
        let name = name.strip_prefix(CHANNEL)?.strip_suffix("_KIND")?;
        Some(name.to_ascii_lowercase().replace('_', "-"))
    };
    names.filter_map(channel).collect()
}

/// Returns what variables say of the event that a run of CI is for: the name of the event, and
/// whether it is a merge request of GitLab.
pub(super) fn read_ci_event() -> (Option<String>, bool) {
    let is_merge_request = read_variable("CI_MERGE_REQUEST_IID").is_some()
        || read_variable("CI_PIPELINE_SOURCE").is_some_and(|it| it == "merge_request_event");
    (read_variable("GITHUB_EVENT_NAME"), is_merge_request)
}

/// Returns where the document of a run's event is.
pub(super) fn find_ci_event() -> Option<PathBuf> {
    read_variable("GITHUB_EVENT_PATH").map(PathBuf::from)
}

/// Variables in which forges hand out tokens that zrel does not use.
const OTHER_FORGE_TOKENS: [&str; 2] = ["GH_TOKEN", "CI_JOB_TOKEN"];

/// Returns the names of variables that hold secrets, to be kept from child processes.
pub(super) fn list_secret_names() -> Vec<String> {
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| is_secret_name(name))
        .collect()
}

fn is_secret_name(name: &str) -> bool {
    let is_of_forge = |forge: &&dyn Forge| forge.tokens().variables.contains(&name);
    FORGES.iter().any(is_of_forge)
        || OTHER_FORGE_TOKENS.contains(&name)
        || ["ZREL_TOKEN_", "ZREL_COOKIES_", "ZREL_EMAIL_", "ZREL_PASSWORD_"].iter().any(|start| name.starts_with(start))
        || name.starts_with(CHANNEL)
        // Other programs read Zenodo tokens from variables of their own names.
        || (name.starts_with("ZENODO_") && name.contains("TOKEN"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_secret_and_other_variables_are_not() {
        let of_forges = FORGES.iter().flat_map(|forge| forge.tokens().variables.iter().copied());
        for name in of_forges.chain([
            "GH_TOKEN",
            "CI_JOB_TOKEN",
            "ZENODO_TOKEN",
            "ZREL_TOKEN_a_org",
            "ZREL_COOKIES_a_org",
            "ZREL_PASSWORD_a_org",
            "ZREL_NOTIFY_LAB_URL",
            "ZREL_NOTIFY_LAB_PASSWORD",
        ]) {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["PATH", "ZREL_LOG", "ZENODO_URL", "GITHUB_ACTIONS"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_host_becomes_a_variable_name() {
        assert_eq!(encode_host("repository.example.org"), "repository_example_org");
        assert_eq!(encode_host("127.0.0.1:5000"), "127_0_0_1_5000");
        assert_eq!(encode_host("my-host.org"), "my__host_org");
        assert_eq!(make_token_variable("a.org").as_deref(), Some("ZREL_TOKEN_a_org"));
        assert_eq!(make_token_variable("my_host.org"), None, "it would be that of my.host.org");
    }
}
