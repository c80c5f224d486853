//! Saved plans: the plan's document with the decisions that were made for it.

use std::path::Path;

use serde_json::{Value as Json, json};
use sha2::Digest as _;

use crate::disk;
use crate::model::{Finding, Sha256};
use crate::plan::{self, Plan};
use crate::render::json_text;

use super::args::Decisions;
use super::exit_code::ExitCode;
use super::failure::Failure;

/// A plan larger than this is no plan that zrel wrote. Bytes.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// A plan that was saved.
pub(super) struct Saved {
    /// The plan.
    pub(super) plan: Plan,
    /// The flags that it was made with.
    pub(super) decisions: Decisions,
    /// The whole document, with what the checks said when it was made.
    pub(super) document: Json,
}

impl Saved {
    /// Returns what was said of the manifest and its files when the plan was made, a line each:
    /// what the plan itself does not tell any more.
    pub(super) fn noted(&self, told: &[Finding]) -> Vec<String> {
        let findings = self.document["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_new = |finding: &&Json| {
            let is_same = |known: &Finding| finding["summary"] == known.summary.as_str();
            finding["severity"] != "error" && !told.iter().any(is_same)
        };
        let line = |finding: &Json| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            format!("{}[{}]: {}", text("severity"), text("code"), text("summary"))
        };
        findings.iter().filter(is_new).map(line).collect()
    }

    /// Returns what stood in the way when the plan was made, a line each with its hints.
    pub(super) fn blocked_by(&self) -> Vec<String> {
        if self.document["verdict"].as_str() == Some("ready") {
            return Vec::new();
        }
        let findings = self.document["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let errors = findings.iter().filter(|finding| finding["severity"] == "error");
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        errors
            .flat_map(|finding| {
                let head = format!("{}: {}", text(&finding["code"]), text(&finding["summary"]));
                let hints = finding["hints"].as_array().map(Vec::as_slice).unwrap_or_default();
                let hints = hints.iter().map(|hint| format!("  hint: {}", text(hint)));
                std::iter::once(head).chain(hints).collect::<Vec<_>>()
            })
            .collect()
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
pub(super) fn write(path: &Path, mut document: Json, decisions: &Decisions) -> Result<(), Failure> {
    document["decisions"] = decisions_json(decisions);
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

fn decisions_json(decisions: &Decisions) -> Json {
    let Decisions { no_publish, initial, same_title, adopt_draft, over, ask_again } = decisions;
    json!({
        "no_publish": no_publish,
        "initial": initial,
        "same_title": same_title,
        "adopt_draft": adopt_draft,
        "over": over,
        "ask_again": ask_again,
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
    let document: Json =
        serde_json::from_str(&text).map_err(|error| failed(format!("it is not JSON: {error}")))?;
    let plan = plan::from_json(&document).map_err(|error| failed(error.to_string()))?;
    let decisions = read_decisions(&document["decisions"])
        .ok_or_else(|| failed(plan::InvalidPlan::Part("decisions").to_string()))?;
    let mut rest = document.clone();
    let written = rest.as_object_mut().and_then(|rest| rest.shift_remove("checksum"));
    if written != Some(checksum(&rest).into()) {
        return Err(failed(
            "its checksum does not fit what is in it: it was changed by hand or damaged".to_owned(),
        ));
    }
    Ok(Saved { plan, decisions, document })
}

/// Sums up all of the document, also what the plan's digest does not cover: how it is shown.
fn checksum(document: &Json) -> String {
    format!("sha256:{}", Sha256(sha2::Sha256::digest(document.to_string()).into()))
}

/// Reads the decisions; none when one of them is missing or not understood.
fn read_decisions(flags: &Json) -> Option<Decisions> {
    let is_set = |name: &str| flags.get(name)?.as_bool();
    let id = |name: &str| {
        let id = flags.get(name)?;
        if id.is_null() { Some(None) } else { id.as_u64().map(Some) }
    };
    Some(Decisions {
        no_publish: is_set("no_publish")?,
        initial: is_set("initial")?,
        same_title: is_set("same_title")?,
        adopt_draft: id("adopt_draft")?,
        over: id("over")?,
        ask_again: is_set("ask_again")?,
    })
}
