//! Splits addresses as the server's language does: it accepts most texts, and fails on some.
//!
//! Seen with Python 3.11, 2026-11-28: it looks for a scheme and `//` only.

use std::net::Ipv6Addr;

use unicode_normalization::UnicodeNormalization;

/// The parts of an address that decide its scheme of identifiers.
#[derive(Debug)]
pub(super) struct Parts {
    /// In lower case; empty if missing.
    scheme: String,
    /// The text between `//` and the path; empty if missing.
    host: String,
    path: String,
    /// Whether the last part of the path has parameters after a `;`.
    has_parameters: bool,
}

impl Parts {
    /// Splits a text; `None` where the real server fails.
    pub(super) fn of(text: &str) -> Option<Self> {
        // Python drops these characters before it splits, also from the middle of an address.
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

    /// Returns whether there is a scheme and a host; a host may have blanks.
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

    /// Returns the path of a plain HTTP address without its slash, which may be an ARK.
    pub(super) fn http_path(&self) -> Option<&str> {
        // The library does not look for an ARK in `https` addresses.
        let may_hold = self.scheme == "http" && !self.host.is_empty() && !self.has_parameters;
        self.path.strip_prefix('/').filter(|_| may_hold)
    }
}

fn split_scheme(text: &str) -> (String, &str) {
    let Some((scheme, rest)) = text.split_once(':') else { return (String::new(), text) };
    // A colon may belong to the path or to a port as well.
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if is_scheme { (scheme.to_ascii_lowercase(), rest) } else { (String::new(), text) }
}

/// Returns whether Python accepts a host: its brackets pair around an IP address, and none of its
/// characters normalizes to a separator.
fn has_readable_host(host: &str) -> bool {
    if host.contains('[') != host.contains(']') {
        return false;
    }
    if let Some((_, rest)) = host.split_once('[') {
        let inside = rest.split(']').next().unwrap_or_default();
        let bare = inside.split('%').next().unwrap_or_default();
        // An address of a future version, such as `v1.x`, is accepted unchecked.
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
    // A character such as U+2100 normalizes to `a/c`, which would move the end of the host.
    let signs: String = host.chars().filter(|c| !matches!(c, '@' | ':' | '#' | '?')).collect();
    let composed: String = signs.nfkc().collect();
    signs == composed || !composed.contains(['/', '?', '#', '@', ':'])
}
