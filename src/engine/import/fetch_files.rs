//! Fetches the files of a record into a folder: checked by MD5, bounded by what was announced,
//! continued after a break. Writes nothing outside the folder and through no link.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use md5::{Digest, Md5 as Hasher};

use crate::api::ReadApi;
use crate::disk;
use crate::http::Sink;
use crate::interop::from_record::ImportedFile;
use crate::model::{Md5, RecordId};

use super::ImportError;

/// Bytes that are hashed at a time.
const BUFFER: usize = 256 * 1024;

/// Where files go.
#[derive(Debug)]
pub struct Store<'a> {
    /// The folder.
    pub root: &'a Path,
    /// zrel's own folder in it, for files that are not whole yet.
    pub zrel_dir: &'a Path,
    /// Whether a file with other content may be replaced.
    pub force: bool,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It existed already, with the same content.
    There,
    /// It was fetched.
    Fetched,
}

impl Arrival {
    /// Returns it in words.
    pub fn words(self) -> &'static str {
        match self {
            Arrival::There => "is there already",
            Arrival::Fetched => "fetched",
        }
    }
}

impl Store<'_> {
    /// Checks, before anything is fetched, that a file can be written to its place.
    ///
    /// # Errors
    /// An [`ImportError`].
    pub fn look(&self, file: &ImportedFile) -> Result<Option<Arrival>, ImportError> {
        let target = self.target(file)?;
        match fs::symlink_metadata(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(make_disk_error("look at", &target, source)),
            Ok(there) if !there.is_file() => Err(ImportError::NotAFile(target)),
            Ok(_) => match compute_md5(&target) {
                Ok(md5) if Some(md5) == file.md5 => Ok(Some(Arrival::There)),
                // Only after the digest: a file that is the same is not fetched again, with --force
                // either.
                Ok(_) if self.force => Ok(None),
                Ok(_) => Err(ImportError::OtherContent(target)),
                Err(source) => Err(make_disk_error("read", &target, source)),
            },
        }
    }

    /// Returns the path of a file below the folder, through no link: its folders are real ones, or
    /// do not exist yet.
    fn target(&self, file: &ImportedFile) -> Result<PathBuf, ImportError> {
        let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
        let parts: Vec<Component<'_>> = Path::new(&file.name).components().collect();
        // `components` skips `.` and doubled slashes, and so would write to another name.
        let is_own = file.name.split('/').count() == parts.len();
        if parts.is_empty() || !is_own || !parts.iter().all(is_name) {
            return Err(ImportError::Name(file.name.clone()));
        }
        for folder in self.folders(file) {
            match fs::symlink_metadata(&folder) {
                Ok(there) if there.is_dir() => {}
                Ok(_) => return Err(ImportError::NotAFolder(folder)),
                // Below a missing folder nothing can exist.
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(source) => return Err(make_disk_error("look at", &folder, source)),
            }
        }
        Ok(self.root.join(&file.name))
    }

    /// Returns the folders that a file is in, the outermost first.
    fn folders(&self, file: &ImportedFile) -> Vec<PathBuf> {
        let slashes = file.name.match_indices('/');
        slashes.map(|(at, _)| self.root.join(&file.name[..at])).collect()
    }

    /// Makes the folders that a file is in.
    fn make_folders(&self, file: &ImportedFile) -> io::Result<()> {
        for folder in self.folders(file) {
            match fs::create_dir(&folder) {
                Ok(()) => disk::sync_folder_of(&folder)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    // It may have been replaced by a link since it was checked.
                    if !fs::symlink_metadata(&folder)?.is_dir() {
                        return Err(io::Error::other("it exists, and is not a folder"));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fetches a missing file.
    ///
    /// # Errors
    /// An [`ImportError`]; what arrived is kept for the next run, unless it is wrong.
    pub async fn fetch(
        &self,
        api: &ReadApi,
        (id, is_draft): (RecordId, bool),
        file: &ImportedFile,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), ImportError> {
        let target = self.target(file)?;
        let Some(md5) = file.md5 else {
            return Err(ImportError::NoMd5(file.key.clone()));
        };
        let part = self.part(md5, file.size)?;
        let failed =
            |source| ImportError::Part { part: part.clone(), key: file.key.clone(), source };
        for attempt in 0..2 {
            let mut sink = PartFile::open(&part, file.size, progress).map_err(failed)?;
            let was_begun = sink.position > 0;
            // A complete part of an earlier run needs no request; an empty file always looks
            // complete.
            if sink.position < file.size || file.size == 0 {
                let fetched = api.download(id, is_draft, &file.key, &mut sink).await;
                // More than was announced can't be the file, and must not be continued.
                if sink.is_too_long {
                    fs::remove_file(&part).map_err(failed)?;
                }
                fetched.map_err(ImportError::Download)?;
            }
            if sink.finish().map_err(failed)? == md5 {
                let made = self.make_folders(file);
                let written = made.and_then(|()| rename_into_place(&part, &target));
                return written.map_err(|source| make_disk_error("write", &target, source));
            }
            fs::remove_file(&part).map_err(failed)?;
            // What an earlier run left may have been wrong: try once more from the start.
            if !was_begun || attempt > 0 {
                break;
            }
        }
        Err(ImportError::Damaged { key: file.key.clone(), md5, size: file.size })
    }

    /// Returns where a part of a file is kept. The name is that of its content, so that it never
    /// becomes a part of another file.
    fn part(&self, md5: Md5, size: u64) -> Result<PathBuf, ImportError> {
        let folder = self.zrel_dir.join("partial");
        let made = match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            // A repository may bring a link of this name, which would lead the download elsewhere.
            Ok(()) | Err(_) => fs::symlink_metadata(&folder).and_then(|there| {
                let is_link = || io::Error::other("it exists, and is not a folder");
                if there.is_dir() { Ok(()) } else { Err(is_link()) }
            }),
        };
        made.map_err(|source| make_disk_error("use", &folder, source))?;
        Ok(folder.join(format!("{md5}-{size}")))
    }
}

/// Renames a whole file to its name: in one step, and never through a link.
fn rename_into_place(part: &Path, target: &Path) -> io::Result<()> {
    fs::rename(part, target)?;
    disk::sync_folder_of(target)
}

/// Returns the error for a file or folder on the disk.
fn make_disk_error(doing: &'static str, path: &Path, source: io::Error) -> ImportError {
    ImportError::Disk { doing, path: path.to_owned(), source }
}

/// Returns the digest of a regular file.
fn compute_md5(path: &Path) -> io::Result<Md5> {
    let (mut file, _) = disk::open_regular(path)?;
    let mut hasher = Hasher::new();
    hash_partial_file(&mut file, &mut hasher)?;
    Ok(Md5(hasher.finalize().into()))
}

fn hash_partial_file(file: &mut File, hasher: &mut Hasher) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER];
    let mut position = 0;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(position);
        }
        hasher.update(&buffer[..n]);
        position += n as u64;
    }
}

/// A part of a file, which grows as bytes arrive.
struct PartFile<'a> {
    file: File,
    size: u64,
    position: u64,
    hasher: Hasher,
    is_too_long: bool,
    progress: &'a (dyn Fn(u64) + Send + Sync),
}

impl<'a> PartFile<'a> {
    /// Opens a part, and hashes what an earlier run left in it.
    fn open(path: &Path, size: u64, progress: &'a (dyn Fn(u64) + Send + Sync)) -> io::Result<Self> {
        let mut file = disk::open_to_append(path)?;
        let mut hasher = Hasher::new();
        let mut position = hash_partial_file(&mut file, &mut hasher)?;
        // Longer than the file, so it is not the beginning of the file.
        if position > size {
            file.set_len(0)?;
            hasher = Hasher::new();
            position = 0;
        }
        progress(position);
        Ok(Self { file, size, position, hasher, is_too_long: false, progress })
    }

    /// Syncs the part to the disk, and returns its digest.
    fn finish(self) -> io::Result<Md5> {
        self.file.sync_all()?;
        Ok(Md5(self.hasher.finalize().into()))
    }
}

impl Sink for PartFile<'_> {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = bytes.len() as u64;
        // A server that sends without end must not fill the disk.
        if length > self.size - self.position {
            self.is_too_long = true;
            let message = format!("more bytes come than the {} announced", self.size);
            return Err(io::Error::other(message));
        }
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.position += length;
        (self.progress)(length);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.hasher = Hasher::new();
        self.position = 0;
        Ok(())
    }

    fn position(&self) -> u64 {
        self.position
    }
}
