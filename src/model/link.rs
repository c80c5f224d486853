//! A link to another member of the workspace, and what stands for it as long as the member's DOI is
//! not known.

/// What a link to a concept begins with. No scheme of identifiers has it.
const CONCEPT: &str = "member:";

/// What a link to a version begins with.
const VERSION: &str = "member-version:";

/// A link to another member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The member's key; in a manifest it may be a pattern.
    pub key: String,
    /// Which of its DOIs.
    pub doi: LinkedDoi,
}

/// Which DOI of a member a link is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkedDoi {
    /// The one of all its versions.
    Concept,
    /// The one of the version that its manifest describes when the linking version is published.
    Version,
}

/// Returns the identifier that stands for a link.
pub fn name_link(link: &Link) -> String {
    let lead = match link.doi {
        LinkedDoi::Concept => CONCEPT,
        LinkedDoi::Version => VERSION,
    };
    format!("{lead}{}", link.key)
}

/// Returns the link that an identifier stands for.
pub fn find_link(identifier: &str) -> Option<Link> {
    let after = |lead, doi| {
        let key = identifier.strip_prefix(lead)?.to_owned();
        Some(Link { key, doi })
    };
    after(CONCEPT, LinkedDoi::Concept).or_else(|| after(VERSION, LinkedDoi::Version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_one_link_and_no_other_identifier_does() {
        for doi in [LinkedDoi::Concept, LinkedDoi::Version] {
            let link = Link { key: "deposits/a:b".to_owned(), doi };
            assert_eq!(find_link(&name_link(&link)), Some(link));
        }
        for other in ["10.5072/zenodo.1", "member", "members:a", ""] {
            assert_eq!(find_link(other), None, "{other}");
        }
    }
}
