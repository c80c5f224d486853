//! What a look at a published version found: what is as the lock and the manifest say, what is not,
//! and what could not be checked.
//!
//! A published version is not fixed at once: within 30 days its owner can change its files in place,
//! under the same DOI, and can delete it (`site/zenodo_rdm/…` and `invenio.cfg` of zenodo-rdm,
//! commits 6f71bb2 and eb9c4ae, read 2026-11-29). So it is compared by checksum, and never assumed.

use std::collections::BTreeMap;

use crate::model::{
    AppliedFile, ConceptId, Doi, FieldChange, FileKey, Md5, RecordId, RemoteFile, Sha256,
};

/// What a look at one published version found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The version; what was asked for where nothing answers.
    pub id: RecordId,
    /// Its DOI, if it answers.
    pub doi: Option<Doi>,
    /// Its version label, if it has one.
    pub label: Option<String>,
    /// Which one of the versions it is, from 1; 0 when unknown.
    pub index: u64,
    /// What was found, in the order in which it was looked at.
    pub facts: Vec<Fact>,
}

/// Whether something is as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// It is.
    Same,
    /// It was not checked, or can't be.
    Unchecked,
    /// It is not.
    Differs,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The server does not have the version.
    Gone {
        /// 404, or 410 for one that was deleted.
        status: u16,
        /// In the server's own words.
        message: String,
    },
    /// The files are those that the lock has, by MD5.
    SameFiles(usize),
    /// A file has other bytes than the lock says.
    Changed {
        /// Its name.
        key: FileKey,
        /// What was last applied.
        applied: Md5,
        /// What the server announces.
        found: Md5,
        /// Bytes, as the server announces them.
        size: u64,
    },
    /// The lock has a file, and the version does not.
    Missing {
        /// Its name.
        key: FileKey,
        /// What was last applied.
        applied: Md5,
    },
    /// The version has a file, and the lock does not.
    Added(RemoteFile),
    /// What the server announces, where the lock knows nothing of it: how many files, and bytes.
    Announced(usize, u64),
    /// The metadata are what the manifest says: so many fields.
    SameFields(usize),
    /// A field differs: before is on the server, after is what the manifest says.
    Field(FieldChange),
    /// What was downloaded has the MD5 that the server announces.
    SameBytes {
        /// How many files.
        n_files: usize,
        /// How many bytes.
        bytes: u64,
        /// How many of the files have the SHA-256 of the release's receipt as well.
        n_known: usize,
    },
    /// What was downloaded of a file has its MD5, and not the SHA-256 of the release's receipt.
    OtherSha256 {
        /// Its name.
        key: FileKey,
        /// What the receipt says.
        released: Sha256,
        /// What came.
        found: Sha256,
    },
    /// What was downloaded of a file is not what the server announces.
    OtherBytes {
        /// Its name.
        key: FileKey,
        /// What the server announces.
        announced: Md5,
        /// What came; none where more bytes came than were announced.
        found: Option<Md5>,
    },
    /// The server announces a file, and refuses its bytes.
    NoBytes {
        /// Its name.
        key: FileKey,
        /// In the server's own words.
        message: String,
    },
    /// Where the concept points.
    Concept(Pointing),
    /// The concept leads nowhere.
    ConceptGone {
        /// The concept.
        concept: ConceptId,
        /// 404 or 410.
        status: u16,
        /// In the server's own words.
        message: String,
    },
    /// Where the DOI leads.
    Resolved(ResolverAnswer),
    /// No answer came about the version: how the call failed.
    NoAnswer(String),
    /// Something was not checked.
    Unchecked {
        /// What.
        what: Part,
        /// Why not.
        why: String,
    },
}

/// Where a concept points.
#[derive(Debug, Clone, PartialEq)]
pub struct Pointing {
    /// The concept.
    pub concept: ConceptId,
    /// The latest version on the server.
    pub latest: RecordId,
    /// Its DOI.
    pub doi: Option<Doi>,
    /// Its label.
    pub label: Option<String>,
    /// Which one of the versions it is, from 1; 0 when unknown.
    pub index: u64,
    /// The version to which it should point; none where nothing is known of that.
    pub wanted: Option<RecordId>,
    /// Whether the lock has the latest version.
    pub is_known: bool,
}

/// Where a DOI leads.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolverAnswer {
    /// The DOI.
    pub doi: Doi,
    /// The address of the resolver.
    pub resolver: String,
    /// Its status.
    pub status: u16,
    /// Where it redirects.
    pub location: Option<String>,
    /// Whether that is the page of this version.
    pub leads_here: bool,
}

impl Pointing {
    /// Returns whether it points where it should.
    pub fn is_as_wanted(&self) -> bool {
        self.wanted.is_none_or(|wanted| wanted == self.latest)
    }
}

/// A part of a published version that can be left unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Record,
    /// Its files.
    Files,
    /// One file.
    File(FileKey),
    /// Its metadata.
    Metadata,
    /// Where its concept points.
    Concept,
}

impl Verified {
    /// Returns the worst of what was found: a difference counts before what was not checked.
    pub fn agreement(&self) -> Agreement {
        self.facts.iter().map(Fact::agreement).max().unwrap_or(Agreement::Same)
    }

    /// Returns how many differences there are.
    pub fn n_differences(&self) -> usize {
        self.facts.iter().filter(|fact| fact.agreement() == Agreement::Differs).count()
    }
}

impl Fact {
    /// Returns whether it is a difference.
    pub fn agreement(&self) -> Agreement {
        let is_same = match self {
            Fact::SameFiles(_)
            | Fact::Announced(..)
            | Fact::SameFields(_)
            | Fact::SameBytes { .. } => true,
            Fact::Resolved(answer) => answer.leads_here,
            Fact::Concept(pointing) => pointing.is_as_wanted(),
            Fact::Unchecked { .. } => return Agreement::Unchecked,
            Fact::Gone { .. }
            | Fact::Changed { .. }
            | Fact::Missing { .. }
            | Fact::Added(_)
            | Fact::Field(_)
            | Fact::OtherBytes { .. }
            | Fact::OtherSha256 { .. }
            | Fact::NoBytes { .. }
            | Fact::ConceptGone { .. }
            | Fact::NoAnswer(_) => false,
        };
        if is_same { Agreement::Same } else { Agreement::Differs }
    }

    /// Returns whether it is what the owner of a version can do within 30 days of its publication.
    pub fn is_of_owner(&self) -> bool {
        match self {
            Fact::Gone { status, .. } | Fact::ConceptGone { status, .. } => *status == 410,
            Fact::Changed { .. } | Fact::Missing { .. } | Fact::Added(_) => true,
            Fact::SameFiles(_)
            | Fact::Announced(..)
            | Fact::SameFields(_)
            | Fact::Field(_)
            | Fact::SameBytes { .. }
            | Fact::OtherBytes { .. }
            | Fact::OtherSha256 { .. }
            | Fact::NoBytes { .. }
            | Fact::Concept(_)
            | Fact::Resolved(_)
            | Fact::NoAnswer(_)
            | Fact::Unchecked { .. } => false,
        }
    }
}

/// Compares the files of a published version with those that were last applied, by MD5. `is_kept`
/// says which files the manifest leaves as they are: the lock does not have those.
pub fn compare_applied(
    applied: &BTreeMap<FileKey, AppliedFile>,
    found: &[RemoteFile],
    is_kept: impl Fn(&FileKey) -> bool,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut n_same = 0;
    for file in found {
        match (applied.get(&file.key), file.md5) {
            (Some(was), Some(md5)) if was.md5 == md5 => n_same += 1,
            (Some(was), Some(md5)) => facts.push(Fact::Changed {
                key: file.key.clone(),
                applied: was.md5,
                found: md5,
                size: file.size,
            }),
            (Some(_), None) => {
                facts.push(leave_file(&file.key, "the server announces no MD5 for it"));
            }
            (None, _) if is_kept(&file.key) => facts.push(leave_file(
                &file.key,
                "the manifest keeps it as it is on the server, and the lock has no MD5 of it",
            )),
            (None, _) => facts.push(Fact::Added(file.clone())),
        }
    }
    let is_there = |key: &&FileKey| found.iter().any(|file| file.key == **key);
    let missing = applied.iter().filter(|(key, _)| !is_there(key));
    facts.extend(missing.map(|(key, was)| Fact::Missing { key: key.clone(), applied: was.md5 }));
    if n_same > 0 {
        facts.insert(0, Fact::SameFiles(n_same));
    }
    facts
}

fn leave_file(key: &FileKey, why: &str) -> Fact {
    Fact::Unchecked { what: Part::File(key.clone()), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(key: &str, byte: Option<u8>) -> RemoteFile {
        let md5 = byte.map(|byte| Md5([byte; 16]));
        RemoteFile { key: FileKey::from_server(key), id: None, size: 3, md5 }
    }

    fn applied(files: &[(&str, u8)]) -> BTreeMap<FileKey, AppliedFile> {
        let entry = |(key, byte): &(&str, u8)| {
            let applied = AppliedFile { md5: Md5([*byte; 16]), content: None };
            (FileKey::from_server(key), applied)
        };
        files.iter().map(entry).collect()
    }

    #[test]
    fn files_differ_by_their_md5_and_are_never_called_equal_without_one() {
        use Agreement::{Differs, Same, Unchecked};
        let was = applied(&[("a", 1), ("b", 2), ("c", 3), ("d", 4)]);
        let now = [
            file("a", Some(1)),
            file("b", Some(9)),
            file("d", None),
            file("e", Some(5)),
            file("k", Some(6)),
        ];
        let facts = compare_applied(&was, &now, |key| key.as_str() == "k");
        let agreements: Vec<Agreement> = facts.iter().map(Fact::agreement).collect();
        assert_eq!(agreements, [Same, Differs, Unchecked, Differs, Unchecked, Differs]);
        assert_eq!(facts[0], Fact::SameFiles(1));
        assert!(matches!(&facts[1], Fact::Changed { key, .. } if key.as_str() == "b"));
        assert_eq!(facts[3], Fact::Added(now[3].clone()));
        assert!(matches!(&facts[5], Fact::Missing { key, .. } if key.as_str() == "c"));
    }

    #[test]
    fn a_difference_counts_before_what_was_not_checked() {
        let why = String::new();
        let unchecked = Fact::Unchecked { what: Part::Files, why };
        let with = |facts: Vec<Fact>| {
            Verified { id: RecordId(1.into()), doi: None, label: None, index: 1, facts }.agreement()
        };
        assert_eq!(with(Vec::new()), Agreement::Same);
        assert_eq!(with(vec![Fact::SameFiles(1), unchecked.clone()]), Agreement::Unchecked);
        let gone = Fact::Gone { status: 404, message: String::new() };
        assert_eq!(with(vec![gone, unchecked]), Agreement::Differs);
    }
}
