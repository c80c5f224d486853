//! Texts as the server rewrites them.

/// Returns a text of HTML as the server keeps it.
pub fn clean_html(input: &str) -> String {
    input.to_owned()
}
