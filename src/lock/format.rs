//! The lock as text: TOML, one fact a line, sorted.

use std::fmt::Write;

use toml::{Table, Value};

use crate::model::{
    AppliedFile, ConceptId, Field, FileKey, Md5, OpenDraft, RecordId, Rewrite, Sha256,
};

use super::{Entry, Lock};

/// The format that this zrel writes and reads.
const FORMAT: i64 = 1;

const HEAD: &str = "\
# zenodo.lock: which records this project stands for. Written by zrel; commit it.
";

/// Says why what is in the lock can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockFault {
    /// A merge was not finished.
    #[error("line {0} is a conflict marker of a merge")]
    Conflict(usize),
    /// It is not TOML.
    #[error("it is damaged: {0}")]
    Toml(String),
    /// It was written by a later zrel.
    #[error("it is written in format {0}, and this zrel reads format {FORMAT}")]
    Future(i64),
    /// A fact is missing or not understood.
    #[error("it is damaged: `{0}` is not understood")]
    Fact(String),
}

/// Writes the lock as text.
pub(super) fn print(lock: &Lock) -> String {
    let mut text = format!("{HEAD}format = {FORMAT}\n");
    for (name, entry) in &lock.servers {
        let _ = write!(text, "\n[{}]\n", key(name));
        print_entry(&mut text, entry);
    }
    text
}

fn print_entry(text: &mut String, entry: &Entry) {
    let Entry { url, concept, record } = entry;
    let mut fact = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
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
    let mut table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| LockFault::Toml(error.message().to_owned()))?;
    match table.remove("format") {
        Some(Value::Integer(FORMAT)) => {}
        Some(Value::Integer(other)) => return Err(LockFault::Future(other)),
        _ => return Err(LockFault::Fact("format".to_owned())),
    }
    let mut lock = Lock::default();
    for (name, value) in table {
        let Value::Table(facts) = value else { return Err(LockFault::Fact(name)) };
        let entry = parse_entry(&facts).map_err(|key| LockFault::Fact(format!("{name}.{key}")))?;
        lock.servers.insert(name, entry);
    }
    Ok(lock)
}

fn conflict_marker(text: &str) -> Option<usize> {
    let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    let is_marker = |line: &str| markers.iter().any(|marker| line.starts_with(marker));
    text.lines().position(is_marker).map(|at| at + 1)
}

/// Reads the facts of one server; the error is the key that is not understood.
fn parse_entry(facts: &Table) -> Result<Entry, String> {
    let mut entry = Entry::default();
    for (key, value) in facts {
        parse_fact(&mut entry, key, value).ok_or_else(|| key.clone())?;
    }
    Ok(entry)
}

fn parse_fact(entry: &mut Entry, key: &str, value: &Value) -> Option<()> {
    let record = &mut entry.record;
    match key {
        "url" => entry.url = Some(value.as_str()?.to_owned()),
        "concept" => entry.concept = Some(ConceptId(number(value)?)),
        "last" => record.last = Some(RecordId(number(value)?)),
        "draft" => record.draft = Some(OpenDraft::Version(RecordId(number(value)?))),
        "edit" => record.draft = Some(OpenDraft::Edit(RecordId(number(value)?))),
        "versions" => {
            for (id, label) in value.as_table()? {
                record.versions.insert(RecordId::parse(id).ok()?, label.as_str()?.to_owned());
            }
        }
        "files" => {
            for (name, digests) in value.as_table()? {
                let key = FileKey::parse(name).ok()?;
                record.files.insert(key, parse_applied(digests.as_str()?)?);
            }
        }
        "rewrites" => {
            for (name, pair) in value.as_table()? {
                let field = Field::from_name(name)?;
                record.rewrites.insert(field, parse_rewrite(pair.as_str()?)?);
            }
        }
        _ => return None,
    }
    Some(())
}

fn number(value: &Value) -> Option<u64> {
    u64::try_from(value.as_integer()?).ok()
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
        assert_eq!(parse("format = 2\n"), Err(LockFault::Future(2)));
        assert_eq!(parse(""), Err(LockFault::Fact("format".to_owned())));
        let odd = "format = 1\n[zenodo]\nlast = \"x\"\n";
        assert_eq!(parse(odd), Err(LockFault::Fact("zenodo.last".to_owned())));
        assert!(matches!(parse("format = 1\n[zenodo"), Err(LockFault::Toml(_))));
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
