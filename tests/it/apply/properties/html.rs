//! HTML texts: both clean-ups, the client's guess and the local server's, take any text.

use proptest::prelude::*;
use proptest::sample::select;
use zrel::compare::{is_equivalent_text, normalize_as_server};
use zrel::local::sanitize::{clean_html, clean_text};
use zrel::model::{Field, Metadata};

use super::cases;

/// Returns a text as the client expects it back.
fn expected(html: &str) -> Option<String> {
    let mut sent = Metadata::default();
    sent.set_text(Field::Description, html.to_owned());
    normalize_as_server(&sent).text(Field::Description).map(str::to_owned)
}

/// Texts that both must parse alike: well-formed, with the tags that Zenodo keeps.
fn well_formed() -> impl Strategy<Value = String> {
    let leaf = select(vec!["forms", " and ", "é", "1 &lt; 2", "a &amp; b", "“x”", "日本", "\n"]);
    let tag = select(vec!["p", "b", "em", "strong", "code", "ul><li", "blockquote", "h2"]);
    let inner = leaf.prop_map(str::to_owned);
    inner.prop_recursive(3, 12, 4, move |inner| {
        (tag.clone(), proptest::collection::vec(inner, 1..4)).prop_map(|(tag, parts)| {
            let ends: Vec<&str> = tag.rsplit("><").collect();
            format!("<{tag}>{}</{}>", parts.concat(), ends.join("></"))
        })
    })
}

/// Pieces of HTML in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "</?(p|b|script|style|a|table|td|svg|math|template|select|iframe|!--|!\\[CDATA\\[|\\?x)( [a-z]{1,4}=[\"']?[^<>]{0,5})?>?",
        "&(amp|lt|#x?[0-9a-f]{0,7}|[a-z]{1,5});?",
        "\\PC{0,6}",
        "[\\x00-\\x20<>&\"'/=-]{0,4}",
        Just("<b>".repeat(200)),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn any_text_is_cleaned_by_both(html in prop_oneof![pieces(), any::<String>()]) {
        let local = clean_html(&html);
        clean_text(&html);
        prop_assert!(!local.to_lowercase().contains("<script"), "{}", local);
        let guess = expected(&html);
        is_equivalent_text(Field::Description, &html, guess.as_deref().unwrap_or_default(), None);
        is_equivalent_text(Field::Description, &html, &local, None);
    }

    #[test]
    fn both_agree_on_what_is_well_formed(html in well_formed()) {
        let local = clean_html(&html);
        prop_assert!(is_equivalent_text(Field::Description, &html, &local, None), "{:?}", local);
    }
}

#[test]
fn a_deep_or_long_text_is_cleaned_by_both() {
    for html in [
        "<div>".repeat(2_000),
        "<b><p>".repeat(500),
        "<table><td>".repeat(500),
        "&amp".repeat(20_000),
        "<".repeat(50_000),
        "<!--".repeat(10_000),
        format!("<p>{}</p>", "x".repeat(500_000)),
        format!("<a {}>x</a>", "b=\"c\" ".repeat(5_000)),
    ] {
        clean_html(&html);
        expected(&html);
    }
}
