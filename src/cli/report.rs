//! The last lines of an apply: what was published, where it is, and what binds it.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::project::{Gathered, Project};
use crate::apply::Applied;
use crate::model::{AppliedFile, Field, FileKey, FileSource, LocalFile, RemoteFile, ServerKind};
use crate::observed::{Draft, Record};
use crate::plan::Operation;
use crate::render::{binding_lines, page, shown};

/// Returns the result as text.
pub(super) fn text(
    applied: &Applied,
    operation: Operation,
    project: &Project,
    gathered: &Gathered,
) -> String {
    match (&applied.record, &applied.draft) {
        (Some(record), _) => published(record, operation, project, gathered),
        (None, Some(draft)) => ready(draft, project),
        (None, None) => "Done.\n".to_owned(),
    }
}

fn published(
    record: &Record,
    operation: Operation,
    project: &Project,
    gathered: &Gathered,
) -> String {
    let done = match operation {
        Operation::NewRecord { .. } | Operation::NewVersion { .. } => "Published",
        Operation::Edit { .. } => "Changed the metadata of",
        Operation::Communities { .. } => "Asked the communities of",
        Operation::Nothing | Operation::Impossible => "Nothing was left to do for",
    };
    let label = record.metadata.text(Field::Version).map(|label| format!(" {}", shown(label)));
    let title = record.metadata.text(Field::Title).unwrap_or_default();
    let mut out = format!("\n{done} {}{}\n", shown(title), label.unwrap_or_default());
    let _ = writeln!(out, "  DOI          {}", record.doi);
    if let Some(concept_doi) = &record.concept_doi {
        let _ = writeln!(out, "  concept DOI  {concept_doi} (always the latest version)");
    }
    let _ = writeln!(out, "  page         {}", page(&project.server, &record.html));
    if project.server.is_rehearsal() {
        out.push_str("  A rehearsal: these DOIs resolve nowhere.\n");
    }
    let is_first = gathered.binding.concept.is_none();
    if gathered.desired.concept.is_none() && (is_first || project.server.kind != ServerKind::Local)
    {
        let lines = binding_lines(&project.server, record.concept, record.concept_doi.as_ref());
        let _ = write!(
            out,
            "\nTo bind the manifest to this record, add to {}:\n\n{lines}",
            project.shown
        );
    }
    out
}

fn ready(draft: &Draft, project: &Project) -> String {
    format!(
        "\nDraft {} is ready, and was compared with the plan. Nothing is published.\n  page         {}\n",
        draft.id,
        page(&project.server, &draft.html)
    )
}

/// Returns the result as a document.
pub(super) fn json(applied: &Applied, project: &Project) -> Json {
    let record = applied.record.as_ref().map(|record| {
        json!({
            "id": record.id.0,
            "concept": record.concept.0,
            "doi": record.doi.as_str(),
            "concept_doi": record.concept_doi.as_ref().map(crate::model::Doi::as_str),
            "version": record.metadata.text(Field::Version),
            "html": record.html,
        })
    });
    let draft = applied.draft.as_ref().filter(|_| record.is_none());
    json!({
        "format_version": "1.0",
        "server": project.server.name,
        "record": record,
        "draft": draft.map(|draft| json!({"id": draft.id.0, "html": draft.html})),
    })
}

/// Returns what counts as applied when nothing was left to do: the files that agree, archives by
/// their content.
pub(super) fn applied_files(
    local: &[LocalFile],
    remote: &[RemoteFile],
    known: &BTreeMap<FileKey, AppliedFile>,
) -> BTreeMap<FileKey, AppliedFile> {
    let on_server = |key: &FileKey| remote.iter().find(|file| file.key == *key)?.md5;
    local
        .iter()
        .filter_map(|file| {
            let md5 = on_server(&file.key)?;
            let content = match &file.source {
                FileSource::Path => None,
                FileSource::Archive { content, .. } if md5 == file.md5 => Some(*content),
                FileSource::Archive { .. } => {
                    known.get(&file.key).filter(|was| was.md5 == md5).and_then(|was| was.content)
                }
            };
            Some((file.key.clone(), AppliedFile { md5, content }))
        })
        .collect()
}
