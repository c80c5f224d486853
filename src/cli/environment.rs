//! The environment: the only place that reads it.
//!
//! Tokens are taken for one host each, and never listed, printed or handed on.

use std::path::PathBuf;

use anstream::ColorChoice;
use secrecy::SecretString;

use crate::apply::{HAS_FAILPOINTS, SeededFault};
use crate::clock::Clock;
use crate::forge::{CiNames, FORGES, Forge, NumberSource};

use crate::plan::Readers;

use super::args::Color;

/// Reads one variable; an empty one counts as none.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the token that the environment holds for a host, and the variable's name. A host with
/// `_` in its name has none: its variable would be another host's.
pub(super) fn token(host: &str) -> Option<(SecretString, String)> {
    if host.contains('_') {
        return None;
    }
    let own = variable(host);
    let known = match host {
        "zenodo.org" => Some("ZENODO_TOKEN"),
        "sandbox.zenodo.org" => Some("ZENODO_SANDBOX_TOKEN"),
        _ => None,
    };
    let names = own.into_iter().chain(known.map(str::to_owned));
    names.into_iter().find_map(|name| {
        let value = read(&name)?;
        Some((SecretString::from(value), name))
    })
}

/// Returns the variable that holds the token for a host. A host with an underscore has none: its
/// variable could be that of another host, with a dot there.
pub(super) fn variable(host: &str) -> Option<String> {
    (!host.contains('_')).then(|| format!("ZREL_TOKEN_{}", variable_suffix(host)))
}

/// Returns a host as part of a variable's name: dots and colons `_`, hyphens `__`.
fn variable_suffix(host: &str) -> String {
    host.chars()
        .map(|c| match c {
            '.' | ':' => "_".to_owned(),
            '-' => "__".to_owned(),
            '[' | ']' => String::new(),
            c => c.to_string(),
        })
        .collect()
}

/// Returns the folder of the user's own configuration.
pub(super) fn config_folder() -> Option<PathBuf> {
    let base = if cfg!(windows) {
        PathBuf::from(read("APPDATA")?)
    } else if let Some(folder) = read("XDG_CONFIG_HOME") {
        PathBuf::from(folder)
    } else {
        PathBuf::from(read("HOME")?).join(".config")
    };
    base.is_absolute().then(|| base.join("zrel"))
}

/// Returns for whom plans are: what a run in CI prints is often for everybody to see.
pub(super) fn readers() -> Readers {
    if is_ci() { Readers::Everybody } else { Readers::Owner }
}

/// Returns the clock: `ZREL_NOW` sets it, for tests and for screens in the documentation. A
/// release knows the real one alone.
pub(super) fn clock() -> Clock {
    let set = read("ZREL_NOW").filter(|_| HAS_FAILPOINTS);
    match set.and_then(|text| text.parse().ok()) {
        Some(time) => Clock::set(time),
        None => Clock::Real,
    }
}

/// Returns where a journal's writing is to be held, and the file that tells so, for tests that kill
/// there: `7:/path`. A release never holds.
pub(super) fn hold() -> Option<(usize, PathBuf)> {
    let text = read("ZREL_TEST_HOLD").filter(|_| HAS_FAILPOINTS)?;
    let (at, path) = text.split_once(':')?;
    Some((at.parse().ok()?, PathBuf::from(path)))
}

/// Returns the fault that is to be put into an apply on purpose. A release has none.
pub(super) fn seeded_fault() -> Option<SeededFault> {
    let name = read("ZREL_TEST_PLANT").filter(|_| HAS_FAILPOINTS)?;
    SeededFault::of_name(&name)
}

/// Decides on colour: the flag, then `NO_COLOR`, then `CLICOLOR_FORCE`, then the terminal.
pub(super) fn color(flag: Color) -> ColorChoice {
    let is_dumb = read("TERM").is_some_and(|term| term == "dumb");
    match flag {
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
        Color::Auto if read("NO_COLOR").is_some() => ColorChoice::Never,
        Color::Auto if read("CLICOLOR_FORCE").is_some_and(|value| value != "0") => {
            ColorChoice::Always
        }
        Color::Auto if is_dumb => ColorChoice::Never,
        Color::Auto => ColorChoice::Auto,
    }
}

/// Tells whether the run is in CI, where nobody can answer, and everybody may read the log.
pub(super) fn is_ci() -> bool {
    let is_runner = read("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    is_runner || read("CI").is_some_and(|value| value != "false" && value != "0")
}

/// What CI's variables say of the forge that it runs at.
#[derive(Debug, Default)]
pub(super) struct CiVariables {
    /// The address of the API.
    pub(super) api: Option<String>,
    /// The repository.
    pub(super) repository: Option<String>,
    /// The address of the forge itself.
    pub(super) server: Option<String>,
    /// The number of the pull request, where a variable says it.
    pub(super) number: Option<String>,
    /// `GITHUB_EVENT_PATH`.
    pub(super) event: Option<String>,
}

/// Returns the forge in whose CI this runs.
pub(super) fn find_forge() -> Option<&'static dyn Forge> {
    let is_true = |name: &&str| read(name).is_some_and(|value| value == "true");
    let is_here = |forge: &&&dyn Forge| forge.ci().flags.iter().any(&is_true);
    // Forgejo and Gitea say too that they are GitHub, which is the first row.
    FORGES.iter().rev().find(is_here).copied()
}

/// Reads the variables of a forge's CI.
pub(super) fn read_ci(names: &CiNames) -> CiVariables {
    CiVariables {
        api: read(names.api),
        repository: names.repository.iter().find_map(|name| read(name)),
        server: read(names.server),
        number: match names.number {
            NumberSource::Variable(name) => read(name),
            NumberSource::Event => None,
        },
        event: read("GITHUB_EVENT_PATH"),
    }
}

/// Where the runner of a workflow wants what a step leaves. Forgejo's says too that it is GitHub's.
#[derive(Debug)]
pub(super) struct Runner {
    /// `GITHUB_OUTPUT`.
    pub(super) output: Option<PathBuf>,
    /// `GITHUB_STEP_SUMMARY`.
    pub(super) summary: Option<PathBuf>,
    /// `GITHUB_WORKSPACE`: the repository's folder.
    pub(super) root: Option<String>,
}

/// Reads what the runner of a workflow wants; none where there is none.
pub(super) fn runner() -> Option<Runner> {
    read("GITHUB_ACTIONS").filter(|value| value == "true")?;
    Some(Runner {
        output: read("GITHUB_OUTPUT").map(PathBuf::from),
        summary: read("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        root: read("GITHUB_WORKSPACE"),
    })
}

/// Returns the token for a forge.
pub(super) fn forge_token(forge: &dyn Forge) -> Option<SecretString> {
    forge.tokens().variables.iter().find_map(|name| read(name)).map(SecretString::from)
}

/// Tells whether a command line that could not be understood asks for a document all the same.
pub(super) fn asks_for_json() -> bool {
    let words: Vec<_> = std::env::args_os().collect();
    let is_pair = |pair: &[std::ffi::OsString]| pair[0] == "--format" && pair[1] == "json";
    words.windows(2).any(is_pair) || words.iter().any(|word| word == "--format=json")
}

/// The variables in which forges hand out tokens.
const FORGE_TOKENS: [&str; 6] =
    ["GITHUB_TOKEN", "GH_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN"];

/// Returns the names of variables that hold secrets, to be kept from child processes.
pub(super) fn secret_names() -> Vec<String> {
    let is_secret = |name: &str| {
        FORGE_TOKENS.contains(&name)
            || name.starts_with("ZREL_TOKEN_")
            || (name.starts_with("ZENODO_") && name.contains("TOKEN"))
    };
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| is_secret(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_becomes_a_variable_name() {
        assert_eq!(variable_suffix("repository.example.org"), "repository_example_org");
        assert_eq!(variable_suffix("127.0.0.1:5000"), "127_0_0_1_5000");
        assert_eq!(variable_suffix("my-host.org"), "my__host_org");
        assert_eq!(variable("a.org").as_deref(), Some("ZREL_TOKEN_a_org"));
        assert_eq!(variable("my_host.org"), None, "it would be that of my.host.org");
    }
}
