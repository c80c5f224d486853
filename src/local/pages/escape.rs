//! Turns text into HTML: escapes it, shows invisible characters, and links safe addresses.

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

/// Returns text that is safe between tags and in a quoted attribute.
///
/// Control, bidi and invisible characters become `[U+202E]`.
pub(super) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), push_escaped_char)
}

/// Returns a link, or only the escaped text if `href` is not safe to follow.
pub(super) fn render_link(href: &str, text: &str) -> String {
    if is_local_path(href) {
        format!(r#"<a href="{}">{}</a>"#, escape(href), escape(text))
    } else if is_web_url(href) {
        // The address comes from a record's metadata and may lead to any site.
        format!(r#"<a href="{}" rel="noreferrer noopener">{}</a>"#, escape(href), escape(text))
    } else {
        escape(text)
    }
}

fn push_escaped_char(mut out: String, c: char) -> String {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        // Shown as a code point, so that a name cannot pretend to be another.
        _ if is_invisible(c) => out.push_str(&describe_code_point(c)),
        _ => out.push(c),
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

    #[test]
    fn markup_and_quotes_are_escaped() {
        assert_eq!(escape(r#"<b a="1" b='2'>&"#), "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;");
    }

    #[test]
    fn invisible_characters_are_shown() {
        assert_eq!(escape("a\u{202e}b\0\n\u{feff}"), "a[U+202E]b[U+0000][U+000A][U+FEFF]");
        assert_eq!(escape("\u{2066}\u{e0041}"), "[U+2066][U+E0041]");
    }

    #[test]
    fn other_scripts_and_joiners_stay() {
        let text = "نامه\u{200c}ها 文 é 👩\u{200d}🔬";
        assert_eq!(escape(text), text);
    }

    #[test]
    fn only_web_and_local_addresses_become_links() {
        assert_eq!(render_link("/records/1", "a"), r#"<a href="/records/1">a</a>"#);
        assert!(
            render_link("HTTPS://x.org/?a&b", "a").contains(r#"href="HTTPS://x.org/?a&amp;b""#)
        );
        let refused = ["javascript:alert(1)", "//x.org", "/\\x.org", "/\t/x.org", "data:,x", "x"];
        for href in refused {
            assert_eq!(render_link(href, "<a>"), "&lt;a&gt;", "{href:?}");
        }
    }
}
