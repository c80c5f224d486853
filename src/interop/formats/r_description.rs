//! DESCRIPTION of an R package: fields as in Debian's control files, and `Authors@R`, which is R.
//!
//! Source: "Writing R Extensions" 1.1.1, 2026-11-23. Of `Authors@R` only calls of `c` and `person`
//! with texts are read; nothing is run.

use std::collections::BTreeMap;

use crate::model::{Field, Person};

use crate::interop::person_names::{join_name, read_orcid, read_package_author};
use crate::interop::source_metadata::SourceMetadata;

/// How deep calls may be nested.
const MAX_DEPTH: usize = 16;

/// Reads the file.
///
/// # Errors
/// Why it is not the DESCRIPTION of an R package.
pub(in crate::interop) fn read_r_description(text: &str) -> Result<SourceMetadata, String> {
    let fields = read_fields(text)?;
    let mut out = SourceMetadata::default();
    if !fields.contains_key("Package") {
        return Err("it has no field `Package`, so it does not describe an R package".to_owned());
    }
    let text = |key: &str| fields.get(key).map(String::as_str);
    out.set_text(Field::UploadType, "", Some("software"));
    // A package without a title goes by its name.
    for key in ["Title", "Package"] {
        out.set_text(Field::Title, key, text(key));
    }
    out.set_plain_text(Field::Description, "Description", text("Description"));
    out.set_text(Field::Version, "Version", text("Version"));
    out.set_license("License", text("License"));
    if let Some(words) = text("X-schema.org-keywords") {
        let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
        let words = words.map(str::to_owned).collect();
        out.set(Field::Keywords, "X-schema.org-keywords", crate::model::Value::List(words));
    }
    read_people(&fields, &mut out);
    read_links(text("URL").unwrap_or_default(), &mut out);
    Ok(out)
}

/// Reads lines of `Key: value`; a line that begins with a blank continues the one before.
fn read_fields(text: &str) -> Result<BTreeMap<&str, String>, String> {
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    let mut last = None;
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            let key = last.ok_or_else(|| format!("line {}: it continues no field", at + 1))?;
            let value = fields.entry(key).or_default();
            value.push('\n');
            value.push_str(line.trim());
            continue;
        }
        let (key, value) =
            line.split_once(':').ok_or_else(|| format!("line {}: it has no `:`", at + 1))?;
        fields.insert(key.trim(), value.trim().to_owned());
        last = Some(key.trim());
    }
    Ok(fields)
}

/// Adds links: a page of a forge is the repository, and any other page documents the package.
fn read_links(text: &str, out: &mut SourceMetadata) {
    let links = text.split([',', ' ', '\n']).map(str::trim).filter(|link| !link.is_empty());
    for link in links {
        let is_forge = ["https://github.com/", "https://gitlab.com/", "https://codeberg.org/"]
            .iter()
            .any(|lead| link.starts_with(lead));
        if is_forge {
            out.relate_repository("URL", Some(link));
        } else {
            out.relate("URL", "isDocumentedBy", Some(link));
        }
    }
}

fn read_people(fields: &BTreeMap<&str, String>, out: &mut SourceMetadata) {
    let Some(text) = fields.get("Authors@R") else {
        if let Some(author) = fields.get("Author") {
            out.has_natural_names = true;
            // `Author` is free text: `Ada Okafor [aut, cre], and Ben Li [ctb]`.
            let names = author.split([',', '\n']).filter_map(|name| {
                read_package_author(
                    name.split('[').next().unwrap_or_default().trim_start_matches("and "),
                )
            });
            out.set_people(Field::Creators, "Author", names.collect());
        }
        return;
    };
    // `Authors@R` is R code, which is never run.
    let Some(calls) = Reader::new(text).all() else {
        out.add_loss("Authors@R", "it is more than calls of person() with texts");
        return;
    };
    let (mut creators, mut contributors) = (Vec::new(), Vec::new());
    for call in &calls {
        let Some(mut person) = read_person(call) else { continue };
        let roles = call.texts("role", 4);
        // `aut` is an author and `cre` the maintainer; the others are contributors.
        if roles.is_empty() || roles.iter().any(|role| matches!(*role, "aut" | "cre")) {
            creators.push(person);
        } else {
            person.role = roles.first().map(|role| find_role(role).to_owned());
            contributors.push(person);
        }
    }
    out.set_people(Field::Creators, "Authors@R", creators);
    out.set_people(Field::Contributors, "Authors@R", contributors);
}

/// Returns Zenodo's word for a MARC role code.
fn find_role(code: &str) -> &'static str {
    match code {
        "cph" => "RightsHolder",
        "fnd" => "Sponsor",
        "ths" => "Supervisor",
        "trl" => "Translator",
        "dtc" => "DataCollector",
        _ => "Other",
    }
}

fn read_person(call: &Call) -> Option<Person> {
    let first = |name, at| call.texts(name, at).join(" ");
    let name = join_name(&first("family", 1), &first("given", 0));
    let comments = call.named("comment", 5);
    let comments = comments.map(Arg::pairs).unwrap_or_default();
    let of = |key: &str| comments.iter().find(|(name, _)| name.as_deref() == Some(key));
    let person = Person {
        name,
        orcid: of("ORCID").and_then(|(_, text)| read_orcid(text)),
        affiliation: of("affiliation").map(|(_, text)| (*text).to_owned()),
        ..Person::default()
    };
    (!person.name.is_empty()).then_some(person)
}

/// An argument of a call.
#[derive(Debug)]
enum Arg {
    Text(String),
    Call(Call),
    /// `NULL`, `TRUE` or a number: no name.
    Other,
}

/// A call of `person` or `c`.
#[derive(Debug)]
struct Call {
    function: String,
    args: Vec<(Option<String>, Arg)>,
}

impl Arg {
    /// Returns the texts of an argument, each with its name.
    fn pairs(&self) -> Vec<(Option<String>, &str)> {
        match self {
            Arg::Text(text) => vec![(None, text)],
            Arg::Call(call) => {
                let texts = call.args.iter();
                let texts = texts.filter_map(|(name, arg)| match arg {
                    Arg::Text(text) => Some((name.clone(), text.as_str())),
                    Arg::Call(_) | Arg::Other => None,
                });
                texts.collect()
            }
            Arg::Other => Vec::new(),
        }
    }
}

impl Call {
    /// Returns an argument by its name, or by its place among those without one: given, family,
    /// middle, email, role, comment.
    fn named(&self, name: &str, place: usize) -> Option<&Arg> {
        let by_name = self.args.iter().find(|(own, _)| own.as_deref() == Some(name));
        let by_place = || self.args.iter().filter(|(own, _)| own.is_none()).nth(place);
        by_name.or_else(by_place).map(|(_, arg)| arg)
    }

    fn texts(&self, name: &str, place: usize) -> Vec<&str> {
        let pairs = self.named(name, place).map(Arg::pairs).unwrap_or_default();
        pairs.into_iter().map(|(_, text)| text).collect()
    }
}

/// Reads the subset of R that is calls with texts.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Returns all calls of `person`, or `None` if there is anything else.
    fn all(mut self) -> Option<Vec<Call>> {
        let Arg::Call(call) = self.arg(0)? else { return None };
        self.blanks();
        if !self.rest.is_empty() {
            return None;
        }
        if call.function == "person" {
            return Some(vec![call]);
        }
        let calls = call.args.into_iter().map(|(_, arg)| match arg {
            Arg::Call(call) if call.function == "person" => Some(call),
            Arg::Call(_) | Arg::Text(_) | Arg::Other => None,
        });
        calls.collect()
    }

    fn blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    fn take(&mut self, sign: char) -> bool {
        self.blanks();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        self.blanks();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | ':' | '-');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn text(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.push(chars.next()?.1),
                c if c == quote => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    return Some(text);
                }
                c => text.push(c),
            }
        }
        None
    }

    fn arg(&mut self, depth: usize) -> Option<Arg> {
        // Calls are read recursively, so a hostile file could exhaust the stack.
        if depth > MAX_DEPTH {
            return None;
        }
        self.blanks();
        if self.rest.starts_with(['"', '\'']) {
            return self.text().map(Arg::Text);
        }
        let word = self.word()?;
        // `utils::person` is the same function.
        let function = word.rsplit(':').next().unwrap_or(word);
        if !self.take('(') {
            return Some(Arg::Other);
        }
        // Any other call would have to be run to know its value.
        if !matches!(function, "c" | "person") {
            return None;
        }
        let mut args = Vec::new();
        while !self.take(')') {
            // R allows empty arguments: `person("Ada", "Okafor", , "a@example.org")`.
            if self.take(',') {
                args.push((None, Arg::Other));
                continue;
            }
            args.push(self.pair(depth + 1)?);
            if !self.take(',') {
                if self.take(')') {
                    break;
                }
                return None;
            }
        }
        Some(Arg::Call(Call { function: function.to_owned(), args }))
    }

    /// Reads an argument, perhaps with its name.
    fn pair(&mut self, depth: usize) -> Option<(Option<String>, Arg)> {
        self.blanks();
        let before = self.rest;
        let name = if before.starts_with(['"', '\'']) {
            self.text()
        } else {
            self.word().map(str::to_owned)
        };
        if self.take('=') {
            return Some((name, self.arg(depth)?));
        }
        // Without `=` what was read is the value and not a name.
        self.rest = before;
        Some((None, self.arg(depth)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;

    fn people_of(text: &str, field: Field) -> Vec<String> {
        let text = format!("Package: ice\nAuthors@R: {text}\n");
        let read = read_r_description(&text).unwrap();
        read.values
            .get(&field)
            .map(|(value, _): &(Value, String)| value.items())
            .unwrap_or_default()
    }

    #[test]
    fn authors_are_read_by_name_and_by_place_with_their_ids() {
        let text = "c(\n    person(\"Ada\", \"Okafor\", , \"a@example.org\", role = c(\"aut\", \"cre\"),\n      comment = c(ORCID = \"0000-0002-1825-0097\", affiliation = \"Polar Lab\")),\n    person(given = \"Ben\", family = \"Li\", role = 'ctb'), # helped\n    utils::person(\"Polar Lab\", role = \"cph\"))";
        let creators = people_of(text, Field::Creators);
        assert_eq!(creators, ["Okafor, Ada (Polar Lab, ORCID 0000-0002-1825-0097)"]);
        let helpers = people_of(text, Field::Contributors);
        assert_eq!(helpers, ["Li, Ben (Other)", "Polar Lab (RightsHolder)"]);
        assert_eq!(people_of("person('Ada', 'Okafor')", Field::Creators), ["Okafor, Ada"]);
    }

    #[test]
    fn other_code_than_calls_with_texts_is_reported_and_never_run() {
        let deep = format!("{}{}", "c(".repeat(5000), ")".repeat(5000));
        for text in ["system('rm -rf /')", "c(person('A')", "person('A\\", deep.as_str(), "1 + 1"] {
            let read = read_r_description(&format!("Package: ice\nAuthors@R: {text}\n")).unwrap();
            assert!(!read.values.contains_key(&Field::Creators), "{text}");
            assert_eq!(read.unsupported[0].place, "Authors@R", "{text}");
        }
    }

    #[test]
    fn fields_continue_over_lines_and_lines_without_a_field_are_refused() {
        let read_one = read_r_description("Package: ice\nTitle: Sea\n    Ice\nLicense: MIT + file LICENSE\nURL: https://github.com/polar/ice, https://ice.example.org\n").unwrap();
        assert_eq!(read_one.values[&Field::Title].0.items(), ["Sea Ice"]);
        assert_eq!(read_one.values[&Field::License].0.items(), ["mit"]);
        let related: Vec<String> = read_one.related.iter().map(|(it, _)| it.to_string()).collect();
        assert_eq!(
            related,
            [
                "isSupplementTo https://github.com/polar/ice",
                "isDocumentedBy https://ice.example.org"
            ]
        );
        for (text, expected) in [("a\n", "line 1"), (" a\n", "line 1"), ("Title: x\n", "Package")] {
            assert!(read_r_description(text).unwrap_err().contains(expected), "{text}");
        }
    }
}
