//! How the server spells an identifier that was sent in another form.
//!
//! It stores `https://doi.org/10.1234/foo` and `10.1234/foo` alike.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::faults::{compute_isbn13_check, pick_isbn_digits};
use super::scheme::find_scheme;
use crate::vocab::tidy;

static DOI_LEAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^(doi:\s*|(https?://)?(dx\.)?doi\.org/)").ok());
static HANDLE_LEAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^(hdl:\s*|(https?://)?hdl\.handle\.net/)").ok());
static HANDLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[^/.]+(\.[^/.]+)*/.*$").ok());
static PMID_LEAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^(pmid:|https?://pubmed\.ncbi\.nlm\.nih\.gov/)").ok());
static WIKIDATA_LEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(wikidata:\s*|(https?://)?www\.wikidata\.org/entity/)").ok()
});
/// An arXiv id before 2007: archive, subject class (which the server drops), number.
static ARXIV_OLD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^arxiv:([a-z-]+)(\.[a-z]{2})?(/[0-9]{4}[0-9]+(v[0-9]+)?)$").ok()
});
/// An arXiv id since 2007, with an optional archive, which the server drops.
static ARXIV_NEW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^arxiv:([a-z-]+(\.[a-z]{2})?/)?([0-9]{4}\.[0-9]{4,5}(v[0-9]+)?)$").ok()
});

/// Returns an identifier of a work as the server spells it.
///
/// DOIs, handles, ids of `PubMed`, Wikidata and ADS lose their prefix, arXiv ids get `arXiv:`,
/// ISSNs one hyphen; quotes of all become straight. An ISBN stays as it is: the server's hyphens
/// come from a table that is not here, so compare with [`is_same_identifier`].
///
/// Source: idutils 1.7.0 `normalizers.py`, read 2026-11-28, and
/// contract/scenarios/native-identifier-schemes.json.
pub fn normalize_identifier(text: &str) -> String {
    let text = tidy(text);
    match find_scheme(&text) {
        Some("doi") => strip_lead(&DOI_LEAD, &text),
        // The server normalizes a handle twice: `hdl:hdl:10013/a` becomes `10013/a`.
        Some("handle") => strip_handle_lead(strip_handle_lead(&text)).to_owned(),
        Some("pmid") => strip_lead(&PMID_LEAD, &text).trim_end_matches('/').to_owned(),
        Some("wikidata") => strip_lead(&WIKIDATA_LEAD, &text),
        Some("ads") => {
            let text: String = text.nfkd().collect();
            text.trim_start_matches("ads:").trim_start_matches("ADS:").to_owned()
        }
        Some("arxiv") => normalize_arxiv(&text),
        Some("issn") => normalize_issn(&text),
        Some("urn") => format!("urn:{}", text.get(4..).unwrap_or_default()),
        _ => text,
    }
}

/// Returns whether two texts are the same identifier in any spelling.
pub fn is_same_identifier(one: &str, other: &str) -> bool {
    one == other || normalize_meaning(one) == normalize_meaning(other)
}

/// Returns the spelling that all spellings of an identifier share.
fn normalize_meaning(text: &str) -> String {
    // The server's hyphens in an ISBN are unknown here, and it turns 10 digits into 13.
    match pick_isbn_digits(text).filter(|_| find_scheme(text) == Some("isbn")) {
        Some(digits) => convert_to_isbn13(&digits),
        None => normalize_identifier(text),
    }
}

/// Removes the prefix of a handle, if a handle is left.
fn strip_handle_lead(text: &str) -> &str {
    let end = HANDLE_LEAD.as_ref().and_then(|lead| lead.find(text)).map_or(0, |lead| lead.end());
    let bare = text.get(end..).unwrap_or(text);
    if HANDLE.as_ref().is_some_and(|form| form.is_match(bare)) { bare } else { text }
}

fn strip_lead(lead: &LazyLock<Option<Regex>>, text: &str) -> String {
    let end = lead.as_ref().and_then(|lead| lead.find(text)).map_or(0, |found| found.end());
    text.get(end..).unwrap_or(text).to_owned()
}

fn normalize_arxiv(text: &str) -> String {
    let has_lead = text.get(..6).is_some_and(|lead| lead.eq_ignore_ascii_case("arxiv:"));
    let bare = if has_lead { text.get(6..).unwrap_or_default() } else { text };
    let full = format!("arXiv:{bare}");
    // The server drops an archive before a new number, and keeps one before an old number, where
    // the number alone is not unique.
    if let Some(parts) = ARXIV_NEW.as_ref().and_then(|form| form.captures(&full)) {
        return format!("arXiv:{}", parts.get(3).map_or("", |part| part.as_str()));
    }
    let Some(parts) = ARXIV_OLD.as_ref().and_then(|form| form.captures(&full)) else {
        return full;
    };
    let part = |at| parts.get(at).map_or("", |part| part.as_str());
    format!("arXiv:{}{}", part(1), part(3))
}

fn normalize_issn(text: &str) -> String {
    let bare: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let bare = bare.to_uppercase();
    match (bare.get(..4), bare.get(4..)) {
        (Some(head), Some(tail)) => format!("{head}-{tail}"),
        _ => bare,
    }
}

/// Converts an ISBN to 13 digits.
fn convert_to_isbn13(digits: &str) -> String {
    if digits.len() != 10 {
        return digits.to_owned();
    }
    let body = format!("978{}", digits.get(..9).unwrap_or_default());
    let check = compute_isbn13_check(&body).map(String::from).unwrap_or_default();
    body + &check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_stored_without_its_resolver() {
        for (sent, stored) in [
            ("https://doi.org/10.1234/foo", "10.1234/foo"),
            ("doi: 10.1234/foo", "10.1234/foo"),
            ("10.1234/foo", "10.1234/foo"),
            ("arXiv:2101.00001", "arXiv:2101.00001"),
            ("arxiv:2101.00001v2", "arXiv:2101.00001v2"),
            ("2101.00001", "arXiv:2101.00001"),
            ("arXiv:math.GT/0309136", "arXiv:math/0309136"),
            ("arXiv:hep-th/2101.00001", "arXiv:2101.00001"),
            ("hdl:10013/epic.10033", "10013/epic.10033"),
            ("https://pubmed.ncbi.nlm.nih.gov/12082125/", "12082125"),
            ("00775606", "0077-5606"),
            ("URN:nbn:de:101:1", "urn:nbn:de:101:1"),
            ("hdl:hdl:10013/a", "10013/a"),
            ("wikidata: Q42", "Q42"),
            ("https://example.org/Code", "https://example.org/Code"),
            ("foo", "foo"),
        ] {
            assert_eq!(normalize_identifier(sent), stored, "{sent}");
            assert_eq!(normalize_identifier(stored), stored, "{stored} again");
        }
    }

    #[test]
    fn spellings_are_the_same_and_identifiers_are_not() {
        assert!(is_same_identifier("https://doi.org/10.1234/foo", "10.1234/foo"));
        assert!(is_same_identifier("3-16-148410-X", "9783161484100"));
        assert!(is_same_identifier("ISBN 3-16-148410-X", "978-3-16-148410-0"));
        assert!(!is_same_identifier("978-3-16-148410-0", "978-0-306-40615-7"));
        assert!(is_same_identifier("https://a.org/?“x”", "https://a.org/?\"x\""));
        assert!(!is_same_identifier("10.1234/foo", "10.1234/fo"));
        assert!(!is_same_identifier("https://example.org/a", "https://example.org/A"));
    }
}
