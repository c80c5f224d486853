//! Changes of a YAML text, made to its bytes and to its events, so that each checks the other.

use std::ops::Range;

use saphyr_parser::{Event, ScalarStyle};

use super::cff_events::{Mark, read_events};
use super::edit::{Edit, apply_edits, find_line_end};
use super::fault::WriteFault;

/// The changes of a text.
pub(super) struct Changes<'a> {
    text: &'a str,
    edits: Vec<Edit>,
    replaced: Vec<(usize, Event<'static>)>,
    inserted: Vec<(usize, Vec<Event<'static>>)>,
    /// What is left to add before lines at the end of the text, whose last line may have no end.
    line_end: &'static str,
}

impl<'a> Changes<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let is_ended = text.is_empty() || text.ends_with('\n');
        let line_end = if is_ended { "" } else { find_line_end(text) };
        Self { text, edits: Vec::new(), replaced: Vec::new(), inserted: Vec::new(), line_end }
    }

    /// Replaces a range, which is the event at an index.
    pub(super) fn replace(
        &mut self,
        range: Range<usize>,
        text: &str,
        event: (usize, Event<'static>),
    ) {
        self.edits.push(Edit::replace(range, text));
        self.replaced.push(event);
    }

    /// Adds lines, which are events before an index, at the beginning of a line or the end.
    pub(super) fn insert(
        &mut self,
        at: usize,
        lines: &[String],
        events: (usize, Vec<Event<'static>>),
    ) {
        let end = find_line_end(self.text);
        let mut added = String::new();
        if at == self.text.len() {
            added.push_str(std::mem::take(&mut self.line_end));
        }
        for line in lines {
            added.push_str(line);
            added.push_str(end);
        }
        self.edits.push(Edit::insert(at, added));
        self.inserted.push(events);
    }

    /// Makes the changes, and compares the events of the result with those that are meant.
    ///
    /// # Errors
    /// The result has other events.
    pub(super) fn apply(self, marks: &[Mark<'_>]) -> Result<String, WriteFault> {
        let written = apply_edits(self.text, self.edits);
        let mut meant: Vec<&Event<'_>> = Vec::new();
        for (at, mark) in marks.iter().enumerate() {
            let before = self.inserted.iter().filter(|(index, _)| *index == at);
            meant.extend(before.flat_map(|(_, events)| events));
            let replaced = self.replaced.iter().find(|(index, _)| *index == at);
            meant.push(replaced.map_or(&mark.event, |(_, event)| event));
        }
        let is_as_meant = read_events(&written)
            .is_ok_and(|read| read.iter().map(|mark| &mark.event).eq(meant.iter().copied()));
        if is_as_meant {
            return Ok(written);
        }
        let what = "the YAML with the values would be read as something else: put the old values \
            in quotes, or write the missing keys yourself";
        Err(WriteFault::unwritable(what))
    }
}

/// Writes a scalar of one line without hidden characters in a style.
pub(super) fn spell(value: &str, style: ScalarStyle) -> String {
    match style {
        ScalarStyle::SingleQuoted => format!("'{}'", value.replace('\'', "''")),
        ScalarStyle::DoubleQuoted => {
            format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
        }
        ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_back::cff_events::make_scalar;

    #[test]
    fn a_change_that_is_read_as_something_else_is_refused() {
        let text = "a: 1\nb: 2";
        let marks = read_events(text).unwrap();
        let change = |spelled: &str| {
            let mut changes = Changes::new(text);
            let event = make_scalar("x", ScalarStyle::Plain);
            changes.replace(3..4, spelled, (4, event));
            changes.apply(&marks)
        };
        assert_eq!(change("x").unwrap(), "a: x\nb: 2");
        assert!(change("'x'").is_err());
        assert!(change("x\nc: 3").is_err());
        assert_eq!(spell("a'\"\\", ScalarStyle::SingleQuoted), "'a''\"\\'");
        assert_eq!(spell("a'\"\\", ScalarStyle::DoubleQuoted), "\"a'\\\"\\\\\"");
    }
}
