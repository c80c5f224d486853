//! The server that a manifest with faults names: the connection is looked at all the same.

use std::fs;

use crate::cli::context::Context;
use crate::model::{Server, ServerKind};

/// Finds the server that a manifest with faults names; none for a text that is not TOML, and for the
/// local server, whose data are with a project that can't be loaded.
pub(super) fn find_faulty_server(context: &Context) -> Option<Server> {
    let options = context.project_options();
    let text = fs::read_to_string(options.folder.join(&options.manifest)).ok()?;
    read_server(&text).filter(|server| server.kind != ServerKind::Local)
}

fn read_server(text: &str) -> Option<Server> {
    let manifest: toml::Table = text.parse().ok()?;
    let name = manifest.get("server")?.as_str()?;
    // Built-in servers go first: a manifest must not send a user's token to another address.
    if let Some(server) = Server::built_in(name) {
        return Some(server);
    }
    let url = manifest.get("servers")?.get(name)?.get("url")?.as_str()?;
    let (name, url) = (name.to_owned(), url.trim_end_matches('/').to_owned());
    Some(Server { name, kind: ServerKind::Other, url, doi_prefix: None, mints_dois: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_name_never_leads_to_another_address() {
        let text =
            "server = \"zenodo\"\nwrong = 1\n[servers.zenodo]\nurl = \"https://a.example\"\n";
        assert_eq!(read_server(text), Server::built_in("zenodo"));
        let text = "server = \"own\"\n[servers.own]\nurl = \"https://a.example/\"\n";
        assert_eq!(read_server(text).unwrap().url, "https://a.example");
        assert_eq!(read_server("server = \"own\"\n"), None);
    }
}
