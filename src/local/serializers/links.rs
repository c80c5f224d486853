//! The links in answers.
//!
//! Each answer has the links that were recorded on 2026-11-23. Deliberately absent: links that no
//! client of a deposit follows (thumbnails, badges, archives).

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::View;
use crate::local::state::Found;
use crate::local::state::types::Version;

/// Where the records API's links to DOIs point on a server with the test prefix.
const RESOLVER: &str = "https://handle.test.datacite.org";

/// Returns the links of a deposition.
pub(crate) fn make_deposition_links(
    view: View<'_>,
    found: Found<'_>,
    place: Place,
) -> Map<String, Value> {
    let version = found.version();
    let (base, id) = (view.base, version.id);
    let deposit = format!("{base}/api/deposit/depositions/{id}");
    let mut links = Map::new();
    let mut put = |name: &str, link: String| links.insert(name.to_owned(), json!(link));
    if found.is_draft() {
        put("self", deposit.clone());
        put("html", format!("{base}/deposit/{id}"));
    } else {
        // A published deposition names its record as `self`, although it can still be read.
        put("self", format!("{base}/api/records/{id}"));
        put("html", format!("{base}/records/{id}"));
    }
    if let Some(doi) = version.doi() {
        put("doi", format!("https://doi.org/{}", doi.identifier));
    }
    // A draft of a new version has a concept DOI as well, but no link to it.
    if let Some(doi) = find_concept_doi(view, version).filter(|_| !found.is_draft()) {
        put("parent_doi", format!("https://doi.org/{doi}"));
    }
    if found.is_draft() {
        put("files", format!("{deposit}/files"));
    } else {
        put("files", format!("{base}/api/records/{id}/files"));
    }
    // The index does not know buckets, so a client must read the deposition to upload.
    if place != Place::Listed {
        put("bucket", format!("{base}/api/files/{}", version.bucket));
    }
    // The real server names the deposition itself here, never the draft of a new version.
    put("latest_draft", deposit.clone());
    put("latest_draft_html", format!("{base}/deposit/{id}"));
    for action in ["publish", "edit", "discard", "newversion"] {
        put(action, format!("{deposit}/actions/{action}"));
    }
    // An edit keeps the links of its published record.
    if view.state.is_published(id) {
        put("record", format!("{base}/api/records/{id}"));
        put("record_html", format!("{base}/record/{id}"));
        put("latest", format!("{base}/api/records/{id}/versions/latest"));
        put("latest_html", format!("{base}/records/{id}/latest"));
    }
    links
}

/// Where an answer shows a record or draft; the index knows less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Read by its id.
    Alone,
    /// The answer to its publication.
    Published,
    /// Found by a search.
    Listed,
}

/// Returns the links of a record or draft in the records API.
pub(crate) fn make_record_links(view: View<'_>, found: Found<'_>) -> Map<String, Value> {
    let version = found.version();
    let (base, id) = (view.base, version.id);
    let api = format!("{base}/api/records/{id}");
    let mut links = Map::new();
    let mut put = |name: &str, link: String| links.insert(name.to_owned(), json!(link));
    if found.is_draft() {
        put("self", format!("{api}/draft"));
        put("self_html", format!("{base}/uploads/{id}"));
        put("files", format!("{api}/draft/files"));
        put("record", api.clone());
        put("record_html", format!("{base}/records/{id}"));
        put("publish", format!("{api}/draft/actions/publish"));
        put("review", format!("{api}/draft/review"));
    } else {
        put("self", api.clone());
        put("self_html", format!("{base}/records/{id}"));
        put("files", format!("{api}/files"));
        put("latest", format!("{api}/versions/latest"));
        put("latest_html", format!("{base}/records/{id}/latest"));
    }
    if let Some(doi) = version.doi() {
        // The deposit API resolves the same DOIs at doi.org.
        put("doi", format!("{RESOLVER}/{}", doi.identifier));
        put("self_doi", format!("{RESOLVER}/{}", doi.identifier));
    }
    if let Some(doi) = find_concept_doi(view, version) {
        put("parent_doi", format!("{RESOLVER}/{doi}"));
    }
    put("reserve_doi", format!("{api}/draft/pids/doi"));
    for name in ["versions", "communities", "requests"] {
        put(name, format!("{api}/{name}"));
    }
    links
}

/// Returns the address at which the records API resolves the DOI.
pub(crate) fn make_doi_url(version: &Version) -> Option<String> {
    version.doi().map(|doi| format!("{RESOLVER}/{}", doi.identifier))
}

/// Returns the concept DOI once there is one.
pub(crate) fn find_concept_doi<'a>(view: View<'a>, version: &Version) -> Option<&'a str> {
    view.state.concepts.get(&version.concept)?.doi.as_deref()
}

/// Returns the address of a page of hits, its parameters in the order of their names.
pub(crate) fn make_page_link(address: &str, parameters: &[(&str, String)]) -> String {
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort();
    let query: Vec<String> =
        sorted.iter().map(|(name, value)| format!("{name}={}", escape_parameter(value))).collect();
    format!("{address}?{}", query.join("&"))
}

fn escape_parameter(text: &str) -> String {
    const SET: &AsciiSet =
        &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'&').add(b'+').add(b'%');
    utf8_percent_encode(text, SET).to_string()
}

/// Returns a file's name as the end of an address, as the server's router quotes it: slashes stay, and
/// so does what else may stand in a path (werkzeug 3 `BaseConverter.to_url`, 2026-11-30;
/// `tests/contract/native-files.json` has the plus, 2026-11-28).
pub(crate) fn escape_key(key: &str) -> String {
    const KEPT_IN_PATHS: &AsciiSet = &UNRESERVED
        .remove(b'!')
        .remove(b'$')
        .remove(b'&')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')')
        .remove(b'*')
        .remove(b'+')
        .remove(b',')
        .remove(b'/')
        .remove(b':')
        .remove(b';')
        .remove(b'=')
        .remove(b'@');
    utf8_percent_encode(key, KEPT_IN_PATHS).to_string()
}

/// Returns a file's name as the value of `filename*` in a header (RFC 5987).
pub(crate) fn escape_file_name(key: &str) -> String {
    utf8_percent_encode(key, UNRESERVED).to_string()
}

/// What no part of an address has to escape.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_the_router_does() {
        assert_eq!(escape_key("b \u{e9}+%.txt"), "b%20%C3%A9+%25.txt");
        assert_eq!(escape_key("sub/dir/x (1)&?#.txt"), "sub/dir/x%20(1)&%3F%23.txt");
        assert_eq!(escape_file_name("a/b\";.txt"), "a%2Fb%22%3B.txt");
    }
}
