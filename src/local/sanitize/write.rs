//! Writes a tree of elements and texts as the server spells it.
//!
//! Drops the attributes and links that the server does not keep (recorded 2026-11-23).
//! References in texts stay as they were written, bare `&`, `<` and `>` are escaped.

use super::reference::{decode_all_references, decode_reference, find_leading_reference};
use super::tree::{Kind, Tree};
use html5ever::Attribute;
use std::fmt::Write;

/// The protocols that a link may have.
const PROTOCOLS: [&str; 3] = ["http", "https", "mailto"];

/// A step that is left to write.
enum Step {
    Node(usize),
    EndOf(usize),
}

/// Returns the HTML of a tree.
pub(super) fn write_tree(tree: &Tree) -> String {
    let mut html = String::new();
    // A list instead of recursion: the text decides how deep its elements nest.
    let mut steps: Vec<Step> = tree.roots().rev().map(Step::Node).collect();
    while let Some(step) = steps.pop() {
        match step {
            Step::Node(node) => {
                write_start(tree, node, &mut html);
                steps.push(Step::EndOf(node));
                steps.extend(tree.children(node).iter().rev().copied().map(Step::Node));
            }
            Step::EndOf(node) => write_end(tree, node, &mut html),
        }
    }
    html
}

fn write_start(tree: &Tree, node: usize, html: &mut String) {
    match tree.kind(node) {
        Kind::Text(text) => write_text(text, html),
        Kind::Element(name, attributes) => {
            html.push('<');
            html.push_str(&name.local);
            for attribute in attributes.iter().filter(|a| is_kept(&name.local, a)) {
                write_attribute(attribute, html);
            }
            html.push('>');
        }
        Kind::Document | Kind::Comment => (),
    }
}

fn write_end(tree: &Tree, node: usize, html: &mut String) {
    if let Kind::Element(name, _) = tree.kind(node)
        // This is the only kept tag without an end tag.
        && &*name.local != "br"
    {
        let _ = write!(html, "</{}>", name.local);
    }
}

/// Returns a text whose markup is kept as characters.
pub(super) fn escape_markup(text: &str) -> String {
    let mut html = String::new();
    write_text(text, &mut html);
    html
}

fn write_text(text: &str, html: &mut String) {
    let mut parts = text.split('&');
    html.push_str(&escape_brackets(parts.next().unwrap_or_default()));
    for part in parts {
        match find_leading_reference(part) {
            Some((name, rest)) => {
                // The reference stays as it was written.
                let _ = write!(html, "&{name};{}", escape_brackets(rest));
            }
            None => {
                let _ = write!(html, "&amp;{}", escape_brackets(part));
            }
        }
    }
}

/// Escapes a text that holds no `&`.
fn escape_brackets(text: &str) -> String {
    text.replace('<', "&lt;").replace('>', "&gt;")
}

fn is_kept(tag: &str, attribute: &Attribute) -> bool {
    match (tag, &*attribute.name.local) {
        (_, "class") | ("a", "name" | "rel") | ("a" | "abbr" | "acronym", "title") => true,
        ("a", "href") => is_allowed_link(&attribute.value),
        _ => false,
    }
}

/// Writes an attribute; in single quotes if that saves escaping double ones.
fn write_attribute(attribute: &Attribute, html: &mut String) {
    let value: &str = &attribute.value;
    let name = &attribute.name.local;
    if value.contains('"') && !value.contains('\'') {
        let value = value.replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(html, " {name}='{value}'");
        return;
    }
    // `&amp;` is undone first: the loop below escapes each `&` that begins no reference.
    let value = value.replace('<', "&lt;").replace('"', "&quot;").replace("&amp;", "&");
    let _ = write!(html, " {name}=\"");
    let mut parts = value.split('&');
    html.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match find_leading_reference(part).filter(|(name, _)| decode_reference(name).is_some()) {
            Some((name, rest)) => {
                let _ = write!(html, "&{name};{rest}");
            }
            None => {
                let _ = write!(html, "&amp;{part}");
            }
        }
    }
    html.push('"');
}

/// Returns whether a link has no protocol or one of the list, however it is disguised.
fn is_allowed_link(value: &str) -> bool {
    // Browsers skip blanks and control characters in a protocol, so the test skips them, too.
    let link: String = decode_all_references(value)
        .chars()
        .filter(|c| c.is_ascii_graphic() && *c != '`')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let (protocol, rest) = split_protocol(&link);
    if has_broken_host(rest) {
        return false;
    }
    protocol.is_none_or(|protocol| PROTOCOLS.contains(&protocol))
}

/// Returns the protocol of a link and the rest; a name that only a port follows is a host.
fn split_protocol(link: &str) -> (Option<&str>, &str) {
    let Some((protocol, rest)) = link.split_once(':') else { return (None, link) };
    let is_protocol = !protocol.is_empty()
        && protocol.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    // The server takes `javascript:1` for a host with its port as well. Not so here: such a link
    // leads nowhere, and the pages of the embedded server hold none.
    let is_port =
        protocol != "javascript" && !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    if is_protocol && !is_port { (Some(protocol), rest) } else { (None, link) }
}

/// Returns whether one of the brackets around an IPv6 address is missing.
fn has_broken_host(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix("//") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.contains('[') != host.contains(']')
}

#[cfg(test)]
mod tests {
    use super::is_allowed_link;

    #[test]
    fn links_to_pages_and_mail_are_kept() {
        for link in
            ["https://x.org", "HTTP://x", "mailto:a@b", "/rel", "#a", "x.html", "host:80", ""]
        {
            assert!(is_allowed_link(link), "{link}");
        }
    }

    #[test]
    fn other_protocols_are_dropped_however_written() {
        for link in [
            "javascript:x",
            "javascript:1",
            " JavaScript:x",
            "java\tscript:x",
            "javascript&colon;x",
            "&#106;avascript:x",
            "java\u{ad}script:x",
            "data:text/html,x",
            "ftp://x",
            "https://[::1",
        ] {
            assert!(!is_allowed_link(link), "{link}");
        }
    }
}
