//! Plain text in Markdown, HTML and reStructuredText, and back.

use std::fmt::Write;

use super::badge::BadgeForm;

/// What Markdown reads as something else anywhere in a line.
const IN_MARKDOWN: &[char] = &['\\', '`', '*', '[', ']', '<', '>', '&', '~', '|', '$', '!'];

/// What reStructuredText reads as something else anywhere in a line.
const IN_RST: &[char] = &['\\', '`', '*', '|', '<', '>', '[', ']'];

/// The characters that HTML has names for here.
const IN_HTML: [(char, &str); 5] =
    [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];

/// Writes a text so that it is read as such.
pub(super) fn escape_text(form: BadgeForm, text: &str) -> String {
    match form {
        BadgeForm::Markdown => escape_markdown(text),
        BadgeForm::Html => text.chars().map(escape_html_char).collect(),
        BadgeForm::Rst => escape_rst(text),
    }
}

/// Reads what [`escape_text`] wrote.
pub(super) fn unescape_text(form: BadgeForm, text: &str) -> String {
    match form {
        BadgeForm::Markdown | BadgeForm::Html => unescape_html(text),
        BadgeForm::Rst => drop_backslashes(text, |c| !c.is_whitespace()),
    }
}

/// Writes special characters by their numbers: a line that begins with a marker is HTML, where a
/// backslash would stay, and in any other line Markdown reads the numbers too.
fn escape_markdown(text: &str) -> String {
    let mut out = String::new();
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in text.char_indices() {
        // A line may begin here, so `1.` would be an entry of a list, and `#` a heading.
        let begins_block = at == n_digits
            && (at > 0 && matches!(c, '.' | ')') && ends_word(text, at))
            || at == 0 && matches!(c, '#' | '-' | '+' | '=' | ':');
        let is_special = IN_MARKDOWN.contains(&c) || c == '_' && !is_inside_word(text, at);
        if begins_block || is_special {
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

fn escape_rst(text: &str) -> String {
    let mut out = String::new();
    let first_word = text.split_whitespace().next().unwrap_or_default();
    // `1.`, `(a)` and `..` would begin a list, or a comment.
    let begins_block =
        first_word.ends_with(['.', ')']) || text.starts_with(|c: char| c.is_ascii_punctuation());
    for (at, c) in text.char_indices() {
        let is_lead = at == 0 && begins_block;
        if is_lead || IN_RST.contains(&c) || c == '_' && !is_inside_word(text, at) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Returns whether a blank or nothing follows an ASCII character.
fn ends_word(text: &str, at: usize) -> bool {
    text.get(at + 1..).is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// Returns whether letters or digits are on both sides of an ASCII character.
fn is_inside_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|it| it.chars().next_back());
    let behind = text.get(at + 1..).and_then(|it| it.chars().next());
    before.is_some_and(char::is_alphanumeric) && behind.is_some_and(char::is_alphanumeric)
}

fn escape_html_char(c: char) -> String {
    let named = IN_HTML.iter().find(|(plain, _)| *plain == c);
    named.map_or_else(|| c.to_string(), |(_, name)| (*name).to_owned())
}

fn unescape_html(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, name) = rest.split_at(at);
        out.push_str(before);
        let named = IN_HTML.iter().find(|(_, it)| name.starts_with(it));
        let named = named.map(|(plain, it)| (*plain, it.len())).or_else(|| read_number(name));
        let (plain, length) = named.unwrap_or(('&', 1));
        out.push(plain);
        rest = name.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Reads a character by its number, as in `&#42;`, and returns it with the length of that.
fn read_number(text: &str) -> Option<(char, usize)> {
    let digits = text.strip_prefix("&#")?.split(';').next()?;
    let plain = digits.parse().ok().and_then(char::from_u32)?;
    let length = digits.len() + "&#;".len();
    text.get(..length)?.ends_with(';').then_some((plain, length))
}

fn drop_backslashes(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && is_escaped(*next) => out.extend(chars.next()),
            Some(_) | None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_would_be_read_as_something_else_is_escaped() {
        for (form, text, expected) in [
            (BadgeForm::Markdown, "1.0_rc1", "1.0_rc1"),
            (BadgeForm::Markdown, "_a_*b*", "&#95;a&#95;&#42;b&#42;"),
            (BadgeForm::Markdown, "1.", "1&#46;"),
            (BadgeForm::Markdown, "# a", "&#35; a"),
            (BadgeForm::Markdown, "2026-06-01", "2026-06-01"),
            (BadgeForm::Html, "<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"),
            (BadgeForm::Rst, "a_", "a\\_"),
            (BadgeForm::Rst, "a) b", "\\a) b"),
            (BadgeForm::Rst, "10.5281/zenodo.1", "10.5281/zenodo.1"),
        ] {
            assert_eq!(escape_text(form, text), expected);
        }
        assert_eq!(unescape_text(BadgeForm::Html, "&nbsp;&"), "&nbsp;&");
    }

    proptest! {
        #[test]
        fn an_escaped_text_is_read_as_it_was(text in "[!-~é]{1,3}( {1,2}[!-~é]{1,4}){0,3}") {
            for form in BadgeForm::ALL {
                prop_assert_eq!(unescape_text(form, &escape_text(form, &text)), text.clone());
            }
        }
    }
}
