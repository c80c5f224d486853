//! Placeholders of text files: a literal text with names of values in it.

use regex::Regex;

use super::edit::{Edit, apply_edits};
use super::fault::WriteFault;
use super::values::{Slot, Values};

/// How many characters that are no blanks the literal parts have at least. With fewer, places would
/// be found all over a file.
const MIN_LITERAL: usize = 3;

/// What a value is in the file.
const VALUE: &str = r#"([^\s"'<>{},;]*)"#;

/// How many values a placeholder may have, and how many characters: a search takes time for each.
const MAX_VALUES: usize = 8;
const MAX_LENGTH: usize = 300;

/// A placeholder that was read. The groups of its expression are its slots, in their order.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    slots: Vec<Slot>,
}

/// Reads a placeholder.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse_placeholder(text: &str) -> Result<Pattern, String> {
    if text.contains(['\n', '\r']) {
        return Err("a placeholder is one line".to_owned());
    }
    if text.chars().count() > MAX_LENGTH {
        return Err(format!("a placeholder has at most {MAX_LENGTH} characters"));
    }
    let mut expression = String::new();
    let mut slots = Vec::new();
    let mut n_literal = 0;
    let mut rest = text;
    while let Some((at, slot)) = find_name(rest) {
        let (literal, behind) = rest.split_at(at);
        if literal.is_empty() && !slots.is_empty() {
            return Err("two values need a text between them".to_owned());
        }
        n_literal += count_literal(literal);
        expression.push_str(&regex::escape(literal));
        expression.push_str(VALUE);
        slots.push(slot);
        rest = behind.get(slot.name().len() + 2..).unwrap_or_default();
    }
    if slots.is_empty() {
        let names = Slot::ALL.map(|slot| format!("`{{{}}}`", slot.name())).join(", ");
        return Err(format!("a placeholder holds at least one of {names}"));
    }
    if slots.len() > MAX_VALUES {
        return Err(format!("a placeholder has at most {MAX_VALUES} values"));
    }
    n_literal += count_literal(rest);
    expression.push_str(&regex::escape(rest));
    if n_literal < MIN_LITERAL {
        return Err(format!(
            "a placeholder needs at least {MIN_LITERAL} characters around its values, \
             as in `doi = {{doi}}`, so that its place is found"
        ));
    }
    let regex = Regex::new(&expression).map_err(|_| "the placeholder is too long".to_owned())?;
    Ok(Pattern { regex, slots })
}

/// Returns the first name of a value, and where its brace is.
fn find_name(text: &str) -> Option<(usize, Slot)> {
    let find = |slot: Slot| text.find(&format!("{{{}}}", slot.name())).map(|at| (at, slot));
    Slot::ALL.into_iter().filter_map(find).min_by_key(|(at, _)| *at)
}

fn count_literal(literal: &str) -> usize {
    literal.chars().filter(|c| !c.is_whitespace()).count()
}

/// Writes the values into all places.
///
/// # Errors
/// There is no place.
pub(super) fn write_places(
    text: &str,
    pattern: &Pattern,
    values: &Values,
) -> Result<String, WriteFault> {
    let mut edits = Vec::new();
    for found in find_places(text, pattern)? {
        if let Some(value) = values.get(found.slot) {
            check_value(found.slot, value)?;
            check_end(text, &found)?;
            edits.push(Edit::replace(found.range, value));
        }
    }
    Ok(apply_edits(text, edits))
}

/// Refuses a value that would not be found again.
fn check_value(slot: Slot, value: &str) -> Result<(), WriteFault> {
    let ends_value =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '{' | '}' | ',' | ';');
    if value.contains(ends_value) {
        let why =
            "holds a blank, a quote, a bracket, a comma or a semicolon: they end a value in a text";
        return Err(WriteFault::unwritable_value(slot, value, why));
    }
    Ok(())
}

/// Refuses a place before an opening brace, which is meant to hold the value itself.
fn check_end(text: &str, found: &Found) -> Result<(), WriteFault> {
    let is_before_brace = text.get(found.range.end..).is_some_and(|rest| rest.starts_with('{'));
    if is_before_brace {
        let name = found.slot.name();
        let what = format!(
            "the value would be put before a brace: write `{{{{{name}}}}}` for a value in braces"
        );
        return Err(WriteFault::unwritable(what));
    }
    Ok(())
}

/// Reads what all places hold.
///
/// # Errors
/// There is no place.
pub(super) fn read_places(
    text: &str,
    pattern: &Pattern,
) -> Result<Vec<(Slot, String)>, WriteFault> {
    let found = find_places(text, pattern)?.into_iter();
    let found = found.map(|it| (it.slot, text.get(it.range).unwrap_or_default().to_owned()));
    Ok(found.filter(|(_, value)| !value.is_empty()).collect())
}

struct Found {
    slot: Slot,
    range: std::ops::Range<usize>,
}

fn find_places(text: &str, pattern: &Pattern) -> Result<Vec<Found>, WriteFault> {
    let mut places = Vec::new();
    for found in pattern.regex.captures_iter(text) {
        for (at, slot) in pattern.slots.iter().enumerate() {
            let group = found.get(at + 1).map(|group| group.range());
            places.extend(group.map(|range| Found { slot: *slot, range }));
        }
    }
    if places.is_empty() {
        return Err(WriteFault::no_place("the placeholder's text is not in it"));
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_that_would_match_too_much_is_refused() {
        for (text, expected) in [
            ("{doi}", "3 characters"),
            ("a {doi} b", "3 characters"),
            ("version", "at least one of `{doi}`, `{concept-doi}`"),
            ("doi: {doi}{version}", "between"),
            ("doi:\n{doi}", "one line"),
        ] {
            let reason = parse_placeholder(text).unwrap_err();
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn every_place_is_written() {
        let pattern = parse_placeholder("doi = {{doi}}, v{version}").unwrap();
        let mut values = Values::new("https://zenodo.org");
        values.set(Slot::Doi, "10.5281/zenodo.7");
        let text = "doi = {}, v1\r\ndoi = {10.1/x}, v2;\r\ndoi = 3";
        let written = write_places(text, &pattern, &values).unwrap();
        assert_eq!(
            written,
            "doi = {10.5281/zenodo.7}, v1\r\ndoi = {10.5281/zenodo.7}, v2;\r\ndoi = 3"
        );
        let read = read_places(text, &pattern).unwrap();
        let expected = [(Slot::Version, "1"), (Slot::Doi, "10.1/x"), (Slot::Version, "2")];
        assert_eq!(read, expected.map(|(slot, text)| (slot, text.to_owned())));
        assert!(write_places("doi: 3", &pattern, &values).is_err());
        let pattern = parse_placeholder("\\newcommand{\\codedoi}{doi}").unwrap();
        let fault = write_places("\\newcommand{\\codedoi}{}", &pattern, &values).unwrap_err();
        assert!(fault.what.ends_with("write `{{doi}}` for a value in braces"), "{fault:?}");
    }
}
