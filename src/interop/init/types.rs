//! The types that `init` takes beside the texts of files, and returns.

use crate::model::Doi;
use crate::observed::UnsupportedValue;

use crate::interop::formats::git::Repository;
use crate::interop::new_manifest::NewManifest;

/// How much of a value is shown. Characters.
pub(in crate::interop) const SHOWN: usize = 72;

/// What `init` knows besides the texts of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The folder's name.
    pub folder: String,
    /// Patterns for zrel's own files in the folder: manifest, lock and plans.
    pub own_files: Vec<String>,
    /// What git says; `None` outside of a repository.
    pub git: Option<Repository>,
}

/// What is at a path of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// The manifest, and where its values came from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Initiated {
    /// The manifest.
    pub manifest: NewManifest,
    /// What was found, in the order of the manifest.
    pub found: Vec<Found>,
    /// Fields that no source has, and what to write there.
    pub missing: Vec<Missing>,
    /// Values of a source that are not in the manifest: the file, and the place in it with the
    /// value.
    pub unsupported: Vec<(String, UnsupportedValue)>,
    /// Files that could not be read, and why.
    pub unread: Vec<(String, String)>,
    /// Records on Zenodo that a source names as its own.
    pub records: Vec<(Place, Doi)>,
    /// Remarks on values for the reader.
    pub notes: Vec<String>,
}

/// Where a value is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, or `git`.
    pub file: String,
    /// The key in it; empty when the kind of file says it.
    pub key: String,
}

/// A value, and the values of other sources that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The manifest's key.
    pub name: String,
    /// The value, in short.
    pub value: String,
    /// Where it came from: more than one where values of several sources were put together.
    pub places: Vec<Place>,
    /// Other values, and where they are.
    pub others: Vec<(Place, String)>,
}

impl Found {
    /// Makes a value of one source, before others are compared with it.
    pub(in crate::interop) fn new(name: &str, value: String, place: Place) -> Self {
        Self { name: name.to_owned(), value, places: vec![place], others: Vec::new() }
    }
}

/// A field that no source has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The manifest's key.
    pub name: &'static str,
    /// What to write, and why.
    pub what: String,
}
