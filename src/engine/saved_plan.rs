//! Saved plans: the plan's document with a checksum.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use sha2::Digest as _;

use crate::check::Checked;
use crate::disk;
use crate::model::Sha256;
use crate::plan::{InvalidPlan, Plan, parse_json};
use crate::render::{json_text, read_plan_json};

/// A plan larger than this is no plan that zrel wrote. Bytes.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// Why a plan can't be saved, or a saved one can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// The file is there, and is something else.
    #[error("`{}` is there, and is no plan of zrel's", .0.display())]
    Occupied(PathBuf),
    /// The file can't be written.
    #[error("can't write the plan `{}`", .path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file can't be read, or is no plan that this zrel understands.
    #[error("can't use the plan `{}`", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: PlanFault,
    },
}

/// What is wrong with a saved plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFault {
    /// It can't be read.
    #[error("{0}")]
    Unread(io::Error),
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(serde_json::Error),
    /// It is JSON that zrel does not write.
    #[error("it is no plan that zrel wrote: {0}")]
    Foreign(serde_json::Error),
    /// It does not say a plan, or contradicts itself.
    #[error("{0}")]
    Plan(InvalidPlan),
    /// It was changed by hand or damaged.
    #[error("its checksum does not fit what is in it: it was changed by hand or damaged")]
    Checksum,
}

/// A plan that was saved.
#[derive(Debug)]
pub struct Saved {
    /// The plan, with what the checks say of it.
    pub checked: Checked,
    /// The whole document.
    pub document: Json,
}

impl Saved {
    /// Returns the plan.
    pub fn plan(&self) -> &Plan {
        self.checked.plan()
    }
}

/// Refuses to write over a file that is no document of zrel's: a manifest, data, the lock.
///
/// # Errors
/// A [`SavedPlanError`] that names the file.
pub fn check_writable(path: &Path) -> Result<(), SavedPlanError> {
    // What is no file is refused where it is written.
    let has_content = std::fs::symlink_metadata(path).is_ok_and(|f| f.is_file() && f.len() > 0);
    if !has_content || is_document(path) {
        return Ok(());
    }
    Err(SavedPlanError::Occupied(path.to_owned()))
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
/// A [`SavedPlanError`] when the file can't be written.
pub fn write_plan(path: &Path, mut document: Json) -> Result<(), SavedPlanError> {
    document["checksum"] = checksum(&document).into();
    write_document(path, &document)
}

/// Writes a document of a plan or a record, over nothing but another.
///
/// # Errors
/// A [`SavedPlanError`] when the file is another's, or can't be written.
pub fn write_document(path: &Path, document: &Json) -> Result<(), SavedPlanError> {
    check_writable(path)?;
    disk::write_atomically(path, json_text(document).as_bytes())
        .map_err(|source| SavedPlanError::Unwritten { path: path.to_owned(), source })
}

/// Reads a saved plan.
///
/// # Errors
/// A [`SavedPlanError`] when it can't be read, or is no plan that this zrel understands.
pub fn read_plan(path: &Path) -> Result<Saved, SavedPlanError> {
    let failed = |source| SavedPlanError::Unusable { path: path.to_owned(), source };
    let text = disk::read_text(path, MAX_SIZE).map_err(|error| failed(PlanFault::Unread(error)))?;
    let document = parse_json(&text).map_err(|error| {
        failed(if error.is_data() { PlanFault::Foreign(error) } else { PlanFault::Json(error) })
    })?;
    let checked = read_plan_json(&document).map_err(|error| failed(PlanFault::Plan(error)))?;
    let mut rest = document.clone();
    let written = rest.as_object_mut().and_then(|rest| rest.shift_remove("checksum"));
    if written != Some(checksum(&rest).into()) {
        return Err(failed(PlanFault::Checksum));
    }
    Ok(Saved { checked, document })
}

/// Sums up all of the document: tells damage apart from a change by hand, and proves nothing.
fn checksum(document: &Json) -> String {
    format!("sha256:{}", Sha256(sha2::Sha256::digest(document.to_string()).into()))
}
