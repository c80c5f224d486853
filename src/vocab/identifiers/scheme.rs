//! Which scheme an identifier of a work belongs to, as the server finds it out.

use std::sync::LazyLock;

use regex::Regex;

use super::faults::{isbn_fault, isbn13_check};

/// A scheme's name and its form.
type Form = (&'static str, Regex);

/// Schemes that a form alone decides, in idutils' order of trial, which is also the order of
/// preference. `handle` is tried apart: it fits nearly anything with a slash.
///
/// Source: idutils `schemes.py` and `utils.py`, read 2026-11-23.
static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    [
        ("ark", r"^(http://[^/]+/)?ark:/[0-9bcdfghjkmnpqrstvwxz]+/.+$"),
        ("purl", r"^https?://purl\.(org|oclc\.org|net|com|fdlp\.gov)/"),
        ("lsid", r"(?i)^urn:lsid:[^:]+(:[^:]+){2,3}$"),
        ("urn", r"(?i)^urn:[^/?#]"),
        ("ads", r"^(ads:|ADS:)?[0-9]{4}[A-Za-z]\S{13}[A-Za-z.:]$"),
        ("arxiv", r"(?i)^(arxiv:)?[0-9]{4}\.[0-9]{4,5}(v[0-9]+)?$"),
        ("arxiv", r"(?i)^(arxiv:)?[a-z-]+(\.[a-z]{2})?/[0-9]{4}\.[0-9]{4,5}(v[0-9]+)?$"),
        ("arxiv", r"(?i)^(arxiv:)?[a-z-]+(\.[a-z]{2})?/[0-9]{4}[0-9]+(v[0-9]+)?$"),
        ("ascl", r"(?i)^ascl:[0-9]{4}\.[0-9]{3,4}$"),
        ("hal", r"^(hal:|HAL:)?([a-z]{3}[a-z]*-|(sic|mem|ijn)_)[0-9]{8}(v[0-9]+)?$"),
        ("pmcid", r"(?i)^PMC[0-9]+$"),
    ]
    .into_iter()
    .filter_map(|(scheme, form)| Some((scheme, Regex::new(form).ok()?)))
    .collect()
});

/// An address with a scheme and a host.
const URL_FORM: &str = r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]+";

static URL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(URL_FORM).ok());

/// Schemes that are tried after those with a check digit.
static LATE_FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    [
        ("pmid", r"(?i)^(pmid:|https?://pubmed\.ncbi\.nlm\.nih\.gov/)?[0-9]+/?$"),
        ("url", URL_FORM),
        ("swh", r"^swh:1:(snp|rel|rev|dir|cnt):[0-9a-f]{40}(;.+)?$"),
    ]
    .into_iter()
    .filter_map(|(scheme, form)| Some((scheme, Regex::new(form).ok()?)))
    .collect()
});

static DOI: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(doi:\s*|(https?://)?(dx\.)?doi\.org/)?10\.[0-9]+(\.[0-9]+)*/.+$").ok()
});

static HANDLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(hdl:\s*|(https?://)?hdl\.handle\.net/)?[^/.]+(\.[^/.]+)*/.*$").ok()
});

static HANDLE_ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^https?://hdl\.handle\.net/").ok());

/// Returns the scheme under which the server takes an identifier of a work, or none where it
/// answers `No valid scheme recognized for identifier.`
///
/// `doi`, `ark`, `handle`, `purl`, `lsid`, `urn`, `ads`, `arxiv`, `ascl`, `hal`, `pmcid`, `isbn`,
/// `issn`, `ean13`, `istc`, `pmid`, `url` or `swh`. Ids of people (ORCID, GND, …) are none of them.
///
/// Source: contract/scenarios/metadata-full.json and metadata-invalid.json, and idutils,
/// 2026-11-23. Recorded are `doi`, `url` and `arxiv`; the others follow idutils.
pub fn scheme_of(text: &str) -> Option<&'static str> {
    if is_match(&DOI, text) {
        return Some("doi");
    }
    let form = first(&FORMS, text);
    let late = by_check_digit(text).or_else(|| first(&LATE_FORMS, text));
    if is_handle(text, form) && form != Some("ark") {
        return Some("handle");
    }
    form.or(late)
}

/// Tells whether a text is a handle and nothing better: idutils takes an address for one only at
/// the resolver of handles, and prefers ARKs and arXiv ids.
fn is_handle(text: &str, form: Option<&str>) -> bool {
    is_match(&HANDLE, text)
        && !matches!(form, Some("ark" | "arxiv"))
        && (!is_match(&URL, text) || is_match(&HANDLE_ADDRESS, text))
        && !text.starts_with("swh:")
}

fn is_match(form: &LazyLock<Option<Regex>>, text: &str) -> bool {
    form.as_ref().is_some_and(|form| form.is_match(text))
}

fn first(forms: &[Form], text: &str) -> Option<&'static str> {
    forms.iter().find(|(_, form)| form.is_match(text)).map(|(scheme, _)| *scheme)
}

fn by_check_digit(text: &str) -> Option<&'static str> {
    if isbn_fault(text).is_none() {
        return Some("isbn");
    }
    if is_issn(text) {
        return Some("issn");
    }
    if is_ean13(text) {
        return Some("ean13");
    }
    is_istc(text).then_some("istc")
}

/// Drops hyphens and blanks.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | ' ')).collect::<String>().to_uppercase()
}

fn is_issn(text: &str) -> bool {
    let bare = bare(text);
    if bare.len() != 8 {
        return false;
    }
    let mut total = 0;
    for (weight, c) in (1..=8).rev().zip(bare.chars()) {
        let digit = if c == 'X' { Some(10) } else { c.to_digit(10) };
        let Some(digit) = digit else { return false };
        total += weight * digit;
    }
    total % 11 == 0
}

fn is_ean13(text: &str) -> bool {
    match (text.get(..12), text.get(12..)) {
        (Some(body), Some(check)) if text.len() == 13 => {
            isbn13_check(body).is_some_and(|wanted| check.starts_with(wanted))
        }
        _ => false,
    }
}

/// Tells whether a text is an International Standard Text Code: 16 hexadecimal digits.
fn is_istc(text: &str) -> bool {
    let bare = bare(text);
    if bare.len() != 16 {
        return false;
    }
    let digits: Option<Vec<u32>> = bare.chars().map(|c| c.to_digit(16)).collect();
    let Some(digits) = digits else { return false };
    let weights = [11, 9, 3, 1].into_iter().cycle();
    let total: u32 =
        digits.iter().take(15).zip(weights).map(|(digit, weight)| digit * weight).sum();
    digits.last() == Some(&(total % 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_identifiers_have_the_recorded_schemes() {
        assert_eq!(scheme_of("10.1234/foo"), Some("doi"));
        assert_eq!(scheme_of("https://example.org/code"), Some("url"));
        assert_eq!(scheme_of("arXiv:2101.00001"), Some("arxiv"));
    }

    #[test]
    fn each_scheme_has_its_form() {
        for (text, scheme) in [
            ("doi:10.1234/foo", "doi"),
            ("https://doi.org/10.1234/foo", "doi"),
            ("http://dx.doi.org/10.1234/foo", "doi"),
            ("DOI:10.1234.5/foo/bar baz", "doi"),
            ("ark:/13030/tqb3kh97gh8w", "ark"),
            ("http://www.example.org/ark:/13030/tqb3kh97gh8w", "ark"),
            ("hdl:10013/epic.10033", "handle"),
            ("http://hdl.handle.net/10013/epic.10033", "handle"),
            ("10013/epic.10033", "handle"),
            ("http://purl.oclc.org/foo/bar", "purl"),
            ("urn:lsid:ubio.org:namebank:11815", "lsid"),
            ("urn:nbn:de:101:1-201102033592", "urn"),
            ("2011ApJS..192...18K", "ads"),
            ("ads:2011ApJS..192...18K", "ads"),
            ("2101.00001v2", "arxiv"),
            ("math.GT/0309136", "arxiv"),
            ("hep-th/9901001", "arxiv"),
            ("ascl:1908.011", "ascl"),
            ("mem_13102590", "hal"),
            ("PMC2631623", "pmcid"),
            ("978-3-905673-82-1", "isbn"),
            ("0077-5606", "issn"),
            ("4006381333931", "ean13"),
            ("0A9 2002 12B4A105 7", "istc"),
            ("pmid:12082125", "pmid"),
            ("12082125", "pmid"),
            ("https://www.heise.de", "url"),
            ("ftp://example.org/x", "url"),
            ("swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2", "swh"),
        ] {
            assert_eq!(scheme_of(text), Some(scheme), "{text}");
        }
    }

    #[test]
    fn what_the_server_refuses_has_none() {
        for text in ["", "foo", "not an identifier", "doi", "10.1234", "0000-0002-1825-0097"] {
            assert_eq!(scheme_of(text), None, "{text}");
        }
    }

    #[test]
    fn all_forms_compile() {
        assert_eq!(FORMS.len(), 11);
        assert_eq!(LATE_FORMS.len(), 3);
        assert!(DOI.is_some() && HANDLE.is_some() && HANDLE_ADDRESS.is_some());
    }
}
