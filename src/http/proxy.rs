//! Which proxy stands before a server, as the client itself finds it: in `HTTPS_PROXY`,
//! `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.

use hyper_util::client::proxy::matcher::Matcher;

use super::Origin;

/// Returns the proxy that calls to an address go through, without the password that it may have;
/// none for a direct connection, as always on this machine's loopback.
pub fn find_proxy(base: &str) -> Option<String> {
    let origin = Origin::parse(base).ok()?;
    if origin.is_loopback() {
        return None;
    }
    find_in(&Matcher::from_env(), base)
}

fn find_in(matcher: &Matcher, base: &str) -> Option<String> {
    let proxy = matcher.intercept(&base.parse().ok()?)?;
    let uri = proxy.uri();
    let scheme = uri.scheme_str().unwrap_or("http");
    let port = uri.port_u16().map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{scheme}://{}{port}", uri.host()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_password_and_not_for_the_hosts_that_are_excepted() {
        let matcher = Matcher::builder()
            .https("http://user:secret@proxy.example:3128")
            .no("sandbox.zenodo.org")
            .build();
        let find = |url: &str| find_in(&matcher, url);
        assert_eq!(find("https://zenodo.org").as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(find("https://sandbox.zenodo.org"), None);
    }
}
