//! Addresses that a token may be sent to.

use std::net::IpAddr;

use url::{Host, Url};

use super::HttpError;

/// Scheme, host and port that a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    base: Url,
}

impl Origin {
    /// Returns the server's address.
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// Takes a server's address.
    ///
    /// # Errors
    /// [`HttpError::Insecure`] for anything but https, or http on loopback.
    pub fn parse(text: &str) -> Result<Self, HttpError> {
        let insecure = || HttpError::Insecure(text.chars().take(200).collect());
        let base = Url::parse(text).map_err(|_| insecure())?;
        // A name or a password in an address would end up in messages and in other requests.
        let is_plain = base.username().is_empty() && base.password().is_none();
        let is_safe = match base.scheme() {
            "https" => base.host().is_some(),
            // Plain http shows the token to everyone on the way, except on this machine.
            "http" => is_loopback(&base),
            _ => false,
        };
        if is_plain && is_safe { Ok(Self { base }) } else { Err(insecure()) }
    }

    /// Returns whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base)
    }

    /// Returns whether its calls go over TLS.
    pub fn is_https(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// Returns the address of a path, or takes an address of the same origin.
    ///
    /// # Errors
    /// [`HttpError::OtherOrigin`] when it is on another origin.
    pub fn resolve(&self, path: &str) -> Result<Url, HttpError> {
        let other = || HttpError::OtherOrigin(describe_origin(path));
        // `//host/path` is the address of another host.
        let url = if path.starts_with('/') && !path.starts_with("//") {
            let base = self.base.as_str().trim_end_matches('/');
            Url::parse(&format!("{base}{path}")).map_err(|_| other())?
        } else {
            Url::parse(path).map_err(|_| other())?
        };
        let is_plain = url.username().is_empty() && url.password().is_none();
        if is_plain && url.origin() == self.base.origin() { Ok(url) } else { Err(other()) }
    }

    /// Takes the target of a redirect from `from`.
    ///
    /// # Errors
    /// [`HttpError::OtherOrigin`] when it is on another origin.
    pub fn follow(&self, from: &Url, location: &str) -> Result<Url, HttpError> {
        let url = from.join(location);
        let url = url.map_err(|_| HttpError::OtherOrigin(describe_origin(location)))?;
        self.resolve(url.as_str())
    }
}

/// Returns scheme, host and port of an address. The rest may hold a secret, such as a signature.
fn describe_origin(address: &str) -> String {
    let url = Url::parse(address).or_else(|_| Url::parse(&format!("https:{address}")));
    match url.map(|url| url.origin()) {
        Ok(origin @ url::Origin::Tuple(..)) => origin.ascii_serialization(),
        Ok(url::Origin::Opaque(_)) | Err(_) => "no address".to_owned(),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // Any other name can resolve to another machine tomorrow.
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_origin_is_named_without_what_may_be_a_secret() {
        let origin = Origin::parse("https://zenodo.org").unwrap();
        let from = Url::parse("https://zenodo.org/a").unwrap();
        for (to, shown) in [
            ("https://u:p@evil.example:8443/sekrit?sig=sekrit", "`https://evil.example:8443`"),
            ("//evil.example/sekrit", "`https://evil.example`"),
            ("data:sekrit", "`no address`"),
        ] {
            let error = origin.follow(&from, to).unwrap_err().to_string();
            assert!(error.contains(shown) && !error.contains("sekrit"), "{error}");
        }
    }

    #[test]
    fn tokens_go_over_tls_or_loopback_only() {
        for good in
            ["https://zenodo.org", "http://127.0.0.1:5000", "http://[::1]:1", "http://localhost"]
        {
            assert!(Origin::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["http://zenodo.org", "ftp://zenodo.org", "zenodo.org", "https://u:p@zenodo.org", ""]
        {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_address_of_a_plain_origin_needs_tls() {
        let plain = Origin::parse("http://127.0.0.1:5000").unwrap();
        assert!(!plain.is_https() && Origin::parse("https://127.0.0.1:5000").unwrap().is_https());
        let from = plain.resolve("/api/records/1").unwrap();
        for tls in ["https://127.0.0.1:5000/", "https://zenodo.org/"] {
            assert!(plain.resolve(tls).is_err() && plain.follow(&from, tls).is_err(), "{tls}");
        }
    }

    #[test]
    fn links_and_redirects_stay_with_their_origin() {
        let origin = Origin::parse("https://zenodo.org").unwrap();
        assert!(origin.resolve("/api/records/1").is_ok());
        assert!(origin.resolve("https://zenodo.org/api/files/x").is_ok());
        for bad in [
            "https://zenodo.org.evil.example/",
            "http://zenodo.org/x",
            "https://zenodo.org:444/",
            "//evil.example/x",
            "https://a@zenodo.org/",
        ] {
            assert!(origin.resolve(bad).is_err(), "{bad}");
        }
        let from = origin.resolve("/api/records/1").unwrap();
        assert!(origin.follow(&from, "/api/records/2").is_ok());
        assert!(origin.follow(&from, "//evil.example/").is_err());
    }
}
