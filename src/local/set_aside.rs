//! Damaged data: finding the damage, and setting the data aside without deleting anything.
//!
//! Deliberately absent: repair. The data are rehearsals, and whatever is worth keeping stays in the
//! folder that they are moved to.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};

use super::blobs;
use super::error::LocalError;
use super::instance_lock::DataFolder;
use super::state::types::{Content, Version};
use super::store;

/// What a data folder holds, every file of it checked.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Contents {
    /// Published versions.
    pub records: usize,
    /// Drafts, and edits of records.
    pub drafts: usize,
    /// Files of these, each counted once.
    pub files: usize,
    /// Files that are missing or differ from what was stored, described in words.
    pub damaged: Vec<String>,
}

/// What is moved, blobs first: a kill in between leaves rows without blobs, which the next call
/// moves, and never blobs without rows, which the next start would delete.
const MOVED: [&str; 2] = ["blobs", store::FILE];

/// Reads everything in a data folder and changes nothing.
///
/// # Errors
/// [`LocalError::Damaged`] when the state is damaged; [`LocalError::InUse`] while a server runs.
pub fn look_through(data: &Path) -> Result<Contents, LocalError> {
    // A check must not create the folder, which taking the lock would do.
    if !data.is_dir() {
        return Ok(Contents::default());
    }
    let _lock = take_ownership(data)?;
    let state = store::read_state(&data.join(store::FILE))?;
    let mut contents = Contents {
        records: state.records.values().count(),
        drafts: state.drafts.values().count(),
        ..Contents::default()
    };
    let drafts = state.drafts.values().map(|draft| &draft.version);
    let versions = drafts.chain(state.records.values().map(|record| &record.version));
    // A new version shares the bytes of the one before: a blob is hashed once, not once a version.
    let mut stored: BTreeMap<&str, (&Content, String)> = BTreeMap::new();
    for version in versions {
        for (key, content) in list_stored_contents(version) {
            let name = format!("`{key}` of {}", version.id);
            stored.entry(&content.id).or_insert((content, name));
        }
    }
    contents.files = stored.len();
    for (id, (content, name)) in stored {
        if let Err(why) = compare_blob(&data.join("blobs").join(id), content) {
            // One bad file does not hide the others: the report lists all of them.
            contents.damaged.push(format!("{name} {why}"));
        }
    }
    Ok(contents)
}

fn list_stored_contents(version: &Version) -> impl Iterator<Item = (&str, &Content)> {
    version.files.iter().filter_map(|file| Some((file.key.as_str(), file.stored()?)))
}

/// Compares a blob with what was stored; the error says what differs.
fn compare_blob(path: &Path, content: &Content) -> Result<(), String> {
    let unread = |error: io::Error| {
        let is_gone = error.kind() == io::ErrorKind::NotFound;
        if is_gone { "is missing".to_owned() } else { format!("can't be read: {error}") }
    };
    // The size is compared first: it tells most damage without reading gigabytes.
    let there = fs::symlink_metadata(path).map_err(unread)?;
    if !there.is_file() || there.len() != content.size_bytes {
        return Err(format!("has {} bytes instead of {}", there.len(), content.size_bytes));
    }
    let mut file = File::open(path).map_err(unread)?;
    let (mut digest, mut buffer) = (Md5::new(), vec![0; 256 * 1024]);
    loop {
        match file.read(&mut buffer).map_err(unread)? {
            0 => break,
            n => digest.update(&buffer[..n]),
        }
    }
    if blobs::encode_hex(&digest.finalize()) == content.md5 {
        Ok(())
    } else {
        Err("does not match its checksum".to_owned())
    }
}

/// Moves what a data folder holds into a new folder beside it, named with `stamp`, so that the next
/// server starts empty. Returns that folder, or `None` when there was nothing to move.
///
/// # Errors
/// [`LocalError::InUse`] while a server runs; [`LocalError::Folder`] when a file can't be moved.
pub fn set_aside(data: &Path, stamp: &str) -> Result<Option<PathBuf>, LocalError> {
    if !data.is_dir() {
        return Ok(None);
    }
    // The lock files stay behind, so a server that starts meanwhile still finds this lock taken.
    let _lock = take_ownership(data)?;
    let is_there = |name: &&str| fs::symlink_metadata(data.join(name)).is_ok();
    let moved: Vec<&str> = MOVED.into_iter().filter(is_there).collect();
    // Setting aside twice must not leave an empty folder beside the first one.
    if moved.is_empty() {
        return Ok(None);
    }
    let aside = create_new_folder(data, stamp)?;
    for name in moved {
        let (from, to) = (data.join(name), aside.join(name));
        let failed = |source| LocalError::Folder { action: "move", path: from.clone(), source };
        fs::rename(&from, to).map_err(failed)?;
    }
    Ok(Some(aside))
}

/// Creates a folder that did not exist: `local-2026-11-28T14-30-00Z`.
fn create_new_folder(data: &Path, stamp: &str) -> Result<PathBuf, LocalError> {
    let name = data.file_name().unwrap_or_default().to_string_lossy();
    let mut path = data.with_file_name(format!("{name}-{stamp}"));
    for n in 2.. {
        match fs::create_dir(&path) {
            Ok(()) => break,
            // Data that were set aside earlier in the same second are not mixed with these.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                path = data.with_file_name(format!("{name}-{stamp}-{n}"));
            }
            Err(source) => return Err(LocalError::Folder { action: "create", path, source }),
        }
    }
    Ok(path)
}

fn take_ownership(data: &Path) -> Result<File, LocalError> {
    let lock = DataFolder::open(data)?.try_own()?;
    lock.ok_or_else(|| LocalError::InUse { path: data.to_owned() })
}
