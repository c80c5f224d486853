//! Licence names as files spell them: SPDX ids, pages, R's abbreviations, Python's classifiers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::model::License;
use crate::vocab;

/// Licences in SPDX's spelling, by their id in lower case.
static SPDX: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("data/spdx.txt").lines();
    let ids = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    ids.map(|id| (id.to_lowercase(), id)).collect()
});

/// Why a format can't name a licence.
pub(in crate::interop) const NO_NAME: &str = "it is not in SPDX's list, and has no page";

/// What a name of a licence means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::interop) enum Licensed {
    /// This one, by its id in Zenodo's vocabulary.
    Known(&'static str),
    /// These, in the order of the text.
    Several(Vec<&'static str>),
    /// An expression that a list can't say: with an exception, with both `OR` and `AND`, or with a
    /// licence that Zenodo does not know.
    Expression,
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

/// Returns a licence's id in SPDX's spelling, or its page.
pub(in crate::interop) fn find_spdx_id_or_page(
    license: &License,
) -> Result<&'static str, Option<&str>> {
    let Some(id) = &license.id else { return Err(license.link.as_deref()) };
    let page = || vocab::find_license(id).and_then(|known| known.url.as_deref());
    find_spdx_id(id).ok_or_else(page)
}

/// Reads a name.
pub(in crate::interop) fn read_license_name(text: &str) -> Licensed {
    let text = text.trim();
    // In R the file holds the copyright line only; the licence is named before it.
    let text = text.split_once("+ file ").map_or(text, |(name, _)| name.trim());
    if let Some(license) = find_known(text) {
        return Licensed::Known(license);
    }
    let ids = JOINTS.iter().filter(|joint| text.contains(**joint)).find_map(|joint| {
        // A pair of brackets that enclose all of it changes nothing; others group.
        let inner = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
        list_known(inner.unwrap_or(text), joint)
    });
    match ids.as_deref() {
        Some([id]) => Licensed::Known(id),
        Some(_) => Licensed::Several(ids.unwrap_or_default()),
        None if is_joined(text) => Licensed::Expression,
        None => Licensed::Unknown,
    }
}

/// What stands between licences: SPDX's operators, R's, and Cargo's old spelling of `OR`.
const JOINTS: &[&str] = &[" OR ", " AND ", "|", "/"];

/// Returns the licences of a list with this between them, each once; `None` unless all are known.
fn list_known(text: &str, joint: &str) -> Option<Vec<&'static str>> {
    let mut ids = Vec::new();
    for part in text.split(joint) {
        let id = find_known(part.trim())?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Some(ids)
}

/// Returns whether a text is an expression of several parts.
fn is_joined(text: &str) -> bool {
    let mut words = text.split(is_bracket).flat_map(str::split_whitespace);
    words.any(|word| matches!(word, "OR" | "AND" | "WITH" | "|"))
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
        for text in ["", "Proprietary", "see LICENSE", "https://example.org/license", "MIT/X"] {
            assert_eq!(read_license_name(text), Licensed::Unknown, "{text}");
        }
    }

    #[test]
    fn an_expression_is_a_list_of_licences_or_more_than_a_list_says() {
        for (text, ids) in [
            ("MIT OR Apache-2.0", ["mit", "apache-2.0"]),
            ("MIT/Apache-2.0", ["mit", "apache-2.0"]),
            ("GPL-2 | GPL-3", ["gpl-2.0-only", "gpl-3.0-only"]),
            ("(MIT AND ISC)", ["mit", "isc"]),
            (
                "https://spdx.org/licenses/MIT OR https://spdx.org/licenses/ISC OR mit",
                ["mit", "isc"],
            ),
        ] {
            assert_eq!(read_license_name(text), Licensed::Several(ids.to_vec()), "{text}");
        }
        assert_eq!(read_license_name("MIT OR mit"), Licensed::Known("mit"));
        for text in [
            "MIT OR Proprietary",
            "(MIT OR ISC) AND Apache-2.0",
            "MIT AND (ISC OR Apache-2.0)",
            "MIT OR ISC AND Apache-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "LGPL-3 | file LICENSE",
        ] {
            assert_eq!(read_license_name(text), Licensed::Expression, "{text}");
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
