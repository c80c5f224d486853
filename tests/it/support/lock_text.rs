//! Locks as text, for tests that change them behind zrel's back.

use zrel::lock::Lock;
use zrel::model::{OpenDraft, RecordId, Server, ServerKind};

/// The lock as an older zrel wrote it: one section a server, without checksums.
pub(crate) fn as_format_1(lock: &str, manifest: &str) -> String {
    let head = format!("[manifest.\"{manifest}\".");
    let lines = lock.lines().filter(|line| !line.starts_with('#')).map(|line| {
        if line.starts_with("format = ") {
            return "format = 1".to_owned();
        }
        let line = line.replace(&head, "[");
        line.rsplit_once(" # ").map_or(line.clone(), |(fact, _)| fact.to_owned())
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Puts the entry of one lock into another one, under another manifest's or server's name.
pub(crate) fn copy_entry(from: (&str, &str, &str), to: (&str, &str, &str)) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zenodo.lock");
    let load = |lock: &str, manifest: &str| {
        std::fs::write(&path, lock).unwrap();
        Lock::load(&path, manifest).unwrap()
    };
    let address = from.0.split("url = \"").nth(1).map(|rest| rest.split('"').next().unwrap());
    let server = |name: &str| match Server::built_in(name) {
        Some(server) => server,
        None => Server {
            name: name.to_owned(),
            kind: ServerKind::Other,
            url: address.unwrap().to_owned(),
            doi_prefix: None,
            mints_dois: true,
        },
    };
    let entry = load(from.0, from.1).entry(&server(from.2)).unwrap().clone();
    let mut lock = load(to.0, to.1);
    let place = lock.entry_mut(&server(to.2));
    (place.concept, place.record) = (entry.concept, entry.record);
    lock.save(&path).unwrap();
    std::fs::read_to_string(path).unwrap()
}

/// Returns the first fact of this name.
pub(crate) fn fact<'a>(lock: &'a str, name: &str) -> &'a str {
    let lines = lock.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    let mut facts = lines.map(|line| line.rsplit_once(" # ").map_or(line, |(fact, _)| fact));
    facts.next().unwrap()
}

/// Makes the lock of a project say that a draft is open.
pub(crate) fn note_draft(path: &std::path::Path, (server, url): (&str, &str), draft: u64) {
    let (name, url) = (server.to_owned(), url.to_owned());
    let server = Server { name, kind: ServerKind::Other, url, doi_prefix: None, mints_dois: true };
    let mut lock = Lock::load(path, "zenodo.toml").unwrap();
    lock.entry_mut(&server).record.open_draft(OpenDraft::Version(RecordId(draft.into())));
    lock.save_entry(path, &server).unwrap();
}
