//! Shows what is on the server.

use std::borrow::Cow;
use std::fmt::Write;

use crate::compare;
use crate::model::{ConceptId, Doi, Metadata, RemoteFile, Server, ServerKind};
use crate::observed::{Draft, DraftKind, Observed, Record, RecordState};

use super::escape::{shortened, shown};
use super::size::{count, human_size};
use super::style::{DIM, HEADING, paint};

/// Returns record and open draft as text.
pub fn record_text(observed: &Observed, server: &Server) -> String {
    let mut out = match &observed.record {
        RecordState::Published(record) => published(record, server),
        RecordState::Unbound => "Nothing is bound: no record yet.\n".to_owned(),
        RecordState::Unpublished => String::new(),
        RecordState::Gone { status, message } => {
            format!("The record is not available ({status}): {}\n", shown(message))
        }
        RecordState::NotPublic { message } => {
            format!("The record is not public: {}\n", shown(message))
        }
        RecordState::NotOurs { message } => {
            format!("The record belongs to another account: {}\n", shown(message))
        }
    };
    if let Some(draft) = &observed.draft {
        out.push_str(&open_draft(draft, server));
    }
    out
}

/// Returns where a record or a draft can be opened: the local server's address is gone when the
/// command that started it ends.
pub fn page<'a>(server: &Server, html: &'a str) -> Cow<'a, str> {
    match server.kind {
        ServerKind::Local => Cow::Borrowed("zrel open"),
        ServerKind::Sandbox | ServerKind::Zenodo | ServerKind::Other => shown(html),
    }
}

fn published(record: &Record, server: &Server) -> String {
    let mut out = format!("{}\n", paint(HEADING, format!("Record {}", record.id)));
    let _ = writeln!(out, "doi          {}", record.doi);
    if let Some(concept_doi) = &record.concept_doi {
        let _ = writeln!(out, "concept doi  {concept_doi}");
    }
    let _ = writeln!(out, "page         {}", page(server, &record.html));
    out.push_str(&contents(&record.metadata, &record.files));
    out
}

fn open_draft(draft: &Draft, server: &Server) -> String {
    let kind = match draft.kind {
        DraftKind::NewRecord => "of a record never published",
        DraftKind::NewVersion => "of a new version",
        DraftKind::Edit => "(an edit of the published record)",
    };
    let mut out = format!("\n{}\n", paint(HEADING, format!("Open draft {} {kind}", draft.id)));
    let _ = writeln!(out, "page         {}", page(server, &draft.html));
    if draft.under_review {
        out.push_str("review       a community reviews it\n");
    }
    out.push_str(&contents(&draft.metadata, &draft.files));
    out
}

fn contents(metadata: &Metadata, files: &[RemoteFile]) -> String {
    let mut out = format!("\n{}\n", paint(HEADING, "Metadata"));
    for (field, value) in metadata.iter() {
        let items = compare::as_known(field, value).items().join("; ");
        let _ = writeln!(out, "  {:<22}{}", field.name(), shortened(&shown(&items), 200));
    }
    let bytes = files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    let head = format!("Files ({}, {})", count(files.len(), "file"), human_size(bytes));
    let _ = writeln!(out, "\n{}", paint(HEADING, head));
    for file in files {
        let md5 = file.md5.map_or_else(|| "no checksum".to_owned(), |md5| format!("md5 {md5}"));
        let name = shown(file.key.as_str());
        let _ = writeln!(out, "  {name}  {}  {}", human_size(file.size), paint(DIM, md5));
    }
    out
}

/// Returns the lines that bind a manifest to a record.
pub fn binding_lines(server: &Server, concept: ConceptId, concept_doi: Option<&Doi>) -> String {
    let value = concept_doi.map_or_else(|| concept.to_string(), ToString::to_string);
    format!("[record.concept]\n{} = \"{value}\"\n", server.name)
}
