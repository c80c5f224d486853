//! Reads the lock from text, and says in which line it can't be trusted. `format` writes it.

use toml::de::DeTable;

use crate::disk::find_line_at;
use crate::model::BoundRecord;
use crate::toml_text::quote_key;

use super::format::{END, FORMAT_1, HEAD, SUM, compute_fact_checksum};
use super::read_entry::{FactAt, read_entry};
use super::types::{Entry, FORMAT, Facts, Key, LockFault, USUAL_MANIFEST};

/// Reads the lock from text.
pub(super) fn parse_lock(text: &str) -> Result<Facts, LockFault> {
    // Before the parser, whose error would not say that a merge was left unfinished.
    if let Some(line) = find_conflict_marker(text) {
        return Err(LockFault::Conflict(line));
    }
    let table = DeTable::parse(text).map_err(|error| LockFault::Toml {
        line: find_line_at(text.as_bytes(), error.span().map_or(0, |span| span.start)),
        message: error.message().lines().next().unwrap_or_default().to_owned(),
    })?;
    let facts = Reader::of(text).read(table.get_ref())?;
    let n_lines = text.lines().count();
    if is_cut(text) { Err(LockFault::Cut(n_lines)) } else { Ok(facts) }
}

/// A lock that is being read.
struct Reader<'a> {
    lines: Vec<&'a str>,
    /// The first byte of each line.
    starts: Vec<usize>,
    facts: Facts,
}

impl<'a> Reader<'a> {
    fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Self { lines: text.lines().collect(), starts, facts: Facts::new() }
    }

    /// Returns the line, from 1, that a byte is in.
    fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    fn read(mut self, table: &DeTable<'_>) -> Result<Facts, LockFault> {
        let is_format_1 = self.is_format_1(table)?;
        for (name, value) in table {
            let (at, name) = (name.span().start, name.get_ref().as_ref());
            if name == "format" {
                continue;
            }
            if !is_format_1 && name != "manifest" {
                return Err(self.fault(at, name));
            }
            let inside = value.get_ref().as_table().ok_or_else(|| self.fault(at, name))?;
            if is_format_1 {
                let (entry, _) = self.section(&Key::new(USUAL_MANIFEST, name), name, inside)?;
                self.check_last(&entry, at, name)?;
            } else {
                self.manifests(inside)?;
            }
        }
        Ok(self.facts)
    }

    /// Decides how the lock is read, before anything else in it is.
    fn is_format_1(&self, table: &DeTable<'_>) -> Result<bool, LockFault> {
        // A lock without a format was cut or edited; nothing says which rules its lines follow.
        let Some((name, value)) = table.get_key_value("format") else {
            let line = self.lines.len().max(1);
            return Err(LockFault::Fact { line, key: "format".to_owned() });
        };
        let format = value.get_ref().as_integer();
        let format = format.ok_or_else(|| self.fault(name.span().start, "format"))?.as_str();
        match format {
            FORMAT => Ok(false),
            FORMAT_1 => Ok(true),
            _ => Err(LockFault::Future(format.chars().take(20).collect())),
        }
    }

    fn manifests(&mut self, manifests: &DeTable<'_>) -> Result<(), LockFault> {
        for (manifest, servers) in manifests {
            let (at, manifest) = (manifest.span().start, manifest.get_ref().as_ref());
            let shown = format!("manifest.{}", quote_key(manifest));
            let servers = servers.get_ref().as_table();
            let servers = servers.filter(|_| !manifest.is_empty());
            for (server, facts) in servers.ok_or_else(|| self.fault(at, &shown))? {
                let (at, server) = (server.span().start, server.get_ref().as_ref());
                let shown = format!("{shown}.{}", quote_key(server));
                let facts = facts.get_ref().as_table().ok_or_else(|| self.fault(at, &shown))?;
                let key = Key::new(manifest, server);
                let (entry, lines) = self.section(&key, &shown, facts)?;
                // The sums come before a missing fact: a wrong line is reported where it is.
                self.check_sums(&key, &entry, &shown, &lines)?;
                self.check_last(&entry, at, &shown)?;
            }
        }
        Ok(())
    }

    /// Reads one section, and returns where its facts are.
    fn section(
        &mut self,
        key: &Key,
        shown: &str,
        facts: &DeTable<'_>,
    ) -> Result<(Entry, Vec<FactAt>), LockFault> {
        let (entry, lines) = read_entry(facts)
            .map_err(|fact| self.fault(fact.at, &format!("{shown}.{}", fact.name)))?;
        self.facts.insert(key.clone(), entry.clone());
        Ok((entry, lines))
    }

    /// Checks that an entry whose other facts speak of a published version names the last one. Also
    /// in format 1: it is written again in today's format, which could then not be read.
    fn check_last(&self, entry: &Entry, at: usize, shown: &str) -> Result<(), LockFault> {
        if !is_last_missing(&entry.record) {
            return Ok(());
        }
        Err(LockFault::Missing { line: self.line_of(at), key: format!("{shown}.last") })
    }

    /// Checks each fact against the checksum at the end of its line.
    fn check_sums(
        &self,
        key: &Key,
        entry: &Entry,
        shown: &str,
        facts: &[FactAt],
    ) -> Result<(), LockFault> {
        // The sums of all other facts include concept and address: a wrong one would be reported on
        // another line.
        let is_first = |fact: &&FactAt| matches!(fact.name.as_str(), "concept" | "url");
        let (first, others): (Vec<_>, Vec<_>) = facts.iter().partition(is_first);
        for fact in first.into_iter().chain(others) {
            let line = self.line_of(fact.at);
            let text = self.lines.get(line - 1).copied().unwrap_or_default();
            let is_good = text
                .rsplit_once(SUM)
                .is_some_and(|(fact, sum)| sum == compute_fact_checksum(key, entry, fact));
            if !is_good {
                let key = format!("{shown}.{}", fact.name);
                return Err(LockFault::Sum { line, key });
            }
        }
        Ok(())
    }

    fn fault(&self, at: usize, key: &str) -> LockFault {
        LockFault::Fact { line: self.line_of(at), key: key.to_owned() }
    }
}

/// Returns whether a line was removed: zrel writes versions and links together with the last version,
/// files with that or with the draft that they are in, and what was reserved with its draft.
fn is_last_missing(record: &BoundRecord) -> bool {
    let BoundRecord {
        last,
        draft,
        reserved,
        versions,
        files,
        links,
        rewrites: _,
        asked: _,
        granted: _,
        shared_links: _,
    } = record;
    if reserved.as_ref().is_some_and(|it| draft.is_none() || it.date.is_empty()) {
        return true;
    }
    last.is_none()
        && (!versions.is_empty() || !links.is_empty() || (!files.is_empty() && draft.is_none()))
}

/// Returns whether a lock that zrel wrote lacks its end. One that was written by hand may have
/// none.
pub(super) fn is_cut(text: &str) -> bool {
    let last = text.lines().rfind(|line| !line.trim().is_empty());
    text.lines().next() == Some(HEAD) && last != Some(END)
}

fn find_conflict_marker(text: &str) -> Option<usize> {
    let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    let is_marker = |line: &str| markers.iter().any(|marker| line.starts_with(marker));
    text.lines().position(is_marker).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Lock;
    use crate::lock::format::{HEAD_2, print_lock, print_section};
    use crate::model::{
        AppliedFile, ConceptId, Doi, Field, FileKey, Md5, OpenDraft, RecordId, Reservation,
        Rewrite, Server, ServerKind, Sha256,
    };

    fn zenodo() -> Server {
        Server::built_in("zenodo").unwrap()
    }

    fn sample() -> Facts {
        let mut lock = Lock::of("my \"data\".toml");
        let entry = lock.entry_mut(&zenodo());
        entry.concept = Some(ConceptId(1000.into()));
        entry.record.last = Some(RecordId(1002.into()));
        entry.record.draft = Some(OpenDraft::Version(RecordId(1003.into())));
        let label = Some("1.1 \"b\"".to_owned());
        entry.record.reserved = Some(Reservation { date: "2026-11-29".to_owned(), label });
        entry.record.versions.insert(RecordId(1001.into()), "1.0".to_owned());
        entry.record.versions.insert(RecordId(1002.into()), "say \"hi\"\n[x] # 1".to_owned());
        let file = AppliedFile { md5: Md5([7; 16]), content: Some(Sha256([8; 32])) };
        entry.record.files.insert(FileKey::parse("a \"b\" = é # 12345678.zip").unwrap(), file);
        let rewrite = Rewrite { sent: Sha256([1; 32]), returned: Sha256([2; 32]) };
        entry.record.rewrites.insert(Field::Description, rewrite);
        let doi = Doi::parse("10.5072/zenodo.12").unwrap();
        entry.record.links.insert("deposits/\"b\" # 12345678".to_owned(), doi);
        lock.entries().clone()
    }

    /// The same as an older zrel wrote it: without manifests and checksums.
    fn in_format_1(text: &str) -> String {
        let lines = text.lines().filter(|line| *line != HEAD_2).map(|line| {
            if line.starts_with('#') {
                return line.to_owned();
            }
            if line.starts_with("[manifest.") {
                return "[zenodo]".to_owned();
            }
            let line = line.replace("format = 2", "format = 1");
            line.rsplit_once(SUM).map_or(line.clone(), |(fact, _)| fact.to_owned())
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(parse_lock(&print_lock(&sample())), Ok(sample()));
        assert_eq!(parse_lock(&print_lock(&Facts::new())), Ok(Facts::new()));
    }

    #[test]
    fn each_fact_is_one_line_with_its_checksum() {
        for line in print_lock(&sample()).lines().filter(|line| !line.is_empty()) {
            let is_fact = line.contains(" = ");
            assert!(line.starts_with(['#', '[']) || is_fact, "{line}");
            let sum = line.rsplit_once(SUM).map(|(_, sum)| sum.len());
            assert!(!is_fact || line.starts_with("format") || sum == Some(8), "{line}");
        }
    }

    #[test]
    fn format_1_is_the_usual_manifests_and_has_no_checksums() {
        let old = in_format_1(&print_lock(&sample()));
        let entries: Vec<_> = sample().into_values().collect();
        let key = Key::new("zenodo.toml", "zenodo");
        assert_eq!(parse_lock(&old), Ok(Facts::from([(key, entries[0].clone())])), "{old}");
        let edited = old.replace("1002", "1009");
        assert!(parse_lock(&edited).is_ok(), "it has nothing to be held against");
    }

    #[test]
    fn an_older_zrel_reads_the_format_before_anything_else() {
        // It goes through the tables in the order of the file, or of their names.
        let text = print_lock(&sample());
        let table = DeTable::parse(&text).unwrap();
        let names: Vec<_> = table.get_ref().keys().map(|key| key.get_ref().to_string()).collect();
        assert_eq!(names, ["format", "manifest"]);
        assert!(names.is_sorted());
        // Nothing in front of it looks like a conflict to it, and the frame is the one it knows.
        assert!(text.starts_with(HEAD) && text.ends_with(&format!("{END}\n")));
    }

    #[test]
    fn a_lock_that_can_not_be_trusted_says_why() {
        let text = "format = 1\n<<<<<<< HEAD\n[zenodo]\n";
        assert_eq!(parse_lock(text), Err(LockFault::Conflict(2)));
        assert_eq!(parse_lock("format = 3\n"), Err(LockFault::Future("3".to_owned())));
        let later = "format = 3\n[zenodo]\nx = 1\n[manifest]\nx = 1\n";
        assert_eq!(parse_lock(later), Err(LockFault::Future("3".to_owned())));
        let fact = |line, key: &str| Err(LockFault::Fact { line, key: key.to_owned() });
        assert_eq!(parse_lock(""), fact(1, "format"));
        assert_eq!(parse_lock("format = 1\n[zenodo]\nlast = \"x\"\n"), fact(3, "zenodo.last"));
        assert_eq!(parse_lock("format = 1\n[zenodo]\nlast = -1\n"), fact(3, "zenodo.last"));
        assert_eq!(parse_lock("format = 1\n[zenodo]\nversions = 1\n"), fact(3, "zenodo.versions"));
        let files = "format = 1\n[zenodo]\n\nfiles.\"a\" = \"md5:1\"\n";
        assert_eq!(parse_lock(files), fact(4, "zenodo.files.a"));
        let both = "format = 1\n[zenodo]\ndraft = 1\nedit = 2\n";
        assert_eq!(parse_lock(both), fact(4, "zenodo.edit"));
        assert!(matches!(parse_lock("format = 1\n[zenodo"), Err(LockFault::Toml { line: 2, .. })));
        assert_eq!(parse_lock("format = 2\n[zenodo]\nlast = 1\n"), fact(2, "zenodo"));
        let last = "format = 2\n[manifest.\"a.toml\".zenodo]\nlast = x1\n";
        assert!(matches!(parse_lock(last), Err(LockFault::Toml { line: 3, .. })));
        let last = "format = 2\n[manifest.\"a.toml\".zenodo]\nlast = \"x\"\n";
        assert_eq!(parse_lock(last), fact(3, "manifest.\"a.toml\".zenodo.last"));
        let sum = |line, key: &str| Err(LockFault::Sum { line, key: key.to_owned() });
        let last = "format = 2\n[manifest.\"a.toml\".zenodo]\nlast = 1\n";
        assert_eq!(parse_lock(last), sum(3, "manifest.\"a.toml\".zenodo.last"));
        assert_eq!(parse_lock("format = 2\n[manifest]\n\"a.toml\" = 1\n"), {
            fact(3, "manifest.\"a.toml\"")
        });
    }

    #[test]
    fn an_entry_without_its_last_version_is_damaged() {
        let without = |names: &[&str], facts: &Facts| {
            let text = print_lock(facts);
            let kept = text.lines().filter(|line| !names.iter().any(|name| line.starts_with(name)));
            parse_lock(&(kept.collect::<Vec<_>>().join("\n") + "\n"))
        };
        let key = "manifest.\"my \\\"data\\\".toml\".zenodo.last".to_owned();
        let missing = Err(LockFault::Missing { line: 5, key });
        assert_eq!(without(&["last"], &sample()), missing);
        assert_eq!(without(&["last", "files", "draft"], &sample()), missing);
        assert_eq!(without(&["last", "versions", "draft"], &sample()), missing);
        // Only what is published has links.
        assert_eq!(without(&["last", "versions"], &sample()), missing);
        // An apply that stopped at the first draft knows the draft's files.
        assert!(without(&["last", "versions", "links"], &sample()).is_ok());
        assert!(without(&["last", "versions", "links", "files"], &sample()).is_ok());
        let old = in_format_1(&print_lock(&sample())).replace("last = 1002\n", "");
        let missing = LockFault::Missing { line: 4, key: "zenodo.last".to_owned() };
        assert_eq!(parse_lock(&old), Err(missing));
    }

    #[test]
    fn the_line_that_was_changed_is_named() {
        let whole = print_lock(&sample());
        for (number, line) in whole.lines().enumerate().filter(|(_, line)| line.contains(SUM)) {
            // One that fits in another entry, of another concept or with another value.
            for (from, to) in [(" = ", "  = "), ("0", "5"), ("1", "2"), ("07", "08")] {
                let Some((fact, sum)) = line.rsplit_once(SUM) else { continue };
                if !fact.contains(from) {
                    continue;
                }
                let changed = format!("{}{SUM}{sum}", fact.replacen(from, to, 1));
                let text = whole.replace(line, &changed);
                match parse_lock(&text) {
                    Err(LockFault::Sum { line, .. } | LockFault::Fact { line, .. }) => {
                        assert_eq!(line, number + 1, "{changed}");
                    }
                    other => panic!("{changed}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn a_line_of_another_entry_does_not_fit() {
        let print_of = |manifest: &str, concept: u64| {
            let mut lock = Lock::of(manifest);
            let entry = lock.entry_mut(&zenodo());
            entry.concept = Some(ConceptId(concept.into()));
            entry.record.last = Some(RecordId(12.into()));
            print_lock(lock.entries())
        };
        let last = |text: &str| text.lines().find(|l| l.starts_with("last")).unwrap().to_owned();
        let own = print_of("a.toml", 10);
        for other in [print_of("b.toml", 10), print_of("a.toml", 11)] {
            let mixed = own.replace(&last(&own), &last(&other));
            assert!(matches!(parse_lock(&mixed), Err(LockFault::Sum { line: 7, .. })), "{mixed}");
        }
    }

    #[test]
    fn a_lock_that_was_cut_anywhere_is_not_trusted() {
        let whole = print_lock(&sample());
        for whole in [whole.clone(), in_format_1(&whole)] {
            let wanted = parse_lock(&whole);
            assert!(wanted.is_ok(), "{whole}");
            let last = whole.len() - 1;
            for at in (0..last).filter(|at| whole.is_char_boundary(*at)) {
                assert!(parse_lock(&whole[..at]).is_err(), "cut at {at}: {}", &whole[..at]);
            }
            assert_eq!(parse_lock(&whole[..last]), wanted, "only the last line feed is missing");
            assert_eq!(parse_lock(&whole.replace('\n', "\r\n")), wanted);
        }
    }

    #[test]
    fn a_flipped_byte_is_reported_or_changes_one_fact_and_never_adds_a_server() {
        let new = print_lock(&sample());
        for whole in [in_format_1(&new).into_bytes(), new.clone().into_bytes()] {
            for at in 0..whole.len() {
                for bit in 0..8 {
                    let mut bytes = whole.clone();
                    bytes[at] ^= 1 << bit;
                    let Ok(text) = String::from_utf8(bytes) else { continue };
                    let Ok(facts) = parse_lock(&text) else { continue };
                    assert_eq!(facts.len(), 1, "{text}");
                    assert_eq!(parse_lock(&print_lock(&facts)), Ok(facts.clone()));
                    if whole == new.as_bytes() {
                        assert_eq!(facts, sample(), "a checksum holds each fact: {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_lines_in_the_manual_are_a_lock() {
        let page = include_str!("../../docs/manifest.md");
        let at = page.find("[manifest.\"data.toml\".zenodo]").unwrap();
        let section = page[at..].split("```").next().unwrap();
        let facts = parse_lock(&format!("format = 2\n{section}")).unwrap();
        assert_eq!(
            print_section(facts.keys().next().unwrap(), &facts[&Key::new("data.toml", "zenodo")]),
            section
        );
    }

    #[test]
    fn another_address_under_the_same_name_is_another_server() {
        let mut server = Server {
            name: "institute".to_owned(),
            kind: ServerKind::Other,
            url: "https://a.example".to_owned(),
            doi_prefix: None,
            mints_dois: true,
        };
        let mut lock = Lock::default();
        lock.entry_mut(&server).concept = Some(ConceptId(5.into()));
        assert!(lock.entry(&server).is_some());
        server.url = "https://b.example".to_owned();
        assert!(lock.entry(&server).is_none());
        assert_eq!(lock.entry_mut(&server).concept, None);
    }
}
