//! A receipt as a document; `schema/receipt.schema.json` describes it.

use serde_json::{Value as Json, json};

use crate::model::{ConceptId, Doi, FileKey, Md5, RecordId, Sha256};

/// The JSON schema of a receipt.
pub const RECEIPT_SCHEMA: &str = include_str!("../../../schema/receipt.schema.json");

/// The version of the format: major and minor.
const FORMAT_VERSION: &str = "1.0";

/// What is written down of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The manifest's name in its folder.
    pub manifest: String,
    /// Whether it was made after the run that published the version, by another one.
    pub is_afterwards: bool,
    /// SHA-256 of the manifest's text; none where it is not known any more.
    pub manifest_sha256: Option<Sha256>,
    /// The commit that was checked out; none outside of git, and where it is not known any more.
    pub commit: Option<String>,
    /// The server's name and its address; none for the local server.
    pub server: (String, Option<String>),
    /// The version.
    pub record: RecordId,
    /// Its concept.
    pub concept: ConceptId,
    /// Its DOI.
    pub doi: Option<Doi>,
    /// The DOI of all versions.
    pub concept_doi: Option<Doi>,
    /// Its title.
    pub title: String,
    /// Its version label.
    pub version: Option<String>,
    /// Its publication date, as the server has it.
    pub publication_date: Option<String>,
    /// The version that it follows.
    pub previous: Option<RecordId>,
    /// The digest of the plan that was applied; none where it is not known any more.
    pub plan_digest: Option<Sha256>,
    /// When the run began that published it, RFC 3339; none where another run recorded it.
    pub begun: Option<String>,
    /// When it was recorded, RFC 3339.
    pub recorded: String,
    /// Its files, sorted by name.
    pub files: Vec<ReceiptFile>,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFile {
    /// Its name in the record.
    pub key: FileKey,
    /// How the manifest names it; none for one that stayed on the server.
    pub path: Option<String>,
    /// Bytes.
    pub size: u64,
    /// MD5, as the server has it.
    pub md5: Option<Md5>,
    /// SHA-256 of the local file, where that has this MD5.
    pub sha256: Option<Sha256>,
}

impl Receipt {
    /// Returns it as a document.
    pub fn encode(&self) -> Json {
        let doi = |doi: &Doi| doi.as_str().to_owned();
        json!({
            "format_version": FORMAT_VERSION,
            "zrel": env!("CARGO_PKG_VERSION"),
            "manifest": self.manifest,
            "afterwards": self.is_afterwards,
            "manifest_sha256": self.manifest_sha256.map(|digest| digest.to_string()),
            "commit": self.commit,
            "server": {"name": self.server.0, "url": self.server.1},
            "record": self.record.0,
            "concept": self.concept.0,
            "doi": self.doi.as_ref().map(doi),
            "concept_doi": self.concept_doi.as_ref().map(doi),
            "title": self.title,
            "version": self.version,
            "publication_date": self.publication_date,
            "previous": self.previous.map(|id| id.0),
            "plan_digest": self.plan_digest.map(|digest| format!("sha256:{digest}")),
            "begun": self.begun,
            "recorded": self.recorded,
            "files": self.files.iter().map(encode_file).collect::<Vec<_>>(),
        })
    }
}

fn encode_file(file: &ReceiptFile) -> Json {
    let ReceiptFile { key, path, size, md5, sha256 } = file;
    json!({
        "file": key.as_str(),
        "path": path,
        "size": size,
        "md5": md5.map(|md5| md5.to_string()),
        "sha256": sha256.map(|sha256| sha256.to_string()),
    })
}
