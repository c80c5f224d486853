//! The web addresses that the server keeps in a field for an address.
//!
//! Follows the validator of its library (marshmallow, read 2026-11-28), without its expressions.

/// Returns whether a text is an address with a host of more than one part, and without blanks.
pub(crate) fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    if !matches!(&*scheme.to_ascii_lowercase(), "http" | "https" | "ftp" | "ftps") {
        return false;
    }
    // A `#` does not end the host: an address without a path cannot have a fragment.
    let (place, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let is_path = path.is_empty()
        || path == "/"
        || path.chars().count() > 1 && !path.contains(char::is_whitespace);
    is_path && is_place(place)
}

/// Returns whether a text is a user, a host and a port; user and port are optional.
fn is_place(place: &str) -> bool {
    let (user, host) = place.rsplit_once('@').unwrap_or(("", place));
    let (host, port) = match host.rsplit_once(':') {
        // A colon before a `]` is part of an IPv6 address.
        Some((host, port)) if !host.is_empty() && !port.contains(']') => (host, port),
        _ => (host, "0"),
    };
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_user(user) && is_port && is_host(&host.to_ascii_lowercase())
}

fn is_user(user: &str) -> bool {
    let mut parts = user.split('%');
    let is_plain = |text: &str| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:".contains(c))
    };
    parts.next().is_some_and(is_plain)
        && parts.all(|part| {
            let is_escape = part.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
            is_escape && is_plain(&part[2..])
        })
}

fn is_host(host: &str) -> bool {
    if let Some(inside) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        // The library does not check that the digits make an IPv6 address.
        let is_number = inside.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
        return is_number && inside.split_once(':').is_some_and(|(_, rest)| !rest.is_empty());
    }
    // This is the only host of one part that the library accepts.
    if host == "localhost" {
        return true;
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let Some((labels, last)) = name.rsplit_once('.') else { return false };
    let is_number = host.split('.').count() == 4
        && host.split('.').all(|part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    let is_last = last.len() >= 2 && last.bytes().all(is_label_byte);
    is_number || is_last && labels.split('.').all(is_label)
}

fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(is_label_byte)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::is_web_address;

    #[test]
    fn hosts_have_parts_and_paths_have_no_blanks() {
        for good in [
            "https://example.org",
            "ftp://example.org/a?b#c",
            "https://a:b%20c@example.org:80/x",
            "http://127.0.0.1",
            "http://[::1]:5000/",
            "http://localhost?x",
        ] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in [
            "example.org",
            "https://host",
            "https://example.org/a b",
            "https://example.org#c",
            "https://-a.example.org",
            "https://example.org:x/",
            "git://example.org/",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
