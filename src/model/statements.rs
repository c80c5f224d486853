//! Values that only the records API has: titles and descriptions of other kinds, licences with their
//! own terms, funding outside the vocabulary, custom fields.
//!
//! Source: records-api-facts.md section 10, 2026-11-28.

use std::collections::BTreeMap;
use std::fmt;

use super::people::with_details;

/// A further title or description.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypedText {
    /// The text; of a description HTML.
    pub text: String,
    /// Its kind, such as `subtitle` or `technical-info`; empty for a title without one.
    pub kind: String,
    /// Its language, ISO 639-3.
    pub language: Option<String>,
}

/// A licence: of the vocabulary by its id, or one of its own by title and address.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct License {
    /// The id in the server's spelling: `cc-by-4.0`.
    pub id: Option<String>,
    /// The title of one that has no id.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// Its address.
    pub link: Option<String>,
}

/// Who paid, and by which award.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Funding {
    /// The funder's ROR id, bare.
    pub funder_ror: Option<String>,
    /// The funder's name; of one with an id the server has its own.
    pub funder_name: Option<String>,
    /// The id of an award of the vocabulary: `00k4n6c32::101054344`.
    pub award_id: Option<String>,
    /// The number of another award.
    pub number: Option<String>,
    /// The title of another award.
    pub title: Option<String>,
    /// The address of another award.
    pub url: Option<String>,
}

impl Funding {
    /// Drops the name of a funder with an id: the server has its own.
    pub fn drop_known_name(&mut self) {
        if self.funder_ror.is_some() {
            self.funder_name = None;
        }
    }
}

/// Custom fields by their names, such as `code:codeRepository`: what no other field says.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomFields(pub BTreeMap<String, CustomValue>);

/// The value of a custom field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CustomValue {
    /// A text, a date or an address.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// `true` or `false`.
    Flag(bool),
    /// A list.
    List(Vec<CustomValue>),
    /// An object.
    Table(BTreeMap<String, CustomValue>),
}

impl CustomFields {
    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns a line for each field.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(name, value)| format!("{name} = {value}")).collect()
    }
}

impl CustomValue {
    /// Returns whether it says something.
    pub fn is_something(&self) -> bool {
        match self {
            CustomValue::List(items) => !items.is_empty(),
            CustomValue::Table(table) => !table.is_empty(),
            CustomValue::Text(_) | CustomValue::Number(_) | CustomValue::Flag(_) => true,
        }
    }

    /// Returns it without the titles of words that have an id: they belong to the server's lists.
    #[must_use]
    pub fn without_titles(self) -> Self {
        match self {
            CustomValue::List(items) => {
                CustomValue::List(items.into_iter().map(Self::without_titles).collect())
            }
            CustomValue::Table(mut table) => {
                if table.contains_key("id") {
                    table.remove("title");
                }
                let rest = table.into_iter().map(|(key, value)| (key, value.without_titles()));
                CustomValue::Table(rest.collect())
            }
            CustomValue::Text(_) | CustomValue::Number(_) | CustomValue::Flag(_) => self,
        }
    }

    /// Spells a number in one way, so that `7.0` and `7` are the same.
    pub fn spell_number(text: &str) -> Self {
        // Of larger numbers a float would lose digits.
        if text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
            return Self::Number(text.to_owned());
        }
        Self::Number(match text.parse::<f64>() {
            Ok(number) if number.abs() < 1e15 => number.to_string(),
            Ok(number) => format!("{number:e}"),
            Err(_) => text.to_owned(),
        })
    }
}

impl fmt::Display for CustomValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CustomValue::Text(text) | CustomValue::Number(text) => f.write_str(text),
            CustomValue::Flag(flag) => write!(f, "{flag}"),
            CustomValue::List(items) => {
                // Without the brackets the parts of a shape would run into one another.
                let show = |item: &CustomValue| match item {
                    CustomValue::List(_) => format!("[{item}]"),
                    CustomValue::Text(_)
                    | CustomValue::Number(_)
                    | CustomValue::Flag(_)
                    | CustomValue::Table(_) => item.to_string(),
                };
                f.write_str(&items.iter().map(show).collect::<Vec<_>>().join(", "))
            }
            CustomValue::Table(table) => {
                // A word of a vocabulary.
                if let (1, Some(id)) = (table.len(), table.get("id")) {
                    return write!(f, "{id}");
                }
                let pairs: Vec<String> =
                    table.iter().map(|(key, value)| format!("{key} {value}")).collect();
                write!(f, "({})", pairs.join(", "))
            }
        }
    }
}

impl fmt::Display for TypedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TypedText { text, kind, language } = self;
        with_details(f, text, &[Some(kind.clone()).filter(|it| !it.is_empty()), language.clone()])
    }
}

impl fmt::Display for License {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let License { id, title, description, link } = self;
        let head = id.as_deref().or(title.as_deref()).or(link.as_deref()).unwrap_or("(no title)");
        let link = link.clone().filter(|link| link != head);
        with_details(f, head, &[link, description.clone()])
    }
}

impl fmt::Display for Funding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Funding { funder_ror, funder_name, award_id, number, title, url } = self;
        let ror = funder_ror.as_ref().map(|ror| format!("ROR {ror}"));
        let award = award_id.as_ref().or(number.as_ref()).map(|id| format!("award {id}"));
        let head = funder_name.clone().or_else(|| ror.clone()).or_else(|| award.clone());
        let head = head.or_else(|| title.clone()).unwrap_or_default();
        let other = |part: Option<String>| part.filter(|part| *part != head);
        let (ror, award, title) = (other(ror), other(award), other(title.clone()));
        with_details(f, &head, &[ror, award, title, url.clone()])
    }
}
