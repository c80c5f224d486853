//! Ids of records and of concepts, as the server writes them.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::InvalidId;

/// How many characters an id has at most; InvenioRDM's have eleven.
const MAX_LENGTH: usize = 23;

/// How many characters a group has; the last one may have fewer.
const GROUP: usize = 5;

/// The letters of an id that is a text: those of Crockford's base 32, which can't be mistaken for
/// digits.
const LETTERS: &str = "abcdefghjkmnpqrstvwxyz";

/// The id of a record, a draft or a concept. Its order is for maps: see [`Recid::is_after`].
///
/// Zenodo's are numbers. Those of other InvenioRDM servers are texts such as `k7r11-g5g77`: groups of
/// base 32, with two digits at the end that are a checksum (`RecordIdProviderV2` in
/// invenio-pidstore, 2026-11-30); records that came from an older system have numbers there too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recid {
    /// A number.
    Number(u64),
    /// A text.
    Text(ArrayString<MAX_LENGTH>),
}

impl Recid {
    /// Reads an id; `None` when the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse::<u64>() {
            // `007` would be sent as `7`, which is another record.
            return (number.to_string() == text).then_some(Self::Number(number));
        }
        let (groups, last) = text.rsplit_once('-')?;
        let has_letters =
            text.chars().all(|c| c == '-' || c.is_ascii_digit() || LETTERS.contains(c));
        let is_grouped = groups.split('-').all(|group| group.len() == GROUP)
            && (2..=GROUP).contains(&last.len());
        let ends_with_checksum = last.bytes().rev().take(2).all(|byte| byte.is_ascii_digit());
        let is_text = has_letters && is_grouped && ends_with_checksum;
        ArrayString::from(text).ok().filter(|_| is_text).map(Self::Text)
    }

    /// Returns whether a record was made after another one; `None` where the ids do not say. Numbers
    /// grow with time, and texts are random.
    pub fn is_after(self, other: Self) -> Option<bool> {
        match (self, other) {
            _ if self == other => Some(false),
            (Self::Number(one), Self::Number(other)) => Some(one > other),
            (Self::Text(_), _) | (_, Self::Text(_)) => None,
        }
    }

    /// Reads an id from JSON: a number, or a text.
    pub fn from_json(json: &Json) -> Option<Self> {
        json.as_u64().map(Self::Number).or_else(|| Self::parse(json.as_str()?))
    }

    /// Returns whether a DOI has the form of those that Zenodo, or another InvenioRDM server, makes
    /// of ids.
    pub fn is_in_doi(doi: &str) -> bool {
        let tail = doi.rsplit('/').next().unwrap_or_default();
        doi.contains("/zenodo.") || matches!(Self::parse(tail), Some(Self::Text(_)))
    }

    /// Reads an id, a DOI that a server made of one, or the address of such a DOI: the part behind
    /// the last slash, without a name such as `zenodo.`. `None` when the text is none of these.
    pub fn parse_named(text: &str) -> Option<Self> {
        let tail = text.trim().rsplit('/').next().unwrap_or_default();
        let named = || tail.rsplit('.').next()?.parse().ok().map(Self::Number);
        Self::parse(tail).or_else(named)
    }
}

impl FromStr for Recid {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let wanted = "a record id (a number, or a text such as `k7r11-g5g77`)";
        Self::parse(text).ok_or_else(|| InvalidId { text: text.to_owned(), wanted })
    }
}

impl From<u64> for Recid {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for Recid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// A number stays one in JSON.
impl Serialize for Recid {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => to.serialize_u64(*number),
            Self::Text(text) => to.serialize_str(text),
        }
    }
}

/// Names one record version; also the id of its deposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub Recid);

impl RecordId {
    /// The version that is published before the one that is planned. No server has this number.
    pub const EXPECTED: Self = Self(Recid::Number(0));

    /// Reads a number, or an id such as `k7r11-g5g77`.
    ///
    /// # Errors
    /// [`InvalidId`] when the text is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names what all versions of a record share (`conceptrecid`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConceptId(pub Recid);

impl ConceptId {
    /// Reads a concept id, a concept DOI or its address.
    ///
    /// `20479511`, `10.5281/zenodo.20479511` and `https://doi.org/10.5281/zenodo.20479511`
    /// mean the same.
    ///
    /// # Errors
    /// [`InvalidId`] when the text is none of these.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let wanted = "a concept DOI such as `10.5281/zenodo.20479511`";
        let invalid = || InvalidId { text: text.to_owned(), wanted };
        Recid::parse_named(text).map(Self).ok_or_else(invalid)
    }
}

impl fmt::Display for ConceptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concept_is_read_from_id_doi_and_address() {
        for text in
            ["20479511", "10.5281/zenodo.20479511", "https://doi.org/10.5281/zenodo.20479511"]
        {
            assert_eq!(ConceptId::parse(text), Ok(ConceptId(20_479_511.into())), "{text}");
        }
        let text = ConceptId(Recid::parse("k7r11-g5g77").unwrap());
        for name in ["k7r11-g5g77", "10.48436/k7r11-g5g77", "https://doi.org/10.48436/k7r11-g5g77"]
        {
            assert_eq!(ConceptId::parse(name), Ok(text), "{name}");
        }
        assert!(ConceptId::parse("10.5281/zenodo.x").is_err());
    }

    #[test]
    fn an_id_is_a_number_or_groups_that_end_with_a_checksum() {
        for text in ["7", "20479511", "k7r11-g5g77", "hz9kb-c2p54", "abcde-fghjk-mn12"] {
            assert_eq!(Recid::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "007",
            "+7",
            "-7",
            "7.0",
            "k7r11",
            "k7r11-",
            "my-paper",
            "K7R11-G5G77",
            "s41586-020-26492",
        ] {
            assert_eq!(Recid::parse(text), None, "{text}");
        }
        assert_eq!(Recid::parse("abcde-abcde-abcde-abcde-12345"), None, "too long");
    }

    #[test]
    fn a_doi_that_a_server_made_is_told_from_one_of_a_paper() {
        for (doi, is_made) in [
            ("10.5281/zenodo.7", true),
            ("https://doi.org/10.48436/k7r11-g5g77", true),
            ("10.1145/1.2", false),
            ("10.1038/s41586-020-2649-2", false),
        ] {
            assert_eq!(Recid::is_in_doi(doi), is_made, "{doi}");
        }
    }

    #[test]
    fn numbers_are_ordered_as_numbers() {
        let ids = ["9", "10", "k7r11-g5g77"].map(|text| Recid::parse(text).unwrap());
        assert!(ids.is_sorted());
    }

    #[test]
    fn a_number_stays_one_in_json() {
        let json = ["7", "k7r11-g5g77"].map(|text| serde_json::json!(Recid::parse(text)));
        assert_eq!(json, [serde_json::json!(7), serde_json::json!("k7r11-g5g77")]);
    }
}
