//! HTML character references: `&eacute;`, `&#233;`, `&#xe9;`.
//!
//! Only those that end in a semicolon count, as for the libraries that the server uses (bleach
//! and ftfy).

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Upper-case names that are valid without a semicolon, so that `&LTIMES;` is not `&ltimes;`.
const UPPER_CASE_LEADS: [&str; 8] = ["AMP", "COPY", "ETH", "GT", "LT", "QUOT", "REG", "THORN"];

/// The longest name or number, without its `#`, that ftfy reads as a reference.
const LONGEST_NAME: usize = 24;

/// Decodes all references in a text, also those that result from decoding: `&amp;lt;` is `<`.
///
/// Also decodes all-capital spellings of lower-case names (`&EACUTE;`), as ftfy does, and numbers
/// as HTML reads them.
pub(crate) fn decode_nested(text: &str) -> String {
    let mut reversed: Vec<char> = Vec::with_capacity(text.len());
    // From the right, everything behind a reference is decoded already, so that a text of nested
    // references takes no longer than another of its length.
    for c in text.chars().rev() {
        reversed.push(c);
        while let Some((decoded, length)) = decode_leading_reference(&reversed) {
            reversed.truncate(reversed.len() - length);
            reversed.extend(decoded.chars().rev());
        }
    }
    reversed.iter().rev().collect()
}

/// Decodes the reference at the head of a reversed text; returns it with its number of characters.
fn decode_leading_reference(reversed: &[char]) -> Option<(String, usize)> {
    let (head, behind) = reversed.split_last().filter(|(head, _)| **head == '&')?;
    let word = |c: &&char| c.is_ascii_alphanumeric() || **c == '#';
    let name: String = behind.iter().rev().take(LONGEST_NAME + 1).take_while(word).collect();
    let ends = behind.iter().rev().nth(name.len()) == Some(&';');
    let bare = name.strip_prefix('#').unwrap_or(&name);
    if !ends || bare.is_empty() || bare.len() > LONGEST_NAME || bare.contains('#') {
        return None;
    }
    let decoded = match name.strip_prefix('#') {
        Some(number) => decode_any_number(number),
        None => decode_reference(&name).or_else(|| decode_upper_case(&name)),
    };
    Some((decoded?, head.len_utf8() + name.len() + 1))
}

/// Decodes the number of a reference as Python does; `None` when it is not a number, and for `;`.
fn decode_any_number(number: &str) -> Option<String> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    // A number that is too large for any character becomes U+FFFD below.
    let code = u32::from_str_radix(digits, radix).unwrap_or(u32::MAX);
    let is_no_character = matches!(code, 1..=8 | 0xb | 0xe..=0x1f | 0x7f | 0xfdd0..=0xfdef)
        || code <= 0x0010_ffff && code & 0xfffe == 0xfffe;
    match code {
        // A decoded `;` would end a reference that the server leaves as it is.
        0x3b => None,
        _ if is_no_character => Some(String::new()),
        _ => decode_numbered(number).or(Some('\u{fffd}')).map(String::from),
    }
}

/// Decodes the references that bleach decodes in addresses: numbers, and the names that HTML also
/// knows without a semicolon.
pub(crate) fn decode_in_address(text: &str) -> String {
    replace_references(text, |name| {
        if name.starts_with('#') { decode_reference(name) } else { decode_named(name) }
    })
}

/// Returns the text that a reference means; `name` comes without `&` and `;`.
pub(crate) fn decode_reference(name: &str) -> Option<String> {
    match name.strip_prefix('#') {
        Some(number) => decode_numbered(number).map(String::from),
        None => decode_named(&format!("{name};")),
    }
}

/// Returns whether bleach keeps `&name;` in a text: a number, or the beginning of a known name.
pub(crate) fn is_kept(name: &str) -> bool {
    match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
            None => number.bytes().all(|byte| byte.is_ascii_digit()),
        },
        None => NAMED_ENTITIES.contains_key(name),
    }
}

/// Splits a text that follows an `&` into the name of the reference and the rest behind its
/// semicolon.
pub(crate) fn split_leading_name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '#')?;
    let (name, rest) = text.split_at_checked(end)?;
    let rest = rest.strip_prefix(';')?;
    (!name.is_empty() && !name.get(1..).is_some_and(|tail| tail.contains('#')))
        .then_some((name, rest))
}

fn replace_references(text: &str, decode: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let found = split_leading_name(behind).and_then(|(name, tail)| Some((decode(name)?, tail)));
        let (decoded, tail) = found.unwrap_or_else(|| ("&".to_owned(), behind));
        out.push_str(&decoded);
        rest = tail;
    }
    out + rest
}

/// Looks up a name as it is in HTML's table, with or without its semicolon.
fn decode_named(name: &str) -> Option<String> {
    let (first, second) = *NAMED_ENTITIES.get(name)?;
    // The table also holds each beginning of a name, which has no characters.
    if first == 0 {
        return None;
    }
    let second = char::from_u32(second).filter(|c| *c != '\0');
    Some(char::from_u32(first).into_iter().chain(second).collect())
}

fn decode_upper_case(name: &str) -> Option<String> {
    let is_upper = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if !is_upper || UPPER_CASE_LEADS.iter().any(|lead| name.starts_with(lead)) {
        return None;
    }
    Some(decode_named(&format!("{};", name.to_ascii_lowercase()))?.to_uppercase())
}

fn decode_numbered(number: &str) -> Option<char> {
    let code = parse_number(number)?;
    let windows = code.checked_sub(0x80).and_then(|at| C1_REPLACEMENTS.get(at as usize).copied());
    match windows {
        Some(Some(replacement)) => Some(replacement),
        // HTML reads a number without a character as U+FFFD.
        _ => Some(char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}')),
    }
}

/// Parses the number of a numeric reference: `233` or `xe9`.
fn parse_number(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_when_they_end_in_a_semicolon() {
        for (text, decoded) in [
            ("&lt;b&gt;", "<b>"),
            ("P&eacute;rez, P&EACUTE;REZ", "Pérez, PÉREZ"),
            ("&#233;&#xE9;&#XE9;", "ééé"),
            ("&#150;", "–"),
            ("&#0;", "\u{fffd}"),
            (
                "this&not that &copy &bogus; & &; &#; &#x;",
                "this&not that &copy &bogus; & &; &#; &#x;",
            ),
            ("&NotEqualTilde;", "≂̸"),
            ("&amp;lt; &amp;amp;amp;lt; &amp;", "< < &"),
            ("&&amp;amp; &am&#112;;", "&& &"),
            // A reference for a semicolon stays, as it does on the server.
            ("&#38&#59;lt; &#59&#59&#59;", "&#38&#59;lt; &#59&#59&#59;"),
            (
                "&#59; &#x3b; &abcdefghijklmnopqrstuvwxy;",
                "&#59; &#x3b; &abcdefghijklmnopqrstuvwxy;",
            ),
        ] {
            assert_eq!(decode_nested(text), decoded, "{text}");
        }
    }

    #[test]
    fn nested_references_cost_no_square() {
        let deep = 200_000;
        assert_eq!(decode_nested(&format!("&{}", "amp;".repeat(deep))), "&");
        assert_eq!(decode_nested(&format!("&{}", "#38;".repeat(deep))), "&");
        assert_eq!(decode_nested(&"&".repeat(deep)), "&".repeat(deep));
        let word = format!("&{}", "a".repeat(deep));
        assert_eq!(decode_nested(&word), word);
    }

    #[test]
    fn in_addresses_only_old_names_count() {
        assert_eq!(decode_in_address("java&#115;cript&colon;x&amp;y"), "javascript&colon;x&y");
    }
}
