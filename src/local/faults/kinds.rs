//! What a fault is: at which request, how often, and what it does.

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which requests count.
    pub on: Matches,
    /// The first of them that meets the fault, from 1.
    pub nth: usize,
    /// How many in a row meet it.
    pub times: usize,
    /// What it does.
    pub kind: FaultKind,
}

impl Fault {
    /// Makes a fault that the request with this number meets, whatever it asks.
    pub fn at(nth: usize, kind: FaultKind) -> Self {
        Self { on: Matches::any(), nth, times: 1, kind }
    }
}

/// Which requests count: a method and a path, in which `*` stands for any text, also with slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matches {
    method: Option<String>,
    path: Vec<String>,
}

impl Matches {
    /// Matches every request.
    pub fn any() -> Self {
        Self { method: None, path: vec![String::new(), String::new()] }
    }

    /// Reads `POST /api/deposit/depositions/*/actions/publish`, `* /api/records/*`, `*`.
    pub fn parse(text: &str) -> Option<Self> {
        let (method, path) = match text.split_once(' ') {
            None if text == "*" => return Some(Self::any()),
            None => return None,
            Some((method, path)) => (method, path.trim()),
        };
        let is_method = method == "*" || method.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_path = path == "*" || path.starts_with('/');
        if !is_method || !is_path || method.is_empty() {
            return None;
        }
        let method = (method != "*").then(|| method.to_owned());
        Some(Self { method, path: path.split('*').map(str::to_owned).collect() })
    }

    /// Tells whether a request counts.
    pub(super) fn has(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method) && fits(&self.path, path)
    }
}

/// Tells whether a text is these parts with anything between them.
fn fits(parts: &[String], text: &str) -> bool {
    let Some((first, rest)) = parts.split_first() else { return text.is_empty() };
    let Some(mut text) = text.strip_prefix(first.as_str()) else { return false };
    let Some((last, between)) = rest.split_last() else { return text.is_empty() };
    for part in between {
        let Some(at) = text.find(part.as_str()) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last.as_str())
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The connection is reset before the work, and new ones are refused until the faults are
    /// replaced or the time is over. Milliseconds.
    Refuse {
        /// How long.
        millis: u64,
    },
    /// The connection is reset before the work.
    ResetBefore,
    /// The work is done, and the connection is reset.
    ResetAfter,
    /// The answer is an error: of the server (500, JSON), or of a proxy before it (HTML).
    Status {
        /// Its status.
        status: u16,
        /// Whether the work is done all the same.
        after: bool,
    },
    /// The answer is 429, before the work.
    TooMany {
        /// Its `Retry-After`. Seconds.
        retry_after: u64,
    },
    /// The work is done, and the connection ends in the middle of the answer.
    Cut,
    /// No answer ever comes, and the work is not done.
    HangBefore,
    /// The work is done, and no answer ever comes.
    HangAfter,
    /// An upload is taken and stored with another checksum.
    WrongChecksum,
    /// An upload is taken, and the file is not there afterwards.
    FileLost,
    /// A write is done, and the next reads show what was before it.
    VisibleLate {
        /// How many reads.
        reads: usize,
        /// Whether its answer arrives; else it is 504.
        answered: bool,
    },
    /// From now on listings show what is there now.
    ListingLag {
        /// How many listings.
        reads: usize,
    },
    /// Before the work somebody else, signed in as the same user, does something.
    Other(Other),
    /// The work is done, and the answer is about something else, as where a proxy mixes them up.
    MixedUp(MixUp),
    /// A read, and those right after it, show what was there so many writes ago. Where the server
    /// does not remember as many, what was there before the first that it does: it begins to
    /// remember when it is given this fault.
    Stale {
        /// How many writes.
        writes: usize,
        /// How many reads.
        reads: usize,
    },
    /// An answer with one deposition lists something more, in a way that nobody can read.
    Unreadable(Unreadable),
}

/// Whom an answer is about that is not about what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixUp {
    /// Another draft or record of the same user; one is made where there is none.
    Other,
    /// Another published version of the same record.
    Version,
    /// What was asked for, but that the number of the concept is that of another record.
    Concept,
}

/// What an answer lists that nobody can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// A file without a name.
    FileName,
    /// A file without a size.
    FileSize,
    /// A creator that is a text.
    Creator,
}

/// What somebody else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// Changes the open draft: its title, and a file `other.txt` where files may change.
    EditsDraft,
    /// Opens a new version of the latest record.
    OpensVersion,
    /// Publishes: the draft that is open as it is, or else a new version with another file.
    Publishes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_matched_by_method_and_path() {
        let has = |pattern: &str, method, path| Matches::parse(pattern).unwrap().has(method, path);
        assert!(has("*", "GET", "/"));
        assert!(has("* *", "GET", "/api"));
        assert!(has("PUT /api/files/*", "PUT", "/api/files/b/k.csv"));
        assert!(!has("PUT /api/files/*", "GET", "/api/files/b/k.csv"));
        assert!(has("* /api/records/*/versions", "GET", "/api/records/7/versions"));
        assert!(!has("* /api/records/*/versions", "GET", "/api/records/7/versions/latest"));
        assert!(!has("GET /api/me", "GET", "/api/me/x"));
        for bad in ["", "publish", "GET", "get /x", "GET x", " /x"] {
            assert_eq!(Matches::parse(bad), None, "{bad}");
        }
    }
}
