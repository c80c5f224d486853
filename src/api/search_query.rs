//! Which of your own records and drafts to look for, in the query language of the server's search.
//!
//! The search only narrows down: it may find more, and the caller compares. It must not find less,
//! so a query uses only words that the index certainly has. Titles and descriptions are indexed by
//! the standard analyser, tags included (mapping draft-v6.0.0 of invenio-rdm-records 35.0.0, read
//! 2026-11-28): words as Unicode splits them, in lower case.

use crate::model::ConceptId;
use crate::observed::Candidate;

/// How much of a text the query has. Characters.
const ENOUGH: usize = 200;

/// Which of your own records and drafts to look for.
#[derive(Debug, Clone, Copy)]
pub enum Sought<'a> {
    /// All.
    All,
    /// Those of a concept.
    Concept(ConceptId),
    /// Those that may have one of these texts.
    Texts {
        /// A title, or the beginning of one.
        title: &'a str,
        /// A description, HTML; may be empty.
        description: &'a str,
        /// The random id that the title of a create call ends with.
        create_id: Option<&'a str>,
    },
}

impl Sought<'_> {
    /// Returns the text of `q=`; `None` to list all.
    pub(super) fn query(&self) -> Option<String> {
        match self {
            Sought::All => None,
            Sought::Concept(id) => Some(format!("parent.id:{id}")),
            Sought::Texts { title, description, create_id } => {
                // The index has no entry for a title that has no word: all are listed then.
                let mut parts = vec![format!("metadata.title:{}", phrase(title)?)];
                let description = longest_run(description).and_then(phrase);
                parts.extend(description.map(|phrase| format!("metadata.description:{phrase}")));
                parts.extend(create_id.map(|id| format!("metadata.title:\"zrel {id}\"")));
                Some(parts.join(" OR "))
            }
        }
    }

    /// Returns whether an entry may be one of them: a search may find more.
    pub(super) fn may_be(&self, found: &Candidate) -> bool {
        match self {
            // The caller compares the texts, which the query has only in part.
            Sought::All | Sought::Texts { .. } => true,
            Sought::Concept(id) => *id == found.concept,
        }
    }
}

/// Returns the beginning of a text, up to a blank, as a phrase of the query language; `None` when
/// it has no word.
fn phrase(text: &str) -> Option<String> {
    let text = text.trim();
    let enough = text.char_indices().nth(ENOUGH).map_or(text.len(), |(at, _)| at);
    // Words are whole only where a blank ends them.
    let end = match text[enough..].find(char::is_whitespace) {
        _ if enough == text.len() => enough,
        Some(rest) => enough + rest,
        None => text.len(),
    };
    let beginning = &text[..end];
    if !beginning.chars().any(char::is_alphanumeric) {
        return None;
    }
    let mut phrase = "\"".to_owned();
    for c in beginning.chars() {
        match c {
            // Unescaped, either would end the phrase or change its meaning.
            '"' | '\\' => phrase.extend(['\\', c]),
            c if c.is_control() => phrase.push(' '),
            c => phrase.push(c),
        }
    }
    phrase.push('"');
    Some(phrase)
}

/// Returns the longest part of HTML that is free of tags and entities. The index may hold the
/// words of a tag among those of the text, or not: inside such a part it does not matter.
fn longest_run(html: &str) -> Option<&str> {
    let runs = html.split('<').enumerate().flat_map(|(number, part)| {
        // Before the first `<` there is no tag.
        let text = if number == 0 { part } else { part.split_once('>').map_or("", |(_, t)| t) };
        text.split('&').enumerate().map(|(number, part)| {
            if number == 0 { part } else { part.split_once(';').map_or("", |(_, text)| text) }
        })
    });
    let runs: Vec<&str> = runs.collect();
    // Its first and its last word may be joined to the text around it.
    let whole = runs.iter().map(|run| {
        let start = run.find(char::is_whitespace).unwrap_or(run.len());
        let end = run.rfind(char::is_whitespace).unwrap_or(0);
        run.get(start..end).unwrap_or_default().trim()
    });
    let whole = whole.max_by_key(|run| run.len()).filter(|run| !run.is_empty());
    // Without this, nothing of a short text would be left, and the record would not be found.
    let all = runs.iter().map(|run| run.trim()).filter(|run| run.contains(char::is_whitespace));
    whole.or_else(|| all.max_by_key(|run| run.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(title: &str, description: &str, create_id: Option<&str>) -> Option<String> {
        Sought::Texts { title, description, create_id }.query()
    }

    #[test]
    fn a_query_uses_words_that_the_index_has() {
        assert_eq!(
            query("A \"new\" p-adic\\form\t(draft)", "", Some("0a1b2c3d")).unwrap(),
            r#"metadata.title:"A \"new\" p-adic\\form (draft)" OR metadata.title:"zrel 0a1b2c3d""#
        );
        let html = "<p>Tables of <em>Hecke</em> traces &amp; of all their many eigenvalues.</p>";
        assert_eq!(
            query("T", html, None).unwrap(),
            r#"metadata.title:"T" OR metadata.description:"of all their many""#
        );
        assert_eq!(
            query("T", "<p>Some tables.</p>", None).unwrap(),
            r#"metadata.title:"T" OR metadata.description:"Some tables.""#
        );
        assert_eq!(query("T", "<p>Hecke</p>", None).unwrap(), r#"metadata.title:"T""#);
    }

    #[test]
    fn a_long_title_is_cut_between_words_and_one_without_a_word_is_not_in_a_query() {
        let long = format!("{} {}", "word ".repeat(39).trim(), "x".repeat(300));
        let sought = query(&format!("{long} tail"), "", None).unwrap();
        assert_eq!(sought, format!("metadata.title:\"{long}\""));
        assert_eq!(query("?!", "Some words here.", None), None);
    }
}
