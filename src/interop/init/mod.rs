//! Collects values for a manifest from the files of a repository, each with its source.
//!
//! Of two sources that disagree, the first in the order of [`list_file_names`] wins, and the other is
//! reported. Nothing is invented: fields that no source has are listed and stay open. Deliberately
//! absent: reading files, and asking anyone.

mod files;
mod manifest;
mod sources;
mod types;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use crate::interop::formats::git::Repository;
pub use types::{Found, Initiated, Kind, Missing, Place, Surroundings};

use crate::interop::formats::{Reader, list_readers};
use manifest::fill_manifest;
use sources::{Sources, add_file, add_git, complete_people};

/// Returns the names of the files that are read, in the order of who wins.
pub fn list_file_names() -> impl Iterator<Item = &'static str> {
    list_readers().map(|reader| reader.file)
}

/// Makes a manifest from the texts of files, by their names, and reports where each value came
/// from. `kind` returns what is at a path of the folder.
pub fn init(
    texts: &BTreeMap<String, String>,
    surroundings: &Surroundings,
    kind: &dyn Fn(&str) -> Option<Kind>,
    today: Date,
) -> Initiated {
    let mut out = Initiated::default();
    let mut sources = Sources::default();
    // The order of the readers decides which file wins.
    for Reader { file, read } in list_readers() {
        let Some(text) = texts.get(*file) else { continue };
        match read(text) {
            Ok(metadata) => {
                add_file(metadata.keep_manifest_values(today), file, &mut sources, &mut out);
            }
            // One unreadable file must not hide what the others have.
            Err(why) => out.unread.push(((*file).to_owned(), why)),
        }
    }
    // git comes after the files: the remote may be a fork of the repository that they name.
    if let Some(repository) = &surroundings.git {
        add_git(repository, &mut sources);
    }
    // People are completed once all sources are known.
    complete_people(&mut sources);
    fill_manifest(&sources, surroundings, kind, &mut out);
    out.unsupported.sort();
    out.unsupported.dedup();
    out
}
