//! How values are written into a file: by its format, or by a placeholder.

use super::placeholder::parse_placeholder;

/// A format of files that values are written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `CITATION.cff`.
    Cff,
    /// `codemeta.json`.
    Codemeta,
    /// `.zenodo.json`.
    ZenodoJson,
    /// Markdown with markers.
    Markdown,
    /// HTML with markers.
    Html,
    /// reStructuredText with markers.
    Rst,
    /// Any text, with a placeholder.
    Text,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 7] = [
        Self::Cff,
        Self::Codemeta,
        Self::ZenodoJson,
        Self::Markdown,
        Self::Html,
        Self::Rst,
        Self::Text,
    ];

    /// Returns the name in a manifest.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cff => "cff",
            Self::Codemeta => "codemeta",
            Self::ZenodoJson => "zenodo-json",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Rst => "rst",
            Self::Text => "text",
        }
    }

    /// Returns the format that a file has by its name.
    pub fn guess(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        match name {
            "codemeta.json" => return Some(Self::Codemeta),
            ".zenodo.json" => return Some(Self::ZenodoJson),
            _ => {}
        }
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "cff" => Some(Self::Cff),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "rst" => Some(Self::Rst),
            _ => None,
        }
    }
}

/// How values are written into a file. Placeholders belong to [`Format::Text`], and to no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    format: Format,
    placeholders: Vec<String>,
}

impl Kind {
    /// Checks that format and placeholders belong together, and reads the placeholders.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(format: Format, placeholders: Vec<String>) -> Result<Self, String> {
        match (format, placeholders.is_empty()) {
            (Format::Text, false) => {
                for text in &placeholders {
                    parse_placeholder(text)?;
                }
            }
            (Format::Text, true) => {
                return Err("a text needs a placeholder, as in `doi = {doi}`".to_owned());
            }
            (_, false) => {
                let word = format.word();
                return Err(format!("only a text has a placeholder; the format is `{word}`"));
            }
            (_, true) => {}
        }
        Ok(Self { format, placeholders })
    }

    /// Returns the format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the placeholders of a text.
    pub fn placeholders(&self) -> &[String] {
        &self.placeholders
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_format() {
        for (path, expected) in [
            ("CITATION.cff", Some(Format::Cff)),
            ("docs/software.cff", Some(Format::Cff)),
            ("a/codemeta.json", Some(Format::Codemeta)),
            (".zenodo.json", Some(Format::ZenodoJson)),
            ("README.MD", Some(Format::Markdown)),
            ("index.htm", Some(Format::Html)),
            ("docs\\index.rst", Some(Format::Rst)),
            ("package.json", None),
            ("README", None),
            ("a.md/setup.py", None),
        ] {
            assert_eq!(Format::guess(path), expected, "{path}");
        }
    }

    #[test]
    fn a_placeholder_is_for_texts_only_and_they_need_one() {
        let one = |text: &str| vec![text.to_owned()];
        assert!(Kind::new(Format::Text, Vec::new()).is_err());
        assert!(Kind::new(Format::Text, one("{doi}")).is_err());
        assert!(Kind::new(Format::Cff, one("doi = {doi}")).is_err());
        let kind = Kind::new(Format::Text, one("doi = {doi}")).unwrap();
        assert_eq!((kind.format(), kind.placeholders()), (Format::Text, &one("doi = {doi}")[..]));
    }
}
