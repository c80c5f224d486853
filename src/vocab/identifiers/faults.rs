//! Describes what is wrong with an ORCID, a GND id, an ISNI, a ROR id, an ISBN or an ISSN.

use std::sync::LazyLock;

use regex::Regex;

use super::bare::{strip_gnd, strip_isni, strip_orcid, strip_ror};

/// The ranges of ISNIs that the ORCID registry uses, without the check digit.
///
/// Source: ORCID, "Structure of the ORCID Identifier", as in idutils, read 2026-11-23.
const ORCID_RANGES: [(u64, u64); 2] =
    [(15_000_000, 35_000_000), (900_000_000_000, 900_100_000_000)];

/// The forms of a GND id.
///
/// Source: wikidata property P227, as in idutils, read 2026-11-23.
static GND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(1[012]?[0-9]{7}[0-9X]|[47][0-9]{6}-[0-9]|[1-9][0-9]{0,7}-[0-9X]|3[0-9]{7}[0-9X])$",
    )
    .ok()
});

/// Returns why a text is not an ORCID; `None` when it is one.
///
/// Accepts an address at orcid.org, and hyphens or none. A draft answers 200 to a wrong check digit
/// and drops the creator's *name*.
///
/// Source: contract/scenarios/metadata-invalid.json, 2026-11-23.
pub fn find_orcid_fault(text: &str) -> Option<String> {
    let bare = strip_orcid(text).replace('-', "");
    let (body, check) = match (bare.get(..15), bare.get(15..)) {
        (Some(body), Some(check))
            if bare.len() == 16
                && body.bytes().all(|byte| byte.is_ascii_digit())
                && check.bytes().all(|byte| byte.is_ascii_digit() || byte == b'X') =>
        {
            (body, check)
        }
        _ => return Some("it is not 16 digits such as `0000-0002-1825-0097`".to_owned()),
    };
    let wanted = compute_isni_check(body);
    if !check.starts_with(wanted) {
        return Some(format!("its check digit is `{check}` where `{wanted}` is right"));
    }
    let number: u64 = body.parse().ok()?;
    // Any ISNI has this form and check digit; the server accepts only the ranges of ORCID.
    let in_range = ORCID_RANGES.iter().any(|(first, last)| (*first..=*last).contains(&number));
    (!in_range).then(|| "it is outside the numbers that ORCID hands out".to_owned())
}

/// Computes the check digit of an ORCID or ISNI (ISO 7064, modulus 11-2).
pub(super) fn compute_isni_check(body: &str) -> char {
    let total = body.bytes().fold(0, |total, byte| (total + u32::from(byte - b'0')) * 2 % 11);
    match (12 - total) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('?'),
    }
}

/// Returns why a text is not a GND id; `None` when it may be one. Checks its form only, as the
/// server does.
pub fn find_gnd_fault(text: &str) -> Option<String> {
    let good = GND.as_ref().is_some_and(|form| form.is_match(strip_gnd(text)));
    (!good).then(|| "it has not the form of a GND id such as `118540238` or `4021477-1`".to_owned())
}

/// Returns why a text is not an ISNI; `None` when it is one. Accepts an address at isni.org, blanks
/// and hyphens.
pub fn find_isni_fault(text: &str) -> Option<String> {
    let bare = strip_isni(text);
    let (Some(body), Some(check)) = (bare.get(..15), bare.get(15..)) else {
        return Some("it is not 16 digits such as `0000 0001 2156 142X`".to_owned());
    };
    if bare.len() != 16 || !body.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("it is not 16 digits such as `0000 0001 2156 142X`".to_owned());
    }
    let wanted = compute_isni_check(body);
    let is_right = check.eq_ignore_ascii_case(&wanted.to_string());
    (!is_right).then(|| format!("its check digit is `{check}` where `{wanted}` is right"))
}

/// The digits of a ROR id (Crockford's base 32).
const ROR_DIGITS: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// Returns why a text is not a ROR id; `None` when it is one. Accepts an address at ror.org.
///
/// Source: ROR, "ROR identifier pattern" (ISO 7064, modulus 97-10), read 2026-11-30.
pub fn find_ror_fault(text: &str) -> Option<String> {
    let bare = strip_ror(text);
    let form = || Some("it has not the form of a ROR id such as `02feahw73`".to_owned());
    if bare.len() != 9 || !bare.starts_with('0') || !bare.is_ascii() {
        return form();
    }
    let (body, check) = bare.split_at(7);
    let mut number = 0_u64;
    for c in body.chars() {
        let Some(digit) = ROR_DIGITS.find(c) else { return form() };
        number = number * 32 + digit as u64;
    }
    let wanted = format!("{:02}", 98 - number * 100 % 97);
    (check != wanted).then(|| format!("its check digits are `{check}` where `{wanted}` is right"))
}

/// Returns why a text is not an ISSN; `None` when it is one.
pub fn find_issn_fault(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let body: Option<Vec<u32>> = digits.chars().take(7).map(|c| c.to_digit(10)).collect();
    let (Some(body), 8) = (body, digits.chars().count()) else {
        return Some("it is not eight digits such as `0317-8471`".to_owned());
    };
    let total: u32 = body.iter().zip((2..=8).rev()).map(|(digit, weight)| digit * weight).sum();
    let wanted = match (11 - total % 11) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('?'),
    };
    let check = digits.chars().last()?.to_ascii_uppercase();
    (check != wanted).then(|| format!("its check digit is `{check}` where `{wanted}` is right"))
}

/// Returns why a text is not an ISBN; `None` when it is one. Accepts ten or thirteen digits,
/// hyphens and blanks anywhere, and a leading `ISBN`.
pub fn find_isbn_fault(text: &str) -> Option<String> {
    let text = match text.get(..4) {
        Some(lead) if lead.eq_ignore_ascii_case("isbn") => text[4..].trim_start_matches([':', ' ']),
        _ => text,
    };
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let wanted = match digits.len() {
        10 => compute_isbn10_check(digits.get(..9)?),
        // Other articles have the same 13 digits with another prefix, so the prefix decides.
        13 if digits.starts_with("978") || digits.starts_with("979") => {
            compute_isbn13_check(digits.get(..12)?)
        }
        13 => return Some("it begins with neither 978 nor 979".to_owned()),
        _ => return Some("it has neither 10 nor 13 digits".to_owned()),
    };
    let Some(wanted) = wanted else {
        return Some("it holds something that is not a digit".to_owned());
    };
    let check = digits.chars().last()?.to_ascii_uppercase();
    (check != wanted).then(|| format!("its check digit is `{check}` where `{wanted}` is right"))
}

/// Returns whether the server reads an identifier as an ISBN: it uses the digits alone, and the
/// whole text only to exclude the number of another article.
///
/// Source: idutils 1.7.0 and isbnlib, read 2026-11-28.
pub(super) fn is_isbn(text: &str) -> bool {
    let Some(digits) = pick_isbn_digits(text) else { return false };
    let is_right = find_isbn_fault(&digits).is_none();
    let is_bare = text.len() == 13 && digits.len() == 13;
    is_right && (!is_bare || digits.starts_with("978") || digits.starts_with("979"))
}

/// Picks the ten or thirteen digits of an ISBN out of a text; an `x` is valid only as the tenth.
pub(super) fn pick_isbn_digits(text: &str) -> Option<String> {
    let picked: String =
        text.chars().filter(|c| c.is_ascii_digit() || matches!(c, 'x' | 'X')).collect();
    let picked = match picked.strip_suffix('x') {
        Some(body) => format!("{body}X"),
        None => picked,
    };
    let body = picked.strip_suffix('X').unwrap_or(&picked);
    let has_x = body.len() < picked.len();
    let is_number = body.bytes().all(|byte| byte.is_ascii_digit());
    let is_sized = picked.len() == 10 || picked.len() == 13 && !has_x;
    // Zeros alone have a right check digit; the server does not read them as an ISBN.
    (is_number && is_sized && body.bytes().any(|byte| byte != b'0')).then_some(picked)
}

fn compute_isbn10_check(body: &str) -> Option<char> {
    let mut total = 0;
    for (weight, c) in (2..=10).rev().zip(body.chars()) {
        total += weight * c.to_digit(10)?;
    }
    match (11 - total % 11) % 11 {
        10 => Some('X'),
        digit => char::from_digit(digit, 10),
    }
}

/// Computes the check digit of an ISBN-13 or EAN-13 from its first twelve digits.
pub(super) fn compute_isbn13_check(body: &str) -> Option<char> {
    let mut total = 0;
    for (weight, c) in [1, 3].into_iter().cycle().zip(body.chars()) {
        total += weight * c.to_digit(10)?;
    }
    char::from_digit((10 - total % 10) % 10, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_organisations_have_check_digits() {
        for good in ["02feahw73", "https://ror.org/01ggx4157", "029chgv08", "ror.org/00k4n6c32"] {
            assert_eq!(find_ror_fault(good), None, "{good}");
        }
        for bad in ["02feahw74", "02feahw7", "12feahw73", "02feihw73", "", "ｒ2feahw73"] {
            assert!(find_ror_fault(bad).is_some(), "{bad}");
        }
        for good in
            ["0000 0001 2156 142X", "0000-0001-2156-142x", "https://isni.org/isni/000000012156142X"]
        {
            assert_eq!(find_isni_fault(good), None, "{good}");
        }
        for bad in ["0000 0001 2156 1421", "0000 0001 2156 14", "é000000121561420", ""] {
            assert!(find_isni_fault(bad).is_some(), "{bad}");
        }
        for good in ["0317-8471", "2434561X", "2434-561x"] {
            assert_eq!(find_issn_fault(good), None, "{good}");
        }
        for bad in ["0317-8472", "0317-847", "031x-8471", ""] {
            assert!(find_issn_fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn an_orcid_has_a_check_digit_and_a_range() {
        for good in [
            "0000-0002-1825-0097",
            "0000000218250097",
            "https://orcid.org/0000-0002-1825-0097",
            "0000-0002-1694-233X",
            "0000-0001-5109-3700",
        ] {
            assert_eq!(find_orcid_fault(good), None, "{good}");
        }
        let fault = find_orcid_fault("0000-0002-1825-0098").unwrap();
        assert_eq!(fault, "its check digit is `8` where `7` is right");
        for bad in ["", "0000-0002-1825", "Weiss", "0000-0002-1825-00977", "0000-0002-1825-009é"] {
            assert!(find_orcid_fault(bad).unwrap().contains("16 digits"), "{bad}");
        }
        assert!(find_orcid_fault("0000-0000-0000-0001").unwrap().contains("outside"));
    }

    #[test]
    fn an_isbn_has_a_check_digit() {
        for good in [
            "978-3-16-148410-0",
            "9783161484100",
            "3-16-148410-X",
            "0 306 40615 2",
            "ISBN 978-3-16-148410-0",
            "isbn:9783161484100",
        ] {
            assert_eq!(find_isbn_fault(good), None, "{good}");
        }
        for (bad, why) in [
            ("978-3-16-148410-1", "its check digit is `1` where `0` is right"),
            ("4006381333931", "neither 978 nor 979"),
            ("97831614841", "neither 10 nor 13 digits"),
            ("978316148410X", "its check digit is `X`"),
            ("97831614841é0", "neither 10 nor 13"),
            ("97a3161484100", "neither 978 nor 979"),
            ("978316a484100", "not a digit"),
            ("", "neither 10 nor 13 digits"),
        ] {
            let fault = find_isbn_fault(bad).unwrap_or_else(|| panic!("{bad}"));
            assert!(fault.contains(why), "{bad}: {fault}");
        }
    }

    #[test]
    fn a_gnd_id_has_one_of_four_forms() {
        for good in [
            "118540238",
            "4021477-1",
            "gnd:118540238",
            "https://d-nb.info/gnd/118540238",
            "2055906-9",
        ] {
            assert_eq!(find_gnd_fault(good), None, "{good}");
        }
        for bad in ["", "Goethe", "11854023", "4021477", "118540238x"] {
            assert!(find_gnd_fault(bad).is_some(), "{bad}");
        }
    }
}
