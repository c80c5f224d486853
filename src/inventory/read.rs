//! Opens the manifest, the files to upload, and zrel's own folder with care: never through a
//! symbolic link, never a FIFO or device, never more than expected.
//!
//! Deliberately absent: the contents of the files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::disk::{describe_other_kind, make_folder, open_regular, read_at_most};
use crate::model::LocalFile;

/// The largest manifest, in bytes.
const MANIFEST_LIMIT: u64 = 1 << 20;

/// Why a file or folder of zrel can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refuses.
    #[error("can't read `{}`", .path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Not UTF-8.
    #[error("`{}` is not a text: it is not UTF-8 (from byte {at} on)", .path.display())]
    NotText {
        /// What was read.
        path: PathBuf,
        /// The first byte that is not UTF-8.
        at: usize,
    },
    /// Over the limit.
    #[error("`{}` is larger than {limit} bytes", .path.display())]
    TooLarge {
        /// What was to be read.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// A folder where a file should be, a symbolic link, a FIFO, …
    #[error("`{}` is {what}, not {wanted}", .path.display())]
    WrongKind {
        /// What was to be used.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// The system refuses to make the folder or a file in it.
    #[error("can't write `{}`", .path.display())]
    Unwritable {
        /// What was to be written.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Reads a manifest: a regular file of UTF-8, at most 1 MiB.
///
/// # Errors
/// [`ReadError`] for a file that is missing, unreadable, too large or not UTF-8, and for a folder,
/// symbolic link, FIFO, socket or device.
pub fn read_manifest(path: &Path) -> Result<String, ReadError> {
    let path_buf = || path.to_owned();
    let unreadable = |source| ReadError::Unreadable { path: path_buf(), source };
    // The kind is checked here as well, so that the error names it with the path.
    let metadata = fs::symlink_metadata(path).map_err(unreadable)?;
    if let Some(what) = describe_other_kind(&metadata) {
        return Err(ReadError::WrongKind { path: path_buf(), what, wanted: "a file" });
    }
    let (file, _) = open_regular(path).map_err(unreadable)?;
    let bytes = read_at_most(file, MANIFEST_LIMIT)
        .map_err(unreadable)?
        .ok_or_else(|| ReadError::TooLarge { path: path_buf(), limit: MANIFEST_LIMIT })?;
    String::from_utf8(bytes).map_err(|error| ReadError::NotText {
        path: path_buf(),
        at: error.utf8_error().valid_up_to(),
    })
}

/// Opens a file to send it, and returns its size now, in bytes.
///
/// # Errors
/// When it can't be opened, or is no longer a regular file (a symbolic link, FIFO, folder, …).
pub fn open_for_upload(file: &LocalFile) -> io::Result<(File, u64)> {
    let (open, metadata) = open_regular(&file.path)?;
    Ok((open, metadata.len()))
}

/// Creates `.zrel` in the manifest's folder, with a `.gitignore` that keeps all of it out of git.
///
/// # Errors
/// [`ReadError`] when `.zrel` is a symbolic link or a file, or can't be created.
pub fn prepare_zrel_dir(root: &Path) -> Result<PathBuf, ReadError> {
    let dir = root.join(".zrel");
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| ReadError::Unwritable { path, source }
    };
    make_folder(&dir).map_err(|error| match fs::symlink_metadata(&dir) {
        // What existed already may be a link, through which zrel would write elsewhere.
        Ok(metadata) if !metadata.is_dir() => {
            let what = describe_other_kind(&metadata).unwrap_or("a file");
            ReadError::WrongKind { path: dir.clone(), what, wanted: "a folder" }
        }
        Ok(_) | Err(_) => unwritable(&dir)(error),
    })?;
    let ignore = dir.join(".gitignore");
    match OpenOptions::new().write(true).create_new(true).open(&ignore) {
        Ok(mut file) => file.write_all(b"*\n").map_err(unwritable(&ignore))?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // A machine that crashed in between leaves it empty, and git would then track `.zrel`.
            let is_empty = fs::symlink_metadata(&ignore).is_ok_and(|f| f.is_file() && f.len() == 0);
            if is_empty {
                fs::write(&ignore, b"*\n").map_err(unwritable(&ignore))?;
            }
        }
        Err(error) => return Err(unwritable(&ignore)(error)),
    }
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileKey, FileSource, Md5};

    #[test]
    fn an_ignore_file_that_was_left_empty_is_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let ignore = prepare_zrel_dir(dir.path()).unwrap().join(".gitignore");
        assert_eq!(fs::read_to_string(&ignore).unwrap(), "*\n");
        for (left, expected) in [("", "*\n"), ("cache\n", "cache\n")] {
            fs::write(&ignore, left).unwrap();
            prepare_zrel_dir(dir.path()).unwrap();
            assert_eq!(fs::read_to_string(&ignore).unwrap(), expected);
        }
    }

    #[test]
    fn a_manifest_is_read_and_anything_else_is_refused_with_its_reason() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("good"), "a = 1").unwrap();
        assert_eq!(read_manifest(&at("good")).unwrap(), "a = 1");

        fs::write(at("binary"), b"ab\xff\xfe").unwrap();
        fs::write(at("large"), vec![b' '; (1 << 20) + 1]).unwrap();
        let text = |name: &str| read_manifest(&at(name)).unwrap_err().to_string();
        assert!(text("binary").contains("from byte 2"), "{}", text("binary"));
        assert!(text("large").contains("larger than 1048576 bytes"));
        assert!(text("").contains("is a folder, not a file"));
        let missing = read_manifest(&at("missing")).unwrap_err();
        assert!(std::error::Error::source(&missing).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_sockets_are_neither_read_nor_sent() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("good"), "a").unwrap();
        std::os::unix::fs::symlink(at("good"), at("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let text = |name: &str| read_manifest(&at(name)).unwrap_err().to_string();
        assert!(text("link").contains("a symbolic link"));
        assert!(text("socket").contains("a socket"));

        let mut file = LocalFile {
            key: FileKey::from_server("good"),
            path: at("good"),
            shown: "good".to_owned(),
            source: FileSource::Path,
            size: 1,
            md5: Md5([0; 16]),
            masked: None,
        };
        assert_eq!(open_for_upload(&file).unwrap().1, 1);
        file.path = at("link");
        assert!(open_for_upload(&file).is_err());
    }

    #[test]
    fn zrels_folder_ignores_itself_and_is_never_a_file() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let zrel = prepare_zrel_dir(dir.path()).unwrap();
            assert_eq!(fs::read_to_string(zrel.join(".gitignore")).unwrap(), "*\n");
        }
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join(".zrel"), "").unwrap();
        let error = prepare_zrel_dir(other.path()).unwrap_err().to_string();
        assert!(error.ends_with("is a file, not a folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn zrels_folder_is_never_a_link() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/", dir.path().join(".zrel")).unwrap();
        let error = prepare_zrel_dir(dir.path()).unwrap_err().to_string();
        assert!(error.ends_with("is a symbolic link, not a folder"), "{error}");
    }
}
