//! Parses the name of a record (a DOI, an address, or a number), and finds its server.

use url::Url;

use crate::model::{Doi, Recid, Server, ServerKind};

/// The name of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordName {
    /// The number of a version, a draft or a concept.
    pub id: Recid,
    /// What the name says of the server.
    pub place: ServerHint,
}

/// What the name of a record says of its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerHint {
    /// Nothing.
    Unsaid,
    /// The prefix of its DOI.
    Prefix(String),
    /// The address of a server.
    Address(String),
}

/// Why a name does not lead to a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// It is neither a DOI nor an address nor a number.
    #[error("`{0}` does not name a record: it is not a DOI, an address or a number")]
    Unreadable(String),
    /// It is a DOI or an address without the number of a record.
    #[error("`{0}` does not contain the number of a record")]
    NoNumber(String),
    /// A server whose address is unknown.
    #[error("server `{0}` is not built in, and its address is unknown")]
    Unknown(String),
    /// A DOI of no server that is built in.
    #[error("no built-in server mints DOIs under `{0}`")]
    Foreign(String),
    /// The named server is not the record's.
    #[error("the record is not on server `{name}`: {why}")]
    OtherServer {
        /// The named server.
        name: String,
        /// The contradiction.
        why: String,
    },
    /// Not a valid name of a server.
    #[error("`{0}` is not a valid server name: use letters, digits, `-` and `_`")]
    BadName(String),
}

/// Addresses of the servers that are built in, by host.
const HOSTS: [(&str, &str); 3] =
    [("zenodo.org", "zenodo"), ("www.zenodo.org", "zenodo"), ("sandbox.zenodo.org", "sandbox")];

/// Parts of an address that come before the number of a record.
const BEFORE_NUMBER: [&str; 5] = ["records", "record", "deposit", "uploads", "depositions"];

/// Parses the name of a record.
///
/// # Errors
/// [`NameFault`].
pub fn parse_record_name(text: &str) -> Result<RecordName, NameFault> {
    let text = text.trim();
    if let Some(id) = Recid::parse(text) {
        return Ok(RecordName { id, place: ServerHint::Unsaid });
    }
    // Before addresses: `https://doi.org/…` names a DOI and not a server.
    if let Ok(doi) = Doi::parse(text) {
        return parse_doi(&doi);
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => parse_url(&url),
        Ok(_) | Err(_) => Err(NameFault::Unreadable(text.to_owned())),
    }
}

fn parse_doi(doi: &Doi) -> Result<RecordName, NameFault> {
    let id = Recid::parse_named(doi.as_str());
    let id = id.ok_or_else(|| NameFault::NoNumber(doi.to_string()))?;
    Ok(RecordName { id, place: ServerHint::Prefix(doi.prefix().to_owned()) })
}

fn parse_url(url: &Url) -> Result<RecordName, NameFault> {
    let none = || NameFault::NoNumber(url.to_string());
    let parts: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    // `/doi/10.5281/zenodo.7` is a page of the server itself.
    if let Some(at) = parts.iter().position(|part| *part == "doi") {
        let doi = Doi::parse(&parts.get(at + 1..).unwrap_or_default().join("/"));
        let source = parse_doi(&doi.map_err(|_| none())?)?;
        return Ok(RecordName {
            place: ServerHint::Address(find_base(url, &parts[..at])),
            ..source
        });
    }
    let mut pairs = parts.windows(2).enumerate();
    let found = pairs.find_map(|(at, pair)| {
        let id = Recid::parse(pair[1]).filter(|_| BEFORE_NUMBER.contains(&pair[0]))?;
        Some((at, id))
    });
    let (at, id) = found.ok_or_else(none)?;
    Ok(RecordName { id, place: ServerHint::Address(find_base(url, &parts[..at])) })
}

/// Returns the address of the server: the part before the page, without that of the API.
fn find_base(url: &Url, before: &[&str]) -> String {
    let kept: Vec<&str> = before.iter().copied().take_while(|part| *part != "api").collect();
    let mut origin = url.clone();
    origin.set_path("");
    origin.set_query(None);
    origin.set_fragment(None);
    let origin = origin.as_str().trim_end_matches('/');
    [&[origin], kept.as_slice()].concat().join("/")
}

/// Chooses the server. `named` is the value of a flag, and `known` finds servers that are not built
/// in by name.
///
/// # Errors
/// [`NameFault`] when the server's address is unknown, or the name and the flag contradict each
/// other.
pub fn choose_server(
    RecordName { id, place }: &RecordName,
    named: Option<&str>,
    known: impl Fn(&str) -> Option<Server>,
) -> Result<Server, NameFault> {
    let said = match place {
        ServerHint::Unsaid => None,
        // The local server mints under the sandbox's prefix, so a flag outweighs the prefix.
        ServerHint::Prefix(prefix) => match named {
            Some(_) => None,
            // No built-in server makes DOIs of texts; theirs may share a prefix for tests.
            None if matches!(id, Recid::Text(_)) => {
                return Err(NameFault::Foreign(prefix.clone()));
            }
            None => Some(find_server_by_prefix(prefix)?),
        },
        ServerHint::Address(address) => Some(find_server_by_address(address, named)),
    };
    let Some(name) = named else {
        let local = || Server::built_in("local").ok_or_else(|| NameFault::Unknown("local".into()));
        return said.map_or_else(local, Ok);
    };
    let server = match (Server::built_in(name), said) {
        // Following either of the two could import another record.
        (Some(server), Some(said)) if server.url != said.url => {
            return Err(refuse_server(name, format!("its address is that of {}", said.url)));
        }
        (Some(server), _) => server,
        // The flag names a server that is not defined yet; the record's address has it.
        (None, Some(said)) => said,
        (None, None) => known(name).ok_or_else(|| NameFault::Unknown(name.to_owned()))?,
    };
    if let (ServerHint::Prefix(prefix), Some(own)) = (place, &server.doi_prefix)
        && prefix != own
    {
        return Err(refuse_server(name, format!("its DOIs begin with {own}")));
    }
    // The name becomes a key in the manifest: `[servers.NAME]`.
    check_name(&server)?;
    Ok(server)
}

fn refuse_server(name: &str, why: String) -> NameFault {
    NameFault::OtherServer { name: name.to_owned(), why }
}

fn check_name(server: &Server) -> Result<(), NameFault> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !server.name.is_empty() && server.name.chars().all(is_word) {
        Ok(())
    } else {
        Err(NameFault::BadName(server.name.clone()))
    }
}

/// Returns the server of a prefix. The local server mints under the sandbox's prefix, but a DOI
/// that is known elsewhere is the sandbox's.
fn find_server_by_prefix(prefix: &str) -> Result<Server, NameFault> {
    let mut servers = ["zenodo", "sandbox"].into_iter().filter_map(Server::built_in);
    let found = servers.find(|server| server.doi_prefix.as_deref() == Some(prefix));
    found.ok_or_else(|| NameFault::Foreign(prefix.to_owned()))
}

/// Returns the server of an address: one that is built in, or a new one named after its host.
fn find_server_by_address(address: &str, named: Option<&str>) -> Server {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
    let known = HOSTS.iter().find(|(known, _)| *known == host);
    if let Some(server) = known.and_then(|(_, name)| Server::built_in(name)) {
        return server;
    }
    // Two servers on one host differ by their port.
    let port = url.as_ref().and_then(Url::port).map(|port| format!("-{port}")).unwrap_or_default();
    let own = format!("{host}{port}");
    let own: String =
        own.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    Server {
        name: named.map_or(own, str::to_owned),
        kind: ServerKind::Other,
        url: address.to_owned(),
        doi_prefix: None,
        mints_dois: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, flag: Option<&str>) -> Result<(String, String, String), NameFault> {
        let source = parse_record_name(text)?;
        let known = |name: &str| {
            (name == "institute")
                .then(|| find_server_by_address("https://repository.example.org", Some(name)))
        };
        let server = choose_server(&source, flag, known)?;
        Ok((server.name, server.url, source.id.to_string()))
    }

    #[test]
    fn every_way_to_name_a_record_leads_to_its_server_and_number() {
        let zenodo = "https://zenodo.org";
        for (text, flag, name, url) in [
            ("7", None, "local", ""),
            ("7", Some("zenodo"), "zenodo", zenodo),
            ("7", Some("institute"), "institute", "https://repository.example.org"),
            ("10.5281/zenodo.7", None, "zenodo", zenodo),
            ("https://doi.org/10.5281/zenodo.7", None, "zenodo", zenodo),
            ("doi:10.5072/zenodo.7", None, "sandbox", "https://sandbox.zenodo.org"),
            ("10.5072/zenodo.7", Some("local"), "local", ""),
            ("https://zenodo.org/records/7", None, "zenodo", zenodo),
            ("https://zenodo.org/record/7#.YX", None, "zenodo", zenodo),
            ("https://www.zenodo.org/records/7?x=1", None, "zenodo", zenodo),
            ("https://zenodo.org/api/records/7/files/a", None, "zenodo", zenodo),
            ("https://zenodo.org/doi/10.5281/zenodo.7", None, "zenodo", zenodo),
            ("https://zenodo.org/uploads/7", Some("zenodo"), "zenodo", zenodo),
            ("https://zenodo.org/api/deposit/depositions/7", None, "zenodo", zenodo),
            (
                "https://repository.example.org/records/7",
                None,
                "repository-example-org",
                "https://repository.example.org",
            ),
            ("https://r.org/x/records/7/latest", Some("r"), "r", "https://r.org/x"),
            ("http://127.0.0.1:5000/records/7", None, "127-0-0-1-5000", "http://127.0.0.1:5000"),
        ] {
            let expected = Ok((name.to_owned(), url.to_owned(), "7".to_owned()));
            assert_eq!(named(text, flag), expected, "{text}");
        }
    }

    #[test]
    fn what_leads_nowhere_or_to_two_servers_is_refused() {
        for (text, flag) in [
            ("", None),
            ("forms", None),
            ("-7", None),
            ("ftp://zenodo.org/records/7", None),
            ("https://zenodo.org/communities/forms", None),
            ("https://zenodo.org/records/seven", None),
            ("10.1234/forms", None),
            ("10.1234/forms.7", None),
            ("10.5281/zenodo.7", Some("sandbox")),
            ("https://zenodo.org/records/7", Some("sandbox")),
            ("https://zenodo.org/records/7", Some("local")),
            ("7", Some("nowhere")),
            ("https://r.org/records/7", Some("a b")),
        ] {
            assert!(named(text, flag).is_err(), "{text} {flag:?}");
        }
    }
}
