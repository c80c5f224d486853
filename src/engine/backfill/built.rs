//! What a command made of the files of a tag: kept below `.zrel`, with the digest of each file.
//! Deliberately absent: running the command.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256 as Hasher};

use crate::disk::{open_regular, read_text, write_atomically};
use crate::engine::{EngineError, Project, ProjectOptions};
use crate::inventory::{self, Extent, PastFiles, ReadError, check_out, lay_over};
use crate::model::{Finding, Sha256};

use super::codes;
use super::load::{load_past, make_own_folder, prepare_folder};
use super::releases::PastRelease;

/// The file that says what was built.
const LIST: &str = "built.json";

/// The folder with all that was built, below zrel's own.
const BUILT: &str = "built";

/// The folder with what was built.
const FILES: &str = "files";

/// The largest list of files that is read.
const MAX_LIST: u64 = 1 << 24;

/// A folder in which a command makes what a release has.
#[derive(Debug)]
pub struct BuildPlace {
    /// The folder of the manifest in it.
    pub folder: PathBuf,
    files: PastFiles,
}

/// Writes all files of a tag into a new folder below `temporary`, outside of the project: a build
/// must find nothing of the present checkout.
///
/// # Errors
/// [`EngineError::Invalid`] when they can't be written.
pub fn open_build_place(
    now: &Project,
    release: &PastRelease,
    temporary: &Path,
) -> Result<BuildPlace, EngineError> {
    inventory::remove_leftovers(temporary);
    let files = check_out(&now.paths.root, &release.tag, temporary, Extent::Whole)
        .map_err(|finding| now.invalid(vec![finding]))?;
    Ok(BuildPlace { folder: files.root.clone(), files })
}

/// Reports missing releases for which nothing was built although something was for others: the files of those
/// would be missing.
pub fn find_unbuilt(now: &Project, all: &[PastRelease], missing: &[&PastRelease]) -> Vec<Finding> {
    let is_there =
        |release: &PastRelease| name_place(now, release).join(LIST).symlink_metadata().is_ok();
    if !all.iter().any(is_there) {
        return Vec::new();
    }
    let unbuilt = missing.iter().filter(|release| !is_there(release));
    unbuilt
        .map(|release| {
            let tag = &release.tag.name;
            Finding::error(codes::BUILT, format!("nothing was built for `{tag}`"))
                .because("other tags were built; this release would lack the built files")
                .hint(format!(
                    "build it with `zrel backfill build`, or leave it out with `--skip {tag}`"
                ))
        })
        .collect()
}

/// Returns whether something is kept for a release, and for the commit that its tag is on now.
pub fn has_built(now: &Project, release: &PastRelease) -> bool {
    let list = read_list(&name_place(now, release));
    list.is_ok_and(|list| list["commit"] == release.tag.commit)
}

fn read_list(place: &Path) -> Result<Json, String> {
    let text = read_text(&place.join(LIST), MAX_LIST).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// Removes what was built for a release: one that is built again must not be taken for the new one.
///
/// # Errors
/// [`EngineError::Folder`] when it can't be removed.
pub fn remove_built(now: &Project, release: &PastRelease) -> Result<(), EngineError> {
    prepare_built(now)?;
    let path = name_place(now, release);
    match fs::remove_dir_all(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(EngineError::Folder(ReadError::Unwritable { path, source }))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Returns the files of an open release that the manifest names and that git does not track, relative
/// to its folder.
///
/// # Errors
/// [`EngineError::Invalid`] for a file that is missing.
pub(super) fn list_built(project: &Project, beside: &Path) -> Result<Vec<String>, EngineError> {
    let options = inventory::Options::new(project.root.clone(), beside.to_owned());
    inventory::list_built_files(&project.manifest, &options)
        .map_err(|findings| project.invalid(findings))
}

/// Keeps what a command made for a release: the files that the manifest names and that git does not
/// track. Returns their paths.
///
/// # Errors
/// [`EngineError::Invalid`] for a manifest with faults and a file that is missing, and
/// [`EngineError::Folder`] when they can't be kept.
pub fn keep_built(
    now: &Project,
    options: &ProjectOptions,
    release: &PastRelease,
    (place, own_manifest): (&BuildPlace, bool),
) -> Result<Vec<String>, EngineError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| EngineError::Folder(ReadError::Unwritable { path, source })
    };
    let beside = place.files.make_beside().map_err(failed(&place.folder))?;
    let project = load_past(now, options, release, (&place.files, own_manifest))?;
    let paths = list_built(&project, &beside)?;
    remove_built(now, release)?;
    let target = name_place(now, release);
    let mut digests = BTreeMap::new();
    for path in &paths {
        let (from, to) = (place.folder.join(path), target.join(FILES).join(path));
        copy(&from, &to).map_err(failed(&to))?;
        digests.insert(path.clone(), compute_sha256(&to).map_err(failed(&to))?.to_string());
    }
    fs::create_dir_all(target.join(FILES)).map_err(failed(&target))?;
    // The list comes last: without it nothing was built.
    let list = json!({ "format_version": "1.0", "commit": release.tag.commit, "files": digests });
    let path = target.join(LIST);
    write_atomically(&path, list.to_string().as_bytes()).map_err(failed(&path))?;
    Ok(paths)
}

/// Lays what was built for a release over its files, if something was; returns the paths.
///
/// # Errors
/// A finding for files that are not as they were built.
pub(super) fn lay_built_over(
    now: &Project,
    release: &PastRelease,
    root: &Path,
) -> Result<Vec<String>, Finding> {
    let place = name_place(now, release);
    let is_link = |folder: &&Path| fs::symlink_metadata(folder).is_ok_and(|it| it.is_symlink());
    // A repository may bring links below zrel's own folder.
    let own = place.ancestors().take_while(|folder| *folder != now.paths.root);
    if let Some(link) = own.into_iter().find(is_link) {
        let summary = format!("`{}` is a link", link.display());
        return Err(Finding::error(codes::BUILT, summary).hint("remove it"));
    }
    if place.join(LIST).symlink_metadata().is_err() {
        return Ok(Vec::new());
    }
    check_built(now, &place, release).map_err(|why| {
        let summary = format!("what was built for `{}` can't be used", release.tag.name);
        Finding::error(codes::BUILT, summary)
            .because(why)
            .hint("build it again: the same `zrel backfill build`, with --rebuild")
    })?;
    lay_over(&place.join(FILES), root)
}

/// Checks that what was built is as it was built, and for the commit that the tag is on now.
fn check_built(now: &Project, place: &Path, release: &PastRelease) -> Result<(), String> {
    // A repository could bring files that look as if they were built here.
    if inventory::is_tracked_below(&now.paths.root, &below_root()) {
        return Err("it is in the git repository, and was not built here".to_owned());
    }
    let list = read_list(place)?;
    if list["commit"] != release.tag.commit {
        return Err(format!("it was built from another commit than {}", release.tag.commit));
    }
    let listed = list["files"].as_object().ok_or("its list is damaged")?;
    let mut found = BTreeMap::new();
    list_files(&place.join(FILES), "", &mut found).map_err(|error| error.to_string())?;
    for (path, digest) in &found {
        if listed.get(path).and_then(Json::as_str) != Some(digest.as_str()) {
            return Err(format!("`{path}` was changed since"));
        }
    }
    match listed.keys().find(|path| !found.contains_key(*path)) {
        Some(gone) => Err(format!("`{gone}` is gone")),
        None => Ok(()),
    }
}

/// Finds the files below a folder, with the digest of each.
fn list_files(folder: &Path, below: &str, found: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type()?.is_dir() {
            list_files(&entry.path(), &path, found)?;
        } else {
            found.insert(path, compute_sha256(&entry.path())?.to_string());
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).map(|_| ())
}

fn compute_sha256(path: &Path) -> io::Result<Sha256> {
    let (file, _) = open_regular(path)?;
    let (mut file, mut hasher) = (BufReader::with_capacity(1 << 20, file), Hasher::new());
    loop {
        let chunk = file.fill_buf()?;
        if chunk.is_empty() {
            return Ok(Sha256(hasher.finalize().into()));
        }
        hasher.update(chunk);
        let read = chunk.len();
        file.consume(read);
    }
}

/// Returns where what was built for a release is kept.
fn name_place(now: &Project, release: &PastRelease) -> PathBuf {
    let tag = encode_name(&release.tag.name);
    now.paths.root.join(below_root()).join(&now.paths.name).join(tag)
}

/// The folder with all that was built, relative to that of the manifest.
fn below_root() -> String {
    format!(".zrel/backfill/{BUILT}")
}

/// Makes the folder above those of the tags. Each folder in its path is one: a link, which a
/// repository may bring, would lead to elsewhere.
fn prepare_built(now: &Project) -> Result<(), EngineError> {
    let folder = make_own_folder(&prepare_folder(now)?.join(BUILT))?;
    make_own_folder(&folder.join(&now.paths.name))?;
    Ok(())
}

/// Returns the name of a tag as that of a folder: a tag may have slashes.
fn encode_name(tag: &str) -> String {
    let mut name = String::new();
    for byte in tag.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_')
            || byte == b'.' && !name.is_empty()
        {
            name.push(byte.into());
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
    name
}
