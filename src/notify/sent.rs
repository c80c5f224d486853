//! The notes of what was sent: beside the journal, one file for each manifest and server. With them
//! an apply that is resumed sends no message twice, and one that was lost to a kill once.
//!
//! A line of JSON each, synced. Nothing is decided by them but whether a message is sent, so a line
//! that is damaged is passed over.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::disk;

/// Notes larger than this were not written by zrel. Bytes.
const MAX_SIZE: u64 = 1024 * 1024;

/// The notes.
#[derive(Debug, Clone)]
pub struct SentNotes {
    path: PathBuf,
}

/// An apply that began, and whose message is not settled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The digest of its plan.
    pub digest: String,
    /// The version that it was based on.
    pub base: Option<String>,
    /// Whether it makes a version.
    pub makes_version: bool,
}

/// Reads an id: an earlier zrel wrote it as a number.
fn read_id(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned).or_else(|| Some(json.as_u64()?.to_string()))
}

impl SentNotes {
    /// Makes notes in a file, which need not be there.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns the apply that began first and did not end.
    pub fn begun(&self) -> Option<Begun> {
        self.read().iter().find_map(|line| {
            Some(Begun {
                digest: line["begun"].as_str()?.to_owned(),
                base: read_id(&line["base"]),
                makes_version: line["makes_version"].as_bool()?,
            })
        })
    }

    /// Notes that an apply begins; one that did not end stays the one that began.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn begin(&self, begun: &Begun) -> io::Result<()> {
        let Begun { digest, base, makes_version } = begun;
        if self.begun().is_some() {
            return Ok(());
        }
        self.append(&json!({ "begun": digest, "base": base, "makes_version": makes_version }))
    }

    /// Returns whether a message was sent to a channel.
    pub fn has(&self, message: &str, channel: &str) -> bool {
        let is_it = |line: &Json| line["sent"] == message && line["channel"] == channel;
        self.read().iter().any(is_it)
    }

    /// Notes that a message was sent to a channel.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn note(&self, message: &str, channel: &str) -> io::Result<()> {
        self.append(&json!({ "sent": message, "channel": channel }))
    }

    /// Removes the notes: the apply ended, and its messages are settled.
    pub fn end(&self) {
        // Without them nothing is sent again: a plan of the same digest can't be applied twice.
        let _ = std::fs::remove_file(&self.path);
    }

    fn read(&self) -> Vec<Json> {
        let text = disk::read_text(&self.path, MAX_SIZE).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    fn append(&self, line: &Json) -> io::Result<()> {
        let mut file = disk::open_to_append(&self.path)?;
        // A line that a kill cut short is ended by it.
        file.write_all(format!("\n{line}\n").as_bytes())?;
        file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_outlive_a_cut_and_end_with_their_apply() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notified");
        let notes = SentNotes::at(path.clone());
        assert!(notes.begun().is_none() && !notes.has("a.published", "lab"));
        let begun = Begun { digest: "a".into(), base: Some("7".into()), makes_version: true };
        notes.begin(&begun).unwrap();
        notes.begin(&Begun { digest: "b".into(), ..begun.clone() }).unwrap();
        notes.note("a.published", "lab").unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{{\"sent\":\"a.publ")).unwrap();
        notes.note("a.failed", "lab").unwrap();
        assert_eq!(notes.begun(), Some(begun));
        assert!(notes.has("a.published", "lab") && notes.has("a.failed", "lab"));
        assert!(!notes.has("a.published", "other"));
        notes.end();
        assert!(notes.begun().is_none() && !path.exists());
    }
}
