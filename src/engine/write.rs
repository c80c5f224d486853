//! Writes the DOI, the version and the date of a release into the files of `[[write]]`. Asks no
//! server: the lock says what was reserved or published last.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::desired::{DesiredDate, DesiredVersion};
use crate::disk;
use crate::inventory;
use crate::manifest::codes;
use crate::model::{ConceptId, Doi, Field, Finding, Recid, RecordId, Server};
use crate::write_back::{Slot, Values, WrittenFile};

use super::EngineError;
use super::project::{PlanInputs, Project};
use super::work::find_reserved;

/// The values of a release, and each file with them.
#[derive(Debug)]
pub struct Writing {
    /// The values.
    pub values: Values,
    /// The files, in the order of the manifest.
    pub files: Vec<FileWithValues>,
}

/// A file of `[[write]]` with the values of a release.
#[derive(Debug)]
pub struct FileWithValues {
    /// The file as it is.
    pub file: WrittenFile,
    /// Its text with the values.
    pub text: String,
    /// Where that is written: the file itself, or its copy for a rehearsal on this machine.
    pub place: PathBuf,
}

impl FileWithValues {
    /// Returns whether the file has other values now.
    pub fn is_changed(&self) -> bool {
        self.text != self.file.text
    }
}

/// What the files of `[[write]]` are to have.
#[derive(Debug)]
pub enum Known {
    /// These values.
    Values(Values),
    /// No DOI: none is reserved for this version, and it is not published.
    NotReserved,
    /// Another label: the DOI was reserved for this one.
    OtherLabel(Option<String>),
    /// No DOI: the server's prefix is not known.
    NoPrefix,
}

impl Project {
    /// Returns what the files of `[[write]]` are to have, by manifest and lock.
    pub fn find_values(&self, inputs: &PlanInputs) -> Known {
        let desired = &inputs.desired;
        let label = match &desired.version {
            DesiredVersion::Label(label) | DesiredVersion::Tag(label) => Some(label.as_str()),
            DesiredVersion::None | DesiredVersion::KnownAtTag => None,
        };
        let fixed = match &desired.date {
            DesiredDate::Fixed(date) => Some(date.clone()),
            DesiredDate::Today | DesiredDate::Unsaid => None,
        };
        // A DOI that was made elsewhere is in the manifest.
        if let Some(doi) = desired.metadata.text(Field::Doi) {
            let date = fixed.unwrap_or_else(|| self.clock.today().to_string());
            let doi = Doi::parse(doi).ok();
            return Known::Values(make_values(&self.server, (doi, None), label, Some(&date)));
        }
        if self.server.doi_prefix.is_none() {
            return Known::NoPrefix;
        }
        let mint = |id: RecordId, concept: Option<ConceptId>| {
            let concept = concept.and_then(|concept| self.server.mint_doi(concept.0));
            (self.server.mint_doi(id.0), concept)
        };
        let concept = inputs.binding.concept.map(|(concept, _)| concept);
        if let Some((draft, reserved)) = find_reserved(inputs) {
            let is_at_tag = desired.version == DesiredVersion::KnownAtTag;
            if !is_at_tag && reserved.label.as_deref() != label {
                return Known::OtherLabel(reserved.label.clone());
            }
            let (label, date) =
                (reserved.label.as_deref(), fixed.as_ref().unwrap_or(&reserved.date));
            return Known::Values(make_values(
                &self.server,
                mint(draft, concept),
                label,
                Some(date),
            ));
        }
        let record = inputs.binding.record.as_ref();
        let last = record.and_then(|record| Some((record.last?, record)));
        match last {
            // The lock does not say when it was published: its date stays as the files have it.
            Some((last, record)) if is_label_of(record.versions.get(&last), label) => {
                let dois = mint(last, concept);
                Known::Values(make_values(&self.server, dois, label, fixed.as_deref()))
            }
            Some(_) | None => Known::NotReserved,
        }
    }

    /// Puts values into the files of `[[write]]`, without writing one of them.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] with a finding for each file that can't be written.
    pub fn prepare_writing(
        &self,
        inputs: &PlanInputs,
        values: Values,
    ) -> Result<Writing, EngineError> {
        let mut faults = Vec::new();
        let mut files = Vec::new();
        let copies = self.copies_dir();
        // A copy below `.zrel` is zrel's own, whatever git says of the file.
        let places = if copies.is_none() { Some(Places::read(self, inputs)?) } else { None };
        // The files were read in the order of the entries, and a file that can't be read is an error.
        for (entry, file) in self.manifest.writes.iter().zip(&inputs.desired.writes) {
            let place = copies.as_ref().unwrap_or(&self.root).join(&file.path);
            let text = file.write(&values);
            let fault = text.as_ref().err();
            let fault = fault.map(|fault| inventory::report_fault(&file.path, fault));
            let unsafe_place = places.as_ref().and_then(|places| places.refuse(file));
            let found = fault.into_iter().chain(unsafe_place);
            faults.extend(found.map(|finding| finding.at(entry.path.span, "")));
            if let Ok(text) = text {
                files.push(FileWithValues { file: file.clone(), text, place });
            }
        }
        if faults.is_empty() { Ok(Writing { values, files }) } else { Err(self.invalid(faults)) }
    }
}

impl Project {
    /// Finds, before a DOI is reserved, the files of `[[write]]` that could not be written.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] with a finding for each of them.
    pub fn check_writing(&self, inputs: &PlanInputs) -> Result<(), EngineError> {
        let mut values = Values::new("").mask();
        if let DesiredVersion::Label(label) | DesiredVersion::Tag(label) = &inputs.desired.version {
            values.set(Slot::Version, label);
        }
        self.prepare_writing(inputs, values).map(drop)
    }

    /// Returns the files of `[[write]]` that have a DOI of this server which is none of the record's
    /// published versions: it was reserved, and given back.
    pub fn list_files_with_lost_dois(&self, inputs: &PlanInputs) -> Vec<String> {
        let record = inputs.binding.record.as_ref();
        let is_known = |id: Recid| {
            let id = RecordId(id);
            record
                .is_some_and(|record| record.versions.contains_key(&id) || record.last == Some(id))
        };
        let is_lost = |file: &&WrittenFile| {
            let mut dois = file.list_dois().into_iter().filter_map(|doi| self.server.find_id(&doi));
            dois.any(|id| !is_known(id))
        };
        let lost = inputs.desired.writes.iter().filter(is_lost);
        lost.map(|file| file.path.clone()).collect()
    }
}

/// Which files zrel must not write: git could not bring them back, or they are zrel's.
struct Places {
    /// The files that git tracks; `None` outside of a repository.
    tracked: Option<BTreeSet<String>>,
    /// The manifests of the folder.
    manifests: Vec<String>,
}

impl Places {
    fn read(project: &Project, inputs: &PlanInputs) -> Result<Self, EngineError> {
        let tracked = inventory::list_tracked_files(&project.root)
            .map_err(|finding| project.invalid(vec![finding]))?;
        let of_lock = inputs.lock.entries().keys().map(|key| key.manifest.clone());
        let manifests = of_lock.chain(std::iter::once(project.paths.name.clone())).collect();
        Ok(Self { tracked, manifests })
    }

    /// Returns why a file is not written.
    fn refuse(&self, file: &WrittenFile) -> Option<Finding> {
        let path = &file.path;
        let refuse =
            |why: &str| Finding::error(codes::WRITE, format!("`{path}` can't be written: {why}"));
        if self.manifests.iter().any(|name| name == path) || is_manifest(file) {
            return Some(refuse("it is a manifest"));
        }
        let is_tracked = self.tracked.as_ref().is_none_or(|tracked| tracked.contains(path));
        (!is_tracked)
            .then(|| refuse("git does not track it").hint(format!("run `git add {path}` first")))
    }
}

fn is_label_of(known: Option<&String>, label: Option<&str>) -> bool {
    known.map_or("", String::as_str) == label.unwrap_or_default()
}

fn make_values(
    server: &Server,
    (doi, concept): (Option<Doi>, Option<Doi>),
    label: Option<&str>,
    date: Option<&str>,
) -> Values {
    let mut values = Values::new(server.site());
    let texts = [
        (Slot::Doi, doi.as_ref().map(Doi::as_str)),
        (Slot::ConceptDoi, concept.as_ref().map(Doi::as_str)),
        (Slot::Version, label),
        (Slot::Date, date),
    ];
    for (slot, text) in texts {
        if let Some(text) = text {
            values.set(slot, text);
        }
    }
    values
}

/// Returns whether a file looks like a manifest, also one that was never applied.
fn is_manifest(file: &WrittenFile) -> bool {
    let ending = file.path.rsplit('.').next();
    let has = |head: &str| file.text.lines().any(|line| line.trim() == head);
    ending == Some("toml") && has("[metadata]") && has("[[files]]")
}

/// Writes the files that change: each in one step, and none of them unless all places can be written
/// to.
///
/// # Errors
/// Those of the file system, with the file.
pub fn write_files(project: &Project, files: &[FileWithValues]) -> Result<(), WriteError> {
    let changed: Vec<&FileWithValues> = files.iter().filter(|file| file.is_changed()).collect();
    let failed = |file: &FileWithValues, source| WriteError { path: file.place.clone(), source };
    for file in &changed {
        if project.copies_dir().is_some() {
            create_folders(&project.root, &file.place).map_err(|error| failed(file, error))?;
        }
        disk::check_place(&file.place).map_err(|error| failed(file, error))?;
    }
    for file in &changed {
        let written = disk::write_atomically(&file.place, file.text.as_bytes());
        written.map_err(|error| failed(file, error))?;
    }
    Ok(())
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("can't write `{}`", .path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Creates the folders of a copy, below the project's folder. A repository may bring links below
/// `.zrel`: none is followed.
fn create_folders(root: &Path, place: &Path) -> io::Result<()> {
    let below = place.strip_prefix(root).map_err(io::Error::other)?;
    let mut folder = root.to_owned();
    for part in below.parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        if !fs::symlink_metadata(&folder)?.is_dir() {
            return Err(io::Error::other(format!("`{}` is no folder", folder.display())));
        }
    }
    Ok(())
}
