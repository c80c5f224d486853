//! The licences of the server: the ids that it accepts, and the id under which each comes back.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// A licence that the server knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct License {
    /// Its id in the server's vocabulary, in lower case: `apache-2.0`.
    pub id: String,
    /// Its English title.
    pub title: String,
    /// Its page, if the vocabulary has one.
    pub url: Option<String>,
    /// The id under which the deposit API returns it: `apache2.0`.
    ///
    /// When sent, it may mean *another* licence (Apache-1.0 comes back as `apache`, which means
    /// Apache-2.0 when sent): compare with it, never send it.
    pub returned_as: String,
    /// Further ids that the server accepts, in lower case.
    pub also_accepted: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    licenses: Vec<License>,
}

static LICENSES: LazyLock<Vec<License>> = LazyLock::new(|| {
    let parsed: Result<File, _> = serde_json::from_str(include_str!("data/licenses.json"));
    #[expect(clippy::expect_used, reason = "the file is part of the binary; a test parses it")]
    parsed.expect("the bundled licences are valid JSON").licenses
});

/// Each accepted id and the licence's place in the list.
static BY_ID: LazyLock<BTreeMap<&'static str, usize>> = LazyLock::new(|| {
    let licenses = LICENSES.iter().enumerate();
    let own = licenses.clone().map(|(at, license)| (license.id.as_str(), at));
    let aliases = licenses.flat_map(|(at, license)| {
        license.also_accepted.iter().map(move |alias| (alias.as_str(), at))
    });
    // A later entry wins. The server looks into its table of legacy ids first, so an alias goes
    // before an own id.
    own.chain(aliases).collect()
});

/// Returns all licences, sorted by id.
///
/// Source: `GET /api/vocabularies/licenses` and the server's table of legacy ids, 2026-11-23.
pub fn list_licenses() -> &'static [License] {
    &LICENSES
}

/// Licences that the deposit API accepts and keeps as a text: their ids, and those texts. The ids
/// are from Zenodo's former vocabulary and have no licence in the present one, and no answer of the
/// deposit API names them.
///
/// Source: `legacy_to_rdm` and `load_rights` of zenodo-rdm, 2026-08-20.
const KEPT_AS_TEXTS: &[(&str, &str)] =
    &[("fal", "Free Art License"), ("gfdl", "GNU Free Documentation License")];

/// Finds a licence by any id that the server accepts, in any case: `MIT`, `mit`, `mit-license`.
///
/// Source: contract/scenarios/licences-returned.json, 2026-11-23.
pub fn find_license(text: &str) -> Option<&'static License> {
    let at = BY_ID.get(text.trim().to_lowercase().as_str())?;
    LICENSES.get(*at)
}

/// Finds the licence that the server returned under an id, of the deposit API or the records API.
/// In a manifest the same id may mean another licence (see [`License::returned_as`]).
pub fn find_returned_license(text: &str) -> Option<&'static License> {
    let returned = LICENSES.iter().find(|license| license.returned_as == text);
    returned.or_else(|| LICENSES.iter().find(|license| license.id == text))
}

/// Returns the id of a licence that the server accepts and keeps as a text without an id: `gfdl`.
pub fn find_license_kept_as_text(text: &str) -> Option<&'static str> {
    let lower = text.trim().to_lowercase();
    KEPT_AS_TEXTS.iter().find(|(id, _)| *id == lower).map(|(id, _)| *id)
}

/// Returns the text that the server keeps for such a licence.
pub fn find_license_text(id: &str) -> Option<&'static str> {
    KEPT_AS_TEXTS.iter().find(|(known, _)| *known == id).map(|(_, text)| *text)
}

/// Returns whether it is the text that the server keeps for such a licence.
pub fn is_license_text(text: &str) -> bool {
    KEPT_AS_TEXTS.iter().any(|(_, known)| *known == text)
}

/// Returns the id by which a manifest names the licence that a sent text means.
pub fn find_license_id(text: &str) -> Option<&'static str> {
    let known = find_license(text).map(|license| license.id.as_str());
    known.or_else(|| find_license_kept_as_text(text))
}

/// Returns whether a text can be the id of a licence, known or not; an address can't.
pub fn is_license_id(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_sorted() {
        assert_eq!(list_licenses().len(), 444);
        assert!(list_licenses().is_sorted_by(|a, b| a.id <= b.id));
    }

    #[test]
    fn a_licence_is_found_in_any_case_and_comes_back_under_the_recorded_id() {
        for (sent, returned) in [
            ("MIT", "mit-license"),
            ("mit-license", "mit-license"),
            ("Apache-2.0", "apache2.0"),
            ("apache", "apache2.0"),
            ("CC0-1.0", "cc-zero"),
            ("cc-zero", "cc-zero"),
            ("CC-BY-4.0", "cc-by-4.0"),
            ("cc-by", "cc-by-4.0"),
            ("GPL-3.0-or-later", "gpl-3.0-or-later"),
            ("GPL-3.0+", "gpl-3.0-or-later"),
            ("other-open", "other-open"),
        ] {
            let found = find_license(sent).unwrap_or_else(|| panic!("{sent}"));
            assert_eq!(found.returned_as, returned, "{sent}");
        }
        assert_eq!(find_license("no-such-licence"), None);
        assert_eq!(find_license(""), None);
    }

    #[test]
    fn a_returned_id_is_that_of_the_licence_it_was_returned_for() {
        for license in list_licenses() {
            for id in [&license.returned_as, &license.id] {
                assert_eq!(find_returned_license(id), Some(license), "{id}");
            }
            for alias in &license.also_accepted {
                assert_eq!(find_license(alias), Some(license), "{alias}");
            }
        }
    }

    /// Each licence can be sent by its own id, except one whose id is another's alias on the
    /// server.
    #[test]
    fn an_own_id_means_its_licence_when_sent() {
        let is_other = |license: &&License| find_license(&license.id) != Some(license);
        let others: Vec<&str> =
            list_licenses().iter().filter(is_other).map(|license| license.id.as_str()).collect();
        assert_eq!(others, ["qtpl"]);
    }

    #[test]
    fn a_licence_that_is_kept_as_a_text_is_known_by_its_id_alone() {
        for (id, text) in KEPT_AS_TEXTS {
            assert_eq!(find_license_id(&id.to_uppercase()), Some(*id));
            assert_eq!(find_license_text(id), Some(*text));
            assert_eq!(find_license(id), None);
        }
        assert_eq!(find_license_id("MIT"), Some("mit"));
        assert_eq!(find_license_id("no-such-licence"), None);
    }

    #[test]
    fn an_id_that_comes_back_may_mean_another_licence_when_sent() {
        let apache1 = find_license("apache-1.0").unwrap();
        assert_eq!(find_license(&apache1.returned_as).unwrap().id, "apache-2.0");
    }
}
