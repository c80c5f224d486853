//! The forms of schemes without a check digit, each as the server's library reads it.

use unicode_normalization::UnicodeNormalization;

use super::address::Parts;

/// Strips the first prefix that matches, in any case of letters.
fn strip_any_prefix<'t>(text: &'t str, beginnings: &[&str]) -> Option<&'t str> {
    beginnings.iter().find_map(|beginning| {
        let head = text.get(..beginning.len())?;
        head.eq_ignore_ascii_case(beginning).then(|| &text[beginning.len()..])
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Strips the digits at the head of a text; `None` if there are none.
fn strip_digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

/// Returns a DOI without the address or prefix around it.
pub(super) fn parse_doi(text: &str) -> Option<&str> {
    const ADDRESSES: [&str; 6] = [
        "https://doi.org/",
        "http://doi.org/",
        "doi.org/",
        "https://dx.doi.org/",
        "http://dx.doi.org/",
        "dx.doi.org/",
    ];
    let bare = strip_any_prefix(text, &["doi:"]).map(str::trim_start);
    let bare = bare.or_else(|| strip_any_prefix(text, &ADDRESSES)).unwrap_or(text);
    let (prefix, suffix) = bare.split_once('/')?;
    let registrant = prefix.strip_prefix("10.")?;
    // The library checks nothing else: a suffix may have blanks and any other character.
    let fits = registrant.split('.').all(is_digits) && is_one_line(suffix);
    fits.then_some(bare)
}

/// Returns whether a text is not empty and has no line break.
fn is_one_line(text: &str) -> bool {
    !text.is_empty() && !text.contains('\n')
}

pub(super) fn is_ark(text: &str, parts: &Parts) -> bool {
    is_ark_name(text) || parts.http_path().is_some_and(is_ark_name)
}

fn is_ark_name(text: &str) -> bool {
    const NAAN: &str = "0123456789bcdfghjkmnpqrstvwxz";
    let Some(rest) = text.strip_prefix("ark:") else { return false };
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    rest.split_once('/').is_some_and(|(naan, name)| {
        !naan.is_empty() && naan.chars().all(|c| NAAN.contains(c)) && is_one_line(name)
    })
}

/// Returns a handle without the prefix or address in front of it.
pub(super) fn parse_handle(text: &str) -> Option<&str> {
    const FRONTS: [&str; 3] =
        ["https://hdl.handle.net/", "http://hdl.handle.net/", "hdl.handle.net/"];
    let bare = strip_any_prefix(text, &["hdl:"])
        .map(str::trim_start)
        .or_else(|| strip_any_prefix(text, &FRONTS));
    // If the rest is not a handle, the whole text may be one: `hdl.handle.net` may be its
    // authority.
    bare.filter(|bare| is_handle_name(bare)).or_else(|| is_handle_name(text).then_some(text))
}

/// Returns whether a text is parts with dots between them, a slash, and a name.
fn is_handle_name(text: &str) -> bool {
    text.split_once('/').is_some_and(|(authority, name)| {
        authority.split('.').all(|part| !part.is_empty()) && !name.contains('\n')
    })
}

pub(super) fn is_handle_address(text: &str) -> bool {
    text.starts_with("http://hdl.handle.net/") || text.starts_with("https://hdl.handle.net/")
}

pub(super) fn is_viaf_address(text: &str) -> bool {
    ["http://viaf.org/viaf/", "https://viaf.org/viaf/", "http://www.viaf.org/viaf/"]
        .iter()
        .chain(&["https://www.viaf.org/viaf/"])
        .any(|address| text.starts_with(address))
}

pub(super) fn is_lsid(text: &str) -> bool {
    strip_any_prefix(text, &["urn:lsid:"]).is_some_and(|rest| {
        let parts: Vec<&str> = rest.split(':').collect();
        matches!(parts.len(), 3 | 4) && parts.iter().all(|part| !part.is_empty())
    })
}

/// Returns a bibliographic code of the Astrophysics Data System, with compatibility characters
/// spelled out.
pub(super) fn parse_ads(text: &str) -> Option<String> {
    let text: String = text.nfkd().collect();
    let bare = text.strip_prefix("ads:").or_else(|| text.strip_prefix("ADS:")).unwrap_or(&text);
    let signs: Vec<char> = bare.chars().collect();
    let fits = signs.len() == 19
        && signs[..4].iter().all(char::is_ascii_digit)
        && signs[4].is_ascii_alphabetic()
        && !signs[5..18].iter().any(|c| c.is_whitespace())
        && (signs[18].is_ascii_alphabetic() || matches!(signs[18], '.' | ':'));
    fits.then(|| bare.to_owned())
}

/// Returns an arXiv id as the server spells it, without a subject class.
pub(super) fn parse_arxiv(text: &str) -> Option<String> {
    let bare = strip_any_prefix(text, &["arxiv:"]).unwrap_or(text);
    let (archive, number) = match bare.split_once('/') {
        Some((archive, number)) => (Some(strip_class(archive)?), number),
        None => (None, bare),
    };
    if is_new_number(number) {
        return Some(format!("arXiv:{number}"));
    }
    // Each archive counted its old numbers anew, so an old number needs its archive.
    let archive = archive?;
    is_old_number(number).then(|| format!("arXiv:{archive}/{number}"))
}

/// Strips the class of an archive: `math` of `math.GT`.
fn strip_class(archive: &str) -> Option<&str> {
    // A made-up class lets an archive without one pass the same check.
    let (name, class) = archive.split_once('.').unwrap_or((archive, "xx"));
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    let is_class = class.len() == 2 && class.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_name && is_class).then_some(name)
}

fn strip_version(number: &str) -> &str {
    match number.rsplit_once(['v', 'V']) {
        Some((number, version)) if is_digits(version) => number,
        _ => number,
    }
}

fn is_new_number(number: &str) -> bool {
    strip_version(number).split_once('.').is_some_and(|(month, number)| {
        month.len() == 4 && is_digits(month) && matches!(number.len(), 4 | 5) && is_digits(number)
    })
}

fn is_old_number(number: &str) -> bool {
    let number = strip_version(number);
    number.len() > 4 && is_digits(number)
}

/// Returns a `PubMed` id without the prefix or address around it.
pub(super) fn parse_pmid(text: &str) -> Option<&str> {
    const FRONTS: [&str; 3] =
        ["pmid:", "https://pubmed.ncbi.nlm.nih.gov/", "http://pubmed.ncbi.nlm.nih.gov/"];
    let bare = strip_any_prefix(text, &FRONTS).unwrap_or(text);
    let bare = bare.strip_suffix('/').unwrap_or(bare);
    is_digits(bare).then_some(bare)
}

/// Returns the id of an item of Wikidata.
pub(super) fn parse_wikidata(text: &str) -> Option<&str> {
    const ADDRESSES: [&str; 3] = [
        "https://www.wikidata.org/entity/",
        "http://www.wikidata.org/entity/",
        "www.wikidata.org/entity/",
    ];
    let bare = strip_any_prefix(text, &["wikidata:"]).map(str::trim_start);
    let bare = bare.or_else(|| strip_any_prefix(text, &ADDRESSES)).unwrap_or(text);
    strip_any_prefix(bare, &["q"]).is_some_and(is_digits).then_some(bare)
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Returns whether a text is four words with dots between them, such as
/// `CSTR:31253.11.sciencedb.j00001`.
pub(super) fn is_cstr(text: &str) -> bool {
    let parts: Vec<&str> = strip_any_prefix(text, &["cstr:"]).unwrap_or(text).split('.').collect();
    parts.len() == 4 && parts.into_iter().all(is_word)
}

/// Authorities of Research Resource Identifiers that the library knows.
const RESOURCES: [&str; 25] = [
    "AB",
    "CVCL",
    "SCR",
    "IMSR",
    "Addgene",
    "DGRC",
    "Flybase",
    "NCBITaxon",
    "MGI",
    "BDSC",
    "WB-STRAIN",
    "ZFIN",
    "ZIRC",
    "DGGR",
    "IMSR_GPT",
    "IMSR_CYAGEN",
    "IMSR_EUMMCR",
    "IMSR_JAX",
    "IMSR_RIKEN_BRC",
    "IMSR_MMRRC",
    "IMSR_TIGM",
    "IMSR_CRL",
    "IMSR_KU",
    "ISMR_NM",
    "ISMR_EM",
];

/// Returns whether a text is one or more authorities in a row, an underscore, and a word.
pub(super) fn is_rrid(text: &str) -> bool {
    let mut rest = strip_any_prefix(text, &["rrid:"]).unwrap_or(text);
    // The rest of an authority of two words is a word as well, so the first match will do.
    while let Some(next) = strip_any_prefix(rest, &RESOURCES) {
        if next.strip_prefix('_').is_some_and(is_word) {
            return true;
        }
        rest = next;
    }
    false
}

/// Returns whether a text is a Software Heritage id; a wrong qualifier makes it invalid.
pub(super) fn is_swhid(text: &str) -> bool {
    let mut parts = text.split(';');
    parts.next().is_some_and(is_swhid_core) && parts.all(is_qualifier)
}

fn is_swhid_core(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("swh:1:") else { return false };
    rest.split_once(':').is_some_and(|(kind, hash)| {
        matches!(kind, "snp" | "rel" | "rev" | "dir" | "cnt")
            && hash.len() == 40
            && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn is_qualifier(text: &str) -> bool {
    let Some((key, value)) = text.split_once('=') else { return false };
    let has_odd_sign = value.contains(|c: char| c <= ' ' || "<>\"{}|\\^`".contains(c));
    match key {
        "origin" => !has_odd_sign && Parts::of(value).is_some_and(|parts| parts.is_url()),
        "path" => value.starts_with('/') && !has_odd_sign,
        "visit" | "anchor" => is_swhid_core(value),
        "lines" => {
            let rest = strip_digits(value);
            rest.is_some_and(|rest| {
                rest.is_empty() || rest.strip_prefix('-').is_some_and(is_digits)
            })
        }
        _ => false,
    }
}

/// Returns whether a text begins with a GND id; the rest is ignored.
pub(super) fn is_gnd(text: &str) -> bool {
    const FRONTS: [&str; 5] =
        ["gnd:", "GND:", "https://d-nb.info/gnd/", "http://d-nb.info/gnd/", "d-nb.info/gnd/"];
    let bare = FRONTS.iter().find_map(|app| text.strip_prefix(app)).unwrap_or(text);
    let n_digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let next = |at: usize| bare.as_bytes().get(at).copied();
    let is_check = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_digit() || b == b'X');
    let first = next(0);
    // Eight or nine digits and a check digit, of which the first ones are fixed.
    let is_long = match first {
        Some(b'1') => {
            let is_longer = matches!(next(1), Some(b'0' | b'1' | b'2'));
            n_digits >= 8 && is_check(next(8)) || is_longer && n_digits >= 9 && is_check(next(9))
        }
        Some(b'3') => n_digits >= 8 && is_check(next(8)),
        _ => false,
    };
    let is_hyphened = matches!(n_digits, 1..=8)
        && first != Some(b'0')
        && next(n_digits) == Some(b'-')
        && is_check(next(n_digits + 1));
    is_long || is_hyphened
}

pub(super) fn is_gnd_with_prefix(text: &str) -> bool {
    strip_any_prefix(text, &["gnd:"]).is_some() && is_gnd(text)
}

/// Returns whether a text is a ROR id: a zero, six letters or digits, two digits.
pub(super) fn is_ror(text: &str) -> bool {
    let bare = strip_any_prefix(text, &["https://", "http://"]).unwrap_or(text);
    let bare = strip_any_prefix(bare, &["ror.org/"]).unwrap_or(bare);
    // The library accepts an underscore as well.
    bare.len() == 9
        && bare.starts_with('0')
        && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && is_digits(&bare[7..])
}
