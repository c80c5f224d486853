//! Under which DOI a draft would be published: the one that is planned, or one that another client
//! gave it.

use crate::model::{Doi, Field, Recid, RecordId, Server};
use crate::observed::{Draft, DraftKind};

use super::{MetadataApi, Plan, Target};

/// Returns the DOI that a draft would be published under and that nobody planned. It was put there
/// by other means, and a PUT without one leaves it (zenodo-notes.md, 2026-11-23).
///
/// `published` is the DOI of the record that is being edited.
pub fn find_foreign_doi<'a>(
    draft: &'a Draft,
    target: &Target,
    published: Option<&Doi>,
    server: &Server,
) -> Option<&'a str> {
    // The manifest's own replaces it, and the read-back shows whether it did.
    if target.metadata.text(Field::Doi).is_some() {
        return None;
    }
    let doi = draft.metadata.text(Field::Doi)?;
    let is_published = published.is_some_and(|published| published.as_str() == doi);
    let is_public = draft.kind == DraftKind::Edit && is_published;
    let is_own = server.mints_dois && !draft.has_external_doi && is_doi_of(server, draft.id, doi);
    (!is_public && !is_own).then_some(doi)
}

impl Plan {
    /// Returns whether what it publishes has a DOI: one of the server, or the manifest's own.
    pub fn gives_doi(&self) -> bool {
        self.server.mints_dois || self.target.metadata.get(Field::Doi).is_some()
    }

    /// Returns whether the draft gets a reserved DOI: where the records API makes every call, no
    /// version is published without one.
    pub fn reserves_doi(&self) -> bool {
        matches!(self.metadata_api, MetadataApi::RecordsAlone { .. })
            && self.server.mints_dois
            && self.operation.makes_version()
            && self.target.metadata.get(Field::Doi).is_none()
    }
}

/// Returns whether a DOI is the one that the server makes of an id.
pub fn is_doi_of(server: &Server, id: RecordId, doi: &str) -> bool {
    if let Some(own) = server.mint_doi(id.0) {
        return own.as_str() == doi;
    }
    // Without a known prefix the form alone tells.
    let tail = doi.split_once('/').map_or("", |(_, tail)| tail);
    match id.0 {
        Recid::Number(_) => tail == format!("zenodo.{id}"),
        Recid::Text(_) => tail == id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doi_is_of_an_id_with_the_prefix_and_the_form_of_the_server() {
        let known = Server::built_in("sandbox").unwrap();
        let unknown = Server { doi_prefix: None, ..known.clone() };
        let of = |server: &Server, doi: &str| is_doi_of(server, RecordId(12.into()), doi);
        assert!(of(&known, "10.5072/zenodo.12") && of(&unknown, "10.5072/zenodo.12"));
        assert!(!of(&known, "10.1234/zenodo.12"));
        let text = RecordId(Recid::parse("k7r11-g5g77").unwrap());
        assert!(is_doi_of(&known, text, "10.5072/k7r11-g5g77"));
        assert!(is_doi_of(&unknown, text, "10.48436/k7r11-g5g77"));
        assert!(!is_doi_of(&unknown, text, "10.48436/zenodo.k7r11-g5g77"));
        for other in ["10.1234/12", "10.5072/zenodo.112", "10.1234/foo.12", "10.5072/zenodo.1"] {
            assert!(!of(&known, other) && !of(&unknown, other), "{other}");
        }
    }
}
