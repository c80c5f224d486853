//! From what a repository has to say of itself to values for a manifest, each with its source.
//!
//! Of two sources that disagree, the first in the order of [`file_names`] wins, and the other is told. Nothing is
//! invented: what no source has is named, and stays open. Deliberately absent: reading files, and
//! asking anybody.

mod manifest;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{Community, Doi, Field, Person, Related, Value};
use crate::observed::Loss;
use crate::vocab;
use crate::vocab::identifiers::same_identifier;

use crate::interop::manifest_writer::NewManifest;

use crate::interop::formats::{
    cff, codemeta, datapackage, pyproject, r_description, ro_crate, zenodo_json,
};
use crate::interop::source_metadata::{Gleaned, repository_address};

type Reader = fn(&str) -> Result<Gleaned, String>;

/// The files that are read, the one that wins first.
const FORMATS: &[(&str, Reader)] = &[
    (".zenodo.json", zenodo_json::read::read),
    ("CITATION.cff", cff::read::read),
    ("codemeta.json", codemeta::read::read),
    (ro_crate::FILE, ro_crate::read),
    (datapackage::FILE, datapackage::read),
    ("Cargo.toml", pyproject::cargo),
    ("pyproject.toml", pyproject::pyproject),
    ("package.json", pyproject::npm),
    ("DESCRIPTION", r_description::read),
];

/// The name under which git is a source.
pub(in crate::interop) const GIT: &str = "git";

/// Returns the names of the files that are read, the one that wins first.
pub fn file_names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|(name, _)| *name)
}

/// What is there besides the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The folder's name.
    pub folder: String,
    /// Names of zrel's own files in the folder: manifest and lock.
    pub own_files: Vec<String>,
    /// What git says; none outside of a repository.
    pub git: Option<Repository>,
}

/// What git says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// The address of the remote, as git has it.
    pub remote: Option<String>,
    /// All tags.
    pub tags: Vec<String>,
    /// The tags of the commit that is checked out.
    pub tags_here: Vec<String>,
}

/// What stands at a path of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// The manifest, and where all of it came from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Initiated {
    /// The manifest.
    pub manifest: NewManifest,
    /// What was found, in the order of the manifest.
    pub found: Vec<Found>,
    /// What no source has, and what to write there.
    pub missing: Vec<Missing>,
    /// What is in a source and not in the manifest: the file, the place in it, and what it is.
    pub losses: Vec<(String, Loss)>,
    /// Files that could not be read, and why.
    pub unread: Vec<(String, String)>,
    /// Records on Zenodo that a source names as its own.
    pub records: Vec<(Place, Doi)>,
    /// What a person should know of a value.
    pub notes: Vec<String>,
}

/// Where a value stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, or `git`.
    pub file: String,
    /// The key in it; empty when the kind of file says it.
    pub key: String,
}

/// A value, and what other sources say instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The manifest's key.
    pub name: String,
    /// The value, in short.
    pub value: String,
    /// Where it came from: more than one where values of several sources were put together.
    pub places: Vec<Place>,
    /// Other values, and where they stand.
    pub others: Vec<(Place, String)>,
}

/// Something that no source has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The manifest's key.
    pub name: &'static str,
    /// What to write, and why.
    pub what: String,
}

/// A value of one source.
#[derive(Debug, Clone)]
pub(in crate::interop) struct Candidate {
    pub(in crate::interop) value: Value,
    pub(in crate::interop) place: Place,
}

/// What all sources say, before one of them wins.
#[derive(Debug, Default)]
pub(in crate::interop) struct Sources {
    /// The values of each field but related identifiers, the winner first.
    pub(in crate::interop) fields: BTreeMap<Field, Vec<Candidate>>,
    /// What the record relates to, put together.
    pub(in crate::interop) related: Vec<(Related, Place)>,
    /// Communities, put together.
    pub(in crate::interop) communities: Vec<(Community, Place)>,
    /// Files, of the first source that names some.
    pub(in crate::interop) files: Vec<(String, Place)>,
    /// The files from which creators came with names as people write them.
    pub(in crate::interop) natural_names: Vec<String>,
    /// What the winning creators took of other sources.
    pub(in crate::interop) completed: Vec<Place>,
    /// The files that were read.
    pub(in crate::interop) read: Vec<String>,
}

/// Makes a manifest of the texts of files, by their names, and tells where each value came from.
/// `kind` says what stands at a path of the folder.
pub fn init(
    texts: &BTreeMap<String, String>,
    surroundings: &Surroundings,
    kind: &dyn Fn(&str) -> Option<Kind>,
    today: Date,
) -> Initiated {
    let mut out = Initiated::default();
    let mut sources = Sources::default();
    for (name, reader) in FORMATS {
        let Some(text) = texts.get(*name) else { continue };
        match reader(text) {
            Ok(gleaned) => take(gleaned.cleaned(today), name, &mut sources, &mut out),
            Err(why) => out.unread.push(((*name).to_owned(), why)),
        }
    }
    if let Some(repository) = &surroundings.git {
        from_git(repository, &mut sources);
    }
    complete_people(&mut sources);
    manifest::write(&sources, surroundings, kind, &mut out);
    out.losses.sort();
    out.losses.dedup();
    out
}

fn take(gleaned: Gleaned, file: &str, sources: &mut Sources, out: &mut Initiated) {
    let place = |key: String| Place { file: file.to_owned(), key };
    sources.read.push(file.to_owned());
    out.losses.extend(gleaned.losses.into_iter().map(|loss| (file.to_owned(), loss)));
    out.records.extend(gleaned.records.into_iter().map(|(doi, key)| (place(key), doi)));
    if gleaned.has_natural_names {
        sources.natural_names.push(file.to_owned());
    }
    for (field, (value, key)) in gleaned.values {
        let candidate = Candidate { value, place: place(key) };
        sources.fields.entry(field).or_default().push(candidate);
    }
    for (related, key) in gleaned.related {
        relate(related, place(key), sources);
    }
    for (slug, key) in gleaned.communities {
        if sources.communities.iter().all(|(known, _)| *known != slug) {
            sources.communities.push((slug, place(key)));
        }
    }
    if sources.files.is_empty() {
        sources.files = gleaned.files.into_iter().map(|(path, key)| (path, place(key))).collect();
    }
}

/// Adds what is not known yet: of one identifier, the first source says the relation.
fn relate(related: Related, place: Place, sources: &mut Sources) {
    let bare = |text: &str| {
        // A page's part is the page.
        let page = text.split_once('#').map_or(text, |(page, _)| page);
        page.trim_end_matches('/').to_lowercase()
    };
    let is_known = sources.related.iter().any(|(known, at)| {
        let is_same = same_identifier(&known.identifier, &related.identifier)
            || bare(&known.identifier) == bare(&related.identifier);
        // Zenodo's own file may say several relations to the same thing; elsewhere, a page that is
        // the repository as well says nothing more.
        let is_meant = at.file == place.file && place.file == FORMATS[0].0;
        is_same && (!is_meant || known.relation == related.relation)
    });
    if !is_known {
        sources.related.push((related, place));
    }
}

/// The remote is the repository where no file names one: it may be a fork of that.
fn from_git(repository: &Repository, sources: &mut Sources) {
    let has_repository = sources.related.iter().any(|(related, _)| {
        related.relation == "isSupplementTo" && related.identifier.contains("://")
    });
    let address = repository.remote.as_deref().and_then(repository_address);
    if let Some(address) = address.filter(|_| !has_repository) {
        let related = Related {
            identifier: address,
            relation: "isSupplementTo".to_owned(),
            ..Related::default()
        };
        if vocab::identifiers::scheme_of(&related.identifier).is_some() {
            let place = Place { file: GIT.to_owned(), key: "remote.origin.url".to_owned() };
            relate(related, place, sources);
        }
    }
}

/// Fills what the winner leaves open of a person from a source that names the same one: package
/// managers and Zenodo's own file often leave ORCID and affiliation out.
fn complete_people(sources: &mut Sources) {
    let Some(candidates) = sources.fields.get_mut(&Field::Creators) else { return };
    let Some((winner, others)) = candidates.split_first_mut() else { return };
    let Value::People(people) = &mut winner.value else { return };
    for person in people {
        for other in others.iter() {
            let Value::People(known) = &other.value else { continue };
            let mut same = known.iter().filter(|known| name_key(known) == name_key(person));
            // Two of the same name: nobody knows which one is meant.
            if let (Some(known), None) = (same.next(), same.next())
                && is_compatible(person, known)
            {
                let before = person.clone();
                person.orcid = person.orcid.take().or_else(|| known.orcid.clone());
                person.affiliation =
                    person.affiliation.take().or_else(|| known.affiliation.clone());
                if *person != before && !sources.completed.contains(&other.place) {
                    sources.completed.push(other.place.clone());
                }
            }
        }
    }
}

/// Tells whether two may be the same person by their ids.
fn is_compatible(one: &Person, other: &Person) -> bool {
    match (&one.orcid, &other.orcid) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// Returns the words of a name in an order that does not depend on its form.
pub(in crate::interop) fn name_key(person: &Person) -> Vec<String> {
    let words = person.name.split([',', ' ']).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_lowercase).collect();
    words.sort();
    words
}
