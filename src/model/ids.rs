//! DOIs and community slugs.

use std::fmt;

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct InvalidId {
    /// The text that was given.
    pub text: String,
    /// What was wanted, with an article.
    pub wanted: &'static str,
}

/// A DOI without its resolver: `10.5281/zenodo.20479512`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Doi(String);

impl Doi {
    /// Parses a DOI; drops a leading `https://doi.org/` or `doi:`.
    ///
    /// # Errors
    /// [`InvalidId`] when what is left does not look like `10.PREFIX/SUFFIX`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let bare = [
            "https://doi.org/",
            "http://doi.org/",
            "https://dx.doi.org/",
            "http://dx.doi.org/",
            "doi:",
        ]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text);
        // A server's DOI is printed as it is: it must not hold what a terminal would obey.
        let good = bare.strip_prefix("10.").and_then(|rest| rest.split_once('/')).is_some_and(
            |(registrant, suffix)| {
                !registrant.is_empty()
                    && registrant.chars().all(|c| c.is_ascii_digit() || c == '.')
                    && !suffix.is_empty()
                    && !suffix.contains(|c: char| c.is_whitespace() || !is_visible(c))
            },
        );
        if good {
            Ok(Self(bare.to_owned()))
        } else {
            Err(InvalidId { text: text.to_owned(), wanted: "a DOI such as `10.1234/abc`" })
        }
    }

    /// Returns the DOI as text, without a resolver.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the slash: `10.5281`.
    pub fn prefix(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Doi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns whether a character is visible, and has no effect on a terminal or on its neighbours.
fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The slug of a community: `mathematics`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Community(pub String);

impl Community {
    /// Reads a slug: ASCII letters, digits, `-`, `_` and `.`.
    ///
    /// A UUID is none: the server takes it for a community's internal id, answers with the slug,
    /// and refuses such a slug (`is_not_uuid` in the schema of invenio-communities, 2026-11-30).
    ///
    /// # Errors
    /// [`InvalidId`] when the text is not a slug.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_slug = !text.is_empty() && text.chars().all(is_good);
        if is_slug && uuid::Uuid::try_parse(text).is_err() {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidId { text: text.to_owned(), wanted: "the last part of a community's address" })
    }
}

impl fmt::Display for Community {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doi_loses_its_resolver_and_needs_a_suffix() {
        assert_eq!(Doi::parse("https://doi.org/10.1/a").unwrap().as_str(), "10.1/a");
        assert_eq!(Doi::parse("10.5281/zenodo.1").unwrap().prefix(), "10.5281");
        for bad in
            ["10.1", "10.1/", "11.1/a", "10.1/a b", "10.1/\u{1b}[2J", "10.1/a\u{202e}", "foo"]
        {
            assert!(Doi::parse(bad).is_err(), "{bad}");
        }
    }
}
