//! What a client shows to be let in: a token, or the cookies of a session; never both.
//!
//! With cookies a server checks each write for its CSRF token: the cookie `csrftoken`, and a header
//! with the same value, which the server changes now and then (contract/scenarios/cookies.json,
//! 2026-11-23).

use std::sync::{Mutex, PoisonError};

use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, REFERER, SET_COOKIE};
use secrecy::{ExposeSecret, SecretString};

use super::HttpError;
use super::call::Method;

/// The cookie that a write has to repeat in a header.
const CSRF: &str = "csrftoken";

/// What a client shows to be let in.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A personal token.
    Token(SecretString),
    /// The cookies of a session.
    Cookies(Vec<SessionCookie>),
}

/// A cookie of the server's host.
#[derive(Debug, Clone)]
pub struct SessionCookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretString,
}

impl Credential {
    /// Returns the secrets in it, which no message may show.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        match self {
            Credential::Token(token) => vec![token.clone()],
            Credential::Cookies(cookies) => cookies.iter().map(|it| it.value.clone()).collect(),
        }
    }
}

/// A credential as requests carry it.
#[derive(Debug)]
pub(super) enum Access {
    /// The value of `Authorization`.
    Bearer(HeaderValue),
    /// The cookies, as the server has set them last, and its own address.
    Session { cookies: Mutex<Vec<SessionCookie>>, referer: HeaderValue },
}

impl Access {
    /// Makes the headers; `base` is the server's address.
    ///
    /// # Errors
    /// [`HttpError::Token`] and [`HttpError::Cookie`] for what can't be sent.
    pub(super) fn new(credential: Credential, base: &str) -> Result<Self, HttpError> {
        match credential {
            Credential::Token(token) => bearer(&token).map(Access::Bearer),
            Credential::Cookies(cookies) => {
                cookies.iter().try_for_each(check_cookie)?;
                let referer = format!("{}/", base.trim_end_matches('/'));
                let referer = HeaderValue::from_str(&referer).map_err(|_| HttpError::Cookie)?;
                Ok(Access::Session { cookies: Mutex::new(cookies), referer })
            }
        }
    }

    /// Adds what lets a request in.
    pub(super) fn add_to(&self, request: RequestBuilder, method: Method) -> RequestBuilder {
        let (cookies, referer) = match self {
            Access::Bearer(value) => return request.header(AUTHORIZATION, value.clone()),
            Access::Session { cookies, referer } => (cookies, referer),
        };
        let cookies = cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs = cookies.iter().map(|it| format!("{}={}", it.name, it.value.expose_secret()));
        let request = add_secret(request, COOKIE, &pairs.collect::<Vec<_>>().join("; "));
        let csrf = cookies.iter().find(|it| it.name == CSRF);
        match (method, csrf) {
            (Method::Get | Method::Head, _) | (_, None) => request,
            (Method::Post | Method::Put | Method::Patch | Method::Delete, Some(csrf)) => {
                let header = reqwest::header::HeaderName::from_static("x-csrftoken");
                add_secret(request, header, csrf.value.expose_secret())
                    .header(REFERER, referer.clone())
            }
        }
    }

    /// Returns the CSRF token that the next write carries; none without one, and with a token.
    pub(super) fn csrf(&self) -> Option<String> {
        let Access::Session { cookies, .. } = self else { return None };
        let cookies = cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.iter().find(|it| it.name == CSRF).map(|it| it.value.expose_secret().to_owned())
    }

    /// Takes over what an answer sets of the cookies that are known, and the CSRF token.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let Access::Session { cookies, .. } = self else { return };
        let mut cookies = cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for line in headers.get_all(SET_COOKIE) {
            let Some((name, value)) = line.to_str().ok().and_then(read_set_cookie) else {
                continue;
            };
            let new = SessionCookie { name: name.to_owned(), value: value.to_owned().into() };
            if check_cookie(&new).is_err() {
                continue;
            }
            match cookies.iter_mut().find(|it| it.name == name) {
                Some(known) => *known = new,
                // A load balancer's cookie is not the session's.
                None if name == CSRF => cookies.push(new),
                None => {}
            }
        }
    }
}

/// Reads the name and the value that an answer sets; none for a cookie that it removes.
pub(super) fn read_set_cookie(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split(';').next()?.split_once('=')?;
    (!value.trim().is_empty()).then_some((name.trim(), value.trim()))
}

fn add_secret(
    request: RequestBuilder,
    name: reqwest::header::HeaderName,
    value: &str,
) -> RequestBuilder {
    match HeaderValue::from_str(value) {
        Ok(mut value) => {
            // Keeps it out of reqwest's debug output.
            value.set_sensitive(true);
            request.header(name, value)
        }
        // Each cookie was checked.
        Err(_) => request,
    }
}

fn check_cookie(cookie: &SessionCookie) -> Result<(), HttpError> {
    let is_part = |c: char| c.is_ascii_graphic() && c != ';';
    let is_name = !cookie.name.is_empty() && cookie.name.chars().all(|c| is_part(c) && c != '=');
    // A line feed in a header value would begin another header.
    let is_value = cookie.value.expose_secret().chars().all(is_part);
    if is_name && is_value { Ok(()) } else { Err(HttpError::Cookie) }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, HttpError> {
    let token = token.expose_secret();
    // A line feed in a header value would begin another header.
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(HttpError::Token);
    }
    let mut value =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| HttpError::Token)?;
    // Keeps the token out of reqwest's debug output.
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(name: &str, value: &str) -> SessionCookie {
        SessionCookie { name: name.to_owned(), value: value.to_owned().into() }
    }

    fn set(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (SET_COOKIE, HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn the_csrf_token_follows_the_server_and_other_cookies_do_not_come_in() {
        let cookies = Credential::Cookies(vec![cookie("session", "one")]);
        let access = Access::new(cookies, "https://zenodo.org").unwrap();
        assert_eq!(access.csrf(), None);
        access.note(&set(&["csrftoken=a.b; Path=/", "balancer=x; Path=/"]));
        assert_eq!(access.csrf().as_deref(), Some("a.b"));
        access.note(&set(&[
            "csrftoken=; Max-Age=0",
            "csrftoken=bad value",
            "session=two; HttpOnly",
        ]));
        assert_eq!(access.csrf().as_deref(), Some("a.b"));
        let Access::Session { cookies, .. } = &access else { panic!() };
        let names: Vec<_> = cookies.lock().unwrap().iter().map(|it| it.name.clone()).collect();
        assert_eq!(names, ["session", "csrftoken"]);
        assert_eq!(cookies.lock().unwrap()[0].value.expose_secret(), "two");
        assert!(!format!("{access:?}").contains("two"));
    }

    #[test]
    fn a_cookie_that_would_begin_another_one_is_refused() {
        for bad in [cookie("a b", "x"), cookie("", "x"), cookie("a", "x; b=y"), cookie("a", "x\ny")]
        {
            let refused = Access::new(Credential::Cookies(vec![bad]), "https://zenodo.org");
            assert!(matches!(refused, Err(HttpError::Cookie)));
        }
    }
}
