//! What a fault is: which requests meet it, how often, and what it does.

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which requests are counted.
    pub on: Matches,
    /// The first of them that meets the fault, from 1.
    pub nth: usize,
    /// How many of them in a row meet it.
    pub times: usize,
    /// What it does.
    pub kind: FaultKind,
}

impl Fault {
    /// Builds a fault for the request with this number, whatever its method and path.
    pub fn at(nth: usize, kind: FaultKind) -> Self {
        Self { on: Matches::any(), nth, times: 1, kind }
    }
}

/// Which requests are counted: a method, and a path in which `*` matches any text, also slashes.
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
            // Of single words only `*` is allowed: the others lack the method or the path.
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

    /// Returns whether a request is counted.
    pub(super) fn has(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method) && fits(&self.path, path)
    }
}

/// Returns whether a text consists of these parts with anything between them.
fn fits(parts: &[String], text: &str) -> bool {
    let Some((first, rest)) = parts.split_first() else { return text.is_empty() };
    let Some(mut text) = text.strip_prefix(first.as_str()) else { return false };
    let Some((last, between)) = rest.split_last() else { return text.is_empty() };
    // The leftmost match of each part leaves the most text to the parts that follow it.
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
    /// replaced or the time is over.
    Refuse {
        /// For how long, in milliseconds.
        millis: u64,
    },
    /// The connection is reset before the work.
    ResetBefore,
    /// The work is done, and the connection is reset.
    ResetAfter,
    /// The answer is an error of the server (500, JSON) or of a proxy before it (HTML).
    Status {
        /// Its status.
        status: u16,
        /// Whether the work is done nevertheless.
        after: bool,
    },
    /// The answer is 429, before the work.
    TooMany {
        /// Its `Retry-After`, in seconds.
        retry_after: u64,
    },
    /// The work is done, and the connection ends halfway through the answer.
    Cut,
    /// The work is not done, and no answer ever comes.
    HangBefore,
    /// The work is done, and no answer ever comes.
    HangAfter,
    /// An upload is accepted and stored with a wrong checksum.
    WrongChecksum,
    /// An upload is accepted, and the file is missing afterwards.
    FileLost,
    /// A write of metadata is done without its keywords, and nothing says so.
    KeywordsDropped,
    /// A write is done, and the next reads show the state before it.
    VisibleLate {
        /// How many reads.
        reads: usize,
        /// Whether its answer arrives; otherwise the client gets a 504.
        answered: bool,
    },
    /// The next listings show the present state, whatever is written meanwhile.
    ListingLag {
        /// How many listings.
        reads: usize,
    },
    /// Before the work, another client of the same user does something.
    Other(ConcurrentAction),
    /// The work is done, and the answer is about something else, as when a proxy mixes answers up.
    MixedUp(MixUp),
    /// A read, and those right after it, show the state before the last `writes` writes. The server
    /// remembers writes from the moment it is given this fault; when it remembers fewer, it shows
    /// the oldest state that it has.
    Stale {
        /// How many writes.
        writes: usize,
        /// How many reads.
        reads: usize,
    },
    /// An answer with one deposition has an additional entry that no client can read.
    Unreadable(Unreadable),
}

/// What a mixed-up answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixUp {
    /// Another draft or record of the same user; it is created if there is none.
    Other,
    /// Another published version of the same record.
    Version,
    /// What was asked for, with the concept number of another record.
    Concept,
}

/// Which unreadable entry an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// A file without a name.
    FileName,
    /// A file without a size.
    FileSize,
    /// A creator that is a string.
    Creator,
}

/// What the other client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConcurrentAction {
    /// Changes the open draft: its title, and a file `other.txt` when files may change.
    EditsDraft,
    /// Opens a new version of the latest record.
    OpensVersion,
    /// Publishes the open draft as it is, or a new version with another file when none is open.
    Publishes,
    /// Changes the files of the latest published version in place, as its owner can within 30 days of
    /// its publication: the first gets other bytes, the last goes, and `other.txt` comes.
    ///
    /// Source: `POST /api/records/{id}/file-modification`, commits 6f71bb2 and eb9c4ae of zenodo-rdm,
    /// read 2026-11-29.
    ModifiesFiles,
    /// Saves the newest draft so that its DOI, which was reserved, is missing from it, and the
    /// reservation stays behind the API.
    ///
    /// Source: invenio-rdm-records issue 1757, read 2026-11-30.
    LosesDoi,
    /// As its curator, accepts the open review of the newest draft, which publishes it.
    AcceptsReview,
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
