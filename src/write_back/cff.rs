//! Values in a `CITATION.cff`: three keys at the top, and DOIs in `identifiers`.
//!
//! Places are found by the events of the YAML parser. What was written is parsed again, and must
//! have the same events but for those that were meant to change.

use saphyr_parser::{Event, ScalarStyle};

use crate::model::Recid;

use super::cff_changes::{Changes, spell};
use super::cff_events::{Mark, Pair, list_entries, list_pairs, make_scalar, read_events};
use super::doi_text::strip_doi;
use super::edit::{find_line_start, split_mark};
use super::fault::WriteFault;
use super::values::{Slot, Values};

/// The keys at the top, in the order in which absent ones are added.
const KEYS: [(Slot, &str); 3] =
    [(Slot::Doi, "doi"), (Slot::Version, "version"), (Slot::Date, "date-released")];

/// The key of the list that has the concept DOI.
const LIST: &str = "identifiers";

/// The fields of an entry that is added, but for its value.
const DESCRIPTION: &str = "All versions";

/// A parsed file.
struct Cff<'a> {
    text: &'a str,
    marks: Vec<Mark<'a>>,
    pairs: Vec<Pair>,
    /// The index of the event that ends the mapping at the top.
    end: usize,
}

/// A value in the file.
struct Place {
    slot: Slot,
    pair: Pair,
}

/// Writes the values into their places; absent keys are added.
///
/// # Errors
/// The text is no `CITATION.cff`, has a key twice, or a place has a form that is not written.
pub(super) fn write_cff(text: &str, values: &Values) -> Result<String, WriteFault> {
    let (mark, body) = split_mark(text);
    let cff = parse_cff(body)?;
    let places = cff.find_places(&values.slots())?;
    let mut changes = Changes::new(body);
    for place in &places {
        let value = values.get(place.slot).unwrap_or_default();
        cff.change_value(&mut changes, place, value)?;
    }
    let is_absent = |slot: Slot| places.iter().all(|place| place.slot != slot);
    if let Some(value) = values.get(Slot::ConceptDoi).filter(|_| is_absent(Slot::ConceptDoi)) {
        cff.add_concept(&mut changes, value)?;
    }
    for (slot, key) in KEYS {
        let is_at_top = places.iter().any(|place| place.slot == slot && cff.is_at_top(place));
        if let Some(value) = values.get(slot).filter(|_| !is_at_top) {
            cff.check_end()?;
            let line =
                format!("{}{key}: {}", cff.indent(), spell(value, ScalarStyle::DoubleQuoted));
            let key = make_scalar(key, ScalarStyle::Plain);
            let value = make_scalar(value, ScalarStyle::DoubleQuoted);
            changes.insert(body.len(), &[line], (cff.end, vec![key, value]));
        }
    }
    Ok(format!("{mark}{}", changes.apply(&cff.marks)?))
}

/// Reads the values of some slots.
///
/// # Errors
/// As [`write_cff`].
pub(super) fn read_cff(text: &str, slots: &[Slot]) -> Result<Vec<(Slot, String)>, WriteFault> {
    let (_, body) = split_mark(text);
    let cff = parse_cff(body)?;
    let mut found = Vec::new();
    for place in cff.find_places(slots)? {
        if let Some((value, _)) = cff.check_scalar(&place.pair)? {
            let value = if place.slot.is_doi() { strip_doi(value) } else { value.to_owned() };
            found.push((place.slot, value));
        }
    }
    Ok(found)
}

fn parse_cff(body: &str) -> Result<Cff<'_>, WriteFault> {
    let marks = read_events(body)?;
    let no_cff = || WriteFault::not_its_format(None, "it has no `cff-version`: not a CITATION.cff");
    let root = marks.get(2).filter(|mark| matches!(mark.event, Event::MappingStart(..)));
    let root = root.ok_or_else(no_cff)?;
    let (pairs, end) = list_pairs(&marks, 2);
    check_keys(&marks, &pairs)?;
    if pairs.iter().all(|pair| marks[pair.key].text() != Some("cff-version")) {
        return Err(no_cff());
    }
    if body.get(root.range.start..).is_some_and(|rest| rest.starts_with('{')) {
        let what = "its keys are in braces: write each on its own line";
        return Err(WriteFault::not_its_format(Some(root.line), what));
    }
    let second = marks.iter().skip(end).find(|it| matches!(it.event, Event::DocumentStart(_)));
    if let Some(second) = second {
        let what = "it holds several documents";
        return Err(WriteFault::not_its_format(Some(second.line), what));
    }
    Ok(Cff { text: body, marks, pairs, end })
}

fn check_keys(marks: &[Mark<'_>], pairs: &[Pair]) -> Result<(), WriteFault> {
    let mut seen = std::collections::BTreeSet::new();
    for pair in pairs {
        let mark = &marks[pair.key];
        if let Some(key) = mark.text().filter(|key| !seen.insert((*key).to_owned())) {
            let what = format!("the key `{}` is there twice", key.escape_debug());
            return Err(WriteFault::twice(mark.line, what));
        }
    }
    Ok(())
}

impl Cff<'_> {
    fn find_pair(&self, key: &str) -> Option<Pair> {
        self.pairs.iter().find(|pair| self.marks[pair.key].text() == Some(key)).copied()
    }

    fn is_at_top(&self, place: &Place) -> bool {
        self.pairs.iter().any(|pair| pair.key == place.pair.key)
    }

    /// Returns the blanks before the keys at the top.
    fn indent(&self) -> String {
        let column = self.pairs.first().map_or(0, |pair| self.marks[pair.key].column);
        " ".repeat(column)
    }

    /// Finds the places of some slots, in their order.
    fn find_places(&self, slots: &[Slot]) -> Result<Vec<Place>, WriteFault> {
        let mut places = Vec::new();
        for (slot, key) in KEYS.iter().filter(|(slot, _)| slots.contains(slot)) {
            places.extend(self.find_pair(key).map(|pair| Place { slot: *slot, pair }));
        }
        let list = self.find_pair(LIST).map(|pair| pair.value);
        let list = list.filter(|at| matches!(self.marks[*at].event, Event::SequenceStart(..)));
        let entries = list.map(|at| list_entries(&self.marks, at).0).unwrap_or_default();
        let mut in_list: Vec<Place> = Vec::new();
        for entry in entries {
            let Some(place) = self.read_entry(entry)? else { continue };
            if !slots.contains(&place.slot) {
                continue;
            }
            if in_list.iter().any(|it| it.slot == place.slot) {
                let what = format!("`{LIST}` has two entries for the {}", place.slot.word());
                return Err(WriteFault::twice(self.marks[entry].line, what));
            }
            in_list.push(place);
        }
        places.extend(in_list);
        places.sort_by_key(|place| place.pair.key);
        Ok(places)
    }

    /// Reads what an entry of the list is for by its description.
    fn read_entry(&self, entry: usize) -> Result<Option<Place>, WriteFault> {
        let mark = &self.marks[entry];
        if !matches!(mark.event, Event::MappingStart(..)) {
            return Ok(None);
        }
        let (pairs, _) = list_pairs(&self.marks, entry);
        let find =
            |key: &str| pairs.iter().find(|pair| self.marks[pair.key].text() == Some(key)).copied();
        let text = |key: &str| find(key).and_then(|pair| self.marks[pair.value].text());
        // The DOI of another work, such as a paper on the concepts, stays.
        let is_minted =
            text("value").is_none_or(|value| value.is_empty() || Recid::is_in_doi(value));
        if text("type") != Some("doi") || !is_minted {
            return Ok(None);
        }
        let description = text("description").unwrap_or_default().to_lowercase();
        let says = |words: [&str; 2]| words.iter().any(|word| description.contains(word));
        let slot = match (says(["all versions", "concept"]), says(["this version", "version doi"]))
        {
            (true, false) => Slot::ConceptDoi,
            (false, true) => Slot::Doi,
            (false, false) => return Ok(None),
            (true, true) => {
                let what = "the description of the entry names both the version and all versions";
                return Err(WriteFault::not_its_format(Some(mark.line), what));
            }
        };
        check_keys(&self.marks, &pairs)?;
        let Some(pair) = find("value") else {
            let what = "the entry has no `value`";
            return Err(WriteFault::not_its_format(Some(mark.line), what));
        };
        Ok(Some(Place { slot, pair }))
    }

    /// Returns the text and the style of a value that can be replaced; none where it is empty.
    fn check_scalar(&self, pair: &Pair) -> Result<Option<(&str, ScalarStyle)>, WriteFault> {
        let mark = &self.marks[pair.value];
        // A block of text begins below its key, which is the line to look at.
        let line = self.marks[pair.key].line;
        let key = self.marks[pair.key].text().unwrap_or_default();
        let refuse = |what: &str| {
            let what = format!("`{key}` {what}: write a text on one line");
            Err(WriteFault::not_its_format(Some(line), what))
        };
        let Event::Scalar(text, style, anchor, tag) = &mark.event else {
            return refuse("is not a text");
        };
        if *anchor != 0 || tag.is_some() {
            return refuse("has an anchor or a tag");
        }
        let raw = self.text.get(mark.range.clone()).unwrap_or_default();
        if raw.contains(['\n', '\r']) || matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
        {
            return refuse("has several lines");
        }
        match style {
            ScalarStyle::Plain if raw.is_empty() => Ok(None),
            ScalarStyle::Plain if raw != text.as_ref() => refuse("is not a simple text"),
            ScalarStyle::Plain if matches!(raw, "~" | "null" | "Null" | "NULL") => Ok(None),
            ScalarStyle::Plain
            | ScalarStyle::SingleQuoted
            | ScalarStyle::DoubleQuoted
            | ScalarStyle::Literal
            | ScalarStyle::Folded => Ok(Some((text.as_ref(), *style))),
        }
    }

    fn change_value(
        &self,
        changes: &mut Changes<'_>,
        place: &Place,
        value: &str,
    ) -> Result<(), WriteFault> {
        let mark = &self.marks[place.pair.value];
        let known = self.check_scalar(&place.pair)?.map(|(_, style)| style);
        let style = match known {
            // A plain 1.10 is a number, which is 1.1.
            Some(ScalarStyle::Plain) if place.slot == Slot::Version => ScalarStyle::DoubleQuoted,
            Some(style) => style,
            None => ScalarStyle::DoubleQuoted,
        };
        if style == ScalarStyle::Plain && !is_plain_text(value) {
            let why = "needs quotes: put its old value in quotes";
            return Err(WriteFault::unwritable_value(place.slot, value, why));
        }
        let spelled = spell(value, style);
        let event = (place.pair.value, make_scalar(value, style));
        if mark.range.is_empty() {
            changes.replace(self.find_gap(place)?, &format!(" {spelled}"), event);
        } else {
            changes.replace(mark.range.clone(), &spelled, event);
        }
        Ok(())
    }

    /// Returns the empty range behind the colon of a key without a value.
    fn find_gap(&self, place: &Place) -> Result<std::ops::Range<usize>, WriteFault> {
        let key = &self.marks[place.pair.key];
        let rest = self.text.get(key.range.end..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if !rest.get(blanks..).is_some_and(|it| it.starts_with(':')) {
            let name = key.text().unwrap_or_default();
            let what = format!("`{name}` has no colon behind it");
            return Err(WriteFault::not_its_format(Some(key.line), what));
        }
        let at = key.range.end + blanks + 1;
        Ok(at..at)
    }

    /// Adds an entry for the concept DOI.
    fn add_concept(&self, changes: &mut Changes<'_>, doi: &str) -> Result<(), WriteFault> {
        let entry = make_entry(doi);
        let Some(pair) = self.find_pair(LIST) else {
            self.check_end()?;
            let indent = self.indent();
            let mut lines = vec![format!("{indent}{LIST}:")];
            lines.extend(write_entry(&format!("{indent}  "), doi));
            let mut events =
                vec![make_scalar(LIST, ScalarStyle::Plain), Event::SequenceStart(0, None)];
            events.extend(entry);
            events.push(Event::SequenceEnd);
            changes.insert(self.text.len(), &lines, (self.end, events));
            return Ok(());
        };
        let refuse = || {
            let what = format!(
                "`{LIST}` is not a list of lines that begin with `-`: write it so, or add the \
                 entry with the description \"{DESCRIPTION}\" yourself"
            );
            Err(WriteFault::not_its_format(Some(self.marks[pair.key].line), what))
        };
        if !matches!(self.marks[pair.value].event, Event::SequenceStart(..)) {
            return refuse();
        }
        let (entries, end) = list_entries(&self.marks, pair.value);
        let is_flow = !self.marks[end].range.is_empty();
        let Some(first) = entries.first().filter(|_| !is_flow) else { return refuse() };
        let first = self.marks[*first].range.start;
        let line = self.text.get(find_line_start(self.text, first)..first).unwrap_or_default();
        let indent = line.len() - line.trim_start_matches(' ').len();
        if !line.trim_start_matches(' ').starts_with('-') {
            return refuse();
        }
        let lines = write_entry(&" ".repeat(indent), doi);
        changes.insert(self.find_list_end(pair.value, end), &lines, (end, entry));
        Ok(())
    }

    /// Returns where the line behind the last entry of a list begins.
    fn find_list_end(&self, start: usize, end: usize) -> usize {
        let marks = self.marks.iter().take(end).skip(start).filter(|mark| !mark.range.is_empty());
        let at = marks.map(|mark| mark.range.end).max().unwrap_or(self.text.len());
        if self.text.get(..at).is_some_and(|before| before.ends_with('\n')) {
            return at;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        rest.find('\n').map_or(self.text.len(), |length| at + length + 1)
    }

    /// Checks that lines can be added at the end.
    fn check_end(&self) -> Result<(), WriteFault> {
        let end = self.marks.get(self.end + 1).filter(|mark| mark.event == Event::DocumentEnd);
        let Some(end) = end else { return Ok(()) };
        let rest = self.text.get(end.range.start..).unwrap_or_default();
        if rest.starts_with("...") {
            let what = "it ends with `...`, so nothing can be added at its end: remove that line";
            return Err(WriteFault::not_its_format(Some(end.line), what));
        }
        Ok(())
    }
}

/// Returns whether a text without quotes is a text for every reader of YAML.
fn is_plain_text(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_word = matches!(
        lower.as_str(),
        "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    let digits = lower.replace('_', "");
    let is_number = digits.parse::<f64>().is_ok()
        || digits.starts_with("0x")
        || digits.starts_with("0o")
        || digits.starts_with("0b")
        || digits.trim_start_matches(['+', '-']).starts_with(".inf")
        || digits == ".nan";
    !is_word && !is_number
}

/// Returns the lines of an entry for the concept DOI, as the export writes them.
fn write_entry(indent: &str, doi: &str) -> Vec<String> {
    let doi = spell(doi, ScalarStyle::DoubleQuoted);
    vec![
        format!("{indent}- type: doi"),
        format!("{indent}  value: {doi}"),
        format!("{indent}  description: \"{DESCRIPTION}\""),
    ]
}

fn make_entry(doi: &str) -> Vec<Event<'static>> {
    let mut events = vec![Event::MappingStart(0, None)];
    for (key, value, style) in [
        ("type", "doi", ScalarStyle::Plain),
        ("value", doi, ScalarStyle::DoubleQuoted),
        ("description", DESCRIPTION, ScalarStyle::DoubleQuoted),
    ] {
        events.extend([make_scalar(key, ScalarStyle::Plain), make_scalar(value, style)]);
    }
    events.push(Event::MappingEnd);
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_back::fault::FaultKind;
    use crate::write_back::values::make_example as values;

    #[test]
    fn values_are_replaced_in_their_quotes_and_absent_ones_added() {
        let text = "\u{feff}cff-version: 1.2.0 # é\r\ntitle: 'é'\r\nversion: 1.1  # the version\r\n\
            \"doi\": '10.1/a' # ' d\r\nidentifiers:\r\n- type: doi\r\n  value: 10.1/zenodo.2\r\n  \
            description: The Concept\r\n- {type: doi, value: 10.1/zenodo.3, \
            description: Version DOI}\r\n# end";
        let written = write_cff(text, &values()).unwrap();
        let expected = "\u{feff}cff-version: 1.2.0 # é\r\ntitle: 'é'\r\nversion: \"1.10\"  # the \
            version\r\n\"doi\": '10.5281/zenodo.7' # ' d\r\nidentifiers:\r\n- type: doi\r\n  \
            value: 10.5281/zenodo.6\r\n  description: The Concept\r\n- {type: doi, value: \
            10.5281/zenodo.7, description: Version DOI}\r\n# end\r\ndate-released: \
            \"2026-06-01\"\r\n";
        assert_eq!(written, expected);
        let read = read_cff(text, &Slot::ALL).unwrap();
        let expected = [
            (Slot::Version, "1.1"),
            (Slot::Doi, "10.1/a"),
            (Slot::ConceptDoi, "10.1/zenodo.2"),
            (Slot::Doi, "10.1/zenodo.3"),
        ];
        assert_eq!(read, expected.map(|(slot, text)| (slot, text.to_owned())));
    }

    #[test]
    fn the_doi_of_another_work_stays() {
        let paper = "- type: doi\n  value: 10.1145/1.2\n  description: Introduces the concepts\n";
        let text = format!("cff-version: 1\nidentifiers:\n{paper}");
        let written = write_cff(&text, &values()).unwrap();
        assert!(written.starts_with(&text), "{written}");
        assert!(written.contains("value: \"10.5281/zenodo.6\""), "{written}");
    }

    #[test]
    fn an_entry_for_the_concept_is_added_to_the_list_or_as_one() {
        let mut values = Values::new("https://zenodo.org");
        values.set(Slot::ConceptDoi, "10.5281/zenodo.6");
        let entry = "  - type: doi\n    value: \"10.5281/zenodo.6\"\n    description: \"All \
            versions\"\n";
        let head = "cff-version: 1.2.0\n";
        assert_eq!(write_cff(head, &values).unwrap(), format!("{head}identifiers:\n{entry}"));
        let list = "identifiers:\n  - type: url\n    value: http://a\n    description: >\n      \
            b\n      c\n";
        for (text, tail) in [
            (format!("{head}{list}"), ""),
            (format!("{head}{list}"), "version: '1'\n"),
            (format!("{head}identifiers:\n  - type: other\n    value: [a, b] # c\n"), "# d\n"),
        ] {
            let written = write_cff(&format!("{text}{tail}"), &values).unwrap();
            assert_eq!(written, format!("{text}{entry}{tail}"));
        }
        let text = format!("{head}identifiers:\n  - type: url\n    value: http://a");
        assert_eq!(write_cff(&text, &values).unwrap(), format!("{text}\n{entry}"));
    }

    #[test]
    fn an_empty_value_is_written_behind_its_colon() {
        let mut values = Values::new("https://zenodo.org");
        values.set(Slot::Doi, "10.5281/zenodo.7");
        for (text, expected) in [
            ("doi:\ncff-version: 1", "doi: \"10.5281/zenodo.7\"\ncff-version: 1"),
            ("cff-version: 1\ndoi:", "cff-version: 1\ndoi: \"10.5281/zenodo.7\""),
            ("cff-version: 1\ndoi: # c\n", "cff-version: 1\ndoi: \"10.5281/zenodo.7\" # c\n"),
            ("cff-version: 1\ndoi: ~\n", "cff-version: 1\ndoi: \"10.5281/zenodo.7\"\n"),
        ] {
            assert_eq!(write_cff(text, &values).unwrap(), expected);
            assert!(read_cff(text, &Slot::ALL).unwrap().is_empty());
        }
    }

    #[test]
    fn what_is_not_written_is_refused_with_its_line() {
        for (text, kind, line, expected) in [
            ("a: 1\n", FaultKind::NotItsFormat, None, "no `cff-version`"),
            ("", FaultKind::NotItsFormat, None, "no `cff-version`"),
            ("cff-version: [", FaultKind::NotItsFormat, Some(1), "no YAML"),
            ("cff-version: 1\ndoi: |\n  a\n", FaultKind::NotItsFormat, Some(2), "several lines"),
            ("cff-version: 1\ndoi: a\n  b\n", FaultKind::NotItsFormat, Some(2), "several lines"),
            ("cff-version: 1\nversion: [1]\n", FaultKind::NotItsFormat, Some(2), "not a text"),
            ("cff-version: &a 1\ndoi: *a\n", FaultKind::NotItsFormat, Some(2), "not a text"),
            ("cff-version: 1\ndoi: &a b\n", FaultKind::NotItsFormat, Some(2), "an anchor"),
            ("cff-version: 1\nversion: !!str 1\n", FaultKind::NotItsFormat, Some(2), "a tag"),
            ("cff-version: 1\ndoi: a\ndoi: b\n", FaultKind::Twice, Some(3), "`doi` is there twice"),
            ("{cff-version: 1, doi: a}", FaultKind::NotItsFormat, Some(1), "in braces"),
            ("cff-version: 1\n---\na: 1\n", FaultKind::NotItsFormat, Some(2), "several documents"),
            ("cff-version: 1\n...\n", FaultKind::NotItsFormat, Some(2), "`...`"),
            (
                "cff-version: 1\nidentifiers: []\n",
                FaultKind::NotItsFormat,
                Some(2),
                "begin with `-`",
            ),
            ("cff-version: 1\nidentifiers:\n", FaultKind::NotItsFormat, Some(2), "begin with `-`"),
        ] {
            let fault = write_cff(text, &values()).unwrap_err();
            assert_eq!((fault.kind, fault.line), (kind, line), "{text}: {fault:?}");
            assert!(fault.what.contains(expected), "{text}: {}", fault.what);
        }
        let entry = "- type: doi\n  value: 10.1/zenodo.2\n  description: all versions\n";
        let twice = format!("cff-version: 1\nidentifiers:\n{entry}{entry}");
        assert_eq!(write_cff(&twice, &values()).unwrap_err().kind, FaultKind::Twice);
    }

    #[test]
    fn a_plain_value_that_would_be_read_as_something_else_is_refused() {
        for value in ["2026", "true", "a: b", "a #b", "- a", "*a", "0x1f"] {
            let mut values = Values::new("https://zenodo.org");
            values.set(Slot::Date, value);
            let fault = write_cff("cff-version: 1\ndate-released: 2026-06-01\n", &values);
            assert_eq!(fault.unwrap_err().kind, FaultKind::Unwritable, "{value}");
            for quoted in ["'1'", "\"1\""] {
                let text = format!("cff-version: 1\ndate-released: {quoted}\n");
                let written = write_cff(&text, &values).unwrap();
                let read = read_cff(&written, &Slot::ALL).unwrap();
                assert_eq!(read, [(Slot::Date, value.to_owned())]);
            }
        }
    }
}
