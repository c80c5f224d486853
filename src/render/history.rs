//! The versions of a record, newest first.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::observed::HistoryEntry;

use super::escape::escape_text;
use super::size::{count, format_size};
use super::style::{HEADING, paint};

/// Returns the versions as a table.
pub fn render_history(entries: &[HistoryEntry]) -> String {
    let rows: Vec<[String; 5]> = entries.iter().map(build_history_row).collect();
    let heads = ["#", "version", "doi", "date", "files"].map(str::to_owned);
    let widths: [usize; 5] = std::array::from_fn(|column| {
        let all = rows.iter().chain(std::iter::once(&heads));
        all.map(|row| row[column].chars().count()).max().unwrap_or(0)
    });
    let line = |row: &[String; 5]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut out = format!("{}\n", paint(HEADING, line(&heads)));
    for row in &rows {
        let _ = writeln!(out, "{}", line(row));
    }
    out
}

fn build_history_row(entry: &HistoryEntry) -> [String; 5] {
    let text = |value: Option<&String>| {
        value.map_or("-".to_owned(), |text| escape_text(text).into_owned())
    };
    let files = match (entry.n_files, entry.size_bytes) {
        (Some(n), Some(bytes)) => {
            let n = usize::try_from(n).unwrap_or(usize::MAX);
            format!("{}, {}", count(n, "file"), format_size(bytes))
        }
        _ => "not visible".to_owned(),
    };
    [
        entry.index.to_string(),
        text(entry.label.as_ref()),
        entry.doi.as_ref().map_or("-".to_owned(), ToString::to_string),
        text(entry.date.as_ref()),
        files,
    ]
}

/// Returns the versions as a document.
pub fn encode_history(entries: &[HistoryEntry]) -> Json {
    let versions: Vec<Json> = entries
        .iter()
        .map(|entry| {
            let HistoryEntry { id, index, label, doi, date, n_files, size_bytes } = entry;
            json!({
                "id": id.0,
                "index": index,
                "version": label,
                "doi": doi.as_ref().map(crate::model::Doi::as_str),
                "publication_date": date,
                "n_files": n_files,
                "size_bytes": size_bytes,
            })
        })
        .collect();
    json!({"format_version": "1.0", "versions": versions})
}
