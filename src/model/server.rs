//! Which server a manifest means.

use std::fmt;

use super::{Doi, Recid};

/// The kind of server: decides how zrel reaches it, and how careful zrel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKind {
    /// The Zenodo inside the binary.
    Local,
    /// sandbox.zenodo.org.
    Sandbox,
    /// zenodo.org.
    Zenodo,
    /// A server of the same kind, named in the manifest.
    Other,
}

/// A server by its name in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The name: `local`, `sandbox`, `zenodo`, or one under `[servers]`.
    pub name: String,
    /// What kind.
    pub kind: ServerKind,
    /// Its address without a trailing slash; empty for `local`, whose port is not known yet.
    pub url: String,
    /// The prefix of the DOIs that it mints, if known: lets a plan name the DOI.
    pub doi_prefix: Option<String>,
    /// Whether its records get DOIs.
    pub mints_dois: bool,
}

impl Server {
    /// Returns the server built in under this name.
    ///
    /// Source of the prefixes: zenodo-facts.md, 2026-11-23.
    pub fn built_in(name: &str) -> Option<Self> {
        let (kind, url, prefix) = match name {
            "local" => (ServerKind::Local, "", "10.5072"),
            "sandbox" => (ServerKind::Sandbox, "https://sandbox.zenodo.org", "10.5072"),
            "zenodo" => (ServerKind::Zenodo, "https://zenodo.org", "10.5281"),
            _ => return None,
        };
        let doi_prefix = Some(prefix.to_owned());
        Some(Self {
            name: name.to_owned(),
            kind,
            url: url.to_owned(),
            doi_prefix,
            mints_dois: true,
        })
    }

    /// Returns the DOI that the server gives to a record, a draft or a concept with this id; `None`
    /// where the prefix is not known. The server's own prediction names 10.5281 whatever prefix it
    /// mints (zenodo-facts.md, 2026-11-23). Before an id that is a text InvenioRDM writes no name
    /// (`DATACITE_FORMAT` in invenio-rdm-records, 2026-11-30).
    pub fn mint_doi(&self, id: Recid) -> Option<Doi> {
        let prefix = self.doi_prefix.as_deref()?;
        let name = match id {
            Recid::Number(_) => "zenodo.",
            Recid::Text(_) => "",
        };
        Doi::parse(&format!("{prefix}/{name}{id}")).ok()
    }

    /// Returns the id of the record, draft or concept to which the server gave a DOI; `None` for a
    /// DOI of another server.
    pub fn find_id(&self, doi: &str) -> Option<Recid> {
        let tail = doi.strip_prefix(self.doi_prefix.as_deref()?)?.strip_prefix('/')?;
        let id = Recid::parse(tail.strip_prefix("zenodo.").unwrap_or(tail))?;
        // Both ways: a number without its name is a DOI of another system under the same prefix.
        self.mint_doi(id).is_some_and(|minted| minted.as_str() == doi).then_some(id)
    }

    /// Returns the address from which badges are loaded; the local server has none of its own that
    /// stays.
    pub fn site(&self) -> &str {
        if self.url.is_empty() { "https://zenodo.org" } else { &self.url }
    }

    /// Returns whether a publication there is a rehearsal.
    pub fn is_rehearsal(&self) -> bool {
        matches!(self.kind, ServerKind::Local | ServerKind::Sandbox)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ServerKind::Local => write!(f, "{} (a rehearsal, on this machine)", self.name),
            ServerKind::Sandbox | ServerKind::Zenodo | ServerKind::Other => {
                write!(f, "{} ({})", self.name, self.url)
            }
        }
    }
}
