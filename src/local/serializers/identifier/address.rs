//! Addresses as the server's language takes them apart: much is one, and some texts make it fail.
//!
//! Seen with Python 3.11, 2026-11-28: it looks for a scheme and `//`, and at nothing else.

use std::net::Ipv6Addr;

use unicode_normalization::UnicodeNormalization;

/// What an address consists of, as far as schemes of identifiers look at it.
#[derive(Debug)]
pub(super) struct Parts {
    /// In small letters; empty where there is none.
    scheme: String,
    /// What stands between `//` and the path; empty where there is none.
    host: String,
    path: String,
    /// Whether the last part of the path has a `;` with something behind it.
    has_parameters: bool,
}

impl Parts {
    /// Takes a text apart; none where the real server fails.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text: String = text
            .trim_start_matches(|c: char| c <= ' ')
            .chars()
            .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
            .collect();
        let (scheme, rest) = split_scheme(&text);
        let (host, rest) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
            None => ("", rest),
        };
        if !has_readable_host(host) {
            return None;
        }
        let path = rest.split(['#', '?']).next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let parameters = last.split_once(';').map_or("", |(_, parameters)| parameters);
        Some(Self {
            scheme,
            host: host.to_owned(),
            path: path.to_owned(),
            has_parameters: !parameters.is_empty(),
        })
    }

    /// Anything with a scheme and something behind `//`, blanks among it.
    pub(super) fn is_url(&self) -> bool {
        !self.scheme.is_empty() && !self.host.is_empty()
    }

    pub(super) fn is_urn(&self) -> bool {
        self.scheme == "urn" && self.host.is_empty() && !self.path.is_empty()
    }

    pub(super) fn is_purl(&self) -> bool {
        const HOSTS: [&str; 5] =
            ["purl.org", "purl.oclc.org", "purl.net", "purl.com", "purl.fdlp.gov"];
        matches!(&*self.scheme, "http" | "https")
            && HOSTS.contains(&&*self.host)
            && !self.path.is_empty()
    }

    /// The path of an address over plain HTTP, without its slash: there an ARK may stand.
    pub(super) fn http_path(&self) -> Option<&str> {
        let may_hold = self.scheme == "http" && !self.host.is_empty() && !self.has_parameters;
        self.path.strip_prefix('/').filter(|_| may_hold)
    }
}

fn split_scheme(text: &str) -> (String, &str) {
    let Some((scheme, rest)) = text.split_once(':') else { return (String::new(), text) };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if is_scheme { (scheme.to_ascii_lowercase(), rest) } else { (String::new(), text) }
}

/// Brackets come in pairs around an IP address, and no sign stands for a separator.
fn has_readable_host(host: &str) -> bool {
    if host.contains('[') != host.contains(']') {
        return false;
    }
    if let Some((_, rest)) = host.split_once('[') {
        let inside = rest.split(']').next().unwrap_or_default();
        let bare = inside.split('%').next().unwrap_or_default();
        let is_future = inside.strip_prefix('v').is_some_and(|rest| {
            rest.split_once('.').is_some_and(|(version, rest)| {
                !version.is_empty()
                    && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && !rest.is_empty()
            })
        });
        if !is_future && bare.parse::<Ipv6Addr>().is_err() {
            return false;
        }
    }
    let signs: String = host.chars().filter(|c| !matches!(c, '@' | ':' | '#' | '?')).collect();
    let composed: String = signs.nfkc().collect();
    signs == composed || !composed.contains(['/', '?', '#', '@', ':'])
}
