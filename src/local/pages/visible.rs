//! Shows invisible characters, and links only addresses that are safe to follow.

use maud::{Markup, html};

/// Characters that reverse the reading order or that are invisible.
///
/// The joiners U+200C and U+200D are not among them: Persian and emoji need them.
const INVISIBLE: &[std::ops::RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{61c}'..='\u{61c}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200b}',
    '\u{200e}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{e0000}'..='\u{e007f}',
];

/// Returns text whose control, bidi and invisible characters are shown as `[U+202E]`, so that a
/// name cannot pretend to be another.
///
/// Markup in it is left alone: the page escapes every text.
pub(super) fn show(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), push_visible_char)
}

/// Returns a link, or only the text if `href` is not safe to follow.
pub(super) fn render_link(href: &str, text: &str) -> Markup {
    if is_local_path(href) {
        html! { a href=(href) { (show(text)) } }
    } else if is_web_url(href) {
        // The address comes from a record's metadata and may lead to any site.
        html! { a href=(href) rel="noreferrer noopener" { (show(text)) } }
    } else {
        html! { (show(text)) }
    }
}

fn push_visible_char(mut out: String, c: char) -> String {
    if is_invisible(c) {
        out.push_str(&describe_code_point(c));
    } else {
        out.push(c);
    }
    out
}

fn describe_code_point(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}

fn is_invisible(c: char) -> bool {
    c.is_control() || INVISIBLE.iter().any(|range| range.contains(&c))
}

/// Returns whether an address is a path on this server; `//host` and `/\host` would leave it.
fn is_local_path(href: &str) -> bool {
    href.starts_with('/') && !href.starts_with("//") && is_plain(href)
}

fn is_web_url(href: &str) -> bool {
    let scheme = href.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https")) && is_plain(href)
}

/// Returns whether a URL lacks `\`, which browsers read as `/`, and characters that they drop.
fn is_plain(href: &str) -> bool {
    !href.contains('\\') && !href.chars().any(is_invisible)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(href: &str, text: &str) -> String {
        render_link(href, text).into_string()
    }

    #[test]
    fn invisible_characters_are_shown() {
        assert_eq!(show("a\u{202e}b\0\n\u{feff}"), "a[U+202E]b[U+0000][U+000A][U+FEFF]");
        assert_eq!(show("\u{2066}\u{e0041}"), "[U+2066][U+E0041]");
    }

    #[test]
    fn other_scripts_and_joiners_stay() {
        let text = "نامه\u{200c}ها 文 é 👩\u{200d}🔬";
        assert_eq!(show(text), text);
    }

    #[test]
    fn markup_and_quotes_are_escaped() {
        let expected = "&lt;b a=&quot;1&quot;&gt;&amp;";
        assert_eq!(link("", r#"<b a="1">&"#), expected);
        let href = link(r#"https://x.org/"><b>&"#, "a");
        assert!(href.contains(r#"href="https://x.org/&quot;&gt;&lt;b&gt;&amp;" rel="#), "{href}");
    }

    #[test]
    fn only_web_and_local_addresses_become_links() {
        assert_eq!(link("/records/1", "a"), r#"<a href="/records/1">a</a>"#);
        assert!(link("HTTPS://x.org/?a&b", "a").contains(r#"href="HTTPS://x.org/?a&amp;b""#));
        let refused = ["javascript:alert(1)", "//x.org", "/\\x.org", "/\t/x.org", "data:,x", "x"];
        for href in refused {
            assert_eq!(link(href, "<a>"), "&lt;a&gt;", "{href:?}");
        }
    }
}
