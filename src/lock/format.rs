//! The lock as text: TOML, one fact a line, sorted.

use std::fmt::Write;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{
    AppliedFile, Community, ConceptId, Field, FileKey, Md5, OpenDraft, RecordId, Rewrite, Sha256,
};

use super::{Entry, Lock};
use crate::disk::line_at;

/// The format that this zrel writes and reads.
const FORMAT: &str = "1";

pub(super) const HEAD: &str =
    "# zenodo.lock: which records this project stands for. Written by zrel; commit all of it.";

/// The last line of every lock that begins with [`HEAD`].
pub(super) const END: &str = "# The end: a lock without this line was cut short.";

/// Says why what is in the lock can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockFault {
    /// A merge was not finished.
    #[error("line {0} is a conflict marker of a merge")]
    Conflict(usize),
    /// It is not TOML.
    #[error("it is damaged in line {line}: {message}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// In the parser's words.
        message: String,
    },
    /// It was written by a later zrel.
    #[error("it is written in format {0}, and this zrel reads format {FORMAT}")]
    Future(String),
    /// A fact is missing or not understood.
    #[error("it is damaged in line {line}: `{key}` is not understood")]
    Fact {
        /// The line, from 1; where it is missing, the last.
        line: usize,
        /// What is not understood.
        key: String,
    },
    /// Its last line is not the one that ends a lock.
    #[error("it is damaged: it ends after line {0}, and was cut short")]
    Cut(usize),
}

/// Writes the lock as text.
pub(super) fn print(lock: &Lock) -> String {
    let sections = lock.servers.iter().map(|(name, entry)| print_section(name, entry));
    frame(sections)
}

/// Puts sections between the first lines and the last.
pub(super) fn frame(sections: impl Iterator<Item = String>) -> String {
    let mut text = format!("{HEAD}\nformat = {FORMAT}\n");
    for section in sections {
        let _ = write!(text, "\n{section}");
    }
    let _ = write!(text, "\n{END}\n");
    text
}

/// Writes the section of one server.
pub(super) fn print_section(name: &str, entry: &Entry) -> String {
    let mut text = format!("[{}]\n", key(name));
    print_entry(&mut text, entry);
    text
}

fn print_entry(text: &mut String, entry: &Entry) {
    let Entry { url, concept, record } = entry;
    let mut fact = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
    for Community(slug) in &record.asked {
        fact(&format!("asked.{}", quoted(slug)), "true".to_owned());
    }
    if let Some(concept) = concept {
        fact("concept", concept.to_string());
    }
    match record.draft {
        Some(OpenDraft::Version(id)) => fact("draft", id.to_string()),
        Some(OpenDraft::Edit(id)) => fact("edit", id.to_string()),
        None => {}
    }
    for (key, file) in &record.files {
        fact(&format!("files.{}", quoted(key.as_str())), quoted(&applied(file)));
    }
    if let Some(last) = record.last {
        fact("last", last.to_string());
    }
    for (field, rewrite) in &record.rewrites {
        let value = format!("sha256:{} -> sha256:{}", rewrite.sent, rewrite.returned);
        fact(&format!("rewrites.{field}"), quoted(&value));
    }
    if let Some(url) = url {
        fact("url", quoted(url));
    }
    for (id, label) in &record.versions {
        fact(&format!("versions.{id}"), quoted(label));
    }
}

/// Writes a key, bare where TOML allows it.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// Writes a basic TOML string, on one line whatever is in it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn applied(file: &AppliedFile) -> String {
    match file.content {
        Some(content) => format!("md5:{} content:{content}", file.md5),
        None => format!("md5:{}", file.md5),
    }
}

/// Reads the lock from text.
pub(super) fn parse(text: &str) -> Result<Lock, LockFault> {
    if let Some(line) = conflict_marker(text) {
        return Err(LockFault::Conflict(line));
    }
    let line = |at: usize| line_at(text.as_bytes(), at);
    let table = DeTable::parse(text).map_err(|error| LockFault::Toml {
        line: line(error.span().map_or(0, |span| span.start)),
        message: error.message().lines().next().unwrap_or_default().to_owned(),
    })?;
    let n_lines = text.lines().count();
    let fault = |at: usize, key: &str| LockFault::Fact { line: line(at), key: key.to_owned() };
    let mut lock = Lock::default();
    let mut has_format = false;
    for (name, value) in table.get_ref() {
        let at = name.span().start;
        let key = name.get_ref().as_ref();
        if key == "format" {
            let format = value.get_ref().as_integer().ok_or_else(|| fault(at, key))?.as_str();
            if format != FORMAT {
                return Err(LockFault::Future(format.chars().take(20).collect()));
            }
            has_format = true;
            continue;
        }
        let facts = value.get_ref().as_table().ok_or_else(|| fault(at, key))?;
        let entry = parse_entry(facts).map_err(|(at, fact)| fault(at, &format!("{key}.{fact}")))?;
        lock.servers.insert(key.to_owned(), entry);
    }
    if !has_format {
        return Err(LockFault::Fact { line: n_lines.max(1), key: "format".to_owned() });
    }
    if is_cut(text) { Err(LockFault::Cut(n_lines)) } else { Ok(lock) }
}

/// Tells whether a lock that zrel wrote lacks its end. One that was written by hand may have none.
pub(super) fn is_cut(text: &str) -> bool {
    let last = text.lines().rfind(|line| !line.trim().is_empty());
    text.lines().next() == Some(HEAD) && last != Some(END)
}

fn conflict_marker(text: &str) -> Option<usize> {
    let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    let is_marker = |line: &str| markers.iter().any(|marker| line.starts_with(marker));
    text.lines().position(is_marker).map(|at| at + 1)
}

/// Reads the facts of one server; the error is where the fact is that is not understood.
fn parse_entry(facts: &DeTable<'_>) -> Result<Entry, (usize, String)> {
    let mut entry = Entry::default();
    for (key, value) in facts {
        let name = key.get_ref().as_ref();
        let Some(more) = parts(name, value.get_ref()) else {
            let at = key.span().start;
            parse_fact(&mut entry, name, value.get_ref()).ok_or_else(|| (at, name.to_owned()))?;
            continue;
        };
        for (part, value) in more {
            let (at, part) = (part.span().start, part.get_ref().as_ref());
            parse_part(&mut entry, name, part, value)
                .ok_or_else(|| (at, format!("{name}.{part}")))?;
        }
    }
    Ok(entry)
}

/// Returns the facts behind a key that has one for each file, field or version.
fn parts<'a, 'i>(name: &str, value: &'a DeValue<'i>) -> Option<&'a DeTable<'i>> {
    value.as_table().filter(|_| matches!(name, "asked" | "versions" | "files" | "rewrites"))
}

fn parse_fact(entry: &mut Entry, key: &str, value: &DeValue<'_>) -> Option<()> {
    let record = &mut entry.record;
    match key {
        "url" => entry.url = Some(value.as_str()?.to_owned()),
        "concept" => entry.concept = Some(ConceptId(number(value)?)),
        "last" => record.last = Some(RecordId(number(value)?)),
        "draft" | "edit" if record.draft.is_some() => return None,
        "draft" => record.draft = Some(OpenDraft::Version(RecordId(number(value)?))),
        "edit" => record.draft = Some(OpenDraft::Edit(RecordId(number(value)?))),
        _ => return None,
    }
    Some(())
}

fn parse_part(
    entry: &mut Entry,
    key: &str,
    part: &str,
    value: &Spanned<DeValue<'_>>,
) -> Option<()> {
    let record = &mut entry.record;
    if key == "asked" {
        record.asked.insert(Community(part.to_owned()));
        return value.get_ref().as_bool().filter(|is_asked| *is_asked).map(|_| ());
    }
    let text = value.get_ref().as_str()?;
    match key {
        "versions" => {
            record.versions.insert(RecordId::parse(part).ok()?, text.to_owned());
        }
        "files" => {
            record.files.insert(FileKey::parse(part).ok()?, parse_applied(text)?);
        }
        "rewrites" => {
            record.rewrites.insert(Field::from_name(part)?, parse_rewrite(text)?);
        }
        _ => return None,
    }
    Some(())
}

/// Reads a number as it is written: in tens, without a sign.
fn number(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer().filter(|number| number.radix() == 10)?.as_str();
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())?
}

fn parse_applied(text: &str) -> Option<AppliedFile> {
    let mut parts = text.split(' ');
    let md5 = Md5::parse(parts.next()?.strip_prefix("md5:")?).ok()?;
    let content = match parts.next() {
        None => None,
        Some(part) => Some(Sha256::parse(part.strip_prefix("content:")?).ok()?),
    };
    parts.next().is_none().then_some(AppliedFile { md5, content })
}

fn parse_rewrite(text: &str) -> Option<Rewrite> {
    let (sent, returned) = text.split_once(" -> ")?;
    let digest = |text: &str| Sha256::parse(text.strip_prefix("sha256:")?).ok();
    Some(Rewrite { sent: digest(sent)?, returned: digest(returned)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Server;

    fn sample() -> Lock {
        let mut lock = Lock::default();
        let entry = lock.entry_mut(&Server::built_in("zenodo").unwrap());
        entry.concept = Some(ConceptId(1000));
        entry.record.last = Some(RecordId(1002));
        entry.record.draft = Some(OpenDraft::Version(RecordId(1003)));
        entry.record.versions.insert(RecordId(1001), "1.0".to_owned());
        entry.record.versions.insert(RecordId(1002), "say \"hi\"\n[x]".to_owned());
        let file = AppliedFile { md5: Md5([7; 16]), content: Some(Sha256([8; 32])) };
        entry.record.files.insert(FileKey::parse("a \"b\" = é.zip").unwrap(), file);
        let rewrite = Rewrite { sent: Sha256([1; 32]), returned: Sha256([2; 32]) };
        entry.record.rewrites.insert(Field::Description, rewrite);
        lock
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(parse(&print(&sample())), Ok(sample()));
        assert_eq!(parse(&print(&Lock::default())), Ok(Lock::default()));
    }

    #[test]
    fn each_fact_is_one_line() {
        for line in print(&sample()).lines().filter(|line| !line.is_empty()) {
            let is_fact = line.contains(" = ");
            assert!(line.starts_with(['#', '[']) || is_fact, "{line}");
        }
    }

    #[test]
    fn a_lock_that_can_not_be_trusted_says_why() {
        let text = "format = 1\n<<<<<<< HEAD\n[zenodo]\n";
        assert_eq!(parse(text), Err(LockFault::Conflict(2)));
        assert_eq!(parse("format = 2\n"), Err(LockFault::Future("2".to_owned())));
        let fact = |line, key: &str| Err(LockFault::Fact { line, key: key.to_owned() });
        assert_eq!(parse(""), fact(1, "format"));
        assert_eq!(parse("format = 1\n[zenodo]\nlast = \"x\"\n"), fact(3, "zenodo.last"));
        assert_eq!(parse("format = 1\n[zenodo]\nlast = -1\n"), fact(3, "zenodo.last"));
        assert_eq!(parse("format = 1\n[zenodo]\nversions = 1\n"), fact(3, "zenodo.versions"));
        let files = "format = 1\n[zenodo]\n\nfiles.\"a\" = \"md5:1\"\n";
        assert_eq!(parse(files), fact(4, "zenodo.files.a"));
        let both = "format = 1\n[zenodo]\ndraft = 1\nedit = 2\n";
        assert_eq!(parse(both), fact(4, "zenodo.edit"));
        assert!(matches!(parse("format = 1\n[zenodo"), Err(LockFault::Toml { line: 2, .. })));
    }

    #[test]
    fn a_lock_that_was_cut_anywhere_is_not_trusted() {
        let whole = print(&sample());
        let last = whole.len() - 1;
        for at in (0..last).filter(|at| whole.is_char_boundary(*at)) {
            assert!(parse(&whole[..at]).is_err(), "cut at {at}: {}", &whole[..at]);
        }
        assert_eq!(parse(&whole[..last]), Ok(sample()), "only the last line feed is missing");
        assert_eq!(parse(&whole.replace('\n', "\r\n")), Ok(sample()));
    }

    #[test]
    fn a_flipped_byte_is_told_or_changes_one_fact_and_never_adds_a_server() {
        let whole = print(&sample()).into_bytes();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                let Ok(text) = String::from_utf8(bytes) else { continue };
                if let Ok(lock) = parse(&text) {
                    assert_eq!(lock.servers.len(), 1, "{text}");
                    assert_eq!(parse(&print(&lock)), Ok(lock));
                }
            }
        }
    }

    #[test]
    fn another_address_under_the_same_name_is_another_server() {
        let mut server = Server {
            name: "institute".to_owned(),
            kind: crate::model::ServerKind::Other,
            url: "https://a.example".to_owned(),
            doi_prefix: None,
        };
        let mut lock = Lock::default();
        lock.entry_mut(&server).concept = Some(ConceptId(5));
        assert!(lock.entry(&server).is_some());
        server.url = "https://b.example".to_owned();
        assert!(lock.entry(&server).is_none());
        assert_eq!(lock.entry_mut(&server).concept, None);
    }
}
