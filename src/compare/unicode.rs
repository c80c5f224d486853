//! What the server does to the characters of every text, before anything else.
//!
//! It runs `sanitize_unicode` of marshmallow-utils over them: ftfy's `fix_text`, then drops what
//! XML forbids and zero-width blanks. Seen in contract/scenarios/html-cleaning.json; the rules
//! follow the two libraries (read 2026-11-23). Deliberately absent: ftfy's repair of wrongly
//! decoded bytes (`Ã©` for `é`), which guesses; a rewrite that comes of it is left to the lock.

use unicode_normalization::UnicodeNormalization;

use super::entities;

/// Returns a text as the server keeps it, when no HTML clean-up follows: quotes straight, line
/// breaks `\n`, ligatures and wide letters taken apart, invisible characters gone, in NFC. In the
/// lines before the first one with a `<` character references are decoded, as often as they are
/// nested.
///
/// Running it twice changes nothing more.
pub(super) fn tidy(text: &str) -> String {
    let text = text.trim();
    let (decoded, spelled) = match text.find('<') {
        None => (text, ""),
        Some(at) => {
            let line_start = text[..at].rfind('\n').map_or(0, |at| at + 1);
            text.split_at(line_start)
        }
    };
    let mut whole = fix_decoding(decoded) + &fix(spelled);
    whole.retain(is_kept_in_xml);
    whole.trim().to_owned()
}

/// Decodes references and fixes characters until nothing changes.
fn fix_decoding(text: &str) -> String {
    let mut current = text.to_owned();
    loop {
        let fixed = fix(&entities::decode_nested(&current));
        if fixed == current {
            return current;
        }
        current = fixed;
    }
}

fn fix(text: &str) -> String {
    fix_characters(text).nfc().collect()
}

/// ftfy's fixes of single characters, in its order.
fn fix_characters(text: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    let plain = without_terminal_escapes(&lines);
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '\u{2bc}' | '\u{2018}'..='\u{201b}' => out.push('\''),
            '\u{201c}'..='\u{201f}' => out.push('"'),
            '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\u{3000}' => out.push(' '),
            '\u{ff01}'..='\u{ffef}' => out.extend(c.nfkc()),
            c if is_control(c) => (),
            c => match ligature(c) {
                Some(letters) => out.push_str(letters),
                None => out.push(c),
            },
        }
    }
    out
}

/// Drops sequences that colour a terminal: escape, `[`, digits and semicolons, a letter.
fn without_terminal_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let tail = behind.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match tail.chars().next() {
            Some(c) if c.is_ascii_alphabetic() => rest = tail.get(1..).unwrap_or_default(),
            _ => {
                out.push_str("\u{1b}[");
                rest = behind;
            }
        }
    }
    out + rest
}

/// Control characters that ftfy drops.
fn is_control(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{206a}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

/// Tells whether XML allows a character and it is no zero-width blank.
fn is_kept_in_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        && c != '\u{200b}'
}

/// Latin letters that are printed as one sign.
fn ligature(c: char) -> Option<&'static str> {
    Some(match c {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ŉ' => "ʼn",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_tidied_as_the_server_does_it() {
        for (sent, kept) in [
            ("  plain  ", "plain"),
            ("“double” ‘single’ ʼ", "\"double\" 'single' '"),
            ("ﬁt ﬂuﬃer", "fit fluffier"),
            ("ＬＯＵＤ　ﾊﾝ", "LOUD ハン"),
            ("a\r\nb\rc\u{2028}d", "a\nb\nc\nd"),
            ("zero\u{200b}width\u{feff}", "zerowidth"),
            ("e\u{301}", "é"),
            ("AT&amp;T &amp;lt;", "AT&T <"),
            ("a < b &amp; c", "a < b &amp; c"),
            ("A &amp; B\n<p>&amp;</p>", "A & B\n<p>&amp;</p>"),
            ("\u{1b}[36;44mblue\u{1b}[0m", "blue"),
            ("a\u{c}b\u{1}c", "abc"),
            (
                "emoji 🎉 and \u{a0} stay — so do … and 文",
                "emoji 🎉 and \u{a0} stay — so do … and 文",
            ),
        ] {
            assert_eq!(tidy(sent), kept, "{sent:?}");
            assert_eq!(tidy(kept), kept, "{kept:?} again");
        }
    }
}
