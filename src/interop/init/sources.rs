//! Merges the values of all sources, in the order of who wins.

use std::collections::BTreeMap;

use crate::model::{Community, Field, Person, Related, Value};
use crate::vocab::identifiers::is_same_identifier;

use super::types::{Initiated, Place};
use crate::interop::formats::git::{GIT, REMOTE_KEY, Repository, read_remote};
use crate::interop::formats::zenodo_json;
use crate::interop::person_names::sort_name_words;
use crate::interop::source_metadata::SourceMetadata;

/// A value of one source.
#[derive(Debug, Clone)]
pub(in crate::interop) struct Candidate {
    /// `licenses` competes with `license`, and so on.
    pub(in crate::interop) field: Field,
    pub(in crate::interop) value: Value,
    pub(in crate::interop) place: Place,
}

/// The values of all sources, before one of them wins.
#[derive(Debug, Default)]
pub(in crate::interop) struct Sources {
    /// The values of each field but related identifiers, the winner first, under the
    /// [`narrower`](Field::narrower) of two fields of which a manifest has one.
    pub(in crate::interop) fields: BTreeMap<Field, Vec<Candidate>>,
    /// Related identifiers of all sources.
    pub(in crate::interop) related: Vec<(Related, Place)>,
    /// Communities of all sources.
    pub(in crate::interop) communities: Vec<(Community, Place)>,
    /// Files, of the first source that names some.
    pub(in crate::interop) files: Vec<(String, Place)>,
    /// The files whose creators have names in natural order.
    pub(in crate::interop) natural_names: Vec<String>,
    /// Where the winning creators were completed from.
    pub(in crate::interop) completed: Vec<Place>,
    /// The files that were read.
    pub(in crate::interop) read: Vec<String>,
}

/// Adds the values of one file, behind those of the files before it.
pub(in crate::interop) fn add_file(
    metadata: SourceMetadata,
    file: &str,
    sources: &mut Sources,
    out: &mut Initiated,
) {
    let place = |key: String| Place { file: file.to_owned(), key };
    sources.read.push(file.to_owned());
    out.unsupported.extend(metadata.unsupported.into_iter().map(|loss| (file.to_owned(), loss)));
    out.records.extend(metadata.records.into_iter().map(|(doi, key)| (place(key), doi)));
    if metadata.has_natural_names {
        sources.natural_names.push(file.to_owned());
    }
    for (field, (value, key)) in metadata.values {
        let candidate = Candidate { field, value, place: place(key) };
        sources.fields.entry(field.narrower()).or_default().push(candidate);
    }
    for (related, key) in metadata.related {
        add_related(related, place(key), sources);
    }
    for (slug, key) in metadata.communities {
        if sources.communities.iter().all(|(known, _)| *known != slug) {
            sources.communities.push((slug, place(key)));
        }
    }
    if sources.files.is_empty() {
        sources.files = metadata.files.into_iter().map(|(path, key)| (path, place(key))).collect();
    }
}

/// Adds an identifier that is not known yet; the first source decides its relation.
fn add_related(related: Related, place: Place, sources: &mut Sources) {
    let bare = |text: &str| {
        // A link to a section of a page counts as a link to the page.
        let page = text.split_once('#').map_or(text, |(page, _)| page);
        page.trim_end_matches('/').to_lowercase()
    };
    let is_known = sources.related.iter().any(|(known, at)| {
        let is_same = is_same_identifier(&known.identifier, &related.identifier)
            || bare(&known.identifier) == bare(&related.identifier);
        // Zenodo's own file may say several relations to the same thing; elsewhere, a page that is
        // the repository as well says nothing more.
        let is_meant = at.file == place.file && place.file == zenodo_json::FILE;
        is_same && (!is_meant || known.relation == related.relation)
    });
    if !is_known {
        sources.related.push((related, place));
    }
}

/// Adds the remote as the repository if no file names one.
pub(in crate::interop) fn add_git(repository: &Repository, sources: &mut Sources) {
    // The remote may be a fork of the repository that a file names.
    let has_repository = sources.related.iter().any(|(related, _)| {
        related.relation == "isSupplementTo" && related.identifier.contains("://")
    });
    if let Some(related) = read_remote(repository).filter(|_| !has_repository) {
        let place = Place { file: GIT.to_owned(), key: REMOTE_KEY.to_owned() };
        add_related(related, place, sources);
    }
}

/// Completes the winner's people from sources that name the same person: package managers and
/// Zenodo's own file often leave ORCID and affiliation out.
pub(in crate::interop) fn complete_people(sources: &mut Sources) {
    let Some(candidates) = sources.fields.get_mut(&Field::Creators) else { return };
    let Some((winner, others)) = candidates.split_first_mut() else { return };
    let Value::People(people) = &mut winner.value else { return };
    for person in people.make_mut() {
        for other in others.iter() {
            let Value::People(known) = &other.value else { continue };
            let mut same =
                known.iter().filter(|known| sort_name_words(known) == sort_name_words(person));
            // Two people of the same name can't be told apart.
            if let (Some(known), None) = (same.next(), same.next())
                && is_compatible(person, known)
            {
                let before = person.clone();
                person.orcid = person.orcid.take().or_else(|| known.orcid.clone());
                if person.list_affiliations().is_empty() {
                    person.set_affiliations(known.list_affiliations());
                }
                if *person != before && !sources.completed.contains(&other.place) {
                    sources.completed.push(other.place.clone());
                }
            }
        }
    }
}

/// Returns whether the ids allow two entries to be the same person.
fn is_compatible(one: &Person, other: &Person) -> bool {
    match (&one.orcid, &other.orcid) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}
