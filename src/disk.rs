//! Handles files that zrel trusts or must not lose: opens them only if they are regular files,
//! reads up to a limit, and writes in one step.
//!
//! It never follows a symbolic link and never waits for a FIFO. Deliberately absent: the contents
//! of the files, and the files of `local`.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

/// Opens a regular file, and returns it with what the system says of the open file.
///
/// # Errors
/// When it can't be opened, is not a regular file, or was replaced meanwhile.
pub fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    open_as_named(path, OpenOptions::new().read(true))
}

/// Opens a regular file to read it and to append to it; creates it if it is missing.
///
/// # Errors
/// When it can't be opened, is not a regular file, or was replaced meanwhile.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    open_or_make(path, || ())
}

/// How often another process may create or remove the file just when it is opened.
const TURNS: usize = 100;

/// Opens a file or creates it; calls `between` after it was found missing and before it is created.
fn open_or_make(path: &Path, mut between: impl FnMut()) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    for _ in 0..TURNS {
        match open_as_named(path, &mut options) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => between(),
            opened => return opened.map(|(file, _)| file),
        }
        match options.clone().create_new(true).open(path) {
            // Another process created it meanwhile: the next turn opens that one.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => {
                let file = made?;
                // Without this a power cut could remove the new name, and with it what is appended.
                sync_folder_of(path)?;
                return Ok(file);
            }
        }
    }
    Err(io::Error::other("it was created and removed each time it was opened"))
}

/// How often [`lock_briefly`] tries, and how long it waits in between: ten seconds in all.
const LOOKS: (usize, Duration) = (500, Duration::from_millis(20));

/// Takes a lock that every process holds only for a moment; dropping the file releases it. Creates
/// the file if it is missing, but not its folder.
///
/// # Errors
/// Those of [`open_to_append`], and when another process holds the lock for ten seconds.
pub fn lock_briefly(path: &Path) -> io::Result<File> {
    let file = open_to_append(path)?;
    for _ in 0..LOOKS.0 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOOKS.1),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::other(format!("another process holds `{}`", path.display())))
}

fn open_as_named(path: &Path, options: &mut OpenOptions) -> io::Result<(File, Metadata)> {
    let named = fs::symlink_metadata(path)?;
    // Opening a FIFO or a device can have an effect, so the kind is checked before.
    refuse_other_kinds(&named)?;
    let file = without_waiting(options).open(path)?;
    let opened = file.metadata()?;
    // Between the check and the opening another file may have taken its place.
    if !opened.is_file() || !is_same_file(&named, &opened) {
        return Err(io::Error::other("it was replaced while it was opened"));
    }
    Ok((file, opened))
}

fn refuse_other_kinds(named: &Metadata) -> io::Result<()> {
    match describe_other_kind(named) {
        Some(what) => Err(io::Error::other(format!("it is {what}, not a file"))),
        None => Ok(()),
    }
}

/// Sets flags against a file that has been replaced by a FIFO or a link after the check.
#[cfg(unix)]
fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK | libc::O_NOFOLLOW)
}

#[cfg(not(unix))]
fn without_waiting(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn is_same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same_file(a: &Metadata, b: &Metadata) -> bool {
    a.file_type() == b.file_type()
}

/// Reads to the end; returns `None` if there are more than `limit` bytes.
///
/// # Errors
/// When reading fails.
pub fn read_at_most(file: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    // The size that the system reports may be wrong or change, so what is read is limited.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// Reads a whole regular file of at most `limit` bytes.
///
/// # Errors
/// When it is missing, not a regular file, too large, or can't be read.
pub fn read_regular_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, _) = open_regular(path)?;
    let bytes = read_at_most(file, limit)?;
    bytes.ok_or_else(|| io::Error::other(format!("it is larger than {limit} bytes")))
}

/// Reads a whole regular file of at most `limit` bytes as a text.
///
/// # Errors
/// Those of [`read_regular_file`]; for a file that is not UTF-8, one that names the line.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read_regular_file(path, limit)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = find_line_at(error.as_bytes(), at);
        let text = format!("it is not a text: line {line} is not UTF-8");
        io::Error::new(io::ErrorKind::InvalidData, text)
    })
}

/// Returns the line, from 1, that a byte is in.
pub fn find_line_at(bytes: &[u8], at: usize) -> usize {
    bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// Makes a folder unless it is there. What is there must be a folder: nothing is written through a
/// link.
///
/// # Errors
/// When it can't be made, and when something else is there.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_dir() {
        return Ok(());
    }
    let what = describe_other_kind(&metadata).unwrap_or("a file");
    Err(io::Error::other(format!("it is {what}, not a folder")))
}

/// Returns the kind of anything but a regular file; `None` for a regular file.
pub fn describe_other_kind(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_file() {
        None
    } else if kind.is_symlink() {
        Some("a symbolic link")
    } else if kind.is_dir() {
        Some("a folder")
    } else {
        Some(special_kind(kind))
    }
}

#[cfg(unix)]
fn special_kind(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special_kind(_kind: fs::FileType) -> &'static str {
    "a device"
}

/// Writes a file beside its place, syncs it, and moves it there in one step.
///
/// # Errors
/// Those of the file system, and when something other than a regular file is in the place, which
/// then stays untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_by(path, |file| file.write_all(bytes))
}

/// Writes a file that only its owner can read, as [`write_atomically`] does.
///
/// # Errors
/// Those of [`write_atomically`].
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_private_beside(path)?;
    // One that is replaced may have been open to others.
    close_to_others(file.as_file())?;
    file.as_file_mut().write_all(bytes)?;
    persist(file, path)
}

#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn close_to_others(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Returns whether others than its owner can read a file. Only Unix says.
///
/// # Errors
/// Those of the file system.
#[cfg(unix)]
pub fn is_readable_by_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// Returns that nobody else can: only Unix says.
///
/// # Errors
/// None.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
pub fn is_readable_by_others(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Checks that [`write_atomically`] can write to a place. The disk may still be full later.
///
/// # Errors
/// Those of the file system, and when something other than a regular file is in the place.
pub fn check_place(path: &Path) -> io::Result<()> {
    create_beside(path).map(drop)
}

fn write_by(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut file = create_beside(path)?;
    write(file.as_file_mut())?;
    persist(file, path)
}

/// Moves a file into its place.
fn persist(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    // Synced before the move: a power cut must not leave the name with half of the bytes.
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder_of(path)
}

/// Creates an empty file beside a place.
fn create_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let there = match fs::symlink_metadata(path) {
        Ok(there) => Some(there),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    there.as_ref().map_or(Ok(()), refuse_other_kinds)?;
    let mut beside = tempfile::Builder::new();
    beside.prefix(".zrel-");
    set_permissions(&mut beside, there.as_ref());
    // In the same folder, since a move is one step only within a file system.
    let file = beside.tempfile_in(find_parent_folder(path))?;
    if let Some(there) = there {
        // What the process masks is masked when a file is created, and the one that is replaced
        // may have it.
        file.as_file().set_permissions(there.permissions())?;
    }
    Ok(file)
}

/// Creates an empty file beside a place that only its owner can open, from the beginning.
fn create_private_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    if let Ok(there) = fs::symlink_metadata(path) {
        refuse_other_kinds(&there)?;
    }
    tempfile::Builder::new().prefix(".zrel-").tempfile_in(find_parent_folder(path))
}

fn find_parent_folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives the file the permissions of the one that it replaces, or the usual ones: a temporary file
/// is readable by its owner only, and these are files of the project like any other.
#[cfg(unix)]
fn set_permissions(beside: &mut tempfile::Builder<'_, '_>, there: Option<&Metadata>) {
    use std::os::unix::fs::PermissionsExt;
    let usual = || fs::Permissions::from_mode(0o666);
    beside.permissions(there.map_or_else(usual, Metadata::permissions));
}

#[cfg(not(unix))]
fn set_permissions(_beside: &mut tempfile::Builder<'_, '_>, _there: Option<&Metadata>) {}

/// Makes sure that a name which was just created or changed survives a power cut.
///
/// # Errors
/// When the system can't; a file system that does not support it passes.
#[cfg(unix)]
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    match File::open(find_parent_folder(path))?.sync_all() {
        // Some network file systems refuse to sync a folder.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

/// Does nothing: only Unix can sync a folder.
///
/// # Errors
/// None.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
pub fn sync_folder_of(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_write_that_fails_half_way_leaves_the_old_file_and_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        write_atomically(&path, b"old").unwrap();
        let full = |file: &mut File| {
            file.write_all(b"ne")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        };
        assert_eq!(write_by(&path, full).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["zenodo.lock"]);
        write_atomically(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(dir.path()), ["zenodo.lock"]);
        assert!(write_atomically(&dir.path().join("nowhere/zenodo.lock"), b"x").is_err());
    }

    #[test]
    fn a_file_that_is_too_large_or_not_a_text_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "a\nb\n\u{fc}").unwrap();
        assert_eq!(read_text(&path, 6).unwrap(), "a\nb\n\u{fc}");
        assert!(read_text(&path, 5).unwrap_err().to_string().contains("larger than 5 bytes"));
        fs::write(&path, b"a\nb\n\xff").unwrap();
        let error = read_text(&path, 6).unwrap_err().to_string();
        assert_eq!(error, "it is not a text: line 3 is not UTF-8");
        // A hole: as large as it says, and nothing is read of it.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(read_regular_file(&path, 100).unwrap_err().to_string().contains("larger"));
    }

    #[test]
    fn a_file_that_another_thread_creates_just_now_is_opened() {
        for _ in 0..200 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("run.lock");
            let all_at_once = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for number in 0..8 {
                    let (path, all_at_once) = (&path, &all_at_once);
                    scope.spawn(move || {
                        all_at_once.wait();
                        open_to_append(path).unwrap().write_all(&[number]).unwrap();
                    });
                }
            });
            assert_eq!(fs::read(&path).unwrap().len(), 8, "all wrote into one file");
        }
    }

    #[test]
    fn a_file_that_is_made_between_the_look_and_the_making_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.lock");
        let theirs = || fs::write(&path, "theirs").unwrap();
        open_or_make(&path, theirs).unwrap().write_all(b" and ours").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"theirs and ours");
        // Anything else that is created there is refused as usual.
        fs::remove_file(&path).unwrap();
        let error = open_or_make(&path, || fs::create_dir(&path).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "it is a folder, not a file");
    }

    #[cfg(unix)]
    #[test]
    fn anything_but_a_file_is_neither_read_nor_written_nor_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "x").unwrap();
        fs::create_dir(at("folder")).unwrap();
        std::os::unix::fs::symlink("file", at("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("fifo")).status().unwrap();
        assert!(made.success());
        for (name, what) in [
            ("folder", "a folder"),
            ("link", "a symbolic link"),
            ("fifo", "a FIFO"),
            ("socket", "a socket"),
        ] {
            let wanted = format!("it is {what}, not a file");
            assert_eq!(read_regular_file(&at(name), 9).unwrap_err().to_string(), wanted);
            assert_eq!(open_to_append(&at(name)).unwrap_err().to_string(), wanted);
            assert_eq!(write_atomically(&at(name), b"y").unwrap_err().to_string(), wanted);
        }
        assert_eq!(fs::read(at("file")).unwrap(), b"x");
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_atomically(&path, b"1").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        write_atomically(&path, b"2").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
