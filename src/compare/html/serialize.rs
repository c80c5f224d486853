//! Writes a tree as text, as bleach does or in the canonical spelling.

use html5ever::Attribute;

use super::stand_ins::{AMPERSAND, ANGLE};
use super::tree::{Data, Node};
use crate::vocab::entities::{decode_reference, is_kept, split_leading_name};

/// Elements without content or end tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// How texts and attributes are spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As the server does: character references as sent, attributes in their order.
    Kept,
    /// Character references decoded, attributes sorted.
    Canonical,
}

/// The tags that are still to be written.
enum Todo {
    Open(Node),
    Close(String),
}

/// Returns the children of a root as HTML. Works without recursion, so the tree may be deep.
pub(super) fn serialize(root: &Node, spelling: Spelling) -> String {
    let mut out = String::new();
    // Two texts that differ in a lost node are not the same, so the canonical spelling keeps it.
    let kept = |node: &Node| spelling == Spelling::Canonical || !node.is_lost();
    let children = root.children();
    let kept = children.iter().rev().filter(|node| kept(node)).cloned();
    let mut todo: Vec<Todo> = kept.map(Todo::Open).collect();
    while let Some(next) = todo.pop() {
        match next {
            Todo::Close(name) => push_all(&mut out, &["</", &name, ">"]),
            Todo::Open(node) => {
                if matches!(node.data(), Data::Element(_)) && !VOID.contains(&node.name()) {
                    todo.push(Todo::Close(node.name().to_owned()));
                }
                write_start(&mut out, &node, spelling);
                todo.extend(node.children().iter().rev().cloned().map(Todo::Open));
            }
        }
    }
    out
}

fn write_start(out: &mut String, node: &Node, spelling: Spelling) {
    match node.data() {
        Data::Other => (),
        Data::Text(text) => write_text(out, &text.borrow(), spelling),
        Data::Element(attributes) => {
            out.push('<');
            out.push_str(node.name());
            let mut attributes = attributes.borrow().clone();
            // HTML gives no meaning to the order of attributes, so two orders are one text.
            if spelling == Spelling::Canonical {
                attributes.sort();
            }
            for attribute in &attributes {
                write_attribute(out, attribute, spelling);
            }
            out.push('>');
        }
    }
}

fn write_text(out: &mut String, text: &str, spelling: Spelling) {
    let mut parts = text.split(AMPERSAND);
    push_escaped(out, parts.next().unwrap_or_default());
    for part in parts {
        let rest = write_reference(out, part, spelling, is_kept);
        push_escaped(out, rest);
    }
}

/// Writes the reference that an `&` and the text behind it form; returns the rest of that text.
fn write_reference<'a>(
    out: &mut String,
    behind: &'a str,
    spelling: Spelling,
    is_kept: fn(&str) -> bool,
) -> &'a str {
    match (split_leading_name(behind), spelling) {
        // The server returns a reference as it was sent: `&eacute;` does not become `é`.
        (Some((name, rest)), Spelling::Kept) if is_kept(name) => {
            push_all(out, &["&", name, ";"]);
            rest
        }
        (Some((name, rest)), Spelling::Canonical) if decode_reference(name).is_some() => {
            push_escaped(out, &decode_reference(name).unwrap_or_default());
            rest
        }
        _ => {
            out.push_str("&amp;");
            behind
        }
    }
}

fn push_all(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' | ANGLE => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

/// Writes ` name="value"`, in single quotes if the value holds only double ones.
fn write_attribute(out: &mut String, attribute: &Attribute, spelling: Spelling) {
    let value = attribute.value.replace(['<', ANGLE], "&lt;");
    let (quote, value) = if value.contains('"') && !value.contains('\'') {
        ("'", value)
    } else {
        ("\"", value.replace('"', "&quot;"))
    };
    push_all(out, &[" ", &attribute.name.local, "=", quote]);
    let mut parts = value.split(AMPERSAND);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        // In an attribute bleach keeps whole references only; in a text a name's beginning will do.
        let rest = write_reference(out, part, spelling, |name| decode_reference(name).is_some());
        out.push_str(rest);
    }
    out.push_str(quote);
}
