//! The changes that the server makes to the characters of every text, before anything else.
//!
//! It runs `sanitize_unicode` of marshmallow-utils over them: ftfy's `fix_text`, then drops what
//! XML forbids and zero-width blanks. Seen in contract/scenarios/html-cleaning.json and
//! deposit-texts-of-other-times.json; the rules follow the two libraries (read 2026-11-23, compared
//! with them on random texts on 2026-11-28). Deliberately absent: ftfy's repair of wrongly decoded
//! bytes (`Ã©` for `é`), which guesses; the lock remembers such a rewrite.

use html5ever::data::C1_REPLACEMENTS;
use unicode_normalization::UnicodeNormalization;

use super::entities;

/// Returns a text as the server keeps it, when no HTML clean-up follows: straight quotes, line
/// breaks `\n`, ligatures and wide letters replaced, invisible characters removed, controls of
/// Windows-1252 decoded, in NFC. In the lines before the first one with a `<`, decodes character
/// references, as often as they are nested.
///
/// A second run changes nothing more.
pub(crate) fn tidy(text: &str) -> String {
    // Most texts are such, and a record may have thousands.
    if text.bytes().all(is_left_alone) {
        return text.trim_matches(is_blank).to_owned();
    }
    let once = tidy_once(text);
    let text = once.trim_matches(is_blank);
    // The server tidies such texts twice, which matters only where a reference is left.
    if text.contains('&') {
        tidy_once(text).trim_matches(is_blank).to_owned()
    } else {
        text.to_owned()
    }
}

/// Tidies a text once; keeps a blank at the end when a dropped character followed it.
pub(crate) fn tidy_once(text: &str) -> String {
    let mut decodes = true;
    let mut whole = String::with_capacity(text.len());
    for line in text.trim_matches(is_blank).split_inclusive('\n') {
        // From the first line with a `<` on, ftfy takes the text for HTML and keeps references.
        decodes = decodes && !line.contains('<');
        whole.push_str(&tidy_line(line, decodes));
    }
    whole.retain(is_kept_in_xml);
    whole
}

/// Returns an HTML text as it is sent: with line breaks of one kind, and at its ends neither blanks
/// nor characters that the server drops there.
///
/// The server tidies some fields twice and others once, and splits lines before it normalizes their
/// breaks; without these characters both give the same result.
pub(crate) fn prepare_to_send(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    // An escape may begin a sequence, which the server drops as a whole.
    let is_loose = |c| is_blank(c) || is_control(c) || !is_kept_in_xml(c);
    let mut rest = lines.trim_start_matches(|c| c != '\u{1b}' && is_loose(c));
    rest = rest.trim_end_matches(is_loose);
    while let Some(at) = rest.rfind("\u{1b}[").filter(|at| is_terminal_escape(&rest[*at..])) {
        rest = rest[..at].trim_end_matches(is_loose);
    }
    rest.to_owned()
}

/// Returns whether Python treats a character as a blank.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// Returns the first control of U+0080 to U+009F that the server reads as another character, and
/// that character.
pub fn find_windows_control(text: &str) -> Option<(char, char)> {
    text.chars().find_map(|c| Some((c, decode_windows(c))).filter(|(c, meant)| c != meant))
}

fn is_terminal_escape(text: &str) -> bool {
    let tail = text[2..].trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    tail.len() == 1 && tail.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Fixes a line until nothing changes: the result of one step may need another.
fn tidy_line(line: &str, decodes: bool) -> String {
    // Most lines are such: none of the steps changes one.
    if line.bytes().all(is_left_alone) {
        return line.to_owned();
    }
    let mut current = line.to_owned();
    loop {
        let plain = if decodes { entities::decode_nested(&current) } else { current.clone() };
        let fixed = fix_characters(&plain);
        if fixed == current {
            return current;
        }
        current = fixed;
    }
}

/// Returns whether a byte is a character that no step changes, whatever stands beside it: printable
/// ASCII, but for what begins a reference.
fn is_left_alone(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\t' | b' '..=b'~') && byte != b'&'
}

/// Applies ftfy's fixes of characters, in its order.
fn fix_characters(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().map(decode_windows) {
        match expand_ligature(c) {
            Some(letters) => letters.chars().for_each(|c| push_plain(c, &mut plain)),
            None => push_plain(c, &mut plain),
        }
    }
    // Escapes go before the controls: without its escape character a sequence stays as text.
    let lines = plain.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let plain = strip_terminal_escapes(&lines);
    plain.chars().filter(|c| !is_control(*c)).nfc().collect()
}

/// Decodes a control of U+0080 to U+009F as Windows-1252.
///
/// Source: contract/scenarios/deposit-texts-of-other-times.json, 2026-11-28.
fn decode_windows(c: char) -> char {
    let at = u32::from(c).checked_sub(0x80).and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| C1_REPLACEMENTS.get(at).copied().flatten()).unwrap_or(c)
}

fn push_plain(c: char, out: &mut String) {
    match c {
        '\u{2bc}' | '\u{2018}'..='\u{201b}' => out.push('\''),
        '\u{201c}'..='\u{201f}' => out.push('"'),
        '\u{3000}' => out.push(' '),
        '\u{ff01}'..='\u{ffef}' => out.extend(c.nfkc()),
        c => out.push(c),
    }
}

/// Drops sequences that colour a terminal: escape, `[`, digits and semicolons, a letter.
fn strip_terminal_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let tail = behind.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match tail.chars().next() {
            Some(c) if c.is_ascii_alphabetic() => rest = tail.get(1..).unwrap_or_default(),
            _ => {
                // Not a sequence: its escape is dropped later as a control, and the rest stays.
                out.push_str("\u{1b}[");
                rest = behind;
            }
        }
    }
    out + rest
}

/// Returns whether ftfy drops a control character.
fn is_control(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{206a}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

/// Returns whether XML allows a character and it is not a zero-width blank.
fn is_kept_in_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        && c != '\u{200b}'
}

/// Returns the Latin letters of a ligature.
fn expand_ligature(c: char) -> Option<&'static str> {
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
    fn plain_characters_are_left_alone_by_every_step() {
        let all: String = (0..=u8::MAX).filter(|it| is_left_alone(*it)).map(char::from).collect();
        assert_eq!(fix_characters(&all), all);
        assert_eq!(entities::decode_nested(&all), all);
        assert!(all.chars().all(is_kept_in_xml) && all.len() == 96);
    }

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
            ("it\u{92}s \u{93}q\u{94} \u{96} \u{85}.", "it's \"q\" – …."),
            ("\u{81}\u{8d}x\u{9d}", "\u{81}\u{8d}x\u{9d}"),
            ("ŉ &#329; ŉ<", "'n &#329; 'n<"),
            ("a &\u{1}amp; b", "a & b"),
            ("x \u{7f}\u{1b}[0m", "x"),
            ("&#59; &#99999999999; &#1;x &#xfdd0;y", "&#59; \u{fffd} x y"),
            (
                "emoji 🎉 and \u{a0} stay — so do … and 文",
                "emoji 🎉 and \u{a0} stay — so do … and 文",
            ),
        ] {
            assert_eq!(tidy(sent), kept, "{sent:?}");
            assert_eq!(tidy(kept), kept, "{kept:?} again");
        }
    }

    #[test]
    fn many_nested_references_take_no_time() {
        let nested = format!("&{}lt;", "amp;".repeat(200_000));
        assert_eq!(tidy(&nested), "<");
    }
}
