//! Walking a TOML tree with spans: takes keys one by one, reports values of a wrong type, and in
//! the end every key that was not asked for.
//!
//! Nothing here stops at a fault. Deliberately absent: which values are valid. Of keys, only the
//! other names that people use for them are here.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::model::{Field, Finding, Span};
use crate::vocab;

use super::codes;
use super::types::Located;
use super::vocab_checks::{find_odd_control, find_unseen_characters, shorten_and_escape};

/// How many findings are reported: nobody reads more, and each takes time to show.
pub(super) const MAX_FINDINGS: usize = 500;

/// How many entries a list may have: more than any record has, and few enough for the checks that
/// go through them.
pub(super) const MOST_ENTRIES: usize = 20_000;

/// How many names may be defined under one key.
const MOST_NAMES: usize = 1000;

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry<'t> {
    /// Its name in messages: `metadata.title`.
    pub path: String,
    /// Where the key is, or the value where it has no key.
    pub key_span: Span,
    /// The value.
    pub value: &'t DeValue<'t>,
    /// Where the value is; for a table with a header: the header.
    pub span: Span,
}

/// A table whose keys are taken one by one.
#[derive(Debug)]
pub(super) struct Section<'t> {
    /// Its name in messages: `metadata`; empty for the document.
    pub path: String,
    /// Where it is.
    pub span: Span,
    table: &'t DeTable<'t>,
    known: Vec<&'static str>,
}

/// Other names that people use for a key, with the key.
const ALIASES: &[(&str, &str)] = &[
    ("abstract", "description"),
    ("affiliation", "affiliations"),
    ("author", "creators"),
    ("authors", "creators"),
    ("community", "communities"),
    ("date", "publication_date"),
    ("file", "files"),
    ("id", "ror"),
    ("identifier", "id"),
    ("latitude", "lat"),
    ("licence", "license"),
    ("longitude", "lon"),
    ("name", "as"),
    ("resource_type", "upload_type"),
    ("role", "type"),
    ("rorid", "ror"),
    ("subtitle", "titles"),
    ("subtype", "publication_type"),
    ("summary", "description"),
    ("tags", "keywords"),
    ("type", "kind"),
    ("url", "link"),
];

impl<'t> Section<'t> {
    /// Starts reading a table.
    pub(super) fn new(path: impl Into<String>, table: &'t DeTable<'t>, span: Span) -> Self {
        Self { path: path.into(), span, table, known: Vec::new() }
    }

    /// Takes a key if it is present; either way it counts as known.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Entry<'t>> {
        self.known.push(key);
        let (name, value) = self.table.get_key_value(key)?;
        Some(Entry {
            path: self.path_of(key),
            key_span: make_span(&name.span()),
            value: value.get_ref(),
            span: make_span(&value.span()),
        })
    }

    /// Returns all keys and values, without taking them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'t str, &'t Spanned<DeValue<'t>>)> {
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), value))
    }

    /// Returns whether a key is present, without taking it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Takes a text that is required and must not be empty.
    pub(super) fn require_text(
        &mut self,
        key: &'static str,
        found: &mut Vec<Finding>,
    ) -> Option<Located<String>> {
        let Some(entry) = self.take(key) else {
            found.push(self.missing(key));
            return None;
        };
        entry.text(found)
    }

    /// Takes an optional text.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        found: &mut Vec<Finding>,
    ) -> Option<Located<String>> {
        self.take(key)?.text(found)
    }

    /// Takes an optional word of a vocabulary.
    pub(super) fn word(
        &mut self,
        key: &'static str,
        found: &mut Vec<Finding>,
    ) -> Option<Located<String>> {
        self.take(key)?.word(found)
    }

    /// Takes a required word of a vocabulary.
    pub(super) fn require_word(
        &mut self,
        key: &'static str,
        found: &mut Vec<Finding>,
    ) -> Option<Located<String>> {
        let Some(entry) = self.take(key) else {
            found.push(self.missing(key));
            return None;
        };
        entry.word(found)
    }

    /// Takes a table of tables: each name with its value.
    pub(super) fn entries(self, found: &mut Vec<Finding>) -> Vec<(String, Entry<'t>)> {
        // Names of servers are compared with each other, which takes the square of their number.
        if self.table.len() > MOST_NAMES {
            let summary = format!("`{}` has {} entries", self.path, self.table.len());
            let finding = Finding::error(codes::TOO_MANY, summary);
            found.push(finding.at(self.span, format!("more than {MOST_NAMES}")));
            return Vec::new();
        }
        let pairs = self.table.iter().map(|(name, value)| {
            let entry = Entry {
                path: self.path_of(name.get_ref()),
                key_span: make_span(&name.span()),
                value: value.get_ref(),
                span: make_span(&value.span()),
            };
            (name.get_ref().to_string(), entry)
        });
        pairs.collect()
    }

    /// Reports that a key is missing.
    pub(super) fn missing(&self, key: &str) -> Finding {
        Finding::error(codes::MISSING, format!("`{key}` is missing in {}", self.shown()))
            .at(self.span, format!("has no `{key}`"))
            .hint(format!("add `{key} = …`"))
    }

    /// Reports each key that was never taken. `why` says what would happen to it.
    pub(super) fn finish(self, why: Option<&str>, found: &mut Vec<Finding>) {
        let is_unknown = |key: &str| !self.known.contains(&key);
        let unknown = self.table.keys().filter(|name| is_unknown(name.get_ref()));
        for name in unknown.take(MAX_FINDINGS) {
            let key = name.get_ref().as_ref();
            let finding = Finding::error(
                codes::UNKNOWN_KEY,
                format!("unknown key `{}` in {}", shorten_and_escape(key), self.shown()),
            )
            .at(make_span(&name.span()), "unknown key");
            let finding = match why {
                Some(why) => finding.because(why),
                None => finding,
            };
            let meant = self.find_meant(key);
            // The key is there, only misspelt: one finding says so.
            if let Some(meant) = meant.filter(|meant| !self.has(meant)) {
                let missing = self.missing(meant);
                found.retain(|one| one.code != missing.code || one.summary != missing.summary);
            }
            found.push(finding.hint(self.advice(key, meant)));
        }
    }

    fn is_list_of_tables(&self, key: &str) -> bool {
        let list = self.table.get(key).and_then(|value| value.get_ref().as_array());
        list.is_some_and(|list| list.iter().all(|item| item.get_ref().is_table()))
    }

    /// Returns the key that a misspelt one means.
    fn find_meant(&self, key: &str) -> Option<&'static str> {
        // An alias goes first: `author` is a better hint for `creators` than any similar spelling.
        let alias = ALIASES
            .iter()
            .find(|(alias, real)| alias.eq_ignore_ascii_case(key) && self.known.contains(real));
        alias
            .map(|(_, real)| *real)
            .or_else(|| vocab::find_closest(key, self.known.iter().copied()))
    }

    fn advice(&self, key: &str, meant: Option<&str>) -> String {
        match meant {
            // At the top, each header `[[files]]` adds one more to those that are there.
            Some(meant)
                if self.path.is_empty()
                    && self.is_list_of_tables(key)
                    && self.is_list_of_tables(meant) =>
            {
                format!("did you mean `[[{meant}]]`?")
            }
            // A hint to rename this key would make a second key of the same name.
            Some(meant) if self.has(meant) => {
                format!("`{meant}` is already set: remove this line")
            }
            Some(meant) => format!("did you mean `{meant}`?"),
            // In TOML a line below `[[files]]` belongs to that file, also one meant as metadata.
            None if Field::from_name(key).is_some() => format!("move `{key}` below `[metadata]`"),
            // A longer list of keys hides the message.
            None if self.known.len() > 12 => {
                "remove the line, or see docs/manifest.md for the keys".to_owned()
            }
            None => format!("the keys are {}", join_words(&self.known)),
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn shown(&self) -> String {
        if self.path.is_empty() { "the manifest".to_owned() } else { format!("`{}`", self.path) }
    }
}

impl<'t> Entry<'t> {
    /// Reads a text without blanks around it, as the server keeps it. Returns `None`, with a
    /// finding, when it is not a text or the server keeps nothing of it.
    pub(super) fn text(&self, found: &mut Vec<Finding>) -> Option<Located<String>> {
        let text = self.kept_text(found)?;
        // These texts are copied into citations, with the characters that nobody sees.
        if self.path.starts_with("metadata.") {
            found.extend(find_unseen_characters(text, &format!("`{}`", self.path), self.span));
        }
        Some(self.located(text.to_owned()))
    }

    fn kept_text(&self, found: &mut Vec<Finding>) -> Option<&'t str> {
        let Some(text) = self.value.as_str() else {
            found.push(self.not("a text in quotes"));
            return None;
        };
        let text = text.trim();
        // The server tidies before it looks: a text of zero-width characters is empty there.
        if vocab::tidy(text).is_empty() {
            found.push(self.empty(text));
            return None;
        }
        found.extend(find_odd_control(text, &format!("`{}`", self.path), self.span));
        Some(text)
    }

    /// Reports that the server keeps nothing of a text.
    fn empty(&self, text: &str) -> Finding {
        let (summary, label) = if text.is_empty() {
            (format!("`{}` is empty", self.path), "nothing in it")
        } else {
            let text = shorten_and_escape(text);
            (format!("`{}` is `{text}`, of which Zenodo keeps nothing", self.path), "dropped")
        };
        Finding::error(codes::TOO_SHORT, summary)
            .at(self.span, label)
            .because("Zenodo silently drops an empty value")
            .hint("give it a value, or remove it")
    }

    /// Reads a word of a vocabulary as it is written: blanks around it make it another word.
    pub(super) fn word(&self, found: &mut Vec<Finding>) -> Option<Located<String>> {
        self.kept_text(found)?;
        Some(self.located(self.value.as_str()?.to_owned()))
    }

    /// Reads a date, as a text or as a TOML date without a time.
    pub(super) fn date_text(&self, found: &mut Vec<Finding>) -> Option<Located<String>> {
        match self.value.as_datetime() {
            // TOML reads an unquoted `2026-06-01` as a date, so its text is rebuilt here.
            Some(date) if date.time.is_none() => Some(self.located(date.to_string())),
            Some(_) => {
                found.push(self.not("a day without a time, such as `2026-06-01`"));
                None
            }
            None => self.text(found),
        }
    }

    /// Reads `true` or `false`.
    pub(super) fn flag(&self, found: &mut Vec<Finding>) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            found.push(self.not("`true` or `false`"));
        }
        flag
    }

    /// Reads a whole or decimal number.
    pub(super) fn number(&self, found: &mut Vec<Finding>) -> Option<Located<f64>> {
        let number: Option<f64> = read_number_text(self.value).and_then(|text| text.parse().ok());
        // TOML has `inf` and `nan`, which JSON can't express.
        let number = number.filter(|number| number.is_finite());
        if number.is_none() {
            found.push(self.not("a finite number such as `46.2`"));
        }
        number.map(|number| self.located(number))
    }

    /// Reads a table; `wanted` describes it for the message.
    pub(super) fn section(&self, wanted: &str, found: &mut Vec<Finding>) -> Option<Section<'t>> {
        let table = self.value.as_table();
        if table.is_none() {
            found.push(self.not(wanted));
        }
        table.map(|table| Section::new(self.path.clone(), table, self.span))
    }

    /// Reads a list; `wanted` describes it for the message.
    pub(super) fn list(&self, wanted: &str, found: &mut Vec<Finding>) -> Vec<Entry<'t>> {
        if let Some(items) = self.value.as_array() {
            if items.len() > MOST_ENTRIES {
                found.push(self.too_many(items.len()));
                return Vec::new();
            }
            return self.items(items);
        }
        // A text gets its own finding: the server may split it into letters, and refuse nothing.
        found.push(if self.value.is_str() { self.list_as_text(wanted) } else { self.not(wanted) });
        Vec::new()
    }

    /// Reads a list of texts.
    pub(super) fn texts(&self, found: &mut Vec<Finding>) -> Vec<Located<String>> {
        let items = self.list("a list of texts such as `[\"one\", \"two\"]`", found);
        items.iter().filter_map(|item| item.text(found)).collect()
    }

    /// Reads a list of tables.
    pub(super) fn sections(&self, wanted: &str, found: &mut Vec<Finding>) -> Vec<Section<'t>> {
        let list = self.list(&format!("a list of tables such as `[{wanted}]`"), found);
        let wanted = format!("a table such as `{wanted}`");
        list.iter().filter_map(|item| item.section(&wanted, found)).collect()
    }

    /// Reports that the value has a wrong type.
    pub(super) fn not(&self, wanted: &str) -> Finding {
        let given = describe_type(self.value);
        let finding = Finding::error(
            codes::WRONG_TYPE,
            format!("`{}` must be {wanted}, not {given}", self.path),
        )
        .at(self.span, given);
        match read_number_text(self.value) {
            // A version `1.10` without quotes is a number, which would become `1.1`.
            Some(text) if wanted.contains("quotes") => {
                finding.hint(format!("put it in quotes: `\"{text}\"`"))
            }
            _ => finding,
        }
    }

    fn too_many(&self, count: usize) -> Finding {
        let summary = format!("`{}` has {count} entries", self.path);
        Finding::error(codes::TOO_MANY, summary)
            .at(self.span, format!("more than {MOST_ENTRIES}"))
            .hint("put most of them into a file of the record")
    }

    fn list_as_text(&self, wanted: &str) -> Finding {
        let summary = format!("`{}` must be {wanted}, not a text", self.path);
        let finding = Finding::error(codes::LIST_AS_TEXT, summary).at(self.span, "a text");
        let finding = if self.path.starts_with("metadata") {
            finding.because("Zenodo would refuse it, or take each letter as an entry")
        } else {
            finding
        };
        let parts = self.value.as_str().unwrap_or_default().split([',', ';']);
        let parts: Vec<String> =
            parts.map(|part| format!("\"{}\"", shorten_and_escape(part.trim()))).collect();
        if wanted.contains("texts") {
            finding.hint(format!("write `[{}]`", parts.join(", ")))
        } else {
            finding
        }
    }

    fn items(&self, items: &'t DeArray<'t>) -> Vec<Entry<'t>> {
        let items = items.iter().enumerate();
        items
            .map(|(at, item)| Entry {
                path: format!("{}[{at}]", self.path),
                key_span: make_span(&item.span()),
                value: item.get_ref(),
                span: make_span(&item.span()),
            })
            .collect()
    }

    fn located<T>(&self, value: T) -> Located<T> {
        Located { value, span: self.span }
    }
}

/// Converts toml's range to a span.
pub(super) fn make_span(range: &std::ops::Range<usize>) -> Span {
    Span { start: range.start, end: range.end }
}

/// Joins words for a sentence: `a`, `b` and `c`.
pub(super) fn join_words(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn describe_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Returns a decimal number as it is written, without underscores.
pub(super) fn read_number_text<'t>(value: &'t DeValue<'_>) -> Option<&'t str> {
    let whole = value.as_integer().filter(|number| number.radix() == 10);
    whole.map(toml::de::DeInteger::as_str).or_else(|| Some(value.as_float()?.as_str()))
}
