//! The receipts of a project: where they are, and what one of them says of the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::disk;
use crate::model::{FileKey, Md5, Recid, RecordId, Server, Sha256};

/// The largest receipt that is read. Bytes.
const MAX_SIZE: u64 = 16 * 1024 * 1024;

/// The receipts that a manifest's releases on one server have.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Receipts {
    pub(super) folder: PathBuf,
    server: (String, Option<String>),
}

impl Receipts {
    /// Returns those of a server below a manifest's folder.
    pub(in crate::engine) fn of(root: &Path, server: &Server) -> Self {
        let url = Some(server.url.clone()).filter(|url| !url.is_empty());
        Self { folder: root.join(".zrel").join("receipts"), server: (server.name.clone(), url) }
    }

    /// Returns the server's name, and its address; none for the local server.
    pub(super) fn server(&self) -> &(String, Option<String>) {
        &self.server
    }

    /// Returns the path of a version's receipt.
    pub(super) fn path(&self, id: RecordId) -> PathBuf {
        self.folder.join(format!("{}-{id}.json", self.server.0))
    }

    /// Returns MD5 and SHA-256 of the files of a version, as far as its receipt has both; empty for a
    /// receipt that is missing, can't be read, or is of another version.
    pub(in crate::engine) fn read_digests(&self, id: RecordId) -> BTreeMap<FileKey, (Md5, Sha256)> {
        let text = disk::read_text(&self.path(id), MAX_SIZE).ok();
        let receipt = text.and_then(|text| serde_json::from_str::<Json>(&text).ok());
        let is_its = |receipt: &Json| {
            Recid::from_json(&receipt["record"]) == Some(id.0)
                && receipt["server"]["name"].as_str() == Some(self.server.0.as_str())
                && receipt["server"]["url"].as_str() == self.server.1.as_deref()
        };
        let Some(receipt) = receipt.filter(is_its) else { return BTreeMap::new() };
        let entry = |file: &Json| {
            let md5 = Md5::parse(file["md5"].as_str()?).ok()?;
            let sha256 = Sha256::parse(file["sha256"].as_str()?).ok()?;
            Some((FileKey::from_server(file["file"].as_str()?), (md5, sha256)))
        };
        receipt["files"].as_array().into_iter().flatten().filter_map(entry).collect()
    }
}
