//! The project on disk: manifest, files, lock, journal.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use crate::apply::{Journal, Leftover, Watch};
use crate::check;
use crate::clock::{Clock, Countdown};
use crate::desired::{Desired, Inputs, desired, find_unread_tags, text_warnings};
use crate::http::SILENCE;
use crate::inventory::{self, Inventory};
use crate::lock::Lock;
use crate::manifest::{self, Manifest};
use crate::model::{Binding, ConceptSource, Finding, Server, Severity};
use crate::plan::Noted;
use crate::refresh::Question;
use crate::render::{About, Source, resolve_place};

use super::args::{Global, Limits};
use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::hold;
use super::places::{self, Places};

/// A manifest that was read, and where it is.
#[derive(Debug)]
pub(super) struct Project {
    /// The folder that the manifest is in.
    pub(super) root: PathBuf,
    /// Where what zrel knows of this manifest is.
    pub(super) places: Places,
    /// The manifest's name, as the user gave it.
    pub(super) shown: String,
    /// Its text.
    pub(super) text: String,
    /// What it says.
    pub(super) manifest: Manifest,
    /// Warnings and notes about it.
    pub(super) findings: Vec<Finding>,
    /// Which server it means.
    pub(super) server: Server,
    /// The time.
    pub(super) clock: Clock,
    /// How long nothing may be heard from the server.
    pub(super) silence: Duration,
    /// The time that the run has.
    pub(super) limit: Countdown,
    /// Who watches the journal, in tests.
    watch: Option<Watch>,
}

/// Everything local that a plan is made from.
#[derive(Debug)]
pub(super) struct Gathered {
    /// What should be.
    pub(super) desired: Desired,
    /// Warnings and notes about manifest and files.
    pub(super) findings: Vec<Finding>,
    /// The same with their places as lines, for the plan to keep.
    pub(super) noted: Vec<Noted>,
    /// Which record, and what was last applied.
    pub(super) binding: Binding,
    /// What an apply that did not end left.
    pub(super) leftover: Option<Leftover>,
    /// The lock.
    pub(super) lock: Lock,
    /// How the program was called.
    pub(super) called: check::Called,
}

impl Project {
    /// Reads the manifest.
    ///
    /// # Errors
    /// A [`Failure`] with all faults of the manifest.
    pub(super) fn load(global: &Global) -> Result<Self, Failure> {
        let folder = global.directory.clone().unwrap_or_default();
        let path = folder.join(&global.manifest);
        let shown = path.display().to_string();
        let text = inventory::read_manifest(&path).map_err(|error| {
            Failure::of(ExitCode::Invalid, &error)
                .hint("name the manifest's folder with -C DIR, or the file with --manifest FILE")
        })?;
        let (clock, silence) = (environment::clock(), global.silence.unwrap_or(SILENCE));
        let limit = clock.countdown(global.time_limit.unwrap_or(Duration::MAX));
        let parsed = manifest::parse(&text, clock.today());
        let source = Source { path: &shown, text: &text };
        let Some(manifest) = parsed.manifest.filter(|_| !has_errors(&parsed.findings)) else {
            return Err(invalid(&parsed.findings, source));
        };
        let server = match manifest.server() {
            Ok(server) => server,
            Err(finding) => return Err(invalid(&[finding], source)),
        };
        let places = Places::of(&folder, &global.manifest)?;
        Ok(Self {
            root: places.root.clone(),
            places,
            shown,
            text,
            manifest,
            findings: parsed.findings,
            server,
            clock,
            silence,
            limit,
            watch: hold::watch(),
        })
    }

    /// Returns the manifest for findings to point into.
    pub(super) fn source(&self) -> Source<'_> {
        Source { path: &self.shown, text: &self.text }
    }

    /// Returns where plans of this project come from.
    pub(super) fn about(&self) -> About {
        About { manifest: self.shown.clone(), commit: inventory::commit(&self.root) }
    }

    /// Returns the folder for what zrel keeps beside the manifest; makes it.
    ///
    /// # Errors
    /// A [`Failure`] when it can't be made.
    pub(super) fn zrel_dir(&self) -> Result<PathBuf, Failure> {
        self.places.zrel_dir()
    }

    /// Returns where the lock of this server is.
    pub(super) fn lock_path(&self) -> PathBuf {
        self.places.lock(&self.server)
    }

    /// Returns the journal of this manifest and server.
    pub(super) fn journal(&self) -> Journal {
        self.places.journal(&self.server).watched(self.watch.clone())
    }

    /// Reads and hashes the files.
    ///
    /// # Errors
    /// A [`Failure`] with all that is wrong with them.
    pub(super) fn inventory(
        &self,
        limits: &Limits,
        progress: &(dyn Fn(inventory::Progress) + Sync),
    ) -> Result<Inventory, Failure> {
        let secrets = inventory::secrets_of_manifest(&self.shown, &self.text);
        if has_errors(&secrets) {
            return Err(invalid(&secrets, self.source()));
        }
        let options = inventory::Options {
            root: self.root.clone(),
            zrel_dir: self.zrel_dir()?,
            max_files: limits.max_files,
            max_bytes: limits.max_bytes,
            now: None,
        };
        let inventory = inventory::take(&self.manifest, &options, progress);
        if has_errors(&inventory.findings) {
            return Err(invalid(&inventory.findings, self.source()));
        }
        Ok(inventory)
    }

    /// Reads what the metadata need, and no file of the record.
    ///
    /// # Errors
    /// A [`Failure`] with all that is wrong with it.
    pub(super) fn texts(&self) -> Result<Inventory, Failure> {
        let options = inventory::Options::new(self.root.clone(), self.root.join(".zrel"));
        let inventory = inventory::texts_only(&self.manifest, &options);
        if has_errors(&inventory.findings) {
            return Err(invalid(&inventory.findings, self.source()));
        }
        Ok(inventory)
    }

    /// Brings manifest, files, lock and journal together.
    ///
    /// # Errors
    /// A [`Failure`] when one of them can't be used.
    pub(super) fn gather(&self, inventory: Inventory) -> Result<Gathered, Failure> {
        let Inventory { files, texts, git, findings } = inventory;
        let unseen = text_warnings(&self.manifest, &texts);
        let unread_tags = find_unread_tags(&self.manifest, git.as_ref());
        let inputs = Inputs { texts, git, files };
        let desired = desired(&self.manifest, self.server.clone(), inputs)
            .map_err(|findings| invalid(&findings, self.source()))?;
        let (lock, leftover) = self.memory()?;
        let mut all = self.findings.clone();
        all.extend(findings);
        all.extend(unseen);
        all.extend(unread_tags);
        if let Some(was) = lock.moved_from(&self.server) {
            let finding = check::moved_server(was, &self.server);
            let named = self.manifest.servers.get(&self.server.name);
            let place = named.map(|named| named.url.span);
            all.push(match place {
                Some(span) => finding.at(span, ""),
                None => finding,
            });
        }
        Ok(Gathered {
            binding: self.binding(&lock, desired.concept),
            desired,
            noted: all.iter().map(|it| resolve_place(it, Some(self.source()))).collect(),
            findings: all,
            leftover,
            lock,
            called: self.places.called(),
        })
    }

    /// Reads lock and journal.
    ///
    /// # Errors
    /// A [`Failure`] when one of them can't be trusted.
    pub(super) fn memory(&self) -> Result<(Lock, Option<Leftover>), Failure> {
        Ok((self.lock()?, self.leftover()?))
    }

    /// Reads the lock.
    ///
    /// # Errors
    /// A [`Failure`] when it can't be trusted.
    pub(super) fn lock(&self) -> Result<Lock, Failure> {
        Lock::load(&self.lock_path(), &self.places.name)
            .map_err(|error| self.places.of_lock(&error))
    }

    /// Reads the journal.
    ///
    /// # Errors
    /// A [`Failure`] when it can't be trusted.
    pub(super) fn leftover(&self) -> Result<Option<Leftover>, Failure> {
        places::leftover(&self.journal())
    }

    /// Decides which record is meant: the manifest goes before the lock.
    pub(super) fn binding(
        &self,
        lock: &Lock,
        in_manifest: Option<crate::model::ConceptId>,
    ) -> Binding {
        let entry = lock.entry(&self.server);
        let in_lock = entry.and_then(|entry| entry.concept);
        let concept = match (in_manifest, in_lock) {
            (Some(manifest), Some(lock)) if manifest == lock => {
                Some((manifest, ConceptSource::Both))
            }
            (Some(manifest), _) => Some((manifest, ConceptSource::Manifest)),
            (None, Some(lock)) => Some((lock, ConceptSource::Lock)),
            (None, None) => None,
        };
        let is_other = in_manifest.is_some() && in_lock.is_some() && in_manifest != in_lock;
        Binding {
            concept,
            concept_in_lock: in_lock.filter(|_| is_other),
            record: entry.filter(|_| !is_other).map(|entry| entry.record.clone()),
            manifest: self.places.shown(&self.places.name),
            others: self.places.others(lock.others(&self.server)),
        }
    }

    /// Returns what manifest, lock and journal say of where the record is; the files don't count.
    ///
    /// # Errors
    /// A [`Failure`] when lock or journal can't be trusted.
    pub(super) fn whereabouts(&self) -> Result<Question, Failure> {
        let (lock, leftover) = self.memory()?;
        let in_manifest = self.manifest.record.concept.get(&self.server.name);
        let binding = self.binding(&lock, in_manifest.map(|concept| concept.value));
        let (last, draft) = binding.record.map_or((None, None), |it| (it.last, it.draft));
        let (published, open) =
            leftover.map_or((None, None), |it| (it.published, it.unfinished.draft));
        Ok(Question {
            concept: binding.concept.map(|(concept, _)| concept),
            last: published.or(last),
            draft: open.or(draft),
            ..Question::default()
        })
    }

    /// Takes the lock of the one run at a time; it goes when the process ends.
    ///
    /// # Errors
    /// A [`Failure`] when another run has it.
    pub(super) fn run_lock(&self) -> Result<File, Failure> {
        self.places.run_lock()
    }
}

/// Tells whether there is an error among findings.
pub(super) fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// Returns the failure for findings, with what they point at.
pub(super) fn invalid(findings: &[Finding], source: Source<'_>) -> Failure {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let is_of_file = |code| inventory::CODES.iter().any(|(of_file, _)| *of_file == code);
    let whose = if errors.clone().all(|error| is_of_file(error.code)) {
        format!("what `{}` names", source.path)
    } else {
        format!("`{}`", source.path)
    };
    let message = match errors.count() {
        1 => format!("{whose} has a fault; nothing was sent"),
        n => format!("{whose} has {n} faults; nothing was sent"),
    };
    let first = findings.iter().find(|finding| finding.severity == Severity::Error);
    let failure = Failure::findings(ExitCode::Invalid, message, findings, Some(source));
    match first {
        Some(first) => failure.hint(format!("more about a finding: zrel explain {}", first.code)),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changes_is_no_fault_of_the_manifest() {
        let source = Source { path: "zenodo.toml", text: "" };
        let of_file = Finding::error("ZR0214", "`a.csv` changed while it was read");
        let of_manifest = Finding::error("ZR0101", "no such key");
        let message = |findings: &[Finding]| invalid(findings, source).message;
        assert_eq!(
            message(std::slice::from_ref(&of_file)),
            "what `zenodo.toml` names has a fault; nothing was sent"
        );
        assert_eq!(
            message(&[of_file, of_manifest]),
            "`zenodo.toml` has 2 faults; nothing was sent"
        );
    }
}
