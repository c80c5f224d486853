//! The list of tags that the server keeps.

/// As recorded on 2026-11-23; `h6`, `thead`, `caption`, `hr`, `dl` and `img` are among the dropped.
const ALLOWED: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "tr",
    "u",
    "ul",
];

/// Returns whether the server keeps a tag; `name` is in lower case.
pub(super) fn is_allowed_tag(name: &str) -> bool {
    ALLOWED.contains(&name)
}
