//! The journal: what an apply is about to do and what it did, so that a run that was killed can be
//! continued.
//!
//! One JSON object a line with its checksum, synced to disk before and after each call that changes
//! something. Holds ids, digests and names of files, no secret. It is removed when the apply ends;
//! one that still exists belongs to an apply that did not end.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::Digest as _;

use crate::api::Backend;
use crate::disk;
use crate::model::{FileKey, OpenDraft, Recid, RecordId, Sha256};
use crate::plan::UnfinishedApply;

/// The format that this zrel writes and reads.
const FORMAT: u64 = 1;

/// The name of the call that replaces the metadata.
pub(super) const PUT_METADATA: &str = "put metadata";

/// A journal larger than this was not written by zrel. Bytes.
const MAX_SIZE: u64 = 16 * 1024 * 1024;

/// Why the journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It can't be read or written.
    #[error("can't {doing} the journal `{}`", .path.display())]
    Io {
        /// What was being done: `read`, `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line in it is not understood.
    #[error("the journal `{}` can't be trusted: line {line} is not understood", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// It was written by a later zrel.
    #[error("the journal `{}` is written in format {format}, and this zrel reads format {FORMAT}", .path.display())]
    Future {
        /// The file.
        path: PathBuf,
        /// The format.
        format: u64,
    },
}

/// The content of a journal that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedRun {
    /// The facts that planning needs.
    pub unfinished: UnfinishedApply,
    /// The record that was published, when the run came that far.
    pub published: Option<RecordId>,
    /// Whether it asked the server to publish, whatever came of it.
    pub is_publish_sent: bool,
}

/// Called right before and right after each entry is written, for tests that kill the process
/// there.
#[derive(Clone)]
pub struct Failpoint(pub Arc<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for Failpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Option<File>,
    failpoint: Option<Failpoint>,
    /// The API of calls that do not say another.
    backend: Backend,
}

impl Journal {
    /// Makes a journal that writes to `path` from its first entry on.
    pub fn at(path: PathBuf) -> Self {
        Self { path, file: None, failpoint: None, backend: Backend::Deposit }
    }

    /// Sets a callback around each write.
    #[must_use]
    pub fn with_failpoint(self, failpoint: Option<Failpoint>) -> Self {
        Self { failpoint, ..self }
    }

    /// Reads what an earlier run left; none when nothing was left.
    ///
    /// A last line that was cut short is the mark of a kill, and is accepted.
    ///
    /// # Errors
    /// [`JournalError`] when it can't be read, is damaged or of a later zrel.
    pub fn unfinished_run(&self) -> Result<Option<UnfinishedRun>, JournalError> {
        match disk::read_regular_file(&self.path, MAX_SIZE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read", error)),
            Ok(bytes) => self.parse(&bytes),
        }
    }

    fn parse(&self, bytes: &[u8]) -> Result<Option<UnfinishedRun>, JournalError> {
        let mut unfinished_run = None;
        for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let entry = read_line(line.strip_suffix(b"\n").unwrap_or(line));
            // A last line without its line feed was cut short by a kill; any other is damaged.
            if entry.and_then(|entry| read_entry(&mut unfinished_run, &entry)).is_none()
                && line.ends_with(b"\n")
            {
                let path = self.path.clone();
                return Err(match find_later_format(line) {
                    Some(format) => JournalError::Future { path, format },
                    None => JournalError::Damaged { path, line: at + 1 },
                });
            }
        }
        Ok(unfinished_run)
    }

    /// Notes that an apply of this plan begins. `create_id` is in the title of its create call;
    /// `backend` is the API of all calls that do not say another.
    ///
    /// # Errors
    /// [`JournalError::Io`]; nothing must be sent then.
    pub fn begin(
        &mut self,
        digest: Sha256,
        create_id: &str,
        backend: Backend,
    ) -> Result<(), JournalError> {
        self.backend = backend;
        let entry = json!({
            "format": FORMAT,
            "at": "begin",
            "digest": digest.to_string(),
            "create_id": create_id,
        });
        self.write(&entry)
    }

    /// Notes that a new version of, or an edit of, this record is about to be asked for.
    ///
    /// # Errors
    /// [`JournalError::Io`]; nothing must be sent then.
    pub fn opening(&mut self, from: RecordId) -> Result<(), JournalError> {
        self.write(&json!({"at": "opening", "from": from.0, "api": name_backend(self.backend)}))
    }

    /// Notes that the server refused to open it: a draft that is open later is not this run's.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn refused(&mut self) -> Result<(), JournalError> {
        self.write(&json!({"at": "refused"}))
    }

    /// Notes that the draft or edit that was open is gone.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn discarded(&mut self) -> Result<(), JournalError> {
        self.write(&json!({"at": "discarded"}))
    }

    /// Notes which draft is open.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn open(&mut self, draft: OpenDraft) -> Result<(), JournalError> {
        let (kind, id) = match draft {
            OpenDraft::Version(id) => ("version", id),
            OpenDraft::Edit(id) => ("edit", id),
        };
        self.write(&json!({"at": "open", "kind": kind, "draft": id.0}))
    }

    /// Notes that a call that changes something is about to be made.
    ///
    /// # Errors
    /// [`JournalError::Io`]; nothing must be sent then.
    pub fn before(&mut self, call: &str) -> Result<(), JournalError> {
        self.before_by(self.backend, call)
    }

    /// Notes that a call of this API that changes something is about to be made.
    ///
    /// # Errors
    /// [`JournalError::Io`]; nothing must be sent then.
    pub fn before_by(&mut self, backend: Backend, call: &str) -> Result<(), JournalError> {
        self.write(&json!({"at": "before", "call": call, "api": name_backend(backend)}))
    }

    /// Notes that the call's answer arrived.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn after(&mut self, call: &str) -> Result<(), JournalError> {
        self.write(&json!({"at": "after", "call": call}))
    }

    /// Notes that a file is about to be sent. Several may be on their way at once.
    ///
    /// # Errors
    /// [`JournalError::Io`]; nothing must be sent then.
    pub fn before_upload(&mut self, key: &FileKey) -> Result<(), JournalError> {
        let api = name_backend(self.backend);
        self.write(&json!({"at": "before", "call": "upload", "file": key.as_str(), "api": api}))
    }

    /// Notes that a file has arrived whole.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn after_upload(&mut self, key: &FileKey) -> Result<(), JournalError> {
        self.write(&json!({"at": "after", "call": "upload", "file": key.as_str()}))
    }

    /// Notes that the record is published.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn published(&mut self, record: RecordId) -> Result<(), JournalError> {
        self.write(&json!({"at": "published", "record": record.0}))
    }

    /// Ends the apply: nothing is left to continue.
    ///
    /// # Errors
    /// [`JournalError::Io`] when the file can't be removed.
    pub fn end(&mut self) -> Result<(), JournalError> {
        self.file = None;
        tracing::debug!(target: "journal", "removed");
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed("remove", error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn write(&mut self, entry: &Value) -> Result<(), JournalError> {
        self.tell();
        let written = self.append(encode_line(entry).as_bytes());
        self.tell();
        tracing::debug!(target: "journal", "{entry}");
        written.map_err(|error| self.failed("write", error))
    }

    fn tell(&self) {
        if let Some(Failpoint(failpoint)) = &self.failpoint {
            failpoint();
        }
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open_journal(&self.path)?),
        };
        file.write_all(line)?;
        file.sync_data()
    }

    fn failed(&self, doing: &'static str, source: io::Error) -> JournalError {
        JournalError::Io { doing, path: self.path.clone(), source }
    }
}

fn name_backend(backend: Backend) -> &'static str {
    match backend {
        Backend::Deposit => "deposit",
        Backend::Records => "records",
    }
}

/// Opens for appending, after the last whole line.
fn open_journal(path: &Path) -> io::Result<File> {
    let mut file = disk::open_to_append(path)?;
    let too_large = || io::Error::other(format!("it is larger than {MAX_SIZE} bytes"));
    let bytes = disk::read_at_most(&file, MAX_SIZE)?.ok_or_else(too_large)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let rest = &bytes[whole..];
    // A kill may have cut off only the line feed: then the entry counts, and the next stands alone.
    if !rest.is_empty() && read_line(rest).is_some() {
        file.write_all(b"\n")?;
    } else {
        file.set_len(whole as u64)?;
    }
    Ok(file)
}

/// What is before a line's checksum and after it.
const SUM: (&str, &str) = (",\"sum\":\"", "\"}");

/// Writes an entry as a line whose last key is the checksum of all others.
fn encode_line(entry: &Value) -> String {
    let text = entry.to_string();
    let open = text.strip_suffix('}').unwrap_or(&text);
    format!("{open}{}{}{}\n", SUM.0, compute_line_checksum(open), SUM.1)
}

/// Reads a line, without its line feed; none when it is not as it was written.
fn read_line(line: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(line).ok()?;
    let (open, sum) = text.strip_suffix(SUM.1)?.rsplit_once(SUM.0)?;
    if sum != compute_line_checksum(open) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Returns the first half of the SHA-256, in hexadecimal digits.
fn compute_line_checksum(text: &str) -> String {
    Sha256(sha2::Sha256::digest(text).into()).to_string().chars().take(32).collect()
}

/// Returns the format of a journal that a later zrel began.
fn find_later_format(line: &[u8]) -> Option<u64> {
    let entry: Value = serde_json::from_slice(line).ok()?;
    // A later format may sum otherwise, so the checksum is not asked.
    entry.get("format")?.as_u64().filter(|format| *format != FORMAT)
}

/// Applies one entry to what is known; none when it is not understood.
fn read_entry(unfinished_run: &mut Option<UnfinishedRun>, entry: &Value) -> Option<()> {
    let id = |key: &str| Recid::from_json(&entry[key]).map(RecordId);
    match entry["at"].as_str()? {
        "begin" => {
            if entry["format"].as_u64()? != FORMAT {
                return None;
            }
            let digest = Sha256::parse(entry["digest"].as_str()?).ok()?;
            begin_unfinished_run(unfinished_run, digest, entry["create_id"].as_str()?);
        }
        "opening" => {
            let unfinished = &mut unfinished_run.as_mut()?.unfinished;
            (unfinished.opening, unfinished.draft) = (Some(id("from")?), None);
            unfinished.writes_by_records = false;
        }
        "refused" => {
            let unfinished = &mut unfinished_run.as_mut()?.unfinished;
            // The server did nothing: a draft that is found later is not this run's.
            (unfinished.opening, unfinished.creating) = (None, false);
        }
        "discarded" => {
            let unfinished = &mut unfinished_run.as_mut()?.unfinished;
            (unfinished.opening, unfinished.draft) = (None, None);
            unfinished.writes_by_records = false;
        }
        "open" => {
            let draft = match entry["kind"].as_str()? {
                "version" => OpenDraft::Version(id("draft")?),
                "edit" => OpenDraft::Edit(id("draft")?),
                _ => return None,
            };
            let unfinished = &mut unfinished_run.as_mut()?.unfinished;
            let is_another = unfinished.draft.is_some_and(|known| known != draft);
            unfinished.writes_by_records &= !is_another;
            (unfinished.draft, unfinished.creating) = (Some(draft), false);
        }
        "published" => unfinished_run.as_mut()?.published = Some(id("record")?),
        "before" => {
            let run = unfinished_run.as_mut()?;
            // Only the answer of a create call names its draft: while it is missing, the next run
            // searches.
            run.unfinished.creating |= entry["call"] == "create";
            run.is_publish_sent |= entry["call"] == "publish";
            run.unfinished.writes_by_records |=
                entry["call"] == PUT_METADATA && entry["api"] == name_backend(Backend::Records);
        }
        "after" => {}
        _ => return None,
    }
    Some(())
}

/// Starts an unfinished run; a second one keeps what the first opened.
fn begin_unfinished_run(
    unfinished_run: &mut Option<UnfinishedRun>,
    digest: Sha256,
    create_id: &str,
) {
    // The draft of the first run carries its random id, not the second's.
    if let Some(known) = unfinished_run {
        known.unfinished.digest = digest;
        return;
    }
    let create_id = Some(create_id.to_owned());
    let unfinished = UnfinishedApply {
        digest,
        create_id,
        creating: false,
        draft: None,
        opening: None,
        writes_by_records: false,
    };
    *unfinished_run = Some(UnfinishedRun { unfinished, published: None, is_publish_sent: false });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_tells_what_was_opened_and_ends_with_its_apply() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::at(folder.path().join("journal"));
        assert_eq!(journal.unfinished_run().unwrap(), None);
        journal.begin(Sha256([1; 32]), "0a1b2c3d", Backend::Deposit).unwrap();
        journal.opening(RecordId(7.into())).unwrap();
        journal.before("newversion").unwrap();
        let unfinished_run = journal.unfinished_run().unwrap().unwrap();
        assert_eq!(unfinished_run.unfinished.opening, Some(RecordId(7.into())));
        assert_eq!(unfinished_run.unfinished.create_id.as_deref(), Some("0a1b2c3d"));
        journal.open(OpenDraft::Version(RecordId(8.into()))).unwrap();
        let unfinished_run = journal.unfinished_run().unwrap().unwrap();
        assert_eq!(unfinished_run.unfinished.draft, Some(OpenDraft::Version(RecordId(8.into()))));
        journal.end().unwrap();
        assert_eq!(journal.unfinished_run().unwrap(), None);
    }

    #[test]
    fn a_create_call_without_an_answer_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::at(folder.path().join("journal"));
        let creating =
            |journal: &Journal| journal.unfinished_run().unwrap().unwrap().unfinished.creating;
        journal.begin(Sha256([1; 32]), "0a1b2c3d", Backend::Deposit).unwrap();
        assert!(!creating(&journal));
        journal.before("create").unwrap();
        assert!(creating(&journal));
        journal.refused().unwrap();
        assert!(!creating(&journal), "no draft was made");
        journal.before("create").unwrap();
        journal.open(OpenDraft::Version(RecordId(8.into()))).unwrap();
        assert!(!creating(&journal), "the answer arrived");
    }

    #[test]
    fn what_the_server_refused_to_open_was_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::at(folder.path().join("journal"));
        journal.begin(Sha256([1; 32]), "x", Backend::Deposit).unwrap();
        journal.opening(RecordId(7.into())).unwrap();
        journal.refused().unwrap();
        assert_eq!(journal.unfinished_run().unwrap().unwrap().unfinished.opening, None);
    }

    #[test]
    fn a_line_cut_short_by_a_kill_passes_and_a_damaged_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::at(path.clone());
        journal.begin(Sha256([1; 32]), "x", Backend::Deposit).unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{{\"at\":\"ope")).unwrap();
        assert!(journal.unfinished_run().unwrap().is_some());
        let mut second = Journal::at(path.clone());
        second.open(OpenDraft::Edit(RecordId(3.into()))).unwrap();
        let unfinished_run = second.unfinished_run().unwrap().unwrap();
        assert_eq!(unfinished_run.unfinished.draft, Some(OpenDraft::Edit(RecordId(3.into()))));
        std::fs::write(&path, format!("rubbish\n{whole}")).unwrap();
        let error = journal.unfinished_run().unwrap_err();
        assert!(matches!(error, JournalError::Damaged { line: 1, .. }), "{error}");
        let later = serde_json::json!({"at": "begin", "format": 2});
        std::fs::write(&path, encode_line(&later)).unwrap();
        assert!(matches!(journal.unfinished_run(), Err(JournalError::Future { format: 2, .. })));
    }

    /// A journal with an entry of each kind that counts, and its bytes.
    fn filled(folder: &Path) -> (PathBuf, Vec<u8>) {
        let path = folder.join("journal");
        let mut journal = Journal::at(path.clone());
        journal.begin(Sha256([1; 32]), "0a1b2c3d", Backend::Deposit).unwrap();
        journal.opening(RecordId(7.into())).unwrap();
        journal.before("upload `\u{fc}.csv`").unwrap();
        journal.open(OpenDraft::Version(RecordId(8.into()))).unwrap();
        journal.published(RecordId(8.into())).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    }

    #[test]
    fn a_journal_that_was_cut_anywhere_says_what_its_whole_lines_say() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = filled(folder.path());
        let journal = Journal::at(path.clone());
        for at in 0..bytes.len() {
            std::fs::write(&path, &bytes[..at]).unwrap();
            let before = journal.unfinished_run().unwrap();
            let mut second = Journal::at(path.clone());
            second.after("nothing").unwrap();
            assert_eq!(second.unfinished_run().unwrap(), before, "cut at {at}");
        }
    }

    #[test]
    fn a_flipped_byte_is_reported_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = filled(folder.path());
        let journal = Journal::at(path.clone());
        for at in 0..bytes.len() - 1 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(&path, &damaged).unwrap();
            let line_of_damage = disk::find_line_at(&damaged, at);
            match journal.unfinished_run() {
                Err(JournalError::Damaged { line, .. }) => assert_eq!(line, line_of_damage),
                Err(JournalError::Future { .. }) => assert_eq!(bytes[at], b'1', "the format"),
                other => panic!("byte {at}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_journal_that_is_too_large_is_neither_read_nor_written() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = filled(folder.path());
        File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
        let mut journal = Journal::at(path);
        assert!(matches!(journal.unfinished_run(), Err(JournalError::Io { doing: "read", .. })));
        assert!(matches!(journal.refused(), Err(JournalError::Io { doing: "write", .. })));
    }
}
