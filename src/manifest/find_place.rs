//! Where a place stands in a manifest's text.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{ManifestPlace, Span};

/// Finds a place; none where this text does not have it, as when the root of a workspace says it.
pub fn find_place(text: &str, place: &ManifestPlace) -> Option<Span> {
    let (document, _) = DeTable::parse_recoverable(text);
    let found = match place {
        ManifestPlace::Entry { lists, at, below } => {
            let metadata = find_value(document.get_ref(), &["metadata"])?.get_ref().as_table()?;
            descend(find_entry(metadata, lists, *at)?, below)
        }
        ManifestPlace::Custom(name) => {
            // A server names a part of a field behind a dot.
            let whole = name.split_once('.').map_or(name.as_str(), |(whole, _)| whole);
            let find = |name| find_value(document.get_ref(), &["metadata", "custom", name]);
            find(name.as_str()).or_else(|| find(whole))?
        }
        ManifestPlace::Word { under, word } => {
            under.iter().find_map(|keys| find_word_in_table(document.get_ref(), keys, word))?
        }
    };
    let span = found.span();
    Some(Span { start: span.start, end: span.end })
}

/// Finds a value by its keys.
fn find_value<'a, 't>(
    document: &'a DeTable<'t>,
    keys: &[&str],
) -> Option<&'a Spanned<DeValue<'t>>> {
    let (first, rest) = keys.split_first()?;
    let first = document.get(*first)?;
    rest.iter().try_fold(first, |value, key| value.get_ref().as_table()?.get(*key))
}

/// Finds an entry of lists that follow each other.
fn find_entry<'a, 't>(
    metadata: &'a DeTable<'t>,
    lists: &[&str],
    at: usize,
) -> Option<&'a Spanned<DeValue<'t>>> {
    let lists = lists.iter().filter_map(|list| metadata.get(*list)?.get_ref().as_array());
    lists.flat_map(|list| list.iter()).nth(at)
}

/// Follows keys and positions as far as the manifest has them.
fn descend<'a, 't>(
    mut value: &'a Spanned<DeValue<'t>>,
    below: &[String],
) -> &'a Spanned<DeValue<'t>> {
    for step in below {
        let next = match value.get_ref() {
            DeValue::Table(table) => table.get(step.as_str()),
            DeValue::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => None,
        };
        value = next.unwrap_or(value);
    }
    value
}

/// Finds the first text that is a word, under these keys of a table.
fn find_word_in_table<'a, 't>(
    table: &'a DeTable<'t>,
    keys: &[&str],
    word: &str,
) -> Option<&'a Spanned<DeValue<'t>>> {
    let (first, rest) = keys.split_first()?;
    find_word_under(table.get(*first)?, rest, word)
}

/// Finds the first text that is a word, under these keys of a value, or of each entry of a list.
fn find_word_under<'a, 't>(
    value: &'a Spanned<DeValue<'t>>,
    keys: &[&str],
    word: &str,
) -> Option<&'a Spanned<DeValue<'t>>> {
    if keys.is_empty() {
        return find_word(value, word);
    }
    if let Some(items) = value.get_ref().as_array() {
        return items.iter().find_map(|item| find_word_under(item, keys, word));
    }
    find_word_in_table(value.get_ref().as_table()?, keys, word)
}

fn find_word<'a, 't>(
    value: &'a Spanned<DeValue<'t>>,
    word: &str,
) -> Option<&'a Spanned<DeValue<'t>>> {
    match value.get_ref() {
        DeValue::String(text) => is_word(text, word).then_some(value),
        DeValue::Array(items) => items.iter().find_map(|item| find_word(item, word)),
        DeValue::Table(table) => {
            // Keys are sorted by name, and a reader looks from the top.
            let found = table.iter().filter_map(|(_, value)| find_word(value, word));
            found.min_by_key(|found| found.span().start)
        }
        DeValue::Integer(number) => (number.as_str() == word).then_some(value),
        DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => None,
    }
}

/// Returns whether a text is a word of a vocabulary, or its address.
fn is_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.trim().to_lowercase(), word.to_lowercase());
    text.strip_suffix(&word).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
[metadata]
title = "Forms"
related_identifiers = [{ identifier = "10.1/a" }]
identifiers = [
  { identifier = "10.1/b" },
]

[[metadata.creators]]
name = "Weiss, Tobias"

[[metadata.creators]]
name = "Example, Ada"
affiliations = ["One", { ror = "https://ror.org/01ggx4157" }]

[metadata.custom]
"code:codeRepository" = "none"

[[communities]]
id = "polar"
"#;

    fn found(place: &ManifestPlace) -> Option<&'static str> {
        find_place(TEXT, place).map(|span| &TEXT[span.start..span.end])
    }

    fn entry(lists: &'static [&'static str], at: usize, below: &[&str]) -> Option<&'static str> {
        let below = below.iter().map(|step| (*step).to_owned()).collect();
        found(&ManifestPlace::Entry { lists, at, below })
    }

    #[test]
    fn an_entry_is_found_by_its_position_as_deep_as_the_manifest_goes() {
        let creators: &[&str] = &["creators"];
        assert_eq!(entry(creators, 0, &["person_or_org", "name"]), Some("\"Weiss, Tobias\""));
        let affiliation = entry(creators, 1, &["affiliations", "1", "id"]);
        assert_eq!(affiliation, Some("{ ror = \"https://ror.org/01ggx4157\" }"));
        assert_eq!(entry(creators, 1, &["role"]), Some("[[metadata.creators]]"));
        assert_eq!(entry(creators, 2, &[]), None);
        assert_eq!(entry(&["contributors"], 0, &[]), None);
    }

    #[test]
    fn lists_that_the_server_has_as_one_are_counted_through() {
        let related: &[&str] = &["related_identifiers", "identifiers"];
        assert_eq!(entry(related, 1, &["identifier"]), Some("\"10.1/b\""));
    }

    #[test]
    fn words_and_custom_fields_are_found_by_what_they_say() {
        let word = |keys: &[&'static str], word: &str| {
            found(&ManifestPlace::Word { under: vec![keys.to_vec()], word: word.to_owned() })
        };
        let ror = Some("\"https://ror.org/01ggx4157\"");
        assert_eq!(word(&["metadata", "creators", "affiliations"], "01ggx4157"), ror);
        assert_eq!(word(&["metadata", "creators", "identifiers"], "01ggx4157"), None);
        assert_eq!(word(&["communities"], "polar"), Some("\"polar\""));
        assert_eq!(word(&["metadata"], "a"), Some("\"10.1/a\""));
        assert_eq!(word(&["metadata"], "ggx4157"), None);
        let first_of = vec![vec!["metadata", "contributors"], vec!["metadata", "identifiers"]];
        let either = ManifestPlace::Word { under: first_of, word: "b".to_owned() };
        assert_eq!(found(&either), Some("\"10.1/b\""));
        let custom = ManifestPlace::Custom("code:codeRepository".to_owned());
        assert_eq!(found(&custom), Some("\"none\""));
        assert_eq!(found(&ManifestPlace::Custom("code:other".to_owned())), None);
    }
}
