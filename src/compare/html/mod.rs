//! The server's clean-up of HTML, and whether two HTML texts mean the same.
//!
//! The server uses bleach: its tokenizer drops tags that are not allowed, a parser builds a tree of
//! the rest, a serializer writes it as text. The same three steps are here: `filter`, `tree`,
//! `serialize`, on html5ever. They reproduce all 45 pairs of contract/scenarios/html-cleaning.json
//! letter by letter.

mod bounds;
mod filter;
mod serialize;
mod stand_ins;
mod tree;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{ElementFlags, TreeBuilder, TreeBuilderOpts, TreeSink};
use html5ever::{QualName, local_name, ns};

use std::rc::Rc;

use bounds::Bounds;
use filter::Filter;
use serialize::{Spelling, serialize};
use stand_ins::{AMPERSAND, ANGLE};
use tree::{Node, Tree};

use crate::vocab::tidy_once;

pub use bounds::Tangle;

/// Texts shorter than this, in characters, are dropped by the server.
const SHORTEST: usize = 3;

/// Returns an HTML text as the server returns it; `None` when the server drops it, because fewer
/// than three characters are left.
pub(super) fn clean_html(sent: &str) -> Option<String> {
    let tidied = keep_nameless_tags(&tidy_once(sent));
    // A text with a tangle is never sent, so it may stay as it is.
    let cleaned = match parse_fragment(&tidied, Filter::allowed_tags) {
        Ok(tree) => serialize(&tree, Spelling::Kept),
        Err(_) => tidied,
    };
    let cleaned = cleaned.trim();
    (cleaned.chars().count() >= SHORTEST).then(|| cleaned.to_owned())
}

/// Returns what makes an HTML text too costly to parse, and its line, from 1.
pub fn find_tangle(html: &str) -> Option<(Tangle, usize)> {
    parse_fragment(&keep_nameless_tags(&tidy_once(html)), Filter::allowed_tags).err()
}

/// Keeps end tags without a name, such as that of `I </3 it>`: bleach reads them as text, up to
/// their `>`, and the parser as a comment. Source: bleach 6.4, compared on 2026-11-28.
fn keep_nameless_tags(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("</") {
        let (before, tag) = rest.split_at(at);
        let inside = &tag["</".len()..];
        kept.push_str(before);
        if inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
            kept.push_str("</");
            rest = inside;
            continue;
        }
        let end = inside.find('>').unwrap_or(inside.len());
        // Not text for bleach either: `</>`, and an allowed name behind blanks, as in `</ p>`.
        let is_comment = end == 0 && !inside.is_empty() || filter::is_kept(inside[..end].trim());
        if is_comment {
            kept.push_str("</");
            rest = inside;
        } else {
            let (text, tail) = tag.split_at("</".len() + end);
            kept.extend(text.chars().map(|c| if c == '<' { ANGLE } else { c }));
            rest = tail;
        }
    }
    kept + rest
}

/// Returns the one spelling that all spellings of an HTML text share: tags closed, attributes
/// sorted, character references decoded. Drops only comments. A text with a [`find_tangle`] shares its
/// spelling with no other text.
pub(super) fn canonicalize_html(html: &str) -> String {
    // A returned text is not tidied: a stand-in in it would be read as `&` or `<`.
    let html: String = html.chars().filter(|c| !matches!(*c, AMPERSAND | ANGLE)).collect();
    match parse_fragment(&html, Filter::all_tags) {
        Ok(tree) => serialize(&tree, Spelling::Canonical).trim().to_owned(),
        Err(_) => html,
    }
}

/// Makes the filter in front of a tree builder.
type MakeFilter = fn(TreeBuilder<Node, Tree>, &str, Rc<Bounds>) -> Filter<TreeBuilder<Node, Tree>>;

/// Parses a fragment as browsers do, inside a `div`.
///
/// # Errors
/// When it exceeds the bounds.
fn parse_fragment(html: &str, filter: MakeFilter) -> Result<Node, (Tangle, usize)> {
    // Before the tokenizer, which can't be stopped within a tag.
    if let Some(line) = bounds::find_crowded_tag(html) {
        return Err((Tangle::Attributes, line));
    }
    let bounds = Rc::new(Bounds::default());
    let html = html.replace('&', &AMPERSAND.to_string());
    let tree = Tree::new(Rc::clone(&bounds));
    let name = QualName::new(None, ns!(html), local_name!("div"));
    let context = tree.create_element(name, Vec::new(), ElementFlags::default());
    let builder = TreeBuilder::new_for_fragment(tree, context, None, TreeBuilderOpts::default());
    let tokenizer =
        Tokenizer::new(filter(builder, &html, Rc::clone(&bounds)), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    // A script ends the first call early; the next call reads what follows it.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    let tree = tokenizer.sink.into_inner().sink.finish();
    bounds.tangle().map_or(Ok(tree), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::tidy;

    /// Random texts with controls, odd blanks and nested tags: as sent, as HTML, as a plain text.
    /// Made with the libraries that the server uses; the embedded server is tested with them too.
    const COMPARED: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/texts.json"));

    #[test]
    fn texts_of_other_times_come_back_as_expected() {
        let rows: serde_json::Value = serde_json::from_str(COMPARED).unwrap();
        let mut wrong = Vec::new();
        for row in rows.as_array().unwrap() {
            let [text, html, plain] = [0, 1, 2].map(|at| row[at].as_str().unwrap());
            let (cleaned, tidied) = (clean_html(text), tidy(text));
            let wanted = (html.chars().count() >= SHORTEST).then_some(html);
            if cleaned.as_deref() != wanted {
                wrong.push(format!("{text:?}: {cleaned:?} instead of {wanted:?}"));
            }
            if tidied != plain {
                wrong.push(format!("{text:?}: {tidied:?} instead of {plain:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_tree_is_closed_and_re_nested() {
        for (sent, kept) in [
            ("<p>nested <b><i>deep</b></i></p>", "<p>nested <b><i>deep</i></b></p>"),
            ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
            ("<p>a<div>b</div></p>", "<p>a</p><div>b</div><p></p>"),
            ("<script><b>x</b> y</script>", "<b>x</b> y"),
            ("<a title='say \"x\"'>y</a>", "<a title='say \"x\"'>y</a>"),
            ("for p <q we find", "for p &lt;q we find"),
            ("I </3 it <b>all</b>", "I &lt;/3 it &lt;b&gt;all"),
            ("a</>b</ p>c</", "abc&lt;/"),
            ("<p>a<i> </i>b</p>", "<p>a<i> </i>b</p>"),
            (
                "<table><b>lost</b> too<tr><td>1",
                "<table><tbody><tr><td>1</td></tr></tbody></table>",
            ),
            ("<div><table><b>kept</b>x</table></div>", "<div><b>kept</b>x<table></table></div>"),
            (
                "<p>&eac; &bogus; &copy &#60; &#;</p>",
                "<p>&eac; &amp;bogus; &amp;copy &#60; &#;</p>",
            ),
            ("<a href='java&#115;cript:x'>link</a>", "<a>link</a>"),
            ("A &amp; P&eacute;\n<p>&eacute;</p>", "A &amp; Pé\n<p>&eacute;</p>"),
        ] {
            assert_eq!(clean_html(sent).as_deref(), Some(kept), "{sent}");
        }
        assert_eq!(clean_html("<p").as_deref(), Some("&lt;p"));
        assert_eq!(clean_html("ab"), None);
        assert_eq!(clean_html("abc").as_deref(), Some("abc"));
    }

    #[test]
    fn the_canonical_spelling_drops_nothing_but_comments() {
        assert_eq!(
            canonicalize_html("<p title=a class='b'>x</p>"),
            canonicalize_html("<P class=\"b\" title='a'>x")
        );
        assert_eq!(canonicalize_html("<p>&eacute;&#8211;&lt;</p>"), "<p>é–&lt;</p>");
        for [one, other] in [
            ["<p>x</p>", "<p>x<img src=\"a.png\"></p>"],
            ["<script>x</script>", "x"],
            ["<p>x</p>", "<div>x</div>"],
            ["<p style=\"color:red\">x</p>", "<p>x</p>"],
            ["&lt;b>", "<b>"],
        ] {
            assert_ne!(canonicalize_html(one), canonicalize_html(other));
        }
    }

    #[test]
    fn a_deep_tree_is_read_down_to_a_bound() {
        let deep = |n: usize| "<span>".repeat(n) + "text";
        assert_eq!(find_tangle(&deep(250)), None);
        assert!(
            clean_html(&deep(250)).unwrap().ends_with(&format!("text{}", "</span>".repeat(250)))
        );
        let text = format!("a\n{}", deep(20_000));
        assert_eq!(find_tangle(&text), Some((Tangle::Deep, 2)));
        assert_eq!(clean_html(&text).unwrap(), text);
        assert_eq!(canonicalize_html(&text), text);
        assert_ne!(canonicalize_html(&text), canonicalize_html(&format!("{text}!")));
        // Long, and not deep.
        for flat in ["<p>a</p>", "<li>a", "<p>a<b>b</b>", "<br>", "<a name=x>", "<td>x"] {
            assert_eq!(find_tangle(&flat.repeat(4_000)), None, "{flat}");
        }
    }

    #[test]
    fn hostile_texts_end_at_a_bound_and_not_by_time() {
        // Each made 100,000 elements open at once, or as many be looked through for each tag.
        for (piece, found) in [
            ("<div>", Tangle::Deep),
            ("<blockquote>", Tangle::Deep),
            ("<table><tr><td>", Tangle::Deep),
            ("<b><div>", Tangle::Deep),
            ("<ul><li>", Tangle::Deep),
        ] {
            assert_eq!(find_tangle(&piece.repeat(4_000)).map(|it| it.0), Some(found), "{piece}");
        }
        // Formatting that is left open is opened again in each paragraph.
        let open = (0..200).map(|n| format!("<b class=a{n}>")).collect::<Vec<_>>().concat();
        let text = format!("<p>{open}</p>{}", "<p>x</p>".repeat(4_000));
        assert_eq!(find_tangle(&text).map(|it| it.0), Some(Tangle::Reopened));
        let crowded = (0..20_000).map(|n| format!(" a{n}=1")).collect::<Vec<_>>().concat();
        let found = find_tangle(&format!("<p>x</p>\n\n<p{crowded}>y</p>"));
        assert_eq!(found, Some((Tangle::Attributes, 3)));
    }
}
