//! A folder as one zip whose bytes depend on nothing but names, contents and executable bits.
//!
//! Nothing is compressed, so no encoder can change the bytes; times are fixed, names sorted and in
//! Unicode NFC. Deliberately absent: where the archive's name in the record comes from (`gather`).

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use sha2::Digest as _;
use unicode_normalization::UnicodeNormalization;
use zip::write::SimpleFileOptions;

use crate::disk;
use crate::model::{FileSource, Finding, Sha256};

use super::codes;
use super::git::Checkout;
use super::hash::cache::{Cache, make_own_folder};
use super::hash::chunks;
use super::hash::file_stamp::{self, FileStamp};
use super::secrets::names;
use super::select::glob::{self, Excludes};
use super::select::safe_path::{self, Fault};
use super::types::{
    Candidate, Digests, HashFailure, HashRequest, HashResults, Member, Options, Wanted,
};
use super::walk::{self, Rules, WALK_LIMIT, Walk, WalkFault};
use super::written::Mask;

/// Rises with every change that gives the same folder other bytes; part of the content digest.
pub(super) const FORMAT: u32 = 1;

/// What a folder's walk found.
#[derive(Debug)]
pub(super) struct Members {
    /// Its files, sorted by name.
    pub(super) files: Vec<Member>,
    /// What is named as a secret and left out, by path, sorted.
    pub(super) left_out: Vec<String>,
}

/// Finds a folder's files.
///
/// # Errors
/// The findings, still without a place in the manifest.
pub(super) fn find_members(
    root: &Path,
    folder: &str,
    excludes: &Excludes,
    checkout: Option<&Checkout>,
) -> Result<Members, Vec<Finding>> {
    let one = |fault: Fault| vec![fault.finding()];
    let parts = safe_path::split_parts(folder).map_err(one)?;
    if let Some(why) = names::check_name(&parts.join("/")) {
        return Err(one(Fault::Secret(folder.to_owned(), why)));
    }
    let (_, metadata) = safe_path::find_safe_place(root, &parts).map_err(one)?;
    if !metadata.is_dir() {
        return Err(vec![
            Finding::error(codes::NOT_A_FILE, format!("`{folder}` is not a folder"))
                .hint(format!("to publish the file itself write `path = \"{folder}\"`")),
        ]);
    }
    let place: PathBuf = parts.iter().collect();
    let mut members = Members { files: Vec::new(), left_out: Vec::new() };
    let mut findings = Vec::new();
    for found in walk_place(root, &place, checkout) {
        match found {
            Ok(rel) if excludes.leave_out(&rel) => {}
            Ok(rel) => {
                let taken = members.take(root, &place, &rel, checkout);
                findings.extend(taken.err());
            }
            Err(WalkFault::Unreadable(rel, error)) => {
                findings.push(report_unreadable(folder, &rel, &error));
            }
            Err(WalkFault::TooLong) => {
                findings.push(report_too_long(folder));
                break;
            }
        }
    }
    members.files.sort_by(|a, b| a.name.cmp(&b.name));
    let pairs = members.files.windows(2).filter(|pair| pair[0].name == pair[1].name);
    findings.extend(pairs.map(|pair| report_same_name(folder, &pair[0].name)));
    if members.files.is_empty() && findings.is_empty() {
        findings.push(
            Finding::error(codes::NO_MATCH, format!("there is no file to publish in `{folder}`"))
                .because("empty folders, secrets and what `.gitignore` names are left out"),
        );
    }
    members.left_out.sort();
    if findings.is_empty() { Ok(members) } else { Err(findings) }
}

impl Members {
    /// Takes a file, or its name where that is a secret's.
    fn take(
        &mut self,
        root: &Path,
        place: &Path,
        rel: &Path,
        checkout: Option<&Checkout>,
    ) -> Result<(), Finding> {
        let shown = glob::show_path(rel);
        match names::check_name(&shown) {
            Some(fault) => self.left_out.extend(fault.kind.map(|_| shown)),
            None => self.files.push(make_member(root, place, rel, checkout)?),
        }
        Ok(())
    }
}

/// Walks a folder by the repository's own `.gitignore` files and nothing of the user's.
fn walk_place(root: &Path, place: &Path, checkout: Option<&Checkout>) -> Walk {
    // Above a folder without a repository lies what is the user's own.
    let rules =
        checkout.map_or(Rules::InFolder, |checkout| Rules::InRepository(checkout.top.as_path()));
    let enters = |rel: &Path| names::check_name(&format!("{}/x", glob::show_path(rel))).is_none();
    walk::walk_folder(root, place, rules, WALK_LIMIT, enters)
}

fn report_too_long(folder: &str) -> Finding {
    Finding::error(
        codes::WALK_TOO_LONG,
        format!("`{folder}` holds more than {WALK_LIMIT} files and folders"),
    )
    .hint("pack it yourself, and publish the one file")
}

fn report_unreadable(folder: &str, rel: &Path, error: &io::Error) -> Finding {
    Finding::error(codes::UNREADABLE, format!("can't read all of `{folder}`"))
        .because(format!("`{}`: {error}", glob::show_path(rel)))
        .hint("check who may read it")
}

fn report_same_name(folder: &str, name: &str) -> Finding {
    Finding::error(codes::SAME_NAME, format!("two files in `{folder}` have the name `{name}`"))
        .because("they differ only in Unicode form")
        .hint("rename one of them")
}

/// Makes a member of a file that a walk found.
fn make_member(
    root: &Path,
    place: &Path,
    rel: &Path,
    checkout: Option<&Checkout>,
) -> Result<Member, Finding> {
    let (Some(text), Some(name)) =
        (glob::join_slashes(rel), glob::join_slashes(rel.strip_prefix(place).unwrap_or(rel)))
    else {
        return Err(glob::report_not_unicode(rel));
    };
    let path = root.join(rel);
    let fault = |error| Fault::Unreadable(text.clone(), error).finding();
    let metadata = fs::symlink_metadata(&path).map_err(fault)?;
    if metadata.is_symlink() {
        return Err(Fault::Symlink(text).finding());
    }
    if let Some(what) = disk::describe_other_kind(&metadata) {
        return Err(Fault::NotFile(text, what).finding());
    }
    if name.contains('\\') || name.chars().any(char::is_control) {
        return Err(Finding::error(
            codes::BAD_NAME,
            format!("`{}` can't be a name in an archive", text.escape_debug()),
        )
        .because("a backslash or control character can't be unpacked everywhere")
        .hint("rename it"));
    }
    let tracked = checkout.and_then(|checkout| checkout.executable.get(&text).copied());
    Ok(Member {
        name: name.nfc().collect(),
        executable: tracked.unwrap_or_else(|| file_stamp::is_executable(&metadata)),
        request: HashRequest {
            rel: text,
            path,
            stamp: FileStamp::of(&metadata),
            wanted: Wanted::SHA256,
        },
    })
}

/// An archive that is written, not yet hashed.
#[derive(Debug)]
pub(super) struct Made {
    /// The archive itself.
    pub(super) request: HashRequest,
    /// What it was made of.
    pub(super) source: FileSource,
    /// The folder, for a message.
    pub(super) shown: String,
    /// The digest of its content with written values masked; none when nothing in it is written.
    pub(super) masked: Option<Sha256>,
}

/// Makes an archive, or takes the one that is there.
///
/// One that is there is taken only while the cache knows its digests: a file that another program
/// put there does not have the stamp that is remembered.
///
/// # Errors
/// A finding when a member could not be hashed, or the archive can't be written.
pub(super) fn write_or_reuse(
    candidate: &Candidate,
    (folder, members): (&str, &[Member]),
    digests: &HashResults,
    options: &Options,
    cache: &Cache,
) -> Result<Made, Finding> {
    let content = digest_content(members, digests, &BTreeMap::new())?;
    let key = candidate.key.as_str();
    let kept = locate_kept(content, key);
    let rel = format!(".zrel/{kept}");
    let path = options.zrel_dir.join(kept);
    let stamp_of = |path| fs::symlink_metadata(path).map(|metadata| FileStamp::of(&metadata));
    let known = stamp_of(&path).ok().filter(|stamp| cache.get(&rel, stamp, Wanted::MD5).is_some());
    let stamp = if let Some(stamp) = known {
        stamp
    } else {
        let path = write_archive(&options.zrel_dir, key, content, members, digests)?;
        stamp_of(&path).map_err(|error| HashFailure::Io(error).finding(&rel))?
    };
    let n_files = members.len();
    let source = FileSource::Archive {
        folder: folder.to_owned(),
        n_files,
        content,
        content_bytes: candidate.bytes(),
    };
    let request = HashRequest { rel, path, stamp, wanted: Wanted::MD5 };
    Ok(Made { request, source, shown: folder.to_owned(), masked: None })
}

/// Returns the digest of what is in an archive: the format, and of each file its name, mode, size
/// and contents, for some of them with the written values masked.
///
/// # Errors
/// The first file that could not be hashed.
fn digest_content(
    members: &[Member],
    digests: &HashResults,
    masks: &BTreeMap<String, Mask>,
) -> Result<Sha256, Finding> {
    let mut sum = sha2::Sha256::new();
    sum.update(format!("zrel archive {FORMAT}\n"));
    for member in members {
        let sha256 = get_sha256(member, digests)?;
        let mask = masks.get(&member.request.rel).copied();
        let Mask { size, sha256 } =
            mask.unwrap_or(Mask { size: member.request.stamp.size, sha256 });
        let name = &member.name;
        // A name holds no line break, so no two lists of files give one text.
        sum.update(format!("{:o} {size} {sha256} {name}\n", choose_mode(member)));
    }
    Ok(Sha256(sum.finalize().into()))
}

/// Returns the digest of an archive's content with the written values masked; `None` when nothing in
/// it is written.
///
/// # Errors
/// The first file that could not be hashed.
pub(super) fn digest_masked(
    members: &[Member],
    digests: &HashResults,
    masks: &BTreeMap<String, Mask>,
) -> Result<Option<Sha256>, Finding> {
    let is_written = members.iter().any(|member| masks.contains_key(&member.request.rel));
    is_written.then(|| digest_content(members, digests, masks)).transpose()
}

fn get_sha256(member: &Member, digests: &HashResults) -> Result<Sha256, Finding> {
    let rel = &member.request.rel;
    match digests.get(rel) {
        Some(Ok(Digests { sha256: Some(sha256), .. })) => Ok(*sha256),
        Some(Err(failure)) => Err(failure.finding(rel)),
        Some(Ok(_)) | None => Err(HashFailure::Changed.finding(rel)),
    }
}

fn choose_mode(member: &Member) -> u32 {
    if member.executable { 0o755 } else { 0o644 }
}

/// Returns where an archive of this content and name is kept, relative to zrel's folder.
fn locate_kept(content: Sha256, key: &str) -> String {
    let digits = content.to_string();
    format!("archives/{}-{key}", &digits[..16])
}

/// Writes an archive in one step, and removes older ones of the same name.
///
/// # Errors
/// A finding when a file changed meanwhile, or the archive can't be written.
fn write_archive(
    zrel_dir: &Path,
    key: &str,
    content: Sha256,
    members: &[Member],
    digests: &HashResults,
) -> Result<PathBuf, Finding> {
    let unwritten = |error: io::Error| {
        Finding::error(codes::ARCHIVE_UNWRITTEN, format!("can't write the archive `{key}`"))
            .because(error.to_string())
            .hint("check that there is room for it, and who may write in `.zrel`")
    };
    let folder = make_own_folder(zrel_dir, "archives").map_err(unwritten)?;
    let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(unwritten)?;
    pack(file.as_file_mut(), members, digests)?.map_err(unwritten)?;
    // A time long past: whatever writes to it later leaves another one, so its digest can be cached.
    let past = FileTimes::new().set_modified(UNIX_EPOCH + Duration::from_hours(24 * 3652));
    file.as_file().set_times(past).map_err(unwritten)?;
    remove_older(&folder, key);
    let path = zrel_dir.join(locate_kept(content, key));
    file.persist(&path).map_err(|error| unwritten(error.error))?;
    Ok(path)
}

/// Writes the zip: `Err` for a faulty member, `Ok(Err)` when writing fails.
fn pack(
    file: &mut File,
    members: &[Member],
    digests: &HashResults,
) -> Result<io::Result<()>, Finding> {
    let mut zip = zip::ZipWriter::new(file);
    for member in members {
        if let Err(error) = zip.start_file(&member.name, choose_options(member)) {
            return Ok(Err(error.into()));
        }
        let expected = get_sha256(member, digests)?;
        match copy(member, &mut zip) {
            Ok(found) if found == expected => (),
            Ok(_) => return Err(HashFailure::Changed.finding(&member.request.rel)),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(zip.finish().map(|_| ()).map_err(io::Error::from))
}

fn choose_options(member: &Member) -> SimpleFileOptions {
    SimpleFileOptions::DEFAULT
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::DEFAULT)
        .system(zip::System::Unix)
        .unix_permissions(choose_mode(member))
        .large_file(member.request.stamp.size >= u64::from(u32::MAX))
}

/// Copies a file, never wholly in memory, and returns the digest of what was copied.
fn copy(member: &Member, zip: &mut impl Write) -> io::Result<Sha256> {
    let (mut file, _) = disk::open_regular(&member.request.path)?;
    let mut sum = sha2::Sha256::new();
    chunks::read_chunks(&mut file, &mut |chunk| {
        sum.update(chunk);
        zip.write_all(chunk)
    })?;
    Ok(Sha256(sum.finalize().into()))
}

/// Removes archives of this name that other contents left; one that stays does no harm.
fn remove_older(folder: &Path, key: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_older = name.to_str().and_then(|name| name.split_at_checked(16)).is_some_and(
            |(digits, rest)| {
                digits.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && rest.strip_prefix('-') == Some(key)
            },
        );
        if is_older {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::hash::hash_files;

    fn made(dir: &Path, names: &[(&str, &str)]) -> (Vec<Member>, HashResults) {
        for (name, text) in names {
            let path = dir.join("folder").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let excludes = Excludes::parse(&[]).unwrap();
        let mut members = find_members(dir, "folder", &excludes, None).unwrap().files;
        for member in &mut members {
            member.executable = member.name == "a.sh";
        }
        let requests: Vec<_> = members.iter().map(|member| member.request.clone()).collect();
        let digests = hash_files::hash_all(&requests, None, &mut Cache::default(), &|_| ());
        (members, digests)
    }

    fn zip_of(dir: &Path, names: &[(&str, &str)]) -> (Sha256, Vec<u8>) {
        let (members, digests) = made(dir, names);
        let content = digest_content(&members, &digests, &BTreeMap::new()).unwrap();
        let path = write_archive(dir, "folder.zip", content, &members, &digests).unwrap();
        (content, fs::read(path).unwrap())
    }

    /// If this fails, archives that are published would be sent again: raise `FORMAT`, or find
    /// what changed the bytes.
    #[test]
    fn the_bytes_of_an_archive_are_those_of_its_format() {
        let dir = tempfile::tempdir().unwrap();
        let names =
            [("b/data.csv", "x,y\n1,2\n"), ("a.sh", "echo\n"), ("e\u{301}.txt", ""), ("Z", "z")];
        let (content, bytes) = zip_of(dir.path(), &names);
        let md5: [u8; 16] = md5::Md5::digest(&bytes).into();
        assert_eq!(crate::model::Md5(md5).to_string(), "ca87d80d3d015e12721dc1ed3d385acf");
        assert_eq!(
            content.to_string(),
            "7067574ff705187e9ce2cd4ca1730ba54f9f8153c7035fb11d50a3e390e8dbbd"
        );
    }

    #[test]
    fn an_archive_unpacks_to_what_went_in() {
        let dir = tempfile::tempdir().unwrap();
        let (_, bytes) =
            zip_of(dir.path(), &[("b/data.csv", "x"), ("a.sh", "echo\n"), ("e\u{301}", "")]);
        let mut zip = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        let mut found = Vec::new();
        for index in 0..zip.len() {
            let mut file = zip.by_index(index).unwrap();
            let mut text = String::new();
            io::Read::read_to_string(&mut file, &mut text).unwrap();
            let time = file.last_modified().unwrap().to_string();
            assert_eq!(time, "1980-01-01 00:00:00");
            let name = file.name().unwrap().into_owned();
            found.push((name, file.unix_mode().unwrap() & 0o7777, text));
        }
        let expected =
            [("a.sh", 0o755, "echo\n"), ("b/data.csv", 0o644, "x"), ("\u{e9}", 0o644, "")];
        let expected: Vec<_> =
            expected.iter().map(|(n, m, t)| ((*n).to_owned(), *m, (*t).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_older_archive_of_the_name_goes_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        zip_of(dir.path(), &[("a", "1")]);
        let other = dir.path().join("archives/0123456789abcdef-other-folder.zip");
        fs::write(&other, "").unwrap();
        zip_of(dir.path(), &[("a", "2")]);
        assert!(other.exists());
        assert_eq!(fs::read_dir(dir.path().join("archives")).unwrap().count(), 2);
    }

    #[test]
    fn secrets_and_what_gitignore_names_stay_out() {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            (".gitignore", "*.tmp\n"),
            ("a.tmp", "a"),
            (".hidden", "h"),
            (".env", "TOKEN=1"),
            (".envrc", "TOKEN=1"),
            (".netrc", "password"),
            (".ssh/known", "h"),
            ("sub/.git-credentials", "c"),
            (".git/config", "c"),
            ("sub/.zrel/x", "x"),
            ("id_rsa", "k"),
            ("k.pem", "PRIVATE KEY"),
            ("zenodo.lock", "l"),
        ];
        let (made, _) = made(dir.path(), &names);
        let excludes = Excludes::parse(&[]).unwrap();
        let found = find_members(dir.path(), "folder", &excludes, None).unwrap();
        assert_eq!(
            found.left_out,
            [".env", ".envrc", ".netrc", "id_rsa", "k.pem", "sub/.git-credentials"]
                .map(|name| format!("folder/{name}"))
        );
        let members = made;
        let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, [".gitignore", ".hidden"]);
    }

    #[test]
    fn a_folders_own_gitignore_counts_and_the_users_above_it_does_not() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".gitignore"), "*").unwrap();
        let (members, _) = made(dir.path(), &[("a", "a")]);
        assert_eq!(members.len(), 1);
    }

    #[test]
    fn a_member_that_changes_before_it_is_packed_is_a_fault() {
        let dir = tempfile::tempdir().unwrap();
        let (members, digests) = made(dir.path(), &[("a", "1")]);
        fs::write(dir.path().join("folder/a"), "2").unwrap();
        let finding =
            write_archive(dir.path(), "k", Sha256([0; 32]), &members, &digests).unwrap_err();
        assert_eq!(finding.code, codes::CHANGED);
        assert_eq!(fs::read_dir(dir.path().join("archives")).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_folder_is_a_fault() {
        let dir = tempfile::tempdir().unwrap();
        made(dir.path(), &[("a", "1")]);
        std::os::unix::fs::symlink("a", dir.path().join("folder/l")).unwrap();
        let excludes = Excludes::parse(&[]).unwrap();
        let findings = find_members(dir.path(), "folder", &excludes, None).unwrap_err();
        assert_eq!(findings[0].code, codes::SYMLINK);
    }
}
