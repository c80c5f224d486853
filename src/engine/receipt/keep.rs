//! Makes the receipt of a release from what was published and from the local files, and keeps it
//! in `.zrel/receipts`.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::compare::hash_text;
use crate::disk;
use crate::engine::notice::Notice;
use crate::engine::project::Project;
use crate::inventory;
use crate::model::{Field, FileKey, LocalFile, RecordId, RemoteFile, Sha256};
use crate::observed::Record;
use crate::render::write_json_text;

use super::document::{Receipt, ReceiptFile};
use super::folder::Receipts;

/// What was published, and by which plan.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Released<'a> {
    /// The version.
    pub(in crate::engine) record: Record,
    /// The version that it follows; none for the first one.
    pub(in crate::engine) previous: Option<RecordId>,
    /// The digest of the plan that was applied; none where nothing but the lock is left of its run.
    pub(in crate::engine) plan_digest: Option<Sha256>,
    /// When the run that published it began; none where this one only recorded it. The manifest and
    /// the commit of that run are not known then.
    pub(in crate::engine) begun: Option<Timestamp>,
    /// The local files, as they were hashed for the plan.
    pub(in crate::engine) files: &'a [LocalFile],
    /// What [`hash_published`] returns of them.
    pub(in crate::engine) sha256: BTreeMap<FileKey, Sha256>,
}

/// Returns the SHA-256 of each published file whose bytes are on the disk: reads the local files once
/// more, and takes only those that still have the MD5 of the published one.
pub(in crate::engine) fn hash_published(
    local: &[LocalFile],
    published: &[RemoteFile],
) -> BTreeMap<FileKey, Sha256> {
    let hash = |file: &RemoteFile| {
        let own = local.iter().find(|own| own.key == file.key)?;
        let (md5, sha256) = inventory::compute_digests(own).ok()?;
        (Some(md5) == file.md5).then(|| (file.key.clone(), sha256))
    };
    published.iter().filter_map(hash).collect()
}

/// Writes the receipt of a release; returns a notice where it can't.
pub(in crate::engine) fn keep_receipt(
    project: &Project,
    released: &Released<'_>,
) -> Option<Notice> {
    let receipt = make_receipt(project, released);
    let path = Receipts::of(&project.paths.root, &project.server).path(receipt.record);
    let why = match write_receipt(project, &path, &receipt) {
        Ok(()) => return None,
        Err(error) => error.to_string(),
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // What was published is published, and the lock has it: nothing here is a failure.
    tracing::warn!(target: "engine", "can't write the receipt {name}: {why}");
    Some(Notice::NoReceipt { name, why })
}

/// Makes the folder of the receipts before a version is published: it shows later that releases are
/// made here. Without it, the release is made all the same.
pub(in crate::engine) fn prepare_folder(project: &Project) {
    let folder = Receipts::of(&project.paths.root, &project.server).folder;
    if let Err(error) = project.zrel_dir().map(|_| disk::make_folder(&folder)) {
        tracing::warn!(target: "engine", "can't make the folder of the receipts: {error}");
    }
}

/// Returns whether releases are made here, and this version has no receipt.
pub(in crate::engine) fn is_receipt_missing(project: &Project, id: RecordId) -> bool {
    let receipts = Receipts::of(&project.paths.root, &project.server);
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    receipts.folder.is_dir() && !is_there(&receipts.path(id))
}

fn write_receipt(project: &Project, path: &Path, receipt: &Receipt) -> io::Result<()> {
    let zrel_dir = project.zrel_dir().map_err(|error| io::Error::other(error.to_string()))?;
    disk::make_folder(path.parent().unwrap_or(&zrel_dir))?;
    disk::write_atomically(path, write_json_text(&receipt.encode()).as_bytes())
}

fn make_receipt(project: &Project, released: &Released<'_>) -> Receipt {
    let Released { record, previous, plan_digest, begun, files: local, sha256 } = released;
    let text = |field| record.metadata.text(field).map(str::to_owned);
    let mut files: Vec<ReceiptFile> =
        record.files.iter().map(|file| describe_file(file, local, sha256)).collect();
    files.sort_by(|a, b| a.key.cmp(&b.key));
    Receipt {
        manifest: project.paths.name.clone(),
        is_afterwards: begun.is_none(),
        // Another run may read another manifest and another commit than those that were published.
        manifest_sha256: begun.map(|_| hash_text(&project.text)),
        commit: begun.and_then(|_| inventory::read_commit(&project.root)),
        server: Receipts::of(&project.paths.root, &project.server).server().clone(),
        record: record.id,
        concept: record.concept,
        doi: record.doi.clone(),
        concept_doi: record.concept_doi.clone(),
        title: text(Field::Title).unwrap_or_default(),
        version: text(Field::Version),
        publication_date: text(Field::PublicationDate),
        previous: *previous,
        plan_digest: *plan_digest,
        begun: begun.map(|time| time.to_string()),
        recorded: project.clock.now().to_string(),
        files,
    }
}

fn describe_file(
    file: &RemoteFile,
    local: &[LocalFile],
    sha256: &BTreeMap<FileKey, Sha256>,
) -> ReceiptFile {
    let own = local.iter().find(|own| own.key == file.key);
    ReceiptFile {
        key: file.key.clone(),
        path: own.map(|own| own.shown.clone()),
        size: file.size,
        md5: file.md5,
        sha256: sha256.get(&file.key).copied(),
    }
}
