//! Whether the server has a text that was sent, although it spells it differently.

use sha2::Digest;

use crate::model::{Field, FieldKind, Rewrite, Sha256};
use crate::vocab::tidy;

use super::html::{canonicalize_html, clean_html};

/// Returns whether a text that was sent is the one that came back; empty means missing.
///
/// It is when both are equal after the server's known changes to such a field, or when `rewrite`
/// remembers that exactly this text came back as exactly that one. A changed word, link or tag that
/// the server keeps is a difference.
///
/// Source: contract/scenarios/html-cleaning.json, 2026-11-23.
pub fn is_equivalent_text(
    field: Field,
    sent: &str,
    returned: &str,
    rewrite: Option<&Rewrite>,
) -> bool {
    if field == Field::AccessConditions {
        // The deposit API accepts it and never returns it (access.json).
        return returned.is_empty();
    }
    // An unpredicted rewrite would be a change in every plan; the lock accepts this pair only.
    if rewrite.is_some_and(|pair| is_remembered(pair, sent, returned)) {
        return true;
    }
    match field.kind() {
        FieldKind::Html => is_equivalent_html(sent, returned),
        FieldKind::Text
        | FieldKind::List
        | FieldKind::People
        | FieldKind::Related
        | FieldKind::Subjects
        | FieldKind::Locations
        | FieldKind::Dates
        | FieldKind::TypedTexts
        | FieldKind::Licenses
        | FieldKind::Funding
        | FieldKind::Custom => is_equivalent_plain(sent, returned),
    }
}

/// Returns the SHA-256 of a text's UTF-8 bytes, as the lock remembers rewrites.
pub fn hash_text(text: &str) -> Sha256 {
    Sha256(sha2::Sha256::digest(text.as_bytes()).into())
}

fn is_remembered(pair: &Rewrite, sent: &str, returned: &str) -> bool {
    pair.sent == hash_text(sent) && pair.returned == hash_text(returned)
}

pub(super) fn is_equivalent_html(sent: &str, returned: &str) -> bool {
    if sent == returned {
        return true;
    }
    match clean_html(sent) {
        // The server drops a text of which fewer than three characters are left.
        None => returned.is_empty(),
        Some(cleaned) => {
            cleaned == returned || canonicalize_html(&cleaned) == canonicalize_html(returned)
        }
    }
}

/// Returns whether a text without HTML clean-up came back: as it is, or tidied.
pub(super) fn is_equivalent_plain(sent: &str, returned: &str) -> bool {
    sent == returned || tidy(sent) == returned
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str =
        "<p>Tables of <b>Hecke</b> traces, see <a href=\"https://a.org\">here</a>.</p>";

    #[test]
    fn no_change_of_what_the_server_does_not_keep() {
        for sent in [
            "<p style='x'>Tables of <b>Hecke</b> traces, see <a href=https://a.org>here</a>.</p>",
            "<P>Tables of <b>Hecke</b> traces, see <a href='https://a.org' target=_blank>here</a>.",
            "<p>Tables of <B>Hecke</B> traces,<img src=x> see <a href='https://a.org'>here</a>.</p>\n",
            "<!-- new --><p>Tables of <b>He&#99;ke</b> traces, see <a href='https://a.org'>here</a>.</p>",
            "<main><p>Tables of <b>Hecke</b>\u{200b} traces, see <a href='https://a.org'>here</a>.</p></main>",
        ] {
            assert!(is_equivalent_text(Field::Description, sent, SENT, None), "{sent}");
        }
    }

    #[test]
    fn a_changed_word_link_or_tag_is_a_difference() {
        let edits = [
            ("Hecke", "Maass"),
            ("traces", "trace"),
            ("of ", "of  "),
            (".</p>", "</p>"),
            ("https://a.org", "https://a.org/"),
            ("https://a.org", "http://a.org"),
            ("<b>Hecke</b>", "<i>Hecke</i>"),
            ("<b>Hecke</b>", "Hecke"),
            ("<p>", "<p class=\"lead\">"),
            ("<a ", "<a title=\"t\" "),
            ("here</a>.", "here.</a>"),
            ("<b>Hecke</b>", "<b>Hecke</b> "),
            ("</p>", "</p><p>More.</p>"),
            ("Tables", "tables"),
        ];
        for field in [Field::Description, Field::Notes, Field::Method] {
            for (old, new) in edits {
                let edited = SENT.replacen(old, new, 1);
                assert_ne!(edited, SENT, "{old}");
                assert!(!is_equivalent_text(field, &edited, SENT, None), "{edited}");
                assert!(!is_equivalent_text(field, SENT, &edited, None), "{edited}");
            }
            assert!(!is_equivalent_text(field, SENT, "", None));
            assert!(!is_equivalent_text(field, "", SENT, None));
        }
    }

    #[test]
    fn what_the_server_would_have_dropped_is_a_difference_when_it_is_there() {
        for returned in
            ["<p>x y</p><img src=\"a\">", "<p style=\"a\">x y</p>", "<section>x y</section>"]
        {
            assert!(!is_equivalent_text(Field::Notes, "<p>x y</p>", returned, None), "{returned}");
        }
    }

    #[test]
    fn a_remembered_pair_explains_that_pair_only() {
        let pair = Rewrite { sent: hash_text("<p>Ã©</p>"), returned: hash_text("<p>é</p>") };
        assert!(is_equivalent_text(Field::Notes, "<p>Ã©</p>", "<p>é</p>", Some(&pair)));
        assert!(!is_equivalent_text(Field::Notes, "<p>Ã©</p>", "<p>é</p>", None));
        assert!(!is_equivalent_text(Field::Notes, "<p>Ã©!</p>", "<p>é</p>", Some(&pair)));
        assert!(!is_equivalent_text(Field::Notes, "<p>Ã©</p>", "<p>è</p>", Some(&pair)));
    }

    #[test]
    fn plain_texts_are_tidied_and_not_cleaned() {
        assert!(is_equivalent_text(Field::Title, "“A” ﬁeld", "\"A\" field", None));
        assert!(is_equivalent_text(Field::Title, "a <b> c", "a <b> c", None));
        assert!(
            !is_equivalent_text(Field::Title, "\"A\"", "“A”", None),
            "the server holds no such quotes"
        );
        assert!(!is_equivalent_text(Field::Title, "<b>A</b>", "A", None));
        assert!(!is_equivalent_text(Field::Title, "A", "a", None));
        assert!(!is_equivalent_text(Field::Title, "A", "", None));
    }

    #[test]
    fn access_conditions_never_come_back() {
        assert!(is_equivalent_text(Field::AccessConditions, "<p>Ask.</p>", "", None));
        assert!(!is_equivalent_text(Field::AccessConditions, "<p>Ask.</p>", "<p>Ask.</p>", None));
    }

    #[test]
    fn a_digest_is_the_sha_256_of_the_bytes() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash_text("").to_string(), empty);
    }
}
