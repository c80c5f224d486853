//! The bytes of files: one blob each, written under a temporary name, synced, renamed.
//!
//! A kill at any moment leaves either the whole blob or a file that the next start deletes.
//! Deliberately absent: which record a blob belongs to, see `state`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use md5::{Digest, Md5};

use crate::local::state::types::Content;

/// The folder of blobs.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    dir: PathBuf,
}

/// The suffix of a blob that is still being written.
const UNFINISHED: &str = ".part";

impl Blobs {
    /// Opens the folder, and creates it if needed.
    ///
    /// # Errors
    /// When it cannot be created.
    pub(crate) fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        Ok(Self { dir })
    }

    /// Returns whether a folder has any blob; one that can't be read has none to lose.
    pub(crate) fn are_in(dir: &Path) -> bool {
        fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// Returns where a blob is.
    pub(crate) fn path(&self, id: &str) -> PathBuf {
        self.dir.join(id)
    }

    /// Starts a blob under a new id.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub(crate) fn writer(&self, id: String, version_id: String) -> io::Result<BlobWriter> {
        let path = self.dir.join(format!("{id}{UNFINISHED}"));
        let file = File::create(&path)?;
        let done = self.path(&id);
        Ok(BlobWriter { id, version_id, path, done, file, digest: Md5::new(), size_bytes: 0 })
    }

    /// Removes a blob that nothing needs any more.
    pub(crate) fn remove(&self, id: &str) {
        // A blob that cannot be removed now is deleted at the next start.
        let _ = fs::remove_file(self.path(id));
    }

    /// Removes everything except the needed blobs: what a kill left behind.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn sweep(&self, needed: &BTreeSet<String>) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name();
            if !name.to_str().is_some_and(|name| needed.contains(name)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Writes and hashes one blob; when it is dropped before [`BlobWriter::finish`], nothing is left.
#[derive(Debug)]
pub(crate) struct BlobWriter {
    id: String,
    version_id: String,
    path: PathBuf,
    done: PathBuf,
    file: File,
    digest: Md5,
    size_bytes: u64,
}

impl BlobWriter {
    /// Adds bytes.
    ///
    /// # Errors
    /// When the disk refuses them.
    pub(crate) fn write(&mut self, bytes: &Bytes) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.digest.update(bytes);
        self.size_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Returns how many bytes were written.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Syncs the blob to disk and gives it its final name.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn finish(mut self) -> io::Result<Content> {
        // In this order a crash never leaves the final name on a file whose bytes are not on disk.
        self.file.sync_data()?;
        fs::rename(&self.path, &self.done)?;
        sync_folder(self.done.parent())?;
        let md5 = encode_hex(&std::mem::take(&mut self.digest).finalize());
        Ok(Content {
            id: std::mem::take(&mut self.id),
            version_id: std::mem::take(&mut self.version_id),
            size_bytes: self.size_bytes,
            md5,
        })
    }
}

/// Returns bytes in hexadecimal digits.
pub(super) fn encode_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        // After `finish` the file does not exist any more.
        let _ = fs::remove_file(&self.path);
    }
}

/// Syncs a rename to disk; systems other than Unix cannot open folders, and do not need it.
#[cfg(unix)]
fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn sync_folder(_: Option<&Path>) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_is_dropped_leaves_nothing_and_a_finished_one_its_blob() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
        let mut dropped = blobs.writer("a".to_owned(), "v".to_owned()).unwrap();
        dropped.write(&Bytes::from_static(b"half")).unwrap();
        drop(dropped);
        assert_eq!(fs::read_dir(&blobs.dir).unwrap().count(), 0);
        let mut kept = blobs.writer("b".to_owned(), "v".to_owned()).unwrap();
        kept.write(&Bytes::from_static(b"%PDF first\n")).unwrap();
        let content = kept.finish().unwrap();
        assert_eq!(content.md5, "7eb3cb80cf5ef2feae659f02fb4b9f6d");
        assert_eq!(content.size_bytes, 11);
        assert_eq!(fs::read(blobs.path("b")).unwrap(), b"%PDF first\n");
    }

    #[test]
    fn a_sweep_keeps_what_is_needed() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
        for name in ["kept", "orphan", "cut.part"] {
            fs::write(blobs.path(name), "x").unwrap();
        }
        blobs.sweep(&BTreeSet::from(["kept".to_owned()])).unwrap();
        let left: Vec<_> =
            fs::read_dir(&blobs.dir).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["kept"]);
    }
}
