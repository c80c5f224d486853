//! Finds and decodes character references (`&eacute;`, `&#233;`) as the server's libraries do.
//!
//! The table of names is the one of the HTML standard, which html5ever brings with all beginnings
//! of names in it. Deliberately absent: which references are decoded and which are kept.

use html5ever::data::NAMED_ENTITIES;

/// Returns the reference at the head of a text, without its `&` and `;`, and the text after it.
///
/// `text` begins after a `&`. A name that only begins like a known one counts (`&eacut;`), as on
/// the server.
pub(super) fn find_leading_reference(text: &str) -> Option<(&str, &str)> {
    let name = match text.strip_prefix('#') {
        Some(number) => &text[..=count_number_bytes(number)],
        None => &text[..find_name_end(text)?],
    };
    let rest = &text[name.len()..];
    if !name.is_empty() && rest.starts_with(';') {
        return Some((name, &rest[1..]));
    }
    // The server takes one stray character after the digits of a number for the `;`.
    let stray = rest.chars().next().filter(|c| name.starts_with('#') && !ends_reference(*c))?;
    let rest = &rest[stray.len_utf8()..];
    rest.starts_with(';').then_some((name, rest))
}

fn count_number_bytes(text: &str) -> usize {
    let hex = text.starts_with(['x', 'X']);
    let digits = &text[usize::from(hex)..];
    let is_digit = |c: char| if hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() };
    usize::from(hex) + digits.find(|c| !is_digit(c)).unwrap_or(digits.len())
}

/// Returns the length of a name, if a name of the table begins with it.
fn find_name_end(text: &str) -> Option<usize> {
    let end = text.find(ends_reference).unwrap_or(text.len());
    // The table holds all beginnings of its names as well.
    (end == 0 || NAMED_ENTITIES.contains_key(&text[..end])).then_some(end)
}

fn ends_reference(c: char) -> bool {
    matches!(c, '<' | '&' | '=' | ';' | ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// Returns the characters of a reference; `None` if it has none.
///
/// `name` is without `&` and `;`.
pub(super) fn decode_reference(name: &str) -> Option<String> {
    match name.strip_prefix('#') {
        Some(number) => decode_number(number).map(String::from),
        None => find_named(&format!("{name};")),
    }
}

fn decode_number(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|c| *c != '\0')
}

/// Returns the characters of a name of the table; `name` includes the `;` if the table has it.
pub(super) fn find_named(name: &str) -> Option<String> {
    let (first, second) = *NAMED_ENTITIES.get(name)?;
    // A mere beginning of a name is in the table with a zero.
    let first = char::from_u32(first).filter(|c| *c != '\0')?;
    let second = char::from_u32(second).filter(|c| *c != '\0');
    Some([first].into_iter().chain(second).collect())
}

/// Decodes all references of a text that have characters.
pub(super) fn decode_all_references(text: &str) -> String {
    let mut parts = text.split('&');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let found = find_leading_reference(part)
            .and_then(|(name, rest)| Some((decode_reference(name)?, rest)));
        let (characters, rest) = found.unwrap_or_else(|| ("&".to_owned(), part));
        decoded.push_str(&characters);
        decoded.push_str(rest);
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::{decode_all_references, find_leading_reference};

    #[test]
    fn finds_whole_begun_and_numbered_references() {
        assert_eq!(find_leading_reference("eacute; x"), Some(("eacute", " x")));
        assert_eq!(find_leading_reference("eacut;x"), Some(("eacut", "x")));
        assert_eq!(find_leading_reference("bogus;"), None);
        assert_eq!(find_leading_reference("amp b"), None);
        assert_eq!(find_leading_reference("#xE9;"), Some(("#xE9", "")));
        assert_eq!(find_leading_reference("#12é;"), Some(("#12", ";")));
        assert_eq!(find_leading_reference("#12é"), None);
        assert_eq!(find_leading_reference(""), None);
    }

    #[test]
    fn decodes_what_stands_for_something() {
        assert_eq!(
            decode_all_references("a&amp;b &#58;&#x3a; &bogus; & &#0;"),
            "a&b :: &bogus; & &#0;"
        );
    }
}
