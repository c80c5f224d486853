//! The history for a terminal: a row a version, and under it what changed since the one before.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::compare::VersionedFile;
use crate::model::RemoteFile;
use crate::observed::HistoryEntry;
use crate::render::detail::Detail;
use crate::render::escape::{escape_text, quote_name};
use crate::render::size::{count, format_size};
use crate::render::style::{DIM, HEADING, choose_symbol_style, paint};

use super::compared::{ComparedVersion, compare_history};

/// How wide the column of names is at most, so that a line with two sizes has 80 characters.
const NAME_WIDTH: usize = 40;

/// Returns the versions as a table, with the changed files of each; in full, also those that were
/// kept, and those of the first version.
pub fn render_history(entries: &[HistoryEntry], detail: Detail) -> String {
    let heads = ["#", "version", "doi", "published (UTC)", "publication date"].map(str::to_owned);
    let rows: Vec<[String; 5]> = entries.iter().map(build_row).collect();
    let widths: [usize; 5] = std::array::from_fn(|column| {
        let all = rows.iter().chain(std::iter::once(&heads));
        all.map(|row| row[column].chars().count()).max().unwrap_or(0)
    });
    let line = |row: &[String; 5]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let indent = widths[0] + 2;
    let mut out = format!("{}\n", paint(HEADING, line(&heads)));
    for (row, version) in rows.iter().zip(compare_history(entries)) {
        let _ = writeln!(out, "{}", line(row));
        for line in render_version(&version, detail) {
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }
    out
}

fn build_row(entry: &HistoryEntry) -> [String; 5] {
    let text = |value: Option<&String>| {
        value.map_or("-".to_owned(), |text| escape_text(text).into_owned())
    };
    [
        entry.index.to_string(),
        text(entry.label.as_ref()),
        entry.doi.as_ref().map_or("-".to_owned(), |doi| escape_text(doi.as_str()).into_owned()),
        entry.published.map_or("-".to_owned(), format_time),
        text(entry.date.as_ref()),
    ]
}

/// Returns day and minute in UTC.
fn format_time(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Returns the lines under a version.
fn render_version(version: &ComparedVersion<'_>, detail: Detail) -> Vec<String> {
    let mut lines = vec![describe_files(version)];
    // What a first version has is not a change, and is listed only on demand.
    let first = version.entry.files.iter().filter(|_| version.earlier.is_none()).flatten();
    let first = first.filter(|_| detail == Detail::FULL).map(VersionedFile::Added);
    let changes = version.files.iter().flatten().copied();
    let mut files: Vec<VersionedFile<'_>> = changes
        .filter(|file| detail == Detail::FULL || !matches!(file, VersionedFile::Kept(_)))
        .chain(first)
        .collect();
    // The end may be folded, so what is lost comes first. The sort keeps the order of the names.
    files.sort_by_key(|file| describe_kind(*file).rank);
    let (shown, n_more) = detail.fold(&files);
    lines.extend(render_changes(shown));
    if n_more > 0 {
        lines.push(paint(DIM, format!("{n_more} more, with --full")));
    }
    lines
}

/// Returns how many files a version has, and how many of them changed.
fn describe_files(version: &ComparedVersion<'_>) -> String {
    let ComparedVersion { entry, earlier, files: changes } = version;
    let Some(files) = &entry.files else { return "files are not visible".to_owned() };
    let bytes = files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    let all = format!("{}, {}", count(files.len(), "file"), format_size(bytes));
    match (earlier, changes) {
        (None, _) if entry.index > 1 => format!("{all}; no earlier version is listed"),
        (None, _) => all,
        (Some(earlier), None) => {
            format!("{all}; not compared: the files of #{} are not visible", earlier.index)
        }
        (Some(earlier), Some(changes)) => {
            // A version in between was removed, or is not public.
            let has_gap = earlier.index.checked_add(1) != Some(entry.index);
            let since = if has_gap { format!(" since #{}", earlier.index) } else { String::new() };
            format!("{all}{since}: {}", count_changes(changes))
        }
    }
}

/// Returns how many files changed in each way.
fn count_changes(changes: &[VersionedFile<'_>]) -> String {
    let is_kept = |file: &VersionedFile<'_>| matches!(file, VersionedFile::Kept(_));
    if changes.iter().all(is_kept) {
        return "no file changed".to_owned();
    }
    let mut counts: BTreeMap<(u8, &str), usize> = BTreeMap::new();
    for file in changes {
        let Kind { rank, word, .. } = describe_kind(*file);
        *counts.entry((rank, word)).or_default() += 1;
    }
    let parts = counts.into_iter().map(|((_, word), n)| format!("{n} {word}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// How a change is shown.
struct Kind {
    /// Its place among the others: what is lost first.
    rank: u8,
    symbol: char,
    word: &'static str,
}

fn describe_kind(file: VersionedFile<'_>) -> Kind {
    let (rank, symbol, word) = match file {
        VersionedFile::Removed(_) => (0, '-', "removed"),
        VersionedFile::Replaced(..) => (1, '~', "replaced"),
        VersionedFile::Uncompared(..) => (2, '?', "uncompared"),
        VersionedFile::Renamed(..) => (3, '~', "renamed"),
        VersionedFile::Added(_) => (4, '+', "added"),
        VersionedFile::Kept(_) => (5, '=', "kept"),
    };
    Kind { rank, symbol, word }
}

/// Returns a line a file, names and sizes below each other.
fn render_changes(files: &[VersionedFile<'_>]) -> Vec<String> {
    let rows: Vec<(Kind, String, String)> = files
        .iter()
        .map(|file| (describe_kind(*file), describe_name(*file), describe_size(*file)))
        .collect();
    let name_width = rows.iter().map(|row| row.1.chars().count()).max().unwrap_or(0);
    let name_width = name_width.min(NAME_WIDTH);
    let word_width = rows.iter().map(|row| row.0.word.len()).max().unwrap_or(0);
    let line = |(Kind { symbol, word, .. }, name, size): &(Kind, String, String)| {
        let sign = paint(choose_symbol_style(*symbol), symbol);
        format!("{sign} {word:<word_width$}  {name:<name_width$}  {size}")
    };
    rows.iter().map(line).collect()
}

fn describe_name(file: VersionedFile<'_>) -> String {
    let quote = |file: &RemoteFile| quote_name(file.key.as_str());
    match file {
        VersionedFile::Renamed(was, now) => format!("{} -> {}", quote(was), quote(now)),
        VersionedFile::Removed(file)
        | VersionedFile::Added(file)
        | VersionedFile::Kept(file)
        | VersionedFile::Replaced(_, file)
        | VersionedFile::Uncompared(_, file) => quote(file),
    }
}

fn describe_size(file: VersionedFile<'_>) -> String {
    match file {
        VersionedFile::Replaced(was, now) => {
            format!("{} -> {}", format_size(was.size), format_size(now.size))
        }
        VersionedFile::Uncompared(_, file) => {
            format!("{}, no checksum", format_size(file.size))
        }
        VersionedFile::Removed(file)
        | VersionedFile::Added(file)
        | VersionedFile::Kept(file)
        | VersionedFile::Renamed(_, file) => format_size(file.size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Doi, FileKey, Md5, RecordId};

    fn file(key: &str, size: u64, byte: u8) -> RemoteFile {
        let md5 = Some(Md5([byte; 16]));
        RemoteFile { key: FileKey::from_server(key), id: None, size, md5 }
    }

    fn entry(index: u64, files: Option<Vec<RemoteFile>>) -> HistoryEntry {
        let id = 10_000_000_u64.saturating_add(index);
        HistoryEntry {
            id: RecordId(id.into()),
            index,
            label: Some(format!("1.{index}")),
            doi: Doi::parse(&format!("10.5281/zenodo.{id}")).ok(),
            published: format!("2026-11-29T08:3{index}:05Z").parse().ok(),
            date: Some("2026-11-28".to_owned()),
            files,
        }
    }

    /// Returns what a person reads, without colours.
    fn show(entries: &[HistoryEntry], detail: Detail) -> String {
        anstream::adapter::strip_str(&render_history(entries, detail)).to_string()
    }

    fn changed() -> Vec<HistoryEntry> {
        let first = vec![
            file("a.csv", 8, 1),
            file("b.csv", 16, 2),
            file("c.csv", 4, 3),
            file("k.csv", 1_200_000, 4),
        ];
        let second = vec![
            file("a.csv", 14, 5),
            file("d.csv", 4, 6),
            file("data-final.csv", 4, 3),
            file("k.csv", 1_200_000, 4),
        ];
        vec![entry(2, Some(second)), entry(1, Some(first))]
    }

    #[test]
    fn two_versions_of_a_day_differ_in_their_time_and_their_files() {
        let expected = "\
#  version  doi                      published (UTC)   publication date
2  1.2      10.5281/zenodo.10000002  2026-11-29 08:32  2026-11-28
   4 files, 1.2 MB: 1 removed, 1 replaced, 1 renamed, 1 added, 1 kept
   - removed   b.csv                    16 B
   ~ replaced  a.csv                    8 B -> 14 B
   ~ renamed   c.csv -> data-final.csv  4 B
   + added     d.csv                    4 B
1  1.1      10.5281/zenodo.10000001  2026-11-29 08:31  2026-11-28
   4 files, 1.2 MB
";
        let shown = show(&changed(), Detail::HISTORY);
        assert_eq!(shown, expected);
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    }

    #[test]
    fn in_full_every_file_of_every_version_is_named() {
        let shown = show(&changed(), Detail::FULL);
        assert!(shown.contains("   = kept      k.csv                    1.2 MB\n"), "{shown}");
        let first = "\n   4 files, 1.2 MB\n   + added  a.csv  8 B\n   + added  b.csv  16 B\n";
        assert!(shown.contains(first), "{shown}");
    }

    #[test]
    fn many_changed_files_are_folded_unless_in_full() {
        let list = |n: u8| (0..n).map(|n| file(&format!("{n:02}.csv"), 1, n)).collect::<Vec<_>>();
        let of = |n| [entry(2, Some(list(n))), entry(1, Some(Vec::new()))];
        let shown = show(&of(12), Detail::HISTORY);
        assert!(shown.contains("04.csv  1 B\n   7 more, with --full\n"), "{shown}");
        assert!(!shown.contains("05.csv"), "{shown}");
        let shown = show(&of(12), Detail::FULL);
        assert!(shown.contains("11.csv  1 B\n") && !shown.contains("more"), "{shown}");
        let shown = show(&of(6), Detail::HISTORY);
        assert!(shown.contains("05.csv  1 B\n") && !shown.contains("more"), "{shown}");
    }

    #[test]
    fn what_can_not_be_compared_is_not_called_equal() {
        let files = || Some(vec![file("a", 1, 1)]);
        let shown = show(&[entry(3, None), entry(2, files()), entry(1, None)], Detail::FULL);
        assert_eq!(shown.matches("   files are not visible\n").count(), 2, "{shown}");
        let second = "   1 file, 1 B; not compared: the files of #1 are not visible\n";
        assert!(shown.contains(second), "{shown}");
        let shown = show(&[entry(5, files()), entry(3, files())], Detail::HISTORY);
        assert!(shown.contains("   1 file, 1 B since #3: no file changed\n"), "{shown}");
        assert!(shown.contains("   1 file, 1 B; no earlier version is listed\n"), "{shown}");
        let mut unknown = file("a", 1, 1);
        unknown.md5 = None;
        let shown = show(&[entry(2, Some(vec![unknown])), entry(1, files())], Detail::HISTORY);
        assert!(
            shown.contains("1 file, 1 B: 1 uncompared\n   ? uncompared  a  1 B, no checksum\n"),
            "{shown}"
        );
    }

    #[test]
    fn sizes_of_a_hostile_server_do_not_overflow() {
        let files = vec![file("a", u64::MAX, 1), file("b", 1, 2)];
        let mut hostile = entry(u64::MAX, Some(files.clone()));
        hostile.label = Some("\u{1b}[2J".to_owned());
        let shown = show(&[entry(u64::MAX, Some(files)), hostile], Detail::FULL);
        assert!(shown.contains("2 files, 18446744.1 TB"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
}
