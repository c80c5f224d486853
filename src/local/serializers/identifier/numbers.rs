//! Numbers with a check digit: ISSN, ISNI, EAN, ISTC.

/// Drops hyphens and blanks, and returns the rest in upper case.
fn strip_separators(text: &str) -> Vec<char> {
    text.chars().filter(|c| !matches!(c, '-' | ' ')).flat_map(char::to_uppercase).collect()
}

/// Returns the value of a digit, and ten for an `X`.
fn read_digit_or_ten(c: char) -> Option<u32> {
    if c == 'X' { Some(10) } else { c.to_digit(10) }
}

/// Returns whether a text has eight digits whose weighted sum is a multiple of eleven.
pub(super) fn is_issn(text: &str) -> bool {
    // The library counts an `X` as ten in any place, not only in the last.
    let digits: Option<Vec<u32>> =
        strip_separators(text).into_iter().map(read_digit_or_ten).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 8) else { return false };
    let sum: u32 = digits.iter().zip((1..=8).rev()).map(|(digit, weight)| digit * weight).sum();
    sum.is_multiple_of(11)
}

/// Writes an ISSN with its hyphen.
pub(super) fn normalize_issn(text: &str) -> String {
    let digits = strip_separators(text);
    let (first, second) = digits.split_at(digits.len().min(4));
    format!("{}-{}", String::from_iter(first), String::from_iter(second))
}

/// Returns whether a text has sixteen digits with a check digit by ISO 7064, mod 11-2.
pub(super) fn is_isni(text: &str) -> bool {
    let digits = strip_separators(text);
    let Some((check, body)) = digits.split_last().filter(|_| digits.len() == 16) else {
        return false;
    };
    let mut sum = 0;
    for c in body {
        let Some(digit) = c.to_digit(10) else { return false };
        sum = (sum + digit) * 2 % 11;
    }
    read_digit_or_ten(*check) == Some((12 - sum) % 11)
}

pub(super) fn is_ean13(text: &str) -> bool {
    text.len() == 13 && has_ean_check(text, [1, 3])
}

pub(super) fn is_ean8(text: &str) -> bool {
    text.len() == 8 && has_ean_check(text, [3, 1])
}

fn has_ean_check(text: &str, weights: [u32; 2]) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits else { return false };
    let Some((check, body)) = digits.split_last() else { return false };
    let weights = weights.into_iter().cycle();
    let sum: u32 = body.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
    (10 - sum % 10) % 10 == *check
}

/// Returns whether a text has the sixteen hexadecimal digits of an International Standard Text
/// Code.
pub(super) fn is_istc(text: &str) -> bool {
    let digits: Option<Vec<u32>> =
        strip_separators(text).into_iter().map(|c| c.to_digit(16)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 16) else { return false };
    let Some((check, body)) = digits.split_last() else { return false };
    let weights = [11, 9, 3, 1].into_iter().cycle();
    body.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 16 == *check
}
