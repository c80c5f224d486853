//! How the server splits an address: with Python's `urlsplit`, which accepts nearly any text.
//!
//! Source: idutils 1.7.0 `validators.py` and Python 3.11, read 2026-11-28.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// Scheme, the host behind `//` up to the path, and the path.
static PARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?s)^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)").ok()
});

static ARK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^ark:/?[0-9bcdfghjkmnpqrstvwxz]+/.+$").ok());

static SWHID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const CORE: &str = "swh:1:(snp|rel|rev|dir|cnt):[0-9a-f]{40}";
    let sign = r#"[^\s;<>"{}|\\^`\x00-\x20]"#;
    let qualifier = format!(
        "origin=[A-Za-z][A-Za-z0-9+.-]*://[^/?#;]{sign}*|visit={CORE}|anchor={CORE}|path=/{sign}*\
         |lines=[0-9]+(-[0-9]+)?"
    );
    Regex::new(&format!("^{CORE}(;({qualifier}))*$")).ok()
});

/// Purl resolvers.
const PURLS: [&str; 5] = ["purl.org", "purl.oclc.org", "purl.net", "purl.com", "purl.fdlp.gov"];

/// The parts of a text that is read as an address.
#[derive(Debug)]
pub(super) struct Address {
    scheme: String,
    host: String,
    path: String,
}

/// Splits a text; returns `None` where the server fails and answers 500.
pub(super) fn parse_address(text: &str) -> Option<Address> {
    // `urlsplit` drops these anywhere in a text before it splits it.
    let text: String = text.chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
    let parts = PARTS.as_ref()?.captures(&text)?;
    let part = |at| parts.get(at).map_or("", |part| part.as_str()).to_owned();
    let address = Address { scheme: part(1).to_lowercase(), host: part(2), path: part(3) };
    is_readable(&address.host).then_some(address)
}

/// Returns whether Python reads a host: brackets in pairs, an IPv6 address in them, and no
/// character that normalizes to a separator.
fn is_readable(host: &str) -> bool {
    if host.contains('[') || host.contains(']') {
        let inside = host.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
        let Some((inside, _)) = inside else { return false };
        let number = inside.split('%').next().unwrap_or_default();
        // `v1.x` in brackets is the form of future IP versions, which Python accepts.
        let is_later = Regex::new("^v[a-fA-F0-9]+[.].+$").is_ok_and(|form| form.is_match(inside));
        if !is_later && url::Host::parse(&format!("[{number}]")).is_err() {
            return false;
        }
    }
    // Python refuses a host such as `a℀b`: in NFKC it holds a slash, and would be another host.
    let bare = host.replace(['@', ':', '#', '?'], "");
    let whole: String = bare.nfkc().collect();
    whole == bare || !whole.contains(['/', '?', '#', '@', ':'])
}

impl Address {
    pub(super) fn is_url(&self) -> bool {
        !self.scheme.is_empty() && !self.host.is_empty()
    }

    pub(super) fn is_urn(&self) -> bool {
        self.scheme == "urn" && self.host.is_empty() && !self.path.is_empty()
    }

    pub(super) fn is_purl(&self) -> bool {
        matches!(self.scheme.as_str(), "http" | "https")
            && PURLS.contains(&self.host.as_str())
            && !self.path.is_empty()
    }

    /// Returns whether a text is an ARK: bare, or as the path of an address over plain HTTP.
    pub(super) fn is_ark(&self, text: &str) -> bool {
        let is_ark = |text: &str| ARK.as_ref().is_some_and(|form| form.is_match(text));
        let last = self.path.rsplit('/').next().unwrap_or_default();
        let has_parameters = last.split_once(';').is_some_and(|(_, rest)| !rest.is_empty());
        let in_path = self.scheme == "http" && !self.host.is_empty() && !has_parameters;
        is_ark(text) || in_path && self.path.get(1..).is_some_and(is_ark)
    }

    /// Returns whether a text is a Software Heritage id whose qualifiers are valid.
    pub(super) fn is_swhid(&self, text: &str) -> bool {
        self.scheme == "swh" && SWHID.as_ref().is_some_and(|form| form.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_fails_on_is_no_address() {
        for text in ["https://[::1", "https://x]/", "https://[x]/", "https://a\u{2100}b/"] {
            assert!(parse_address(text).is_none(), "{text}");
        }
        for text in ["https://[::1]/x", "https://[fe80::1%eth0]/", "https://b\u{fc}cher.example/"] {
            assert!(parse_address(text).is_some_and(|address| address.is_url()), "{text}");
        }
        assert!(!parse_address("mailto:a@b.c").unwrap().is_url());
        assert!(SWHID.is_some() && ARK.is_some() && PARTS.is_some());
    }
}
