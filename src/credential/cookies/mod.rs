//! Cookies from files that browsers and their tools write, and which of them are for a host.
//!
//! Pure: texts in, cookies out. Formats: `netscape`, `json` (Playwright, cookie editors).

mod cookie;
mod json;
mod netscape;

use jiff::Timestamp;
use secrecy::SecretString;

use cookie::is_sendable;
pub use cookie::{Cookie, CookieFault, read_expiry_number};
pub use json::{read_kept_cookies, write_kept_cookies};

/// The cookies of one host.
#[derive(Debug, Clone)]
pub struct HostCookies {
    /// Names and values.
    pub cookies: Vec<(String, SecretString)>,
    /// When the first of those that let a user in expires; none where the server alone says.
    pub until: Option<Timestamp>,
}

/// The cookie that the server changes by itself: when it expires says nothing of the session.
const CSRF: &str = "csrftoken";

/// Reads cookies of any known format.
///
/// # Errors
/// A [`CookieFault`] with the place.
pub fn read_cookies(text: &str) -> Result<Vec<Cookie>, CookieFault> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) {
        json::read_json(text)
    } else {
        netscape::read_netscape(text)
    }
}

/// Chooses the cookies that a browser would send to a host (with or without its port).
///
/// # Errors
/// [`CookieFault::Empty`], [`CookieFault::Foreign`], [`CookieFault::NoSession`] and
/// [`CookieFault::Expired`].
pub fn choose_for_host(
    cookies: Vec<Cookie>,
    host: &str,
    now: Timestamp,
) -> Result<HostCookies, CookieFault> {
    // Cookies know no port (RFC 6265, 8.5).
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    if cookies.is_empty() {
        return Err(CookieFault::Empty);
    }
    let (own, others): (Vec<Cookie>, Vec<Cookie>) =
        cookies.into_iter().partition(|cookie| is_for(cookie, name));
    // What can't be sent is not the session: pages of the host may set anything.
    let own: Vec<Cookie> = own.into_iter().filter(is_sendable).collect();
    if own.is_empty() {
        let mut others: Vec<String> = others.into_iter().map(|cookie| cookie.domain).collect();
        others.sort();
        others.dedup();
        return Err(CookieFault::Foreign { host: host.to_owned(), others });
    }
    let (over, valid): (Vec<Cookie>, Vec<Cookie>) =
        own.into_iter().partition(|it| it.expires.is_some_and(|at| at <= now));
    // A CSRF token alone lets nobody in.
    if valid.iter().all(|cookie| cookie.name == CSRF) {
        let last = over.iter().filter(|it| it.name != CSRF).filter_map(|it| it.expires).max();
        return Err(match last {
            Some(at) => CookieFault::Expired { host: host.to_owned(), at },
            None => CookieFault::NoSession { host: host.to_owned() },
        });
    }
    let until = valid.iter().filter(|it| it.name != CSRF).filter_map(|it| it.expires).min();
    let cookies = valid.into_iter().map(|cookie| (cookie.name, cookie.value)).collect();
    Ok(HostCookies { cookies, until })
}

fn is_for(cookie: &Cookie, host: &str) -> bool {
    let below =
        || host.strip_suffix(cookie.domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
    let is_domain = cookie.domain == host || (cookie.is_for_subdomains && below());
    is_domain && (cookie.path == "/" || "/api".starts_with(cookie.path.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn cookie(domain: &str, below: bool, name: &str, expires: Option<&str>) -> Cookie {
        let (path, value) = ("/".to_owned(), "v".to_owned().into());
        let (domain, name) = (domain.to_owned(), name.to_owned());
        let expires = expires.map(at);
        Cookie { domain, is_for_subdomains: below, path, expires, name, value }
    }

    fn choose(cookies: Vec<Cookie>, host: &str) -> Result<HostCookies, CookieFault> {
        choose_for_host(cookies, host, at("2026-11-30T00:00:00Z"))
    }

    #[test]
    fn a_host_gets_its_own_cookies_and_those_of_the_domains_above() {
        let all = || {
            vec![
                cookie("zenodo.org", false, "session", Some("2026-12-05T00:00:00Z")),
                cookie("zenodo.org", true, "csrftoken", Some("2026-12-01T00:00:00Z")),
                cookie("sandbox.zenodo.org", false, "session", None),
                cookie("odo.org", true, "other", None),
                cookie("example.org", true, "session", None),
            ]
        };
        let names = |host: &str| {
            let session = choose(all(), host).unwrap();
            session.cookies.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names("zenodo.org"), ["session", "csrftoken"]);
        assert_eq!(names("zenodo.org:8443"), ["session", "csrftoken"]);
        assert_eq!(names("sandbox.zenodo.org"), ["csrftoken", "session"]);
        assert_eq!(choose(all(), "zenodo.org").unwrap().until, Some(at("2026-12-05T00:00:00Z")));
        assert_eq!(choose(all(), "sandbox.zenodo.org").unwrap().until, None);
    }

    #[test]
    fn a_cookie_that_can_not_be_sent_is_left_out() {
        let odd = |value: &str| {
            let session = cookie("a.org", false, "consent", None);
            Cookie { value: value.to_owned().into(), ..session }
        };
        let all =
            vec![odd("a b"), odd("a; b=c"), odd("a\nb"), cookie("a.org", false, "session", None)];
        assert_eq!(choose(all, "a.org").unwrap().cookies.len(), 1);
        let commas = vec![odd("a,b"), cookie("a.org", false, "session", None)];
        assert_eq!(choose(commas, "a.org").unwrap().cookies.len(), 2);
    }

    #[test]
    fn foreign_and_expired_cookies_are_refused_with_the_reason() {
        let foreign = choose(vec![cookie("b.org", true, "session", None)], "a.org").unwrap_err();
        assert_eq!(foreign.to_string(), "it has no cookie for a.org, only for b.org");
        let old = Some("2026-11-29T00:00:00Z");
        let over =
            vec![cookie("a.org", false, "session", old), cookie("a.org", false, "csrftoken", None)];
        let expired = choose(over, "a.org").unwrap_err();
        assert!(matches!(expired, CookieFault::Expired { .. }), "{expired}");
        let alone = choose(vec![cookie("a.org", false, "csrftoken", None)], "a.org").unwrap_err();
        assert!(matches!(alone, CookieFault::NoSession { .. }));
        assert_eq!(choose(Vec::new(), "a.org").unwrap_err(), CookieFault::Empty);
    }
}
