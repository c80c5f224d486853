//! Schemes of identifiers: finds the scheme of a text, and spells the text as the server does.
//!
//! The real server asks idutils (1.7.0) for all schemes that a text fits, without those that the
//! library rules out, and keeps the first that its configuration allows
//! (`tests/contract/native-identifier-schemes.json`, 2026-11-28; more texts were compared with the
//! library, see `tests/data/identifiers.json`). Deliberately absent: whether an identifier
//! resolves, and schemes of the configuration that the library never finds.

mod address;
mod isbn;
mod numbers;
mod patterns;

use address::Parts;

/// Returns the scheme of an identifier and the identifier as the server keeps it; `None` if it fits
/// no scheme that the server accepts.
pub(crate) fn detect_identifier(text: &str) -> Option<(&'static str, String)> {
    let text = crate::local::sanitize::clean_text(text);
    if text.is_empty() {
        return None;
    }
    let scheme = find_scheme(&text)?;
    let kept = match scheme {
        "doi" => patterns::parse_doi(&text)?.to_owned(),
        "handle" => strip_handle(&text),
        "urn" => format!("urn:{}", &text[4..]),
        "ads" => patterns::parse_ads(&text)?,
        "arxiv" => patterns::parse_arxiv(&text)?,
        "isbn" => isbn::normalize_isbn(&text)?,
        "issn" => numbers::normalize_issn(&text),
        "pmid" => patterns::parse_pmid(&text)?.to_owned(),
        "wikidata" => patterns::parse_wikidata(&text)?.to_owned(),
        _ => text,
    };
    Some((scheme, kept))
}

/// Returns whether the library fails on a text, so that the real server answers 500: the host of an
/// address lacks a bracket, or has characters that normalize to separators.
pub(crate) fn is_unreadable(text: &str) -> bool {
    Parts::of(&crate::local::sanitize::clean_text(text)).is_none()
}

/// Returns the first scheme that a text fits, in the order of the library.
fn find_scheme(text: &str) -> Option<&'static str> {
    let parts = Parts::of(text)?;
    // The library takes a VIAF address for VIAF alone, a scheme that the server does not accept.
    let is_viaf = patterns::is_viaf_address(text);
    let is_url = parts.is_url() && !is_viaf;
    let is_ark = patterns::is_ark(text, &parts);
    let arxiv = patterns::parse_arxiv(text);
    let is_handle = patterns::parse_handle(text).is_some() && !patterns::is_swhid(text) && !is_viaf;
    // Nearly any address looks like a handle; only addresses of the resolver count as one.
    let is_handle = is_handle
        && if is_url { patterns::is_handle_address(text) } else { !is_ark && arxiv.is_none() };
    // The digits of a GND id may make a valid ISBN; its prefix rules that out.
    let is_book = isbn::is_isbn(text) && !patterns::is_gnd_with_prefix(text);
    let is_serial = numbers::is_issn(text);
    let is_isni = numbers::is_isni(text);
    let is_ean13 = numbers::is_ean13(text);
    // Any number may be a PubMed id, so a number that fits a more specific scheme is not one.
    let is_pmid = patterns::parse_pmid(text).is_some()
        && !(is_ean13 || is_isni || numbers::is_ean8(text) && !is_url || is_book && !is_url);
    // The first match wins: a DOI is a handle as well, and a PURL a URL.
    let found = [
        ("doi", patterns::parse_doi(text).is_some()),
        ("ark", is_ark),
        ("handle", is_handle),
        ("purl", parts.is_purl()),
        ("lsid", parts.is_urn() && patterns::is_lsid(text) && !is_url),
        ("urn", parts.is_urn() && !is_url),
        ("ads", patterns::parse_ads(text).is_some()),
        ("arxiv", arxiv.is_some()),
        ("isbn", is_book && !is_url),
        ("issn", is_serial && !is_url),
        ("isni", is_isni),
        ("ean13", is_ean13),
        ("istc", numbers::is_istc(text) && !is_url),
        ("pmid", is_pmid),
        ("url", is_url),
        ("wikidata", patterns::parse_wikidata(text).is_some() && !is_url),
        ("cstr", patterns::is_cstr(text) && !is_url),
        ("rrid", patterns::is_rrid(text)),
    ];
    found.into_iter().find(|(_, fits)| *fits).map(|(scheme, _)| scheme)
}

/// Returns whether a text is an ISSN.
pub(crate) fn is_issn(text: &str) -> bool {
    numbers::is_issn(text)
}

/// Returns whether a text is an ISBN.
pub(crate) fn is_isbn(text: &str) -> bool {
    isbn::is_isbn(text)
}

/// Returns whether a text is an ISNI.
pub(crate) fn is_isni(text: &str) -> bool {
    numbers::is_isni(text)
}

/// Returns whether a text has the form of a GND id.
pub(crate) fn is_gnd(text: &str) -> bool {
    patterns::is_gnd(text)
}

/// Returns whether a text is a ROR id.
pub(crate) fn is_ror(text: &str) -> bool {
    patterns::is_ror(text)
}

/// Returns a GND id as the server keeps it: with its prefix.
pub(crate) fn normalize_gnd(text: &str) -> String {
    let text = text.trim();
    let bare = text.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("gnd:"));
    format!("gnd:{}", bare.map_or(text, |prefix| &text[prefix.len()..]))
}

/// Strips the prefix or the address in front of a handle.
fn strip_handle(text: &str) -> String {
    let mut bare = text;
    // The server reads a handle twice on its way, and strips a prefix each time.
    for _ in 0..2 {
        bare = patterns::parse_handle(bare).unwrap_or(bare);
    }
    bare.to_owned()
}

/// Returns a bare ORCID if its check digit is right and its number is one that the registry hands
/// out.
pub(crate) fn parse_orcid(text: &str) -> Option<String> {
    let text = crate::local::sanitize::clean_text(text);
    let bare = ["http://orcid.org/", "https://orcid.org/"]
        .iter()
        .find_map(|address| text.strip_prefix(address))
        .unwrap_or(&text);
    if !numbers::is_isni(bare) {
        return None;
    }
    let digits: Vec<char> = bare.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let number: u64 = digits[..15].iter().collect::<String>().parse().ok()?;
    // ORCIDs are two ranges of the ISNIs: an ISNI outside of them belongs to another registry.
    let is_handed_out = matches!(number, 15_000_000..=35_000_000)
        || matches!(number, 900_000_000_000..=900_100_000_000);
    is_handed_out.then(|| {
        digits.chunks(4).map(|group| group.iter().collect()).collect::<Vec<String>>().join("-")
    })
}

/// Returns the scheme of a person's identifier that was sent without one: the first that fits of
/// those that the server has for people.
pub(crate) fn find_person_scheme(text: &str) -> Option<&'static str> {
    let text = crate::local::sanitize::clean_text(text);
    // The order matters: each ORCID is a valid ISNI as well.
    if parse_orcid(&text).is_some() {
        return Some("orcid");
    }
    if numbers::is_isni(&text) {
        return Some("isni");
    }
    // The library does not count an ISBN or an ISSN as a GND id, although many have its shape.
    let is_gnd = patterns::is_gnd(&text) && !isbn::is_isbn(&text) && !numbers::is_issn(&text);
    match (is_gnd, patterns::is_ror(&text)) {
        (true, _) => Some("gnd"),
        (false, true) => Some("ror"),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with idutils 1.7.0 and marshmallow-utils as the server calls them, 2026-11-28.
    const COMPARED: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/identifiers.json"));

    #[test]
    fn agrees_with_the_library_that_the_server_uses() {
        let compared: serde_json::Value = serde_json::from_str(COMPARED).unwrap();
        let rows = compared.as_array().unwrap();
        assert!(rows.len() > 150, "{}", rows.len());
        let mut wrong = Vec::new();
        for row in rows {
            let text = row[0].as_str().unwrap();
            let wanted = row[1].as_str().map(|scheme| (scheme, row[2].as_str().unwrap()));
            let found = detect_identifier(text);
            let found = found.as_ref().map(|(scheme, kept)| (*scheme, kept.as_str()));
            if found != wanted {
                wrong.push(format!("{text:?}: {found:?} instead of {wanted:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn addresses_that_make_the_library_fail_are_told_apart() {
        for text in ["https://[::1", "https://x]/", "https://[x]/", "https://a\u{2100}b/"] {
            assert!(is_unreadable(text), "{text}");
            assert_eq!(detect_identifier(text), None, "{text}");
        }
        for text in ["https://[::1]/x", "https://b\u{fc}cher.example/", "x"] {
            assert!(!is_unreadable(text), "{text}");
        }
    }

    #[test]
    fn ids_of_people_have_check_digits_and_ranges() {
        assert_eq!(parse_orcid("0000-0002-1825-0097").as_deref(), Some("0000-0002-1825-0097"));
        assert_eq!(
            parse_orcid("https://orcid.org/0000000218250097").as_deref(),
            Some("0000-0002-1825-0097")
        );
        assert_eq!(parse_orcid("0000-0002-1825-0098"), None);
        assert_eq!(parse_orcid("0000-0001-2103-2683x"), None);
        assert_eq!(parse_orcid("0000-0000-0000-0001"), None);
        assert_eq!(find_person_scheme("0000-0002-1825-0097"), Some("orcid"));
        assert_eq!(find_person_scheme("0000 0000 0000 0001"), Some("isni"));
        assert_eq!(find_person_scheme("gnd:118540238"), Some("gnd"));
        assert_eq!(find_person_scheme("https://ror.org/02mhbdp94"), Some("ror"));
        assert_eq!(find_person_scheme("0000-0002-1825-0098"), None);
    }
}
