//! The scheme of an identifier of a work, as the server determines it.
//!
//! The server collects all schemes that a text matches, drops those that another one explains, and
//! uses the first remaining one that it accepts.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::address::{Address, parse_address};
use super::faults::{compute_isbn13_check, compute_isni_check, is_isbn};
use crate::vocab::tidy;

/// A scheme's name and its form.
type Form = (&'static str, Option<Regex>);

/// Schemes that are determined by a form alone.
///
/// Source: idutils 1.7.0 (`schemes.py`, `utils.py`, `detectors.py`), read 2026-11-28, and
/// contract/scenarios/native-identifier-schemes.json.
static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    [
        ("doi", r"(?i)^(doi:\s*|(https?://)?(dx\.)?doi\.org/)?10\.[0-9]+(\.[0-9]+)*/.+$"),
        ("handle", r"(?i)^(hdl:\s*|(https?://)?hdl\.handle\.net/)?[^/.]+(\.[^/.]+)*/.*$"),
        ("lsid", r"(?i)^urn:lsid:[^:]+(:[^:]+){2,3}$"),
        ("ads", r"^(ads:|ADS:)?[0-9]{4}[A-Za-z]\S{13}[A-Za-z.:]$"),
        ("arxiv", r"(?i)^(arxiv:)?([a-z-]+(\.[a-z]{2})?/)?[0-9]{4}\.[0-9]{4,5}(v[0-9]+)?$"),
        ("arxiv-old", r"(?i)^(arxiv:)?[a-z-]+(\.[a-z]{2})?/[0-9]{4}[0-9]+(v[0-9]+)?$"),
        ("pmid", r"(?i)^(pmid:|https?://pubmed.ncbi.nlm.nih.gov/)?[0-9]+/?$"),
        ("wikidata", r"(?i)^(wikidata:\s*|(https?://)?www\.wikidata\.org/entity/)?q[0-9]+$"),
        ("cstr", r"(?i)^(cstr:)?([a-z0-9_-]+\.){3}[a-z0-9_-]+$"),
        (
            "rrid",
            "(?i)^(rrid:)?(AB|CVCL|SCR|IMSR|Addgene|DGRC|Flybase|NCBITaxon|MGI|BDSC|WB-STRAIN|ZFIN\
             |ZIRC|DGGR|IMSR_(GPT|CYAGEN|EUMMCR|JAX|RIKEN_BRC|MMRRC|TIGM|CRL|KU)|ISMR_(NM|EM))+\
             _[a-z0-9_-]+$",
        ),
        ("swh", r"^swh:1:(snp|rel|rev|dir|cnt):[0-9a-f]{40}(;.+)?$"),
        ("viaf", r"^https?://(www\.)?viaf\.org/viaf/"),
        ("viaf-number", r"(?i)^viaf:[0-9]+"),
        ("ascl", r"(?i)^ascl:[0-9]{4}\.[0-9]{3,4}$"),
        ("hal", r"^(hal:|HAL:)?([a-z]{3}[a-z]*-|(sic|mem|ijn)_)[0-9]{8}(v[0-9]+)?$"),
        ("pmcid", r"(?i)^PMC[0-9]+$"),
        ("ror", r"(?i)^(ror\.org/)?0\w{6}[0-9]{2}$"),
        ("gnd", r"(?i)^gnd:"),
        (
            "gnd-number",
            r"^(gnd|GND):(1[012]?[0-9]{7}[0-9X]|3[0-9]{7}[0-9X]|[1-9][0-9]{0,7}-[0-9X])",
        ),
    ]
    .into_iter()
    .map(|(scheme, form)| (scheme, Regex::new(form).ok()))
    .collect()
});

fn has_form(scheme: &str, text: &str) -> bool {
    let form = FORMS.iter().find(|(known, _)| *known == scheme);
    form.and_then(|(_, form)| form.as_ref()).is_some_and(|form| form.is_match(text))
}

/// Returns the scheme under which the server accepts an identifier of a work, or `None` where it
/// answers `No valid scheme recognized for identifier.`
///
/// `doi`, `ark`, `handle`, `purl`, `lsid`, `urn`, `ads`, `arxiv`, `isbn`, `issn`, `isni`, `ean13`,
/// `istc`, `pmid`, `url`, `wikidata`, `cstr` or `rrid`. Excludes ids that the server knows and does
/// not accept for a work: of Software Heritage, `PubMed` Central, ASCL, HAL, VIAF, GND, ROR. A bare
/// ORCID is accepted as the ISNI that it is.
///
/// Source: contract/scenarios/native-identifier-schemes.json, 2026-11-28.
pub fn find_scheme(text: &str) -> Option<&'static str> {
    let text = tidy(text);
    let address = parse_address(&text).filter(|_| !text.is_empty())?;
    // The order matters: a DOI also has the form of a handle, and an LSID that of a URN.
    let tests = [
        ("doi", has_form("doi", &text)),
        ("ark", address.is_ark(&text)),
        ("handle", is_handle(&text, &address)),
        ("purl", address.is_purl()),
        ("lsid", address.is_urn() && has_form("lsid", &text)),
        ("urn", address.is_urn()),
        ("ads", has_form("ads", &text.nfkd().collect::<String>())),
        ("arxiv", is_arxiv(&text)),
    ];
    let by_form = tests.into_iter().find(|(_, fits)| *fits).map(|(scheme, _)| scheme);
    by_form.or_else(|| find_number_scheme(&text, &address)).or_else(|| {
        let others = [
            ("url", is_url(&text, &address)),
            ("wikidata", has_form("wikidata", &text)),
            ("cstr", has_form("cstr", &text)),
            ("rrid", has_form("rrid", &text)),
        ];
        others.into_iter().find(|(_, fits)| *fits).map(|(scheme, _)| scheme)
    })
}

/// Returns the owner of an identifier that the server knows and does not accept for a work, and the
/// address to use instead.
///
/// Source: contract/scenarios/native-identifier-schemes.json, and section 11 of the facts of the
/// records API, 2026-11-28.
pub fn find_refused_scheme(text: &str) -> Option<(&'static str, Option<String>)> {
    let text = tidy(text);
    let bare = text.rsplit(':').next().unwrap_or(&text);
    let given = |scheme, address: &str| (scheme, Some(format!("{address}{bare}")));
    let whole = |scheme, address: &str| (scheme, Some(format!("{address}{text}")));
    // A Software Heritage id with a wrong qualifier has no scheme, and is still meant as one.
    let known = if has_form("swh", &text) || text.starts_with("swh:") {
        whole("Software Heritage", "https://archive.softwareheritage.org/")
    } else if has_form("pmcid", &text) {
        whole("PubMed Central", "https://pmc.ncbi.nlm.nih.gov/articles/")
    } else if has_form("ascl", &text) {
        given("the Astrophysics Source Code Library", "https://ascl.net/")
    } else if has_form("hal", &text) {
        given("HAL", "https://hal.science/")
    } else if has_form("viaf", &text) || has_form("viaf-number", &text) {
        // The server recognises the address of the page as an id, and refuses that too.
        ("VIAF", None)
    } else if has_form("gnd", &text) {
        given("the GND", "https://d-nb.info/gnd/")
    } else if has_form("ror", &text) {
        let bare = text.rsplit('/').next().unwrap_or(&text);
        ("ROR", Some(format!("https://ror.org/{bare}")))
    } else {
        return None;
    };
    // Several forms overlap with schemes that the server accepts, which win.
    find_scheme(&text).is_none().then_some(known)
}

/// Returns whether a text is an address with a host. Addresses of VIAF are recognised as ids, which
/// the server refuses.
fn is_url(text: &str, address: &Address) -> bool {
    address.is_url() && !has_form("viaf", text)
}

/// Returns whether a text is a handle. Nearly any text with a slash is one: an address only at the
/// resolver of handles, and not an ARK, arXiv id or Software Heritage id.
fn is_handle(text: &str, address: &Address) -> bool {
    if !has_form("handle", text) || address.is_swhid(text) || has_form("viaf", text) {
        return false;
    }
    if address.is_url() {
        text.starts_with("http://hdl.handle.net/") || text.starts_with("https://hdl.handle.net/")
    } else {
        !address.is_ark(text) && !is_arxiv(text)
    }
}

fn is_arxiv(text: &str) -> bool {
    has_form("arxiv", text) || has_form("arxiv-old", text)
}

/// Returns the scheme of a number. Most of them do not count in an address.
fn find_number_scheme(text: &str, address: &Address) -> Option<&'static str> {
    let is_url = is_url(text, address);
    let is_book = is_isbn(text) && !has_form("gnd-number", text);
    if is_book && !is_url {
        return Some("isbn");
    }
    if is_issn(text) && !is_url {
        return Some("issn");
    }
    if is_isni(text) {
        return Some("isni");
    }
    if is_ean(text, 13) {
        return Some("ean13");
    }
    if is_istc(text) && !is_url {
        return Some("istc");
    }
    // Nearly any number is an id of `PubMed`, so the schemes with a check digit go first.
    (has_form("pmid", text) && !is_ean(text, 8)).then_some("pmid")
}

/// Returns a text in upper case without hyphens and blanks.
fn strip_separators(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | ' ')).collect::<String>().to_uppercase()
}

fn is_issn(text: &str) -> bool {
    let bare = strip_separators(text);
    if bare.chars().count() != 8 {
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

fn is_isni(text: &str) -> bool {
    let bare = strip_separators(text);
    match (bare.get(..15), bare.get(15..)) {
        (Some(body), Some(check)) if body.bytes().all(|byte| byte.is_ascii_digit()) => {
            check.chars().eq([compute_isni_check(body)])
        }
        _ => false,
    }
}

/// Returns whether a text is an article number of 8 or 13 digits.
fn is_ean(text: &str, n_digits: usize) -> bool {
    if text.len() != n_digits {
        return false;
    }
    // Leading zeros change no check digit, so that the weights of 13 digits serve for 8 too.
    let padded = format!("{text:0>13}");
    match (padded.get(..12), padded.get(12..)) {
        (Some(body), Some(check)) => {
            compute_isbn13_check(body).is_some_and(|it| check.chars().eq([it]))
        }
        _ => false,
    }
}

/// Returns whether a text is an International Standard Text Code: 16 hexadecimal digits.
fn is_istc(text: &str) -> bool {
    let bare = strip_separators(text);
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
    use crate::vocab::identifiers::{is_same_identifier, normalize_identifier};

    /// Made with the libraries that the server uses; the embedded server is tested with it too.
    const COMPARED: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/identifiers.json"));

    #[test]
    fn schemes_and_spellings_are_those_of_the_server() {
        let compared: serde_json::Value = serde_json::from_str(COMPARED).unwrap();
        let mut wrong = Vec::new();
        for row in compared.as_array().unwrap() {
            let text = row[0].as_str().unwrap();
            let (scheme, stored) = (row[1].as_str(), row[2].as_str());
            if find_scheme(text) != scheme {
                wrong.push(format!("{text:?}: {:?} instead of {scheme:?}", find_scheme(text)));
            } else if let Some(stored) = stored
                && normalize_identifier(text) != stored
                && !(scheme == Some("isbn") && is_same_identifier(text, stored))
            {
                wrong.push(format!(
                    "{text:?}: {:?} instead of {stored:?}",
                    normalize_identifier(text)
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn ids_of_no_work_have_an_address_where_there_is_one() {
        for (text, name, address) in [
            (
                "swh:1:rev:309cf2674ee7a0749978cf8265ab91a60aea0f7d",
                "Software Heritage",
                Some(
                    "https://archive.softwareheritage.org/swh:1:rev:309cf2674ee7a0749978cf8265ab91a60aea0f7d",
                ),
            ),
            (
                "PMC2631623",
                "PubMed Central",
                Some("https://pmc.ncbi.nlm.nih.gov/articles/PMC2631623"),
            ),
            (
                "ascl:1908.010",
                "the Astrophysics Source Code Library",
                Some("https://ascl.net/1908.010"),
            ),
            ("hal-01234567", "HAL", Some("https://hal.science/hal-01234567")),
            ("https://viaf.org/viaf/12345", "VIAF", None),
            ("gnd:118540238", "the GND", Some("https://d-nb.info/gnd/118540238")),
            ("02mhbdp94", "ROR", Some("https://ror.org/02mhbdp94")),
        ] {
            let (found, instead) = find_refused_scheme(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found, instead.as_deref()), (name, address), "{text}");
            assert_eq!(find_scheme(text), None, "{text}");
            if let Some(instead) = instead {
                assert_eq!(find_scheme(&instead), Some("url"), "{instead}");
            }
        }
        assert_eq!(find_refused_scheme("10.1234/foo"), None);
        assert_eq!(find_refused_scheme("not an identifier"), None);
    }

    #[test]
    fn all_forms_compile() {
        assert!(FORMS.iter().all(|(_, form)| form.is_some()));
    }
}
