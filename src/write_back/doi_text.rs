//! DOIs as addresses, and back.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stays in every address.
pub(super) const IN_ADDRESS: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b':');

/// What stays in a DOI's address. Brackets and quotes don't: a text around the address could end by
/// them.
const IN_DOI: &AsciiSet = &IN_ADDRESS.remove(b';');

/// Where DOIs are resolved.
pub(super) const RESOLVER: &str = "https://doi.org/";

/// What may be before a DOI, in lower case.
const PREFIXES: [&str; 5] =
    [RESOLVER, "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:"];

/// Writes a DOI as a part of an address.
pub(super) fn encode_doi(doi: &str) -> String {
    utf8_percent_encode(doi, IN_DOI).to_string()
}

/// Writes the address that a DOI is resolved at.
pub(super) fn make_doi_url(doi: &str) -> String {
    format!("{RESOLVER}{}", encode_doi(doi))
}

/// Reads a DOI out of a part of an address.
pub(super) fn decode_doi(part: &str) -> String {
    let decoded = percent_decode_str(part).decode_utf8();
    decoded.map_or_else(|_| part.to_owned(), std::borrow::Cow::into_owned)
}

/// Returns the bare DOI of a text that may be an address; any other text as it is.
pub(super) fn strip_doi(text: &str) -> String {
    for prefix in PREFIXES {
        let Some(head) = text.get(..prefix.len()) else { continue };
        if head.eq_ignore_ascii_case(prefix) {
            let rest = text.get(prefix.len()..).unwrap_or_default().trim_start();
            // Only addresses have percent signs that mean something else.
            return if prefix == "doi:" { rest.to_owned() } else { decode_doi(rest) };
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_a_doi_and_gives_it_back() {
        let doi = "10.1002/(SICI)1097<1::AID-X>3.0.CO;2-%\"é";
        let url = make_doi_url(doi);
        assert!(url.is_ascii() && !url.contains(['(', ')', '<', '>', '"']), "{url}");
        assert_eq!(strip_doi(&url), doi);
        for text in ["10.1/a", "doi:10.1/a", "HTTP://DX.DOI.ORG/10.1/a", "DOI: 10.1/a"] {
            assert_eq!(strip_doi(text), "10.1/a");
        }
        assert_eq!(strip_doi("10.1/a%20b"), "10.1/a%20b");
        assert_eq!(strip_doi("ääääää"), "ääääää");
    }
}
