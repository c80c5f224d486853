//! Repairs the characters of a text as the server does before it reads any tag.
//!
//! Straight quotes, one kind of line break, no ligatures, full-width or control characters, no
//! zero-width blank, NFC. References are decoded line by line until a line holds a `<`: then the
//! text counts as HTML to its end.

use super::reference::find_named;
use unicode_normalization::UnicodeNormalization;

/// Whether a line's references are decoded.
#[derive(Clone, Copy, PartialEq)]
enum References {
    Decoded,
    Kept,
}

/// Returns the text with its characters repaired.
pub(super) fn fix_text(text: &str) -> String {
    let mut references = References::Decoded;
    let mut repaired = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        // From here on the text counts as HTML, where a decoded `&lt;` would open a tag.
        if line.contains('<') {
            references = References::Kept;
        }
        repaired.push_str(&repair_line(line, references));
    }
    // A decoded reference may be one of these characters, so they go last.
    repaired.retain(|c| is_xml_char(c) && c != '\u{200b}');
    repaired
}

/// Repairs a line until nothing changes.
fn repair_line(line: &str, references: References) -> String {
    let mut line = line.to_owned();
    loop {
        // A decoded reference may complete another one, or stand for a character to repair.
        let decoded = match references {
            References::Decoded => decode_references(&line),
            References::Kept => line.clone(),
        };
        let mut mended = String::with_capacity(decoded.len());
        decoded.chars().map(replace_c1).for_each(|c| push_plain(c, &mut mended));
        let mended = mended.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
        let mut mended = strip_terminal_escapes(&mended);
        mended.retain(|c| !is_unwanted(c));
        let mended: String = mended.nfc().collect();
        if mended == line {
            return line;
        }
        line = mended;
    }
}

/// Maps a C1 control to the character of Windows-1252 that was meant.
fn replace_c1(c: char) -> char {
    let meant = u32::from(c)
        .checked_sub(0x80)
        .and_then(|index| html5ever::data::C1_REPLACEMENTS.get(index as usize));
    meant.copied().flatten().unwrap_or(c)
}

fn push_plain(c: char, text: &mut String) {
    match c {
        '\u{2bc}' | '\u{2018}'..='\u{201b}' => text.push('\''),
        '\u{201c}'..='\u{201f}' => text.push('"'),
        // The ideographic space is not in the block of full-width forms, and counts as one.
        '\u{3000}' => text.push(' '),
        '\u{ff01}'..='\u{ffef}' => text.extend(c.nfkc()),
        _ => match split_ligature(c) {
            Some(letters) => text.push_str(letters),
            None => text.push(c),
        },
    }
}

fn split_ligature(c: char) -> Option<&'static str> {
    Some(match c {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ŉ' => "\u{2bc}n",
        'Ǳ' => "DZ",
        'ǲ' => "Dz",
        'ǳ' => "dz",
        'Ǆ' => "DŽ",
        'ǅ' => "Dž",
        'ǆ' => "dž",
        'Ǉ' => "LJ",
        'ǈ' => "Lj",
        'ǉ' => "lj",
        'Ǌ' => "NJ",
        'ǋ' => "Nj",
        'ǌ' => "nj",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' => "ſt",
        'ﬆ' => "st",
        _ => return None,
    })
}

fn strip_terminal_escapes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let after = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        // Without a letter at its end it is not a sequence, and the characters stay.
        if after.starts_with(|c: char| c.is_ascii_alphabetic()) {
            kept.push_str(&after[1..]);
        } else {
            kept.push_str("\u{1b}[");
            kept.push_str(part);
        }
    }
    kept
}

fn is_unwanted(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}'
            | '\u{b}'
            | '\u{e}'..='\u{1f}'
            | '\u{7f}'
            | '\u{206a}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffc}'
    )
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

/// Decodes the references of up to 24 letters and digits; the others stay as they are.
fn decode_references(line: &str) -> String {
    let mut tail: Vec<char> = Vec::with_capacity(line.len());
    // From the end, so that `&amp;amp;amp;` costs one walk and not one for each `amp;`.
    for c in line.chars().rev() {
        tail.push(c);
        while let Some((characters, length)) = decode_reference_at_end(&tail) {
            tail.truncate(tail.len() - length);
            tail.extend(characters.chars().rev());
        }
    }
    tail.into_iter().rev().collect()
}

/// Decodes the reference whose `&` is the last of these characters, which run backwards; returns
/// its length, too.
fn decode_reference_at_end(tail: &[char]) -> Option<(String, usize)> {
    let (_, behind) = tail.split_last().filter(|(last, _)| **last == '&')?;
    // One more than the longest name with its `#`: a longer tail cannot be a reference.
    let name: String = behind.iter().rev().take(26).take_while(|c| **c != ';').collect();
    let length = name.chars().count();
    let is_ended = behind.iter().rev().nth(length) == Some(&';');
    Some((decode_reference(&name).filter(|_| is_ended)?, length + 2))
}

fn decode_reference(name: &str) -> Option<String> {
    let word = name.strip_prefix('#').unwrap_or(name);
    let is_word = (1..=24).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_word {
        return None;
    }
    if name.starts_with('#') {
        return decode_number(word);
    }
    find_named(&format!("{name};")).or_else(|| decode_upper(name))
}

/// Decodes a name in capitals that the table has in lower case only.
fn decode_upper(name: &str) -> Option<String> {
    // `&LTIMES;` stays: HTML would decode its beginning, `&LT`, which needs no `;`.
    let begins_with_a_bare_name = (1..=name.len()).any(|end| find_named(&name[..end]).is_some());
    if begins_with_a_bare_name || name != name.to_ascii_uppercase() {
        return None;
    }
    find_named(&format!("{};", name.to_ascii_lowercase()))
        .map(|characters| characters.to_uppercase())
}

/// Decodes a number as HTML does; `None` if anything follows the digits.
fn decode_number(word: &str) -> Option<String> {
    let (digits, radix) = match word.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (word, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).unwrap_or(u32::MAX);
    let character = match code {
        0 => '\u{fffd}',
        // The server takes a `;` in the result for a failed decoding, and keeps the reference.
        0x3b => return None,
        0x80..=0x9f => replace_c1(char::from_u32(code)?),
        // HTML has no character for these numbers, and the reference disappears.
        1..=8 | 0xb | 0xe..=0x1f | 0x7f | 0xfdd0..=0xfdef => return Some(String::new()),
        _ if code <= 0x0010_ffff && code & 0xfffe == 0xfffe => return Some(String::new()),
        _ => char::from_u32(code).unwrap_or('\u{fffd}'),
    };
    Some(character.to_string())
}

#[cfg(test)]
mod tests {
    use super::fix_text;

    #[test]
    fn quotes_widths_ligatures_and_line_breaks_are_plain() {
        assert_eq!(fix_text("“a” ‘b’ ﬁ Ａ１　x\r\ny\u{2028}z ŉ"), "\"a\" 'b' fi A1 x\ny\nz 'n");
        assert_eq!(fix_text("e\u{301} \u{85}\u{96}"), "é …–");
        assert_eq!(fix_text("\u{1b}[31mred\u{1b}[0m \u{feff}\u{7f}\u{c}"), "red ");
    }

    #[test]
    fn references_are_decoded_until_a_line_holds_a_tag() {
        assert_eq!(fix_text("&lt;b&gt; &amp;amp;lt; &NTILDE; &SZLIG;"), "<b> < Ñ SS");
        assert_eq!(fix_text("&amp;\n<p>&amp;\n&amp;"), "&\n<p>&amp;\n&amp;");
        assert_eq!(
            fix_text("&#59; &#12a; &#x80; &#1;. &LTIMES; &nTILDE; &#0;"),
            "&#59; &#12a; € . &LTIMES; &nTILDE; \u{fffd}"
        );
    }
}
