//! Faults in TOML, for `zrel serve --faults FILE`.
//!
//! ```toml
//! [[faults]]
//! on = "POST /api/deposit/depositions/*/actions/publish"
//! nth = 1
//! times = 1
//! do = "504-after"
//! ```
//!
//! Every mistake is reported with its line and column. Deliberately absent: reading the file.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::kinds::{ConcurrentAction, Fault, FaultKind, Matches, MixUp, Unreadable};

/// How long connections are refused by default, in milliseconds.
const REFUSE_MILLIS: u64 = 1000;
/// How many reads are late by default.
const LATE_READS: usize = 2;
/// How many writes old the state is that stale reads show by default.
const STALE_WRITES: usize = 1;
/// The default `Retry-After`, in seconds.
const RETRY_AFTER: u64 = 1;

/// The names of faults.
const NAMES: &[&str] = &[
    "refuse",
    "reset-before",
    "reset-after",
    "500",
    "500-after",
    "502",
    "502-after",
    "503",
    "503-after",
    "504",
    "504-after",
    "429",
    "cut",
    "hang-before",
    "hang-after",
    "wrong-checksum",
    "file-lost",
    "keywords-dropped",
    "late",
    "late-504",
    "listing-lag",
    "other-edits-draft",
    "other-opens-version",
    "other-publishes",
    "other-modifies-files",
    "other-loses-doi",
    "other-accepts-review",
    "answer-of-other",
    "answer-of-version",
    "wrong-concept",
    "stale",
    "file-without-name",
    "file-without-size",
    "creator-as-text",
];

/// Why a text can't be read as faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct InvalidFaults {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsFile {
    #[serde(default)]
    faults: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    on: Spanned<String>,
    nth: Option<Spanned<usize>>,
    times: Option<Spanned<usize>>,
    #[serde(rename = "do")]
    kind: Spanned<String>,
    retry_after: Option<Spanned<u64>>,
    reads: Option<Spanned<usize>>,
    writes: Option<Spanned<usize>>,
    millis: Option<Spanned<u64>>,
}

/// A mistake and where it is, in bytes.
type Mistake = (Range<usize>, String);

/// Reads faults in TOML: tables `[[faults]]` with `on`, `nth`, `times`, `do` and the keys of the
/// kind (`retry_after`, `reads`, `writes`, `millis`).
///
/// # Errors
/// [`InvalidFaults`] for the first mistake; an unknown key counts as one, and so does a key that
/// the kind does not take.
pub fn parse_faults(text: &str) -> Result<Vec<Fault>, InvalidFaults> {
    let file: FaultsFile = toml::from_str(text).map_err(|error| {
        locate_mistake(text, (error.span().unwrap_or_default(), error.message().to_owned()))
    })?;
    let faults: Result<Vec<Fault>, Mistake> = file.faults.into_iter().map(parse_fault).collect();
    faults.map_err(|mistake| locate_mistake(text, mistake))
}

fn parse_fault(mut entry: Entry) -> Result<Fault, Mistake> {
    let on = Matches::parse(entry.on.get_ref()).ok_or_else(|| {
        let on = entry.on.get_ref();
        (entry.on.span(), format!("`{on}` is not a method and path, such as `POST /api/deposit/*`"))
    })?;
    let nth = read_count("nth", entry.nth.take(), 1)?;
    let times = read_count("times", entry.times.take(), 1)?;
    // The kind takes its keys out of the entry: what is left belongs to no kind and is refused, so
    // that a misplaced key does not leave a test with another fault than it asked for.
    let kind = parse_kind(&mut entry)?;
    refuse_unused_key("retry_after", entry.retry_after.as_ref())?;
    refuse_unused_key("reads", entry.reads.as_ref())?;
    refuse_unused_key("writes", entry.writes.as_ref())?;
    refuse_unused_key("millis", entry.millis.as_ref())?;
    Ok(Fault { on, nth, times, kind })
}

/// Reads a number that counts from 1.
fn read_count(key: &str, value: Option<Spanned<usize>>, default: usize) -> Result<usize, Mistake> {
    let Some(value) = value else { return Ok(default) };
    match *value.get_ref() {
        // Requests are numbered from 1, so 0 would be a fault that never happens.
        0 => Err((value.span(), format!("`{key}` counts from 1"))),
        n => Ok(n),
    }
}

/// Refuses a key that the kind does not take.
fn refuse_unused_key<T>(key: &str, value: Option<&Spanned<T>>) -> Result<(), Mistake> {
    match value {
        Some(value) => Err((value.span(), format!("this fault does not take `{key}`"))),
        None => Ok(()),
    }
}

fn parse_kind(entry: &mut Entry) -> Result<FaultKind, Mistake> {
    Ok(match entry.kind.get_ref().as_str() {
        "refuse" => {
            let millis = entry.millis.take().map_or(REFUSE_MILLIS, Spanned::into_inner);
            FaultKind::Refuse { millis }
        }
        "reset-before" => FaultKind::ResetBefore,
        "reset-after" => FaultKind::ResetAfter,
        "429" => {
            let retry_after = entry.retry_after.take().map_or(RETRY_AFTER, Spanned::into_inner);
            FaultKind::TooMany { retry_after }
        }
        "cut" => FaultKind::Cut,
        "hang-before" => FaultKind::HangBefore,
        "hang-after" => FaultKind::HangAfter,
        "wrong-checksum" => FaultKind::WrongChecksum,
        "file-lost" => FaultKind::FileLost,
        "keywords-dropped" => FaultKind::KeywordsDropped,
        // Both do the write and hide it for a while; only `late` lets the client have the answer.
        "late-504" => FaultKind::VisibleLate { reads: take_reads(entry)?, answered: false },
        "late" => FaultKind::VisibleLate { reads: take_reads(entry)?, answered: true },
        "listing-lag" => FaultKind::ListingLag { reads: take_reads(entry)? },
        "other-edits-draft" => FaultKind::Other(ConcurrentAction::EditsDraft),
        "other-opens-version" => FaultKind::Other(ConcurrentAction::OpensVersion),
        "other-publishes" => FaultKind::Other(ConcurrentAction::Publishes),
        "other-modifies-files" => FaultKind::Other(ConcurrentAction::ModifiesFiles),
        "other-loses-doi" => FaultKind::Other(ConcurrentAction::LosesDoi),
        "other-accepts-review" => FaultKind::Other(ConcurrentAction::AcceptsReview),
        "stale" => {
            let writes = read_count("writes", entry.writes.take(), STALE_WRITES)?;
            FaultKind::Stale { writes, reads: take_reads(entry)? }
        }
        // An unknown name is reported with all names: the usual cause is a typo.
        text => {
            parse_misleading_kind(text).or_else(|| parse_status_kind(text)).ok_or_else(|| {
                let known = NAMES.join(", ");
                (entry.kind.span(), format!("unknown fault `{text}`; the faults are {known}"))
            })?
        }
    })
}

/// Reads a fault whose answer looks like a good one.
fn parse_misleading_kind(text: &str) -> Option<FaultKind> {
    Some(match text {
        "answer-of-other" => FaultKind::MixedUp(MixUp::Other),
        "answer-of-version" => FaultKind::MixedUp(MixUp::Version),
        "wrong-concept" => FaultKind::MixedUp(MixUp::Concept),
        "file-without-name" => FaultKind::Unreadable(Unreadable::FileName),
        "file-without-size" => FaultKind::Unreadable(Unreadable::FileSize),
        "creator-as-text" => FaultKind::Unreadable(Unreadable::Creator),
        _ => return None,
    })
}

/// Reads `504` or `504-after`.
fn parse_status_kind(text: &str) -> Option<FaultKind> {
    let (status, after) = match text.strip_suffix("-after") {
        Some(status) => (status, true),
        None => (text, false),
    };
    // Only what the server or a proxy before it answers; 429 is a kind with a `Retry-After`.
    let known = matches!(status, "500" | "502" | "503" | "504");
    Some(FaultKind::Status { status: status.parse().ok().filter(|_| known)?, after })
}

fn take_reads(entry: &mut Entry) -> Result<usize, Mistake> {
    read_count("reads", entry.reads.take(), LATE_READS)
}

/// Converts a byte position to a line and a column.
fn locate_mistake(text: &str, (at, message): Mistake) -> InvalidFaults {
    let before = text.get(..at.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    InvalidFaults {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_fault() {
        let mut kinds = Vec::new();
        for name in NAMES {
            let text = format!("[[faults]]\non = \"*\"\ndo = \"{name}\"\n");
            let faults = parse_faults(&text).unwrap();
            assert_eq!((faults[0].nth, faults[0].times), (1, 1), "{name}");
            assert!(!kinds.contains(&faults[0].kind), "{name}");
            kinds.push(faults[0].kind);
        }
        assert_eq!(parse_faults("").unwrap(), []);
    }

    #[test]
    fn numbers_are_taken() {
        let text =
            "[[faults]]\non = \"PUT *\"\nnth = 3\ntimes = 2\ndo = \"429\"\nretry_after = 9\n";
        let kind = FaultKind::TooMany { retry_after: 9 };
        let on = Matches::parse("PUT *").unwrap();
        assert_eq!(parse_faults(text).unwrap(), [Fault { on, nth: 3, times: 2, kind }]);
    }

    #[test]
    fn mistakes_are_reported_with_line_and_column() {
        let told = |text: &str| parse_faults(text).unwrap_err().to_string();
        let within = |rest: &str| told(&format!("[[faults]]\non = \"*\"\n{rest}\n"));
        let unknown = within("do = \"explode\"");
        assert!(
            unknown.starts_with("line 3, column 6: unknown fault `explode`; the faults are refuse"),
            "{unknown}"
        );
        let nowhere = told("\n[[faults]]\non = \"publish\"\ndo = \"cut\"\n");
        let shown = "line 3, column 6: `publish` is not a method and path";
        assert!(nowhere.starts_with(shown), "{nowhere}");
        let extra = within("do = \"cut\"\nhow = 1");
        assert!(extra.starts_with("line 4, column 1: unknown field `how`"), "{extra}");
        let never = within("do = \"cut\"\nnth = 0");
        assert_eq!(never, "line 4, column 7: `nth` counts from 1");
        let useless = within("do = \"cut\"\nreads = 1");
        assert_eq!(useless, "line 4, column 9: this fault does not take `reads`");
    }
}
