//! Licence names as files spell them: SPDX ids, pages, R's abbreviations, Python's classifiers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::vocab;

/// Licences in SPDX's spelling, by their id in lower case.
static SPDX: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("data/spdx.txt").lines();
    let ids = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    ids.map(|id| (id.to_lowercase(), id)).collect()
});

/// What a name of a licence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::interop) enum Licensed {
    /// This one, by its id in Zenodo's vocabulary.
    Known(&'static str),
    /// Several; a record takes one.
    Several,
    /// No known licence.
    Unknown,
}

/// Names that are neither SPDX's ids nor addresses, in lower case.
///
/// Source: "Writing R Extensions", section Licensing, and the list of trove classifiers,
/// 2026-11-23. Names that leave the version or the clauses open are not among them.
const NAMES: &[(&str, &str)] = &[
    ("agpl-3", "agpl-3.0-only"),
    ("apache license (== 2)", "apache-2.0"),
    ("apache license (== 2.0)", "apache-2.0"),
    ("apache license 2.0", "apache-2.0"),
    ("apache license, version 2.0", "apache-2.0"),
    ("artistic-2.0", "artistic-2.0"),
    ("bsd_2_clause", "bsd-2-clause"),
    ("bsd_3_clause", "bsd-3-clause"),
    ("cc by 4.0", "cc-by-4.0"),
    ("cc by-sa 4.0", "cc-by-sa-4.0"),
    ("cc0", "cc0-1.0"),
    ("gpl (== 2)", "gpl-2.0-only"),
    ("gpl (== 3)", "gpl-3.0-only"),
    ("gpl (>= 2)", "gpl-2.0-or-later"),
    ("gpl (>= 2.0)", "gpl-2.0-or-later"),
    ("gpl (>= 3)", "gpl-3.0-or-later"),
    ("gpl (>= 3.0)", "gpl-3.0-or-later"),
    ("gpl-2", "gpl-2.0-only"),
    ("gpl-3", "gpl-3.0-only"),
    ("lgpl (>= 3)", "lgpl-3.0-or-later"),
    ("lgpl-2.1", "lgpl-2.1-only"),
    ("lgpl-3", "lgpl-3.0-only"),
    ("license :: cc0 1.0 universal (cc0 1.0) public domain dedication", "cc0-1.0"),
    ("license :: osi approved :: gnu affero general public license v3", "agpl-3.0-only"),
    ("license :: osi approved :: gnu general public license v2 (gplv2)", "gpl-2.0-only"),
    ("license :: osi approved :: gnu general public license v3 (gplv3)", "gpl-3.0-only"),
    (
        "license :: osi approved :: gnu general public license v3 or later (gplv3+)",
        "gpl-3.0-or-later",
    ),
    ("license :: osi approved :: isc license (iscl)", "isc"),
    ("license :: osi approved :: mit license", "mit"),
    ("license :: osi approved :: mozilla public license 2.0 (mpl 2.0)", "mpl-2.0"),
    ("mit license", "mit"),
    ("the mit license", "mit"),
];

/// Returns a licence's id in SPDX's spelling, or `None` if SPDX does not have it.
pub(in crate::interop) fn find_spdx_id(id: &str) -> Option<&'static str> {
    SPDX.get(&id.to_lowercase()).copied()
}

/// Reads a name.
pub(in crate::interop) fn read_license_name(text: &str) -> Licensed {
    let text = text.trim();
    // In R the file holds the copyright line only; the licence is named before it.
    let text = text.split_once("+ file ").map_or(text, |(name, _)| name.trim());
    if let Some(license) = find_known(text) {
        return Licensed::Known(license);
    }
    let parts: Vec<&str> = text.split(is_bracket).flat_map(str::split_whitespace).collect();
    // A record has one licence, so an expression that joins several must not be reduced to one.
    let is_joined = parts.iter().any(|part| matches!(*part, "OR" | "AND" | "WITH" | "|"));
    // Cargo's old spelling of `OR`.
    let is_slashed =
        !text.contains("://") && text.split('/').all(|part| find_known(part.trim()).is_some());
    if is_joined || is_slashed { Licensed::Several } else { Licensed::Unknown }
}

fn is_bracket(c: char) -> bool {
    matches!(c, '(' | ')')
}

fn find_known(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    if lower.is_empty() {
        return None;
    }
    if let Some((_, id)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return vocab::find_license_id(id);
    }
    match normalize_page(&lower) {
        Some(page) => find_by_page(&page),
        None => vocab::find_license_id(&lower),
    }
}

/// Returns an address without its variable parts, or `None` if the text is not an address.
fn normalize_page(lower: &str) -> Option<String> {
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let ends = ["/", "/legalcode", ".html", ".txt", "/deed.en", "/legalcode.en"];
    let mut rest = rest.trim_end_matches('/');
    for end in ends {
        rest = rest.strip_suffix(end).unwrap_or(rest);
    }
    Some(rest.to_owned())
}

fn find_by_page(address: &str) -> Option<&'static str> {
    for lead in ["spdx.org/licenses/", "opensource.org/licenses/", "opensource.org/license/"] {
        if let Some(id) = address.strip_prefix(lead) {
            return vocab::find_license_id(id);
        }
    }
    let has_page = |license: &&vocab::License| {
        let url = license.url.as_ref().and_then(|url| normalize_page(&url.to_lowercase()));
        url.as_deref() == Some(address)
    };
    let mut same = vocab::list_licenses().iter().filter(has_page);
    // A page that several licences share identifies none of them.
    let first = same.next().filter(|_| same.next().is_none())?;
    // The server would read the id as another licence's, so a manifest can't express it.
    vocab::find_license_id(&first.id).filter(|id| *id == first.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_known_in_all_the_spellings_of_files() {
        for (text, id) in [
            ("MIT", "mit"),
            ("Apache-2.0", "apache-2.0"),
            ("https://spdx.org/licenses/MIT", "mit"),
            ("https://spdx.org/licenses/BSD-3-Clause.html", "bsd-3-clause"),
            ("https://creativecommons.org/licenses/by/4.0/", "cc-by-4.0"),
            ("http://creativecommons.org/licenses/by/4.0/legalcode", "cc-by-4.0"),
            ("MIT + file LICENSE", "mit"),
            ("GPL (>= 3)", "gpl-3.0-or-later"),
            ("GPL-3", "gpl-3.0-only"),
            ("CC BY 4.0", "cc-by-4.0"),
            ("License :: OSI Approved :: MIT License", "mit"),
        ] {
            assert_eq!(read_license_name(text), Licensed::Known(id), "{text}");
        }
        for text in ["MIT OR Apache-2.0", "MIT/Apache-2.0", "GPL-2 | GPL-3", "(MIT AND ISC)"] {
            assert_eq!(read_license_name(text), Licensed::Several, "{text}");
        }
        for text in ["", "Proprietary", "see LICENSE", "https://example.org/license"] {
            assert_eq!(read_license_name(text), Licensed::Unknown, "{text}");
        }
    }

    #[test]
    fn every_name_of_the_table_is_one_of_zenodo_s() {
        for (name, id) in NAMES {
            assert_eq!(read_license_name(name), Licensed::Known(id), "{name}");
        }
    }

    #[test]
    fn licences_are_spelled_as_spdx_does() {
        assert_eq!(find_spdx_id("cc-by-4.0"), Some("CC-BY-4.0"));
        assert_eq!(find_spdx_id("gpl-3.0-or-later"), Some("GPL-3.0-or-later"));
        assert_eq!(find_spdx_id("other-open"), None);
    }
}
