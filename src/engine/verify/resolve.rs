//! Asks the resolver of DOIs whether a version's DOI leads to its page on its server.

use crate::api::{Resolution, Resolver};
use crate::compare::{Fact, ResolverAnswer};
use crate::engine::error::EngineError;
use crate::http::{Client, ClientOptions};
use crate::interop::from_record::{ServerHint, parse_record_name};
use crate::model::{Doi, RecordId, Server};

use crate::engine::session::ConnectOptions;

/// The resolver that DOIs are made for.
pub const DOI_ORG: &str = "https://doi.org";

/// A resolver, and its address.
#[derive(Debug)]
pub struct DoiResolver {
    resolver: Resolver,
    address: String,
}

impl DoiResolver {
    /// Takes the address of a resolver. It gets no token, and its redirects are not followed.
    ///
    /// # Errors
    /// [`EngineError::Client`] for an address that zrel sends nothing to.
    pub fn new(address: &str, options: &ConnectOptions) -> Result<Self, EngineError> {
        let address = address.trim_end_matches('/').to_owned();
        let client = ClientOptions {
            read_timeout: options.read_timeout,
            deadline: options.deadline.clone(),
            follows: false,
            ..ClientOptions::new(&address, None, options.clock.clone())
        };
        let client = Client::new(client).map_err(EngineError::Client)?;
        Ok(Self { resolver: Resolver::new(client), address })
    }

    /// Asks where the DOI of a version leads.
    ///
    /// # Errors
    /// [`EngineError::Api`] when no answer came.
    pub(super) async fn look(
        &self,
        doi: &Doi,
        id: RecordId,
        server: &Server,
    ) -> Result<Fact, EngineError> {
        let Resolution { status, location } =
            self.resolver.resolve(doi).await.map_err(EngineError::Api)?;
        let leads_here = location.as_deref().is_some_and(|page| leads_to(page, id, server));
        let (doi, resolver) = (doi.clone(), self.address.clone());
        Ok(Fact::Resolved(ResolverAnswer { doi, resolver, status, location, leads_here }))
    }
}

/// Returns whether an address is the page of a record on a server: `/records/7`, `/record/7` and
/// `/doi/10.5281/zenodo.7`, as DOIs of Zenodo are registered.
fn leads_to(page: &str, id: RecordId, server: &Server) -> bool {
    let Ok(found) = parse_record_name(page) else { return false };
    let ServerHint::Address(address) = &found.place else { return false };
    // DOIs of earlier years were registered with `http`, which the server redirects.
    let is_there = address == &server.url
        || address.strip_prefix("http://") == server.url.strip_prefix("https://")
        || address.strip_prefix("https://www.") == server.url.strip_prefix("https://");
    found.id == id.0 && is_there
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_of_the_record_on_its_server_counts() {
        let zenodo = Server::built_in("zenodo").unwrap();
        let leads = |page: &str| leads_to(page, RecordId(7.into()), &zenodo);
        for page in [
            "https://zenodo.org/records/7",
            "https://zenodo.org/record/7",
            "https://zenodo.org/doi/10.5281/zenodo.7",
            "http://zenodo.org/record/7",
            "https://www.zenodo.org/records/7",
        ] {
            assert!(leads(page), "{page}");
        }
        for page in [
            "https://zenodo.org/records/8",
            "https://zenodo.org.evil.example/records/7",
            "https://sandbox.zenodo.org/records/7",
            "https://zenodo.org/",
            "10.5281/zenodo.7",
            "7",
            "",
        ] {
            assert!(!leads(page), "{page}");
        }
    }
}
