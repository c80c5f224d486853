//! Searching and sorting drafts and records.
//!
//! It knows a small part of the search engine's language, enough for the clients of a deposit:
//! `field:value`, phrases, `AND`, `OR`, `-`. A phrase is matched word by word, as in the index,
//! where tags of HTML are words too (2026-11-28). Deliberately absent: ranking, and the delay of
//! the real index, which is some seconds late.

use serde_json::Value;

use super::types::Version;
use super::{Found, State};

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    is_negated: bool,
    field: Option<String>,
    /// In lower case.
    value: String,
    /// Whether it was in quotes, so that its words must follow each other.
    is_phrase: bool,
}

/// A query: at least one group must match, with all of its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    groups: Vec<Vec<Term>>,
}

impl Query {
    /// Reads the text of `q=`.
    pub(crate) fn parse(text: &str) -> Self {
        let mut groups = vec![Vec::new()];
        for word in split_words(text) {
            match word.as_str() {
                "AND" | "&&" | "" => {}
                "OR" | "||" => groups.push(Vec::new()),
                _ => {
                    if let Some(last) = groups.last_mut() {
                        last.push(parse_term(&word));
                    }
                }
            }
        }
        Self { groups }
    }

    /// Returns whether a version matches.
    pub(crate) fn matches(&self, state: &State, found: Found<'_>) -> bool {
        let fits = |term: &Term| fits(state, found, term) != term.is_negated;
        self.groups.iter().any(|group| group.iter().all(fits))
    }
}

/// Splits a query at blanks outside quotes and parentheses.
fn split_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut is_quoted, mut is_escaped, mut depth) = (false, false, 0_u32);
    for c in text.chars() {
        let is_literal = std::mem::replace(&mut is_escaped, false);
        match c {
            // An escaped quote is part of a phrase and does not end it.
            _ if is_literal => {}
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c.is_whitespace() && !is_quoted && depth == 0 {
            words.push(String::new());
        } else if let Some(last) = words.last_mut() {
            last.push(c);
        }
    }
    words
}

fn parse_term(word: &str) -> Term {
    let (is_negated, word) = match word.strip_prefix(['-', '!']) {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    };
    let (field, value) = match word.split_once(':') {
        // A colon inside a phrase does not name a field.
        Some((field, value)) if !field.contains('"') => (Some(field.to_owned()), value),
        Some(_) | None => (None, word),
    };
    if let Some(rest) = value.strip_prefix('"') {
        let phrase = unescape(rest.strip_suffix('"').unwrap_or(rest)).to_lowercase();
        Term { is_negated, field, value: phrase, is_phrase: true }
    } else {
        let value = value.trim_matches(['"', '(', ')']).to_lowercase();
        Term { is_negated, field, value, is_phrase: false }
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

/// Splits a text into the words of the index.
fn split_index_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Returns whether a text has the words of a phrase one after the other, or, outside quotes, all of
/// the words anywhere.
fn has_words(text: &str, term: &Term) -> bool {
    let (text, wanted) = (split_index_words(text), split_index_words(&term.value));
    // A title of signs only has no words in the index, so a search can't find it.
    if wanted.is_empty() {
        return false;
    }
    if term.is_phrase {
        text.windows(wanted.len()).any(|part| part == wanted)
    } else {
        wanted.iter().all(|word| text.contains(word))
    }
}

fn fits(state: &State, found: Found<'_>, term: &Term) -> bool {
    let version = found.version();
    let is = |text: &str| text.to_lowercase() == term.value;
    let Some(field) = &term.field else {
        return term.value == "*"
            || join_searchable_text(version).to_lowercase().contains(&term.value);
    };
    // An arm has the legacy name of a field and that of the records API.
    match field.trim_start_matches("metadata.") {
        "conceptrecid" | "parent.id" => is(&version.concept.to_string()),
        "recid" | "id" | "record_id" => is(&version.id.to_string()),
        "doi" | "pids.doi.identifier" => version.doi().is_some_and(|doi| is(&doi.identifier)),
        "conceptdoi" | "parent.pids.doi.identifier" => state
            .concepts
            .get(&version.concept)
            .and_then(|concept| concept.doi.as_deref())
            .is_some_and(is),
        "owners" | "owner" | "parent.access.owned_by.user" => state
            .concepts
            .get(&version.concept)
            .is_some_and(|concept| is(&concept.owner.to_string())),
        "is_published" => is(if state.is_published(version.id) { "true" } else { "false" }),
        "version" => read_text_field(version, "version").is_some_and(is),
        "keywords" | "subjects.subject" => {
            list_subjects(version).any(|subject| subject.to_lowercase().contains(&term.value))
        }
        "title" | "description" => {
            let name = field.trim_start_matches("metadata.");
            has_words(read_text_field(version, name).unwrap_or_default(), term)
        }
        // An unknown field is not an error: the real index finds nothing.
        _ => false,
    }
}

fn read_text_field<'a>(version: &'a Version, field: &str) -> Option<&'a str> {
    version.metadata.get(field).and_then(Value::as_str)
}

fn list_subjects(version: &Version) -> impl Iterator<Item = &str> {
    let subjects = version.metadata.get("subjects").and_then(Value::as_array);
    subjects.into_iter().flatten().filter_map(|subject| subject.get("subject")?.as_str())
}

fn join_searchable_text(version: &Version) -> String {
    let mut text = read_text_field(version, "title").unwrap_or_default().to_owned();
    text.push('\n');
    text.push_str(read_text_field(version, "description").unwrap_or_default());
    for subject in list_subjects(version) {
        text.push('\n');
        text.push_str(subject);
    }
    text
}

/// The order of hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Last created first.
    Newest,
    /// First created first.
    Oldest,
    /// Last changed first.
    UpdatedLast,
    /// First changed first.
    UpdatedFirst,
    /// By publication date, newest first.
    PublicationDate,
    /// By version number, newest first.
    Version,
}

impl Order {
    /// Reads the text of `sort=`, with the names of both APIs.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "newest" | "bestmatch" => Some(Self::Newest),
            "oldest" => Some(Self::Oldest),
            "mostrecent" | "updated-desc" => Some(Self::UpdatedLast),
            "-mostrecent" | "updated-asc" => Some(Self::UpdatedFirst),
            "publication_date" | "-publication_date" => Some(Self::PublicationDate),
            "version" | "-version" => Some(Self::Version),
            _ => None,
        }
    }

    /// Sorts hits.
    pub(crate) fn sort(self, hits: &mut [Found<'_>]) {
        // Numbers grow with time, so they order what was written in the same clock tick.
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.version().id));
        match self {
            Self::Newest => hits.sort_by_key(|hit| std::cmp::Reverse(hit.version().created)),
            Self::Oldest => hits.sort_by_key(|hit| (hit.version().created, hit.version().id)),
            Self::UpdatedLast => hits.sort_by_key(|hit| std::cmp::Reverse(hit.version().updated)),
            Self::UpdatedFirst => hits.sort_by_key(|hit| (hit.version().updated, hit.version().id)),
            Self::PublicationDate => hits.sort_by_key(|hit| {
                let date = read_text_field(hit.version(), "publication_date").unwrap_or_default();
                std::cmp::Reverse(date.to_owned())
            }),
            Self::Version => hits.sort_by_key(|hit| std::cmp::Reverse(hit.version().index)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_parentheses_hold_words_together() {
        let query = Query::parse("title:\"two words\" AND -keywords:(a b) OR doi:x");
        let shown: Vec<Vec<_>> = query
            .groups
            .iter()
            .map(|group| group.iter().map(|t| (t.is_negated, t.value.as_str())).collect())
            .collect();
        assert_eq!(shown, [vec![(false, "two words"), (true, "a b")], vec![(false, "x")]]);
    }
    #[test]
    fn a_phrase_is_its_words_in_order() {
        let fits = |query: &str, text: &str| has_words(text, &parse_term(query));
        let title = "A \"new\" p-adic form (draft)";
        assert!(fits(r#"metadata.title:"A \"new\" p-adic form (draft)""#, title));
        assert!(fits("title:\"NEW p\"", title));
        assert!(!fits("title:\"form new\"", title));
        assert!(fits("title:(form new)", title));
        assert!(!fits("title:\"for\"", title), "half a word");
        assert!(!fits("title:\"?!\"", title), "no word");
        assert!(fits("description:\"p Tables of\"", "<p>Tables of traces</p>"));
    }
}
