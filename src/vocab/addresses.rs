//! Web addresses that the server keeps.

use std::sync::LazyLock;

use regex::Regex;

use super::tidy;

/// Name or number of a host that is reachable from everywhere, port, and a path without blanks.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    let name = format!(r"({label}\.)+([a-z]{{2,6}}|[a-z0-9-]{{2,}})\.?");
    let user = "(([a-z0-9._~!$&'()*+,;=:-]|%[0-9a-f]{2})*@)?";
    let host =
        format!(r"({name}|localhost|[0-9]{{1,3}}(\.[0-9]{{1,3}}){{3}}|\[[a-f0-9]*:[a-f0-9:]+\])");
    Regex::new(&format!(r"(?i)^https?://{user}{host}(:[0-9]+)?(/?|[/?]\S+)$")).ok()
});

/// Returns whether the server keeps a text as a web address; it drops others.
///
/// Source: `validate.URL` of marshmallow, which invenio-rdm-records 35.0.0 uses, read 2026-11-28.
pub fn is_web_address(text: &str) -> bool {
    ADDRESS.as_ref().is_some_and(|form| form.is_match(&tidy(text)))
}

#[cfg(test)]
mod tests {
    use super::is_web_address;

    #[test]
    fn an_address_has_a_host_of_parts_and_no_blank() {
        for good in [
            "https://example.org",
            "http://example.org/a?b=c#d",
            "https://EXAMPLE.org:8080/",
            "https://a:b@example.org/x",
            "http://localhost/",
            "http://127.0.0.1/x",
            "http://[::1]/",
            "https://example.org?x",
            "https://example.org/?q=“x”",
        ] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in [
            "",
            "example.org",
            "www.example.org",
            "mailto:a@b.c",
            "https://",
            "https://host/",
            "https://example.org/a b",
            "https://b\u{fc}cher.example/",
            "https://example.org#part",
            "ftp://example.org/",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
