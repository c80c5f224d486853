//! Languages by their ISO 639 codes.

use isolang::Language;

/// Returns the three-letter code of a language given by its two- or three-letter code.
///
/// Returns `None` for an unknown code, for one in upper case (the server knows only lower case) and
/// for a name. A draft drops a code that the server does not know, and refuses a name.
///
/// Source: contract/scenarios/metadata-invalid.json, 2026-11-23; the codes are those of isolang.
pub fn find_language_alpha3(code: &str) -> Option<&'static str> {
    if !code.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let language = match code.len() {
        2 => Language::from_639_1(code)?,
        3 => Language::from_639_3(code)?,
        _ => return None,
    };
    Some(language.to_639_3())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_and_three_letters_give_three() {
        for (code, three) in [("en", "eng"), ("eng", "eng"), ("de", "deu"), ("fr", "fra")] {
            assert_eq!(find_language_alpha3(code), Some(three), "{code}");
        }
        for bad in ["", "e", "xx", "EN", "english", "en-GB", "qqq"] {
            assert_eq!(find_language_alpha3(bad), None, "{bad}");
        }
    }
}
