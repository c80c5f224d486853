//! Saved plans: the plan's document with a checksum.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use sha2::Digest as _;

use crate::check::Checked;
use crate::disk;
use crate::model::Sha256;
use crate::plan::{InvalidPlan, Plan, parse_json};
use crate::render::{
    ReadSet, Review, ReviewedMember, SetEntry, SetReview, Unplanned, read_plan_json, read_set_json,
    write_json_text,
};

/// A larger file is not a plan that zrel wrote. Bytes.
const MAX_SIZE: u64 = 256 * 1024 * 1024;

/// Why a plan can't be saved, or a saved one can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// The file exists, and is something else.
    #[error("`{}` exists, and is not a plan of zrel's", .0.display())]
    Occupied(PathBuf),
    /// The file can't be written.
    #[error("can't write the plan `{}`", .path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file can't be read, or is not a plan that this zrel understands.
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
    #[error("it is not a plan that zrel wrote: {0}")]
    Foreign(serde_json::Error),
    /// It does not describe a plan, or contradicts itself.
    #[error("{0}")]
    Plan(InvalidPlan),
    /// It is the document of `--format json` or `--json-into`.
    #[error("it is the document of a plan, for programs, and not a saved plan")]
    Unsaved,
    /// It has the plans of a workspace, where that of one record is needed.
    #[error("it has the plans of a workspace, and not that of one record")]
    Workspace,
    /// It was changed by hand or damaged.
    #[error("its checksum does not match its content: it was changed by hand or damaged")]
    Checksum,
}

/// A plan that was saved.
#[derive(Debug)]
pub struct Saved {
    /// The plan, with its findings.
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

/// The plans of a workspace that were saved.
#[derive(Debug)]
pub struct SavedSet {
    /// The members, sorted by key.
    pub members: Vec<SavedMember>,
    /// The digest of all plans; none while a member has no plan.
    pub digest: Option<Sha256>,
    /// The whole document.
    pub document: Json,
}

/// A member, and its plan, or why it has none.
#[derive(Debug)]
pub struct SavedMember {
    /// Its key.
    pub key: String,
    /// Its plan.
    pub plan: Result<Saved, Json>,
}

impl SavedSet {
    fn new((members, digest): ReadSet, document: Json) -> Self {
        let member = |(entry, checked): (SetEntry, Option<Checked>)| {
            let plan = match (entry.plan, checked) {
                (Ok(document), Some(checked)) => Ok(Saved { checked, document }),
                (Ok(error) | Err(error), _) => Err(error),
            };
            SavedMember { key: entry.key, plan }
        };
        Self { members: members.into_iter().map(member).collect(), digest, document }
    }

    /// Returns the root's manifest, as the user named it.
    pub fn workspace(&self) -> &str {
        self.document["workspace"].as_str().unwrap_or_default()
    }

    /// Returns the plans without what their digests do not cover.
    #[must_use]
    pub fn without_renames(mut self) -> Self {
        for saved in self.members.iter_mut().filter_map(|member| member.plan.as_mut().ok()) {
            saved.checked = saved.checked.clone().without_renames();
        }
        self
    }

    /// Returns what a reviewer is shown.
    pub fn review<'a>(&'a self) -> SetReview<'a> {
        let member = |SavedMember { key, plan }: &'a SavedMember| {
            let review = match plan {
                Ok(saved) => Ok(Review::new(saved.plan(), &saved.document)),
                Err(why) => Err(Unplanned::of(why)),
            };
            ReviewedMember { key, review }
        };
        SetReview {
            workspace: self.workspace(),
            members: self.members.iter().map(member).collect(),
            digest: self.digest,
            is_whole: self.document["all_members"] == true,
        }
    }

    /// Returns the plans, without the members that have none.
    pub fn plans(&self) -> impl Iterator<Item = &Saved> {
        self.members.iter().filter_map(|member| member.plan.as_ref().ok())
    }
}

/// What a file has.
#[derive(Debug)]
pub enum SavedFile {
    /// The plan of one record.
    One(Box<Saved>),
    /// The plans of a workspace.
    Set(SavedSet),
}

/// Refuses to overwrite a file that is not zrel's document, such as a manifest, data or the lock.
///
/// # Errors
/// A [`SavedPlanError`] that names the file.
pub fn check_writable(path: &Path) -> Result<(), SavedPlanError> {
    // A path that is not a file is refused when it is written.
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
        && (document["digest"].is_string()
            || document["record"].is_object()
            || document["members"].is_array())
}

/// Saves a plan, given as its document.
///
/// # Errors
/// A [`SavedPlanError`] when the file can't be written.
pub fn write_plan(path: &Path, mut document: Json) -> Result<(), SavedPlanError> {
    document["checksum"] = compute_plan_checksum(&document).into();
    write_document(path, &document)
}

/// Writes the document of a plan or a record, and overwrites only another such document.
///
/// # Errors
/// A [`SavedPlanError`] when the file is something else, or can't be written.
pub fn write_document(path: &Path, document: &Json) -> Result<(), SavedPlanError> {
    check_writable(path)?;
    let text = write_json_text(document);
    let written = if text.len() as u64 > MAX_SIZE {
        Err(io::Error::other("it is too large to be read again: plan fewer members at once"))
    } else {
        disk::write_atomically(path, text.as_bytes())
    };
    written.map_err(|source| SavedPlanError::Unwritten { path: path.to_owned(), source })
}

/// Reads a saved plan, of one record or of a workspace.
///
/// # Errors
/// A [`SavedPlanError`] when it can't be read, or is not a plan that this zrel understands.
pub fn read_saved(path: &Path) -> Result<SavedFile, SavedPlanError> {
    let unusable = |source| SavedPlanError::Unusable { path: path.to_owned(), source };
    let document = read_document(path).map_err(unusable)?;
    // Before the checksum: this error names the place, and a checksum only says that there is one.
    let saved = if document["members"].is_array() {
        read_set_json(&document).map(|read| SavedFile::Set(SavedSet::new(read, document.clone())))
    } else {
        read_plan_json(&document)
            .map(|checked| SavedFile::One(Box::new(Saved { checked, document: document.clone() })))
    };
    let saved = saved.map_err(|error| unusable(PlanFault::Plan(error)))?;
    check_checksum(document).map_err(unusable)?;
    Ok(saved)
}

/// Reads the saved plan of one record.
///
/// # Errors
/// A [`SavedPlanError`] when it can't be read, is not a plan that this zrel understands, or has the
/// plans of a workspace.
pub fn read_plan(path: &Path) -> Result<Saved, SavedPlanError> {
    match read_saved(path)? {
        SavedFile::One(saved) => Ok(*saved),
        SavedFile::Set(_) => {
            Err(SavedPlanError::Unusable { path: path.to_owned(), source: PlanFault::Workspace })
        }
    }
}

fn read_document(path: &Path) -> Result<Json, PlanFault> {
    let text = disk::read_text(path, MAX_SIZE).map_err(PlanFault::Unread)?;
    parse_json(&text).map_err(|error| {
        if error.is_data() { PlanFault::Foreign(error) } else { PlanFault::Json(error) }
    })
}

fn check_checksum(mut document: Json) -> Result<(), PlanFault> {
    // The checksum was made over the document before it was added.
    let written = document.as_object_mut().and_then(|rest| rest.shift_remove("checksum"));
    if written.is_none() {
        return Err(PlanFault::Unsaved);
    }
    if written != Some(compute_plan_checksum(&document).into()) {
        return Err(PlanFault::Checksum);
    }
    Ok(())
}

/// Returns the checksum of a document. It finds damage and careless edits, and proves nothing.
fn compute_plan_checksum(document: &Json) -> String {
    format!("sha256:{}", Sha256(sha2::Sha256::digest(document.to_string()).into()))
}
