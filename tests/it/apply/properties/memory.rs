//! Lock and journal: any bytes end in an error or in facts; what is written is read.

use std::path::Path;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use zrel::api::Backend;
use zrel::apply::{Journal, JournalError, UnfinishedRun};
use zrel::lock::{Entry, Lock, LockError, LockSalvage, USUAL_MANIFEST};
use zrel::model::{
    AppliedFile, BoundRecord, Community, ConceptId, Doi, Field, FileKey, Grantee, LinkTerms, Md5,
    OpenDraft, Permission, Recid, RecordId, Reservation, Rewrite, Server, ServerKind, Sha256,
};
use zrel::plan::UnfinishedApply;

use super::{cases, damaged, damages};

/// An id as a server other than Zenodo makes it.
pub(super) fn text_id() -> impl Strategy<Value = Recid> {
    "[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{3}[0-9]{2}"
        .prop_filter_map("no id", |text| Recid::parse(&text))
}

fn id() -> impl Strategy<Value = RecordId> {
    let number = prop_oneof![9 => 1_u64..100_000_000, 1 => any::<u64>()].prop_map(Recid::Number);
    prop_oneof![3 => number, 1 => text_id()].prop_map(RecordId)
}

fn draft() -> impl Strategy<Value = OpenDraft> {
    prop_oneof![id().prop_map(OpenDraft::Version), id().prop_map(OpenDraft::Edit)]
}

fn reservation() -> impl Strategy<Value = Reservation> {
    ("\\PC{1,10}", option::of(any::<String>()))
        .prop_map(|(date, label)| Reservation { date, label })
}

fn doi() -> impl Strategy<Value = Doi> {
    id().prop_map(|id| Doi::parse(&format!("10.5072/zenodo.{id}")).unwrap())
}

fn sha256() -> impl Strategy<Value = Sha256> {
    any::<[u8; 32]>().prop_map(Sha256)
}

/// Somebody with access.
pub(super) fn grantee() -> impl Strategy<Value = Grantee> {
    ("\\PC{1,10}", select(vec!["user", "role", "system_role"]))
        .prop_map(|(id, kind)| Grantee::of(kind, &id).unwrap())
}

/// What a secret link gives.
pub(super) fn terms() -> impl Strategy<Value = LinkTerms> {
    let levels: Vec<Permission> =
        Permission::ALL.into_iter().filter(|it| it.is_for_links()).collect();
    let until = option::of((1990_i16..2200, 1_i8..13, 1_i8..29));
    (select(levels), until).prop_map(|(permission, until)| LinkTerms {
        permission,
        until: until.map(|(year, month, day)| jiff::civil::date(year, month, day)),
    })
}

fn record() -> impl Strategy<Value = BoundRecord> {
    let key = "\\PC{1,20}".prop_filter_map("a name", |name| FileKey::parse(&name).ok());
    let file = (any::<[u8; 16]>(), option::of(sha256()));
    let file = file.prop_map(|(md5, content)| AppliedFile { md5: Md5(md5), content });
    let rewrite = (sha256(), sha256()).prop_map(|(sent, returned)| Rewrite { sent, returned });
    let field = select(Field::ALL.to_vec());
    (
        btree_map(id(), any::<String>(), 0..4),
        option::of(id()),
        option::of(draft()),
        btree_map(key, file, 0..4),
        btree_map(field, rewrite, 0..3),
        btree_map(any::<String>().prop_map(Community), option::of(id()), 0..3),
        option::of(reservation()),
        btree_map(any::<String>(), doi(), 0..3),
        (
            btree_map(grantee(), select(Permission::ALL.to_vec()), 0..3),
            btree_map(any::<String>(), terms(), 0..3),
        ),
    )
        .prop_map(
            |(versions, last, draft, files, rewrites, asked, reserved, links, shared)| {
                BoundRecord {
                    // As zrel writes it: versions and links with the last of them, files with that or a draft.
                    last: last
                        .or_else(|| versions.keys().next().copied())
                        .or_else(|| (!links.is_empty()).then_some(RecordId(1.into())))
                        .or_else(|| {
                            (!files.is_empty() && draft.is_none()).then_some(RecordId(1.into()))
                        }),
                    versions,
                    // Only a draft can be reserved.
                    reserved: reserved.filter(|_| draft.is_some()),
                    draft,
                    files,
                    rewrites,
                    asked,
                    granted: shared.0,
                    shared_links: shared.1,
                    links,
                }
            },
        )
}

fn server() -> impl Strategy<Value = Server> {
    let other = ("\\PC{0,9}", "\\PC{0,20}").prop_map(|(name, url)| Server {
        name: format!("x{name}"),
        kind: ServerKind::Other,
        url,
        doi_prefix: None,
        mints_dois: true,
    });
    prop_oneof![
        select(vec!["zenodo", "sandbox"]).prop_map(|name| Server::built_in(name).unwrap()),
        other,
    ]
}

/// A manifest, a server, and what is known of them.
type Fact = (String, Server, Option<ConceptId>, BoundRecord);

/// Several manifests and servers, and what is known of each.
fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let manifest = prop_oneof![3 => Just(USUAL_MANIFEST.to_owned()), 2 => any_name()];
    vec((manifest, server(), concept(), record()), 0..4)
}

/// Several servers of the usual manifest, as an older zrel knew them.
fn facts_of_format_1() -> impl Strategy<Value = Vec<Fact>> {
    vec((Just(USUAL_MANIFEST.to_owned()), server(), concept(), record()), 0..4)
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,8}\\.toml", any::<String>().prop_filter("a name", |s| !s.is_empty())]
}

fn concept() -> impl Strategy<Value = Option<ConceptId>> {
    option::of(id().prop_map(|id| ConceptId(id.0)))
}

/// Writes a lock as its manifests would, one after the other.
fn save(facts: &[Fact], path: &Path) -> Lock {
    for (manifest, server, concept, record) in facts {
        let mut lock = Lock::load(path, manifest).unwrap();
        let entry = lock.entry_mut(server);
        entry.concept = *concept;
        entry.record = record.clone();
        lock.save_entry(path, server).unwrap();
    }
    let lock = Lock::load(path, USUAL_MANIFEST).unwrap();
    lock.save(path).unwrap();
    lock
}

/// The same as an older zrel wrote it.
fn in_format_1(text: &str) -> String {
    let head = format!("[manifest.\"{USUAL_MANIFEST}\".");
    let lines = text.lines().filter(|line| !line.starts_with("# Each")).map(|line| {
        if line.starts_with('#') {
            return line.to_owned();
        }
        if let Some(server) = line.strip_prefix(&head) {
            return format!("[{server}");
        }
        let line = line.replace("format = 2", "format = 1");
        line.rsplit_once(" # ").map_or(line.clone(), |(fact, _)| fact.to_owned())
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Reads bytes as a lock: as a whole, and what remains of it.
fn read_lock(path: &Path, bytes: &[u8]) -> Result<Lock, LockError> {
    std::fs::write(path, bytes).unwrap();
    let read = Lock::load(path, USUAL_MANIFEST);
    let salvage = LockSalvage::of(path, USUAL_MANIFEST);
    match &read {
        Ok(_) => assert!(!salvage.unwrap().is_damaged()),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("zenodo.lock`"), "{text}");
            assert!(salvage.map_or(true, |salvage| salvage.is_damaged()));
        }
    }
    read
}

/// One entry of a journal.
#[derive(Debug, Clone)]
enum Note {
    Begin(Sha256, String),
    Opening(RecordId),
    Refused,
    Discarded,
    Open(OpenDraft),
    Call(String),
    Put(Backend),
    Published(RecordId),
}

fn note() -> impl Strategy<Value = Note> {
    prop_oneof![
        (sha256(), any::<String>()).prop_map(|(digest, id)| Note::Begin(digest, id)),
        id().prop_map(Note::Opening),
        Just(Note::Refused),
        Just(Note::Discarded),
        Just(Note::Call("create".to_owned())),
        draft().prop_map(Note::Open),
        any::<String>().prop_map(Note::Call),
        prop_oneof![Just(Backend::Deposit), Just(Backend::Records)].prop_map(Note::Put),
        id().prop_map(Note::Published),
    ]
}

fn write_note(journal: &mut Journal, note: &Note) -> Result<(), JournalError> {
    match note {
        Note::Begin(digest, create_id) => journal.begin(*digest, create_id, Backend::Deposit),
        Note::Opening(from) => journal.opening(*from),
        Note::Refused => journal.refused(),
        Note::Discarded => journal.discarded(),
        Note::Open(draft) => journal.open(*draft),
        Note::Call(call) => journal.before(call).and_then(|()| journal.after(call)),
        Note::Put(backend) => journal.before_by(*backend, "put metadata"),
        Note::Published(record) => journal.published(*record),
    }
}

/// What the notes say, without a file.
fn told(notes: &[Note]) -> Option<UnfinishedRun> {
    let mut told: Option<UnfinishedRun> = None;
    for note in notes {
        if let (None, Note::Begin(digest, create_id)) = (&told, note) {
            let create_id = Some(create_id.clone());
            let unfinished = UnfinishedApply {
                digest: *digest,
                create_id,
                creating: false,
                draft: None,
                opening: None,
                writes_by_records: false,
            };
            told = Some(UnfinishedRun { unfinished, published: None, is_publish_sent: false });
            continue;
        }
        let Some(UnfinishedRun { unfinished, published, is_publish_sent }) = &mut told else {
            continue;
        };
        match note {
            Note::Begin(digest, _) => unfinished.digest = *digest,
            Note::Opening(from) => {
                (unfinished.opening, unfinished.draft) = (Some(*from), None);
                unfinished.writes_by_records = false;
            }
            Note::Refused => (unfinished.opening, unfinished.creating) = (None, false),
            Note::Discarded => {
                (unfinished.opening, unfinished.draft) = (None, None);
                unfinished.writes_by_records = false;
            }
            Note::Open(draft) => {
                if unfinished.draft.is_some_and(|known| known != *draft) {
                    unfinished.writes_by_records = false;
                }
                (unfinished.draft, unfinished.creating) = (Some(*draft), false);
            }
            Note::Put(backend) => unfinished.writes_by_records |= *backend == Backend::Records,
            Note::Call(call) => {
                unfinished.creating |= call == "create";
                *is_publish_sent |= call == "publish";
            }
            Note::Published(record) => *published = Some(*record),
        }
    }
    told
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn random_bytes_are_not_a_lock(bytes in vec(any::<u8>(), 0..300)) {
        let dir = tempfile::tempdir().unwrap();
        prop_assert!(read_lock(&dir.path().join("zenodo.lock"), &bytes).is_err());
    }

    #[test]
    fn a_lock_that_is_written_is_read(facts in facts()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        let lock = save(&facts, &path);
        for (manifest, server, concept, record) in &facts {
            let is_last = |fact: &&Fact| (&fact.0, &fact.1.name) == (manifest, &server.name);
            let last = facts.iter().rev().find(is_last).unwrap();
            if (&last.1, &last.2, &last.3) == (server, concept, record) {
                let own = Lock::load(&path, manifest).unwrap();
                let entry = own.entry(server).unwrap();
                prop_assert_eq!((&entry.concept, &entry.record), (concept, record));
            }
        }
        let bytes = std::fs::read(&path).unwrap();
        prop_assert_eq!(read_lock(&path, &bytes).unwrap(), lock);
    }

    #[test]
    fn a_lock_of_format_1_is_read_as_the_usual_manifests(facts in facts_of_format_1()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        let lock = save(&facts, &path);
        let text = in_format_1(&std::fs::read_to_string(&path).unwrap());
        prop_assert_eq!(read_lock(&path, text.as_bytes()).unwrap(), lock);
    }

    #[test]
    fn a_damaged_fact_is_reported_or_ignored(facts in facts(), all in damages()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        let lock = save(&facts, &path);
        let bad = damaged(&std::fs::read_to_string(&path).unwrap(), &all);
        // What is still trusted was written so: by its line, and for this manifest and server.
        if let Ok(read) = read_lock(&path, bad.as_bytes()) {
            for (key, entry) in read.entries() {
                let was = lock.entries().get(key);
                let is_less = was.is_some_and(|was| {
                    (entry.concept == was.concept || entry.concept.is_none())
                        && entry.record.versions.iter().all(|v| was.record.versions.iter().any(|w| w == v))
                        && entry.record.files.iter().all(|f| was.record.files.iter().any(|g| g == f))
                });
                prop_assert!(is_less || *entry == Entry::default(), "{key:?} {entry:?}\n{bad}");
            }
        }
    }

    #[test]
    fn a_damaged_lock_is_reported_and_the_rest_can_be_rebuilt(
        (facts, is_old) in prop_oneof![
            facts().prop_map(|facts| (facts, false)),
            facts_of_format_1().prop_map(|facts| (facts, true)),
        ],
        all in damages(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        save(&facts, &path);
        let good = std::fs::read_to_string(&path).unwrap();
        let good = if is_old { in_format_1(&good) } else { good };
        let bad = damaged(&good, &all);
        let _ = read_lock(&path, bad.as_bytes());
        let Ok(salvage) = LockSalvage::of(&path, USUAL_MANIFEST) else { return Ok(()) };
        let zenodo = Server::built_in("zenodo").unwrap();
        let (lock, kept) = salvage.rebuild(&zenodo, Entry::default()).unwrap();
        prop_assert!(lock.entry(&zenodo).is_some());
        prop_assert_eq!(Lock::load(&path, USUAL_MANIFEST).unwrap(), lock);
        if let Some(kept) = kept {
            prop_assert_eq!(std::fs::read_to_string(kept).unwrap(), bad);
        }
    }

    #[test]
    fn a_truncated_lock_is_reported(facts in facts(), at in any::<Index>()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("zenodo.lock");
        save(&facts, &path);
        let bytes = std::fs::read(&path).unwrap();
        let at = at.index(bytes.len() - 1);
        prop_assert!(read_lock(&path, &bytes[..at]).is_err());
    }

    #[test]
    fn random_bytes_are_not_a_journal(bytes in vec(any::<u8>(), 0..300)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        std::fs::write(&path, bytes).unwrap();
        prop_assert!(!matches!(Journal::at(path).unfinished_run(), Ok(Some(_))));
    }

    #[test]
    fn a_journal_that_is_written_is_read(first in sha256(), notes in vec(note(), 0..8)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut all = vec![Note::Begin(first, "0a1b2c3d".to_owned())];
        all.extend(notes);
        // Each by a run of its own, as after a kill.
        for note in &all {
            write_note(&mut Journal::at(path.clone()), note).unwrap();
        }
        prop_assert_eq!(Journal::at(path).unfinished_run().unwrap(), told(&all));
    }

    #[test]
    fn a_damaged_journal_is_reported_or_says_less(notes in vec(note(), 0..8), all in damages()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::at(path.clone());
        journal.begin(Sha256([1; 32]), "0a1b2c3d", Backend::Deposit).unwrap();
        for note in &notes {
            write_note(&mut journal, note).unwrap();
        }
        let good = std::fs::read_to_string(&path).unwrap();
        let bad = damaged(&good, &all);
        std::fs::write(&path, &bad).unwrap();
        if Journal::at(path).unfinished_run().is_ok() {
            // Only complete lines that were written are trusted.
            let lines: Vec<&str> = good.split('\n').collect();
            for line in bad.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
                prop_assert!(lines.contains(&line.trim_end_matches('\n')), "{}", line);
            }
        }
    }
}
