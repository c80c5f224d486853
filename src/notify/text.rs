//! Texts of other people made harmless for a channel: cleaned of what nobody sees, escaped, and cut
//! by characters with a marker.

/// Stands for what was cut off.
pub(super) const MARKER: char = '…';

/// Returns a text as one line, without control characters, invisible characters and those that turn
/// the direction of writing.
pub(super) fn clean_line(text: &str) -> String {
    let shown = text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c });
    let shown: String = shown.filter(|c| !is_unseen(*c)).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Returns a text of at most so many characters, the marker among them.
pub(super) fn cut(text: &str, most: usize) -> String {
    cut_escaped(text, most, str::to_owned)
}

/// Returns a text that has at most so many characters once it is escaped: the text is cut, never an
/// escape.
pub(super) fn cut_escaped(text: &str, most: usize, escape: impl Fn(&str) -> String) -> String {
    cut_by(text, escape, |escaped| escaped.chars().count() <= most)
}

/// Returns a text of at most so many bytes, cut between characters.
pub(super) fn cut_bytes(text: &str, most: usize) -> String {
    cut_by(text, str::to_owned, |text| text.len() <= most)
}

fn cut_by(text: &str, escape: impl Fn(&str) -> String, fits: impl Fn(&str) -> bool) -> String {
    let whole = escape(text);
    if fits(&whole) {
        return whole;
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let shorten = |n: usize| {
        let begin = text[..ends[n]].trim_end();
        format!("{}{MARKER}", escape(begin))
    };
    // The longest begin that fits: more characters never make the escaped text shorter.
    let (mut low, mut high) = (0, ends.len());
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        if fits(&shorten(middle)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    shorten(low)
}

/// Escapes for HTML.
pub(super) fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// What may mean something in Markdown.
const MARKDOWN: &str = r"\*_~`<>#-+[]()|!&";

/// Escapes for Markdown: a backslash before each character that may mean something, and an invisible
/// blank behind `@`, so that nobody is mentioned.
pub(super) fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if MARKDOWN.contains(c) {
            out.push('\\');
        }
        out.push(c);
        if c == '@' {
            out.push('\u{200b}');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_nothing_that_is_not_seen() {
        let hostile = "a\u{202e}b\u{0}c\r\nBcc: x@y.z\u{200b}\u{feff}\t d\u{85}e\u{2028}f";
        assert_eq!(clean_line(hostile), "ab c Bcc: x@y.z d e f");
        assert_eq!(clean_line(" \n "), "");
    }

    #[test]
    fn a_text_is_cut_by_characters_with_a_marker() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("äöüß", 3), "äö…");
        assert_eq!(cut("ab  cdef", 4), "ab…");
        assert_eq!(cut("abcd", 0), "…", "nothing fits");
        assert_eq!(cut_bytes("ääää", 7), "ää…");
    }

    #[test]
    fn no_escape_is_cut_in_two() {
        for most in 1..40 {
            let cut = cut_escaped("a<b>&&c<<d", most, escape_html);
            let rest = ["&amp;", "&lt;", "&gt;"]
                .iter()
                .fold(cut.clone(), |text, escape| text.replace(escape, ""));
            assert!(!rest.contains('&'), "{cut}");
            assert!(cut.chars().count() <= most, "{cut}");
        }
    }
}
