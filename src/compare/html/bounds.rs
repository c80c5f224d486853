//! How much nesting of a text of HTML is read.
//!
//! The tree builder looks through all open elements for each tag, and reopens elements that were
//! left open, so that a text could cost the square of its length or more. No text that a person
//! writes comes near these bounds.

use std::cell::Cell;

/// How many elements may stand within each other.
pub(super) const DEEPEST: usize = 256;

/// How many attributes a tag may have: each is compared with all before it.
const MOST_ATTRIBUTES: usize = 1000;

/// How many elements may come of a token, those that are reopened among them; and so many more.
const ELEMENTS: (usize, usize) = (8, 1000);

/// What of a text goes beyond what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tangle {
    /// More than 256 elements within each other.
    Deep,
    /// Elements that are left open, and reopened so often that they outnumber the tags by far.
    Reopened,
    /// A tag with more than 1,000 attributes.
    Attributes,
}

/// What a filter and a tree know together of the text that is read.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    tangle: Cell<Option<(Tangle, usize)>>,
    line: Cell<usize>,
    tokens: Cell<usize>,
    elements: Cell<usize>,
}

impl Bounds {
    /// Returns what went beyond, and in which line, from 1.
    pub(super) fn tangle(&self) -> Option<(Tangle, usize)> {
        self.tangle.get()
    }

    /// Counts a token of this line; tells whether it is still to be read.
    pub(super) fn admits(&self, line: u64) -> bool {
        self.tokens.set(self.tokens.get() + 1);
        self.line.set(usize::try_from(line).unwrap_or(usize::MAX));
        self.tangle.get().is_none()
    }

    /// Counts an element.
    pub(super) fn count_element(&self) {
        self.elements.set(self.elements.get() + 1);
        let (each, more) = ELEMENTS;
        if self.elements.get() > self.tokens.get() * each + more {
            self.note(Tangle::Reopened);
        }
    }

    /// Notes where an element is put.
    pub(super) fn note_depth(&self, depth: usize) {
        if depth > DEEPEST {
            self.note(Tangle::Deep);
        }
    }

    fn note(&self, tangle: Tangle) {
        if self.tangle.get().is_none() {
            self.tangle.set(Some((tangle, self.line.get())));
        }
    }
}

/// Where in a tag the next character stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Text,
    Opening,
    Between,
    Name,
    Equals,
    Unquoted,
    Quoted(u8),
}

/// Finds a tag with too many attributes, by a walk over the text: the tokenizer could not be
/// stopped within a tag. Returns its line.
pub(super) fn crowded_tag(text: &str) -> Option<usize> {
    let (mut place, mut attributes) = (Place::Text, 0);
    for (at, byte) in text.bytes().enumerate() {
        place = next(place, byte);
        match place {
            Place::Text | Place::Opening => attributes = 0,
            Place::Name if byte != b'/' => attributes += usize::from(begins(text, at)),
            Place::Name | Place::Between | Place::Equals | Place::Unquoted | Place::Quoted(_) => (),
        }
        if attributes > MOST_ATTRIBUTES {
            return Some(text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1);
        }
    }
    None
}

/// Tells whether a name begins at a byte: after a blank, a slash or a closing quote.
fn begins(text: &str, at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| text.as_bytes()[at]);
    before.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\''))
}

fn next(place: Place, byte: u8) -> Place {
    let is_blank = byte.is_ascii_whitespace();
    match (place, byte) {
        (Place::Quoted(quote), _) if byte == quote => Place::Between,
        (Place::Quoted(_), _) => place,
        (Place::Text, b'<') => Place::Opening,
        (Place::Text, _) | (_, b'>') => Place::Text,
        (Place::Opening, _) if is_blank || byte == b'/' => Place::Between,
        (Place::Opening, _) => Place::Opening,
        (Place::Equals, b'"' | b'\'') => Place::Quoted(byte),
        (Place::Equals, _) if is_blank => Place::Equals,
        (Place::Equals | Place::Unquoted, _) if !is_blank => Place::Unquoted,
        (Place::Name | Place::Between, b'=') => Place::Equals,
        _ if is_blank => Place::Between,
        _ => Place::Name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_tag_of_a_thousand_attributes_is_crowded() {
        let many = |n: usize| (0..n).map(|n| format!(" a{n}")).collect::<Vec<_>>().concat();
        assert_eq!(crowded_tag(&format!("<p{}>", many(1000))), None);
        assert_eq!(crowded_tag(&format!("x\n<p{}>", many(1001))), Some(2));
        assert_eq!(crowded_tag(&format!("<p t=\">\"{}>", many(1000))), Some(1));
        assert_eq!(crowded_tag(&format!("<p t='{}'>", many(2000))), None);
        assert_eq!(crowded_tag(&format!("<p>{}", many(2000))), None);
        assert_eq!(crowded_tag(&"<p a=b c>x</p>".repeat(2000)), None);
        assert_eq!(crowded_tag(&format!("<p{}", "/a".repeat(1500))), Some(1));
    }
}
