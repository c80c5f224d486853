//! Between tokenizer and tree: drops tags and attributes that the server drops.

use std::cell::Cell;
use std::rc::Rc;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{Attribute, ns};

use super::bounds::Bounds;
use super::stand_ins::AMPERSAND;
use crate::vocab::entities::decode_in_address;

/// Tags that the server keeps; it drops others, and keeps what they enclose.
///
/// Source: `ALLOWED_HTML_TAGS` of marshmallow-utils, and contract/scenarios/html-cleaning.json,
/// 2026-11-23. (Later versions of that library keep `MathML` too; the server recorded does not.)
const TAGS: [&str; 31] = [
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

/// Tags that leave a line break where they are dropped. Source: bleach, read 2026-11-23.
const BLOCKS: [&str; 24] = [
    "address",
    "article",
    "aside",
    "details",
    "dialog",
    "dd",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h6",
    "header",
    "hgroup",
    "hr",
    "main",
    "nav",
    "section",
    // The server keeps these today; they are here in case it drops one later.
    "blockquote",
    "ol",
    "table",
    "ul",
];

/// Protocols of links that the server keeps. Source: bleach, read 2026-11-23.
const PROTOCOLS: [&str; 3] = ["http", "https", "mailto"];

/// The tokenizer's messages for a text that ends within a tag and outside of quotes.
const ENDS_IN_A_TAG: [&str; 4] = [
    "Saw EOF in state TagName",
    "Saw EOF in state AttributeName",
    "Saw EOF in state AfterAttributeName",
    "Saw EOF in state AttributeValue(Unquoted)",
];

/// Returns whether the server keeps a tag, in upper or lower case.
pub(super) fn is_kept(name: &str) -> bool {
    TAGS.contains(&name.to_ascii_lowercase().as_str())
}

/// Passes tokens on to a tree builder, without what the server drops.
pub(super) struct Filter<S> {
    inner: S,
    keeps_all: bool,
    bounds: Rc<Bounds>,
    seen_a_tag: Cell<bool>,
    /// The unfinished tag at the end of the text, from its `<` on.
    open_end: StrTendril,
}

impl<S> Filter<S> {
    /// Passes only the tags and attributes that the server keeps.
    pub(super) fn allowed_tags(inner: S, text: &str, bounds: Rc<Bounds>) -> Self {
        Self { keeps_all: false, ..Self::all_tags(inner, text, bounds) }
    }

    /// Passes everything except comments.
    pub(super) fn all_tags(inner: S, text: &str, bounds: Rc<Bounds>) -> Self {
        let open_end = StrTendril::from(open_end(text));
        Self { inner, keeps_all: true, bounds, seen_a_tag: Cell::new(false), open_end }
    }

    /// Returns the tree builder.
    pub(super) fn into_inner(self) -> S {
        self.inner
    }

    /// Returns the text that replaces a dropped tag: nothing, or a line break for the start of a
    /// block that is not the first tag.
    fn stand_in(&self, tag: &Tag) -> StrTendril {
        let is_block = tag.kind == TagKind::StartTag && BLOCKS.contains(&&*tag.name);
        if is_block && self.seen_a_tag.get() { StrTendril::from("\n") } else { StrTendril::new() }
    }
}

impl<S: TokenSink> TokenSink for Filter<S> {
    type Handle = S::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<S::Handle> {
        // The tokenizer can't be stopped, so the rest of a tangled text is discarded here.
        if !self.bounds.admits(line) {
            return TokenSinkResult::Continue;
        }
        let passed = match token {
            Token::TagToken(tag) if !self.keeps_all => {
                let passed = if TAGS.contains(&&*tag.name) {
                    Token::TagToken(retain_allowed_attributes(tag))
                } else {
                    Token::CharacterTokens(self.stand_in(&tag))
                };
                self.seen_a_tag.set(true);
                passed
            }
            // Bleach reads `p <q` as text, and not as a tag that does not end.
            Token::ParseError(message) if ENDS_IN_A_TAG.contains(&&*message) => {
                Token::CharacterTokens(self.open_end.clone())
            }
            Token::CommentToken(_) | Token::DoctypeToken(_) => return TokenSinkResult::Continue,
            other @ (Token::TagToken(_)
            | Token::CharacterTokens(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_)) => other,
        };
        self.inner.process_token(passed, line)
    }

    fn end(&self) {
        self.inner.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.inner.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Returns the text from the first `<` that may open a tag and has no `>` behind it.
fn open_end(text: &str) -> &str {
    let tail = text.rsplit('>').next().unwrap_or_default();
    let opens = |at: &usize| {
        let next = tail.get(at + 1..).and_then(|rest| rest.chars().next());
        next.is_some_and(|c| c == '/' || c.is_ascii_alphabetic())
    };
    let start = tail.match_indices('<').map(|(at, _)| at).find(opens);
    start.and_then(|at| tail.get(at..)).unwrap_or_default()
}

fn retain_allowed_attributes(mut tag: Tag) -> Tag {
    let name = tag.name.clone();
    tag.attrs.retain(|attribute| is_allowed(&name, attribute));
    tag
}

/// Returns whether the server keeps an attribute of a tag.
fn is_allowed(tag: &str, attribute: &Attribute) -> bool {
    if attribute.name.ns != ns!() {
        return false;
    }
    match &*attribute.name.local {
        "class" => true,
        "title" => matches!(tag, "a" | "abbr" | "acronym"),
        "name" | "rel" => tag == "a",
        "href" => tag == "a" && is_allowed_address(&attribute.value),
        _ => false,
    }
}

/// Returns whether a link's target has no protocol, or one that the server keeps.
fn is_allowed_address(value: &str) -> bool {
    // Decoded first, and without blanks and controls: `java&#115;cript:` runs in a browser too.
    let spelled = value.replace(AMPERSAND, "&");
    let bare: String =
        decode_in_address(&spelled).chars().filter(|c| c.is_ascii_graphic() && *c != '`').collect();
    let Some((protocol, rest)) = bare.split_once(':') else {
        return true;
    };
    let is_word = !protocol.is_empty()
        && protocol.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    // Bleach reads `tel:123` as host and port.
    let is_port = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit());
    let is_protocol = is_word && !is_port;
    !is_protocol || PROTOCOLS.contains(&protocol.to_ascii_lowercase().as_str())
}
