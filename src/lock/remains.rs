//! What can still be read of a lock that is damaged, section by section, so that one server's
//! entry can be written anew and the others stay as they are.
//!
//! Deliberately absent: what the new entry says.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::format::{self, END, HEAD, LockFault};
use super::{Entry, Lock, LockError, MAX_SIZE};
use crate::disk;
use crate::model::Server;

/// What is left of a lock.
#[derive(Debug, Default)]
pub struct Remains {
    path: PathBuf,
    /// The text of each section that can be read, by server.
    sections: BTreeMap<String, String>,
    /// What stands in the head of each section that can't be.
    lost: Vec<String>,
    is_damaged: bool,
}

impl Remains {
    /// Looks at the lock; of one that is not there, nothing is left and nothing is lost.
    ///
    /// # Errors
    /// [`LockError`] when the system refuses, and for a lock of a later zrel: that is whole.
    pub fn of(path: &Path) -> Result<Self, LockError> {
        let mut remains = Self { path: path.to_owned(), ..Self::default() };
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(remains),
            Err(source) => return Err(LockError::Read { path: path.to_owned(), source }),
            Ok(there) => remains.is_damaged = !there.is_file() || there.len() > MAX_SIZE,
        }
        if !remains.is_damaged {
            let bytes = disk::read(path, MAX_SIZE)
                .map_err(|source| LockError::Read { path: path.to_owned(), source })?;
            remains
                .read(&bytes)
                .map_err(|source| LockError::Fault { path: path.to_owned(), source })?;
        }
        Ok(remains)
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), LockFault> {
        let text = String::from_utf8_lossy(bytes);
        let whole = std::str::from_utf8(bytes).map(format::parse);
        match whole {
            Ok(Ok(_)) => {}
            Ok(Err(fault @ LockFault::Future(_))) => return Err(fault),
            Ok(Err(_)) | Err(_) => self.is_damaged = true,
        }
        let mut sections = split(&text);
        if format::is_cut(&text)
            && let Some(last) = sections.pop()
        {
            self.lost.push(head_of(&last));
        }
        for section in sections {
            // A replacement stands where the bytes were no text.
            let is_text = whole.is_ok() || !section.contains(char::REPLACEMENT_CHARACTER);
            match read_section(&section).filter(|_| is_text) {
                Some(name) if !self.sections.contains_key(&name) => {
                    self.sections.insert(name, section);
                }
                Some(_) | None => self.lost.push(head_of(&section)),
            }
        }
        self.lost.dedup();
        // Of two sections of one server, nothing tells which is right.
        self.sections.retain(|name, _| !self.lost.contains(name));
        Ok(())
    }

    /// Tells whether there is a lock that can't be trusted.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// Returns the servers whose entries can't be read, as their heads name them.
    pub fn lost(&self) -> &[String] {
        &self.lost
    }

    /// Returns the entry of a server, where it can be read and is of the same address.
    pub fn entry(&self, server: &Server) -> Option<Entry> {
        let section = self.sections.get(&server.name)?;
        let lock = parse_section(section)?;
        lock.entry(server).cloned()
    }

    /// Writes the lock with a new entry for this server; the sections of others stay as they are
    /// to the byte. A damaged lock is kept beside: returns where.
    ///
    /// # Errors
    /// [`LockError::Write`]; the lock is then as it was.
    pub fn rebuild(
        mut self,
        server: &Server,
        entry: Entry,
    ) -> Result<(Lock, Option<PathBuf>), LockError> {
        let entry = Entry { url: super::locked_url(server), ..entry };
        let section = format::print_section(&server.name, &entry);
        self.sections.insert(server.name.clone(), section);
        let text = format::frame(self.sections.into_values());
        let failed = |source| LockError::Write { path: self.path.clone(), source };
        let lock = format::parse(&text)
            .map_err(|source| LockError::Fault { path: self.path.clone(), source })?;
        let kept =
            if self.is_damaged { Some(set_aside(&self.path).map_err(failed)?) } else { None };
        if let Err(error) = super::write(&self.path, &text) {
            if let Some(kept) = kept {
                fs::rename(kept, &self.path).map_err(failed)?;
            }
            return Err(error);
        }
        Ok((lock, kept))
    }
}

/// Splits a lock into its sections; what stands before the first is none.
fn split(text: &str) -> Vec<String> {
    let mut sections: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| ![HEAD, END].contains(line)) {
        if line.starts_with('[') {
            sections.push(String::new());
        }
        if let Some(section) = sections.last_mut() {
            section.push_str(line);
            section.push('\n');
        }
    }
    for section in &mut sections {
        let end = section.trim_end().len();
        section.truncate(end);
        section.push('\n');
    }
    sections
}

/// Returns whose section it is, when it can be read.
fn read_section(section: &str) -> Option<String> {
    let lock = parse_section(section)?;
    let mut names = lock.servers.into_keys();
    names.next().filter(|_| names.next().is_none())
}

fn parse_section(section: &str) -> Option<Lock> {
    format::parse(&format!("format = 1\n{section}")).ok()
}

fn head_of(section: &str) -> String {
    let head = section.lines().next().unwrap_or_default();
    head.trim_matches(['[', ']', '"']).chars().take(100).collect()
}

/// Gives a damaged lock another name beside it, over no other file.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_owned();
    for number in 1.. {
        let mut name = name.clone();
        name.push(if number == 1 { ".damaged".to_owned() } else { format!(".damaged-{number}") });
        let aside = path.with_file_name(name);
        if fs::symlink_metadata(&aside).is_ok() {
            continue;
        }
        fs::rename(path, &aside)?;
        disk::sync_folder_of(path)?;
        return Ok(aside);
    }
    Err(io::Error::other("no name is free"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConceptId, RecordId};

    const ZENODO: &str = "[zenodo]\nlast  =  7 # by hand\nconcept = 6\n";

    fn server(name: &str) -> Server {
        Server::built_in(name).unwrap()
    }

    fn sandbox() -> Entry {
        let mut entry = Entry { concept: Some(ConceptId(1)), ..Entry::default() };
        entry.record.last = Some(RecordId(2));
        entry
    }

    /// Rebuilds the entry of the sandbox in a lock with these bytes.
    fn rebuilt(bytes: &[u8]) -> (String, Vec<String>, Option<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        fs::write(&path, bytes).unwrap();
        let remains = Remains::of(&path).unwrap();
        let lost = remains.lost().to_vec();
        let (lock, kept) = remains.rebuild(&server("sandbox"), sandbox()).unwrap();
        assert_eq!(Lock::load(&path).unwrap(), lock);
        assert_eq!(lock.entry(&server("sandbox")), Some(&sandbox()));
        if let Some(kept) = &kept {
            assert_eq!(fs::read(kept).unwrap(), bytes);
        }
        (fs::read_to_string(&path).unwrap(), lost, kept)
    }

    #[test]
    fn the_sections_of_other_servers_stay_to_the_byte() {
        let bad = format!("{HEAD}\nformat = 1\n\n[sandbox]\nlast = x\n\n{ZENODO}\n{END}\n");
        let (text, lost, kept) = rebuilt(bad.as_bytes());
        assert!(text.contains(ZENODO), "{text}");
        assert_eq!((lost, kept.is_some()), (vec!["sandbox".to_owned()], true));
        let good = format!("format = 1\n\n{ZENODO}");
        let (text, lost, kept) = rebuilt(good.as_bytes());
        assert!(text.contains(ZENODO), "{text}");
        assert_eq!((lost.len(), kept), (0, None));
    }

    #[test]
    fn what_can_not_be_read_is_lost_and_named() {
        let cut = format!("{HEAD}\nformat = 1\n\n{ZENODO}");
        let conflict = format!("format = 1\n[zenodo]\n<<<<<<< HEAD\nlast = 7\n=======\n{ZENODO}");
        let mut bytes = format!("format = 1\n{ZENODO}").into_bytes();
        let at = bytes.len() - 2;
        bytes[at] = 0xff;
        for bad in [cut.as_bytes(), &bytes, conflict.as_bytes()] {
            let (text, lost, kept) = rebuilt(bad);
            assert!(!text.contains("[zenodo]") && kept.is_some(), "{text}");
            assert_eq!(lost, ["zenodo"]);
        }
    }

    #[test]
    fn a_damaged_lock_is_kept_beside_over_no_other_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        for number in 0..3 {
            fs::write(&path, format!("damage {number}")).unwrap();
            let remains = Remains::of(&path).unwrap();
            let (_, kept) = remains.rebuild(&server("sandbox"), sandbox()).unwrap();
            assert_eq!(fs::read_to_string(kept.unwrap()).unwrap(), format!("damage {number}"));
        }
        let first = dir.path().join("zenodo.lock.damaged");
        assert_eq!(fs::read_to_string(first).unwrap(), "damage 0");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let (_, kept) = Remains::of(&path).unwrap().rebuild(&server("sandbox"), sandbox()).unwrap();
        assert!(kept.unwrap().is_dir());
    }

    #[test]
    fn a_lock_of_a_later_zrel_is_whole_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        fs::write(&path, "format = 2\n").unwrap();
        let error = Remains::of(&path).unwrap_err();
        assert!(matches!(error, LockError::Fault { source: LockFault::Future(_), .. }), "{error}");
    }
}
