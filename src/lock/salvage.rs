//! Reads what is left of a damaged lock, section by section, so that one entry can be written anew
//! and the others stay as they are.
//!
//! Deliberately absent: what the new entry says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::disk_file::{MAX_SIZE, write_lock_file};
use super::format::{self, END, HEAD, HEAD_2};
use super::guard;
use super::parse;
use super::types::{Entry, Facts, Key, LockError, LockFault, USUAL_MANIFEST};
use super::view::{Lock, find_locked_url};
use crate::disk;
use crate::model::{ConceptId, Server};

/// What is left of a lock, as one manifest sees it.
#[derive(Debug)]
pub struct LockSalvage {
    path: PathBuf,
    manifest: String,
    /// Each section that can be read: its text in today's format, and what it says.
    sections: BTreeMap<Key, (String, Entry)>,
    /// The sections that can't be read.
    lost: Vec<Lost>,
    /// The record and address that lines of lost sections name, where their checksums match.
    heads: BTreeMap<Key, Heads>,
    is_damaged: bool,
}

/// The concepts and addresses that lost sections of one entry name.
#[derive(Debug, Default)]
struct Heads {
    concepts: BTreeSet<ConceptId>,
    urls: BTreeSet<String>,
}

/// Whose entry can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// That of this manifest and server.
    Entry(Key),
    /// The head of the section, as it is, when it can't be read either.
    Head(String),
}

impl Heads {
    fn read(&mut self, key: &Key, section: &str) {
        for Entry { url, concept, record: _ } in
            section.lines().filter_map(|line| format::read_head(key, line))
        {
            self.concepts.extend(concept);
            self.urls.extend(url);
        }
    }
}

impl Lost {
    /// Returns whether it is the entry of this manifest and server.
    pub fn is_of(&self, manifest: &str, server: &Server) -> bool {
        *self == Lost::Entry(Key::new(manifest, &server.name))
    }
}

impl LockSalvage {
    /// Reads the lock; of a missing file, nothing is left and nothing is lost.
    ///
    /// # Errors
    /// [`LockError`] when the system refuses, and for a lock of a later zrel: that is whole.
    pub fn of(path: &Path, manifest: impl Into<String>) -> Result<Self, LockError> {
        let mut salvage = Self {
            path: path.to_owned(),
            manifest: manifest.into(),
            sections: BTreeMap::new(),
            lost: Vec::new(),
            heads: BTreeMap::new(),
            is_damaged: false,
        };
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(salvage),
            Err(source) => return Err(LockError::Read { path: path.to_owned(), source }),
            Ok(there) => salvage.is_damaged = !there.is_file() || there.len() > MAX_SIZE,
        }
        if !salvage.is_damaged {
            let bytes = disk::read_regular_file(path, MAX_SIZE)
                .map_err(|source| LockError::Read { path: path.to_owned(), source })?;
            salvage
                .read(&bytes)
                .map_err(|source| LockError::Fault { path: path.to_owned(), source })?;
        }
        Ok(salvage)
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), LockFault> {
        let text = String::from_utf8_lossy(bytes);
        let whole = std::str::from_utf8(bytes).map(parse::parse_lock);
        match whole {
            Ok(Ok(_)) => {}
            // A lock of a later zrel is whole: to rebuild it would destroy it.
            Ok(Err(fault @ LockFault::Future(_))) => return Err(fault),
            Ok(Err(_)) | Err(_) => self.is_damaged = true,
        }
        let format = find_format(&text);
        let mut sections = split_sections(&text);
        // The last section of a cut lock may lack lines, however well the others match.
        if parse::is_cut(&text)
            && let Some(last) = sections.pop()
        {
            self.lose(&last);
        }
        for section in sections {
            // A replacement character marks bytes that were not text.
            let is_text = whole.is_ok() || !section.contains(char::REPLACEMENT_CHARACTER);
            match read_section(&section, format).filter(|_| is_text) {
                Some((key, read)) if !self.sections.contains_key(&key) => {
                    self.sections.insert(key, read);
                }
                Some(_) | None => self.lose(&section),
            }
        }
        self.lost.dedup();
        // Of two sections of one entry, nothing tells which is right.
        let lost = &self.lost;
        let is_lost = |key: &Key| lost.contains(&Lost::Entry(key.clone()));
        for (key, (text, _)) in self.sections.extract_if(.., |key, _| is_lost(key)) {
            self.heads.entry(key.clone()).or_default().read(&key, &text);
        }
        Ok(())
    }

    /// Records whose section can't be read, and what it says of its record all the same.
    fn lose(&mut self, section: &str) {
        let lost = read_lost_section(section);
        if let Lost::Entry(key) = &lost {
            self.heads.entry(key.clone()).or_default().read(key, section);
        }
        self.lost.push(lost);
    }

    /// Returns the concept of an entry that can't be read, when its own line is as zrel wrote it.
    pub fn concept_of(&self, lost: &Lost) -> Option<ConceptId> {
        let Lost::Entry(key) = lost else { return None };
        let concepts = &self.heads.get(key)?.concepts;
        // Of two concepts, nothing tells which is right.
        concepts.first().copied().filter(|_| concepts.len() == 1)
    }

    /// Returns the concept of the manifest's own entry for a server, when the entry can't be read;
    /// none when it is that of another address.
    pub fn concept_on(&self, server: &Server) -> Option<ConceptId> {
        let key = Key::new(&self.manifest, &server.name);
        let urls = self.heads.get(&key)?.urls.iter().cloned();
        let is_same = urls.eq(find_locked_url(server));
        self.concept_of(&Lost::Entry(key)).filter(|_| is_same)
    }

    /// Returns whether there is a lock that can't be trusted.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// Returns whose entries can't be read.
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// Returns what can be read, as the manifest sees it.
    pub fn lock(&self) -> Lock {
        let facts = self.sections.iter().map(|(key, (_, entry))| (key.clone(), entry.clone()));
        Lock { manifest: self.manifest.clone(), facts: facts.collect() }
    }

    /// Writes the lock with a new entry of the manifest for this server; what other sections say
    /// stays as it is, those in today's format to the byte. A damaged lock is kept beside it:
    /// returns where. Other writers wait meanwhile.
    ///
    /// # Errors
    /// [`LockError`]; the lock is then as it was.
    pub fn rebuild(
        self,
        server: &Server,
        entry: Entry,
    ) -> Result<(Lock, Option<PathBuf>), LockError> {
        let _nobody_else = guard::hold_write_lock(&self.path)?;
        // Another manifest's apply may have written since it was read.
        let now = Self::of(&self.path, self.manifest)?;
        let entry = Entry { url: find_locked_url(server), ..entry };
        let key = Key::new(&now.manifest, &server.name);
        let section = format::print_section(&key, &entry);
        let mut sections = now.sections;
        sections.insert(key, (section, entry));
        let text = format::wrap_sections(sections.into_values().map(|(text, _)| text));
        let failed = |source| LockError::Write { path: now.path.clone(), source };
        // Read back before it replaces anything.
        let facts = parse::parse_lock(&text)
            .map_err(|source| LockError::Fault { path: now.path.clone(), source })?;
        let kept = if now.is_damaged { Some(set_aside(&now.path).map_err(failed)?) } else { None };
        if let Err(error) = write_lock_file(&now.path, &text) {
            // Nothing was written, so the damaged lock goes back to its place.
            if let Some(kept) = kept {
                fs::rename(kept, &now.path).map_err(failed)?;
            }
            return Err(error);
        }
        Ok((Lock { manifest: now.manifest, facts }, kept))
    }
}

/// Returns the format that the lines before the first section name; none when they are damaged.
fn find_format(text: &str) -> Option<&str> {
    let before = text.lines().take_while(|line| !line.starts_with('['));
    let mut before = before.map(str::trim);
    before.find_map(|line| line.strip_prefix("format = "))
}

/// Splits a lock into its sections; what is before the first is left out.
fn split_sections(text: &str) -> Vec<String> {
    let mut sections: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| ![HEAD, HEAD_2, END].contains(line)) {
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

/// Returns whose section it is, its text in today's format, and what it says; none when it can't be
/// read.
fn read_section(section: &str, format: Option<&str>) -> Option<(Key, (String, Entry))> {
    let own = if section.starts_with("[manifest.") { "2" } else { "1" };
    // When the file names its format, a section of the other one was added by hand.
    if format.is_some_and(|format| format != own) {
        return None;
    }
    let facts: Facts = parse::parse_lock(&format!("format = {own}\n{section}")).ok()?;
    let mut facts = facts.into_iter();
    let (key, entry) = facts.next().filter(|_| facts.len() == 0)?;
    let text = match own {
        "2" => section.to_owned(),
        _ => format::print_section(&key, &entry),
    };
    Some((key, (text, entry)))
}

/// Reads whose section it is from its head.
fn read_lost_section(section: &str) -> Lost {
    let head = section.lines().next().unwrap_or_default();
    match parse_section_key(head) {
        Some(key) => Lost::Entry(key),
        None => Lost::Head(head.chars().take(100).collect()),
    }
}

fn parse_section_key(head: &str) -> Option<Key> {
    let table = DeTable::parse(head).ok()?;
    let mut path = Vec::new();
    let mut next = table.get_ref().iter().next();
    while let Some((name, value)) = next {
        path.push(name.get_ref().to_string());
        next = value.get_ref().as_table().and_then(|table| table.iter().next());
    }
    match path.as_slice() {
        // Format 1 knew only the usual manifest.
        [server] => Some(Key::new(USUAL_MANIFEST, server)),
        [manifests, manifest, server] if manifests == "manifest" => {
            Some(Key::new(manifest, server))
        }
        _ => None,
    }
}

/// Renames a damaged lock, over no other file.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_owned();
    for number in 1.. {
        let mut name = name.clone();
        name.push(if number == 1 { ".damaged".to_owned() } else { format!(".damaged-{number}") });
        let aside = path.with_file_name(name);
        // An earlier damaged lock may be all that is left of an entry.
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
    use crate::model::RecordId;

    const ZENODO: &str = "[zenodo]\nlast  =  7 # by hand\nconcept = 6\n";

    fn server(name: &str) -> Server {
        Server::built_in(name).unwrap()
    }

    fn entry(concept: u64) -> Entry {
        let mut entry = Entry { concept: Some(ConceptId(concept.into())), ..Entry::default() };
        entry.record.last = Some(RecordId((concept + 1).into()));
        entry
    }

    /// The section of a manifest on Zenodo, in today's format.
    fn section(manifest: &str) -> String {
        format::print_section(&Key::new(manifest, "zenodo"), &entry(6))
    }

    /// Rebuilds the usual manifest's entry for the sandbox in a lock with these bytes.
    fn rebuilt(bytes: &[u8]) -> (String, Vec<Lost>, Option<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        fs::write(&path, bytes).unwrap();
        let salvage = LockSalvage::of(&path, USUAL_MANIFEST).unwrap();
        let lost = salvage.lost().to_vec();
        let (lock, kept) = salvage.rebuild(&server("sandbox"), entry(1)).unwrap();
        assert_eq!(Lock::load(&path, USUAL_MANIFEST).unwrap(), lock);
        assert_eq!(lock.entry(&server("sandbox")), Some(&entry(1)));
        if let Some(kept) = &kept {
            assert_eq!(fs::read(kept).unwrap(), bytes);
        }
        (fs::read_to_string(&path).unwrap(), lost, kept)
    }

    #[test]
    fn the_other_sections_stay_to_the_byte() {
        let (a, b) = (section("a.toml"), section("zenodo.toml"));
        let a = a.replace("\nlast", "\n\n# A remark.\nlast");
        let own = "[manifest.\"zenodo.toml\".sandbox]\nlast = x\n";
        let bad = format!("{HEAD}\nformat = 2\n\n{a}\n{own}\n{b}\n{END}\n");
        let (text, lost, kept) = rebuilt(bad.as_bytes());
        assert!(text.contains(&a) && text.contains(&b), "{text}");
        let key = Key::new("zenodo.toml", "sandbox");
        assert_eq!((lost, kept.is_some()), (vec![Lost::Entry(key)], true));
        let (text, lost, kept) = rebuilt(format!("format = 2\n\n{a}").as_bytes());
        assert!(text.contains(&a), "{text}");
        assert_eq!((lost.len(), kept), (0, None));
    }

    #[test]
    fn sections_of_format_1_keep_what_they_say() {
        let bad = format!("{HEAD}\nformat = 1\n\n[sandbox]\nlast = x\n\n{ZENODO}\n{END}\n");
        let (text, lost, kept) = rebuilt(bad.as_bytes());
        assert!(text.contains(&section("zenodo.toml")), "{text}");
        let key = Key::new("zenodo.toml", "sandbox");
        assert_eq!((lost, kept.is_some()), (vec![Lost::Entry(key)], true));
        let (text, lost, kept) = rebuilt(format!("format = 1\n\n{ZENODO}").as_bytes());
        assert!(text.contains(&section("zenodo.toml")), "{text}");
        assert_eq!((lost.len(), kept), (0, None));
    }

    #[test]
    fn a_section_of_format_1_without_its_last_version_is_lost() {
        let bad = "format = 1\n\n[zenodo]\nconcept = 6\nversions.7 = \"1.0\"\n";
        let (_, lost, kept) = rebuilt(bad.as_bytes());
        assert_eq!(lost, [Lost::Entry(Key::new("zenodo.toml", "zenodo"))]);
        assert!(kept.is_some());
    }

    #[test]
    fn what_can_not_be_read_is_lost_and_named() {
        let new = section("a.toml");
        let cut = format!("{HEAD}\nformat = 1\n\n{ZENODO}");
        let conflict = format!("format = 1\n[zenodo]\n<<<<<<< HEAD\nlast = 7\n=======\n{ZENODO}");
        let by_hand = format!("format = 2\n{ZENODO}");
        let mut bytes = format!("format = 1\n{ZENODO}").into_bytes();
        let at = bytes.len() - 2;
        bytes[at] = 0xff;
        for bad in [cut.as_bytes(), &bytes, conflict.as_bytes(), by_hand.as_bytes()] {
            let (text, lost, kept) = rebuilt(bad);
            assert!(!text.contains(".zenodo]") && kept.is_some(), "{text}");
            assert_eq!(lost, [Lost::Entry(Key::new("zenodo.toml", "zenodo"))]);
        }
        let changed = format!("format = 2\n{}", new.replace("last = 7", "last = 8"));
        let twice = format!("format = 2\n{new}\n{new}");
        for bad in [changed, twice] {
            let (text, lost, kept) = rebuilt(bad.as_bytes());
            assert!(!text.contains("a.toml") && kept.is_some(), "{text}");
            assert_eq!(lost, [Lost::Entry(Key::new("a.toml", "zenodo"))]);
        }
        let (_, lost, _) = rebuilt(format!("format = 2\n[manifest.\"a\n{new}").as_bytes());
        assert_eq!(lost, [Lost::Head("[manifest.\"a".to_owned())]);
    }

    #[test]
    fn the_concept_of_a_lost_entry_is_what_its_own_line_says() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        let concept_in = |text: &str| {
            fs::write(&path, text).unwrap();
            let salvage = LockSalvage::of(&path, "a.toml").unwrap();
            assert_eq!(salvage.lock().entry(&server("zenodo")), None, "{text}");
            salvage.concept_of(&Lost::Entry(Key::new("a.toml", "zenodo")))
        };
        let good = format!("format = 2\n{}", section("a.toml"));
        let changed = |from: &str, to: &str| good.replace(from, to);
        let bad = changed("last = 7", "last = 8");
        assert_eq!(concept_in(&bad), Some(ConceptId(6.into())));
        assert_eq!(concept_in(&bad.replace('\n', "\r\n")), Some(ConceptId(6.into())));
        assert_eq!(concept_in(&format!("{HEAD}\n{good}")), Some(ConceptId(6.into())), "cut");
        // Of another manifest, of another record, or of two.
        assert_eq!(concept_in(&changed("a.toml", "b.toml")), None);
        assert_eq!(concept_in(&changed("concept = 6", "concept = 7")), None);
        assert_eq!(concept_in(&changed("concept = 6", "#concept = 6")), None);
        let other = format::print_section(&Key::new("a.toml", "zenodo"), &entry(8));
        assert_eq!(concept_in(&format!("{good}{other}")), None);
        assert_eq!(concept_in(&format!("{good}{}", section("a.toml"))), Some(ConceptId(6.into())));
        // An entry that names an address is that of another server.
        let named = Entry { url: Some("https://a.example".to_owned()), ..entry(6) };
        let named = format::print_section(&Key::new("a.toml", "zenodo"), &named);
        let named = format!("format = 2\n{}", named.replace("last = 7", "last = 8"));
        assert_eq!(concept_in(&named), Some(ConceptId(6.into())));
        let salvage = LockSalvage::of(&path, "a.toml").unwrap();
        assert_eq!(salvage.concept_on(&server("zenodo")), None);
        fs::write(&path, bad).unwrap();
        let salvage = LockSalvage::of(&path, "a.toml").unwrap();
        assert_eq!(salvage.concept_on(&server("zenodo")), Some(ConceptId(6.into())));
    }

    #[test]
    fn a_damaged_lock_is_kept_beside_over_no_other_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        let rebuild = || {
            let salvage = LockSalvage::of(&path, USUAL_MANIFEST).unwrap();
            salvage.rebuild(&server("sandbox"), entry(1)).unwrap()
        };
        for number in 0..3 {
            fs::write(&path, format!("damage {number}")).unwrap();
            let (_, kept) = rebuild();
            assert_eq!(fs::read_to_string(kept.unwrap()).unwrap(), format!("damage {number}"));
        }
        let first = dir.path().join("zenodo.lock.damaged");
        assert_eq!(fs::read_to_string(first).unwrap(), "damage 0");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let (_, kept) = rebuild();
        assert!(kept.unwrap().is_dir());
    }

    #[test]
    fn what_another_manifest_wrote_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        let salvage = LockSalvage::of(&path, USUAL_MANIFEST).unwrap();
        let mut other = Lock::of("a.toml");
        *other.entry_mut(&server("zenodo")) = entry(6);
        other.save_entry(&path, &server("zenodo")).unwrap();
        let (lock, _) = salvage.rebuild(&server("sandbox"), entry(1)).unwrap();
        assert_eq!(lock.entries().len(), 2);
    }

    #[test]
    fn a_lock_of_a_later_zrel_is_whole_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        fs::write(&path, "format = 3\n").unwrap();
        let error = LockSalvage::of(&path, USUAL_MANIFEST).unwrap_err();
        assert!(matches!(error, LockError::Fault { source: LockFault::Future(_), .. }), "{error}");
    }
}
