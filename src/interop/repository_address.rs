//! Addresses of repositories, as public web pages.

use crate::toml_text::is_hidden;

/// Hosts where a repository's page and its clone have the same address.
const FORGES: [&str; 5] =
    ["github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "git.sr.ht"];

/// Returns a repository's public address, without credentials and without `.git`, or `None` if it
/// is not public. An ssh address has one only on the hosts of `FORGES`.
pub(in crate::interop) fn find_public_address(text: &str) -> Option<String> {
    let text = text.trim().strip_prefix("git+").unwrap_or(text.trim());
    // A hidden character could make the address look like another one.
    if text.chars().any(|c| is_hidden(c) || c.is_whitespace()) {
        return None;
    }
    // The form of scp has no scheme and is not a URL.
    if let Some((host, path)) = text.strip_prefix("git@").and_then(|rest| rest.split_once(':')) {
        return find_forge_page(host, path);
    }
    let url = url::Url::parse(text).ok()?;
    let host = url.host_str()?.to_owned();
    match url.scheme() {
        // A host without a dot is local. The address is put together from its parts, which leaves
        // out user, password, query and fragment.
        "https" | "http" if host.contains('.') => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let path = strip_git(url.path());
            Some(format!("{}://{host}{port}{path}", url.scheme()))
        }
        // Other hosts may serve no page under the path of the clone.
        "ssh" | "git" => find_forge_page(&host, url.path()),
        _ => None,
    }
}

/// Returns whether an address is on one of the hosts of `FORGES`.
pub(in crate::interop) fn is_at_forge(address: &str) -> bool {
    let url = url::Url::parse(address).ok();
    url.is_some_and(|url| url.host_str().is_some_and(|host| FORGES.contains(&host)))
}

fn find_forge_page(host: &str, path: &str) -> Option<String> {
    let path = path.trim_start_matches('/');
    FORGES.contains(&host).then(|| format!("https://{host}/{}", strip_git(path)))
}

fn strip_git(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.strip_suffix(".git").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_s_address_is_public_and_holds_no_credential() {
        for (text, expected) in [
            ("git+https://github.com/polar/ice.git", Some("https://github.com/polar/ice")),
            ("https://me:ghp_token@github.com/polar/ice.git", Some("https://github.com/polar/ice")),
            ("git@github.com:polar/ice.git", Some("https://github.com/polar/ice")),
            ("ssh://git@codeberg.org/polar/ice", Some("https://codeberg.org/polar/ice")),
            ("https://git.example.org/polar/ice/", Some("https://git.example.org/polar/ice")),
            ("git@internal:polar/ice", None),
            ("/srv/git/ice.git", None),
            ("https://localhost/ice", None),
            ("https://github.com/a\u{202e}b", None),
        ] {
            assert_eq!(find_public_address(text).as_deref(), expected, "{text}");
        }
    }
}
