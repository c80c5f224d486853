//! What is logged of calls: method, path, status, time and bytes. Never a header, a query or the
//! token.
//!
//! Events go to whoever listens; nothing is printed here.

use std::time::{Duration, Instant};

use url::Url;

use super::HttpError;
use super::redactor::Redactor;

/// One try of a call.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    method: &'static str,
    url: &'a Url,
    number: usize,
    started: Instant,
}

impl<'a> Attempt<'a> {
    /// Begins the try with this number, from 1.
    pub(super) fn start(method: &'static str, url: &'a Url, number: usize) -> Self {
        Self { method, url, number, started: Instant::now() }
    }

    /// Logs how it ended: status and bytes, or why there is no answer.
    pub(super) fn log_end(&self, redactor: Option<&Redactor>, end: Result<(u16, u64), &HttpError>) {
        // Nothing is searched for the token where nobody listens.
        if !tracing::enabled!(target: "http", tracing::Level::DEBUG) {
            return;
        }
        let method = self.method;
        let path = make_harmless(self.url.path(), redactor);
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let attempt = self.number;
        match end {
            Ok((status, bytes)) => {
                tracing::debug!(target: "http", "{method} {path} status={status} ms={ms} attempt={attempt} bytes={bytes}");
            }
            Err(error) => {
                let why = make_harmless(&error.to_string(), redactor);
                tracing::debug!(target: "http", "{method} {path} failed ms={ms} attempt={attempt}: {why}");
            }
        }
    }
}

/// Logs that a call is made again after `wait`, and why.
pub(super) fn log_retry(
    method: &'static str,
    path: &str,
    redactor: Option<&Redactor>,
    why: Result<u16, &HttpError>,
    wait: Duration,
) {
    if !tracing::enabled!(target: "http", tracing::Level::INFO) {
        return;
    }
    let path = make_harmless(path, redactor);
    let why = match why {
        Ok(status) => format!("the answer was {status}"),
        Err(error) => make_harmless(&error.to_string(), redactor),
    };
    let seconds = wait.as_secs_f64();
    tracing::info!(target: "http", "{method} {path} again in {seconds:.1} s: {why}");
}

/// Logs that a request waits because few are left of the server's limit.
pub(super) fn log_pause(wait: Duration) {
    if !wait.is_zero() {
        let seconds = wait.as_secs_f64();
        tracing::info!(target: "http", "waits {seconds:.1} s: few requests are left of the server's limit");
    }
}

/// Takes a query and the token out of a text: an address in it may have either.
fn make_harmless(text: &str, redactor: Option<&Redactor>) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default().to_owned();
    match redactor {
        Some(redactor) => redactor.redact_text(text),
        None => text,
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn neither_a_query_nor_the_token_is_logged() {
        let redactor = Redactor::new(&["zrT0k+en".to_owned().into()]).unwrap();
        let error = HttpError::OtherOrigin("https://a.org/zrT0k%2Ben/x?access_token=1".to_owned());
        let shown = make_harmless(&error.to_string(), Some(&redactor));
        assert!(shown.ends_with("`https://a.org/[token]/x"), "{shown}");
        assert_eq!(make_harmless("/api/records#zrT0k+en", None), "/api/records");
    }
}
