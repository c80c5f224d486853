//! Schemes of identifiers: which one a text is of, and how the server writes it.
//!
//! Deliberately absent: asking whether an identifier resolves.

/// Returns the scheme of an identifier and the identifier as the server keeps it.
///
/// The order is that of the checks, since many texts fit more than one.
pub(crate) fn detect(text: &str) -> Option<(&'static str, String)> {
    let text = text.trim();
    let kept = || text.to_owned();
    if let Some(doi) = doi(text) {
        return Some(("doi", doi));
    }
    if let Some(orcid) = orcid(text) {
        return Some(("orcid", orcid));
    }
    if let Some(arxiv) = arxiv(text) {
        return Some(("arxiv", arxiv));
    }
    for (scheme, test) in PREFIXED {
        if test(text) {
            return Some((scheme, kept()));
        }
    }
    if let Some(handle) = handle(text) {
        return Some(("handle", handle));
    }
    if is_url(text) {
        return Some(("url", kept()));
    }
    if is_isbn(text) {
        return Some(("isbn", kept()));
    }
    is_issn(text).then(|| ("issn", kept()))
}

type Test = fn(&str) -> bool;

const PREFIXED: [(&str, Test); 9] = [
    ("ads", |text| {
        let code = after(text, &["ads:", "ADS:"]).unwrap_or(text);
        code.len() == 19 && is_bibcode(code)
    }),
    ("pmcid", |text| after(text, &["PMC", "pmc"]).is_some_and(is_digits)),
    ("pmid", |text| after(text, &["pmid:", "PMID:"]).is_some_and(|rest| is_digits(rest.trim()))),
    ("ark", |text| text.contains("ark:/") && !text.ends_with("ark:/")),
    ("lsid", |text| text.to_lowercase().starts_with("urn:lsid:")),
    ("urn", |text| text.to_lowercase().starts_with("urn:") && text.matches(':').count() >= 2),
    ("purl", |text| text.starts_with("http://purl.org/") || text.starts_with("https://purl.org/")),
    ("swh", |text| text.starts_with("swh:1:")),
    ("hal", |text| after(text, &["hal:", "hal-", "HAL:"]).is_some_and(|rest| rest.len() >= 8)),
];

fn after<'a>(text: &'a str, prefixes: &[&str]) -> Option<&'a str> {
    prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_bibcode(code: &str) -> bool {
    code.is_ascii()
        && code.bytes().take(4).all(|byte| byte.is_ascii_digit())
        && code.bytes().last().is_some_and(|byte| byte.is_ascii_alphabetic())
}

/// Returns a DOI without the address or prefix around it.
pub(crate) fn doi(text: &str) -> Option<String> {
    const AROUND: [&str; 9] = [
        "https://doi.org/",
        "http://doi.org/",
        "https://dx.doi.org/",
        "http://dx.doi.org/",
        "https://www.doi.org/",
        "http://www.doi.org/",
        "doi:",
        "DOI:",
        "doi.org/",
    ];
    let bare = after(text, &AROUND).unwrap_or(text).trim_start();
    let (prefix, suffix) = bare.split_once('/')?;
    let registrant = prefix.strip_prefix("10.")?;
    let is_registrant = registrant.len() >= 4 && registrant.split('.').all(is_digits);
    (is_registrant && !suffix.is_empty()).then(|| bare.to_owned())
}

/// Returns an ORCID whose check digit is right, without the address around it.
pub(crate) fn orcid(text: &str) -> Option<String> {
    let bare = after(text, &["https://orcid.org/", "http://orcid.org/", "orcid:"]).unwrap_or(text);
    let is_shaped = bare.len() == 19
        && bare.is_ascii()
        && bare.split('-').count() == 4
        && bare.split('-').all(|group| group.len() == 4);
    if !is_shaped {
        return None;
    }
    let digits: Vec<u32> = bare
        .chars()
        .filter(|c| *c != '-')
        .map(|c| if c == 'X' { Some(10) } else { c.to_digit(10) })
        .collect::<Option<_>>()?;
    let (check, body) = digits.split_last()?;
    // ISO 7064, mod 11-2.
    let sum = body.iter().fold(0, |sum, digit| (sum + digit) * 2 % 11);
    ((12 - sum) % 11 == *check).then(|| bare.to_owned())
}

fn arxiv(text: &str) -> Option<String> {
    const AROUND: [&str; 6] = [
        "https://arxiv.org/abs/",
        "http://arxiv.org/abs/",
        "arXiv:",
        "arxiv:",
        "ARXIV:",
        "https://arxiv.org/pdf/",
    ];
    let bare = after(text, &AROUND);
    let is_old = |id: &str| {
        id.split_once('/').is_some_and(|(archive, number)| {
            !archive.is_empty()
                && archive.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '.')
                && number.len() >= 7
                && is_digits(&number[..7])
        })
    };
    let id = bare.unwrap_or(text);
    let is_new = id.split_once('.').is_some_and(|(month, rest)| {
        let number = rest.split('v').next().unwrap_or_default();
        month.len() == 4 && is_digits(month) && (4..=5).contains(&number.len()) && is_digits(number)
    });
    let is_arxiv = is_new || (bare.is_some() && id.is_ascii() && is_old(id));
    is_arxiv.then(|| format!("arXiv:{id}"))
}

fn handle(text: &str) -> Option<String> {
    const AROUND: [&str; 3] = ["https://hdl.handle.net/", "http://hdl.handle.net/", "hdl:"];
    let bare = after(text, &AROUND)?;
    bare.contains('/').then(|| bare.to_owned())
}

fn is_url(text: &str) -> bool {
    let rest = after(text, &["https://", "http://", "ftp://", "ftps://", "git://"]);
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !text.contains(char::is_whitespace)
    })
}

fn is_isbn(text: &str) -> bool {
    let bare = after(text, &["ISBN:", "isbn:", "ISBN "]).unwrap_or(text);
    let digits: Vec<u32> = bare
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| if c == 'X' { Some(10) } else { c.to_digit(10) })
        .collect::<Option<_>>()
        .unwrap_or_default();
    match digits.len() {
        10 => digits.iter().zip((1..=10).rev()).map(|(d, w)| d * w).sum::<u32>() % 11 == 0,
        13 => {
            let weights = [1, 3].into_iter().cycle();
            digits.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 10 == 0
        }
        _ => false,
    }
}

fn is_issn(text: &str) -> bool {
    let bare = after(text, &["ISSN:", "issn:", "ISSN "]).unwrap_or(text);
    let is_shaped = bare.len() == 9 && bare.as_bytes().get(4) == Some(&b'-');
    let digits: Option<Vec<u32>> = bare
        .chars()
        .filter(|c| *c != '-')
        .map(|c| if c == 'X' { Some(10) } else { c.to_digit(10) })
        .collect();
    let Some(digits) = digits.filter(|digits| is_shaped && digits.len() == 8) else {
        return false;
    };
    digits.iter().zip((1..=8).rev()).map(|(d, w)| d * w).sum::<u32>() % 11 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_is_told_from_the_others() {
        for (text, scheme, kept) in [
            ("10.1234/foo", "doi", "10.1234/foo"),
            ("https://doi.org/10.1234/foo", "doi", "10.1234/foo"),
            ("https://example.org/code", "url", "https://example.org/code"),
            ("arXiv:2101.00001", "arxiv", "arXiv:2101.00001"),
            ("0000-0002-1825-0097", "orcid", "0000-0002-1825-0097"),
            ("978-3-16-148410-0", "isbn", "978-3-16-148410-0"),
            ("0378-5955", "issn", "0378-5955"),
            ("hdl:1234/5", "handle", "1234/5"),
            ("urn:nbn:de:1", "urn", "urn:nbn:de:1"),
            ("pmid:12345", "pmid", "pmid:12345"),
            ("swh:1:rev:00", "swh", "swh:1:rev:00"),
        ] {
            assert_eq!(detect(text), Some((scheme, kept.to_owned())), "{text}");
        }
        assert_eq!(detect("not an id"), None);
        assert_eq!(orcid("0000-0002-1825-0098"), None);
    }
}
