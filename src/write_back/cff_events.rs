//! The events of a YAML text, with the bytes they are at.
//!
//! They stay a flat list, so depth costs nothing, and aliases are not followed.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::fault::WriteFault;

/// An event and its place.
#[derive(Debug)]
pub(super) struct Mark<'a> {
    pub(super) event: Event<'a>,
    pub(super) range: Range<usize>,
    pub(super) line: usize,
    /// How many characters are before it in its line.
    pub(super) column: usize,
}

impl Mark<'_> {
    /// Returns the text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        read_scalar(&self.event).map(|(text, _)| text)
    }

    /// Returns whether it begins (1) or ends (-1) a list or a mapping.
    fn depth(&self) -> isize {
        match &self.event {
            Event::SequenceStart(..) | Event::MappingStart(..) => 1,
            Event::SequenceEnd | Event::MappingEnd => -1,
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::Alias(_)
            | Event::Scalar(..) => 0,
        }
    }
}

/// Reads all events of a text without a byte order mark.
///
/// # Errors
/// The text is not YAML.
pub(super) fn read_events(text: &str) -> Result<Vec<Mark<'_>>, WriteFault> {
    // The parser counts characters.
    let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    bytes.push(text.len());
    let find_byte = |index: usize| bytes.get(index).copied().unwrap_or(text.len());
    let mut marks = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let what = format!("no YAML: {}", error.info());
            // What is missing at the end is missed on the line behind it.
            let line = error.marker().line().min(text.lines().count().max(1));
            WriteFault::not_its_format(Some(line), what)
        })?;
        let (start, end) = (find_byte(span.start.index()), find_byte(span.end.index()));
        let end = find_quote_end(text, start, &event).unwrap_or(end);
        marks.push(Mark {
            event,
            range: start..end.max(start),
            line: span.start.line(),
            column: span.start.col(),
        });
    }
    Ok(marks)
}

/// Returns the text and the style of a scalar.
fn read_scalar<'e>(event: &'e Event<'_>) -> Option<(&'e str, ScalarStyle)> {
    match event {
        Event::Scalar(text, style, ..) => Some((text, *style)),
        Event::Nothing
        | Event::StreamStart
        | Event::StreamEnd
        | Event::DocumentStart(_)
        | Event::DocumentEnd
        | Event::Alias(_)
        | Event::SequenceStart(..)
        | Event::SequenceEnd
        | Event::MappingStart(..)
        | Event::MappingEnd => None,
    }
}

/// Returns the byte behind the closing quote of a scalar in quotes. To the parser the blanks and
/// the comment behind it belong to the scalar too.
fn find_quote_end(text: &str, start: usize, event: &Event<'_>) -> Option<usize> {
    let quote = match read_scalar(event)?.1 {
        ScalarStyle::SingleQuoted => '\'',
        ScalarStyle::DoubleQuoted => '"',
        ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => return None,
    };
    let rest = text.get(start..)?.strip_prefix(quote)?;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let is_escape = match quote {
            '"' => c == '\\',
            _ => c == quote && next == Some(quote),
        };
        if is_escape {
            chars.next();
        } else if c == quote {
            return Some(start + 1 + at + 1);
        }
    }
    None
}

/// Returns the index behind the node that begins at an index.
pub(super) fn skip_node(marks: &[Mark<'_>], at: usize) -> usize {
    let mut depth = 0;
    for (index, mark) in marks.iter().enumerate().skip(at) {
        depth += mark.depth();
        if depth <= 0 {
            return index + 1;
        }
    }
    marks.len()
}

/// A key of a mapping and its value, as indexes of events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) key: usize,
    pub(super) value: usize,
}

/// Returns the pairs of the mapping that begins at an index, and the index of its end.
pub(super) fn list_pairs(marks: &[Mark<'_>], start: usize) -> (Vec<Pair>, usize) {
    let mut pairs = Vec::new();
    let mut at = start + 1;
    while marks.get(at).is_some_and(|mark| mark.event != Event::MappingEnd) {
        let value = skip_node(marks, at);
        pairs.push(Pair { key: at, value });
        at = skip_node(marks, value);
    }
    (pairs, at)
}

/// Returns the entries of the list that begins at an index, and the index of its end.
pub(super) fn list_entries(marks: &[Mark<'_>], start: usize) -> (Vec<usize>, usize) {
    let mut entries = Vec::new();
    let mut at = start + 1;
    while marks.get(at).is_some_and(|mark| mark.event != Event::SequenceEnd) {
        entries.push(at);
        at = skip_node(marks, at);
    }
    (entries, at)
}

/// Makes the event of a scalar.
pub(super) fn make_scalar(text: &str, style: ScalarStyle) -> Event<'static> {
    Event::Scalar(text.to_owned().into(), style, 0, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_their_bytes() {
        let text =
            "ä: 'é'  # c\r\nb: x y  # c\r\nc: \"€\\\\\\\"\" # \"\r\nd:\r\n- [1, {a: 2}]\r\n- z\r\n";
        let marks = read_events(text).unwrap();
        let (pairs, end) = list_pairs(&marks, 2);
        assert_eq!(marks[end].event, Event::MappingEnd);
        let raw: Vec<&str> = pairs
            .iter()
            .take(3)
            .flat_map(|pair| [pair.key, pair.value])
            .map(|at| &text[marks[at].range.clone()])
            .collect();
        assert_eq!(raw, ["ä", "'é'", "b", "x y", "c", "\"€\\\\\\\"\""]);
        let (entries, _) = list_entries(&marks, pairs[3].value);
        assert_eq!(entries.len(), 2);
        assert_eq!(&text[marks[entries[1]].range.clone()], "z");
    }
}
