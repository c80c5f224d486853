//! Faults from a TOML file, for `zrel serve --faults FILE`.
//!
//! ```toml
//! [[faults]]
//! on = "POST /api/deposit/depositions/*/actions/publish"
//! nth = 1
//! times = 1
//! do = "504-after"
//! ```

use serde::Deserialize;

use super::kinds::{Fault, FaultKind, Matches, Other};

/// Says why a file describes no faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFaults {
    /// It is no TOML, or has keys that faults do not have.
    #[error("{0}")]
    Toml(String),
    /// A request is not described so that it can be matched.
    #[error("line {line}: `{on}` is no method and path, such as `POST /api/deposit/*` or `*`")]
    On {
        /// Where, from 1.
        line: usize,
        /// What is written.
        on: String,
    },
    /// There is no such fault.
    #[error("line {line}: there is no fault `{name}`; there are {}", NAMES.join(", "))]
    Do {
        /// Where, from 1.
        line: usize,
        /// What is written.
        name: String,
    },
}

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
    "late",
    "late-504",
    "listing-lag",
    "other-edits-draft",
    "other-opens-version",
    "other-publishes",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    faults: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    on: toml::Spanned<String>,
    #[serde(default = "one")]
    nth: usize,
    #[serde(default = "one")]
    times: usize,
    #[serde(rename = "do")]
    kind: toml::Spanned<String>,
    #[serde(default = "second")]
    retry_after: u64,
    #[serde(default = "two")]
    reads: usize,
    #[serde(default = "thousand")]
    millis: u64,
}

fn one() -> usize {
    1
}

fn two() -> usize {
    2
}

fn second() -> u64 {
    1
}

fn thousand() -> u64 {
    1000
}

/// Reads faults from TOML.
///
/// # Errors
/// [`InvalidFaults`], with the line.
pub fn parse_faults(text: &str) -> Result<Vec<Fault>, InvalidFaults> {
    let file: File =
        toml::from_str(text).map_err(|error| InvalidFaults::Toml(error.to_string()))?;
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let fault = |entry: Entry| {
        let on = Matches::parse(entry.on.get_ref()).ok_or_else(|| InvalidFaults::On {
            line: line(entry.on.span().start),
            on: entry.on.get_ref().clone(),
        })?;
        let kind = kind(&entry).ok_or_else(|| InvalidFaults::Do {
            line: line(entry.kind.span().start),
            name: entry.kind.get_ref().clone(),
        })?;
        Ok(Fault { on, nth: entry.nth, times: entry.times, kind })
    };
    file.faults.into_iter().map(fault).collect()
}

fn kind(entry: &Entry) -> Option<FaultKind> {
    let reads = entry.reads;
    Some(match entry.kind.get_ref().as_str() {
        "refuse" => FaultKind::Refuse { millis: entry.millis },
        "reset-before" => FaultKind::ResetBefore,
        "reset-after" => FaultKind::ResetAfter,
        "429" => FaultKind::TooMany { retry_after: entry.retry_after },
        "cut" => FaultKind::Cut,
        "hang-before" => FaultKind::HangBefore,
        "hang-after" => FaultKind::HangAfter,
        "wrong-checksum" => FaultKind::WrongChecksum,
        "file-lost" => FaultKind::FileLost,
        "late-504" => FaultKind::VisibleLate { reads, answered: false },
        "late" => FaultKind::VisibleLate { reads, answered: true },
        "listing-lag" => FaultKind::ListingLag { reads },
        "other-edits-draft" => FaultKind::Other(Other::EditsDraft),
        "other-opens-version" => FaultKind::Other(Other::OpensVersion),
        "other-publishes" => FaultKind::Other(Other::Publishes),
        text => {
            let (status, after) = match text.strip_suffix("-after") {
                Some(status) => (status, true),
                None => (text, false),
            };
            let known = matches!(status, "500" | "502" | "503" | "504");
            FaultKind::Status { status: status.parse().ok().filter(|_| known)?, after }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_fault() {
        for name in NAMES {
            let text = format!("[[faults]]\non = \"*\"\ndo = \"{name}\"\n");
            let faults = parse_faults(&text).unwrap();
            assert_eq!((faults[0].nth, faults[0].times), (1, 1), "{name}");
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
    fn what_is_wrong_is_told_with_its_line() {
        let told = |text: &str| parse_faults(text).unwrap_err().to_string();
        let unknown = told("[[faults]]\non = \"*\"\ndo = \"explode\"\n");
        assert!(unknown.starts_with("line 3: there is no fault `explode`"), "{unknown}");
        let nowhere = told("\n[[faults]]\non = \"publish\"\ndo = \"cut\"\n");
        assert!(nowhere.starts_with("line 3: `publish` is no method and path"), "{nowhere}");
        let extra = told("[[faults]]\non = \"*\"\ndo = \"cut\"\nhow = 1\n");
        assert!(extra.contains("line 4") && extra.contains("how"), "{extra}");
    }
}
