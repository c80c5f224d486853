//! What CI reports: the forge, the repository, the pull request.
//!
//! The forge writes the event's document; nothing in a pull request's own content decides where a
//! comment goes.

use std::path::Path;

use serde_json::Value as Json;

use super::environment::{self, CiVariables};
use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::disk;
use crate::forge::{Forge, Head, NumberSource};

/// An event's document is not larger than this. Bytes.
const MAX_EVENT: u64 = 32 * 1024 * 1024;

/// Where a comment goes.
#[derive(Debug)]
pub(super) struct Place {
    /// The kind of forge.
    pub(super) forge: &'static dyn Forge,
    /// The address of its API.
    pub(super) api: String,
    /// The repository.
    pub(super) repository: String,
    /// The pull request.
    pub(super) thread: Thread,
}

/// Which pull request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Thread {
    /// The one of this number.
    Number(u64),
    /// The open one with this head.
    Of(Head),
}

/// Finds out where a comment goes.
///
/// # Errors
/// A [`Failure`] that names the variable or the flag that is missing.
pub(super) fn find_place(
    forge: Option<&'static dyn Forge>,
    number: Option<u64>,
) -> Result<Place, Failure> {
    let forge = forge.or_else(environment::find_forge).ok_or_else(|| {
        Failure::new(ExitCode::Usage, "can't detect the forge: no forge's CI variables are set")
            .hint("name it with --forge github, forgejo or gitlab")
    })?;
    let names = forge.ci();
    let ci = environment::read_ci(&names);
    let missing = |name: &str| {
        Failure::new(ExitCode::Usage, format!("{name} is not in the environment"))
            .hint(format!("{}'s CI sets it; outside of CI, set it yourself", forge.name()))
    };
    let api = ci.api.clone().ok_or_else(|| missing(names.api))?;
    // The last variable is set in every job, the others in some jobs only.
    let usual = names.repository.last().copied().unwrap_or_default();
    let repository = ci.repository.clone().ok_or_else(|| missing(usual))?;
    // A changed API variable would send the token to another host.
    if let Some(server) = &ci.server {
        check_same_host(&api, server)?;
    }
    let thread = match (number, names.number) {
        (Some(number), _) => Thread::Number(number),
        (None, NumberSource::Variable(name)) => read_number(&ci, name)?,
        (None, NumberSource::Event) => read_event(&ci, forge, &repository)?,
    };
    Ok(Place { forge, api, repository, thread })
}

/// Checks that the API is at the forge's own host, or at its host `api.`: a token is sent nowhere
/// else.
fn check_same_host(api: &str, server: &str) -> Result<(), Failure> {
    let host = |text: &str| {
        let url = url::Url::parse(text).ok()?;
        Some((url.host_str()?.to_owned(), url.port_or_known_default()))
    };
    let is_same = match (host(api), host(server)) {
        (Some((api, api_port)), Some((server, port))) => {
            api_port == port && (api == server || api == format!("api.{server}"))
        }
        // An address without a host can't be compared, and gets no token.
        _ => false,
    };
    if is_same {
        return Ok(());
    }
    let message = format!("the API at `{api}` is not that of the forge at `{server}`");
    Err(Failure::new(ExitCode::Usage, message)
        .hint("the token is sent to neither; see what changes the variables of this job"))
}

fn read_number(ci: &CiVariables, name: &str) -> Result<Thread, Failure> {
    let number = ci.number.as_deref().and_then(|text| text.parse().ok());
    number.map(Thread::Number).ok_or_else(|| {
        make_no_number_failure(&format!(
            "{name} is not in the environment: this is not the pipeline of a merge request"
        ))
    })
}

fn read_event(ci: &CiVariables, forge: &dyn Forge, repository: &str) -> Result<Thread, Failure> {
    let path = ci.event.as_deref();
    let path =
        path.ok_or_else(|| make_no_number_failure("GITHUB_EVENT_PATH is not in the environment"))?;
    let failed = |cause: String| {
        let mut failure =
            make_no_number_failure("can't read the event that GITHUB_EVENT_PATH names");
        failure.causes.push(cause);
        failure
    };
    let text =
        disk::read_text(Path::new(path), MAX_EVENT).map_err(|error| failed(error.to_string()))?;
    let event: Json =
        serde_json::from_str(&text).map_err(|error| failed(format!("it is not JSON: {error}")))?;
    let thread = read_thread(&event);
    // A head helps only at a forge that can find a pull request by it.
    let is_known = |thread: &Thread| match thread {
        Thread::Number(_) => true,
        Thread::Of(head) => forge.pulls_path(repository, head).is_some(),
    };
    thread.filter(is_known).ok_or_else(|| {
        make_no_number_failure("the event of this run does not belong to a pull request")
    })
}

/// Reads the pull request of an event.
fn read_thread(event: &Json) -> Option<Thread> {
    // A comment on an issue makes the same event as one on a pull request, without this key.
    let is_comment = !event["issue"]["pull_request"].is_null();
    let number = event["pull_request"]["number"].as_u64();
    let number = number.or_else(|| event["issue"]["number"].as_u64().filter(|_| is_comment));
    if let Some(number) = number {
        return Some(Thread::Number(number));
    }
    // `workflow_run.pull_requests` is empty for a fork, so the head has to identify the pull
    // request.
    let run = &event["workflow_run"];
    let text = |json: &Json| json.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Thread::Of(Head {
        owner: text(&run["head_repository"]["owner"]["login"])?,
        branch: text(&run["head_branch"])?,
        commit: text(&run["head_sha"])?,
    }))
}

/// Returns whether this is a run of CI for a pull request, whose content may come from a stranger.
pub(super) fn is_pull_request() -> bool {
    let (name, is_merge_request) = environment::read_ci_event();
    if is_merge_request || name.as_deref().is_some_and(|name| name.starts_with("pull_request")) {
        return true;
    }
    let event = environment::find_ci_event();
    let event = event.and_then(|path| disk::read_text(&path, MAX_EVENT).ok());
    let event: Option<Json> = event.and_then(|text| serde_json::from_str(&text).ok());
    event.is_some_and(|event| belongs_to_pull_request(&event))
}

/// Returns whether an event is of a pull request, of a comment on one, or of a workflow after one.
fn belongs_to_pull_request(event: &Json) -> bool {
    let run = event["workflow_run"]["event"].as_str();
    !event["pull_request"].is_null()
        || !event["issue"]["pull_request"].is_null()
        || run.is_some_and(|name| name.starts_with("pull_request"))
}

fn make_no_number_failure(message: &str) -> Failure {
    Failure::new(ExitCode::Usage, message).hint("name the pull request with --number N")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_event_says_which_pull_request() {
        let of = |event| read_thread(&event);
        assert_eq!(of(json!({"pull_request": {"number": 7}})), Some(Thread::Number(7)));
        let comment = json!({"issue": {"number": 8, "pull_request": {"url": "x"}}});
        assert_eq!(of(comment), Some(Thread::Number(8)));
        assert_eq!(of(json!({"issue": {"number": 8}})), None, "an issue is not a pull request");
        let run = json!({"workflow_run": {
            "head_sha": "abc", "head_branch": "fix", "pull_requests": [],
            "head_repository": {"owner": {"login": "ada"}},
        }});
        let head = Head { owner: "ada".into(), branch: "fix".into(), commit: "abc".into() };
        assert_eq!(of(run), Some(Thread::Of(head)));
        assert_eq!(of(json!({"ref": "refs/heads/main"})), None);
    }

    #[test]
    fn an_event_of_a_pull_request_is_known_as_one() {
        for event in [
            json!({"pull_request": {"number": 7}}),
            json!({"issue": {"number": 8, "pull_request": {"url": "x"}}}),
            json!({"workflow_run": {"event": "pull_request"}}),
        ] {
            assert!(belongs_to_pull_request(&event), "{event}");
        }
        for event in [
            json!({"ref": "refs/heads/main"}),
            json!({"issue": {"number": 8}}),
            json!({"workflow_run": {"event": "push", "pull_requests": []}}),
        ] {
            assert!(!belongs_to_pull_request(&event), "{event}");
        }
    }

    #[test]
    fn a_token_goes_to_the_forge_itself() {
        for (api, server) in [
            ("https://api.github.com", "https://github.com"),
            ("https://git.example/api/v3", "https://git.example"),
            ("https://api.lab.ghe.com", "https://lab.ghe.com"),
            ("http://127.0.0.1:5000/api/v1", "http://127.0.0.1:5000"),
        ] {
            assert!(check_same_host(api, server).is_ok(), "{api}");
        }
        for (api, server) in [
            ("https://evil.example", "https://github.com"),
            ("https://api.github.com.evil.example", "https://github.com"),
            ("https://github.com:444/api", "https://github.com"),
            ("", "https://github.com"),
        ] {
            assert!(check_same_host(api, server).is_err(), "{api}");
        }
    }
}
