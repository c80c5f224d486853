//! The limits on the nesting of an HTML text.
//!
//! The tree builder searches all open elements for each tag, and reopens elements that were left
//! open, so that a text could take the square of its length or more. No text that a person writes
//! comes near these limits.

use std::cell::Cell;

/// How many elements may be nested.
pub(super) const DEEPEST: usize = 256;

/// How many attributes a tag may have: each is compared with all before it.
const MOST_ATTRIBUTES: usize = 1000;

/// How many elements each token may create, including reopened ones, and how many more in all.
const ELEMENTS: (usize, usize) = (8, 1000);

/// How a text exceeds the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tangle {
    /// More than 256 elements within each other.
    Deep,
    /// Elements that are left open, and reopened so often that they outnumber the tags by far.
    Reopened,
    /// A tag with more than 1,000 attributes.
    Attributes,
}

/// The counts that a filter and a tree share while they read a text.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    tangle: Cell<Option<(Tangle, usize)>>,
    line: Cell<usize>,
    tokens: Cell<usize>,
    elements: Cell<usize>,
}

impl Bounds {
    /// Returns the first limit that was exceeded, and its line, from 1.
    pub(super) fn tangle(&self) -> Option<(Tangle, usize)> {
        self.tangle.get()
    }

    /// Counts a token of this line; returns whether to read it.
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

    /// Notes the depth at which an element is inserted.
    pub(super) fn note_depth(&self, depth: usize) {
        if depth > DEEPEST {
            self.note(Tangle::Deep);
        }
    }

    fn note(&self, tangle: Tangle) {
        // The first place counts: everything after it may follow from it.
        if self.tangle.get().is_none() {
            self.tangle.set(Some((tangle, self.line.get())));
        }
    }
}

/// The position of the next character in a tag.
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

/// Finds a tag with too many attributes and returns its line. Walks over the text itself, because
/// the tokenizer can't be stopped within a tag.
pub(super) fn find_crowded_tag(text: &str) -> Option<usize> {
    let (mut place, mut attributes) = (Place::Text, 0);
    for (at, byte) in text.bytes().enumerate() {
        place = advance_place(place, byte);
        match place {
            Place::Text | Place::Opening => attributes = 0,
            // A slash separates attributes and is not part of a name.
            Place::Name if byte != b'/' => attributes += usize::from(begins(text, at)),
            Place::Name | Place::Between | Place::Equals | Place::Unquoted | Place::Quoted(_) => (),
        }
        if attributes > MOST_ATTRIBUTES {
            return Some(text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1);
        }
    }
    None
}

/// Returns whether a name begins at a byte: after a blank, a slash or a closing quote.
fn begins(text: &str, at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| text.as_bytes()[at]);
    before.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\''))
}

fn advance_place(place: Place, byte: u8) -> Place {
    let is_blank = byte.is_ascii_whitespace();
    match (place, byte) {
        (Place::Quoted(quote), _) if byte == quote => Place::Between,
        // A `>` in quotes does not end a tag.
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
        assert_eq!(find_crowded_tag(&format!("<p{}>", many(1000))), None);
        assert_eq!(find_crowded_tag(&format!("x\n<p{}>", many(1001))), Some(2));
        assert_eq!(find_crowded_tag(&format!("<p t=\">\"{}>", many(1000))), Some(1));
        assert_eq!(find_crowded_tag(&format!("<p t='{}'>", many(2000))), None);
        assert_eq!(find_crowded_tag(&format!("<p>{}", many(2000))), None);
        assert_eq!(find_crowded_tag(&"<p a=b c>x</p>".repeat(2000)), None);
        assert_eq!(find_crowded_tag(&format!("<p{}", "/a".repeat(1500))), Some(1));
    }
}
