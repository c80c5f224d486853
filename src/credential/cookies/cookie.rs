//! A cookie, what every format demands of it, and what can be wrong with a file of cookies.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// A cookie as a browser keeps it.
#[derive(Debug, Clone)]
pub struct Cookie {
    /// The host, or the domain, without a dot before it.
    pub domain: String,
    /// Whether it is also for hosts below the domain.
    pub is_for_subdomains: bool,
    /// The path below which it is sent.
    pub path: String,
    /// When it expires; none for one that ends with the browser.
    pub expires: Option<Timestamp>,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretString,
}

/// What is wrong with a file of cookies. No value of a cookie is in it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CookieFault {
    /// A line is not one of a Netscape file.
    #[error("line {line}: {fault}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        fault: String,
    },
    /// The document is of no known format.
    #[error("{0}")]
    Document(String),
    /// No cookie is for the host.
    #[error("it has no cookie for {host}, only for {}", .others.join(", "))]
    Foreign {
        /// The host.
        host: String,
        /// For which domains it has some.
        others: Vec<String>,
    },
    /// It has no cookie at all.
    #[error("it has no cookies")]
    Empty,
    /// What it has for the host lets nobody in.
    #[error("it has no log-in cookie for {host}, only `csrftoken`")]
    NoSession {
        /// The host.
        host: String,
    },
    /// All cookies for the host are over.
    #[error("its cookies for {host} expired, the last one on {at}")]
    Expired {
        /// The host.
        host: String,
        /// When.
        at: Timestamp,
    },
}

/// Returns whether a cookie can be sent: a line feed would begin another header, and a blank or a
/// semicolon another cookie.
pub(super) fn is_sendable(cookie: &Cookie) -> bool {
    let is_part = |c: char| c.is_ascii_graphic() && c != ';';
    let name = &cookie.name;
    !name.is_empty()
        && name.chars().all(|c| is_part(c) && c != '=')
        && cookie.value.expose_secret().chars().all(is_part)
}

/// Reads seconds since 1970, also with a fraction, and the milliseconds that some tools write; none
/// for a cookie that ends with the browser.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read_expiry(text: &str) -> Result<Option<Timestamp>, String> {
    let number: f64 = text.trim().parse().map_err(|_| "the time is not a number".to_owned())?;
    Ok(read_expiry_number(number))
}

/// Reads seconds since 1970, or milliseconds; none for a cookie that ends with the browser.
pub fn read_expiry_number(number: f64) -> Option<Timestamp> {
    /// Later than any cookie expires in seconds: 2286.
    const MILLISECONDS: f64 = 9_999_999_999.0;
    if number.is_nan() || number <= 0.0 {
        return None;
    }
    let seconds = if number > MILLISECONDS { number / 1000.0 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds, and far below the limits")]
    Timestamp::from_second(seconds.min(MILLISECONDS) as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_with_a_fraction_or_milliseconds() {
        for text in ["1796083200", "1796083200.75", "1796083200000"] {
            assert_eq!(
                read_expiry(text),
                Ok(Some("2026-12-01T00:00:00Z".parse().unwrap())),
                "{text}"
            );
        }
        for text in ["0", "-1"] {
            assert_eq!(read_expiry(text), Ok(None));
        }
        assert!(read_expiry("soon").is_err());
        assert_eq!(read_expiry("NaN"), Ok(None));
    }
}
