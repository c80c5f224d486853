//! Foreign text that can't become an element, an attribute or a direction of writing.

use crate::render::escape::escape_text;

/// Returns text for an element's content or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    quoted(&escape_text(text))
}

/// Returns HTML for an attribute that is HTML itself, such as `srcdoc`.
pub(super) fn quoted(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_an_element_or_an_attribute() {
        assert_eq!(escaped("<b>\"'&\n\u{202e}"), "&lt;b&gt;&quot;&#39;&amp; \\u{202e}");
    }
}
