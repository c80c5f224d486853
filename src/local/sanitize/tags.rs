//! Drops all tags that are not on the server's list (`allowed_tags`).
//!
//! Dropped tags never reach the nesting of elements, and they change no rule for what follows
//! them: the text of a `<script>` is read as HTML. Deliberately absent: attributes, see `write`.

use super::allowed_tags::is_allowed_tag;
use super::tree::{Tree, TreeMaker};
use super::unfinished::escape_what_is_no_tag;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{ElementFlags, TreeBuilder, TreeBuilderOpts, TreeSink};
use html5ever::{QualName, local_name, ns};
use std::cell::Cell;

/// Tags that leave a line break when they are dropped, because they begin a block.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "dd",
    "details",
    "dialog",
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
];

/// Returns the elements and texts of a fragment of HTML, without the dropped tags.
pub(super) fn parse_fragment(text: &str) -> Tree {
    let maker = TreeMaker::default();
    let div = QualName::new(None, ns!(html), local_name!("div"));
    let context = maker.create_element(div, Vec::new(), ElementFlags::default());
    let builder = TreeBuilder::new_for_fragment(maker, context, None, TreeBuilderOpts::default());
    let tokenizer = Tokenizer::new(
        AllowedTags { builder, has_seen_tag: Cell::new(false) },
        TokenizerOpts::default(),
    );
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(escape_what_is_no_tag(text)));
    // Nothing stops the tokenizer half-way: it does so for scripts and encodings only.
    let _done = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.builder.sink.finish()
}

/// Passes the kept tokens to the tree builder.
struct AllowedTags {
    builder: TreeBuilder<usize, TreeMaker>,
    has_seen_tag: Cell<bool>,
}

impl TokenSink for AllowedTags {
    type Handle = usize;

    fn process_token(&self, token: Token, line_number: u64) -> TokenSinkResult<usize> {
        // A tangled tree is not written, so the rest of the text is not worth the time.
        if !self.builder.sink.admits_token() {
            return TokenSinkResult::Continue;
        }
        let Token::TagToken(tag) = &token else {
            return self.builder.process_token(token, line_number);
        };
        // A tag that is kept counts as the first one, too.
        let is_first = !self.has_seen_tag.replace(true);
        if is_allowed_tag(&tag.name) {
            return self.builder.process_token(token, line_number);
        }
        // The server leaves no line break for the first tag of a text.
        if is_first || tag.kind == TagKind::EndTag || !BLOCKS.contains(&&*tag.name) {
            return TokenSinkResult::Continue;
        }
        let line_break = Token::CharacterTokens(StrTendril::from_slice("\n"));
        self.builder.process_token(line_break, line_number)
    }

    fn end(&self) {
        self.builder.end();
    }
}
