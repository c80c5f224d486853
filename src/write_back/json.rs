//! Values in `codemeta.json` and `.zenodo.json`: members of the object at the top.

use super::doi_text::{make_doi_url, strip_doi};
use super::edit::{Edit, apply_edits, count_line, find_line_end, split_mark};
use super::fault::WriteFault;
use super::kind::Format;
use super::members::{Member, Object, find_members};
use super::values::{Slot, Values};

/// The members of a `codemeta.json`. The concept DOI has none.
const CODEMETA: &[Field] = &[
    Field { key: "identifier", slot: Slot::Doi, absent: Absent::Insert, form: Form::Address },
    // CodeMeta has both names for it, and a file that has one needs no other.
    Field {
        key: "version",
        slot: Slot::Version,
        absent: Absent::InsertWithout("softwareVersion"),
        form: Form::Bare,
    },
    Field { key: "softwareVersion", slot: Slot::Version, absent: Absent::Leave, form: Form::Bare },
    Field { key: "datePublished", slot: Slot::Date, absent: Absent::Insert, form: Form::Bare },
];

/// The members of a `.zenodo.json`.
const ZENODO_JSON: &[Field] = &[
    // Zenodo reads a DOI here as one from elsewhere, so it is only kept up to date.
    Field { key: "doi", slot: Slot::Doi, absent: Absent::Leave, form: Form::Bare },
    Field { key: "version", slot: Slot::Version, absent: Absent::Insert, form: Form::Bare },
    Field { key: "publication_date", slot: Slot::Date, absent: Absent::Insert, form: Form::Bare },
];

/// A member that carries a value.
struct Field {
    key: &'static str,
    slot: Slot,
    absent: Absent,
    form: Form,
}

/// What happens where the member is absent.
enum Absent {
    Insert,
    /// Inserted, unless this member is there.
    InsertWithout(&'static str),
    Leave,
}

impl Field {
    /// Returns whether the member is added to an object that does not have it.
    fn is_inserted(&self, object: &Object) -> bool {
        match self.absent {
            Absent::Insert => true,
            Absent::InsertWithout(other) => object.members.iter().all(|it| it.key != other),
            Absent::Leave => false,
        }
    }
}

/// How a DOI is written.
enum Form {
    Address,
    Bare,
}

/// Writes the values into the members.
///
/// # Errors
/// The text is not of the format, has a key twice, or a member has a list or an object.
pub(super) fn write_json(
    text: &str,
    format: Format,
    values: &Values,
) -> Result<String, WriteFault> {
    let (mark, body) = split_mark(text);
    let (object, fields) = parse_object(body, format)?;
    let mut edits = Vec::new();
    let mut absent = Vec::new();
    for field in fields {
        let Some(value) = values.get(field.slot) else { continue };
        let value = match field.form {
            Form::Address => make_doi_url(value),
            Form::Bare => value.to_owned(),
        };
        let value = serde_json::Value::from(value).to_string();
        if let Some(member) = find_member(&object, field) {
            check_old_value(body, member, field)?;
            edits.push(Edit::replace(member.value.clone(), value));
        } else if field.is_inserted(&object) {
            absent.push(format!("\"{}\": {value}", field.key));
        }
    }
    edits.extend(insert_members(body, &object, &absent));
    Ok(format!("{mark}{}", apply_edits(body, edits)))
}

/// Reads the values of the members of some slots.
///
/// # Errors
/// As [`write_json`].
pub(super) fn read_json(
    text: &str,
    format: Format,
    slots: &[Slot],
) -> Result<Vec<(Slot, String)>, WriteFault> {
    let (_, body) = split_mark(text);
    let (object, fields) = parse_object(body, format)?;
    let mut found = Vec::new();
    for field in fields.iter().filter(|field| slots.contains(&field.slot)) {
        let Some(member) = find_member(&object, field) else { continue };
        if let Some(value) = check_member(body, member)? {
            let value = if field.slot.is_doi() { strip_doi(&value) } else { value };
            found.push((member.value.start, field.slot, value));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    Ok(found.into_iter().map(|(_, slot, value)| (slot, value)).collect())
}

fn parse_object(body: &str, format: Format) -> Result<(Object, &'static [Field]), WriteFault> {
    let object = find_members(body)?;
    if format != Format::Codemeta {
        return Ok((object, ZENODO_JSON));
    }
    if object.members.iter().all(|member| member.key != "@context") {
        let what = "it has no `@context`: not a codemeta.json";
        return Err(WriteFault::not_its_format(None, what));
    }
    Ok((object, CODEMETA))
}

fn find_member<'a>(object: &'a Object, field: &Field) -> Option<&'a Member> {
    object.members.iter().find(|member| member.key == field.key)
}

/// Refuses to replace an identifier that is no DOI: it is of another kind, and would be lost.
fn check_old_value(body: &str, member: &Member, field: &Field) -> Result<(), WriteFault> {
    let old = check_member(body, member)?.unwrap_or_default();
    let is_doi = old.is_empty() || strip_doi(&old).starts_with("10.");
    match field.form {
        Form::Address if !is_doi => {
            let line = count_line(body, member.value.start);
            let what = format!("`{}` is `{}`, and no DOI", member.key, old.escape_debug());
            Err(WriteFault::not_its_format(Some(line), what))
        }
        Form::Address | Form::Bare => Ok(()),
    }
}

/// Returns the text of a member's value; a number as it is written.
fn check_member(body: &str, member: &Member) -> Result<Option<String>, WriteFault> {
    let raw = body.get(member.value.clone()).unwrap_or_default();
    let is_number = raw.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    match serde_json::from_str::<String>(raw) {
        Ok(text) => Ok(Some(text)),
        Err(_) if is_number => Ok(Some(raw.to_owned())),
        Err(_) if raw == "null" => Ok(None),
        Err(_) => {
            let line = count_line(body, member.value.start);
            let what = format!("`{}` is not a text", member.key);
            Err(WriteFault::not_its_format(Some(line), what))
        }
    }
}

/// Adds members behind the last one, in the layout of the first.
fn insert_members(body: &str, object: &Object, absent: &[String]) -> Option<Edit> {
    if absent.is_empty() {
        return None;
    }
    let rest = body.get(object.start..).unwrap_or_default();
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let gap = rest.get(..blanks).unwrap_or_default();
    let Some(last) = object.members.last() else {
        let is_one_line = !gap.contains('\n');
        let line = format!("{}  ", find_line_end(gap));
        let (lead, between) = if is_one_line { ("", " ") } else { (line.as_str(), line.as_str()) };
        let added = format!("{lead}{}", absent.join(&format!(",{between}")));
        return Some(Edit::insert(object.start, added));
    };
    let between = match gap.rsplit_once('\n') {
        Some((_, indent)) => format!("{}{indent}", find_line_end(gap)),
        None => " ".to_owned(),
    };
    let between = format!(",{between}");
    Some(Edit::insert(last.value.end, format!("{between}{}", absent.join(&between))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_back::fault::FaultKind;
    use crate::write_back::values::make_example as values;

    #[test]
    fn a_codemeta_keeps_all_other_bytes() {
        let text =
            "\u{feff}{\r\n\t\"@context\": \"x\",\r\n\t\"version\" :1.1 ,\r\n\t\"a\": [ 1 ]\r\n}";
        let written = write_json(text, Format::Codemeta, &values()).unwrap();
        let expected = "\u{feff}{\r\n\t\"@context\": \"x\",\r\n\t\"version\" :\"1.10\" ,\r\n\t\
            \"a\": [ 1 ],\r\n\t\"identifier\": \"https://doi.org/10.5281/zenodo.7\",\r\n\t\
            \"datePublished\": \"2026-06-01\"\r\n}";
        assert_eq!(written, expected);
        let read = read_json(&written, Format::Codemeta, &Slot::ALL).unwrap();
        let expected =
            [(Slot::Version, "1.10"), (Slot::Doi, "10.5281/zenodo.7"), (Slot::Date, "2026-06-01")];
        assert_eq!(read, expected.map(|(slot, text)| (slot, text.to_owned())));
        let read = read_json(text, Format::Codemeta, &Slot::ALL).unwrap();
        assert_eq!(read, [(Slot::Version, "1.1".to_owned())]);
    }

    #[test]
    fn a_codemeta_with_the_other_name_of_the_version_gets_no_second_one() {
        let text = "{\"@context\": 1, \"softwareVersion\": \"1\"}";
        let written = write_json(text, Format::Codemeta, &values()).unwrap();
        assert!(written.contains("\"softwareVersion\": \"1.10\""), "{written}");
        assert!(!written.contains("\"version\""), "{written}");
    }

    #[test]
    fn a_zenodo_json_has_a_doi_only_where_it_has_one() {
        let both = "\"version\": \"1.10\", \"publication_date\": \"2026-06-01\"";
        for (text, expected) in [
            ("{}", format!("{{{both}}}")),
            ("{ }\n", format!("{{{both} }}\n")),
            ("{\n}\n", format!("{{\n  {}\n}}\n", both.replace(", ", ",\n  "))),
            ("{\"a\":1}", format!("{{\"a\":1, {both}}}")),
            ("{\"doi\": null}", format!("{{\"doi\": \"10.5281/zenodo.7\", {both}}}")),
        ] {
            assert_eq!(write_json(text, Format::ZenodoJson, &values()).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_not_written_is_refused() {
        let write = |text, format| write_json(text, format, &values()).unwrap_err();
        let fault = write("{}", Format::Codemeta);
        assert!(fault.what.contains("@context"), "{fault:?}");
        let fault = write("{\"@context\": 1,\n\"identifier\": []}", Format::Codemeta);
        assert_eq!((fault.kind, fault.line), (FaultKind::NotItsFormat, Some(2)));
        assert_eq!(fault.what, "`identifier` is not a text");
        let fault = write("{\"@context\": 1, \"identifier\": \"ascl:1\"}", Format::Codemeta);
        assert_eq!(fault.what, "`identifier` is `ascl:1`, and no DOI");
        let fault = write("{\"version\": 1,\n\"version\": 2}", Format::ZenodoJson);
        assert_eq!(fault.kind, FaultKind::Twice);
    }
}
