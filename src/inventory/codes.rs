//! The codes of this module's findings, with what each means; `docs/errors.md` explains them.
//!
//! Deliberately absent: the texts of single findings, which are made where they are found.

/// Two files with one name in the record.
pub(super) const SAME_NAME: &str = "ZR0201";
/// Two names that differ only in case or Unicode form.
pub(super) const LOOK_ALIKE: &str = "ZR0202";
/// A symbolic link.
pub(super) const SYMLINK: &str = "ZR0203";
/// A path outside the manifest's folder.
pub(super) const OUTSIDE: &str = "ZR0204";
/// An empty file.
pub(super) const EMPTY: &str = "ZR0205";
/// A name that the server refuses, or that can't be unpacked everywhere.
pub(super) const BAD_NAME: &str = "ZR0206";
/// More files than a record takes.
pub(super) const TOO_MANY: &str = "ZR0207";
/// More bytes than a record takes.
pub(super) const TOO_LARGE: &str = "ZR0208";
/// Nothing found.
pub(super) const NO_MATCH: &str = "ZR0209";
/// A folder, FIFO, device or socket.
pub(super) const NOT_A_FILE: &str = "ZR0210";
/// The system refuses to read it.
pub(super) const UNREADABLE: &str = "ZR0211";
/// A secret, or a file of git or zrel.
pub(super) const NEVER_PUBLISHED: &str = "ZR0212";
/// A pattern that would walk too far.
pub(super) const WALK_TOO_LONG: &str = "ZR0213";
/// Changed while it was read.
pub(super) const CHANGED: &str = "ZR0214";
/// Not a glob.
pub(super) const BAD_GLOB: &str = "ZR0215";
/// A text that is too large.
pub(super) const TEXT_TOO_LARGE: &str = "ZR0216";
/// A text that is not UTF-8.
pub(super) const TEXT_NOT_UTF8: &str = "ZR0217";
/// An archive of files with uncommitted changes.
pub(super) const ARCHIVE_DIRTY: &str = "ZR0218";
/// The repository can't be read.
pub(super) const GIT_UNREADABLE: &str = "ZR0219";
/// The archive can't be written.
pub(super) const ARCHIVE_UNWRITTEN: &str = "ZR0220";

/// A private key in a file.
pub(super) const PRIVATE_KEY: &str = "ZR0221";
/// A token or password in a file.
pub(super) const TOKEN: &str = "ZR0222";
/// A git-LFS pointer.
pub(super) const LFS_POINTER: &str = "ZR0223";
/// Backups and the like that a pattern or folder includes.
pub(super) const BACKUP: &str = "ZR0224";
/// Secrets that a pattern or folder leaves out.
pub(super) const LEFT_OUT: &str = "ZR0225";
/// A file that `allow` lets through.
pub(super) const ALLOWED: &str = "ZR0226";
/// An `allow` without effect.
pub(super) const ALLOWS_NOTHING: &str = "ZR0227";
/// A submodule that is not checked out.
pub(super) const SUBMODULE: &str = "ZR0228";
/// A file of `[[write]]` that is not of its format.
pub(super) const NOT_ITS_FORMAT: &str = "ZR0229";
/// A file of `[[write]]` without a place for the values.
pub(super) const NO_PLACE: &str = "ZR0230";
/// A place for a value that is there twice.
pub(super) const PLACE_TWICE: &str = "ZR0231";
/// A file of `[[write]]` that can't be written so that it is read as meant.
pub(super) const UNWRITABLE: &str = "ZR0232";

/// Every code of this module, with what it means.
pub const CODES: &[(&str, &str)] = &[
    (SAME_NAME, "two files would have the same name in the record"),
    (LOOK_ALIKE, "two names in the record differ only in case or Unicode form"),
    (SYMLINK, "a symbolic link is not followed"),
    (OUTSIDE, "a path leaves the manifest's folder"),
    (EMPTY, "a file is empty, and the server refuses empty files"),
    (BAD_NAME, "a file has a name that the server refuses or that can't be unpacked everywhere"),
    (TOO_MANY, "there are more files than the record takes"),
    (TOO_LARGE, "there are more bytes than the record takes"),
    (NO_MATCH, "a path or pattern matches no file"),
    (NOT_A_FILE, "a path names a folder, FIFO, device or socket"),
    (UNREADABLE, "a file or folder can't be read"),
    (
        NEVER_PUBLISHED,
        "a path names what is never published: git's or zrel's own files, or a secret",
    ),
    (WALK_TOO_LONG, "a pattern would walk through too many files"),
    (CHANGED, "a file changed while it was read"),
    (BAD_GLOB, "a pattern is not a valid glob"),
    (TEXT_TOO_LARGE, "a text file is too large for a metadata field"),
    (TEXT_NOT_UTF8, "a text file is not UTF-8"),
    (ARCHIVE_DIRTY, "an archive holds changes that are not committed"),
    (GIT_UNREADABLE, "the git repository can't be read"),
    (ARCHIVE_UNWRITTEN, "an archive can't be written"),
    (PRIVATE_KEY, "a file holds a private key"),
    (TOKEN, "a file holds what looks like a token or a password"),
    (LFS_POINTER, "a file is a git-LFS pointer; the content it stands for is not there"),
    (BACKUP, "a pattern or folder brings in backups or what a file manager left"),
    (LEFT_OUT, "a pattern or folder leaves out files that are named as secrets"),
    (ALLOWED, "`allow` lets a file through that would be refused"),
    (ALLOWS_NOTHING, "an `allow` that lets nothing through"),
    (SUBMODULE, "an entry takes in a git submodule that is not checked out"),
    (NOT_ITS_FORMAT, "a file of `[[write]]` is not of its format"),
    (NO_PLACE, "a file of `[[write]]` has no place for what is written"),
    (PLACE_TWICE, "a file of `[[write]]` has the same place twice"),
    (UNWRITABLE, "a file of `[[write]]` can't be written so that it is read as meant"),
];
