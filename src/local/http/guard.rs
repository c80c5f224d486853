//! Which requests come in: the host they were sent to, their origin, and the cookie check.
//!
//! The server is for one person on one machine, so a page of another site must not be able to
//! talk to it: `Host` has to be a loopback name with the port, unsafe methods must not come from
//! another origin, and no answer allows another origin. The cookie check is the real server's
//! (`tests/contract/cookies.json`, 2026-11-23). Deliberately absent: tokens, see `app`.

use http::{HeaderMap, HeaderValue, Method, header};

use crate::local::state::refusal::Refusal;

/// The default port of http.
const HTTP: u16 = 80;

/// Returns the address that a request was sent to, for links.
///
/// # Errors
/// 421 unless `Host` is a loopback name with the server's port.
pub(crate) fn parse_base(headers: &HeaderMap, port: u16) -> Result<String, Refusal> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    // Clients leave out the default port of http, and so do origins.
    let (name, sent_port) = match host.rsplit_once(':') {
        Some((name, text)) if !text.ends_with(']') => (name, Some(text)),
        Some(_) | None => (host, None),
    };
    let is_port = sent_port.map_or(port == HTTP, |text| text == port.to_string());
    // A foreign name that resolves to 127.0.0.1 would make this server the same origin as the page
    // that uses it.
    if !["127.0.0.1", "localhost", "[::1]"].contains(&name) || !is_port {
        return Err(Refusal::framework(421, "This server answers on loopback addresses only."));
    }
    Ok(if port == HTTP { format!("http://{name}") } else { format!("http://{name}:{port}") })
}

/// Refuses an unsafe request that a page of another origin sent.
///
/// # Errors
/// 403.
pub(crate) fn check_origin(
    method: &Method,
    headers: &HeaderMap,
    base: &str,
) -> Result<(), Refusal> {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    match origin {
        // Reads may pass: the browser keeps their answers from the page. Programs send no origin.
        Some(origin) if !method.is_safe() && origin != base.as_bytes() => {
            Err(Refusal::framework(403, "Requests from other origins are refused."))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns the cookie with this name.
pub(crate) fn find_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).map(str::trim);
    cookies.find_map(|cookie| {
        let (key, value) = cookie.split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// Checks the CSRF token of an unsafe request with cookies. The caller skips it for a known bearer
/// token; an unknown one does not count, since the session would act.
///
/// # Errors
/// 400.
pub(crate) fn check_csrf(
    method: &Method,
    headers: &HeaderMap,
    is_genuine: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    if method.is_safe() || !headers.contains_key(header::COOKIE) {
        return Ok(());
    }
    let Some(cookie) = find_cookie(headers, "csrftoken") else {
        return Err(Refusal::framework(400, "CSRF cookie not set."));
    };
    let sent = headers.get("x-csrftoken").and_then(|sent| sent.to_str().ok());
    // A page of another port on this machine can set a cookie, but not one that is genuine.
    if sent == Some(cookie.as_str()) && is_genuine(&cookie) {
        Ok(())
    } else {
        Err(Refusal::framework(400, "CSRF token missing or incorrect."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn only_loopback_names_with_the_port_are_hosts() {
        for good in ["127.0.0.1:5000", "localhost:5000", "[::1]:5000"] {
            assert!(parse_base(&headers(&[("host", good)]), 5000).is_ok(), "{good}");
        }
        for bad in ["127.0.0.1", "localhost:80", "example.org:5000", "127.0.0.1.example.org:5000"] {
            assert_eq!(
                parse_base(&headers(&[("host", bad)]), 5000).unwrap_err().status,
                421,
                "{bad}"
            );
        }
        assert!(parse_base(&headers(&[]), 5000).is_err());
    }

    #[test]
    fn the_port_of_http_may_be_left_out() {
        for good in ["127.0.0.1", "127.0.0.1:80", "localhost", "[::1]"] {
            let base = parse_base(&headers(&[("host", good)]), 80).unwrap();
            assert_eq!(base, format!("http://{}", good.trim_end_matches(":80")), "{good}");
            let own = headers(&[("origin", "http://127.0.0.1")]);
            assert_eq!(check_origin(&Method::POST, &own, &base).is_ok(), good.starts_with("127"));
        }
        for bad in ["127.0.0.1:5000", "example.org", "127.0.0.1:", "127.0.0.1:8080"] {
            assert_eq!(
                parse_base(&headers(&[("host", bad)]), 80).unwrap_err().status,
                421,
                "{bad}"
            );
        }
    }

    #[test]
    fn another_origin_may_read_and_not_write() {
        let foreign = headers(&[("origin", "https://example.org")]);
        let own = headers(&[("origin", "http://127.0.0.1:5000")]);
        let base = "http://127.0.0.1:5000";
        assert!(check_origin(&Method::GET, &foreign, base).is_ok());
        assert_eq!(check_origin(&Method::POST, &foreign, base).unwrap_err().status, 403);
        assert!(check_origin(&Method::POST, &own, base).is_ok());
    }

    #[test]
    fn cookies_need_their_token() {
        let post = Method::POST;
        let check =
            |pairs: &[(&'static str, &'static str)]| check_csrf(&post, &headers(pairs), |_| true);
        assert!(check(&[]).is_ok());
        assert!(check(&[("cookie", "session=x")]).is_err());
        assert!(check(&[("cookie", "session=x; csrftoken=a")]).is_err());
        assert!(check(&[("cookie", "session=x; csrftoken=a"), ("x-csrftoken", "a")]).is_ok());
        assert!(check(&[("cookie", "session=x"), ("authorization", "Bearer t")]).is_err());
    }
}
