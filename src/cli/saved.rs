//! Saved plans: the plan's document with a checksum.

use std::path::{Component, Path};

use serde_json::Value as Json;
use sha2::Digest as _;

use crate::check::Checked;
use crate::disk;
use crate::inventory;
use crate::model::Sha256;
use crate::plan::{Plan, parse_json};
use crate::render::{json_text, quote_word, read_plan_json};

use super::exit_code::ExitCode;
use super::failure::Failure;
use super::project::Project;

/// A plan larger than this is no plan that zrel wrote. Bytes.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// A plan that was saved.
pub(super) struct Saved {
    /// The plan, with what the checks say of it.
    pub(super) checked: Checked,
    /// The whole document.
    pub(super) document: Json,
}

impl Saved {
    /// Returns the plan.
    pub(super) fn plan(&self) -> &Plan {
        self.checked.plan()
    }
}

/// Refuses to write over a file that is no document of zrel's: a manifest, data, the lock.
///
/// # Errors
/// A [`Failure`] that names the file.
pub(super) fn may_be_written(path: &Path) -> Result<(), Failure> {
    // What is no file is refused where it is written.
    let has_content = std::fs::symlink_metadata(path).is_ok_and(|f| f.is_file() && f.len() > 0);
    if !has_content || is_document(path) {
        return Ok(());
    }
    let message = format!("`{}` is there, and is no plan of zrel's", path.display());
    Err(Failure::new(ExitCode::Usage, message)
        .hint("give the plan another name, or remove what is there"))
}

/// Refuses to write a document where the manifest's record would take it in: the plan would be stale
/// at once, and be published. `flag` is the one that names the file.
///
/// # Errors
/// A [`Failure`] that names the entry.
pub(super) fn must_stay_unpublished(
    project: &Project,
    flag: &str,
    path: &Path,
) -> Result<(), Failure> {
    let Some(taker) = inventory::taker(&project.manifest, &project.root, path) else {
        return Ok(());
    };
    let message = format!("`{}` would be published with {}", path.display(), taker.entry);
    let name = path.file_name().map_or(path, Path::new);
    let above = match project.root.components().next_back() {
        Some(Component::Normal(_)) => project.root.parent().map(Path::to_owned),
        _ => None,
    };
    let above = above.unwrap_or_else(|| project.root.join("..").components().collect());
    let above = above.strip_prefix(".").unwrap_or(&above).join(name);
    Err(Failure::new(ExitCode::Usage, message)
        .hint(format!("write it elsewhere: {flag} {}", quote_word(&above.to_string_lossy())))
        .hint(format!("or leave it out: exclude = [{}]", quoted(&taker.exclude))))
}

/// Writes a text as the manifest has it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn is_document(path: &Path) -> bool {
    let read = disk::open_regular(path).and_then(|(file, _)| disk::read_at_most(file, MAX_SIZE));
    let Ok(Some(bytes)) = read else { return false };
    let document: Json = serde_json::from_slice(&bytes).unwrap_or_default();
    !document["format_version"].is_null()
        && (document["digest"].is_string() || document["record"].is_object())
}

/// Saves a plan, given as its document.
///
/// # Errors
/// A [`Failure`] when the file can't be written.
pub(super) fn write(path: &Path, mut document: Json) -> Result<(), Failure> {
    document["checksum"] = checksum(&document).into();
    write_document(path, &document)
}

/// Writes a document of a plan or a record, over nothing but another.
///
/// # Errors
/// A [`Failure`] when the file is another's, or can't be written.
pub(super) fn write_document(path: &Path, document: &Json) -> Result<(), Failure> {
    may_be_written(path)?;
    disk::write_atomically(path, json_text(document).as_bytes()).map_err(|error| {
        let mut failure =
            Failure::new(ExitCode::Failed, format!("can't write the plan `{}`", path.display()));
        failure.causes.push(error.to_string());
        failure.hint("nothing was sent; see whether the folder is there, may be written to, and its disk has room")
    })
}

/// Reads a saved plan.
///
/// # Errors
/// A [`Failure`] when it can't be read, or is no plan that this zrel understands.
pub(super) fn read(path: &Path) -> Result<Saved, Failure> {
    let message = format!("can't use the plan `{}`", path.display());
    let failed = |cause: String| {
        let mut failure = Failure::new(ExitCode::Invalid, message.clone());
        failure.causes.push(cause);
        failure.hint(format!("save a plan there with `zrel plan --out {}`", path.display()))
    };
    let text = disk::read_text(path, MAX_SIZE).map_err(|error| failed(error.to_string()))?;
    let document = parse_json(&text).map_err(|error| {
        let what = if error.is_data() { "it is no plan that zrel wrote" } else { "it is not JSON" };
        failed(format!("{what}: {error}"))
    })?;
    let checked = read_plan_json(&document).map_err(|error| failed(error.to_string()))?;
    let mut rest = document.clone();
    let written = rest.as_object_mut().and_then(|rest| rest.shift_remove("checksum"));
    if written != Some(checksum(&rest).into()) {
        return Err(failed(
            "its checksum does not fit what is in it: it was changed by hand or damaged".to_owned(),
        ));
    }
    Ok(Saved { checked, document })
}

/// Sums up all of the document: tells damage apart from a change by hand, and proves nothing.
fn checksum(document: &Json) -> String {
    format!("sha256:{}", Sha256(sha2::Sha256::digest(document.to_string()).into()))
}
