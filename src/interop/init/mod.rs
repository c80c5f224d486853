//! From what a repository has to say of itself to values for a manifest, each with its source.
//!
//! Of two sources that disagree, the first in the order of [`file_names`] wins, and the other is
//! told. Nothing is invented: what no source has is named, and stays open. Deliberately absent:
//! reading files, and asking anybody.

mod files;
mod manifest;
mod sources;
mod types;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use crate::interop::formats::git::Repository;
pub use types::{Found, Initiated, Kind, Missing, Place, Surroundings};

use crate::interop::formats::{Reader, readers};
use manifest::fill_manifest;
use sources::{Sources, add_file, add_git, complete_people};

/// Returns the names of the files that are read, the one that wins first.
pub fn file_names() -> impl Iterator<Item = &'static str> {
    readers().map(|reader| reader.file)
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
    for Reader { file, read } in readers() {
        let Some(text) = texts.get(*file) else { continue };
        match read(text) {
            Ok(metadata) => {
                add_file(metadata.keep_manifest_values(today), file, &mut sources, &mut out);
            }
            Err(why) => out.unread.push(((*file).to_owned(), why)),
        }
    }
    if let Some(repository) = &surroundings.git {
        add_git(repository, &mut sources);
    }
    complete_people(&mut sources);
    fill_manifest(&sources, surroundings, kind, &mut out);
    out.unsupported.sort();
    out.unsupported.dedup();
    out
}
