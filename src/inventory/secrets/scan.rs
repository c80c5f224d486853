//! Searches the bytes that are read for hashing for secrets, chunk by chunk.
//!
//! A text is searched to its end. A file with a NUL in its first 8 KiB is not a text, and only its
//! first MiB is searched. The contents of compressed files are not searched. Nothing of a secret is
//! kept: a hit is its place, length and form. Deliberately absent: the patterns (`token_patterns`),
//! and what a hit means for a plan (`policy`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::model::Sensitive;

use super::token_patterns::{self, TOKEN_PATTERNS, TokenPattern};

/// Rises with every change that finds more or less, so that files which an older search has read
/// are searched again.
pub(in crate::inventory) const VERSION: u32 = 1;

/// How much of a file that is not a text is searched, in bytes.
const BINARY_LIMIT: usize = 1 << 20;

/// The part at the start of a file where a NUL means that it is not a text, in bytes.
const NUL_WITHIN: usize = 8 << 10;

/// How far a secret may reach from its beginning, in bytes.
const AHEAD: usize = 1 << 10;

/// How much of the bytes before a secret is looked at.
const BEHIND: usize = 32;

/// The first line of a git-LFS pointer, and the most bytes that one has.
///
/// Source: github.com/git-lfs/git-lfs, docs/spec.md, read 2026-11-23.
const LFS_HEAD: &[u8] = b"version https://git-lfs.github.com/spec/v1";
const LFS_LIMIT: u64 = 1024;

/// What a hit looks like.
#[derive(Debug, Clone, Copy)]
pub(in crate::inventory) enum Look {
    /// A secret of this form.
    Secret(&'static TokenPattern),
    /// A git-LFS pointer.
    LfsPointer,
}

impl Look {
    /// Returns its name in the cache.
    pub(in crate::inventory) fn name(self) -> &'static str {
        match self {
            Self::Secret(form) => form.name,
            Self::LfsPointer => "lfs-pointer",
        }
    }

    /// Returns the kind under which it can be allowed.
    pub(in crate::inventory) fn kind(self) -> Sensitive {
        match self {
            Self::Secret(form) => form.kind,
            Self::LfsPointer => Sensitive::LfsPointer,
        }
    }
}

/// The place of a secret in a file. Never the secret itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::inventory) struct Hit {
    /// What it looks like.
    pub(in crate::inventory) look: Look,
    /// Its line, from 1; `None` in a file that is not a text.
    pub(in crate::inventory) line: Option<u64>,
    /// Its first byte.
    pub(in crate::inventory) offset: u64,
    /// Its length in bytes, as far as it was read.
    pub(in crate::inventory) length: usize,
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        let all = |hit: &Self| (hit.look.name(), hit.line, hit.offset, hit.length);
        all(self) == all(other)
    }
}

impl Eq for Hit {}

impl Hit {
    /// Writes it as one word for the cache.
    pub(in crate::inventory) fn to_word(self) -> String {
        let Self { look, line, offset, length } = self;
        format!("{}:{}:{offset}:{length}", look.name(), line.unwrap_or(0))
    }

    /// Reads such a word.
    pub(in crate::inventory) fn from_word(word: &str) -> Option<Self> {
        let mut parts = word.split(':');
        let name = parts.next()?;
        let look = match name {
            "lfs-pointer" => Look::LfsPointer,
            _ => Look::Secret(token_patterns::find_pattern(name)?),
        };
        let line = Some(parts.next()?.parse().ok()?).filter(|line| *line > 0);
        let offset = parts.next()?.parse().ok()?;
        let length = parts.next()?.parse().ok()?;
        // A word with more parts was written by another version.
        parts.next().is_none().then_some(Self { look, line, offset, length })
    }
}

/// The beginnings of all forms, with the forms of each.
struct Beginnings {
    search: AhoCorasick,
    forms: Vec<Vec<&'static TokenPattern>>,
}

/// `None` only if there were too many beginnings for one search.
static BEGINNINGS: LazyLock<Option<Beginnings>> = LazyLock::new(|| {
    let mut by_beginning: BTreeMap<&str, Vec<&'static TokenPattern>> = BTreeMap::new();
    for form in &TOKEN_PATTERNS {
        for beginning in form.beginnings {
            by_beginning.entry(beginning).or_default().push(form);
        }
    }
    // Only with this kind of match it takes the vectorized search, which is ten times as fast.
    // No beginning holds another one, so both kinds find the same.
    let mut builder = AhoCorasick::builder();
    let search = builder.match_kind(MatchKind::LeftmostFirst).build(by_beginning.keys()).ok()?;
    Some(Beginnings { search, forms: by_beginning.into_values().collect() })
});

/// Searches one file, chunk by chunk.
#[derive(Debug, Default)]
pub(in crate::inventory) struct Scanner {
    /// The end of what was read: the part that is not searched yet, and a little before it.
    window: Vec<u8>,
    /// Where the window begins in the file.
    base: u64,
    /// Up to where the window was searched.
    searched: usize,
    /// How many lines end before the window.
    lines: u64,
    is_text: Option<bool>,
    is_over: bool,
    hits: Vec<Hit>,
}

impl Scanner {
    /// Takes the next bytes of the file.
    pub(in crate::inventory) fn feed(&mut self, chunk: &[u8]) {
        if self.is_over {
            return;
        }
        let is_text =
            *self.is_text.get_or_insert_with(|| !chunk[..chunk.len().min(NUL_WITHIN)].contains(&0));
        self.window.extend_from_slice(chunk);
        let room = usize::try_from((BINARY_LIMIT as u64).saturating_sub(self.base)).unwrap_or(0);
        if !is_text && self.window.len() >= room {
            self.window.truncate(room);
            self.is_over = true;
            self.search(self.window.len());
            return;
        }
        // A secret may continue in the next chunk, so the last bytes are searched with that.
        let upto = self.window.len().saturating_sub(AHEAD);
        if upto > self.searched {
            self.search(upto);
            self.forget();
        }
    }

    /// Returns whether the rest of the file is not searched.
    pub(in crate::inventory) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Ends the search, and returns the first hit of each look.
    pub(in crate::inventory) fn finish(mut self) -> Vec<Hit> {
        if !self.is_over {
            self.search(self.window.len());
        }
        // Only a whole file is a pointer: a text may quote one.
        if self.base == 0
            && (self.window.len() as u64) < LFS_LIMIT
            && self.window.starts_with(LFS_HEAD)
        {
            let length = self.window.len();
            self.hits.push(Hit { look: Look::LfsPointer, line: Some(1), offset: 0, length });
        }
        self.hits
    }

    /// Looks at what begins before `upto`.
    fn search(&mut self, upto: usize) {
        let Some(Beginnings { search, forms }) = &*BEGINNINGS else { return };
        // The search is by beginnings, since running each pattern over the file would be too slow.
        let found = search.find_iter(&self.window[self.searched..]);
        let found =
            found.map(|found| (self.searched + found.start(), &forms[found.pattern().as_usize()]));
        let mut hits = Vec::new();
        for (at, forms) in found.take_while(|(at, _)| *at < upto) {
            let before = &self.window[at.saturating_sub(BEHIND)..at];
            let text = &self.window[at..self.window.len().min(at + AHEAD)];
            for form in forms {
                let is_same = |hit: &Hit| hit.look.name() == form.name;
                // One hit of each form is enough to refuse the file.
                if self.hits.iter().chain(&hits).any(is_same) {
                    continue;
                }
                if let Some(length) = form.length_at(before, text) {
                    hits.push(self.hit(form, at, length));
                }
            }
        }
        self.hits.extend(hits);
        self.searched = upto;
    }

    fn hit(&self, form: &'static TokenPattern, at: usize, length: usize) -> Hit {
        let line = self.lines + count_line_ends(&self.window[..at]) + 1;
        // Bytes between line feeds are not lines in a file that is not a text.
        let line = Some(line).filter(|_| self.is_text == Some(true));
        Hit { look: Look::Secret(form), line, offset: self.base + at as u64, length }
    }

    /// Drops the start of the window, except the bytes that are looked at before a secret.
    fn forget(&mut self) {
        let dropped = self.searched.saturating_sub(BEHIND);
        self.lines += count_line_ends(&self.window[..dropped]);
        self.window.drain(..dropped);
        self.base += dropped as u64;
        self.searched -= dropped;
    }
}

/// Searches a text that is in memory.
pub(in crate::inventory) fn scan_bytes(bytes: &[u8]) -> Vec<Hit> {
    let mut scanner = Scanner::default();
    scanner.feed(bytes);
    scanner.finish()
}

fn count_line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token that no service gave out.
    fn token() -> String {
        format!("gh{}_{}", "p", "q7ZkT2mWx9RbYc4LsVf8HdNj3GpKa6EuQ1Xt")
    }

    fn fed(bytes: &[u8], chunk: usize) -> Vec<Hit> {
        let mut scanner = Scanner::default();
        bytes.chunks(chunk).for_each(|chunk| scanner.feed(chunk));
        scanner.finish()
    }

    #[test]
    fn a_hit_is_the_same_wherever_the_chunks_end() {
        let mut text = "line\n".repeat(2000);
        let offset = text.len() as u64 + 3;
        text.push_str("a: ");
        text.push_str(&token());
        text.push('\n');
        text.push_str(&"line\n".repeat(2000));
        for chunk in [1, 7, 1000, 1024, 4096, 1 << 20] {
            let hits = fed(text.as_bytes(), chunk);
            assert_eq!(hits.len(), 1, "{chunk}");
            assert_eq!((hits[0].line, hits[0].offset, hits[0].length), (Some(2001), offset, 40));
        }
    }

    #[test]
    fn no_beginning_of_a_form_holds_another() {
        let all: std::collections::BTreeSet<&str> =
            TOKEN_PATTERNS.iter().flat_map(|form| form.beginnings).copied().collect();
        for one in &all {
            for other in &all {
                assert!(one == other || !one.contains(other), "`{one}` holds `{other}`");
            }
        }
    }

    #[test]
    fn a_text_is_searched_to_its_end_and_another_file_to_the_first_mib() {
        let at = |head: &[u8], offset: usize| {
            let mut bytes = head.to_vec();
            bytes.resize(offset, b' ');
            bytes.extend_from_slice(token().as_bytes());
            fed(&bytes, 100_000)
        };
        assert_eq!(at(b"text", 3_000_000).len(), 1);
        assert_eq!(at(b"\x7fELF\0", 3_000_000), []);
        let hits = at(b"\x7fELF\0", 900_000);
        assert_eq!((hits[0].line, hits[0].offset), (None, 900_000));
        assert_eq!(at(b"\x7fELF\0", (1 << 20) - 10), []);
    }

    #[test]
    fn only_a_whole_lfs_pointer_is_one() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        assert!(matches!(scan_bytes(pointer.as_bytes())[..], [Hit { look: Look::LfsPointer, .. }]));
        assert_eq!(scan_bytes(format!("The first line: {pointer}").as_bytes()), []);
        assert_eq!(scan_bytes(format!("{pointer}{}", " ".repeat(2000)).as_bytes()), []);
    }

    #[test]
    fn a_hit_is_kept_without_the_secret() {
        let hit = scan_bytes(token().as_bytes())[0];
        assert_eq!(hit.to_word(), "github:1:0:40");
        assert_eq!(Hit::from_word(&hit.to_word()), Some(hit));
        for bad in ["", "github", "other:1:0:40", "github:1:0:40:5", "github:a:0:40"] {
            assert_eq!(Hit::from_word(bad), None, "{bad}");
        }
    }
}
