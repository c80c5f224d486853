//! Writes values into a text of any format, and checks what it made.

use super::badge::BadgeForm;
use super::cff::{read_cff, write_cff};
use super::fault::WriteFault;
use super::json::{read_json, write_json};
use super::kind::{Format, Kind};
use super::markers::{read_markers, write_markers};
use super::placeholder::{parse_placeholder, read_places, write_places};
use super::values::{Slot, Values};

/// Writes values into a text; everything else stays as it is, byte for byte.
///
/// For texts and values that this takes, what comes out does not depend on the values that were
/// there: writing `a` and then `b` is writing `b`, and writing `b` twice is writing it once.
///
/// # Errors
/// The text is not of its format, it has no place for any value or one twice, or what came out
/// would not keep the law above or not be read back as the values.
pub fn write_values(text: &str, kind: &Kind, values: &Values) -> Result<String, WriteFault> {
    for slot in values.slots() {
        check_value(slot, values.get(slot).unwrap_or_default())?;
    }
    let written = write_once(text, kind, values)?;
    check_values(&written, kind, values)?;
    check_others(text, &written, kind, values)?;
    let mask = values.mask();
    let again = write_once(&written, kind, values);
    let masked = (write_once(text, kind, &mask), write_once(&written, kind, &mask));
    let keeps_law = again.as_ref() == Ok(&written)
        && matches!(&masked, (Ok(before), Ok(after)) if before == after);
    if !keeps_law {
        let what = "its places would not be found again once the values are written";
        return Err(WriteFault::unwritable(what));
    }
    Ok(written)
}

/// Reads the values that a text has, in the order of their places. What is absent or empty is not
/// listed; a slot may have several places. A DOI that is an address is returned bare.
///
/// # Errors
/// The text is not of its format, or it has no place for any value or one twice.
pub fn read_values(text: &str, kind: &Kind) -> Result<Vec<(Slot, String)>, WriteFault> {
    read_slots(text, kind, &Slot::ALL)
}

/// Checks what no format takes.
fn check_value(slot: Slot, value: &str) -> Result<(), WriteFault> {
    let refuse = |why| Err(WriteFault::unwritable_value(slot, value, why));
    if value.is_empty() {
        return refuse("is empty");
    }
    if value.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return refuse("holds a line break or a control character");
    }
    if value.trim() != value {
        return refuse("begins or ends with a blank");
    }
    Ok(())
}

/// Checks that the values are read back.
fn check_values(written: &str, kind: &Kind, values: &Values) -> Result<(), WriteFault> {
    let read = read_slots(written, kind, &values.slots());
    let read = read.map_err(|fault| WriteFault::unwritable(fault.what))?;
    for (slot, text) in read {
        if let Some(value) = values.get(slot).filter(|value| *value != text) {
            let why = format!("would be read back as `{}`", text.escape_debug());
            return Err(WriteFault::unwritable_value(slot, value, &why));
        }
    }
    Ok(())
}

/// Checks that the values that are not written stay. What can't be read before is not compared.
fn check_others(before: &str, after: &str, kind: &Kind, values: &Values) -> Result<(), WriteFault> {
    for slot in Slot::ALL.into_iter().filter(|slot| values.get(*slot).is_none()) {
        let Ok(read) = read_slots(before, kind, &[slot]) else { continue };
        if read_slots(after, kind, &[slot]).as_ref() != Ok(&read) {
            let what = format!("the {} would change, though it is not written", slot.word());
            return Err(WriteFault::unwritable(what));
        }
    }
    Ok(())
}

fn write_once(text: &str, kind: &Kind, values: &Values) -> Result<String, WriteFault> {
    match kind.format() {
        Format::Cff => write_cff(text, values),
        Format::Codemeta | Format::ZenodoJson => write_json(text, kind.format(), values),
        Format::Markdown => write_markers(text, BadgeForm::Markdown, values),
        Format::Html => write_markers(text, BadgeForm::Html, values),
        Format::Rst => write_markers(text, BadgeForm::Rst, values),
        Format::Text => write_text(text, kind, values),
    }
}

/// Reads the values of some slots. Where the others are, nothing needs to be right.
fn read_slots(text: &str, kind: &Kind, slots: &[Slot]) -> Result<Vec<(Slot, String)>, WriteFault> {
    let mut read = match kind.format() {
        Format::Cff => read_cff(text, slots),
        Format::Codemeta | Format::ZenodoJson => read_json(text, kind.format(), slots),
        Format::Markdown => read_markers(text, BadgeForm::Markdown),
        Format::Html => read_markers(text, BadgeForm::Html),
        Format::Rst => read_markers(text, BadgeForm::Rst),
        Format::Text => read_text(text, kind),
    }?;
    read.retain(|(slot, _)| slots.contains(slot));
    Ok(read)
}

/// Writes the values at each placeholder, one after the other.
fn write_text(text: &str, kind: &Kind, values: &Values) -> Result<String, WriteFault> {
    let mut written = text.to_owned();
    for placeholder in kind.placeholders() {
        let pattern = parse_placeholder(placeholder).map_err(WriteFault::no_place)?;
        written = write_places(&written, &pattern, values)?;
    }
    Ok(written)
}

fn read_text(text: &str, kind: &Kind) -> Result<Vec<(Slot, String)>, WriteFault> {
    let mut read = Vec::new();
    for placeholder in kind.placeholders() {
        let pattern = parse_placeholder(placeholder).map_err(WriteFault::no_place)?;
        read.extend(read_places(text, &pattern)?);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_back::fault::FaultKind;

    fn write(placeholder: &str, text: &str, values: &Values) -> Result<String, WriteFault> {
        let kind = Kind::new(Format::Text, vec![placeholder.to_owned()]).unwrap();
        write_values(text, &kind, values)
    }

    #[test]
    fn a_value_that_would_not_be_read_back_is_refused() {
        let mut values = Values::new("https://zenodo.org");
        for value in ["", "a\nb", " a", "a b", "\"a\"", "a{b", "a,b"] {
            values.set(Slot::Version, value);
            let fault = write("v = {version};", "v = 1;", &values).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Unwritable, "{value}");
        }
        let macros = ["\\def\\d{{doi}}", "\\def\\v{{version}}"].map(str::to_owned).to_vec();
        let kind = Kind::new(Format::Text, macros).unwrap();
        values.set(Slot::Version, "2");
        values.set(Slot::Doi, "10.1/a");
        let written = write_values("\\def\\d{}\n\\def\\v{1}\n", &kind, &values).unwrap();
        assert_eq!(written, "\\def\\d{10.1/a}\n\\def\\v{2}\n");
        assert!(write_values("\\def\\d{}\n", &kind, &values).is_err());
        values.set(Slot::Version, "1:2");
        assert!(write("doi: {doi}:{version}", "doi: 10.1/a:1", &values).is_err());
        assert_eq!(write("v = {version};", "v = 1;", &values).unwrap(), "v = 1:2;");
    }
}
