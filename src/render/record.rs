//! Shows what is on the server.

use std::borrow::Cow;
use std::fmt::Write;

use crate::compare;
use crate::model::{ConceptId, Doi, Metadata, RemoteFile, Server, ServerKind};
use crate::observed::{Draft, DraftKind, DraftReview, Observed, Record, RecordState, ReviewStatus};

use super::communities::name_day;
use super::detail::{CUT_NOTE, Detail};
use super::escape::escape_text;
use super::size::{count, format_size};
use super::style::{DIM, HEADING, paint};

/// Returns record and open draft as text. `place` is the server and the command line up to the
/// verb.
pub fn render_record(observed: &Observed, place: (&Server, &str), detail: Detail) -> String {
    let folded = render_observed(observed, place, detail);
    // Rendered twice to know whether anything was left out.
    if detail == Detail::FULL || folded == render_observed(observed, place, Detail::FULL) {
        return folded;
    }
    format!("{folded}{}\n", paint(DIM, CUT_NOTE))
}

fn render_observed(observed: &Observed, place: (&Server, &str), detail: Detail) -> String {
    let mut out = match &observed.record {
        RecordState::Published(record) => render_published(record, place, detail),
        RecordState::Unbound => "Nothing is bound: no record yet.\n".to_owned(),
        RecordState::Unpublished => String::new(),
        RecordState::Gone { status, message } => {
            format!("The record is not available ({status}): {}\n", escape_text(message))
        }
        RecordState::NotPublic { message } => {
            format!("The record is not public: {}\n", escape_text(message))
        }
        RecordState::NotOurs { message } => {
            format!("The record belongs to another account: {}\n", escape_text(message))
        }
    };
    if let Some(draft) = &observed.draft {
        out.push('\n');
        out.push_str(&render_draft(draft, place, detail));
    }
    out
}

/// Returns where a record or a draft can be opened: the local server's address is gone when the
/// command that started it ends.
pub fn choose_page<'a>((server, zrel): (&Server, &str), html: &'a str) -> Cow<'a, str> {
    match server.kind {
        ServerKind::Local => Cow::Owned(format!("{zrel} open")),
        ServerKind::Sandbox | ServerKind::Zenodo | ServerKind::Other => escape_text(html),
    }
}

fn render_published(record: &Record, place: (&Server, &str), detail: Detail) -> String {
    let mut out = format!("{}\n", paint(HEADING, format!("Record {}", record.id)));
    if let Some(doi) = &record.doi {
        let _ = writeln!(out, "doi          {doi}");
    }
    if let Some(concept_doi) = &record.concept_doi {
        let _ = writeln!(out, "concept doi  {concept_doi}");
    }
    let _ = writeln!(out, "page         {}", choose_page(place, &record.html));
    out.push_str(&render_contents(&record.metadata, &record.files, detail));
    out
}

/// Returns an open draft or edit as text.
pub fn render_draft(draft: &Draft, place: (&Server, &str), detail: Detail) -> String {
    let kind = match draft.kind {
        DraftKind::NewRecord => "of a record never published",
        DraftKind::NewVersion => "of a new version",
        DraftKind::Edit => "(an edit of the published record)",
    };
    let mut out = format!("{}\n", paint(HEADING, format!("Open draft {} {kind}", draft.id)));
    let _ = writeln!(out, "page         {}", choose_page(place, &draft.html));
    if let Some(review) = &draft.review {
        let _ = writeln!(out, "review       {}", describe_review(review));
    }
    out.push_str(&render_contents(&draft.metadata, &draft.files, detail));
    out
}

/// Returns where the review of a draft stands.
pub fn describe_review(review: &DraftReview) -> String {
    let community = review.community.as_ref();
    let who = community.map_or_else(
        || "a community".to_owned(),
        |slug| format!("community {}", escape_text(&slug.0)),
    );
    let since = review.since.map(name_day);
    let since = |word: &str| since.as_ref().map_or_else(String::new, |day| format!("{word}{day}"));
    match review.status {
        ReviewStatus::Chosen => format!("{who} is to review it; it is not submitted yet"),
        ReviewStatus::Open => format!("{who} reviews it{}", since(" since ")),
        ReviewStatus::Declined => format!("{who} declined it{}", since(" on ")),
    }
}

fn render_contents(metadata: &Metadata, files: &[RemoteFile], detail: Detail) -> String {
    let mut out = format!("\n{}\n", paint(HEADING, "Metadata"));
    for (field, value) in metadata.iter() {
        let items = compare::resolve_returned_value(field, value).items();
        let (shown, n_more) = detail.fold(&items);
        let shown: Vec<String> = shown.iter().map(|item| detail.cut(&escape_text(item))).collect();
        let more = if n_more > 0 { format!("; … {n_more} more") } else { String::new() };
        let _ = writeln!(out, "  {:<21} {}{more}", field.name(), shown.join("; "));
    }
    let bytes = files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    let head = format!("Files ({}, {})", count(files.len(), "file"), format_size(bytes));
    let _ = writeln!(out, "\n{}", paint(HEADING, head));
    let (shown, n_more) = detail.fold(files);
    for file in shown {
        let md5 = file.md5.map_or_else(|| "no checksum".to_owned(), |md5| format!("md5 {md5}"));
        let name = escape_text(file.key.as_str());
        let _ = writeln!(out, "  {name}  {}  {}", format_size(file.size), paint(DIM, md5));
    }
    if n_more > 0 {
        let _ = writeln!(out, "  {}", paint(DIM, format!("… {n_more} more")));
    }
    out
}

/// Returns how a manifest names a concept: by its DOI, or by its number without one.
pub fn name_concept(concept: ConceptId, concept_doi: Option<&Doi>) -> String {
    concept_doi.map_or_else(|| concept.to_string(), ToString::to_string)
}

/// Returns the lines that bind a manifest to a record.
pub fn write_binding_lines(
    server: &Server,
    concept: ConceptId,
    concept_doi: Option<&Doi>,
) -> String {
    let value = name_concept(concept, concept_doi);
    format!("[record.concept]\n{} = \"{value}\"\n", server.name)
}
