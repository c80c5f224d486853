//! Writes one entry while other manifests write theirs.

use std::path::Path;

use super::disk_file::read_lock_file;
use super::guard;
use super::salvage::LockSalvage;
use super::types::{LockError, LockFault};
use super::view::Lock;
use crate::model::Server;

impl Lock {
    /// Writes the facts of this manifest on one server, and takes all others from the file as it is
    /// now. Other writers wait meanwhile. A file that can't be trusted is replaced by what is known
    /// and what can be read of it.
    ///
    /// # Errors
    /// [`LockError::Write`], and [`LockError::Fault`] for a file of a later zrel; the existing file
    /// is then untouched.
    pub fn save_entry(&mut self, path: &Path, server: &Server) -> Result<(), LockError> {
        let _nobody_else = guard::hold_write_lock(path)?;
        let key = self.key(server);
        let own = self.facts.remove(&key);
        // Another manifest's apply may have written since the lock was read.
        match read_lock_file(path) {
            Ok(there) if path.exists() => self.facts = there,
            // The file was removed meanwhile: what is known is written again.
            Ok(_) => {}
            // Not damaged: to write today's format would drop what only a later zrel knows.
            Err(error @ LockError::Fault { source: LockFault::Future(_), .. }) => {
                return Err(error);
            }
            Err(_) => {
                let salvage = LockSalvage::of(path, self.manifest.as_str());
                self.facts.extend(salvage.map(|it| it.lock().facts).unwrap_or_default());
            }
        }
        self.facts.remove(&key);
        self.facts.extend(own.map(|entry| (key, entry)));
        self.save(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::USUAL_MANIFEST;
    use crate::model::ConceptId;

    fn server(name: &str) -> Server {
        Server::built_in(name).unwrap()
    }

    #[test]
    fn what_is_written_about_another_server_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zenodo.lock");
        let load = || Lock::load(&path, USUAL_MANIFEST).unwrap();
        let concept_of = |name| load().entry(&server(name)).unwrap().concept;
        let mut ours = load();
        ours.entry_mut(&server("sandbox")).bind(ConceptId(1.into()));
        ours.save_entry(&path, &server("sandbox")).unwrap();

        let mut theirs = load();
        theirs.entry_mut(&server("zenodo")).bind(ConceptId(7.into()));
        theirs.entry_mut(&server("sandbox")).bind(ConceptId(8.into()));
        theirs.save(&path).unwrap();
        ours.entry_mut(&server("sandbox")).bind(ConceptId(2.into()));
        ours.save_entry(&path, &server("sandbox")).unwrap();
        assert_eq!(concept_of("zenodo"), Some(ConceptId(7.into())));
        assert_eq!(concept_of("sandbox"), Some(ConceptId(2.into())));

        // What can't be trusted is replaced by what is known, and so is a file that is gone.
        for there in [Some("rubbish"), None] {
            match there {
                Some(text) => std::fs::write(&path, text).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            ours.save_entry(&path, &server("sandbox")).unwrap();
            assert_eq!(concept_of("zenodo"), Some(ConceptId(7.into())));
        }
    }

    #[test]
    fn what_can_be_read_of_a_damaged_lock_stays_and_that_of_a_later_zrel_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zenodo.lock");
        let mut ours = Lock::load(&path, "a.toml").unwrap();
        let mut theirs = Lock::load(&path, "b.toml").unwrap();
        theirs.entry_mut(&server("zenodo")).bind(ConceptId(7.into()));
        theirs.save_entry(&path, &server("zenodo")).unwrap();
        let good = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, good.replace("[manifest", "[manifest.x.y]\nlast = 1\n\n[manifest"))
            .unwrap();
        ours.entry_mut(&server("zenodo")).bind(ConceptId(1.into()));
        ours.save_entry(&path, &server("zenodo")).unwrap();
        let lock = Lock::load(&path, "b.toml").unwrap();
        assert_eq!(lock.entry(&server("zenodo")).unwrap().concept, Some(ConceptId(7.into())));
        assert_eq!(lock.entries().len(), 2);
        std::fs::write(&path, "format = 3\n").unwrap();
        let error = ours.save_entry(&path, &server("zenodo")).unwrap_err();
        assert!(matches!(error, LockError::Fault { source: LockFault::Future(_), .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "format = 3\n");
    }

    #[test]
    fn manifests_that_write_at_the_same_moment_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".zrel")).unwrap();
        let path = folder.path().join("zenodo.lock");
        let all_at_once = std::sync::Barrier::new(6);
        std::thread::scope(|scope| {
            for number in 0..6_u64 {
                let (path, all_at_once) = (&path, &all_at_once);
                scope.spawn(move || {
                    let mut lock = Lock::load(path, format!("{number}.toml")).unwrap();
                    all_at_once.wait();
                    for round in 0..20 {
                        let entry = lock.entry_mut(&server("zenodo"));
                        entry.bind(ConceptId((number * 100 + round).into()));
                        lock.save_entry(path, &server("zenodo")).unwrap();
                    }
                });
            }
        });
        let lock = Lock::load(&path, USUAL_MANIFEST).unwrap();
        let concepts: Vec<_> = lock.entries().values().filter_map(|e| e.concept).collect();
        assert_eq!(
            concepts,
            [19, 119, 219, 319, 419, 519].map(|number: u64| ConceptId(number.into()))
        );
    }
}
