//! HTML character references: `&eacute;`, `&#233;`, `&#xe9;`.
//!
//! Only those that end in a semicolon count, as for the libraries that the server uses (bleach
//! and ftfy).

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Upper-case names that mean something without a semicolon, so that `&LTIMES;` is not `&ltimes;`.
const UPPER_CASE_LEADS: [&str; 8] = ["AMP", "COPY", "ETH", "GT", "LT", "QUOT", "REG", "THORN"];

/// Decodes all references in a text, once.
///
/// All-capital spellings of lower-case names are taken too (`&EACUTE;`), as ftfy does.
pub(super) fn decode_all(text: &str) -> String {
    replace(text, |name| decode(name).or_else(|| decode_upper_case(name)))
}

/// Decodes the references that bleach looks for in addresses: numbers, and the names that HTML
/// also knows without a semicolon.
pub(super) fn decode_in_address(text: &str) -> String {
    replace(text, |name| if name.starts_with('#') { decode(name) } else { named(name) })
}

/// Returns what a reference stands for, given without `&` and `;`.
pub(super) fn decode(name: &str) -> Option<String> {
    match name.strip_prefix('#') {
        Some(number) => numbered(number).map(String::from),
        None => named(&format!("{name};")),
    }
}

/// Tells whether bleach leaves `&name;` in a text alone: a number, or the beginning of a known
/// name.
pub(super) fn is_kept(name: &str) -> bool {
    match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
            None => number.bytes().all(|byte| byte.is_ascii_digit()),
        },
        None => NAMED_ENTITIES.contains_key(name),
    }
}

/// Splits off the reference that a text right behind an `&` begins with: its name and the rest
/// behind the semicolon.
pub(super) fn leading_name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '#')?;
    let (name, rest) = text.split_at_checked(end)?;
    let rest = rest.strip_prefix(';')?;
    (!name.is_empty() && !name.get(1..).is_some_and(|tail| tail.contains('#')))
        .then_some((name, rest))
}

fn replace(text: &str, decode: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let found = leading_name(behind).and_then(|(name, tail)| Some((decode(name)?, tail)));
        if let Some((decoded, tail)) = found {
            out.push_str(&decoded);
            rest = tail;
        } else {
            out.push('&');
            rest = behind;
        }
    }
    out + rest
}

/// Looks a name up as HTML's table has it, with or without its semicolon.
fn named(name: &str) -> Option<String> {
    let (first, second) = *NAMED_ENTITIES.get(name)?;
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
    Some(named(&format!("{};", name.to_ascii_lowercase()))?.to_uppercase())
}

fn numbered(number: &str) -> Option<char> {
    let code = digits(number)?;
    let windows = code.checked_sub(0x80).and_then(|at| C1_REPLACEMENTS.get(at as usize).copied());
    match windows {
        Some(Some(replacement)) => Some(replacement),
        // No character has the number: as HTML reads it.
        _ => Some(char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}')),
    }
}

/// Reads the number of a numeric reference: `233` or `xe9`.
fn digits(number: &str) -> Option<u32> {
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
            ("&amp;lt;", "&lt;"),
        ] {
            assert_eq!(decode_all(text), decoded, "{text}");
        }
    }

    #[test]
    fn in_addresses_only_old_names_count() {
        assert_eq!(decode_in_address("java&#115;cript&colon;x&amp;y"), "javascript&colon;x&y");
    }
}
