//! Checks of the way to the server, and of what one answer of it says.

use std::time::Duration;

use crate::api::{ApiError, Signs};
use crate::cli::context::Context;
use crate::cli::credential::{Found, find_credential, locate_token_page, name_kind, name_server};
use crate::cli::error_mapping::map_api_error;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::parse_host;
use crate::http::{Budget, find_proxy};
use crate::model::{Server, ServerKind};

use super::check::{Check, Standing};

/// How far this machine's clock may be from the server's.
const SKEW: Duration = Duration::from_mins(2);

/// Checks which proxy stands before the server.
pub(super) fn check_proxy(server: &Server) -> Check {
    let text = match find_proxy(&server.url) {
        Some(proxy) => {
            let url = &server.url;
            format!("calls to {url} go through {proxy}, as the environment says")
        }
        None => "none".to_owned(),
    };
    Check::new("proxy", Standing::Good, text)
}

/// Finds the credential for the server, and checks where it is from; the local server makes its own.
pub(super) fn check_source(context: &Context, server: &Server) -> (Option<Found>, Check) {
    if server.kind == ServerKind::Local {
        let check = Check::new("credential", Standing::Good, "the local server makes its own");
        return (None, check);
    }
    let found = parse_host(server).map_err(Failure::from).and_then(|host| {
        let found = find_credential(context, &host)?;
        Ok((host, found))
    });
    match found {
        Ok((_, Some(found))) => {
            let text = format!("{} from {}", name_kind(found.kind()), found.source);
            (Some(found), Check::new("credential", Standing::Good, text))
        }
        Ok((host, None)) => {
            let name = name_server(&host, &server.url);
            let page = locate_token_page(&server.url);
            let check =
                Check::new("credential", Standing::Blocks, format!("there is none for {host}"))
                    .apply("stops before it sends anything (exit code 77)")
                    .mend(format!("`zrel auth login {name}`, with a token from {page}"));
            (None, check)
        }
        Err(failure) => {
            let failure = failure.join_causes();
            let check = Check::new("credential", Standing::Blocks, failure.message)
                .apply("stops before it sends anything");
            (None, with_hints(check, &failure.hints))
        }
    }
}

/// Checks that an answer came, over a trusted connection.
pub(super) fn check_answer(server: &Server, signs: &Result<Signs, ApiError>) -> Check {
    let kind = "connection";
    match signs {
        Ok(_) if server.url.starts_with("https:") => {
            let text = format!("{} answers, and its certificate is trusted", server.url);
            Check::new(kind, Standing::Good, text)
        }
        Ok(_) => {
            Check::new(kind, Standing::Good, "the server answers; without TLS, on this machine")
        }
        Err(error) => {
            let failure = map_api_error(error).join_causes();
            let code = failure.code.number();
            let check = Check::new(kind, Standing::Blocks, failure.message)
                .apply(format!("stops before it sends anything (exit code {code})"));
            with_hints(check, &failure.hints)
        }
    }
}

/// Checks what the server says of the credential.
pub(super) fn check_credential(source: Check, signs: &Signs) -> Check {
    if source.standing != Standing::Good {
        return source;
    }
    match &signs.user {
        Ok(user) => {
            let user = user.as_ref().map_or_else(String::new, |user| format!(", of user {user}"));
            Check { text: format!("{}; the server takes it{user}", source.text), ..source }
        }
        Err(error) => {
            let failure = map_api_error(error).join_causes();
            let is_refused = failure.code == ExitCode::Credentials;
            let text = format!("{}; {}", source.text, failure.message);
            let check = Check { text, standing: Standing::Blocks, ..source }.apply(format!(
                "stops before it sends anything (exit code {})",
                failure.code.number()
            ));
            if is_refused {
                check.mend(
                    "put a valid token where this one comes from; `zrel auth login` replaces one \
                     that zrel keeps",
                )
            } else {
                check
            }
        }
    }
}

/// Checks this machine's clock against the server's.
pub(super) fn check_clock(context: &Context, signs: &Signs) -> Check {
    let Some(date) = signs.date else {
        return Check::new("clock", Standing::NotChecked, "the server's answer has no time");
    };
    let now = context.time().0.now();
    let skew = now.duration_since(date);
    let apart = skew.unsigned_abs();
    if apart <= SKEW {
        return Check::new("clock", Standing::Good, "as the server's");
    }
    let side = if skew.is_negative() { "behind" } else { "ahead of" };
    let minutes = apart.as_secs() / 60;
    Check::new("clock", Standing::Note, format!("{minutes} minutes {side} the server's"))
        .apply("takes the publication date of a release from this clock")
        .mend("set this machine's clock")
}

/// Checks how many requests the server still accepts.
pub(super) fn check_rate(budget: Option<Budget>) -> Check {
    let Some(Budget { limit, remaining, reset }) = budget else {
        return Check::new("rate", Standing::Good, "the server names no limit of requests");
    };
    let of = limit.map_or_else(String::new, |limit| format!(" of {limit}"));
    let text = format!("{remaining}{of} requests are left until {reset}");
    if remaining > 0 {
        return Check::new("rate", Standing::Good, text);
    }
    Check::new("rate", Standing::Note, text)
        .apply("waits until the server accepts requests again")
        .mend("run fewer clients at once, or give each its part with --rate-share")
}

/// Adds the hints of a failure as what mends it.
pub(super) fn with_hints(check: Check, hints: &[String]) -> Check {
    if hints.is_empty() { check } else { check.mend(hints.join("; ")) }
}
