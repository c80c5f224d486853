//! The badge of a DOI: a picture from the server that links to the DOI.

use percent_encoding::{AsciiSet, utf8_percent_encode};

use super::doi_text::{IN_ADDRESS, RESOLVER, decode_doi, encode_doi, make_doi_url};

/// What stays in a site's address.
const IN_SITE: &AsciiSet = &IN_ADDRESS.remove(b'[').remove(b']').remove(b'@').remove(b'%');

/// The language that a badge is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadgeForm {
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// reStructuredText.
    Rst,
}

impl BadgeForm {
    /// All forms.
    pub const ALL: [Self; 3] = [Self::Markdown, Self::Html, Self::Rst];
}

/// Writes the badge of a DOI, which is loaded from a server's base address. In reStructuredText it
/// has three lines, without a line end at the last.
pub fn make_badge(form: BadgeForm, site: &str, doi: &str) -> String {
    let site = utf8_percent_encode(site.trim_end_matches('/'), IN_SITE);
    let picture = format!("{site}/badge/DOI/{}.svg", encode_doi(doi));
    let target = make_doi_url(doi);
    match form {
        BadgeForm::Markdown => format!("[![DOI]({picture})]({target})"),
        BadgeForm::Html => {
            format!("<a href=\"{target}\"><img src=\"{picture}\" alt=\"DOI\"></a>")
        }
        BadgeForm::Rst => {
            format!(".. image:: {picture}\n   :target: {target}\n   :alt: DOI")
        }
    }
}

/// Returns the DOI that a badge links to, in whichever form it is.
pub(super) fn read_badge(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(RESOLVER)?;
    let is_end = |c: char| c.is_whitespace() || matches!(c, ')' | '"' | '\'' | '<' | '>' | ']');
    let doi = rest.split(is_end).next().unwrap_or_default();
    (!doi.is_empty()).then(|| decode_doi(doi))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_is_as_zenodo_shows_it() {
        let make = |form| make_badge(form, "https://zenodo.org/", "10.5281/zenodo.1");
        assert_eq!(
            make(BadgeForm::Markdown),
            "[![DOI](https://zenodo.org/badge/DOI/10.5281/zenodo.1.svg)]\
             (https://doi.org/10.5281/zenodo.1)"
        );
        assert_eq!(
            make(BadgeForm::Html),
            "<a href=\"https://doi.org/10.5281/zenodo.1\">\
             <img src=\"https://zenodo.org/badge/DOI/10.5281/zenodo.1.svg\" alt=\"DOI\"></a>"
        );
        assert_eq!(
            make(BadgeForm::Rst),
            ".. image:: https://zenodo.org/badge/DOI/10.5281/zenodo.1.svg\n   \
             :target: https://doi.org/10.5281/zenodo.1\n   :alt: DOI"
        );
    }

    #[test]
    fn a_doi_that_the_language_would_misread_is_encoded_and_read_back() {
        for doi in ["10.1002/(SICI)1<1::A-X>3.0.CO;2-\"&]", "10.1/é %20"] {
            for form in BadgeForm::ALL {
                let badge = make_badge(form, "http://[::1]:8080", doi);
                assert_eq!(read_badge(&badge).as_deref(), Some(doi), "{badge}");
                assert!(!badge.contains("(SICI)") && !badge.contains('&'), "{badge}");
            }
        }
        assert_eq!(read_badge("no badge"), None);
    }
}
