//! Languages by their ISO 639 codes.

use std::sync::LazyLock;

/// The three-letter code of each language, sorted, and its two-letter code; empty where it has none.
static LANGUAGES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let lines = include_str!("data/languages.txt").lines();
    let codes = lines.filter(|line| !line.starts_with('#'));
    codes.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect()
});

/// Returns the three-letter code of a language given by its two- or three-letter code.
///
/// Returns `None` for an unknown code, for one in upper case (the server knows only lower case) and
/// for a name. A draft drops a code that the server does not know, and refuses a name.
///
/// Source: contract/scenarios/metadata-invalid.json, 2026-11-23.
pub fn find_language_alpha3(code: &str) -> Option<&'static str> {
    let at = match code.len() {
        2 => LANGUAGES.iter().position(|(_, two)| *two == code)?,
        3 => LANGUAGES.binary_search_by_key(&code, |(three, _)| three).ok()?,
        _ => return None,
    };
    LANGUAGES.get(at).map(|(three, _)| *three)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_and_three_letters_give_three() {
        for (code, three) in [("en", "eng"), ("eng", "eng"), ("de", "deu"), ("fr", "fra")] {
            assert_eq!(find_language_alpha3(code), Some(three), "{code}");
        }
        for bad in ["", "e", "xx", "EN", "english", "en-GB", "qqq", "# I"] {
            assert_eq!(find_language_alpha3(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_table_is_whole_and_sorted() {
        assert_eq!(LANGUAGES.len(), 7916);
        assert!(LANGUAGES.is_sorted_by(|(one, _), (next, _)| one < next));
        let two: Vec<&str> =
            LANGUAGES.iter().map(|(_, two)| *two).filter(|two| !two.is_empty()).collect();
        assert_eq!(two.len(), 184);
        let is_code =
            |text: &str, n| text.len() == n && text.bytes().all(|b| b.is_ascii_lowercase());
        assert!(LANGUAGES.iter().all(|(three, _)| is_code(three, 3)));
        assert!(two.iter().all(|two| is_code(two, 2)));
        assert_eq!(two.iter().collect::<std::collections::BTreeSet<_>>().len(), two.len());
    }
}
