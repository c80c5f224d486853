//! "Did you mean": the candidate that a mistyped text most likely means.

/// Returns the candidate closest to a text, if one is close enough.
///
/// Ignores case, `-`, `_`, `.` and blanks; the first of equals wins. Allows about one typing error
/// in three letters.
pub fn find_closest<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = drop_separators(text);
    let allowed = (wanted.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let found = drop_separators(candidate);
        let distance = strsim::damerau_levenshtein(&wanted, &found);
        // A text of other letters is as far away as the candidate is long: `x` must not mean `y`.
        if distance <= allowed
            && distance < found.chars().count()
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Returns whether a text differs from a candidate by one letter, case or separators.
pub fn is_slip_of(text: &str, candidate: &str) -> bool {
    strsim::damerau_levenshtein(&drop_separators(text), &drop_separators(candidate)) <= 1
}

/// Drops case and separators, which people confuse without meaning another word.
fn drop_separators(text: &str) -> String {
    let kept = text.chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' '));
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [&str; 5] = ["title", "keywords", "license", "creators", "contributors"];

    #[test]
    fn a_typing_error_finds_what_was_meant() {
        assert_eq!(find_closest("titel", FIELDS), Some("title"));
        assert_eq!(find_closest("keyword", FIELDS), Some("keywords"));
        assert_eq!(find_closest("licence", FIELDS), Some("license"));
        assert_eq!(find_closest("Creators", FIELDS), Some("creators"));
        assert_eq!(find_closest("ccby4.0", ["cc-by-4.0", "cc-by-3.0"]), Some("cc-by-4.0"));
        assert_eq!(find_closest("issupplementto", ["isSupplementTo"]), Some("isSupplementTo"));
    }

    #[test]
    fn nothing_is_suggested_that_is_far_away() {
        assert_eq!(find_closest("banana", FIELDS), None);
        assert_eq!(find_closest("", FIELDS), None);
        assert_eq!(find_closest("x", ["y", "z"]), None);
        assert_eq!(find_closest("title", []), None);
    }
}
